package watch

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// A burst is waited for as long as it needs, and no longer.
func TestWait(t *testing.T) {
	start := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	files := func(n int) []string {
		var paths []string
		for i := range n {
			paths = append(paths, fmt.Sprintf("content/ash/pages/%d.md", i))
		}
		return paths
	}
	tests := []struct {
		name               string
		paths              []string
		lasted, since      time.Duration // from the first event to the last, and from there to now
		locked, unfinished bool
		want               time.Duration
	}{
		{name: "a file", paths: files(1), want: 2 * time.Millisecond},
		{name: "a file that was written in steps", paths: files(1), lasted: 20 * time.Millisecond, since: time.Millisecond, want: time.Millisecond},
		{name: "a file that is written", paths: files(1), since: 2 * time.Millisecond, want: 0},
		{name: "four files", paths: files(4), want: 8 * time.Millisecond},
		{name: "many files", paths: files(2000), want: 100 * time.Millisecond},
		{name: "many files that go on", paths: files(2000), lasted: 950 * time.Millisecond, want: 50 * time.Millisecond},
		{name: "a file that is written all the time", paths: files(1), lasted: 2 * time.Second, want: -time.Second},
		{name: "an empty file", paths: files(1), unfinished: true, want: 100 * time.Millisecond},
		{name: "under git's lock", paths: files(2000), lasted: 5 * time.Second, locked: true, want: time.Second},
		{name: "under a lock that was left behind", paths: files(1), since: time.Second, locked: true, want: 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var b burst
			for _, p := range test.paths {
				b.add(p, false, start)
			}
			b.add(test.paths[0], false, start.Add(test.lasted))
			now := start.Add(test.lasted + test.since)
			if got := b.wait(now, test.locked, test.unfinished); got != test.want {
				t.Errorf("%v, not %v", got, test.want)
			}
		})
	}
}

// What is told is in order and told once; what came and went is not.
func TestTake(t *testing.T) {
	var b burst
	now := time.Now()
	for _, p := range []string{"content/b/deal.toml", "content/a/deal.toml", "content/b/deal.toml"} {
		b.add(p, false, now)
	}
	b.add("content/a/4913", true, now)
	b.add("content/a/deal.toml", true, now) // renamed over: it was there before
	gone := func(string) bool { return false }
	if got, want := b.take(gone), []string{"content/a/deal.toml", "content/b/deal.toml"}; !slices.Equal(got, want) {
		t.Errorf("%q, not %q", got, want)
	}
	if got := b.take(gone); got != nil {
		t.Errorf("%q after all was taken", got)
	}
	b.add("content/a/deal.toml", false, now)
	b.add(Everything, false, now)
	if got := b.take(gone); !slices.Equal(got, []string{Everything}) {
		t.Errorf("%q, not everything", got)
	}
}

func TestSource(t *testing.T) {
	for path, want := range map[string]bool{
		"portico.toml": true, "content": true, "content/ash/deal.toml": true, "content/_library/library.toml": true, "layouts/deal.html": true, "assets/theme.css": true, "themes/own/theme.toml": true,
		"": false, ".": false, "README.md": false, "public/ash/index.html": false, ".portico/cache/x": false, ".git/index": false, "node_modules/x/y.css": false,
		"content/ash/.deal.toml.swp": false, "content/ash/deal.toml~": false, "content/ash/#deal.toml#": false, "content/.git/HEAD": false, "assets/node_modules/x.css": false, "contents/ash/deal.toml": false, "portico.toml.orig": false,
	} {
		if got := source(path); got != want {
			t.Errorf("%q: %t", path, got)
		}
	}
}
