package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"sync"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/serve"
)

// serveFlags of `portico serve`.
type serveFlags struct {
	addr, date         string
	sealed, open, poll bool
}

func (a *app) serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Show the site on this machine, and each change as you make it",
		Long: `Shows every deal as the buyer would see it, on this machine alone and in the
clear, with a list of the deals and of what is wrong in each. public/ stays as it
is. End it with Ctrl-C.

Save a file, and the page shows it: a new style without being loaded again,
anything else where you were reading. A mistake appears over the page, which
stays as it was good last, and here; both go away when it is mended.

A bar below each page shows it as on a phone or on paper, in the light or the
dark, in another language, or as of another day. It is in no page that is built.

With --sealed every deal that is not public lies where a build puts it, behind the
lock page; ` + "`portico invite`" + ` prints what opens it. Neither the list nor any other
page shows that: who else is on this machine can see them. Pages are then as they
are on a host, to the byte: without the bar, and loaded again by hand. They report
what is looked at to no collector but one that you started beside them, with
` + "`portico-beacon --site`" + ` and the site's folder.

If the port is taken, the next one that is free is used.`,
		Example: `  portico serve
  portico serve --open --date 2027-01-15`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, err := a.options()
			if err != nil {
				return err
			}
			if opts.AsOf, err = day(f.date); err != nil {
				return err
			}
			opts = a.keyed(opts)
			opts.Clear, opts.Drafts = !f.sealed, true
			return a.serve(cmd.Context(), opts, f)
		},
	}
	cmd.Flags().StringVar(&f.addr, "addr", "127.0.0.1:8080", "the `address` to listen on, of this machine alone")
	cmd.Flags().StringVar(&f.date, "date", "", "show every page as of a `day`, such as 2027-01-15")
	cmd.Flags().BoolVar(&f.sealed, "sealed", false, "show the deals as buyers get them, behind the lock page")
	cmd.Flags().BoolVar(&f.open, "open", false, "open it in the browser")
	cmd.Flags().BoolVar(&f.poll, "poll", false, "look for changes twice a second, for disks that tell of none, such as those of a network")
	return cmd
}

func (a *app) serve(ctx context.Context, opts build.Options, f serveFlags) error {
	l, moved, err := serve.Listen(ctx, f.addr)
	if err != nil {
		return err
	}
	defer l.Close() // the server has closed it before
	if f.sealed {
		// Now, and not with the first page: a collector beside it needs it.
		if _, err := opts.Key(); err != nil {
			return err
		}
	}
	collector := a.collectorBeside(opts.Source)
	p, err := serve.Open(ctx, serve.Options{
		Build: opts, Poll: f.poll, Tell: a.tell, Collector: collector,
		Warn: func(err error) { a.say(a.err, "%v", err) },
	})
	if err != nil {
		return err
	}
	defer p.Close()
	url := fmt.Sprintf("http://%s/", l.Addr())
	if moved {
		a.note("%s is taken; this is the next port that is free", f.addr)
	}
	a.say(a.out, "%s: %s", plural(p.Deals(), "deal"), url)
	if to := collector(); to != "" && f.sealed {
		a.note("pages report what you look at to the collector at %s, as they would", to)
	}
	a.note("a preview for you alone, which shows each change; end it with Ctrl-C\n")
	if f.open {
		a.openBrowser(url)
	}
	ctx, stop := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() { p.Follow(ctx) })
	err = serve.Run(ctx, l, p.Handler())
	stop()
	following.Wait()
	return err
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
