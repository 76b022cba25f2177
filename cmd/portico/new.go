package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/deal"
	"portico/internal/scaffold"
)

func (a *app) newCommand() *cobra.Command {
	var template, buyer, goLive, owner string
	cmd := &cobra.Command{
		Use:   "new DEAL",
		Short: "Write the folder of a new deal",
		Long: `Writes content/DEAL, a whole mutual action plan worked back from the day on which
the buyer goes live. It builds as it is, and says in comments what to fill in.`,
		Example:           `  portico new northwind --template smb --buyer "Northwind" --go-live 2027-03-01`,
		Args:              exactly(1, "one argument, the name of the deal's folder"),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			d := scaffold.Deal{ID: args[0], Template: template, Buyer: strings.Join(strings.Fields(buyer), " "), Owner: owner}
			for _, f := range [][2]string{{"--template", template}, {"--buyer", d.Buyer}, {"--go-live", goLive}} {
				if f[1] == "" {
					return usage{fmt.Errorf("%s is missing\nhint: portico new northwind --template smb --buyer \"Northwind\" --go-live 2027-03-01", f[0])}
				}
			}
			var err error
			if d.GoLive, err = day(goLive); err != nil {
				return err
			}
			return a.new(d)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&template, "template", "", "the `kind` of deal: smb, mid-market, enterprise, renewal, or one of the site's own")
	flags.StringVar(&buyer, "buyer", "", "the buyer's `name`")
	flags.StringVar(&goLive, "go-live", "", "the `day` on which the buyer goes live, such as 2027-03-01")
	flags.StringVar(&owner, "owner", "", "the `id` of the team member who owns it (default the first account executive)")
	_ = cmd.RegisterFlagCompletionFunc("template", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) { // only a second one fails
		source, err := a.findSite()
		if err != nil {
			source = a.source
		}
		return scaffold.Templates(source, builtinTemplates()), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

func (a *app) new(d scaffold.Deal) error {
	opts, err := a.options()
	if err != nil {
		return err
	}
	p, err := build.Load(opts)
	if err != nil {
		return err
	}
	defer p.Close()
	if p.Messages.Failed() {
		_ = p.Messages.WriteText(a.err, a.color(a.err)) // the error below says the same
		return errors.New("portico.toml has mistakes; mend them first")
	}
	d.Today = deal.DayIn(a.now(), p.Site.Default().Timezone)
	made, err := scaffold.New(p, opts.Source, builtinTemplates(), d)
	if err != nil {
		return err
	}
	if !a.quiet {
		a.say(a.out, "wrote %s", here(made.Folder))
	}
	switch {
	case d.GoLive < d.Today:
		a.note("%s has passed: move go_live in deal.toml, and the whole plan follows", d.GoLive)
	case made.Start < d.Today:
		a.note("worked back from %s the plan begins on %s, which has passed: move go_live, or some of the dates", d.GoLive, made.Start)
	}
	a.note("next: go through %s from top to bottom, and look at it with `portico serve`", filepath.Join(here(made.Folder), "deal.toml"))
	return nil
}

// here names a folder as seen from where the person stands, unless that lies
// elsewhere.
func here(folder string) string {
	at, err := os.Getwd()
	if err != nil {
		return folder
	}
	rel, err := filepath.Rel(at, folder)
	if err != nil || len(rel) > len(folder) {
		return folder
	}
	return rel
}
