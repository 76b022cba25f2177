package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/deal"
)

// inviteFlags of `portico invite`.
type inviteFlags struct {
	output, at      string
	asJSON, message bool
}

func (a *app) inviteCommand() *cobra.Command {
	var f inviteFlags
	cmd := &cobra.Command{
		Use:   "invite DEAL [VIEWER]",
		Short: "Print what lets people into a deal",
		Long: `Prints for each viewer of a deal, or for one, the personal link, the same as a code
to type, and the passphrase. The link or the passphrase opens the deal; where its
factors are link+passphrase it takes both.

Nothing is sent, and nothing is written into a file: what is printed opens the deal.
With --message it is a mail to each viewer, ready to be sent, in the deal's language.
With --at the links lead to a preview, which ` + "`portico serve --sealed`" + ` shows.`,
		Example: `  portico invite northwind-bank
  portico invite northwind-bank --at http://127.0.0.1:8080
  portico invite northwind-bank priya --message`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 1 || len(args) > 2 {
				return usage{fmt.Errorf("%s takes a deal and, if you like, one of its viewers\nhint: `%s --help` shows how", cmd.CommandPath(), cmd.CommandPath())}
			}
			return nil
		},
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.deals(cmd, args, "")
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.invite(cmd.Context(), args, f) },
	}
	cmd.Flags().StringVar(&f.output, "output", "", "the `folder` that the site was built into (default public/ of the site)")
	cmd.Flags().StringVar(&f.at, "at", "", "the `address` where the links lead, in the place of the site's own")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print as JSON")
	cmd.Flags().BoolVar(&f.message, "message", false, "print a mail to each viewer")
	_ = cmd.MarkFlagDirname("output") // only a flag that is not there fails
	return cmd
}

func (a *app) invite(ctx context.Context, args []string, f inviteFlags) error {
	if f.asJSON && f.message {
		return usage{errors.New("--json and --message are two ways to print the same; take one")}
	}
	if f.at != "" {
		if err := deal.WebAddress(f.at); err != nil {
			return usage{fmt.Errorf("--at %s: %s\nhint: it is that of a preview, such as http://127.0.0.1:8080", f.at, err.Text)}
		}
	}
	opts, err := a.options()
	if err != nil {
		return err
	}
	opts = a.keyed(opts)
	p, err := build.Load(opts)
	if err != nil {
		return err
	}
	defer p.Close()
	o, messages, err := p.Output(ctx)
	if err != nil {
		return err
	}
	i, more, err := o.Invitation(args[0], f.output)
	if err != nil {
		return err
	}
	if messages = append(messages, more...); messages.Failed() {
		_ = messages.WriteText(a.err, a.color(a.err)) // the error below says the same
		return errors.New("the deal has mistakes; mend them first")
	}
	if len(args) > 1 {
		if err := i.Only(args[1]); err != nil {
			return err
		}
	}
	if f.at != "" {
		i.Lead(f.at)
	}
	if err := a.printInvitation(i, f); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	a.sayInvited(i, f.at == "")
	return nil
}

func (a *app) printInvitation(i *build.Invitation, f inviteFlags) error {
	switch {
	case f.asJSON:
		return a.inviteJSON(i)
	case f.message:
		return a.inviteMails(i)
	}
	return a.inviteTable(i)
}

// inviteTable is for people: what each has, one thing a line.
func (a *app) inviteTable(i *build.Invitation) error {
	if _, err := fmt.Fprintf(a.out, "%s: %s\n%s\n\n", i.Deal, i.Title, i.Address); err != nil {
		return err
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 3, ' ', 0)
	row := func(who, what, value string) { _, _ = fmt.Fprintf(w, "%s\t%s\t%s\n", who, what, value) } // a tabwriter fails when it is flushed
	for _, g := range i.Guests {
		row(g.Name, "link", g.Link)
		row("", "code", g.Code)
		if g.Phrase != "" {
			row("", "passphrase", g.Phrase)
		}
		if g.Until != 0 {
			row("", "until", g.Until.String())
		}
	}
	switch {
	case i.Password:
		row("everybody", "password", "the one in "+build.PasswordVariable(i.Deal))
	case i.Passphrase != "":
		row("everybody", "passphrase", i.Passphrase)
	}
	return w.Flush()
}

// inviteMails are a mail each, and, where two factors are asked for, what goes
// another way.
func (a *app) inviteMails(i *build.Invitation) error {
	var parts []string
	for _, g := range i.Guests {
		parts = append(parts, i.Mail(g))
		if call := i.Call(g); call != "" {
			parts = append(parts, call)
		}
	}
	_, err := fmt.Fprint(a.out, strings.Join(parts, "\n"+strings.Repeat("-", 72)+"\n\n"))
	return err
}

// invited is a guest as JSON has it.
type invited struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email,omitempty"`
	Link   string `json:"link"`
	Code   string `json:"code"`
	Phrase string `json:"passphrase,omitempty"`
	Until  string `json:"until,omitempty"`
}

func (a *app) inviteJSON(i *build.Invitation) error {
	viewers := []invited{}
	for _, g := range i.Guests {
		viewers = append(viewers, invited{g.ID, g.Name, g.Email, g.Link, g.Code, g.Phrase, g.Until.String()})
	}
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{
		"deal": i.Deal, "title": i.Title, "address": i.Address, "two_factors": i.TwoFactors, "passphrase": i.Passphrase,
		"password": i.Password, "viewers": viewers, "built": i.Built, "left": i.Left,
	})
}

// sayInvited says what to mind. What was built counts only where the links lead
// there.
func (a *app) sayInvited(i *build.Invitation, there bool) {
	switch {
	case i.Left != "":
		a.note("\na build leaves this deal out (%s), so none of it opens anything yet", i.Left)
	case !there:
	case i.Built == build.BuiltNot:
		a.note("\nthe deal is not built yet, so none of it opens anything\nhint: portico build")
	case i.Built == build.BuiltChanged:
		a.note("\nthe deal was changed since it was built: what is there may be older, or not open with this\nhint: portico build")
	}
	if len(i.Guests) == 0 {
		a.note("\nno one has a link of their own: name `viewers` in [access]")
	}
	if i.TwoFactors {
		a.note("\nit takes the link and the words: send the link by mail, and the words another way, by phone or text message")
	}
}
