package deal

import (
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The scopes that paths are read in.
var (
	inDealTOML = Scope{Root: InDeal, Dir: ".", Library: true}
	inPage     = Scope{Root: InDeal, Dir: "pages", Library: true}
	inLibrary  = Scope{Root: InLibrary, Dir: ".", Library: true}
	inSite     = Scope{Root: InAssets, Dir: ".", Library: true, Assets: true}
)

// anywhere are spellings that no file may have, whatever stands before them.
var anywhere = []struct{ name, text string }{
	{"backslash", `a\b.pdf`},
	{"backslash and dots", `..\b.pdf`},
	{"backslash at the end", `b.pdf\`},
	{"drive", `C:b.pdf`},
	{"drive and slash", `C:/b.pdf`},
	{"stream of Windows", `b.pdf::$DATA`},
	{"scheme", `file:b.pdf`},
	{"scheme of another case", `LIBRARY:b.pdf`},
	{"library twice", `library:b.pdf`},
	{"escaped dots", `%2e%2e/b.pdf`},
	{"escaped dots in capitals", `%2E%2E/b.pdf`},
	{"escaped slash", `a%2fb.pdf`},
	{"escaped backslash", `a%5Cb.pdf`},
	{"escaped NUL", `b.pdf%00.png`},
	{"escaped letter", `%62.pdf`},
	{"escaped percent", `%252e%252e/b.pdf`},
	{"NUL", "b\x00.pdf"},
	{"line feed", "b\n.pdf"},
	{"tab", "b\t.pdf"},
	{"delete", "b\x7f.pdf"},
	{"next line", "b\u0085.pdf"},
	{"question mark", "b?.pdf"},
	{"asterisk", "b*.pdf"},
	{"angle brackets", "<b>.pdf"},
	{"bar", "a|b.pdf"},
	{"double quote", `b".pdf`},
	{"bytes that are no text", "b\xff.pdf"},
	{"an overlong slash", "..\xc0\xafb.pdf"},
	{"replacement character", "b\uFFFD.pdf"},
	{"right-to-left override", "b\u202efdp.exe"},
	{"isolate", "b\u2066.pdf"},
	{"zero-width space", "b\u200b.pdf"},
	{"zero-width joiner", "no\u200dtes.pdf"},
	{"byte-order mark", "\ufeffb.pdf"},
	{"soft hyphen", "b\u00ad.pdf"},
	{"tag letter", "b\U000e0061.pdf"},
	{"no-break space", "b\u00a0c.pdf"},
	{"ideographic space", "b\u3000c.pdf"},
	{"line separator", "b\u2028c.pdf"},
	{"paragraph separator", "b\u2029c.pdf"},
	{"fullwidth slash", "a／b.pdf"},
	{"fullwidth backslash", "a＼b.pdf"},
	{"small backslash", "a﹨b.pdf"},
	{"division slash", "a∕b.pdf"},
	{"fraction slash", "a⁄b.pdf"},
	{"big slash", "a⧸b.pdf"},
	{"account of", "a℀b.pdf"},
	{"fullwidth dots", "．．/b.pdf"},
	{"two-dot leader", "‥/b.pdf"},
	{"one-dot leaders", "․․/b.pdf"},
	{"ellipsis", "b….pdf"},
	{"fullwidth colon", "C：b.pdf"},
	{"fullwidth percent", "％2e％2e/b.pdf"},
	{"hidden file", ".htaccess"},
	{"hidden folder", ".git/config"},
	{"three dots", ".../b.pdf"},
	{"dots and a blank", ".. /b.pdf"},
	{"dot at the end", "deal.toml."},
	{"dot at the end of a folder", "a./b.pdf"},
	{"blank at the end", "b.pdf "},
	{"blank at the end of a folder", "a /b.pdf"},
	{"blank at the beginning of a name", "a/ b.pdf"},
	{"a name of 256 bytes", strings.Repeat("n", 252) + ".pdf"},
	{"device", "CON"},
	{"device in small letters", "nul"},
	{"device with an ending", "aux.pdf"},
	{"device with two endings", "Prn.tar.gz"},
	{"device as a folder", "con/b.pdf"},
	{"device with a blank", "nul .pdf"},
	{"console input", "conin$"},
	{"serial port", "COM1.pdf"},
	{"serial port 0", "com0"},
	{"printer port", "lpt9.txt"},
	{"serial port with a raised digit", "com¹.pdf"},
}

func TestParsePathRefusesSpellings(t *testing.T) {
	if len(anywhere) < 45 {
		t.Fatalf("only %d spellings are tried", len(anywhere))
	}
	scopes := []struct {
		name   string
		scope  Scope
		prefix string
	}{
		{"deal.toml", inDealTOML, ""},
		{"deal.toml, below collateral", inDealTOML, "collateral/"},
		{"a page, below collateral", inPage, "../collateral/"},
		{"the library, from a deal", inDealTOML, "library:"},
		{"the library, from a page", inPage, "library:sub/"},
		{"the library's own texts", inLibrary, ""},
		{"portico.toml", inSite, "assets/"},
		{"the library, from portico.toml", inSite, "library:"},
	}
	for _, s := range scopes {
		t.Run(s.name, func(t *testing.T) {
			for _, tt := range anywhere {
				if s.prefix == "" && tt.name == "library twice" {
					continue // there it is the library, once
				}
				f, err := ParsePath(s.prefix+tt.text, s.scope)
				switch {
				case err == nil:
					t.Errorf("%s: %q is let through as %q", tt.name, s.prefix+tt.text, f)
				case err.Code != "path-escape":
					t.Errorf("%s: %q is refused as %s", tt.name, s.prefix+tt.text, err.Code)
				case err.Text == "" || err.Hint == "" || err.Error() != err.Text:
					t.Errorf("%s: the error says %q and hints %q", tt.name, err.Text, err.Hint)
				case f.IsSet():
					t.Errorf("%s: %q is refused and names %q", tt.name, s.prefix+tt.text, f)
				}
			}
		})
	}
}

func TestParsePathRefusesWhatLeadsOut(t *testing.T) {
	tests := []struct {
		name  string
		scope Scope
		code  string
		texts []string
	}{
		{"absolute", inDealTOML, "path-escape", []string{"/etc/passwd", "/", "//host/share", "///x", "/./x", "library:/etc/passwd", "library://x"}},
		{"absolute, in a page", inPage, "path-escape", []string{"/etc/passwd", "/collateral/a.pdf"}},
		{"absolute, in portico.toml", inSite, "path-escape", []string{"/assets/logo.svg", "/etc/passwd"}},
		{"home", inDealTOML, "path-escape", []string{"~", "~/.ssh/id", "~root/x", "./~/x", "a/../~/x", "library:~/x", "library:a/../~/x"}},
		{"home, in a page", inPage, "path-escape", []string{"~/x", "../~/x"}},
		{"up", inDealTOML, "path-escape", []string{"..", "../", "../other/deck.pdf", "a/../../b", "a/b/../../..", "./../x", "collateral/../../x", "a//../../x", "../fern/collateral/a.pdf"}},
		{"up, in a page", inPage, "path-escape", []string{"../..", "../../other/deck.pdf", "../../fern/collateral/a.pdf", "../collateral/../../x"}},
		{"up, in the library", inDealTOML, "path-escape", []string{"library:..", "library:../fern/deal.toml", "library:a/../../x"}},
		{"up, in the library's own texts", inLibrary, "path-escape", []string{"..", "../fern/deal.toml", "library:../x"}},
		{"up, in portico.toml", inSite, "path-escape", []string{"assets/..", "assets/../portico.toml", "assets/../../x", "..", "assets/../assets/../x"}},
		{"beside assets/", inSite, "path-escape", []string{"logo.svg", "content/fern/deal.toml", "portico.toml", "assets", "Assets/logo.svg", "assetslogo.svg", "themes/plan/theme.toml"}},
		{"no library there", Scope{Root: InDeal, Dir: "."}, "path-escape", []string{"library:soc2.pdf", "library:"}},
		{"nothing", inDealTOML, "bad-path", []string{"", "library:"}},
		{"the folder itself", inDealTOML, "bad-path", []string{".", "./", "./.", "collateral/..", "library:.", "library:a/.."}},
		{"the folder itself, in a page", inPage, "bad-path", []string{"..", "../", "../collateral/.."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, text := range tt.texts {
				f, err := ParsePath(text, tt.scope)
				switch {
				case err == nil:
					t.Errorf("%q is let through as %q", text, f)
				case err.Code != tt.code:
					t.Errorf("%q is refused as %s (%s), want %s", text, err.Code, err.Text, tt.code)
				case err.Hint == "" || f.IsSet():
					t.Errorf("%q names %q, hint %q", text, f, err.Hint)
				}
			}
		})
	}
}

// What a deal is written in holds what no buyer may see, however a disk may
// spell it.
func TestParsePathRefusesSources(t *testing.T) {
	deal := []string{
		"deal.toml", "./deal.toml", "collateral/../deal.toml", "deal.toml/", "DEAL.TOML", "Deal.Toml", "deal.tomL",
		"index.md", "Index.MD", "INDEX.md",
		"notes", "notes/", "notes/2026-11-14.md", "NOTES/2026-11-14.md", "Notes/x/y.png", "notes/../notes/x",
		"milestones/pilot.md", "Milestones/pilot.md", "pages/security.md", "PAGES/security.pdf", "pages",
		"mileſtones/pilot.md", "noteſ/x.md", "pageſ", // a long s is an s where case is folded
		"ｄeal.toml", "ⅾeal.toml", "deal.ｔoml", "ｎｏｔｅｓ/x.md", "mile\uFB05ones/x.md", "𝐝eal.toml",
		"deal\u034f.toml", "deal.toml\ufe0f", "no\u115ftes/x.md", "ind\u3164ex.md", "pages\u180b/x.md", // invisible, and left out by some disks
	}
	for _, text := range deal {
		if f, err := ParsePath(text, inDealTOML); err == nil || err.Code != "not-collateral" {
			t.Errorf("%q is %q, error %v", text, f, err)
		}
		if f, err := ParsePath("../"+text, inPage); err == nil || err.Code != "not-collateral" {
			t.Errorf("%q in a page is %q, error %v", "../"+text, f, err)
		}
	}
	for _, text := range []string{"photo.jpg", "2026/photo.jpg", "../notes/photo.jpg", "../deal.toml"} {
		if f, err := ParsePath(text, inPage); err == nil || err.Code != "not-collateral" {
			t.Errorf("%q in a page is %q, error %v", text, f, err)
		}
	}
	for _, text := range []string{"library:library.toml", "library:./Library.TOML", "library:a/../library.toml", "library:ｌibrary.toml", "library:library\u034f.toml"} {
		if f, err := ParsePath(text, inDealTOML); err == nil || err.Code != "not-collateral" {
			t.Errorf("%q is %q, error %v", text, f, err)
		}
	}
}

func TestParsePathAccepts(t *testing.T) {
	of := func(root Root, p string) File { return File{Root: root, Path: p} }
	tests := []struct {
		text  string
		scope Scope
		want  File
	}{
		{"collateral/deck.pdf", inDealTOML, of(InDeal, "collateral/deck.pdf")},
		{"./collateral//deck.pdf", inDealTOML, of(InDeal, "collateral/deck.pdf")},
		{"collateral/a/../deck.pdf", inDealTOML, of(InDeal, "collateral/deck.pdf")},
		{"logo.svg", inDealTOML, of(InDeal, "logo.svg")},
		{"collateral/Angebot für Größe.pdf", inDealTOML, of(InDeal, "collateral/Angebot für Größe.pdf")},
		{"collateral/Gro\u0308\u00dfe.pdf", inDealTOML, of(InDeal, "collateral/Gro\u0308\u00dfe.pdf")},
		{"collateral/Plan (2) - final_v3, neu.pdf", inDealTOML, of(InDeal, "collateral/Plan (2) - final_v3, neu.pdf")},
		{"collateral/提案書.pdf", inDealTOML, of(InDeal, "collateral/提案書.pdf")},
		{"collateral/rocket 🚀.png", inDealTOML, of(InDeal, "collateral/rocket 🚀.png")},
		{"collateral/100%.pdf", inDealTOML, of(InDeal, "collateral/100%.pdf")},
		{"collateral/50% off.pdf", inDealTOML, of(InDeal, "collateral/50% off.pdf")},
		{"collateral/5%x.pdf", inDealTOML, of(InDeal, "collateral/5%x.pdf")},
		{"collateral/R&D's #1 + €.pdf", inDealTOML, of(InDeal, "collateral/R&D's #1 + €.pdf")},
		{"collateral/½ price.pdf", inDealTOML, of(InDeal, "collateral/½ price.pdf")},
		{"collateral/a..b.pdf", inDealTOML, of(InDeal, "collateral/a..b.pdf")},
		{"collateral/console.pdf", inDealTOML, of(InDeal, "collateral/console.pdf")},
		{"collateral/COM2027.pdf", inDealTOML, of(InDeal, "collateral/COM2027.pdf")},
		{"collateral/com.pdf", inDealTOML, of(InDeal, "collateral/com.pdf")},
		{"collateral/null.csv", inDealTOML, of(InDeal, "collateral/null.csv")},
		{"collateral/a~b.pdf", inDealTOML, of(InDeal, "collateral/a~b.pdf")},
		{"collateral/deal.toml", inDealTOML, of(InDeal, "collateral/deal.toml")},
		{"collateral/notes/deck.pdf", inDealTOML, of(InDeal, "collateral/notes/deck.pdf")},
		{"notes.pdf", inDealTOML, of(InDeal, "notes.pdf")},
		{"notes-2026/a.pdf", inDealTOML, of(InDeal, "notes-2026/a.pdf")},
		{"assets/logo.svg", inDealTOML, of(InDeal, "assets/logo.svg")},
		{strings.Repeat("n", 251) + ".pdf", inDealTOML, of(InDeal, strings.Repeat("n", 251)+".pdf")},
		{"library:soc2.pdf", inDealTOML, of(InLibrary, "soc2.pdf")},
		{"library:security/SOC 2 – 2026.pdf", inDealTOML, of(InLibrary, "security/SOC 2 – 2026.pdf")},
		{"library:./a/../soc2.pdf", inDealTOML, of(InLibrary, "soc2.pdf")},
		{"library:deal.toml", inDealTOML, of(InLibrary, "deal.toml")},
		{"library:sub/library.toml", inDealTOML, of(InLibrary, "sub/library.toml")},
		{"../collateral/deck.pdf", inPage, of(InDeal, "collateral/deck.pdf")},
		{"../logo.svg", inPage, of(InDeal, "logo.svg")},
		{"library:soc2.pdf", inPage, of(InLibrary, "soc2.pdf")},
		{"soc2.pdf", inLibrary, of(InLibrary, "soc2.pdf")},
		{"library:soc2.pdf", inLibrary, of(InLibrary, "soc2.pdf")},
		{"assets/logo.svg", inSite, of(InAssets, "logo.svg")},
		{"./assets/logos/./logo.svg", inSite, of(InAssets, "logos/logo.svg")},
		{"assets/deal.toml", inSite, of(InAssets, "deal.toml")},
		{"library:soc2.pdf", inSite, of(InLibrary, "soc2.pdf")},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := ParsePath(tt.text, tt.scope)
			if err != nil {
				t.Fatalf("refused as %s: %s", err.Code, err.Text)
			}
			if got != tt.want {
				t.Errorf("it is %q, want %q", got, tt.want)
			}
		})
	}
}

