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

// benchDeals is how many deals PORTICO_BENCH_DEALS says (100).
func benchDeals() int {
	if n, err := strconv.Atoi(os.Getenv("PORTICO_BENCH_DEALS")); err == nil {
		return n
	}
	return 100
}

// BenchmarkFull is a cold build in the clear.
func BenchmarkFull(b *testing.B) {
	n := benchDeals()
	site := b.TempDir()
	if err := sample.Site(site, n); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := 0; b.Loop(); i++ {
		out := filepath.Join(b.TempDir(), strconv.Itoa(i))
		buildOnce(b, Options{Source: site}, out)
		b.StopTimer()
		_ = os.RemoveAll(out)
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/deal")
}

// BenchmarkUntouched is a build with a cache, in which nothing changed.
func BenchmarkUntouched(b *testing.B) {
	n := benchDeals()
	site, out := b.TempDir(), filepath.Join(b.TempDir(), "out")
	if err := sample.Site(site, n); err != nil {
		b.Fatal(err)
	}
	o := Options{Source: site, Program: "bench", KeyFile: filepath.Join(b.TempDir(), "key")}
	for range 2 {
		time.Sleep(100 * time.Millisecond) // what was put there a moment ago is not relied on
		buildOnce(b, o, out)
	}
	b.ReportAllocs()
	for b.Loop() {
		buildOnce(b, o, out)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(n), "µs/deal")
}

// buildOnce builds a site in the clear.
func buildOnce(b *testing.B, o Options, out string) {
	o.Clear, o.Look, o.Now, o.Random, o.LockDir = true, builtinLook(), time.Now, rand.Reader, b.TempDir()
	p, err := Load(o)
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	made, _, err := p.Output(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	if _, _, err := made.WriteTo(context.Background(), out); err != nil {
		b.Fatal(err)
	}
}
