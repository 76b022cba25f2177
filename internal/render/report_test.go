package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/bundle"
	"portico/internal/deal"
	"portico/internal/message"
	"portico/internal/need"
	"portico/internal/report"
	"portico/internal/seal"
)

// reported is a report with something of everything, in which texts are hostile.
func reported() report.Report {
	now := time.Date(2026, 11, 27, 16, 0, 0, 0, time.UTC)
	plan := report.Plan{
		ID: "northwind", Title: `Paid </style><script>alert(1)</script>`, Buyer: `North & "Wind"`, Key: seal.DealID{1}, Zone: time.UTC,
		People: []report.Person{{Key: seal.ViewerID{1}, ID: "ana", Name: "Ana <b>Ruiz</b>", Title: "Owner", Way: true}, {Key: seal.ViewerID{2}, ID: "bo", Name: "Bo Lind", Way: true}},
		Parts:  map[beacon.Target]report.Part{{1}: {Kind: "milestone", ID: "pilot", Title: "Pilot"}, {2}: {Kind: "video", ID: "tour", Title: "Tour"}},
	}
	quiet := report.Plan{ID: "quiet", Buyer: "Quiet", Key: seal.DealID{2}, Zone: time.UTC, Silent: "switched off in [beacon]"}
	in := report.Input{Plans: []report.Plan{plan, quiet}, Now: now, Zone: time.UTC, Since: report.Seen{Made: now.Add(-72 * time.Hour), Known: now.Add(-72 * time.Hour).UnixMilli()}}
	for day := range 3 {
		for seq, kind := range []beacon.Kind{beacon.Open, beacon.Milestone, beacon.Video, beacon.Link} {
			at := now.Add(-time.Duration(day*30) * time.Hour).UnixMilli()
			e := beacon.Event{Session: beacon.Session{15: byte(day)}, Seq: uint32(seq), Deal: plan.Key, Viewer: seal.ViewerID{1}, Kind: kind, Ms: uint32(60_000 * (day + seq)), Progress: 400, At: at, Received: at}
			if kind.Aims() {
				e.Target = beacon.Target{byte(seq)}
			}
			e.Automated = day == 2
			in.Events = append(in.Events, e)
		}
	}
	return report.Make(in)
}

func reportPage(t *testing.T) []byte {
	t.Helper()
	root := need.Root(t)
	layouts, err := bundle.Layouts(os.DirFS(filepath.Join(root, "layouts")))
	if err != nil {
		t.Fatal(err)
	}
	where := func(name string) string { return name }
	assets := os.DirFS(filepath.Join(root, "assets"))
	own, messages, err := bundle.ForReport(assets, where)
	if err != nil || len(messages) > 0 {
		t.Fatal(messages, err)
	}
	theme, messages, err := bundle.Build(assets, where, "")
	if err != nil || len(messages) > 0 {
		t.Fatal(messages, err)
	}
	files := ReportFiles{Style: "_/" + own[0].Name}
	for _, f := range append(own, theme.Files...) {
		files.Shared = append(files.Shared, PackedFile{Name: "_/" + f.Name, Type: "text/css", Data: f.Data})
	}
	r, err := New(&Look{Layouts: layouts, Style: "_/" + theme.Style}, &message.Catalog{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := r.Report(&deal.Site{Timezone: time.UTC, Seller: deal.Seller{Name: "Lumen"}}, reported(), files)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// The page needs nothing besides itself, runs nothing, and names by their hashes
// the styles that it has.
func TestReportIsOneFile(t *testing.T) {
	page := reportPage(t)
	for _, bad := range []string{"<script", "<link", "<b>Ruiz", `style="`, "onload", "'unsafe-inline'", "url(./"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("it holds %q", bad)
		}
	}
	for _, good := range []string{"North &amp; ", "New since 24 Nov 2026, 16:00", "Ana &lt;b&gt;Ruiz&lt;/b&gt;’s link", "Never came:", "40%", "switched off in [beacon]", "1 visit by programs"} {
		if !bytes.Contains(page, []byte(good)) {
			t.Errorf("it holds no %q", good)
		}
	}
	policy := string(regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindSubmatch(page)[1])
	styles := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllSubmatch(page, -1)
	if len(styles) != 2 || !strings.HasPrefix(policy, "default-src &#39;none&#39;; style-src ") && !strings.HasPrefix(policy, "default-src 'none'; style-src ") {
		t.Fatalf("%d styles under %s", len(styles), policy)
	}
	for _, s := range styles {
		sum := sha256.Sum256(s[1])
		if !strings.Contains(policy, "sha256-"+base64.StdEncoding.EncodeToString(sum[:])) {
			t.Error("a style is not named by the policy")
		}
	}
}

func TestReportIsValid(t *testing.T) {
	t.Parallel()
	jar, java := need.Tool(t, "vnu-jar/build/dist/vnu.jar"), need.Program(t, "java")
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, reportPage(t), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(java, "-Xss8m", "-jar", jar, "--errors-only", "--filterpattern", "CSS: .*", file).CombinedOutput()
	if err != nil {
		t.Errorf("the checker found:\n%s", out)
	}
}
