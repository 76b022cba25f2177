package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// app is one run of the program.
type app struct {
	out, err io.Writer
	env      func(string) string
	now      func() time.Time

	db, site string
}

// usage is the error of a command that was called in a wrong way.
type usage struct{ error }

func (u usage) Unwrap() error { return u.error }

// run the program and return its exit code.
func run(ctx context.Context, args []string, a *app) int {
	root := a.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	a.say(a.err, "portico-beacon: %v", err)
	if bad := (usage{}); errors.As(err, &bad) {
		return 2
	}
	return 1
}

// say writes a line; a terminal that is gone is no reason to fail.
func (a *app) say(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format+"\n", args...)
}

// explain is what --help prints below a command's own words. It is no template:
// text/template alone would add a tenth to the program.
func explain(cmd *cobra.Command) error {
	var b strings.Builder
	part := func(title, text string) { fmt.Fprintf(&b, "\n%s:\n%s\n", title, strings.TrimRight(text, "\n ")) }
	lines := "  " + cmd.UseLine()
	if cmd.HasAvailableSubCommands() {
		lines += "\n  " + cmd.CommandPath() + " COMMAND [flags]"
	}
	part("Usage", lines)
	if cmd.HasExample() {
		part("Examples", cmd.Example)
	}
	if cmd.HasAvailableSubCommands() {
		var list strings.Builder
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				fmt.Fprintf(&list, "  %-12s %s\n", c.Name(), c.Short)
			}
		}
		part("Commands", list.String())
	}
	if cmd.HasAvailableLocalFlags() {
		part("Flags", cmd.LocalFlags().FlagUsages())
	}
	if cmd.HasAvailableInheritedFlags() {
		part("Flags of every command", cmd.InheritedFlags().FlagUsages())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n\"%s COMMAND --help\" tells more about a command.\n", cmd.CommandPath())
	}
	_, err := io.WriteString(cmd.OutOrStdout(), strings.TrimPrefix(b.String(), "\n"))
	return err
}

func (a *app) root() *cobra.Command {
	var f serveFlags
	root := &cobra.Command{
		Use:   "portico-beacon [flags]",
		Short: "Collects who looked at what of a deal",
		Long: `Takes what the pages of sealed deals report about their viewers, by ids that tell
nothing of a name, and hands it to ` + "`portico report`" + `. It keeps no address, no
cookie and no user agent. A portal works in full without it.

Whatever a page was told has been taken is durable. The database is one file,
made on the first start, or one of PostgreSQL, which several collectors may use
at the same time. Pages and reports are served on one address; another,
for this machine alone, has /livez, /readyz and /metrics.

In the environment:
  PORTICO_BEACON_KEY         what ` + "`portico beacon-key`" + ` prints; several, with spaces
                             between, while one takes the place of another
  PORTICO_BEACON_TOKEN_HASH  SHA-256, in hex, of the token that reports fetch with;
                             several likewise; without one nothing is handed out
  PGPASSFILE, PGPASSWORD     how PostgreSQL is told the password: in --db everybody
                             on the machine could read it
With --site both follow from the team's key of a site on this machine.
Alerts go where variables say that portico.toml names (docs/operations.md).

Ctrl-C or SIGTERM ends it once everything that was taken is kept.`,
		Example: `  portico-beacon --site .
  portico-beacon --db /var/lib/portico/beacon.db --config /etc/portico/beacon.json`,
		SilenceErrors: true, SilenceUsage: true,
		Version: version(),
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), f) },
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetUsageFunc(explain)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage{fmt.Errorf("%w\nhint: `%s --help` lists what it takes", err, cmd.CommandPath())}
	})
	root.PersistentFlags().StringVar(&a.db, "db", "", "the database: a `file` (default ./beacon.db, or with --site its .portico/beacon.db), or postgres://user@host/name")
	root.PersistentFlags().StringVar(&a.site, "site", "", "a site's `folder` on this machine: its key is used, and its previews may send")
	root.PersistentFlags().BoolP("help", "h", false, "show this text")
	root.Flags().Bool("version", false, "print the program's version")
	f.register(root)
	root.AddCommand(a.backupCommand(), a.restoreCommand(), a.migrateCommand(), a.eraseCommand(), a.deadCommand(), a.testAlertsCommand(), a.healthCommand())
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true, Use: "no-help"})
	return root
}

// noArgs and exactly word a wrong number of arguments.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage{fmt.Errorf("%s takes no arguments; %q is one\nhint: `%s --help` says what it takes", cmd.CommandPath(), args[0], cmd.CommandPath())}
	}
	return nil
}

func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return usage{fmt.Errorf("%s takes %s\nhint: `%s --help` shows how", cmd.CommandPath(), what, cmd.CommandPath())}
		}
		return nil
	}
}

// database that was asked for, or the one that goes without saying.
func (a *app) database() string {
	switch {
	case a.db != "":
		return a.db
	case a.site != "":
		return filepath.Join(a.site, siteFolder, "beacon.db")
	}
	return "beacon.db"
}

// version of this program, as its builder knew it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown)"
}

// terminal says whether a person looks at w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
