package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"portico/internal/build"
	"portico/internal/seal"
)

// Where a team's key is kept: in the environment, for machines, or in a file of
// the site that git ignores.
const (
	keyVariable = "PORTICO_KEY"
	keyFolder   = ".portico"
	keyFile     = keyFolder + "/team.key"
)

// heldKey is a key with where it came from.
type heldKey struct {
	seal.TeamKey
	from string
	// open says that others on this machine can read its file.
	open bool
}

// name of the key, which tells nothing of it.
func (k heldKey) name() string {
	id := k.ID()
	return hex.EncodeToString(id[:])
}

// findKey looks for the team's key. Its error is fs.ErrNotExist where there is
// none.
func (a *app) findKey(source string) (heldKey, error) {
	if text := a.env(keyVariable); text != "" {
		key, err := seal.ParseTeamKey(text)
		if err != nil {
			return heldKey{}, usage{fmt.Errorf("%s in the environment: %w\nhint: copy the whole line that `portico key new` printed", keyVariable, err)}
		}
		return heldKey{TeamKey: key, from: keyVariable + " in the environment"}, nil
	}
	return a.keyIn(source)
}

// needKey looks for the team's key where none is to be made.
func (a *app) needKey(source string) (heldKey, error) {
	key, err := a.findKey(source)
	if errors.Is(err, fs.ErrNotExist) {
		return heldKey{}, fmt.Errorf("there is no team key: neither %s in the environment nor %s\nhint: the first `portico build` on your own machine makes one", keyVariable, keyFile)
	}
	return key, err
}

// keyIn a site's own file.
func (a *app) keyIn(source string) (heldKey, error) {
	file := filepath.Join(source, filepath.FromSlash(keyFile))
	text, err := os.ReadFile(file)
	if err != nil {
		return heldKey{}, fmt.Errorf("reading the team's key: %w", err)
	}
	key, err := seal.ParseTeamKey(string(text))
	if err != nil {
		return heldKey{}, usage{fmt.Errorf("%s: %w\nhint: copy the key from where the team keeps it", here(file), err)}
	}
	info, err := os.Stat(file)
	if err != nil {
		return heldKey{}, fmt.Errorf("reading the team's key: %w", err)
	}
	return heldKey{key, here(file), runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0}, nil
}

// teamKey is the key that a build seals with. On a person's machine the first
// build makes one; a pipeline that did so would lock out everybody at once.
func (a *app) teamKey(source string) (seal.TeamKey, error) {
	key, err := a.findKey(source)
	switch {
	case err == nil:
		if key.open {
			a.note("others on this machine can read %s: run `chmod 600 %s`", key.from, key.from)
		}
		return key.TeamKey, nil
	case !errors.Is(err, fs.ErrNotExist):
		return seal.TeamKey{}, err
	case a.inCI():
		return seal.TeamKey{}, usage{fmt.Errorf("%s is not set, and without the team's key no deal can be sealed\nhint: set the secret %s of this pipeline to the line in %s of whoever built the site first, or to what `portico key new` prints", keyVariable, keyVariable, keyFile)}
	}
	made, err := seal.NewTeamKey(rand.Reader)
	if err != nil {
		return made, err
	}
	if err := keepKey(source, made); err != nil {
		return made, err
	}
	a.note("made the team's key, %s in %s: it opens every deal, and without it no link can be made again", heldKey{TeamKey: made}.name(), here(filepath.Join(source, filepath.FromSlash(keyFile))))
	a.note("hint: put its one line into the team's password manager now, and into the secret %s where your pipeline builds\n", keyVariable)
	return made, nil
}

// keepKey writes a key where there is none, for its owner alone, and keeps the
// folder out of git.
func keepKey(source string, key seal.TeamKey) error {
	fail := func(err error) error { return fmt.Errorf("keeping the team's key: %w", err) }
	folder := filepath.Join(source, keyFolder)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fail(err)
	}
	ignore := filepath.Join(folder, ".gitignore")
	if _, err := os.Lstat(ignore); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o644); err != nil {
			return fail(err)
		}
	}
	f, err := os.OpenFile(filepath.Join(source, filepath.FromSlash(keyFile)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fail(err)
	}
	_, err = fmt.Fprintln(f, key.Text())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fail(err)
	}
	return nil
}

// keyed gives a build what it seals with.
func (a *app) keyed(o build.Options) build.Options {
	o.Key = func() (seal.TeamKey, error) { return a.teamKey(o.Source) }
	o.Password = func(deal string) string { return a.env(build.PasswordVariable(deal)) }
	if key, err := seal.ParseTeamKey(a.env(keyVariable)); err == nil && a.inCI() {
		// The next machine has another key of its own, and the same team's.
		own := key.Cache()
		o.CacheKey = own[:]
	}
	return o
}
