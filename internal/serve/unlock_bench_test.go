package serve_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"portico/internal/browser"
	"portico/internal/need"
	"portico/internal/seal"
)

// untilPainted clicks, and gives the milliseconds until the frame that shows
// the plan is on the screen.
const untilPainted = `new Promise(done => {
	const from = performance.now();
	const look = () => document.querySelector("body.deal #plan") && document.documentElement.style.visibility !== "hidden"
		? requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => { done(performance.now() - from); }; c.port2.postMessage(0); })
		: requestAnimationFrame(look);
	document.querySelector("[type=submit]").click();
	look();
})`

// How long a reader waits for the plan once she has clicked: the median of 20.
func BenchmarkUnlock(b *testing.B) {
	chromium := browser.Start(b)
	h := sealedHost(b, "meridian-bank")
	for _, way := range []struct{ name, end, typed string }{{"link", "#" + h.secrets.Secret("mara", 1).Code(), ""}, {"phrase", "", h.secrets.Phrase(seal.Everyone, 1)}} {
		b.Run(way.name, func(b *testing.B) {
			var all []float64
			for range 20 {
				p := chromium.Page(b, 1440, 900)
				p.Goto(h.url() + way.end)
				browser.Eval[bool](p, `document.querySelector("#key").value = `+quote(way.typed)+`, true`)
				all = append(all, browser.Await[float64](p, untilPainted))
			}
			slices.Sort(all)
			b.ReportMetric(all[len(all)/2], "ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// How long a film of 200 MB takes to start and to seek, and how much memory all
// of the browser takes more then.
func BenchmarkLargeFilm(b *testing.B) {
	chromium := browser.Start(b)
	h := withFilm(b, film(b, filepath.Join(need.Root(b), "content", "kestrel-motion", "collateral", "rundgang.mp4"), 200_000_000), "video/mp4")
	p := chromium.Page(b, 1440, 900)
	p.Goto(h.url())
	browser.Eval[bool](p, `document.querySelector("#key").value = `+quote(h.secrets.Phrase(seal.Everyone, 1))+`, true`)
	browser.Await[float64](p, untilPainted)
	browser.Eval[bool](p, player+`.scrollIntoView(), true`)
	before := memory(b)
	b.ReportMetric(browser.Await[float64](p, `new Promise(done => {
		const from = performance.now(), film = `+player+`;
		film.muted = true;
		film.addEventListener("timeupdate", () => film.currentTime > 0 && film.videoWidth > 100 && done(performance.now() - from));
		film.play().catch(() => 0); // it is not this that plays in the end
	})`), "ms/start")
	b.ReportMetric(browser.Await[float64](p, `new Promise(done => {
		const from = performance.now(), film = `+player+`;
		film.addEventListener("seeked", () => done(performance.now() - from));
		film.currentTime = film.duration - 1;
	})`), "ms/seek")
	b.ReportMetric(memory(b)-before, "MiB")
	b.ReportMetric(0, "ns/op")
}

// memory of every process that this one has started, in MiB; what several share
// counts once.
func memory(b *testing.B) float64 {
	b.Helper()
	parents := map[string]string{}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range stats {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		if fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:])); len(fields) > 1 {
			parents[filepath.Base(filepath.Dir(file))] = fields[1]
		}
	}
	total := 0.0
	for pid := range parents {
		for up := parents[pid]; up != ""; up = parents[up] {
			if up == strconv.Itoa(os.Getpid()) {
				total += proportional(pid)
			}
		}
	}
	return total
}

// proportional is a process's share of memory, in MiB; 0 for one that has ended.
func proportional(pid string) float64 {
	data, err := os.ReadFile("/proc/" + pid + "/smaps_rollup")
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(data), "\nPss:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return 0
	}
	return kib / 1024
}
