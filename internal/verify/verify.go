// Package verify compares what is deployed with what the source makes, byte for
// byte, and says what differs in terms of deals. It looks into a deal only to
// tell an older one from an altered one. It writes nothing.
package verify

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/internal/build"
	"portico/internal/host"
	"portico/internal/seal"
)

// State of a file or of a deal that is deployed.
type State string

// What may be wrong with either. Older and Newer are for sealed deals alone:
// what is there opens, and is another state of the deal.
const (
	Missing State = "missing"
	Altered State = "altered"
	Unknown State = "unknown" // the source makes none such
	Older   State = "older"
	Newer   State = "newer"
	Left    State = "left" // the source has the deal, and it should be gone
)

// File that differs, by its name in its deal's folder, or on the site.
type File struct {
	Name  string `json:"name"`
	State State  `json:"state"`
}

// Deal that differs.
type Deal struct {
	// ID is empty for a folder that is no deal of the source.
	ID     string `json:"deal,omitempty"`
	Folder string `json:"folder"`
	State  State  `json:"state"`
	// Why a deal that is there should not be.
	Why string `json:"why,omitempty"`
	// Deployed and Source are when the deal was last changed, as either says;
	// zero where that is not known.
	Deployed time.Time `json:"deployed,omitzero"`
	Source   time.Time `json:"source,omitzero"`
	Files    []File    `json:"files,omitempty"`
}

// Report is what a comparison came to.
type Report struct {
	// Compared is how many files and deals are as they should be, and how many
	// there are.
	Files, Deals int
	// Site are files that differ and belong to no deal.
	Site      []File
	Different []Deal
	// Headers are those that a host does not send as it should.
	Headers []Header
	// Listed says that everything that is there was seen. A host does not tell
	// what else it has.
	Listed bool
}

// Same says whether nothing differs.
func (r *Report) Same() bool { return len(r.Site) == 0 && len(r.Different) == 0 }

// ErrContent is the error of a source that has mistakes: nothing can be compared
// with it.
var ErrContent = errors.New("the source has mistakes, so there is nothing to compare with\nhint: `portico check` says what is wrong")

// Options of a comparison.
type Options struct {
	// Deployed are the files that are there. One that can list its folders is
	// looked through for what should not be there.
	Deployed fs.FS
	// Key opens sealed deals to see how old they are.
	Key func() (seal.TeamKey, error)
	// AtOnce is how many files are asked for at the same time.
	AtOnce int
}

// Compare what is deployed with an output.
func Compare(ctx context.Context, o *build.Output, opts Options) (*Report, error) {
	_, lists := opts.Deployed.(interface{ unlisted() })
	c := &comparison{Options: opts, output: o, report: &Report{Listed: !lists}, known: map[string]bool{}, page: "index.html"}
	summaries, err := o.Summaries(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range summaries {
		if s.Messages.Failed() {
			return nil, ErrContent
		}
	}
	for _, s := range summaries {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		if s.Shown {
			err = c.deal(s)
		} else {
			err = c.gone(s)
		}
		o.Forget(s.ID)
		if err != nil {
			return nil, err
		}
	}
	if err := c.site(); err != nil {
		return nil, err
	}
	if c.report.Headers, err = c.headers(c.page); err != nil {
		return nil, err
	}
	return c.report, c.others()
}

type comparison struct {
	Options
	output *build.Output
	report *Report
	known  map[string]bool // names of the first level that are the source's
	page   string          // by which the headers are judged: a deal's, if there is one
}

// deal compares one that the source makes.
func (c *comparison) deal(s build.Summary) error {
	c.known[s.Folder], c.page = true, s.Folder+"/index.html"
	names, err := files(c.output, s.Folder)
	if err != nil {
		return fmt.Errorf("making the deal %s: %w", s.ID, err)
	}
	if len(names) == 0 {
		return ErrContent
	}
	differ, err := c.compare(names)
	if err != nil {
		return err
	}
	c.report.Deals++
	c.report.Files += len(names)
	more, err := c.besides(s.Folder, names)
	if err != nil {
		return err
	}
	if differ = append(differ, more...); len(differ) == 0 {
		return nil
	}
	d := Deal{ID: s.ID, Folder: s.Folder, State: Altered, Source: s.Changed.UTC().Truncate(time.Second)}
	for _, f := range differ {
		d.Files = append(d.Files, File{strings.TrimPrefix(f.Name, s.Folder+"/"), f.State})
	}
	c.judge(&d, s.Public, len(names))
	c.report.Different = append(c.report.Different, d)
	return nil
}

// judge says in which way a deal differs.
func (c *comparison) judge(d *Deal, public bool, files int) {
	missing := 0
	for _, f := range d.Files {
		if f.State == Missing {
			missing++
		}
	}
	if missing == files {
		d.State, d.Files = Missing, nil
		return
	}
	if public {
		return
	}
	sub, err := fs.Sub(c.Deployed, d.Folder)
	if err != nil {
		return
	}
	key, err := c.Key()
	if err != nil {
		return
	}
	opened, err := seal.UnlockWithKey(sub, key)
	if err != nil || opened.Verify() != nil {
		return // it is altered
	}
	d.Deployed = time.Unix(opened.Changed, 0).UTC()
	switch d.Deployed.Compare(d.Source) {
	case -1:
		d.State = Older
	case 1:
		d.State = Newer
	}
}

// gone looks whether a deal that is not built lies there all the same.
func (c *comparison) gone(s build.Summary) error {
	for _, folder := range c.output.Folders(s.ID) {
		f, err := c.Deployed.Open(folder + "/index.html")
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		same := false
		if err == nil {
			same, err = c.isPlain(f)
			err = errors.Join(err, f.Close())
		}
		if err != nil {
			return fmt.Errorf("reading what is deployed: %w", err)
		}
		if !same {
			c.known[folder] = true
			c.report.Different = append(c.report.Different, Deal{ID: s.ID, Folder: folder, State: Left, Why: s.Left})
		}
	}
	return nil
}

// isPlain says whether an answer is the page of what is not there: some hosts
// send it with the status of one that is.
func (c *comparison) isPlain(f io.Reader) (bool, error) {
	got, err := sum(f)
	if err != nil {
		return false, err
	}
	for _, name := range []string{"404.html", "index.html"} {
		own, err := sumOf(c.output, name)
		if err != nil || own == got {
			return true, err
		}
	}
	return false, nil
}

// site compares the files that belong to no deal.
func (c *comparison) site() error {
	entries, err := c.output.ReadDir(".")
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		switch c.known[name] = true; {
		case e.IsDir() && name == "_":
			more, err := files(c.output, name)
			if err != nil {
				return err
			}
			names = append(names, more...)
		case !e.IsDir() && (c.report.Listed || !host.Unserved(name)):
			names = append(names, name)
		}
	}
	differ, err := c.compare(names)
	if err != nil {
		return err
	}
	more, err := c.besides("_", names)
	c.report.Files += len(names)
	c.report.Site = append(differ, more...)
	return err
}

