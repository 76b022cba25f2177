// Package host writes the files by which hosts are told what to send with a
// site's pages: one table of headers, in the language of each host. It knows
// nothing of deals, and what it writes is the same for all of them.
package host

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Site is what hosts are told.
type Site struct {
	// Base is the path that the site is published under, with a slash at both
	// ends.
	Base string
	// Headers go with every answer.
	Headers map[string]string
}

// Header is one of them.
type Header struct{ Name, Value string }

// forever is for files whose names hold a hash of their content. All others are
// asked for again each time: a page keeps its name when it changes.
var forever = Header{"Cache-Control", "public, max-age=31536000, immutable"}

var fresh = Header{"Cache-Control", "no-cache"}

// sharedDir holds the files with such names.
const sharedDir = "_"

// names of the files that hosts read, by host: two read the same one.
var names = map[string]string{
	"netlify": "_headers", "cloudflare": "_headers", "vercel": "vercel.json", "nginx": "nginx.conf", "caddy": "caddy.conf", "s3": "cloudfront.js",
}

// Files for some hosts, by their names in the site's root. Hosts that take no
// headers have none.
func (s Site) Files(hosts []string) (map[string][]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, h := range hosts {
		switch name := names[h]; h {
		case "netlify", "cloudflare":
			files[name] = s.headersFile()
		case "vercel":
			data, err := s.vercel()
			if err != nil {
				return nil, fmt.Errorf("writing %s: %w", name, err)
			}
			files[name] = data
		case "nginx":
			files[name] = s.nginx()
		case "caddy":
			files[name] = s.caddy()
		case "s3":
			files[name] = s.cloudFront()
		}
	}
	return files, nil
}

// Unserved says whether a file is for the host alone, which may keep it to
// itself.
func Unserved(name string) bool { return name == ".nojekyll" || slices.Contains(own(), name) }

// FilesOf are the names of the files that some hosts read, each once.
func FilesOf(hosts []string) []string {
	var list []string
	for _, h := range hosts {
		if name, ok := names[h]; ok {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// special are the signs that mean something within quotes to one host or
// another. No header of ours needs one, so they are refused rather than escaped
// in five ways.
const special = "\"\\$`{}<>"

func (s Site) check() error {
	for _, h := range s.all() {
		for _, r := range h.Name + h.Value {
			if r < ' ' || r > '~' || strings.ContainsRune(special, r) {
				return fmt.Errorf("the header %s would hold %q, which hosts' files cannot: look at the addresses in [embed] and [beacon] of portico.toml", h.Name, r)
			}
		}
	}
	for _, r := range s.Base {
		if r <= ' ' || r > '~' || strings.ContainsRune(special+";*:()[]^|?#", r) {
			return fmt.Errorf("the path %s of base_url holds %q, which hosts' files cannot", s.Base, r)
		}
	}
	return nil
}

// all headers, in the order of their names.
func (s Site) all() []Header {
	var list []Header
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		list = append(list, Header{name, s.Headers[name]})
	}
	return list
}

// own are the files that a server reads from the site's folder and gives nobody.
func own() []string { return slices.Compact(slices.Sorted(maps.Values(names))) }
