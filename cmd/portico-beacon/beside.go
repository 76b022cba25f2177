package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"portico/internal/beacon"
	"portico/internal/capability"
)

// announce says beside the site where the collector is and whose pages it
// believes, so that the site's previews find it, and gives what takes that away
// again. At an address that others reach it says nothing: previews would not go
// there.
func (a *app) announce(at string, keys capability.Keys) (withdraw func() error, err error) {
	b := beacon.Beside{Address: "http://" + at}
	for _, k := range keys {
		b.Keys = append(b.Keys, k.ID)
	}
	if _, err := beacon.ParseBeside(b.Text()); a.site == "" || err != nil {
		return func() error { return nil }, nil
	}
	file := filepath.Join(a.site, filepath.FromSlash(beacon.BesideFile))
	fail := func(err error) error { return fmt.Errorf("saying where the collector is: %w", err) }
	// One that was left behind may be readable by others, or a link to elsewhere.
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fail(err)
	}
	text := []byte(b.Text())
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, fail(err)
	}
	return func() error {
		if now, err := os.ReadFile(file); err != nil || string(now) != string(text) {
			return nil // another collector has taken its place
		}
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("taking away where the collector was: %w", err)
		}
		return nil
	}, nil
}
