package build

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"portico/assets"
	"portico/internal/sample"
	"portico/layouts"
	"portico/themes"
)

// look is what is built in.
func builtinLook() Builtin { return Builtin{layouts.FS(), assets.FS(), themes.FS()} }

// BenchmarkFull is a cold build in the clear, of as many deals as
// PORTICO_BENCH_DEALS says (100).
func BenchmarkFull(b *testing.B) {
	n := 100
	if s := os.Getenv("PORTICO_BENCH_DEALS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	site := b.TempDir()
	if err := sample.Site(site, n); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		out := filepath.Join(b.TempDir(), strconv.Itoa(i))
		p, err := Load(Options{Source: site, Clear: true, Look: builtinLook(), Now: time.Now, Random: rand.Reader, LockDir: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		o, _, err := p.Output(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := o.WriteTo(context.Background(), out); err != nil {
			b.Fatal(err)
		}
		p.Close()
		b.StopTimer()
		_ = os.RemoveAll(out)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/deal")
}