// others finds what lies there and is nobody's.
func (c *comparison) others() error {
	if !c.report.Listed {
		return nil
	}
	entries, err := fs.ReadDir(c.Deployed, ".")
	if err != nil {
		return fmt.Errorf("listing what is deployed: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case c.known[name] || slices.Contains([]string{".git", ".gitignore", ".portico"}, name):
		case e.IsDir():
			id, err := c.output.DealIn(name)
			if err != nil {
				return err
			}
			c.report.Different = append(c.report.Different, Deal{ID: id, Folder: name, State: Unknown, Why: c.what(name)})
		default:
			c.report.Site = append(c.report.Site, File{name, Unknown})
		}
	}
	return nil
}

// what an unknown folder holds.
func (c *comparison) what(folder string) string {
	page, err := fs.ReadFile(c.Deployed, folder+"/index.html")
	if err != nil {
		return ""
	}
	h, err := seal.FindHeader(page)
	if err != nil {
		return ""
	}
	if key, err := c.Key(); err == nil && key.ID() == h.Key {
		return "a deal sealed with the team's key"
	}
	return "a deal sealed with another key"
}

// besides are files of a folder that the source does not make.
func (c *comparison) besides(folder string, names []string) ([]File, error) {
	if !c.report.Listed {
		return nil, nil
	}
	there, err := files(c.Deployed, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing what is deployed: %w", err)
	}
	var more []File
	for _, name := range there {
		if !slices.Contains(names, name) {
			more = append(more, File{name, Unknown})
		}
	}
	return more, nil
}

// compare files by their names, several at once.
func (c *comparison) compare(names []string) ([]File, error) {
	states, errs := make([]State, len(names)), make([]error, len(names))
	queue := make(chan int)
	var workers sync.WaitGroup
	for range max(1, c.AtOnce) {
		workers.Go(func() {
			for i := range queue {
				states[i], errs[i] = c.file(names[i])
			}
		})
	}
	for i := range names {
		queue <- i
	}
	close(queue)
	workers.Wait()
	var differ []File
	for i, state := range states {
		if state != "" {
			differ = append(differ, File{names[i], state})
		}
	}
	return differ, errors.Join(errs...)
}

// file compares one; no state says that it is the same.
func (c *comparison) file(name string) (State, error) {
	theirs, err := sumOf(c.Deployed, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Missing, nil
	case errors.Is(err, errNoFile):
		return Altered, nil
	case err != nil:
		return "", fmt.Errorf("reading what is deployed: %w", err)
	}
	ours, err := sumOf(c.output, name)
	if err != nil {
		return "", fmt.Errorf("making %s: %w", name, err)
	}
	if ours != theirs {
		return Altered, nil
	}
	return "", nil
}

// files below a folder, sorted. Whatever is no plain file is one that differs.
func files(from fs.FS, folder string) ([]string, error) {
	var names []string
	err := fs.WalkDir(from, folder, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

func sumOf(from fs.FS, name string) ([sha256.Size]byte, error) {
	f, err := from.Open(name)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	defer f.Close() // opened for reading
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errNoFile
	}
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return sum(f)
}

// errNoFile is the error of a folder, or the like, where a file should be.
var errNoFile = errors.New("is no file")

func sum(r io.Reader) ([sha256.Size]byte, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return [sha256.Size]byte(h.Sum(nil)), err
}
