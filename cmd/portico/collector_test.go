package main

import (
	"encoding/binary"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"portico/internal/beacon"
	"portico/internal/capability"
	"portico/internal/seal"
)

// collectorToken is what the collector of scripts knows them by.
const collectorToken = "a-token-of-more-than-twenty-symbols"

// collector stands in for one of a script: it hands out what the script said
// was looked at.
type collector struct {
	key    seal.TeamKey
	mu     sync.Mutex
	events []beacon.Event
	down   bool
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	after, err := strconv.Atoi("0" + r.URL.Query().Get("after"))
	switch {
	case c.down:
		w.WriteHeader(http.StatusBadRequest)
		return
	case r.URL.Path != beacon.ExportPath || err != nil || !c.knows(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")):
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var body []byte
	for i := after; i < len(c.events); i++ {
		body = beacon.Line{Cursor: strconv.Itoa(i + 1), Event: &c.events[i]}.Append(body)
	}
	_, _ = w.Write(beacon.Line{Cursor: strconv.Itoa(len(c.events))}.Append(body)) // whoever asked may be gone
}

// knows says whether a token is one of those that open the export.
func (c *collector) knows(token string) bool {
	return token == collectorToken || token == capability.NewKey(c.key).LocalToken()
}

// command is `collector visit DEAL VIEWER AGO KIND ID SECONDS`, `collector down`
// and `collector up`.
func (c *collector) command(ts *testscript.TestScript, neg bool, args []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !neg && len(args) == 1 && (args[0] == "down" || args[0] == "up"):
		c.down = args[0] == "down"
	case !neg && len(args) == 7 && args[0] == "visit":
		ago, err := time.ParseDuration(args[3])
		ts.Check(err)
		kind, err := beacon.ParseKind(args[4])
		ts.Check(err)
		seconds, err := strconv.Atoi(args[6])
		ts.Check(err)
		d := c.key.Deal(args[1])
		at := time.Now().Add(-ago).UnixMilli()
		e := beacon.Event{Session: beacon.Session{6: 0x70, 8: 0x80, 15: byte(len(c.events))}, Deal: d.ID(), Viewer: d.Viewer(args[2]), Kind: beacon.Open, Ms: uint32(1000 * seconds), At: at, Received: at, Device: beacon.Phone}
		binary.BigEndian.PutUint32(e.Session[:], uint32(at>>16))
		c.events = append(c.events, e)
		e.Seq, e.Kind, e.Target = 1, kind, beacon.Part{Kind: kind, ID: args[5]}.Target(d)
		c.events = append(c.events, e)
	default:
		ts.Fatalf("usage: collector visit DEAL VIEWER AGO KIND ID SECONDS, or down, or up, not %s", strings.Join(args, " "))
	}
}

// spoil FOLDER cuts every file of a folder short.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: spoil FOLDER")
	}
	eachFile(ts, args[0], func(file string, data []byte) {
		ts.Check(os.WriteFile(file, data[:len(data)/2], 0o600))
	})
}

// silent FOLDER WORD… wants no file of a folder to hold any of some words, nor
// others than its owner to read one.
func silentFolder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: silent FOLDER WORD…")
	}
	eachFile(ts, args[0], func(file string, data []byte) {
		for _, word := range args[1:] {
			if strings.Contains(string(data), word) {
				ts.Fatalf("%s holds %q", file, word)
			}
		}
		info, err := os.Stat(file)
		ts.Check(err)
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			ts.Fatalf("others can read %s", file)
		}
	})
}

func eachFile(ts *testscript.TestScript, folder string, do func(file string, data []byte)) {
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(folder), "*"))
	ts.Check(err)
	if len(files) < 2 {
		ts.Fatalf("%s holds %d files", folder, len(files))
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		ts.Check(err)
		do(file, data)
	}
}
