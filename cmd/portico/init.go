package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"portico/internal/scaffold"
)

func (a *app) initCommand() *cobra.Command {
	var s scaffold.Site
	cmd := &cobra.Command{
		Use:   "init DIR",
		Short: "Make a new site",
		Long: `Makes a new site in a new or empty folder: portico.toml with your company and you,
a place for shared files, a .gitignore, pipelines for GitHub and GitLab that publish
it, and a short README that says what they need.`,
		Example: `  portico init plans --seller "Lumen" --name "Mara Lindqvist" --domain plans.lumen.example`,
		Args:    exactly(1, "one argument, the folder to make"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := scaffold.Init(args[0], builtinTemplates(), s); err != nil {
				return err
			}
			if !a.quiet {
				a.say(a.out, "made a site in %s", args[0])
			}
			a.note("next: cd %s, look through portico.toml, and write the first deal:\n  portico new northwind --template smb --buyer \"Northwind\" --go-live 2027-03-01", args[0])
			return nil
		},
	}
	cmd.Flags().StringVar(&s.Seller, "seller", "Your company", "your company's `name`")
	cmd.Flags().StringVar(&s.OwnerName, "name", "Your Name", "your own `name`, the first of the team")
	cmd.Flags().StringVar(&s.Domain, "domain", "plans.example.com", "the `domain` that the site will be published under")
	return cmd
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the program's version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.out, "portico "+version())
			return err
		},
	}
}
