package unseal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/net/html"
)

// BadOutput is the error of a folder that nothing may be written to.
type BadOutput struct{ Dir, Why string }

func (e *BadOutput) Error() string {
	return fmt.Sprintf("%s %s\nhint: name a new folder", e.Dir, e.Why)
}

// Write deals into a new folder, each into one of its own as on the host, beside
// what they share. It is there whole or not at all.
func Write(dir string, deals []*Deal, shared fs.FS) error {
	if _, err := os.Lstat(dir); err == nil {
		return &BadOutput{dir, "is there already, and nothing is overwritten"}
	}
	for _, d := range deals {
		if err := d.check(); err != nil {
			return err
		}
	}
	parent, base := filepath.Split(filepath.Clean(dir))
	if err := os.MkdirAll(filepath.Clean(parent+"."), 0o755); err != nil {
		return fmt.Errorf("making the output: %w", err)
	}
	stage, err := os.MkdirTemp(filepath.Clean(parent+"."), "."+base+"-*") // 0700: what is in there was sealed
	if err != nil {
		return fmt.Errorf("making the output: %w", err)
	}
	if err := fill(stage, deals, shared); err != nil {
		return errors.Join(err, os.RemoveAll(stage))
	}
	if err := os.Rename(stage, dir); err != nil {
		return errors.Join(fmt.Errorf("putting the output in place: %w", err), os.RemoveAll(stage))
	}
	return nil
}

// fill a stage through a root that nothing leads out of.
func fill(stage string, deals []*Deal, shared fs.FS) error {
	root, err := os.OpenRoot(stage)
	if err != nil {
		return fmt.Errorf("opening the output: %w", err)
	}
	defer root.Close() // each of its files was closed
	for _, d := range deals {
		if err := d.write(root); err != nil {
			return fmt.Errorf("opening the deal %s: %w", d.Folder, err)
		}
	}
	if shared == nil {
		return nil
	}
	return fs.WalkDir(shared, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		from, err := shared.Open(name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		defer from.Close() // opened for reading
		return writeFile(root, sharedDir+"/"+name, from)
	})
}

func (d *Deal) write(root *os.Root) error {
	files, err := d.FS()
	if err != nil {
		return err
	}
	parts := map[string]map[string][]byte{} // of pages, by their places
	for _, e := range d.Entries {
		if e.At == "" {
			continue
		}
		data, err := fs.ReadFile(files, e.Path+"#"+e.At)
		if err != nil {
			return err
		}
		if parts[e.Path] == nil {
			parts[e.Path] = map[string][]byte{}
		}
		parts[e.Path][e.At] = data
	}
	for _, e := range d.Entries {
		if e.At != "" {
			continue
		}
		from, err := files.Open(e.Path)
		if err != nil {
			return err
		}
		content := io.Reader(from)
		if inner := parts[e.Path]; inner != nil {
			content, err = weave(from, inner)
		}
		if err == nil {
			err = writeFile(root, d.Folder+"/"+e.Path, content)
		}
		if err = errors.Join(err, from.Close()); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(root *os.Root, name string, from io.Reader) error {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	_, err = io.Copy(f, from)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}

// weave puts fragments into the elements of a page that are empty for them.
func weave(page io.Reader, parts map[string][]byte) (io.Reader, error) {
	var out bytes.Buffer
	z := html.NewTokenizer(page)
	placed := 0
	for z.Next() != html.ErrorToken {
		out.Write(z.Raw()) // before its attributes are read, which changes it
		if t := z.Token(); t.Type == html.StartTagToken {
			for _, a := range t.Attr {
				if part, ok := parts[a.Val]; ok && a.Key == "id" {
					out.Write(part)
					placed++
				}
			}
		}
	}
	if !errors.Is(z.Err(), io.EOF) {
		return nil, fmt.Errorf("reading a page: %w", z.Err())
	}
	if placed != len(parts) {
		return nil, fmt.Errorf("a page has places for %d of its %d parts", placed, len(parts))
	}
	return &out, nil
}

// Title of the deal's page; empty where it has none.
func (d *Deal) Title() string {
	e, found := d.Find(lockPage, "")
	if !found {
		return ""
	}
	data, err := d.ReadFile(e)
	if err != nil {
		return "" // writing says so
	}
	for z := html.NewTokenizer(bytes.NewReader(data)); z.Next() != html.ErrorToken; {
		if t := z.Token(); t.Type == html.StartTagToken && t.Data == "title" && z.Next() == html.TextToken {
			return z.Token().Data
		}
	}
	return ""
}
