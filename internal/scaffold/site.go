package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Site is what is known of a new site.
type Site struct{ Seller, OwnerName, Domain string }

// Init writes a new site into a folder that is new or empty.
func Init(folder string, builtin fs.FS, s Site) error {
	skeleton, err := fs.Sub(builtin, "_site")
	if err != nil {
		return fmt.Errorf("reading the template: %w", err)
	}
	owner := slug(s.OwnerName)
	if owner == "" {
		return &Problem{fmt.Sprintf("%q has no letter to make an id of", s.OwnerName), "give --name a person's name, such as \"Mara Lindqvist\""}
	}
	filled, err := files(skeleton, Values{"seller": s.Seller, "owner": owner, "owner_name": s.OwnerName, "domain": s.Domain})
	if err != nil {
		return err
	}
	filled["public/.gitignore"] = []byte("# What a build writes is not kept in git; the folder is.\n*\n!.gitignore\n")
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("making a site: %w", err)
	}
	if !empty(entries) {
		return &Problem{fmt.Sprintf("%s is not empty", folder), "name a new folder; a site is made from nothing"}
	}
	temp, err := stage(folder, filled)
	if err != nil {
		return err
	}
	if len(entries) == 0 {
		// A folder without anything in it gives way to the new one.
		_ = os.Remove(folder)
		if err := os.Rename(temp, folder); err == nil {
			return nil
		}
	}
	return errors.Join(moveInto(temp, folder), os.RemoveAll(temp))
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

// moveInto moves everything in a folder to another.
func moveInto(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return fmt.Errorf("making a site: %w", err)
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return fmt.Errorf("making a site: %w", err)
		}
	}
	return nil
}
