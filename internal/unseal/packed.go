package unseal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"golang.org/x/net/html"
)

// MaxFile is more than any packed deal has.
const MaxFile = 128 << 20

// Packed shows one file that `portico pack` made as the folder of its deal.
func Packed(page []byte) (fs.FS, error) {
	lock, _, _ := bytes.Cut(page, []byte("<script")) // the reader knows what a header looks like
	files := memory{lockPage: lock}
	z := html.NewTokenizer(bytes.NewReader(page))
	for z.Next() != html.ErrorToken {
		t := z.Token()
		name := ""
		for _, a := range t.Attr {
			if a.Key == "data-name" {
				name = a.Val
			}
		}
		if t.Type != html.StartTagToken || t.Data != "script" || path.Dir(name) != objects {
			continue
		}
		if _, taken := files[name]; taken || !fs.ValidPath(name) || z.Next() != html.TextToken {
			return nil, fmt.Errorf("the packed file %q is not whole", name)
		}
		data, err := base64.StdEncoding.DecodeString(string(z.Text()))
		if err != nil {
			return nil, fmt.Errorf("the packed file %q is damaged: %w", name, err)
		}
		files[name] = data
	}
	if !errors.Is(z.Err(), io.EOF) {
		return nil, fmt.Errorf("reading the packed deal: %w", z.Err())
	}
	return files, nil
}

// objects is the folder of a deal's sealed files.
const objects = "o"

// memory is a deal's folder that lies in no file system.
type memory map[string][]byte

func (m memory) Open(name string) (fs.File, error) {
	data, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &kept{bytes.NewReader(data), info{path.Base(name), int64(len(data))}}, nil
}

// ReadDir lists the objects.
func (m memory) ReadDir(name string) ([]fs.DirEntry, error) {
	var list []fs.DirEntry
	for file, data := range m {
		if path.Dir(file) == name {
			list = append(list, fs.FileInfoToDirEntry(info{path.Base(file), int64(len(data))}))
		}
	}
	return list, nil
}

type kept struct {
	*bytes.Reader
	info info
}

func (k *kept) Stat() (fs.FileInfo, error) { return k.info, nil }
func (k *kept) Close() error               { return nil }

type info struct {
	name string
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return 0o444 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
