package serve_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/assets"
	"portico/internal/browser"
	"portico/internal/build"
	"portico/internal/need"
	"portico/internal/serve"
	"portico/layouts"
	"portico/themes"
)

// What the tests of this package have between them, made when the first of them
// asks for it.
var (
	chromium browser.Shared
	sites    shelf
)

func TestMain(m *testing.M) {
	code := m.Run()
	if err := errors.Join(chromium.Close(), sites.close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// A shelf holds sites that tests look at and none changes, by name, each served
// until the last test has ended.
type shelf struct {
	mu    sync.Mutex
	dir   string
	sites map[string]*standing
	// memory of the demonstration, which is built for several days.
	memory build.Memory
}

// A standing site is served, and its files can be read.
type standing struct {
	server  *httptest.Server
	project *build.Project
	output  *build.Output
}

// site of a name. What is particular to its build is asked for once, with a
// folder that its source may be written into.
func (s *shelf) site(t testing.TB, name string, options func(dir string) (build.Options, error)) (*httptest.Server, *build.Output) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if made, ok := s.sites[name]; ok {
		return made.server, made.output
	}
	made, err := s.make(t, name, options)
	if err != nil {
		t.Fatal(err)
	}
	if s.sites == nil {
		s.sites = map[string]*standing{}
	}
	s.sites[name] = made
	return made.server, made.output
}

func (s *shelf) make(t testing.TB, name string, options func(dir string) (build.Options, error)) (*standing, error) {
	t.Helper()
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "portico-serve-")
		if err != nil {
			return nil, err
		}
		s.dir = dir
	}
	opts, err := options(filepath.Join(s.dir, strings.ReplaceAll(name, "/", "-")))
	if err != nil {
		return nil, err
	}
	opts.Clear, opts.Drafts, opts.Now, opts.LockDir = true, true, time.Now, s.dir
	opts.Look = build.Builtin{Layouts: layouts.FS(), Assets: assets.FS(), Themes: themes.FS()}
	opts.Words = os.DirFS(filepath.Join(need.Root(t), "internal", "message", "testdata"))
	p, err := build.Load(opts)
	if err != nil {
		return nil, err
	}
	o, messages, err := p.Output(context.Background())
	if err == nil && messages.Failed() {
		err = fmt.Errorf("%s has mistakes: %v", name, messages)
	}
	if err != nil {
		p.Close()
		return nil, err
	}
	return &standing{httptest.NewServer(serve.Handler(o, slog.New(slog.DiscardHandler))), p, o}, nil
}

func (s *shelf) close() error {
	for _, made := range s.sites {
		made.server.Close()
		made.project.Close()
	}
	if s.dir == "" {
		return nil
	}
	return os.RemoveAll(s.dir)
}
