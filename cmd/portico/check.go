package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/diag"
)

func (a *app) checkCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "check [DEAL…]",
		Short: "Say what is wrong in the content, and where",
		Long: `Reads every deal, or those named, and says what is wrong: the file, the line, what
to do. Nothing is built. The exit code is 1 if there is a mistake that a build
would stop at.`,
		Example: `  portico check
  portico check northwind-bank
  portico check --format github`,
		Args:              cobra.ArbitraryArgs,
		ValidArgsFunction: a.deals,
		RunE: func(cmd *cobra.Command, deals []string) error {
			if !slices.Contains(diag.Formats(), format) {
				return usage{fmt.Errorf("there is no format %q; formats are %s", format, strings.Join(diag.Formats(), ", "))}
			}
			opts, err := a.options()
			if err != nil {
				return err
			}
			p, err := build.Load(opts)
			if err != nil {
				return err
			}
			defer p.Close()
			slices.Sort(deals)
			deals = slices.Compact(deals)
			messages, err := p.Check(cmd.Context(), deals...)
			if err != nil {
				return err
			}
			return a.sayChecked(messages, format, len(p.IDs), deals)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "the `format` to print in: "+strings.Join(diag.Formats(), ", "))
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(diag.Formats(), cobra.ShellCompDirectiveNoFileComp)) // only a second one fails
	return cmd
}

func (a *app) sayChecked(messages diag.List, format string, total int, deals []string) error {
	if a.quiet {
		messages = messages.Errors()
	}
	if err := messages.Write(a.out, format, a.color(a.out)); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	if format == "text" {
		n := total
		if len(deals) > 0 {
			n = len(deals)
		}
		if len(messages) > 0 {
			a.note("")
		}
		a.note("%s checked: %s", plural(n, "deal"), counts(messages))
		if total == 0 {
			a.noDeals()
		}
	}
	if messages.Failed() {
		return silent{1}
	}
	return nil
}

// dealNames are what a shell may complete.
func (a *app) dealNames() []string {
	opts, err := a.options()
	if err != nil {
		return nil
	}
	p, err := build.Load(opts)
	if err != nil {
		return nil
	}
	defer p.Close()
	return p.IDs
}
