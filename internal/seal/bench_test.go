package seal

import (
	"bytes"
	"io"
	"testing"
)

func BenchmarkSeal(b *testing.B) {
	key, ctx, p := text(32), []byte("context"), text(1<<20)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		Seal(key, ctx, p)
	}
}

func BenchmarkOpen(b *testing.B) {
	key, ctx, p := text(32), []byte("context"), text(1<<20)
	sealed := Seal(key, ctx, p)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		if _, err := Open(key, ctx, sealed); err != nil {
			b.Fatal(err)
		}
	}
}

// Seven ways in, one of them a phrase.
func BenchmarkAccess(b *testing.B) {
	p := Policy{Generation: 1, Phrase: true}
	for _, who := range []string{"a", "b", "c", "d", "e", "f"} {
		p.Viewers = append(p.Viewers, Viewer{ID: who, Generation: 1})
	}
	secrets := testKey(1).Deal("northwind")
	for b.Loop() {
		if _, err := New(secrets, Access{Generation: 1, Ways: p.Ways(nil)}); err != nil {
			b.Fatal(err)
		}
	}
}

// A plan of 60 KB and three files.
func BenchmarkDeal(b *testing.B) {
	n := newNorthwind()
	page := bytes.Repeat([]byte("<li class=milestone><h3>Security review</h3><p>12 November 2026</p></li>\n"), 850)
	n.contents.Items[0].Content = section(page)
	d := n.deal(b)
	b.SetBytes(int64(len(page)))
	for b.Loop() {
		files, err := d.Seal(n.contents)
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range files {
			if _, err := f.Bytes(); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkLargeFile(b *testing.B) {
	n := newNorthwind()
	n.contents.Items = []Item{{Path: "a.mp4", Type: "video/mp4", Content: section(text(64 << 20))}}
	d := n.deal(b)
	b.SetBytes(64 << 20)
	b.ReportAllocs()
	for b.Loop() {
		files, err := d.Seal(n.contents)
		if err != nil {
			b.Fatal(err)
		}
		for _, f := range files {
			data, err := f.Bytes()
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Discard.Write(data); err != nil {
				b.Fatal(err)
			}
		}
	}
}
