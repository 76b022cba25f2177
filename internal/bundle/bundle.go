// Package bundle makes what a browser loads besides pages: TypeScript and CSS
// become minified files whose names hold a hash of what they hold, and layouts
// are minified once, before they are run. It is the only user of esbuild and
// minify.
package bundle

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"portico/internal/diag"
)

// File is a finished file, by its name on the site.
type File struct {
	Name string
	Data []byte
}

// Assets are a theme's finished files.
type Assets struct {
	// Style, Reading, Notice, Gate, Today and Script are names among Files; each but
	// Style is empty where its entry is not among the assets.
	Style, Reading, Notice, Gate, Today, Script string
	Files                                       []File
}

// The entries of a theme's assets.
const (
	styleEntry   = "style.css"    // of every page
	themeEntry   = "theme.css"    // optional, behind style.css
	readingEntry = "reading.css"  // of pages with prose, notes or files
	noticeEntry  = "receipts.css" // of pages that report what is looked at
	gateEntry    = "gate.css"     // of the page that a sealed deal shows until it is opened
	todayEntry   = "today.ts"     // before anything shows
	scriptEntry  = "main.ts"      // once the page is there
)

// Build bundles the assets of a theme. files is what stands in force, by path
// below assets/; where says in which file of the site such a path lies, for
// messages. tokens is CSS that goes last. The messages are mistakes in the
// files; the error is what the machine did.
func Build(files fs.FS, where func(string) string, tokens string) (Assets, diag.List, error) {
	b := &bundler{files: files, where: where, tokens: tokens}
	entries := []api.EntryPoint{{InputPath: "portico:" + styleEntry, OutputPath: "style"}}
	for _, e := range []struct{ file, name string }{{readingEntry, "reading"}, {noticeEntry, "notice"}, {gateEntry, "gate"}, {todayEntry, "today"}, {scriptEntry, "script"}} {
		if exists(files, e.file) {
			entries = append(entries, api.EntryPoint{InputPath: "portico:" + e.file, OutputPath: e.name})
		}
	}
	result := api.Build(b.options(entries))
	messages := b.messages(result.Errors, diag.Error)
	messages = append(messages, b.messages(result.Warnings, diag.Warning)...)
	if b.err != nil {
		return Assets{}, nil, b.err
	}
	if messages.Failed() {
		return Assets{}, messages, nil
	}
	out := Assets{}
	for _, f := range result.OutputFiles {
		file := outputFile(f)
		out.Files = append(out.Files, file)
		entry, _, _ := strings.Cut(file.Name, "-")
		switch entry + path.Ext(file.Name) {
		case "style.css":
			out.Style = file.Name
		case "reading.css":
			out.Reading = file.Name
		case "notice.css":
			out.Notice = file.Name
		case "gate.css":
			out.Gate = file.Name
		case "today.js":
			out.Today = file.Name
		case "script.js":
			out.Script = file.Name
		}
	}
	return out, messages, nil
}

