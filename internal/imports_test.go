// Package internal holds nothing but this test of how its rooms may be joined.
package internal

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"portico/internal/need"
)

// rule is a row of the table of rooms in docs/architecture.md.
type rule struct {
	room string
	// only are the rooms of ours that it may import; nil allows all that no
	// other rule forbids.
	only []string
	// never are imports, of ours or not, that would break what it stands for.
	never []string
	why   string
}

var rules = []rule{
	{"diag", []string{}, nil, "everything else reports through it"},
	{"seal", []string{}, []string{"os", "net/http", "crypto/rand"}, "bytes and keys alone: nothing of a plan, a disk, a clock or chance can come into what it makes"},
	{"capability", []string{"seal"}, []string{"os", "net/http"}, "the collector links it, and shall know no deal"},
	{"beacon", []string{"capability", "message", "seal"}, []string{"os", "database/sql"}, "it knows ids and numbers alone: nothing of a plan can reach the collector through it"},
	{"beacon/collect", []string{"beacon", "capability", "seal", "message"}, []string{"database/sql"}, "it is handed a store and knows no database, and no deal"},
	{"beacon/collect/storetest", []string{"beacon", "beacon/collect", "seal"}, []string{"database/sql"}, "what every store must do is the same for each"},
	{"beacon/deliver", []string{"beacon", "beacon/collect", "message", "seal"}, []string{"os", "database/sql"}, "it tells by ids, and is handed a store and an environment"},
	{"beacon/sqlite", []string{"beacon", "beacon/collect"}, []string{"net/http"}, "a store keeps; who may send and who is told is decided above it"},
	{"beacon/postgres", []string{"beacon", "beacon/collect", "seal"}, []string{"net/http"}, "a store keeps; who may send and who is told is decided above it"},
	{"beacon/cluster", []string{}, nil, "it serves tests and torture, and knows no tables"},
	{"beacon/torture", []string{"beacon", "beacon/cluster", "beacon/collect", "beacon/postgres", "beacon/sqlite", "capability", "seal"}, nil, "it runs the collector as anybody would, and breaks what it stands on"},
	{"message", []string{"diag"}, nil, "words know nothing of deals"},
	{"deal", []string{"diag"}, []string{"os"}, "the model is plain data: it has no files, no clock, no keys"},
	{"parse", nil, []string{"os", "html/template", "portico/internal/seal", "portico/internal/render", "portico/internal/build"}, "it opens nothing itself, so that no path can leave the roots it is given"},
	{"check", nil, []string{"os", "portico/internal/parse", "portico/internal/render"}, "rules are about the model; they report places and never look at files"},
	{"history", []string{"deal"}, nil, "git tells times; what they mean is for others"},
	{"brand", []string{"diag"}, nil, "a palette is the same for whoever has the colour"},
	{"media", []string{"diag"}, nil, "it knows files, not whose they are"},
	{"bundle", []string{"diag"}, nil, "assets are the same for every deal"},
	{"host", []string{}, []string{"os", "net/http"}, "what hosts are told is the same for every deal"},
	{"render", nil, []string{"os", "net/http", "portico/internal/parse", "portico/internal/seal", "portico/internal/build"}, "pages are made of the model alone: no template can read a file or print a key"},
	{"beacon/browser", []string{}, nil, "the page's half is text: what it is handed out by knows nothing"},
	{"beacon/fetch", []string{"beacon"}, []string{"os"}, "it hands over what a collector kept, to whoever knows what to do with it"},
	{"report", []string{"beacon", "deal", "message", "seal"}, []string{"os", "net/http", "html/template"}, "a report is a function of events, plans and a clock: nothing else can change what it says"},
	{"build", nil, []string{"net/http", "portico/internal/serve", "portico/internal/beacon/collect", "portico/internal/beacon/deliver", "portico/internal/beacon/fetch"}, "what writes public/ talks to nobody"},
	{"heap", []string{}, []string{"fmt", "os", "runtime/debug", "golang.org/x/sys/unix"}, "it is initialised before whatever it does not import"},
	{"watch", []string{}, nil, "it tells that files changed; what they mean is for others"},
	{"serve", []string{"build", "render", "diag", "watch"}, nil, "a preview shows what a build makes, and nothing else"},
	{"unseal", []string{"seal"}, []string{"net/http", "portico/internal/build"}, "it opens what was built where the source is lost as well"},
	{"verify", []string{"build", "host", "seal"}, []string{"os"}, "it compares, and writes nothing"},
	{"scaffold", []string{"build", "deal", "diag"}, nil, "new folders are read back by the same line that builds them"},
	{"need", []string{}, nil, "it serves tests"},
	{"browser", []string{"need"}, nil, "it serves tests"},
	{"sample", []string{"layouts"}, nil, "it serves tests and benchmarks"},
	{"measure", []string{"sample"}, nil, "it runs the program as anybody would"},
}

