package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"portico/assets"
	"portico/content"
	"portico/internal/beacon/fetch"
	"portico/internal/build"
	"portico/internal/scaffold"
	"portico/internal/serve"
	"portico/internal/unseal"
	"portico/layouts"
	"portico/themes"
)

// app is one run of the program.
type app struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	now      func() time.Time

	source string
	quiet  bool
}

// usage is the error of a command that was called in a wrong way.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// silent ends the program with a code, after everything was said.
type silent struct{ code int }

func (silent) Error() string { return "" }

// run the program and return its exit code.
func run(ctx context.Context, args []string, a *app) int {
	root := a.root()
	root.SetArgs(args)
	return a.report(root.ExecuteContext(ctx))
}

// report says what went wrong and chooses the exit code.
func (a *app) report(err error) int {
	if err == nil {
		return 0
	}
	if s := (silent{}); errors.As(err, &s) {
		return s.code
	}
	text, code := err.Error(), 1
	var (
		bad       usage
		unknown   *build.UnknownDeal
		theme     *build.UnknownTheme
		output    *build.BadOutput
		address   *serve.BadAddress
		problem   *scaffold.Problem
		template  *scaffold.BadTemplate
		password  *build.BadPassword
		uninvited *build.NoInvitation
		taken     *unseal.BadOutput
		large     *build.TooLarge
		collector *fetch.BadCollector
	)
	switch {
	case errors.Is(err, context.Canceled):
		text = "interrupted; nothing was changed"
	case errors.As(err, &template):
		_ = template.Messages.WriteText(a.err, a.color(a.err)) // the error below says the same
	case errors.As(err, &bad), errors.As(err, &unknown), errors.As(err, &theme), errors.As(err, &output), errors.As(err, &address), errors.As(err, &problem), errors.As(err, &password), errors.As(err, &uninvited), errors.As(err, &taken), errors.As(err, &large), errors.As(err, &collector):
		code = 2
	}
	a.say(a.err, "portico: %s", text)
	return code
}

// say writes a line; a terminal that is gone is no reason to fail.
func (a *app) say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format+"\n", args...)
}

// note is something a person may want to know, unless they said --quiet.
func (a *app) note(format string, args ...any) {
	if !a.quiet {
		a.say(a.err, format, args...)
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "portico",
		Short: "Turns deal folders into portals for buyers",
		Long: `Portico turns each deal's folder (deal.toml, Markdown, documents) into a small
website for the buyer that holds your mutual action plan.

A first look:      portico serve
A new deal:        portico new northwind --template smb --buyer "Northwind" --go-live 2027-03-01
What is wrong:     portico check
The whole site:    portico build`,
		SilenceErrors: true, SilenceUsage: true,
		Version: version(),
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	flags := root.PersistentFlags()
	flags.StringVar(&a.source, "source", ".", "the site's `folder`, which holds portico.toml")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "say nothing but mistakes and what was asked for")
	flags.BoolP("help", "h", false, "show this text")
	root.Flags().Bool("version", false, "print the program's version")
	_ = root.MarkPersistentFlagDirname("source") // only a flag that is not there fails
	root.SetFlagErrorFunc(badFlag)
	root.SetVersionTemplate("portico {{.Version}}\n")
	root.SetUsageTemplate(usageText)
	root.AddGroup(&cobra.Group{ID: "deals", Title: "If you run deals:"}, &cobra.Group{ID: "site", Title: "If you run the site:"}, &cobra.Group{ID: "more", Title: "Besides:"})
	grouped := func(id string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = id
		}
		root.AddCommand(commands...)
	}
	grouped("deals", a.newCommand(), a.serveCommand(), a.checkCommand(), a.inviteCommand(), a.reportCommand(), a.packCommand())
	grouped("site", a.buildCommand(), a.verifyCommand(), a.openCommand(), a.keyCommand(), a.beaconKeyCommand(), a.beaconConfigCommand(), a.initCommand(), a.themeCommand())
	grouped("more", a.schemaCommand(), a.versionCommand())
	help := helpCommand()
	help.GroupID = "more"
	root.SetHelpCommand(help)
	root.SetCompletionCommandGroupID("more")
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		explainCompletion(completion)
	}
	return root
}

// noArgs, exactly and atMost word a wrong number of arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return noCommand(cmd, args[0])
	}
	return usage{fmt.Errorf("%s takes no arguments; %q is one", cmd.CommandPath(), args[0])}
}

func atMost(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return usage{fmt.Errorf("%s takes %s", cmd.CommandPath(), what)}
		}
		return nil
	}
}

func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usage{fmt.Errorf("%s takes %s\nhint: `%s --help` shows how", cmd.CommandPath(), what, cmd.CommandPath())}
		}
		return nil
	}
}

// noDeals says what to do where there is nothing yet.
func (a *app) noDeals() {
	a.note("there is no deal in content/ yet\nhint: portico new northwind --template smb --buyer \"Northwind\" --go-live 2027-03-01")
}

// options that every verb shares.
func (a *app) options() (build.Options, error) {
	source, err := a.findSite()
	if err != nil {
		return build.Options{}, err
	}
	prepareHeap()
	o := build.Options{
		Source: source, Now: a.now, LockDir: a.lockDir(), Program: program(),
		Look: build.Builtin{Layouts: layouts.FS(), Assets: assets.FS(), Themes: themes.FS()},
	}
	if a.inCI() {
		o.Program = programByContent()
	}
	if dir, err := os.UserConfigDir(); err == nil {
		o.KeyFile = filepath.Join(dir, "portico", "cache.key")
	}
	return o, nil
}

// findSite wants a portico.toml in the source folder; a rep may stand in one
// of the site's own folders, and is understood.
func (a *app) findSite() (string, error) {
	dir, err := filepath.Abs(a.source)
	if err != nil {
		return "", fmt.Errorf("finding the site's folder: %w", err)
	}
	for up := dir; a.source == "."; up = filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, "portico.toml")); err == nil {
			return up, nil
		}
		if up == filepath.Dir(up) {
			break
		}
	}
	const hint = "go to a site's folder, name one with --source, or make one with `portico init`"
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return "", usage{fmt.Errorf("there is no folder %s\nhint: %s", dir, hint)}
	case !info.IsDir():
		return "", usage{fmt.Errorf("%s is a file; --source takes the folder that holds portico.toml", dir)}
	}
	if _, err := os.Stat(filepath.Join(dir, "portico.toml")); err != nil {
		return "", usage{fmt.Errorf("there is no portico.toml in %s\nhint: %s", dir, hint)}
	}
	return dir, nil
}

func (a *app) lockDir() string {
	if dir, err := os.UserCacheDir(); err == nil {
		dir = filepath.Join(dir, "portico")
		if os.MkdirAll(dir, 0o700) == nil {
			return dir
		}
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("portico-%d", os.Getuid()))
}

// builtinTemplates are those that `new` and `init` copy from.
func builtinTemplates() fs.FS { return content.Templates() }

// inCI says whether a machine runs this rather than a person.
func (a *app) inCI() bool {
	ci := strings.ToLower(a.env("CI"))
	return ci != "" && ci != "false" && ci != "0"
}

// terminal says whether a person looks at w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// color says whether w may be written to in colours.
func (a *app) color(w io.Writer) bool {
	return terminal(w) && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"
}
