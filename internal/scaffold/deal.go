package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"portico/internal/build"
	"portico/internal/deal"
	"portico/internal/diag"
)

// Deal is what is known of a new deal.
type Deal struct {
	ID, Template, Buyer string
	// Owner is a member of the team; empty takes its first account executive.
	Owner  string
	GoLive deal.Day
	// Today is when work on the plan begins, unless the plan worked back from
	// GoLive begins earlier.
	Today deal.Day
}

// Problem is a mistake in what was asked for, with what to do.
type Problem struct{ Text, Hint string }

func (p *Problem) Error() string {
	if p.Hint == "" {
		return p.Text
	}
	return p.Text + "\nhint: " + p.Hint
}

// Templates of a site: its own under content/_templates, and the built-in ones.
func Templates(source string, builtin fs.FS) []string {
	names := map[string]bool{}
	for _, root := range []fs.FS{os.DirFS(filepath.Join(source, "content", "_templates")), builtin} {
		entries, err := fs.ReadDir(root, ".")
		if err != nil {
			continue // a site need not have any
		}
		for _, e := range entries {
			if e.IsDir() && !strings.HasPrefix(e.Name(), "_") && !strings.HasPrefix(e.Name(), ".") {
				names[e.Name()] = true
			}
		}
	}
	return sortedKeys(names)
}

// Made is a deal that was written.
type Made struct {
	Folder string
	// Start is when its plan begins.
	Start deal.Day
}

// New writes the folder of a new deal. The deal was read back before it was
// put there: it builds without an error.
func New(p *build.Project, source string, builtin fs.FS, d Deal) (*Made, error) {
	if !deal.ValidID(d.ID) {
		hint := "small letters, digits and single hyphens, such as northwind-bank; the name becomes a part of the address"
		if s := slug(d.ID); deal.ValidID(s) {
			hint = fmt.Sprintf("try %q: %s", s, hint)
		}
		return nil, &Problem{fmt.Sprintf("%q is no name for a deal's folder", d.ID), hint}
	}
	folder := filepath.Join(source, "content", d.ID)
	if _, err := os.Lstat(folder); err == nil {
		return nil, &Problem{fmt.Sprintf("%s is there already", folder), "choose another name, or go on with that deal"}
	}
	buyer := oneLine(d.Buyer)
	if buyer == "" {
		return nil, &Problem{"the buyer has no name", ""}
	}
	owner, err := chooseOwner(p.Site.Default(), d.Owner)
	if err != nil {
		return nil, err
	}
	template, err := open(source, builtin, d.Template)
	if err != nil {
		return nil, err
	}
	begin := d.Today
	values := Values{"buyer": buyer, "seller": p.Site.Default().Seller.Name, "owner": owner, "go_live": d.GoLive.String(), "start": d.Today.String()}
	temp, start, err := fillIn(p, folder, template, values)
	if err == nil && start != 0 && start < d.Today {
		// The plan worked back from go-live begins before today.
		begin = start
		values["start"] = start.String()
		if err = os.RemoveAll(temp); err == nil {
			temp, _, err = fillIn(p, folder, template, values)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := os.Rename(temp, folder); err != nil {
		return nil, errors.Join(fmt.Errorf("making %s: %w", folder, err), os.RemoveAll(temp))
	}
	return &Made{folder, begin}, nil
}

// fillIn stages a template's files, reads them back as a deal, and finds its
// earliest due date.
func fillIn(p *build.Project, folder string, template fs.FS, values Values) (temp string, first deal.Day, err error) {
	filled, err := files(template, values)
	if err != nil {
		return "", 0, err
	}
	if temp, err = stage(filepath.Dir(folder), filled); err != nil {
		return "", 0, err
	}
	d, messages, err := p.Read(filepath.Base(folder), os.DirFS(temp))
	if err == nil && messages.Failed() {
		err = &BadTemplate{messages}
	}
	if err != nil {
		return "", 0, errors.Join(err, os.RemoveAll(temp))
	}
	for i := range d.Milestones {
		if day := d.Milestones[i].Due.Day; first == 0 || day != 0 && day < first {
			first = day
		}
	}
	return temp, first, nil
}

// BadTemplate is the error of a template that makes no deal without mistakes.
type BadTemplate struct{ Messages diag.List }

func (e *BadTemplate) Error() string {
	return "the template makes a deal with mistakes; nothing was written"
}

// open a template: the site's own stands over the built-in one.
func open(source string, builtin fs.FS, name string) (fs.FS, error) {
	known := Templates(source, builtin)
	if !slices.Contains(known, name) {
		hint := "templates are " + strings.Join(known, ", ")
		if near := diag.Nearest(name, known); near != "" {
			hint = fmt.Sprintf("did you mean %q? %s", near, hint)
		}
		return nil, &Problem{fmt.Sprintf("there is no template %q", name), hint}
	}
	own := filepath.Join(source, "content", "_templates", name)
	root, err := os.OpenRoot(own)
	if errors.Is(err, fs.ErrNotExist) {
		return fs.Sub(builtin, name)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the template: %w", err)
	}
	return root.FS(), nil
}

func chooseOwner(site *deal.Site, id string) (string, error) {
	if id != "" {
		if site.Member(id) == nil {
			var ids []string
			for i := range site.Team {
				ids = append(ids, site.Team[i].ID)
			}
			return "", &Problem{fmt.Sprintf("there is no member of the team %q", id), "the team of portico.toml is " + strings.Join(ids, ", ")}
		}
		return id, nil
	}
	first := ""
	for i := range site.Team {
		p := &site.Team[i]
		if p.Former {
			continue
		}
		if p.Has("account_executive") {
			return p.ID, nil
		}
		if first == "" {
			first = p.ID
		}
	}
	if first == "" {
		return "", &Problem{"portico.toml has no team", "add [person.<id>] with your name and title to portico.toml: a deal needs an owner"}
	}
	return first, nil
}

// slug makes an id of a name: letters lose their accents.
func slug(s string) string {
	var b strings.Builder
	plain := strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i").Replace(strings.ToLower(s))
	for _, r := range norm.NFD.String(plain) {
		switch {
		case unicode.Is(unicode.Mn, r) || r == '\'' || r == '’':
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	id := b.String()
	return strings.TrimSuffix(id[:min(len(id), deal.MaxID)], "-")
}