// The hint of a backslash is the path that was meant.
func TestParsePathHintsAtSlashes(t *testing.T) {
	_, err := ParsePath(`library:security\soc2.pdf`, inDealTOML)
	if err == nil || err.Hint != `write "library:security/soc2.pdf"` {
		t.Errorf("the error is %+v", err)
	}
}

// FuzzParsePath reads any path in every scope: what is let through lies below
// its root, is clean, and means the same file when it is written again.
func FuzzParsePath(f *testing.F) {
	for _, tt := range anywhere {
		f.Add(tt.text)
	}
	for _, s := range []string{"collateral/deck.pdf", "library:soc2.pdf", "assets/logo.svg", "../x", "./~/x", "deal.toml", "a//b/./c", "Größe.pdf", "100%.pdf"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, scope := range []Scope{inDealTOML, inPage, inLibrary, inSite, {Root: InDeal, Dir: "notes"}} {
			file, err := ParsePath(text, scope)
			if err != nil {
				if file.IsSet() && err.Code != "not-collateral" {
					t.Errorf("%q is refused and names %q", text, file)
				}
				continue
			}
			p := file.Path
			switch {
			case p == "" || p != path.Clean(p) || path.IsAbs(p) || p == "." || p == ".." || strings.HasPrefix(p, "../"):
				t.Errorf("%q is let through as %q", text, p)
			case strings.ContainsAny(p, "\\:\x00"):
				t.Errorf("%q is let through as %q", text, p)
			case file.Root == InDeal && (strings.EqualFold(p, "deal.toml") || strings.EqualFold(p, "index.md")):
				t.Errorf("%q is let through as %q", text, p)
			}
			again := inDealTOML
			if file.Root == InAssets {
				again = inSite
			}
			if same, err := ParsePath(file.String(), again); err != nil || same != file {
				t.Errorf("%q is %q, and that is %q, error %v", text, file, same, err)
			}
		}
	})
}

