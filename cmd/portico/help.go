package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"portico/internal/diag"
)

// usageText is what --help prints below a command's own words.
const usageText = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} COMMAND [flags]{{else}}{{.UseLine}}{{end}}{{if .HasExample}}

Examples:
{{.Example}}{{end}}{{$all := .Commands}}{{range .Groups}}{{$id := .ID}}

{{.Title}}{{range $all}}{{if and (eq .GroupID $id) (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if and .HasAvailableSubCommands (not .Groups)}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Flags of every command:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableSubCommands}}

"{{.CommandPath}} COMMAND --help" tells more about a command.{{end}}
`

// helpCommand explains the others. Cobra's own answers with success whatever
// it is asked.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Explain a command",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			at, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(at), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return usage{err}
			}
			if len(rest) > 0 {
				return noCommand(about, rest[0])
			}
			return about.Help()
		},
	}
}

// noCommand says that a command has no other of that name below it.
func noCommand(cmd *cobra.Command, name string) error {
	hint := fmt.Sprintf("`%s --help` lists the commands", cmd.CommandPath())
	if near := diag.Nearest(name, commandNames(cmd)); near != "" {
		hint = fmt.Sprintf("did you mean `%s %s`?", cmd.CommandPath(), near)
	}
	return usage{fmt.Errorf("there is no command %q\nhint: %s", cmd.CommandPath()+" "+name, hint)}
}

func commandNames(cmd *cobra.Command) []string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// badFlag says what is wrong with a flag, and what it was probably meant to
// be.
func badFlag(cmd *cobra.Command, err error) error {
	text, hint := err.Error(), fmt.Sprintf("`%s --help` lists what it takes", cmd.CommandPath())
	var (
		unknown *pflag.NotExistError
		value   *pflag.InvalidValueError
		missing *pflag.ValueRequiredError
	)
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if unknown.GetSpecifiedShortnames() != "" {
			text = fmt.Sprintf("%s has no flag -%s", cmd.CommandPath(), name)
			break
		}
		text = fmt.Sprintf("%s has no flag --%s", cmd.CommandPath(), name)
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if near := diag.Nearest(name, known); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
	case errors.As(err, &value):
		what := "no whole number"
		if value.GetFlag().Value.Type() == "bool" {
			what = "neither true nor false"
		}
		text = fmt.Sprintf("--%s: %q is %s", value.GetFlag().Name, value.GetValue(), what)
	case errors.As(err, &missing):
		text = fmt.Sprintf("nothing follows --%s", missing.GetFlag().Name)
	}
	return usage{fmt.Errorf("%s\nhint: %s", text, hint)}
}

// explainCompletion gives Cobra's command our words and our exit codes.
func explainCompletion(cmd *cobra.Command) {
	cmd.Short = "Let your shell complete commands and deals"
	cmd.Long = `Prints a script that lets your shell complete commands, flags and the names of
deals when you press Tab. The help of each shell says where to put it.`
	cmd.Example = "  portico completion zsh --help"
	cmd.Args = noArgs
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return usage{fmt.Errorf("say for which shell: %s\nhint: `%s --help` says more", strings.Join(commandNames(cmd), ", "), cmd.CommandPath())}
	}
	for _, shell := range cmd.Commands() {
		shell.Short = "For " + shell.Name()
		shell.Args = noArgs
	}
}

// deals completes the names of deals that are not there yet.
func (a *app) deals(_ *cobra.Command, have []string, _ string) ([]string, cobra.ShellCompDirective) {
	known := func(id string) bool { return slices.Contains(have, id) }
	return slices.DeleteFunc(a.dealNames(), known), cobra.ShellCompDirectiveNoFileComp
}
