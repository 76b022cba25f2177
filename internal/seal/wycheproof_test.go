package seal

import (
	"bytes"
	"compress/zlib"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"portico/internal/need"
)

// Project Wycheproof's cases of chunked encryption, where someone has put them
// beside the repository. They test what lies below Seal: keys as they are, and
// contexts of any bytes.
func TestWycheproof(t *testing.T) {
	file := filepath.Join(need.Root(t), "..", "shared", "wycheproof", "c2sp_chunked_encryption_aes_256_gcm_test.json")
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("Project Wycheproof's cases are not here; testdata/vectors and the attacks test the same rules")
	}
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		TestGroups []struct {
			Tests []wycheproofCase `json:"tests"`
		} `json:"testGroups"`
	}
	if err := json.Unmarshal(data, &suite); err != nil {
		t.Fatal(err)
	}
	run := 0
	for _, g := range suite.TestGroups {
		for _, c := range g.Tests {
			if slices.Contains(c.Flags, "InvalidKeySize") {
				continue // a key of ours has 32 bytes by its type
			}
			c.test(t)
			run++
		}
	}
	if run < 30 {
		t.Errorf("only %d cases", run)
	}
}

type wycheproofCase struct {
	ID        int      `json:"tcId"`
	Comment   string   `json:"comment"`
	Key       string   `json:"key"`
	Context   string   `json:"ctx"`
	Sealed    string   `json:"ct"` // behind zlib
	MsgLength int      `json:"msgLength"`
	Sum       string   `json:"msgSha512"`
	Result    string   `json:"result"`
	Flags     []string `json:"flags"`
}

func (c wycheproofCase) test(t *testing.T) {
	t.Helper()
	z, err := zlib.NewReader(bytes.NewReader(unhex(t, c.Sealed)))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	p, err := openChunks(unhex(t, c.Key), unhex(t, c.Context), sealed)
	if c.Result != "valid" {
		if !errors.Is(err, Damaged) || p != nil {
			t.Errorf("case %d, %s: %v", c.ID, c.Comment, err)
		}
		return
	}
	sum := sha512.Sum512(p)
	if err != nil || len(p) != c.MsgLength || hex.EncodeToString(sum[:]) != c.Sum {
		t.Errorf("case %d, %s: %v", c.ID, c.Comment, err)
	}
}
