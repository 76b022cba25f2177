package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/deal"
	"portico/internal/report"
)

// reportFlags of `portico report`.
type reportFlags struct {
	since, html          string
	asJSON, asCSV, watch bool
}

func (a *app) reportCommand() *cobra.Command {
	var f reportFlags
	cmd := &cobra.Command{
		Use:   "report [DEAL]",
		Short: "Say who looked at what",
		Long: `Fetches what the collector kept and joins it with your deals: who came through
whose link, when and for how long, what they looked at, what of it is new since the
last report, whose link was never used, and how engaged each is, from 0 to 5. Of one
deal it tells everything, of several an overview; DEAL may be the id that an alert
of the collector has. Whoever was forwarded a link is taken for its owner: read
"Ana's link", not "Ana".

The collector is the one of [beacon] in portico.toml, and ` + beaconTokenVariable + ` what it
knows you by. Without that variable it is the one that runs on this machine
(` + "`portico-beacon --site .`" + `). What was fetched is kept in .portico/report,
encrypted, so that only what is new is fetched; names come from your deals and are
never with the collector.

A report for people, here or with --html, is what "new" counts from the next time;
--json, --csv and --since leave that as it is.`,
		Example: `  portico report
  portico report northwind-bank --since 2026-11-01
  portico report --html engagement.html
  portico report --watch`,
		Args: atMost(1, "one deal, or none for all"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.deals(cmd, args, "")
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.engagement(cmd.Context(), args, f) },
	}
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print as JSON")
	cmd.Flags().BoolVar(&f.asCSV, "csv", false, "print as a table: a row for each link, and for each part that was looked at through it")
	cmd.Flags().StringVar(&f.html, "html", "", "write a page with everything in it to a `file`, in the design of your portal")
	cmd.Flags().StringVar(&f.since, "since", "", "what came from a `day` on is new, such as 2026-11-01")
	cmd.Flags().BoolVar(&f.watch, "watch", false, "print visits as they come in; end it with Ctrl-C")
	return cmd
}

// engagement makes a report, or follows what goes on.
func (a *app) engagement(ctx context.Context, args []string, f reportFlags) error {
	since, err := f.check()
	if err != nil {
		return err
	}
	opts, err := a.options()
	if err != nil {
		return err
	}
	p, err := build.Load(a.findingKey(opts))
	if err != nil {
		return err
	}
	defer p.Close()
	client, address, err := a.collector(p.Site.Default().Beacon.URL, opts.Source)
	if err != nil {
		return err
	}
	in := report.Input{Partial: len(args) > 0, Now: a.now(), Zone: p.Site.Default().Timezone}
	if since != 0 {
		y, m, d := since.Date()
		at := time.Date(y, m, d, 0, 0, 0, 0, in.Zone)
		in.Since = report.Seen{Made: at, Known: at.UnixMilli()}
	}
	if in.Plans, err = p.Plans(ctx, args...); err != nil {
		return err
	}
	kept, err := p.Private(ctx, "report")
	if err != nil {
		return err
	}
	defer kept.Close()
	copied, failed := a.fetched(ctx, kept, address, client)
	if failed != nil && len(copied.Events)+len(copied.Sums) == 0 {
		return failed
	}
	in.Seen, in.Data = seenBefore(kept), report.Data{Sums: copied.Sums, Events: copied.Events}
	if f.watch {
		kept.Close() // others may report meanwhile
		return a.watch(ctx, in, copied, client)
	}
	r := report.Make(in)
	if err := a.printReport(p, r, f); err != nil {
		return err
	}
	if failed != nil {
		a.say(a.err, "portico: %v\nthis is what was known before", failed)
		return silent{1}
	}
	if since == 0 && !f.asJSON && !f.asCSV {
		keepSeen(kept, in, r)
	}
	return nil
}

// check the flags, and give the day that --since names.
func (f reportFlags) check() (since deal.Day, err error) {
	forms := 0
	for _, set := range []bool{f.asJSON, f.asCSV, f.html != "", f.watch} {
		if set {
			forms++
		}
	}
	if forms > 1 {
		return 0, usage{errors.New("--json, --csv, --html and --watch are ways to tell the same; take one")}
	}
	return day(f.since)
}

func (a *app) printReport(p *build.Project, r report.Report, f reportFlags) error {
	var err error
	switch {
	case f.asJSON:
		err = r.WriteJSON(a.out)
	case f.asCSV:
		err = r.WriteCSV(a.out)
	case f.html != "":
		return a.writeReport(p, r, f.html)
	default:
		err = r.WriteText(a.out, report.Style{Color: a.color(a.out)})
		if err == nil && len(r.Deals) > 1 {
			a.note("\nhint: `portico report DEAL` tells more of one")
		}
	}
	if err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// writeReport makes the page, for its owner alone to read: it holds names.
func (a *app) writeReport(p *build.Project, r report.Report, file string) error {
	page, messages, err := p.ReportPage(r)
	if err != nil {
		return err
	}
	_ = messages.WriteText(a.err, a.color(a.err)) // an error below says the same
	if page == nil {
		return errors.New("the theme has mistakes; mend them first")
	}
	if err := os.WriteFile(file, page, 0o600); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if !a.quiet {
		a.say(a.out, "%s (%s): it holds names, and is for your team alone", file, bytesText(int64(len(page))))
	}
	return nil
}
