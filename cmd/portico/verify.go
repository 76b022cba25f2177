package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/host"
	"portico/internal/verify"
)

func (a *app) verifyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify URL|DIR",
		Short: "Compare what is deployed with the source",
		Long: `Makes the site from its source and compares every byte with what lies at an
address or in a folder, and says what differs: deals that are missing, older,
altered, or should be gone, and files that are nobody's. A host that was broken
into, a deploy that failed half way, and a deal that expired and is still there all
show here.

Of an address it also says which of the headers that the site promises the host
does not send. That is a warning: pages say most of them themselves.

A host does not list its files: what else lies there is seen in a folder alone.
The exit code is 0 if nothing differs and 1 if anything does, or if it could not
be compared.`,
		Example: `  portico verify https://plans.lumen.example
  portico verify public --json`,
		Args: exactly(1, "one argument, an address or a folder"),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.verify(cmd.Context(), args[0], asJSON) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	return cmd
}

// asked is how many files of a host are asked for at once.
const asked = 6

func (a *app) verify(ctx context.Context, where string, asJSON bool) error {
	opts, err := a.options()
	if err != nil {
		return err
	}
	opts = a.findingKey(opts)
	c := verify.Options{Key: opts.Key, AtOnce: runtime.GOMAXPROCS(0)}
	done, err := a.deployed(ctx, where, &c)
	if err != nil {
		return err
	}
	defer done()
	p, err := build.Load(opts)
	if err != nil {
		return err
	}
	defer p.Close()
	o, messages, err := p.Output(ctx)
	if err != nil {
		return err
	}
	if messages.Failed() || p.Messages.Failed() {
		return verify.ErrContent
	}
	report, err := verify.Compare(ctx, o, c)
	if err != nil {
		return err
	}
	return a.sayVerified(report, where, p.Site.Default().Hosts, asJSON)
}

// deployed opens an address or a folder.
func (a *app) deployed(ctx context.Context, where string, c *verify.Options) (done func(), err error) {
	if strings.Contains(where, "://") {
		u, err := url.Parse(where)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
			return nil, usage{fmt.Errorf("%q is no address of a site\nhint: write it as base_url in portico.toml has it, such as https://plans.lumen.example", where)}
		}
		c.Deployed, c.AtOnce = verify.Web(ctx, u), asked
		return func() {}, nil
	}
	if info, err := os.Stat(where); err != nil || !info.IsDir() {
		return nil, usage{fmt.Errorf("there is no folder %s\nhint: name the folder that a build wrote, such as public, or an address with https://", where)}
	}
	root, err := os.OpenRoot(where)
	if err != nil {
		return nil, fmt.Errorf("opening the folder: %w", err)
	}
	c.Deployed = root.FS()
	return func() { _ = root.Close() }, nil // opened for reading
}

func (a *app) sayVerified(r *verify.Report, where string, hosts []string, asJSON bool) error {
	if asJSON {
		if err := a.verifiedJSON(r, where); err != nil {
			return err
		}
	} else {
		for _, d := range r.Different {
			a.say(a.out, "%s", dealLine(d))
			for _, f := range d.Files {
				a.say(a.out, "  %s: %s", f.Name, f.State)
			}
		}
		for _, f := range r.Site {
			a.say(a.out, "%s: %s", f.Name, f.State)
		}
	}
	a.sayHeaders(r.Headers, hosts)
	if !r.Listed {
		a.note("a host does not list its files: what else may lie there was not seen")
	}
	if !r.Same() {
		a.note("%s differs from the source\nhint: build and publish anew; if that was done, look at who can change what lies there", where)
		return silent{1}
	}
	if !a.quiet && !asJSON {
		a.say(a.out, "%s is what the source makes: %s, %s", where, plural(r.Deals, "deal"), plural(r.Files, "file"))
	}
	return nil
}

// sayHeaders warns of headers that a host does not send, and says which file
// would have it do so.
func (a *app) sayHeaders(headers []verify.Header, hosts []string) {
	if len(headers) == 0 {
		return
	}
	for _, h := range headers {
		if h.Got == "" {
			a.note("warning: the host does not send %s: %s", h.Name, h.Want)
		} else {
			a.note("warning: the host sends %s: %s\n  instead of: %s", h.Name, h.Got, h.Want)
		}
	}
	files := host.FilesOf(hosts)
	switch {
	case len(hosts) == 0:
		a.note("hint: name your `host` in [site] of portico.toml: a build then writes the file that has it send them")
	case len(files) == 0:
		a.note("hint: %s sends no headers of a site's own; the pages say the same themselves, but for frame-ancestors, and the lock page refuses to run in a frame", strings.Join(hosts, " and "))
	default:
		a.note("hint: %s in the root of the site says so to the host; docs/publishing.md tells how it is put in force", strings.Join(files, " and "))
	}
}

func dealLine(d verify.Deal) string {
	name := d.Folder
	if d.ID != "" {
		name = d.ID + " (" + d.Folder + ")"
	}
	times := fmt.Sprintf("the one of %s is there, and the source has that of %s", stamp(d.Deployed), stamp(d.Source))
	switch d.State {
	case verify.Older, verify.Newer:
		return fmt.Sprintf("%s: %s: %s", name, d.State, times)
	case verify.Left:
		return fmt.Sprintf("%s: should be gone: it is %s", name, d.Why)
	case verify.Unknown:
		if d.Why != "" {
			return fmt.Sprintf("%s: unknown: %s, which the source does not make", name, d.Why)
		}
	}
	return fmt.Sprintf("%s: %s", name, d.State)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

func (a *app) verifiedJSON(r *verify.Report, where string) error {
	site, deals := r.Site, r.Different
	if site == nil {
		site = []verify.File{}
	}
	if deals == nil {
		deals = []verify.Deal{}
	}
	headers := r.Headers
	if headers == nil {
		headers = []verify.Header{}
	}
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(map[string]any{"ok": r.Same(), "where": where, "files": r.Files, "deals": r.Deals, "listed": r.Listed, "different": deals, "site": site, "headers": headers})
}
