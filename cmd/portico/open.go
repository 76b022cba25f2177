package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"portico/internal/build"
	"portico/internal/seal"
	"portico/internal/unseal"
)

// openFlags of `portico open`.
type openFlags struct {
	output    string
	audiences []string
	ask       bool
}

func (a *app) openCommand() *cobra.Command {
	var f openFlags
	cmd := &cobra.Command{
		Use:   "open DIR|FILE",
		Short: "Unseal a built site or deal on this machine",
		Long: `Opens what was built and sealed, and writes it into a new folder in the clear: for
recovery, archiving and audit. DIR is a deal's folder or a whole site such as
public/, FILE what ` + "`portico pack`" + ` made. Everything is checked before any of it is written, and nothing is
overwritten.

It takes the team's key from ` + keyVariable + ` or ` + keyFile + `. With --ask, or
where there is no key, it reads a team key, or what a reader would type, from
standard input: a passphrase, a code or a link, two lines where the deal asks for
both. Of a whole site it then opens the deals that it leads into.

Parts for narrower audiences open with the key of a site that has the deal; where
the source is lost, name each audience by the ids of those who were in it. The
exit code is 1 if nothing opened or anything was not as it was sealed.`,
		Example: `  portico open public --output archive
  portico open public/4hk2m0v9cqxw8znt --ask --output plan
  portico open backup --audience priya,tom --output archive`,
		Args: exactly(1, "one argument, the folder or file to open"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.open(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.output, "output", "", "the new `folder` to write to")
	flags.StringArrayVar(&f.audiences, "audience", nil, "open the parts for these `ids` as well, joined by commas; may be repeated")
	flags.BoolVar(&f.ask, "ask", false, "read a passphrase, a code, a link or a key from standard input")
	_ = cmd.MarkFlagDirname("output") // only a flag that is not there fails
	return cmd
}

func (a *app) open(ctx context.Context, name string, f openFlags) error {
	if f.output == "" {
		return usage{errors.New("say where to write what was sealed\nhint: --output archive")}
	}
	files, closeFiles, err := a.sealedFiles(name)
	if err != nil {
		return err
	}
	defer closeFiles()
	sealed, shared, err := unseal.Find(files)
	if err != nil {
		return err
	}
	if len(sealed) == 0 {
		return usage{fmt.Errorf("there is nothing sealed in %s\nhint: name a deal's folder, or the one that holds them, such as public", name)}
	}
	way, err := a.wayIn(f)
	if err != nil {
		return err
	}
	deals, others, err := a.openAll(ctx, sealed, way)
	if err != nil {
		return err
	}
	if len(deals) == 0 {
		return fmt.Errorf("this opens none of %s\nhint: `portico invite` prints what opens a deal; who was taken out of one, or has an older link, has no way in", plural(others, "deal"))
	}
	if err := unseal.Write(f.output, deals, shared); err != nil {
		return err
	}
	for _, d := range deals {
		a.sayOpened(d)
	}
	if others > 0 {
		a.note("not opened by this: %s", plural(others, "deal"))
	}
	a.note("what lies in %s is in the clear: delete it when you are done", f.output)
	return nil
}

// sealedFiles are those of a folder, or of a packed file.
func (a *app) sealedFiles(name string) (fs.FS, func(), error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, nil, usage{fmt.Errorf("there is no %s to open", name)}
	case !info.IsDir():
		files, err := packedFiles(name, info.Size())
		return files, func() {}, err
	}
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the folder: %w", err)
	}
	return root.FS(), func() { _ = root.Close() }, nil // opened for reading
}

func packedFiles(name string, size int64) (fs.FS, error) {
	if size > unseal.MaxFile {
		return nil, usage{fmt.Errorf("%s is larger than any packed deal", name)}
	}
	page, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("opening the packed deal: %w", err)
	}
	return unseal.Packed(page)
}

