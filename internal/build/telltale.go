package build

import (
	"fmt"
	"html"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// How long a text has to be, in letters, to tell whose deal it is: a title may
// be made of common words.
const (
	tellingName  = 6
	tellingTitle = 12
)

// telling are the texts of a deal that would tell on anybody's page that it is
// there: the buyer's name, people's, titles.
func (l *loaded) telling() string {
	if l.Access.Public {
		return ""
	}
	var all []string
	add := func(least int, texts ...string) {
		for _, text := range texts {
			if letters(text) >= least && len(text) >= telltaleStart {
				all = append(all, text+endOfText)
			}
		}
	}
	add(tellingName, l.Buyer.Name)
	add(tellingTitle, l.Title)
	for i := range l.People {
		add(tellingName, l.People[i].Name, l.People[i].Email)
	}
	for i := range l.Milestones {
		add(tellingTitle, l.Milestones[i].Title)
	}
	for i := range l.Collateral {
		if c := &l.Collateral[i]; !c.OfLibrary {
			add(tellingTitle, c.Title)
		}
	}
	for i := range l.Pages {
		add(tellingTitle, l.Pages[i].Title)
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "")
}

// endOfText ends each of them: kept as one, they are read from a cache at once.
const endOfText = "\x00"

func letters(text string) int {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// telltales are such texts of all sealed deals, by how they start.
type telltales map[string][]telltale

type telltale struct{ text, deal string }

// telltaleStart is in bytes.
const telltaleStart = 6

// newTelltales takes in the texts of sealed deals, as they are and as HTML has
// them.
func newTelltales(deals map[string]string) telltales {
	told := telltales{}
	for _, id := range sortedKeys(deals) {
		for text := range strings.SplitSeq(strings.TrimSuffix(deals[id], endOfText), endOfText) {
			for _, written := range slices.Compact([]string{text, html.EscapeString(text)}) {
				if len(written) < telltaleStart {
					continue // a deal may have no such text
				}
				start := written[:telltaleStart]
				told[start] = append(told[start], telltale{written, id})
			}
		}
	}
	return told
}

// in a file, where they stand as words of their own.
func (t telltales) in(data string) []telltale {
	var found []telltale
	for i := 0; i+telltaleStart <= len(data); i++ {
		if i > 0 && inWord(data[i-1]) && inWord(data[i]) {
			continue
		}
		for _, x := range t[data[i:i+telltaleStart]] {
			if end := i + len(x.text); strings.HasPrefix(data[i:], x.text) && (end == len(data) || !inWord(data[end]) || !inWord(data[end-1])) {
				found = append(found, x)
			}
		}
	}
	return found
}

func inWord(b byte) bool {
	return b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// betrayed looks for those texts in what will be written for anyone to read: the
// site's own files, and the pages and documents of public deals. It is no error if
// a page's own sources hold one as well; of a document that is what the deal and
// the library say besides their documents, for it may be the wrong one.
func (w *writer) betrayed() error {
	if len(w.sealed) == 0 {
		return nil
	}
	told := sync.OnceValue(func() telltales { return newTelltales(w.sealed) })
	look := func(name string, sources func() (string, error)) error {
		if !searched(name) {
			return nil
		}
		if info, err := os.Stat(w.new(name)); err == nil && info.Size() > maxSearched {
			return nil
		}
		data, err := os.ReadFile(w.new(name))
		if err != nil {
			return fmt.Errorf("looking through %s: %w", name, err)
		}
		for _, x := range told().in(string(data)) {
			text, err := sources()
			if err != nil {
				return fmt.Errorf("looking through %s: %w", name, err)
			}
			if !strings.Contains(text, x.text) && !strings.Contains(text, html.UnescapeString(x.text)) {
				return &Betrayal{File: name, Deal: x.deal, Text: html.UnescapeString(x.text)}
			}
		}
		return nil
	}
	for _, name := range w.plan.files {
		if err := look(name, w.output.project.ownTexts); err != nil {
			return err
		}
	}
	for _, id := range w.result.Public {
		if !slices.Contains(w.plan.folders, w.folders[id]) {
			continue
		}
		files, err := w.filesOf(w.folders[id])
		if err != nil {
			return err
		}
		for _, name := range files {
			document := isDocument(strings.TrimPrefix(name, w.folders[id]+"/"))
			if err := look(name, func() (string, error) { return w.output.project.textsOf(id, document) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// searched are files that hold text as it is. What PDF, office and picture files
// say is not looked at.
func searched(name string) bool {
	return slices.Contains([]string{".html", ".css", ".js", ".svg", ".txt", ".csv", ".md", ".json", ".vtt"}, strings.ToLower(path.Ext(strings.TrimSuffix(name, ".bin")))) // which a file that no browser may show ends in
}

// maxSearched is how large a file is searched.
const maxSearched = 32 << 20

// isDocument says whether a file of a deal's folder, as it is written or as it is
// published, is collateral.
func isDocument(name string) bool {
	return strings.HasPrefix(name, "collateral/") || strings.HasPrefix(name, "library/")
}

// filesOf a staged deal that hold text.
func (w *writer) filesOf(folder string) ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(w.new(folder)), ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && searched(name) {
			names = append(names, folder+"/"+name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking through %s: %w", folder, err)
	}
	return names, nil
}

// Betrayal is the error of a file for anyone to read that holds what only a
// sealed deal does.
type Betrayal struct{ File, Deal, Text string }

func (e *Betrayal) Error() string {
	hint := "take it out of the site's assets, layouts or themes; if it is in none, please report this as a fault of the program"
	if _, below, _ := strings.Cut(e.File, "/"); isDocument(below) {
		hint = "this may be another buyer's document: take it out of the public deal; if it is meant to be there, say so in its title or description"
	}
	return fmt.Sprintf("%s would show anyone %q, which only the sealed deal %s knows\nhint: %s", e.File, e.Text, e.Deal, hint)
}

// ownTexts are what the site's own files may say: portico.toml, and what the
// program itself brings along.
func (p *Project) ownTexts() (string, error) {
	var b strings.Builder
	p.Site.EachText(func(_, text string) { b.WriteString(text + "\n") })
	for _, files := range []fs.FS{p.opts.Look.Layouts, p.opts.Look.Assets, p.opts.Look.Themes} {
		if err := gather(&b, files, func(string) bool { return true }); err != nil {
			return "", err
		}
	}
	for _, lang := range p.words.Languages() {
		words := p.words.Locale(lang)
		for _, key := range words.Keys("") {
			b.WriteString(words.Say(key) + "\n")
		}
	}
	return b.String(), nil
}

// textsOf a public deal: its own sources and the site's, for a document without
// any documents.
func (p *Project) textsOf(id string, document bool) (string, error) {
	own, err := p.ownTexts()
	if err != nil {
		return "", err
	}
	root, err := p.folder(id)
	if err != nil {
		return "", err
	}
	defer root.Close() // opened for reading
	var b strings.Builder
	b.WriteString(own)
	err = gather(&b, root.FS(), func(name string) bool { return !document || !isDocument(name) })
	if p.library != nil && err == nil {
		err = gather(&b, p.library.FS(), func(name string) bool { return !document || name == "library.toml" })
	}
	return b.String(), err
}

// gather the texts of a folder's files of some names.
func gather(b *strings.Builder, files fs.FS, of func(name string) bool) error {
	return fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || !of(name) || !slices.Contains([]string{".toml", ".md", ".html", ".css", ".ts", ".svg", ".csv", ".txt", ".json", ".vtt"}, path.Ext(name)) {
			return err
		}
		data, err := fs.ReadFile(files, name)
		b.Write(data)
		b.WriteByte('\n')
		return err
	})
}