func TestFind(t *testing.T) {
	const composed, apart = "collateral/Gr\u00f6\u00dfe.pdf", "collateral/Gro\u0308\u00dfe.pdf"
	files := Files{"collateral": Folder, "collateral/deck.pdf": Regular, "collateral/link.pdf": Outside}
	with := func(names ...string) Files {
		m := Files{}
		for name, kind := range files {
			m[name] = kind
		}
		for _, name := range names {
			m[name] = Regular
		}
		return m
	}
	tests := []struct {
		name   string
		files  Files
		path   string
		onDisk string
		kind   FileKind
		ok     bool
	}{
		{"as it is written", files, "collateral/deck.pdf", "collateral/deck.pdf", Regular, true},
		{"a folder", files, "collateral", "collateral", Folder, true},
		{"a link that leads out", files, "collateral/link.pdf", "collateral/link.pdf", Outside, true},
		{"another case is another file", files, "collateral/Deck.pdf", "", 0, false},
		{"missing", files, "collateral/none.pdf", "", 0, false},
		{"missing, with an umlaut", files, "collateral/ö.pdf", "", 0, false},
		{"composed on the disk, written apart", with(composed), apart, composed, Regular, true},
		{"apart on the disk, written composed", with(apart), composed, apart, Regular, true},
		{"both on the disk, written composed", with(composed, apart), composed, composed, Regular, true},
		{"both on the disk, written apart", with(composed, apart), apart, apart, Regular, true},
		{"an umlaut is no plain letter", with(composed), "collateral/Grosse.pdf", "", 0, false},
		{"no files", nil, "ö", "", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onDisk, kind, ok := tt.files.Find(tt.path)
			if onDisk != tt.onDisk || kind != tt.kind || ok != tt.ok {
				t.Errorf("it found %q, kind %d, %v; want %q, kind %d, %v", onDisk, kind, ok, tt.onDisk, tt.kind, tt.ok)
			}
		})
	}
}