// wayIn is the team's key where there is one and nobody wants to be asked.
func (a *app) wayIn(f openFlags) (unseal.Way, error) {
	way := unseal.Way{}
	for _, list := range f.audiences {
		members := strings.Split(list, ",")
		if slices.Contains(members, "") {
			return way, usage{fmt.Errorf("--audience %q has an empty name\nhint: join ids by commas: priya,tom", list)}
		}
		way.Audiences = append(way.Audiences, members)
	}
	if !f.ask {
		source, err := a.findSite()
		if err != nil {
			source = "." // the site's source may be lost
		}
		key, err := a.findKey(source)
		if err == nil {
			way.Key = &key.TeamKey
		}
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return way, err
		}
	}
	lines, err := a.readSecrets()
	if err != nil {
		return way, err
	}
	if len(lines) == 1 {
		if key, err := seal.ParseTeamKey(lines[0]); err == nil {
			way.Key = &key
			return way, nil
		}
	}
	way.Typed = lines
	return way, nil
}

// maxSecret is longer than any link.
const maxSecret = 8 << 10

// readSecrets reads one or two lines, which are not shown on a terminal.
func (a *app) readSecrets() ([]string, error) {
	none := usage{errors.New("nothing came from standard input\nhint: type a passphrase, a code, a link or the team's key, or set " + keyVariable)}
	if in, ok := a.in.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		return a.prompt(in, none)
	}
	var lines []string
	scanner := bufio.NewScanner(io.LimitReader(a.in, maxSecret))
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, fmt.Errorf("reading standard input: %w", err)
	}
	if len(lines) == 0 {
		return nil, none
	}
	return lines, nil
}

func (a *app) prompt(in *os.File, none error) ([]string, error) {
	var lines []string
	for _, ask := range []string{"Passphrase, code, link or key: ", "The second, where the deal asks for two (or nothing): "} {
		_, _ = fmt.Fprint(a.err, ask) // a terminal that is gone is no reason to fail
		line, err := term.ReadPassword(int(in.Fd()))
		a.say(a.err, "")
		if err != nil {
			return nil, fmt.Errorf("reading from the terminal: %w", err)
		}
		if text := strings.TrimSpace(string(line)); text != "" {
			lines = append(lines, text)
		}
		if len(lines) == 0 {
			return nil, none
		}
		if strings.HasPrefix(lines[0], "portico-key-") {
			break
		}
	}
	return lines, nil
}

// openAll opens what the way in leads into, and counts the other deals.
func (a *app) openAll(ctx context.Context, sealed []unseal.Sealed, way unseal.Way) (deals []*unseal.Deal, others int, err error) {
	audiences, done, err := a.audiences(ctx, way)
	if err != nil {
		return nil, 0, err
	}
	defer done()
	for _, s := range sealed {
		w := way
		if w.Key != nil {
			w.Audiences = append(slices.Clone(way.Audiences), audiences(s.Folder)...)
		}
		d, err := s.Open(w)
		switch {
		case errors.Is(err, seal.Wrong):
			others++
		case err != nil:
			return nil, 0, fmt.Errorf("opening the deal %s: %w", s.Folder, err)
		default:
			deals = append(deals, d)
		}
	}
	return deals, others, nil
}

// audiences looks up those of a deal in the site's source, as far as there is
// one: nothing in what was built tells who they are.
func (a *app) audiences(ctx context.Context, way unseal.Way) (of func(folder string) [][]string, done func(), err error) {
	none := func(string) [][]string { return nil }
	if way.Key == nil {
		return none, func() {}, nil
	}
	opts, err := a.options()
	if err != nil {
		return none, func() {}, nil
	}
	opts = a.keyed(opts)
	opts.Key = func() (seal.TeamKey, error) { return *way.Key, nil }
	opts.Drafts = true
	p, err := build.Load(opts)
	if err != nil {
		return nil, nil, err
	}
	o, _, err := p.Output(ctx)
	if err != nil {
		p.Close()
		return nil, nil, err
	}
	return func(folder string) [][]string {
		list, err := o.Audiences(folder)
		if err != nil {
			return nil // what cannot be built now may be opened all the same
		}
		return list
	}, p.Close, nil
}

func (a *app) sayOpened(d *unseal.Deal) {
	when := ""
	if t := d.When(); !t.IsZero() {
		when = ", changed " + t.Format("2006-01-02 15:04") + " UTC"
	}
	if !a.quiet {
		a.say(a.out, "%s: %s (%s%s)", filepath.ToSlash(d.Folder), d.Title(), plural(len(d.Entries), "file"), when)
	}
	if d.Closed > 0 {
		a.note("%s: %s for others stayed closed\nhint: with the team's key, name each audience: --audience priya,tom", d.Folder, plural(d.Closed, "file"))
	}
}