func outputFile(f api.OutputFile) File {
	return File{path.Base(strings.ReplaceAll(f.Path, `\`, "/")), f.Contents}
}

// options of a run of esbuild, whose result stays in memory.
func (b *bundler) options(entries []api.EntryPoint) api.BuildOptions {
	return api.BuildOptions{
		EntryPointsAdvanced: entries,
		Bundle:              true, Write: false,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true,
		// today.ts runs as no module, which would wait for the page's end: its
		// names must be its own.
		Format: api.FormatIIFE, Platform: api.PlatformBrowser,
		Engines: []api.Engine{
			{Name: api.EngineChrome, Version: "123"},
			{Name: api.EngineFirefox, Version: "128"},
			{Name: api.EngineSafari, Version: "17.5"},
		},
		Charset: api.CharsetUTF8, LegalComments: api.LegalCommentsNone, LogLevel: api.LogLevelSilent,
		Outdir: "/", EntryNames: "[name]-[hash]", AssetNames: "[name]-[hash]",
		AbsWorkingDir: "/",
		Loader: map[string]api.Loader{
			".woff2": api.LoaderFile, ".woff": api.LoaderFile, ".ttf": api.LoaderFile, ".otf": api.LoaderFile,
			".svg": api.LoaderFile, ".png": api.LoaderFile, ".webp": api.LoaderFile, ".jpg": api.LoaderFile,
		},
		Plugins: []api.Plugin{{Name: "portico", Setup: b.setup}},
	}
}

func exists(files fs.FS, name string) bool {
	_, err := fs.Stat(files, name)
	return err == nil
}

// bundler gives esbuild a theme's files without a disk in between.
type bundler struct {
	files   fs.FS
	where   func(string) string
	tokens  string
	err     error
	program bool // the files are the program's own
}

const namespace = "assets"

func (b *bundler) setup(build api.PluginBuild) {
	build.OnResolve(api.OnResolveOptions{Filter: `^portico:`}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
		return api.OnResolveResult{Path: a.Path, Namespace: "portico"}, nil
	})
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: "portico"}, b.entry)
	build.OnResolve(api.OnResolveOptions{Filter: `.*`}, b.resolve)
	build.OnLoad(api.OnLoadOptions{Filter: `.*`, Namespace: namespace}, b.load)
}

// entry are the files that exist only here: they gather the others.
func (b *bundler) entry(a api.OnLoadArgs) (api.OnLoadResult, error) {
	file := strings.TrimPrefix(a.Path, "portico:")
	if path.Ext(file) == ".ts" {
		text := fmt.Sprintf("import %q;\n", "./"+file)
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderTS}, nil
	}
	text := fmt.Sprintf("@import %q;\n", "./"+file)
	if file == styleEntry {
		if exists(b.files, themeEntry) {
			text += fmt.Sprintf("@import %q;\n", "./"+themeEntry)
		}
		text += b.tokens
	}
	return api.OnLoadResult{Contents: &text, Loader: api.LoaderCSS}, nil
}

// resolve keeps every import within assets/.
func (b *bundler) resolve(a api.OnResolveArgs) (api.OnResolveResult, error) {
	if strings.HasPrefix(a.Path, "data:") || strings.HasPrefix(a.Path, "#") {
		return api.OnResolveResult{Path: a.Path, External: true}, nil
	}
	if strings.Contains(a.Path, ":") || strings.HasPrefix(a.Path, "/") {
		return api.OnResolveResult{}, fmt.Errorf("%q is not in assets/: pages load nothing from elsewhere", a.Path)
	}
	dir := "."
	if a.Namespace == namespace {
		dir = path.Dir(a.Importer)
	}
	p := path.Join(dir, a.Path)
	for _, try := range []string{p, p + ".ts", p + ".css"} {
		if fs.ValidPath(try) && exists(b.files, try) {
			return api.OnResolveResult{Path: try, Namespace: namespace, SideEffects: b.effects(try)}, nil
		}
	}
	return api.OnResolveResult{}, fmt.Errorf("there is no file %q in assets/", p)
}

// effects of a file that is imported: those of the program's own that only give
// what others name are left out where nothing of them is left.
func (b *bundler) effects(name string) api.SideEffects {
	if b.program && name == packedFile {
		return api.SideEffectsFalse
	}
	return api.SideEffectsTrue
}

func (b *bundler) load(a api.OnLoadArgs) (api.OnLoadResult, error) {
	data, err := fs.ReadFile(b.files, a.Path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && b.err == nil {
			b.err = fmt.Errorf("reading %s: %w", b.where(a.Path), err)
		}
		return api.OnLoadResult{}, err
	}
	text := string(data)
	loader := api.LoaderFile
	switch path.Ext(a.Path) {
	case ".css":
		loader = api.LoaderCSS
	case ".ts":
		loader = api.LoaderTS
	case ".js", ".mjs":
		loader = api.LoaderJS
	case ".json":
		loader = api.LoaderJSON
	}
	return api.OnLoadResult{Contents: &text, Loader: loader}, nil
}

func (b *bundler) messages(from []api.Message, severity diag.Severity) diag.List {
	var list diag.List
	for _, m := range from {
		message := diag.Message{Severity: severity, Code: "bad-asset", Text: lowerFirst(m.Text)}
		if len(m.Notes) > 0 {
			message.Hint = m.Notes[0].Text
		}
		source, span := b.place(m.Location)
		list = append(list, message.At(source, span))
	}
	return list
}

// place of what esbuild has to say. The files that exist only here have no
// lines that anyone wrote.
func (b *bundler) place(l *api.Location) (*diag.Source, diag.Span) {
	if l != nil {
		file, written := strings.CutPrefix(l.File, namespace+":")
		if data, err := fs.ReadFile(b.files, file); written && err == nil {
			source, _ := diag.NewSource(b.where(file), data)
			start := source.Offset(l.Line) + l.Column // in bytes
			return source, diag.Span{Start: start, End: start + l.Length}
		}
	}
	return &diag.Source{Path: "assets"}, diag.Span{}
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.TrimSuffix(strings.ToLower(s[:1])+s[1:], ".")
}
