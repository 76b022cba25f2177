//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"portico/internal/sample"
)

// saves of each kind of file, a hundred as the budget says.
const saves = 100

// preview measures `serve`: how soon it answers, how long a save takes to reach
// who looks at a deal, and its memory after all of that.
func (b *bench) preview() error {
	cmd := exec.Command(b.portico, "serve", "--quiet", "--source", b.at("site"), "--addr", "127.0.0.1:0")
	cmd.Env = b.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		_ = cmd.Wait() // it was told to stop
	}()
	origin, err := addressIn(out)
	if err != nil {
		return err
	}
	look := &looker{origin: origin, path: "/" + sample.ID(b.deals/2) + "/"}
	if _, err := look.load(); err != nil {
		return err
	}
	fmt.Printf("%-36s %9.3f\n", "serve, until the first page is had", time.Since(began).Seconds())
	if err := look.listen(); err != nil {
		return err
	}
	defer look.stop()
	fmt.Printf("%-36s %9s %9s %9s\n", "from a save until the page is had", "p50 ms", "p90 ms", "most ms")
	deal := filepath.Join(b.at("site"), "content", sample.ID(b.deals/2))
	layout, err := os.ReadFile("layouts/deal.html") // of the repository, from where this runs
	if err != nil {
		return err
	}
	err = errors.Join(
		look.saves("a deal", func(i int) error {
			return edit(filepath.Join(deal, "deal.toml"), regexp.MustCompile(`(?m)^summary = ".`), fmt.Sprintf(`summary = "%c`, '0'+i%10)) // no summary begins with a digit
		}),
		look.saves("a style", func(i int) error {
			return os.WriteFile(b.at("site/assets/theme.css"), fmt.Appendf(nil, "@layer theme { .hero { outline: %dpx solid } }\n", i+1), 0o644)
		}),
		look.saves("a layout", func(i int) error {
			return errors.Join(os.MkdirAll(b.at("site/layouts"), 0o755),
				os.WriteFile(b.at("site/layouts/deal.html"), bytes.Replace(layout, []byte("<main "), fmt.Appendf(nil, `<main data-n="%d" `, i), 1), 0o644))
		}))
	memory, failed := memoryOf(cmd.Process.Pid)
	fmt.Printf("%-36s %29.1f\n", "serve, memory by then", memory)
	return errors.Join(err, failed)
}

// addressIn what a server prints is where it listens. The rest is read, so that
// it never waits for it.
func addressIn(out io.Reader) (string, error) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at := regexp.MustCompile(`http://[\d.]+:\d+`).FindString(lines.Text()); at != "" {
			go func() { _, _ = io.Copy(io.Discard, out) }() // until it ends
			return at, nil
		}
	}
	return "", errors.Join(errors.New("serve says no address"), lines.Err())
}

// looker is somebody who has a page open.
type looker struct {
	origin, path string
	seen         string
	told         chan string // kinds of events, "reload" or "styles"
	stop         context.CancelFunc
}

var (
	seenIn   = regexp.MustCompile(`data-seen="([^"]*)"`)
	stylesIn = regexp.MustCompile(`"(/[^"]+\.css)"`)
)

// load the page as a browser does that was told to.
func (l *looker) load() ([]byte, error) {
	page, err := fetch(l.origin + l.path)
	if err != nil {
		return nil, err
	}
	m := seenIn.FindSubmatch(page)
	if m == nil {
		return nil, errors.New("the page has no script of the preview")
	}
	l.seen = string(m[1])
	return page, nil
}

func fetch(address string) ([]byte, error) {
	answer, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() // read to its end
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", address, answer.Status)
	}
	return data, err
}

// listen to the stream of events of the page.
func (l *looker) listen() error {
	ctx, stop := context.WithCancel(context.Background())
	l.stop, l.told = stop, make(chan string, saves)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.origin+"/_portico/events?"+url.Values{"page": {l.path}, "seen": {l.seen}}.Encode(), nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	go func() {
		defer close(l.told)
		defer answer.Body.Close() // read until it was stopped
		kind := ""
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				kind = name
			} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && (kind == "reload" || kind == "styles") {
				l.told <- kind + " " + data
			}
		}
	}()
	return nil
}

// saves measures from each of a hundred saves until what it brought about has
// been fetched.
func (l *looker) saves(what string, save func(i int) error) error {
	var took []time.Duration
	for i := range saves {
		began := time.Now()
		if err := save(i); err != nil {
			return err
		}
		select {
		case told, ok := <-l.told:
			if !ok {
				return errors.New("the stream of events ended")
			}
			if err := l.follow(told); err != nil {
				return err
			}
		case <-time.After(10 * time.Second):
			return fmt.Errorf("after save %d of %s the page is told nothing", i, what)
		}
		if i > 0 { // the first one makes what was not there
			took = append(took, time.Since(began))
		}
		time.Sleep(30 * time.Millisecond)
	}
	slices.Sort(took)
	ms := func(share int) float64 { return took[(len(took)-1)*share/100].Seconds() * 1000 }
	fmt.Printf("%-36s %9.1f %9.1f %9.1f\n", "  "+what, ms(50), ms(90), ms(100))
	return nil
}

// follow what an event says: load the page, or the styles that are new.
func (l *looker) follow(told string) error {
	if strings.HasPrefix(told, "reload ") {
		_, err := l.load()
		return err
	}
	all := stylesIn.FindAllStringSubmatch(told, -1)
	if len(all) == 0 {
		return fmt.Errorf("no stylesheet in %s", told)
	}
	for _, m := range all {
		if _, err := fetch(l.origin + m[1]); err != nil {
			return err
		}
	}
	return nil
}

// edit a file in place.
func edit(name string, pattern *regexp.Regexp, now string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	changed := pattern.ReplaceAll(data, []byte(now))
	if bytes.Equal(changed, data) {
		return fmt.Errorf("%s: nothing to change", name)
	}
	return os.WriteFile(name, changed, 0o644)
}

// memoryOf a process as it is now, in MiB, where the system tells.
func memoryOf(pid int) (float64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(data)
	if err != nil || m == nil {
		return 0, errors.Join(err, errors.New("the system does not say how much memory serve takes"))
	}
	kib, err := strconv.ParseFloat(string(m[1]), 64)
	return kib / 1024, err
}