// only says who alone may import something.
var only = map[string][]string{
	"github.com/BurntSushi/toml":                {"parse", "measure"},
	"github.com/pelletier/go-toml/v2/unstable":  {"parse"},
	"github.com/yuin/goldmark":                  {"parse", "measure"},
	"github.com/evanw/esbuild/pkg/api":          {"bundle"},
	"github.com/tdewolff/minify/v2":             {"bundle"},
	"html/template":                             {"render"},
	"modernc.org/sqlite":                        {"beacon/sqlite", "beacon/torture"},
	"database/sql":                              {"beacon/sqlite", "beacon/torture"},
	"github.com/jackc/pgx/v5/pgconn":            {"beacon/cluster", "beacon/postgres"},
	"github.com/VictoriaMetrics/metrics":        {"beacon/collect"},
	"portico/internal/beacon/sqlite":            {"beacon/torture", "cmd/portico-beacon"},
	"portico/internal/beacon/deliver":           {"cmd/portico-beacon"},
	"github.com/emersion/go-smtp":               {"beacon/deliver"},
	"portico/internal/beacon/postgres":          {"beacon/torture", "cmd/portico-beacon"},
	"portico/internal/beacon/cluster":           {"beacon/torture"},
	"portico/internal/beacon/collect":           {"beacon/postgres", "beacon/sqlite", "beacon/deliver", "beacon/torture", "beacon/collect/storetest", "cmd/portico-beacon"},
	"portico/internal/beacon/collect/storetest": {},
	"github.com/fsnotify/fsnotify":              {"watch"},
	"portico/layouts":                           {"cmd/portico", "sample"},
	"portico/assets":                            {"cmd/portico"},
	"portico/themes":                            {"cmd/portico"},
	"portico/content":                           {"cmd/portico"},
	"github.com/lucasb-eyer/go-colorful":        {"brand"},
	"flag":                                      {"beacon/torture", "measure"},
	"github.com/spf13/cobra":                    {"cmd/portico", "cmd/portico-beacon"},
	"golang.org/x/term":                         {"cmd/portico", "cmd/portico-beacon"},
	"github.com/schollz/progressbar/v3":         {"cmd/portico"},
	"portico/internal/heap":                     {"cmd/portico"},
	"portico/internal/need":                     {"browser"},
	"portico/internal/sample":                   {"measure"},
	"portico/internal/browser":                  {},

	"github.com/sethvargo/go-diceware/diceware": {"seal"},
}

type pkg struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command(need.Program(t, "go"), "list", "-json=ImportPath,Imports", "./...")
	cmd.Dir = need.Root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	if len(list) < 15 {
		t.Fatalf("only %d packages were found", len(list))
	}
	return list
}

func TestRoomsImportDownhill(t *testing.T) {
	known := map[string]bool{}
	list := packages(t)
	for _, r := range rules {
		known[r.room] = true
		found := false
		for _, p := range list {
			if p.ImportPath != "portico/internal/"+r.room {
				continue
			}
			found = true
			for _, i := range p.Imports {
				ours, isOurs := strings.CutPrefix(i, "portico/")
				ours = strings.TrimPrefix(ours, "internal/")
				if slices.Contains(r.never, i) || isOurs && r.only != nil && !slices.Contains(r.only, ours) {
					t.Errorf("%s imports %s: %s", r.room, i, r.why)
				}
			}
		}
		if !found {
			t.Errorf("there is a rule for the room %s, and no such room", r.room)
		}
	}
	for _, p := range list {
		if room, ok := strings.CutPrefix(p.ImportPath, "portico/internal/"); ok && !known[room] {
			t.Errorf("the room %s has no rule; say in docs/architecture.md what it knows and must not know", room)
		}
	}
}

func TestWhoMayImportWhat(t *testing.T) {
	for _, p := range packages(t) {
		for _, i := range p.Imports {
			rooms, limited := only[i]
			room := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, "portico/"), "internal/")
			if limited && !slices.Contains(rooms, room) {
				t.Errorf("%s imports %s, which only %v may", room, i, rooms)
			}
		}
	}
}

// The collector runs where anybody may knock, and the program that compiles
// deals runs where their texts are: neither links what the other is for.
func TestTwoProgramsApart(t *testing.T) {
	reaches := func(program string) string {
		cmd := exec.Command(need.Program(t, "go"), "list", "-deps", "./cmd/"+program)
		cmd.Dir = need.Root(t)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return "\n" + string(out)
	}
	for program, never := range map[string][]string{
		"portico":        {"\ndatabase/sql\n", "modernc.org/", "portico/internal/beacon/collect", "portico/internal/beacon/sqlite", "portico/internal/beacon/postgres", "portico/internal/beacon/deliver"},
		"portico-beacon": {"portico/internal/build", "portico/internal/parse", "portico/internal/render", "portico/internal/deal", "html/template", "github.com/evanw/esbuild"},
	} {
		deps := reaches(program)
		if !strings.Contains(deps, "portico/cmd/"+program) {
			t.Errorf("%s is not among what it is made of", program)
		}
		for _, n := range never {
			if strings.Contains(deps, n) {
				t.Errorf("%s links %s", program, n)
			}
		}
	}
}
