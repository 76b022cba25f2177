package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"portico/internal/seal"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"portico": main})
}

// What a person sees of the program: its words, where they go, and the exit
// code. Each script begins with the folder site, whose deals are called by
// what they are; the address $TAKEN is somebody else's, $HOST shows the folder
// host, and the team's key is in the environment and called $KEYNAME. Scripts have these commands of their own:
//
//	exits CODE PROGRAM ARG…   runs a program that ends with that code
//	append FILE TEXT          writes a line to the end of a file
//	sed FILE OLD NEW          replaces a text that a file holds
//	copy FOLDER FOLDER        copies a folder
//	same FOLDER FOLDER        wants two folders to hold the same files
//	served PATH ARG…          runs `portico serve ARG…`, gets a page of it into
//	                          the file page, waits until it has checked the
//	                          site and ends it with an interrupt
//	collector WHAT…           lets the collector at $COLLECTOR, which knows the token
//	                          $TOKEN, have heard of a visit, be down, or be up
//	spoil FOLDER              cuts every file of a folder short
//	silent FOLDER WORD…       wants a folder's files to hold no such word, and to be
//	                          for their owner alone
//	changed FILE TEXT ARG…    does the same, and meanwhile adds a line to a file
//	                          and takes it away again, waiting until each is told
func TestScripts(t *testing.T) {
	program, err := exec.LookPath("portico")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, "CI=", "NO_COLOR=", "XDG_CONFIG_HOME=", "XDG_CACHE_HOME=", "TERM=xterm",
				"HOME="+filepath.Join(e.WorkDir, "home"), "PROGRAM="+program, "GIT_CEILING_DIRECTORIES="+e.WorkDir)
			for _, who := range []string{"AUTHOR", "COMMITTER"} {
				e.Vars = append(e.Vars, "GIT_"+who+"_NAME=Mara Lindqvist", "GIT_"+who+"_EMAIL=mara@lumen.example", "GIT_"+who+"_DATE=2026-11-20T09:00:00Z")
			}
			key, err := seal.NewTeamKey(strings.NewReader(strings.Repeat("k", 32)))
			if err != nil {
				return err
			}
			e.Setenv("PORTICO_KEY", key.Text())
			e.Setenv("KEYNAME", heldKey{TeamKey: key}.name())
			taken, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				return err
			}
			e.Defer(func() { _ = taken.Close() }) // nobody calls
			e.Setenv("TAKEN", taken.Addr().String())
			host := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(e.WorkDir, "host"))))
			e.Defer(host.Close)
			e.Setenv("HOST", host.URL)
			visits := &collector{key: key}
			hears := httptest.NewServer(visits)
			e.Defer(hears.Close)
			e.Setenv("COLLECTOR", hears.URL)
			e.Setenv("TOKEN", collectorToken)
			e.Values["collector"] = visits
			return errors.Join(os.Mkdir(filepath.Join(e.WorkDir, "home"), 0o755), writeSite(filepath.Join(e.WorkDir, "site")))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "append": appendLine, "sed": replace, "copy": copyFolder, "same": same, "served": served, "changed": changed,
			"collector": func(ts *testscript.TestScript, neg bool, args []string) {
				ts.Value("collector").(*collector).command(ts, neg, args)
			},
			"spoil": spoil, "silent": silentFolder,
		},
	})
}

const siteTOML = `[site]
base_url = "https://plans.example"
locale = "en-GB"
timezone = "Europe/London"

[seller]
name = "Lumen"
color = "#2540c8"

[person.mara]
name = "Mara Lindqvist"
title = "Account Executive"
email = "mara@lumen.example"
`

// writeSite makes a site without a mistake, with a deal of each kind.
func writeSite(dir string) error {
	write := func(name, text string) error {
		file := filepath.Join(dir, filepath.FromSlash(name))
		return errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644))
	}
	err := write("portico.toml", siteTOML)
	for id, more := range map[string]string{
		"open": "", "closed": "", "draft": `status = "draft"`, "lost": `status = "lost"`, "archived": `status = "archived"`, "expired": "expires = 2020-01-31",
	} {
		err = errors.Join(err, write("content/"+id+"/deal.toml", fmt.Sprintf(`[deal]
owner = "mara"
profile = "smb"
%s

[buyer]
name = "Buyer of %s"

[value]
summary = "What it gains"

[dates]
go_live = 2027-02-15

[person.ana]
name = "Ana Costa"
title = "Owner"

[milestone.trial]
title = "Trial"
due = "go_live - 4w"
owner = ["mara", "ana"]

[access]
public = %t
`, more, id, id != "closed")))
	}
	return err
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		failed := (*exec.ExitError)(nil)
		if !errors.As(err, &failed) {
			ts.Fatalf("%v", err)
		}
		code = failed.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, not %s", code, args[0])
	}
}

func appendLine(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	data, err := os.ReadFile(name)
	ts.Check(err)
	ts.Check(os.WriteFile(name, append(data, strings.Join(args[1:], " ")+"\n"...), 0o644))
}

func replace(ts *testscript.TestScript, _ bool, args []string) {
	name := ts.MkAbs(args[0])
	data, err := os.ReadFile(name)
	ts.Check(err)
	if !strings.Contains(string(data), args[1]) {
		ts.Fatalf("%s holds no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(name, []byte(strings.Replace(string(data), args[1], strings.ReplaceAll(args[2], `\n`, "\n"), 1)), 0o644))
}

func copyFolder(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(ts.MkAbs(args[0]))))
}

func same(ts *testscript.TestScript, _ bool, args []string) {
	a, b := contents(ts, args[0]), contents(ts, args[1])
	if diff := cmp.Diff(a, b); diff != "" || len(a) == 0 {
		ts.Fatalf("%d files in %s: %s", len(a), args[0], diff)
	}
}

func contents(ts *testscript.TestScript, dir string) map[string]string {
	files := map[string]string{}
	root := os.DirFS(ts.MkAbs(dir))
	ts.Check(fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(root, name)
		files[name] = string(data)
		return err
	}))
	return files
}
