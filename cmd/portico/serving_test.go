package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// serving is a `portico serve` that runs.
type serving struct {
	ts   *testscript.TestScript
	cmd  *exec.Cmd
	url  string
	said *words
}

// words are what a program has said so far, which is passed on.
type words struct {
	mu   sync.Mutex
	text strings.Builder
	on   io.Writer
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text.Write(p)
	return w.on.Write(p)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

var address = regexp.MustCompile(`http://\S+/`)

func startServing(ts *testscript.TestScript, args ...string) *serving {
	s := &serving{ts: ts, cmd: exec.Command(ts.Getenv("PROGRAM"), append([]string{"serve"}, args...)...), said: &words{on: ts.Stderr()}}
	s.cmd.Dir = ts.MkAbs(".")
	for _, v := range []string{"PATH", "HOME", "WORK", "TERM", "CI", "PORTICO_KEY"} {
		s.cmd.Env = append(s.cmd.Env, v+"="+ts.Getenv(v))
	}
	s.cmd.Stderr = s.said
	out, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	_, _ = io.WriteString(ts.Stdout(), line) // it is kept in memory
	if s.url = strings.TrimSuffix(address.FindString(line), "/"); err != nil || s.url == "" {
		s.end(errors.Join(errors.New("it says no address"), err))
	}
	return s
}

// until it has said something.
func (s *serving) until(what string) {
	for end := time.Now().Add(time.Minute); !strings.Contains(s.said.String(), what); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			s.end(errors.New("it never says " + what))
		}
	}
}

// end it with an interrupt.
func (s *serving) end(err error) {
	_ = s.cmd.Process.Signal(os.Interrupt) // it may have ended
	if err := errors.Join(err, s.cmd.Wait()); err != nil {
		s.ts.Fatalf("%v", err)
	}
}

func served(ts *testscript.TestScript, _ bool, args []string) {
	s := startServing(ts, args[1:]...)
	err := get(s.url+args[0], ts.MkAbs("page"))
	if slices.Contains(args, "-q") {
		s.until(": error: ")
	} else {
		s.until(" checked: ")
	}
	s.end(err)
}

func changed(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	data, err := os.ReadFile(name)
	ts.Check(err)
	s := startServing(ts, args[2:]...)
	s.until(" checked: 0 errors")
	ts.Check(os.WriteFile(name, append(slices.Clone(data), args[1]+"\n"...), 0o644))
	s.until(": error: ")
	ts.Check(os.WriteFile(name, data, 0o644))
	s.until("  mended\n")
	s.end(nil)
}

// get a page into a file.
func get(url, file string) error {
	r, err := http.Get(url)
	if err != nil {
		return err
	}
	defer r.Body.Close() // it is read to its end
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	return os.WriteFile(file, append([]byte(r.Status+"\n"), data...), 0o644)
}
