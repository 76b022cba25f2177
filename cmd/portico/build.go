package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/deal"
	"portico/internal/diag"
)

// buildFlags of `portico build`.
type buildFlags struct {
	output, date             string
	deals                    []string
	drafts, unsealed, asJSON bool
	jobs                     int
}

func (a *app) buildCommand() *cobra.Command {
	var f buildFlags
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Make the site",
		Long: `Makes the whole site and puts it into public/. Only what changed is touched, deal
by deal. With a mistake in the content nothing is, and the exit code is 1; it is
2 if the command itself was wrong.

Deals of status draft, lost or archived and those that have expired are left out.

Every deal is sealed: what is written tells nothing to whoever has no way in, which
` + "`portico invite`" + ` prints. Only deals that say public = true in [access] are for
anyone to read, and with --unsealed, for yourself alone, all of them. Where CI is
set --unsealed is refused: what a pipeline makes is published.

The team's key comes from ` + keyVariable + `, or from ` + keyFile + `; on your own
machine the first build makes one. A deal may have a password that somebody chose,
in PORTICO_PASSWORD_<DEAL> (in capitals, with _ for -), in the place of the words
that are drawn for it.`,
		Example: `  portico build
  portico build --deal northwind-bank --unsealed --output /tmp/preview
  portico build --date 2027-01-15 --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.build(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.output, "output", "", "the `folder` to write to (default public/ of the site)")
	flags.StringArrayVar(&f.deals, "deal", nil, "build only the deal with this `id`, its folder's name; may be repeated")
	flags.BoolVar(&f.drafts, "drafts", false, "build deals of status draft as well")
	flags.StringVar(&f.date, "date", "", "show every page as of a `day`, such as 2027-01-15 (default its last change)")
	flags.IntVar(&f.jobs, "jobs", 0, "make this `number` of deals at once (default one for each processor)")
	flags.BoolVar(&f.unsealed, "unsealed", false, "build every deal in the clear, for yourself alone")
	flags.BoolVar(&f.asJSON, "json", false, "print the result as JSON")
	_ = cmd.MarkFlagDirname("output") // only a flag that is not there fails, here and below
	_ = cmd.RegisterFlagCompletionFunc("deal", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return a.deals(cmd, f.deals, "")
	})
	return cmd
}

func (a *app) build(ctx context.Context, f buildFlags) error {
	opts, err := a.buildOptions(f)
	if err != nil {
		return err
	}
	bar := a.progress()
	opts.Progress = bar.set
	opts.Waiting = func(output string) { a.note("waiting for another build of %s to end", output) }
	began := a.now()
	result, dir, err := runBuild(ctx, opts, f.output)
	bar.end()
	if result == nil {
		return err
	}
	took := a.now().Sub(began)
	if f.asJSON {
		if err := a.printJSON(result, dir, took, err); err != nil {
			return err
		}
	}
	if err != nil && !errors.Is(err, build.ErrContent) {
		return err
	}
	a.sayMessages(result, f)
	if err != nil {
		a.say(a.err, "%s; %s is as it was", counts(result.Messages), dir)
		return silent{1}
	}
	a.sayBuilt(result, f)
	if !f.asJSON && !a.quiet {
		a.say(a.out, "%s, %d changed, %s%s written (%s) in %s: %s", plural(len(result.Built), "deal"), len(result.Changed), removed(len(result.Removed)),
			plural(result.Files, "file"), bytesText(result.Bytes), took.Round(time.Millisecond), dir)
	}
	return nil
}

func removed(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("%d removed, ", n)
}

func (a *app) buildOptions(f buildFlags) (build.Options, error) {
	opts, err := a.options()
	if err != nil {
		return opts, err
	}
	if f.unsealed && a.inCI() {
		return opts, usage{errors.New("--unsealed is refused where CI is set: it would publish every deal in the clear\nhint: public = true in a deal's [access] builds that one for anyone to read")}
	}
	if opts.AsOf, err = day(f.date); err != nil {
		return opts, err
	}
	if f.jobs < 0 {
		return opts, usage{fmt.Errorf("--jobs is %d; it takes a number from 1 up", f.jobs)}
	}
	opts.Deals, opts.Drafts, opts.Jobs, opts.Clear = f.deals, f.drafts, f.jobs, f.unsealed
	return a.keyed(opts), nil
}

// day reads a flag's date.
func day(text string) (deal.Day, error) {
	if text == "" {
		return 0, nil
	}
	d, err := deal.ParseDate(text)
	if wrong := (*deal.DateError)(nil); errors.As(err, &wrong) && text[0] >= '0' && text[0] <= '9' {
		return 0, usage{fmt.Errorf("%s\nhint: %s", wrong.Text, wrong.Hint)}
	}
	if err != nil || d.Relative() {
		return 0, usage{fmt.Errorf("%q is no day\nhint: write year, month, day: 2027-01-15", text)}
	}
	return d.Day, nil
}

// runBuild goes down the whole line. The result is nil if there was none.
func runBuild(ctx context.Context, opts build.Options, output string) (*build.Result, string, error) {
	p, err := build.Load(opts)
	if err != nil {
		return nil, "", err
	}
	defer p.Close()
	o, messages, err := p.Output(ctx)
	if err != nil {
		return nil, "", err
	}
	p.Messages = append(p.Messages, messages...)
	p.Messages.Sort()
	return o.WriteTo(ctx, output)
}

// sayMessages prints what is wrong. Advice is for `check`.
func (a *app) sayMessages(r *build.Result, f buildFlags) {
	if f.asJSON && !r.Messages.Failed() {
		return // they are in the JSON
	}
	list := slices.DeleteFunc(slices.Clone(r.Messages), func(m diag.Message) bool {
		return m.Severity == diag.Advice || a.quiet && m.Severity != diag.Error
	})
	_ = list.WriteText(a.err, a.color(a.err)) // a terminal that is gone is no reason to fail
	if len(list) > 0 {
		a.note("")
	}
}

// sayBuilt tells what was left out, and what is worth knowing of the rest.
func (a *app) sayBuilt(r *build.Result, f buildFlags) {
	for _, reason := range []string{build.LeftDraft, build.LeftLost, build.LeftArchived, build.LeftExpired} {
		if ids := r.Left[reason]; len(ids) > 0 {
			a.note("left out, %s: %s", reason, names(ids))
		}
	}
	if len(r.Built) == 0 && len(r.Left) == 0 {
		a.noDeals()
	}
	switch {
	case len(r.Built) == 0:
	case r.NoHistory != "":
		a.note("no history: %s; deals are dated by their files", r.NoHistory)
	case len(r.FromFiles) > 0:
		a.note("dated by their files, with changes that are not committed: %s", names(r.FromFiles))
	}
	if r.Shallow {
		a.note("this clone holds the newest commits only: fetch the whole history, or \"Updated\" is wrong")
	}
	switch {
	case len(r.Built) == 0:
	case f.unsealed:
		a.note("built in the clear: whoever gets these files can read them")
	case len(r.Public) > 0:
		a.note("public, for anyone to read: %s", names(r.Public))
	}
	a.sayRekeyed(r.Rekeyed)
}

// sayRekeyed names those who have no way in any more, and what may still be open
// to them.
func (a *app) sayRekeyed(list []build.Rekeyed) {
	for _, r := range list {
		have := "have"
		if len(r.Gone) == 1 {
			have = "has"
		}
		a.note("%s: %s %s no way in any more, and everything is sealed anew", r.Deal, names(r.Gone), have)
		if r.Words {
			a.note("hint: whoever knows the deal's passphrase still gets in with it; raise `generation` in [access] to make a new one")
		}
	}
}

// maxNames is how many names stand in a line.
const maxNames = 10

// names lists the first few, and says how many more there are.
func names(all []string) string {
	if len(all) <= maxNames {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:maxNames], ", "), len(all)-maxNames)
}

// printJSON prints what a build came to. err is why it was not put in place.
func (a *app) printJSON(r *build.Result, dir string, took time.Duration, err error) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	messages := r.Messages
	if messages == nil {
		messages = diag.List{}
	}
	rekeyed := []map[string]any{}
	for _, k := range r.Rekeyed {
		rekeyed = append(rekeyed, map[string]any{"deal": k.Deal, "gone": k.Gone, "words_still_open": k.Words})
	}
	return e.Encode(map[string]any{
		"ok": err == nil, "output": dir, "seconds": took.Seconds(),
		"built": list(r.Built), "public": list(r.Public), "rekeyed": rekeyed, "changed": list(r.Changed), "removed": list(r.Removed), "left": r.Left,
		"dated_by_files": list(r.FromFiles), "no_history": r.NoHistory, "shallow": r.Shallow,
		"files": r.Files, "bytes": r.Bytes, "messages": messages,
	})
}

// list is never null in JSON.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// counts words how many messages there are of each severity.
func counts(l diag.List) string {
	var parts []string
	for _, s := range []diag.Severity{diag.Error, diag.Warning} {
		if n := l.Count(s); n > 0 || s == diag.Error {
			parts = append(parts, plural(n, s.String()))
		}
	}
	if n := l.Count(diag.Advice); n > 0 {
		parts = append(parts, fmt.Sprintf("%d advice", n))
	}
	return strings.Join(parts, ", ")
}

func bytesText(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
