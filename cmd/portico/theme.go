package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/deal"
)

func (a *app) themeCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "theme [NAME]",
		Short: "List a theme's layouts, blocks and tokens",
		Long: `Lists every layout, block, asset and token of a theme, with where the one in force
comes from: the site's own file stands over the theme's of the same path, and
that over the built-in one. Without a name it is the site's theme.`,
		Example: `  portico theme
  portico theme ledger`,
		Args: atMost(1, "one name at most"),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			return a.themeNames(args), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			opts, err := a.options()
			if err != nil {
				return err
			}
			p, err := build.Load(opts)
			if err != nil {
				return err
			}
			defer p.Close()
			name := p.Site.Default().Theme
			if len(args) == 1 {
				name = args[0]
			}
			t, messages, err := p.Theme(name)
			if err != nil {
				return err
			}
			if err := messages.WriteText(a.err, a.color(a.err)); err != nil {
				return fmt.Errorf("printing: %w", err)
			}
			if err := a.printTheme(p, t, asJSON); err != nil {
				return err
			}
			if messages.Failed() {
				return silent{1}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print as JSON")
	return cmd
}

// themeNames are what a shell may complete.
func (a *app) themeNames(have []string) []string {
	opts, err := a.options()
	if err != nil || len(have) > 0 {
		return nil
	}
	p, err := build.Load(opts)
	if err != nil {
		return nil
	}
	defer p.Close()
	return p.Themes()
}

// part is a line of the list.
type part struct {
	Kind string `json:"kind"` // layout, block, asset, token
	Name string `json:"name"`
	// Value of a token.
	Value string `json:"value,omitempty"`
	From  string `json:"from"`
}

func (a *app) printTheme(p *build.Project, t *build.Theme, asJSON bool) error {
	parts, err := themeParts(t)
	if err != nil {
		return err
	}
	if asJSON {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"theme": t.Name, "title": t.Title, "themes": p.Themes(), "parts": parts})
	}
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "theme\t%s\t%s\n", t.Name, t.Title) // a tabwriter fails when it is flushed
	for _, x := range parts {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", x.Kind, x.Name, x.Value, x.From)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	a.note("\nthemes of this site: %s", strings.Join(p.Themes(), ", "))
	return nil
}

func themeParts(t *build.Theme) ([]part, error) {
	var parts []part
	walk := func(o build.Overlay, kind func(name string) string) error {
		return fs.WalkDir(o, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if k := kind(name); k != "" {
				parts = append(parts, part{Kind: k, Name: name, From: o.Owner(name).Name})
			}
			return nil
		})
	}
	err := walk(t.Layouts, func(name string) string {
		switch {
		case !strings.HasSuffix(name, ".html"):
			return ""
		case strings.HasPrefix(name, "blocks/"):
			return "block"
		}
		return "layout"
	})
	if err == nil {
		err = walk(t.Assets, func(name string) string {
			if strings.HasPrefix(name, "preview/") { // the program's own, whatever a theme holds
				return ""
			}
			if f := (deal.File{Path: name}); slices.Contains([]string{".css", ".ts", ".js", ".woff2", ".woff", ".ttf", ".otf"}, f.Ext()) {
				return "asset"
			}
			return ""
		})
	}
	if err != nil {
		return nil, fmt.Errorf("listing the theme: %w", err)
	}
	slices.SortStableFunc(parts, func(a, b part) int { return strings.Compare(b.Kind, a.Kind) })
	for _, token := range t.Tokens {
		parts = append(parts, part{"token", token.Name, token.Value, token.From})
	}
	return parts, nil
}
