package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"portico/internal/need"
)

// firefox is one that runs, and is asked one question after the other. It ends
// with its questions, at the latest with the program that asks them.
type firefox struct {
	mu    sync.Mutex
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
		f := &firefox{said: &bytes.Buffer{}}
		home, err := os.MkdirTemp("", "portico-firefox-") // the script removes it
		if err != nil {
			return &firefox{err: err}
		}
		cmd := exec.Command(node, filepath.Join(root, "internal", "browser", "firefox.mjs"), modules, program, string(set))
		cmd.Env = append(cmd.Environ(), "HOME="+home, "MOZ_HEADLESS=1")
		cmd.Stderr = f.said
		if f.asked, f.err = cmd.StdinPipe(); f.err != nil {
			return f
		}
		told, err := cmd.StdoutPipe()
		if f.err = err; err != nil {
			return f
		}
		f.told, f.err = bufio.NewReader(told), cmd.Start()
		return f
	}
}

// scriptTime is how long one script may take.
const scriptTime = 3 * time.Minute

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
	late := time.AfterFunc(scriptTime, func() { f.asked.Close() })
	defer late.Stop()
	_, err = f.asked.Write(append(question, '\n'))
	var line []byte
	if err == nil {
		line, err = f.told.ReadBytes('\n')
	}
	if err != nil {
		f.err = fmt.Errorf("firefox is gone: %w\n%s", err, f.said)
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
