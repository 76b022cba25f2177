package serve_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"portico/internal/browser"
	"portico/internal/need"
	"portico/internal/seal"
)

// painted gives the milliseconds from a click until the frame that shows the plan
// is drawn. What asks before a frame is drawn hears of it once it is.
const painted = `new Promise(done => addEventListener("click", () => {
	const from = performance.now();
	const look = () => {
		if (!document.querySelector("body.deal #plan")) return requestAnimationFrame(look);
		const c = new MessageChannel();
		c.port1.onmessage = () => done(performance.now() - from);
		c.port2.postMessage(0);
	};
	requestAnimationFrame(look);
}, {capture: true, once: true}))`

// untilPainted clicks as a script does, without a hand that is on its way before.
const untilPainted = `(painted => (document.querySelector("[type=submit]").click(), painted))(` + painted + `)`

// How long a reader waits for the plan once she has clicked, and how long the
// first paint of the same page in the clear takes: medians of 20. A hand comes
// to the button, and rests there, before it clicks; a script does not.
func BenchmarkUnlock(b *testing.B) {
	chromium := browser.Start(b)
	h := sealedHost(b, "meridian-bank")
	clear, _ := demonstration(b, november21)
	link, phrase := "#"+h.secrets.Secret("mara", 1).Code(), h.secrets.Phrase(seal.Everyone, 1)
	ways := []struct {
		name string
		wait func(p *browser.Page) float64
	}{
		{"clear", func(p *browser.Page) float64 {
			p.Goto(clear.URL + "/meridian-bank/")
			return browser.Eval[float64](p, `performance.getEntriesByName("first-contentful-paint")[0].startTime`)
		}},
		{"link-by-hand", func(p *browser.Page) float64 {
			p.Goto(h.url() + link)
			return byHand(p)
		}},
		{"phrase-by-hand", func(p *browser.Page) float64 {
			p.Goto(h.url())
			browser.Await[bool](p, `new Promise(done => { const look = () => document.activeElement.id === "key" ? done(true) : setTimeout(look, 20); look(); })`)
			p.Press(phrase)
			return byHand(p)
		}},
		{"link", func(p *browser.Page) float64 {
			p.Goto(h.url() + link)
			time.Sleep(rest)
			return browser.Await[float64](p, untilPainted)
		}},
		{"phrase", func(p *browser.Page) float64 {
			p.Goto(h.url())
			browser.Eval[bool](p, `document.querySelector("#key").value = `+quote(phrase)+`, true`)
			time.Sleep(rest)
			return browser.Await[float64](p, untilPainted)
		}},
	}
	all := map[string][]float64{}
	for range 20 {
		for _, way := range ways { // in turn, so that what else the machine does meets all
			p := chromium.Page(b, 1440, 900)
			all[way.name] = append(all[way.name], way.wait(p))
			p.Close()
		}
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			slices.Sort(all[way.name])
			b.ReportMetric(all[way.name][10], "ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// rest is how long a page has lain still when it is clicked.
const rest = 300 * time.Millisecond

// byHand clicks as somebody does who comes to the button and rests there a moment.
func byHand(p *browser.Page) float64 {
	p.Point("form")
	p.Point("[type=submit]")
	time.Sleep(rest)
	browser.Eval[bool](p, `globalThis.painted = `+painted+`, true`)
	p.Click("[type=submit]")
	return browser.Await[float64](p, `globalThis.painted`)
}

// How long a film of 200 MB takes to start and to seek, and by how much all
// processes of the browser grow meanwhile: from before it is started to the most
// of once it runs, once it has been sought in, and once it has been left to run.
// Beside it the same film in the clear, from the same host, in the same place.
func BenchmarkLargeFilm(b *testing.B) {
	data := film(b, filepath.Join(need.Root(b), "content", "kestrel-motion", "collateral", "rundgang.mp4"), 200_000_000)
	slow(b, data)
	h := withFilm(b, data, "video/mp4")
	h.files["clear.mp4"] = data
	inTheClear := player + `.replaceWith(Object.assign(document.createElement("video"), {controls: true, preload: "none", src: ` + quote(h.URL+"/clear.mp4") + `})), true`
	for _, way := range []struct{ name, player string }{{"sealed", "true"}, {"clear", inTheClear}} {
		b.Run(way.name, func(b *testing.B) {
			p := browser.Start(b).Page(b, 1440, 900)
			p.Goto(h.url())
			browser.Eval[bool](p, `document.querySelector("#key").value = `+quote(h.secrets.Phrase(seal.Everyone, 1))+`, true`)
			browser.Await[float64](p, untilPainted)
			browser.Eval[bool](p, way.player)
			browser.Eval[bool](p, player+`.scrollIntoView(), true`)
			time.Sleep(2 * time.Second) // for the plan's pictures and scripts
			before := memory(b)
			start := browser.Await[float64](p, started)
			most := memory(b)
			seek := browser.Await[float64](p, sought)
			most = max(most, memory(b))
			time.Sleep(2 * time.Second)
			most = max(most, memory(b))
			b.ReportMetric(start, "ms/start")
			b.ReportMetric(seek, "ms/seek")
			b.ReportMetric(most-before, "MiB")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// slow makes a film's 40 seconds 320, so that of 200 MB it is one of 5 Mbit/s, as
// films are: a browser reads ahead by time.
func slow(b *testing.B, film []byte) {
	b.Helper()
	for _, header := range []string{"mvhd", "mdhd"} {
		at := bytes.Index(film, []byte(header))
		if at < 0 {
			b.Fatalf("the film has no %s", header)
		}
		unit := film[at+16:] // of time, by the second
		binary.BigEndian.PutUint32(unit, binary.BigEndian.Uint32(unit)/8)
	}
}

// started and sought give the milliseconds that the film takes to show something,
// and to be at its end.
const (
	started = `new Promise(done => {
		const from = performance.now(), film = ` + player + `;
		film.muted = true;
		film.addEventListener("timeupdate", () => film.currentTime > 0 && film.videoWidth > 100 && done(performance.now() - from));
		film.play().catch(() => 0); // it is not this that plays in the end
	})`
	sought = `new Promise(done => {
		const from = performance.now(), film = ` + player + `;
		film.addEventListener("seeked", () => done(performance.now() - from));
		film.currentTime = film.duration - 1;
	})`
)

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
