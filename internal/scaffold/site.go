package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"portico/internal/deal"
)

// Site is what is known of a new site.
type Site struct{ Seller, OwnerName, Domain string }

// Init writes a new site into a folder that is new or empty.
func Init(folder string, builtin fs.FS, s Site) error {
	skeleton, err := fs.Sub(builtin, "_site")
	if err != nil {
		return fmt.Errorf("reading the template: %w", err)
	}
	values, err := s.values()
	if err != nil {
		return err
	}
	filled, err := files(skeleton, values)
	if err != nil {
		return err
	}
	filled["public/.gitignore"] = []byte("# What a build writes is not kept in git; the folder is.\n*\n!.gitignore\n")
	exists, err := room(folder)
	if err != nil {
		return err
	}
	if exists {
		temp, err := stage(folder, filled)
		if err != nil {
			return err
		}
		return errors.Join(moveInto(temp, folder), os.RemoveAll(temp))
	}
	temp, err := stage(filepath.Dir(folder), filled)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, folder); err != nil {
		return errors.Join(fmt.Errorf("making a site: %w", err), os.RemoveAll(temp))
	}
	return nil
}

// values of the skeleton's placeholders.
func (s Site) values() (Values, error) {
	v := Values{"seller": oneLine(s.Seller), "owner_name": oneLine(s.OwnerName)}
	if v["seller"] == "" {
		return nil, &Problem{"the seller has no name", "give --seller your company's name, such as \"Lumen\""}
	}
	if v["owner_name"] == "" {
		return nil, &Problem{"the first of the team has no name", "give --name a person's name, such as \"Mara Lindqvist\""}
	}
	if v["owner"] = slug(v["owner_name"]); v["owner"] == "" || deal.ReservedID(v["owner"]) {
		v["owner"] = "owner" // such as a name in another script
	}
	domain := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s.Domain), "https://"), "/")
	u, err := url.Parse("https://" + domain)
	if err != nil || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.ContainsAny(domain, " \"\\") || strings.Contains(domain, "://") {
		return nil, &Problem{fmt.Sprintf("%q is no domain", s.Domain), "it is what stands behind https:// in the address, such as plans.lumen.example"}
	}
	v["domain"] = domain
	return v, nil
}

// room says whether a folder is there already. It is a Problem if it holds
// anything, or cannot be made.
func room(folder string) (exists bool, err error) {
	for at := filepath.Clean(folder); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return false, &Problem{fmt.Sprintf("%s is a file", at), "name a new folder"}
		case err == nil && at == filepath.Clean(folder):
			entries, err := os.ReadDir(folder)
			if err != nil {
				return false, fmt.Errorf("making a site: %w", err)
			}
			if !empty(entries) {
				return false, &Problem{fmt.Sprintf("%s is not empty", folder), "name a new folder; a site is made from nothing"}
			}
			return true, nil
		case err == nil || at == filepath.Dir(at):
			return false, nil
		}
	}
}

// empty says whether a folder holds nothing but what git keeps there.
func empty(entries []fs.DirEntry) bool {
	for _, e := range entries {
		if e.Name() != ".git" {
			return false
		}
	}
	return true
}

// moveInto moves everything in a folder to another: all of it or nothing.
func moveInto(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("making a site: %w", err)
	}
	for i, e := range entries {
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			err = fmt.Errorf("making a site: %w", err)
			for _, moved := range entries[:i] {
				err = errors.Join(err, os.Rename(filepath.Join(to, moved.Name()), filepath.Join(from, moved.Name())))
			}
			return err
		}
	}
	return nil
}
