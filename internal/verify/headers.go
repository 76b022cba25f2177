package verify

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"slices"
)

// Header that a host should send with every page, and sends otherwise. It is no
// difference: pages say most of it themselves, and some hosts send none.
type Header struct {
	Name string `json:"name"`
	Want string `json:"want"`
	// Got is empty where the host sends none.
	Got string `json:"got,omitempty"`
}

// answered is a file that came with headers.
type answered interface{ header() http.Header }

// headers of a page against those that the site promises. A page that is not
// there was reported.
func (c *comparison) headers(page string) ([]Header, error) {
	f, err := c.Deployed.Open(page)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what is deployed: %w", err)
	}
	defer f.Close() // opened for reading
	a, ok := f.(answered)
	if !ok {
		return nil, nil // a folder sends nothing
	}
	if _, err := io.Copy(io.Discard, f); err != nil {
		return nil, fmt.Errorf("reading what is deployed: %w", err)
	}
	var list []Header
	promised := c.output.Headers()
	for _, name := range slices.Sorted(maps.Keys(promised)) {
		sent := a.header().Values(name)
		if len(sent) != 1 || sent[0] != promised[name] {
			h := Header{Name: name, Want: promised[name]}
			for i, value := range sent {
				if i > 0 {
					h.Got += ", "
				}
				h.Got += value
			}
			list = append(list, h)
		}
	}
	return list, nil
}
