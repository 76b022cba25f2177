package browser

import (
	"bytes"
	"compress/gzip"
	"testing"

	"portico/internal/bundle"
)

// Every reader of a deal that reports loads it.
func TestScriptIsSmall(t *testing.T) {
	scripts, err := bundle.Scripts(FS(), "receipts.ts")
	if err != nil {
		t.Fatal(err)
	}
	if len(scripts) != 1 {
		t.Fatalf("the script comes in %d files", len(scripts))
	}
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, err = w.Write(scripts[0].Data)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d behind gzip", len(scripts[0].Data), z.Len())
	if z.Len() > 2<<10 {
		t.Errorf("the script takes %d bytes", z.Len())
	}
}
