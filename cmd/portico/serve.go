package main

import (
	"fmt"
	"log/slog"
	"os/exec"
	"runtime"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/serve"
)

func (a *app) serveCommand() *cobra.Command {
	var addr, date string
	var open, sealed bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Show the site on this machine",
		Long: `Shows every deal as the buyer would see it, on this machine alone and in the
clear, with a list of the deals and of what is wrong in each. public/ stays as it
is. End it with Ctrl-C, and start it again to see a change.

With --sealed every deal that is not public lies where a build puts it, behind the
lock page; ` + "`portico invite`" + ` prints what opens it. Neither the list nor any other
page shows that: who else is on this machine can see them.

If the port is taken, the next one that is free is used.`,
		Example: `  portico serve
  portico serve --open --date 2027-01-15`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, err := a.options()
			if err != nil {
				return err
			}
			if opts.AsOf, err = day(date); err != nil {
				return err
			}
			opts = a.keyed(opts)
			opts.Clear, opts.Drafts = !sealed, true
			p, err := build.Load(opts)
			if err != nil {
				return err
			}
			defer p.Close()
			return a.serve(cmd, p, addr, open)
		},
	}
	cmd.Flags().StringVar(&addr, "addr", "127.0.0.1:8080", "the `address` to listen on, of this machine alone")
	cmd.Flags().StringVar(&date, "date", "", "show every page as of a `day`, such as 2027-01-15")
	cmd.Flags().BoolVar(&sealed, "sealed", false, "show the deals as buyers get them, behind the lock page")
	cmd.Flags().BoolVar(&open, "open", false, "open it in the browser")
	return cmd
}

func (a *app) serve(cmd *cobra.Command, p *build.Project, addr string, open bool) error {
	ctx := cmd.Context()
	l, moved, err := serve.Listen(ctx, addr)
	if err != nil {
		return err
	}
	defer l.Close() // the server has closed it before
	o, messages, err := p.Output(ctx)
	if err != nil {
		return err
	}
	p.Messages = append(p.Messages, messages...)
	all, err := p.Check(ctx)
	if err != nil {
		return err
	}
	shown := all
	if a.quiet {
		shown = mistakes(all)
	}
	if err := shown.WriteText(a.err, a.color(a.err)); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	url := fmt.Sprintf("http://%s/", l.Addr())
	if len(shown) > 0 {
		a.note("")
	}
	if moved {
		a.note("%s is taken; this is the next port that is free", addr)
	}
	a.say(a.out, "%s, %s: %s", plural(len(p.IDs), "deal"), counts(all), url)
	a.note("a preview for you alone; end it with Ctrl-C")
	if open {
		a.openBrowser(url)
	}
	return serve.Run(ctx, l, serve.Handler(o, slog.New(slog.NewTextHandler(a.err, nil))))
}

// openBrowser asks the desktop to show an address. Where there is none, the
// address is on the terminal.
func (a *app) openBrowser(url string) {
	name, args := "xdg-open", []string{url}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", url}
	}
	if err := exec.Command(name, args...).Start(); err != nil {
		a.note("the browser could not be opened: %v", err)
	}
}