// A name of two accents can lie on a disk in several spellings; which of them
// a third one means must not depend on chance.
func TestFindIsTheSameEveryTime(t *testing.T) {
	files := Files{"u\u0308\u00f6": Regular, "\u00fco\u0308": Folder}
	for range 50 {
		if onDisk, kind, ok := files.Find("\u00fc\u00f6"); !ok || onDisk != "u\u0308\u00f6" || kind != Regular {
			t.Fatalf("it found %+q, kind %d, %v", onDisk, kind, ok)
		}
	}
}

func TestPathsListsFiles(t *testing.T) {
	files := Files{"b.pdf": Regular, "a": Folder, "a/z.pdf": Regular, "link": Outside, "gone": Broken, "pipe": Special}
	if diff := cmp.Diff([]string{"a/z.pdf", "b.pdf"}, files.Paths()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFile(t *testing.T) {
	tests := []struct {
		file                    File
		text, dir, name, ending string
		set                     bool
	}{
		{File{}, "", ".", ".", "", false},
		{File{Path: "deck.PDF"}, "deck.PDF", ".", "deck.PDF", ".pdf", true},
		{File{Path: "collateral/v1.2/deck"}, "collateral/v1.2/deck", "collateral/v1.2", "deck", "", true},
		{File{Path: "a/b.tar.gz"}, "a/b.tar.gz", "a", "b.tar.gz", ".gz", true},
		{File{Path: "a/.hidden"}, "a/.hidden", "a", ".hidden", "", true},
		{File{Root: InLibrary, Path: "soc2.pdf"}, "library:soc2.pdf", ".", "soc2.pdf", ".pdf", true},
		{File{Root: InAssets, Path: "logos/logo.svg"}, "assets/logos/logo.svg", "logos", "logo.svg", ".svg", true},
	}
	for _, tt := range tests {
		if got := tt.file.String(); got != tt.text {
			t.Errorf("%+v is spelt %q, want %q", tt.file, got, tt.text)
		}
		if tt.file.Dir() != tt.dir || tt.file.Name() != tt.name || tt.file.Ext() != tt.ending || tt.file.IsSet() != tt.set {
			t.Errorf("%+v: Dir %q, Name %q, Ext %q, IsSet %v", tt.file, tt.file.Dir(), tt.file.Name(), tt.file.Ext(), tt.file.IsSet())
		}
	}
}

func TestSourceOf(t *testing.T) {
	d := &Deal{ID: "fern"}
	tests := map[string]File{
		"content/fern/collateral/deck.pdf": {Path: "collateral/deck.pdf"},
		"content/_library/soc2.pdf":        {Root: InLibrary, Path: "soc2.pdf"},
		"assets/logo.svg":                  {Root: InAssets, Path: "logo.svg"},
	}
	for want, file := range tests {
		if got := d.SourceOf(file); got != want {
			t.Errorf("%s lies at %q, want %q", file, got, want)
		}
	}
}
