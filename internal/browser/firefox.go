package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"portico/internal/need"
)

// firefox is one that runs, and is asked one question after the other. It ends
// with its questions, at the latest with the program that asks them.
type firefox struct {
	mu    sync.Mutex
	cmd   *exec.Cmd
	asked io.WriteCloser
	told  *bufio.Reader
	said  *bytes.Buffer
	err   error
}

// shared is the one of a package's tests: to start one takes longer than most of
// what it is asked.
var shared struct {
	once sync.Once
	*firefox
}

// Firefox runs a script that drives it, and gives what the script has found.
// firefox.mjs says what a script is. Each has a part of the browser with storage
// of its own.
func Firefox(t testing.TB, script string, args ...string) []string {
	t.Helper()
	start := toStart(t, nil)
	shared.once.Do(func() { shared.firefox = start() })
	return shared.ask(t, script, args)
}

// FirefoxWith is Firefox, one of its own that is set otherwise.
func FirefoxWith(t testing.TB, prefs map[string]any, script string, args ...string) []string {
	t.Helper()
	f := toStart(t, prefs)()
	if f.err == nil {
		defer f.asked.Close() // which ends it
	}
	return f.ask(t, script, args)
}

// toStart finds what it takes to start one.
func toStart(t testing.TB, prefs map[string]any) func() *firefox {
	t.Helper()
	program, node := need.Program(t, "firefox-esr", "firefox"), need.Program(t, "node", "nodejs")
	modules, root := filepath.Dir(need.Tool(t, "puppeteer-core")), need.Root(t)
	if prefs == nil {
		prefs = map[string]any{}
	}
	set, err := json.Marshal(prefs)
	if err != nil {
		t.Fatal(err)
	}
	return func() *firefox {
		home, err := os.MkdirTemp("", "portico-firefox-") // the script removes it
		if err != nil {
			return &firefox{err: err}
		}
		f := &firefox{said: &bytes.Buffer{}}
		f.cmd = exec.Command(node, filepath.Join(root, "internal", "browser", "firefox.mjs"), modules, program, string(set))
		f.cmd.Env = append(f.cmd.Environ(), "HOME="+home, "MOZ_HEADLESS=1")
		f.cmd.Stderr = f.said
		asked, err1 := f.cmd.StdinPipe()
		told, err2 := f.cmd.StdoutPipe()
		if f.err = errors.Join(err1, err2); f.err == nil {
			f.asked, f.told, f.err = asked, bufio.NewReader(told), f.cmd.Start()
		}
		return f
	}
}

func (f *firefox) ask(t testing.TB, script string, args []string) []string {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		t.Fatal(f.err)
	}
	script, err := filepath.Abs(script)
	if err != nil {
		t.Fatal(err)
	}
	question, err := json.Marshal(map[string]any{"script": script, "args": args})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.asked.Write(append(question, '\n'))
	var line []byte
	if err == nil {
		line, err = f.told.ReadBytes('\n')
	}
	if err != nil {
		_ = f.asked.Close()
		f.err = fmt.Errorf("firefox is gone: %w\n%s", errors.Join(err, f.cmd.Wait()), f.said)
		t.Fatal(f.err)
	}
	var answer struct {
		Found []string
		Error string
	}
	if err := json.Unmarshal(line, &answer); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	if answer.Error != "" {
		t.Fatal(answer.Error)
	}
	return answer.Found
}
