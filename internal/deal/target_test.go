package deal

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func inFolder(dir string) Scope { return Scope{Root: InDeal, Dir: dir, Library: true} }

func TestParseTarget(t *testing.T) {
	address := func(url string) Target { return Target{Kind: ToAddress, URL: url} }
	file := func(p string) Target { return Target{Kind: ToFile, File: File{Path: p}} }
	page := func(name string) Target { return Target{Kind: ToPage, Name: name} }
	with := func(t Target, fragment string) Target { t.Fragment = fragment; return t }
	tests := []struct {
		dir, text string
		want      Target
	}{
		{".", "https://example.com/a?b=c#d", address("https://example.com/a?b=c#d")},
		{".", "http://example.com", address("http://example.com")},
		{".", "HTTPS://example.com/A", address("HTTPS://example.com/A")},
		{".", "https://example.com/javascript:x", address("https://example.com/javascript:x")},
		{".", "https://münchen.example/ä", address("https://münchen.example/ä")},
		{".", "mailto:ana@fernvale.example?subject=Plan", address("mailto:ana@fernvale.example?subject=Plan")},
		{".", "tel:+49-30-1234", address("tel:+49-30-1234")},

		{".", "#pilot", with(Target{Kind: ToAnchor}, "pilot")},
		{".", "#", Target{Kind: ToAnchor}},
		{"pages", "#%C3%BCber-uns", with(Target{Kind: ToAnchor}, "über-uns")},
		{".", "#100%", with(Target{Kind: ToAnchor}, "100%")},
		{".", "#javascript:alert(1)", with(Target{Kind: ToAnchor}, "javascript:alert(1)")},

		{".", "index.md", Target{Kind: ToPlan}},
		{".", "deal.toml", Target{Kind: ToPlan}},
		{".", "./index.md#risks", with(Target{Kind: ToPlan}, "risks")},
		{"pages", "../index.md", Target{Kind: ToPlan}},
		{"pages", "../deal.toml", Target{Kind: ToPlan}},
		{"notes", "deal.toml", Target{Kind: ToPlan}},
		{"milestones", "../index.md#plan", with(Target{Kind: ToPlan}, "plan")},

		{".", "pages/security.md", page("security")},
		{".", "pages/security.md#soc-2", with(page("security"), "soc-2")},
		{".", "./pages/../pages/security.md", page("security")},
		{".", "pages/data%20protection.md", page("data protection")},
		{".", "pages/%C3%BCber-uns.md", page("über-uns")},
		{"pages", "security.md", page("security")},
		{"pages", "./security.md", page("security")},
		{"pages", "../pages/security.md", page("security")},
		{"pages", "pages/security.md", page("security")},
		{"pages", "index.md", page("index")},
		{"notes", "../pages/security.md", page("security")},
		{"notes", "pages/security.md", page("security")},
		{"milestones", "../pages/security.md#a", with(page("security"), "a")},

		{".", "milestones/pilot.md", Target{Kind: ToMilestone, Name: "pilot"}},
		{"milestones", "agreement.md", Target{Kind: ToMilestone, Name: "agreement"}},
		{"notes", "../milestones/pilot.md", Target{Kind: ToMilestone, Name: "pilot"}},
		{"pages", "milestones/pilot.md", Target{Kind: ToMilestone, Name: "pilot"}},
		{".", "notes/2026-11-14.md", Target{Kind: ToNote, Name: "2026-11-14"}},
		{"notes", "2026-11-14.md", Target{Kind: ToNote, Name: "2026-11-14"}},
		{"pages", "../notes/2026-11-14.md#next", Target{Kind: ToNote, Name: "2026-11-14", Fragment: "next"}},

		{".", "collateral/deck.pdf", file("collateral/deck.pdf")},
		{".", "collateral/deck.pdf#page=3", with(file("collateral/deck.pdf"), "page=3")},
		{".", "collateral/Angebot%20neu.pdf", file("collateral/Angebot neu.pdf")},
		{".", "collateral/Angebot neu.pdf", file("collateral/Angebot neu.pdf")},
		{".", "collateral/Gr%C3%B6%C3%9Fe.pdf", file("collateral/Größe.pdf")},
		{".", "collateral/100%.pdf", file("collateral/100%.pdf")},
		{".", "collateral/a%23b.pdf", file("collateral/a#b.pdf")},
		{".", "collateral/notes.md", file("collateral/notes.md")},
		{".", "photo.jpg", file("photo.jpg")},
		{"pages", "collateral/deck.pdf", file("collateral/deck.pdf")},
		{"pages", "../collateral/deck.pdf", file("collateral/deck.pdf")},
		{"notes", "collateral/a/../deck.pdf", file("collateral/deck.pdf")},
		{"collateral", "deck.pdf", file("collateral/deck.pdf")},
		{"collateral/sub", "../deck.pdf", file("collateral/deck.pdf")},
		{"pages", "library:security/soc2.pdf", Target{Kind: ToFile, File: File{Root: InLibrary, Path: "security/soc2.pdf"}}},
		{".", "library:SOC%202.pdf#page=2", Target{Kind: ToFile, File: File{Root: InLibrary, Path: "SOC 2.pdf"}, Fragment: "page=2"}},
		{".", "library%3Asoc2.pdf", Target{Kind: ToFile, File: File{Root: InLibrary, Path: "soc2.pdf"}}},
	}
	for _, tt := range tests {
		t.Run(tt.dir+" "+tt.text, func(t *testing.T) {
			got, err := ParseTarget(tt.text, inFolder(tt.dir))
			if err != nil {
				t.Fatalf("refused as %s: %s", err.Code, err.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Texts outside of a deal can link to no page of one.
func TestParseTargetOutsideOfADeal(t *testing.T) {
	tests := []struct {
		scope Scope
		text  string
		want  File
	}{
		{inLibrary, "soc2.pdf", File{Root: InLibrary, Path: "soc2.pdf"}},
		{inLibrary, "pages/security.md", File{Root: InLibrary, Path: "pages/security.md"}},
		{inLibrary, "index.md", File{Root: InLibrary, Path: "index.md"}},
		{Scope{Root: InLibrary, Dir: "security", Library: true}, "../soc2.pdf", File{Root: InLibrary, Path: "soc2.pdf"}},
		{inSite, "assets/imprint.pdf", File{Root: InAssets, Path: "imprint.pdf"}},
	}
	for _, tt := range tests {
		got, err := ParseTarget(tt.text, tt.scope)
		if err != nil || got.Kind != ToFile || got.File != tt.want {
			t.Errorf("%q is %+v, error %v", tt.text, got, err)
		}
	}
	for _, text := range []string{"index.md", "pages/security.md", "../content/fern/deal.toml"} {
		if got, err := ParseTarget(text, inSite); err == nil {
			t.Errorf("%q is %+v in portico.toml", text, got)
		}
	}
}

func TestParseTargetRefuses(t *testing.T) {
	tests := []struct {
		name, code string
		texts      []string
	}{
		{"scripts", "unsafe-address", []string{
			"javascript:alert(1)", "JavaScript:alert(1)", "jAvAsCrIpT:alert(1)", " javascript:alert(1)", "\x01javascript:alert(1)",
			"java\tscript:alert(1)", "java\nscript:alert(1)", "java\r\nscript:alert(1)", "javascript\t:alert(1)", "j\x00avascript:alert(1)",
			"javascript://example.com/%0aalert(1)", "javascript:", "vbscript:msgbox(1)", "VBSCRIPT:x", "livescript:x", "mocha:x",
		}},
		{"data", "unsafe-address", []string{
			"data:text/html,<script>alert(1)</script>", "data:text/html;base64,PHNjcmlwdD4=", "DATA:image/svg+xml,<svg/>", "da\tta:text/html,x", "data:image/png;base64,AAAA",
		}},
		{"other schemes", "unsafe-address", []string{
			"file:///etc/passwd", "ftp://example.com", "blob:https://example.com/x", "about:blank", "view-source:https://example.com", "ms-word:ofe|u|x",
			"chrome://settings", "filesystem:x", "intent://x", "x:y", "C:/deck.pdf", "\u00a0javascript:alert(1)", "\ufeffjavascript:alert(1)",
		}},
		{"a host without a scheme", "unsafe-address", []string{"//evil.example", "//evil.example/x", `\\evil.example`, `/\evil.example`, "///evil.example"}},
		{"blanks and control characters in addresses", "unsafe-address", []string{"https://example.com/a b", "https://exa\tmple.com", "https://example.com/\n", "mailto:a b@example.com", "tel:1 2", "ht\ttps://example.com"}},
		{"addresses that name no host or a user", "bad-address", []string{"https://", "https:///x", "http:", "https:example.com", "https://ana@evil.example", "https://ana:pw@example.com/", `https://example.com\@evil.example`, `https://example.com\.evil.example`, "https://[::1", "https://%zz/"}},
		{"absolute paths", "path-escape", []string{"/etc/passwd", "/pages/security.md", "/index.md", "/deal.toml", "%2findex.md", "%2Fetc/passwd", "%2f%2fevil.example"}},
		{"escapes", "path-escape", []string{
			"../other/deck.pdf", "../../etc/passwd", "collateral/../../other/deck.pdf", "%2e%2e/other/deck.pdf", "%2E%2E%2Fother", "..%2fother", "../pages/security.md",
			"%252e%252e/other", `..\other\deck.pdf`, "%5c%5cevil.example", "..%5cother", `\/evil.example`, "\t//evil.example", " //evil.example",
			"javascript%3aalert(1)", "javascript%3Aalert(1)", "%6aavascript%3aalert(1)", "deck.pdf%00.png", "collateral/a%0a.pdf", "deck.pdf?x=1",
			"library:../fern/deal.toml", "library:%2e%2e/fern/deal.toml", "library:/etc/passwd", "LIBRARY:soc2.pdf", "lib\trary:soc2.pdf", "library:library:soc2.pdf", "library:%00",
			"pages/...md", "notes/.md", "milestones/..md",
		}},
		{"what a deal is written in", "not-collateral", []string{"Index.md", "DEAL.TOML", "pages/photo.jpg", "Pages/security.md", "pages/security.MD", "notes/", "notes/a/b.md", "milestones/a.png", "library:library.toml"}},
		{"nothing", "bad-path", []string{"", "library:", ".", "collateral/.."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, text := range tt.texts {
				got, err := ParseTarget(text, inFolder("."))
				switch {
				case err == nil:
					t.Errorf("%q is let through as %+v", text, got)
				case err.Code != tt.code:
					t.Errorf("%q is refused as %s (%s), want %s", text, err.Code, err.Text, tt.code)
				case err.Text == "" || err.Hint == "":
					t.Errorf("%q: the error says %q and hints %q", text, err.Text, err.Hint)
				}
			}
		})
	}
}

// In a page, dots lead up from its own folder and no further than the deal's.
func TestParseTargetRefusesEscapesOfAPage(t *testing.T) {
	for _, dir := range []string{"pages", "notes", "milestones"} {
		for _, text := range []string{"../..", "../../other/deck.pdf", "../../other/pages/security.md", "../../../etc/passwd", "a/../../../x", "../../index.md", "collateral/../../x"} {
			if got, err := ParseTarget(text, inFolder(dir)); err == nil || err.Code != "path-escape" {
				t.Errorf("%q in %s is %+v, error %v", text, dir, got, err)
			}
		}
	}
}

func TestSafeAddress(t *testing.T) {
	for _, s := range []string{"https://example.com", "http://example.com", "HTTPS://EXAMPLE.com", "mailto:a@b.example", "tel:+4930"} {
		if !SafeAddress(s) {
			t.Errorf("%q is safe", s)
		}
	}
	for _, s := range []string{
		"", "example.com", "//example.com", "/x", "#x", "javascript:alert(1)", "JAVASCRIPT:x", "java\tscript:x", " javascript:x", "data:text/html,x",
		"vbscript:x", "file:///x", "https://a b", "https://a\n", "\thttps://a", "library:soc2.pdf", ":x", "mail\nto:a",
	} {
		if SafeAddress(s) {
			t.Errorf("%q is not safe", s)
		}
	}
}

func TestWebAddress(t *testing.T) {
	for _, s := range []string{"https://example.com", "http://example.com:8080/a?b#c", "HTTPS://Example.com", "https://[::1]/", "https://example.com/a%20b"} {
		if err := WebAddress(s); err != nil {
			t.Errorf("%q: %s", s, err.Text)
		}
	}
	for _, s := range []string{"", "example.com", "www.example.com/x", "//example.com", "ftp://example.com", "javascript:x", "https://", "https:///x", "https://a b.example", "https://u@example.com", "https://example.com/\x7f", "mailto:a@b.example", "://x", `https://a\b.example`} {
		if err := WebAddress(s); err == nil || err.Code != "bad-address" || err.Hint == "" {
			t.Errorf("%q: %+v", s, err)
		}
	}
}

// FuzzParseTarget reads any destination: what is let through goes to one of
// four schemes, to a part of the deal, or to a file below its root.
func FuzzParseTarget(f *testing.F) {
	for _, s := range []string{"https://example.com", "javascript:alert(1)", "JAVA\tSCRIPT:x", "//evil", "pages/a.md#x", "../index.md", "%2e%2e/x", "library:a.pdf", "mailto:x", "#a%20b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, scope := range []Scope{inFolder("."), inFolder("pages"), inLibrary, inSite} {
			target, err := ParseTarget(text, scope)
			if err != nil {
				continue
			}
			switch target.Kind {
			case ToAddress:
				if !SafeAddress(target.URL) || target.URL != text {
					t.Errorf("%q leads to the address %q", text, target.URL)
				}
			case ToFile:
				if p := target.File.Path; p == "" || strings.HasPrefix(p, "/") || strings.HasPrefix(p, "..") || strings.ContainsAny(p, "\\:\x00") {
					t.Errorf("%q leads to the file %q", text, p)
				}
			case ToPage, ToMilestone, ToNote:
				if strings.Contains(target.Name, "/") || target.Name == "" || target.Name[0] == '.' {
					t.Errorf("%q leads to the name %q", text, target.Name)
				}
			case ToAnchor, ToPlan:
			default:
				t.Errorf("%q leads to a %d", text, target.Kind)
			}
		}
	})
}
