package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"portico/internal/capability"
	"portico/internal/seal"
)

const (
	keyVariable  = "PORTICO_BEACON_KEY"
	hashVariable = "PORTICO_BEACON_TOKEN_HASH"
	// siteVariable and siteFile are where a site's programs on this machine have the
	// team's key from, the first before the second.
	siteVariable = "PORTICO_KEY"
	siteFile     = "team.key"
	// siteFolder is where a site keeps what is of this machine alone; git ignores
	// it.
	siteFolder = ".portico"
)

// secrets are what capabilities are checked with, and the sums of what opens
// the export.
func (a *app) secrets(ctx context.Context) (capability.Keys, [][sha256.Size]byte, error) {
	tokens, err := tokenHashes(a.env(hashVariable))
	if err != nil {
		return nil, nil, usage{fmt.Errorf("%s in the environment: %w\nhint: `portico beacon-key --token` makes a token and prints its hash", hashVariable, err)}
	}
	keys, err := a.keys(ctx)
	if err != nil {
		return nil, nil, err
	}
	if a.site != "" {
		for _, k := range keys {
			tokens = append(tokens, sha256.Sum256([]byte(k.LocalToken())))
		}
	}
	return keys, tokens, nil
}

func (a *app) keys(ctx context.Context) (capability.Keys, error) {
	text := a.env(keyVariable)
	switch {
	case text != "":
		keys, err := capability.ParseKeys(text)
		if err != nil {
			return nil, usage{fmt.Errorf("%s in the environment: %w\nhint: copy the whole line that `portico beacon-key` prints", keyVariable, err)}
		}
		return keys, nil
	case a.site == "":
		return nil, usage{fmt.Errorf("%s is not set, and without it no page can be believed\nhint: set it to what `portico beacon-key` prints, or beside a site on this machine use --site", keyVariable)}
	}
	team, err := a.teamKey(ctx)
	if err != nil {
		return nil, err
	}
	key := capability.NewKey(team)
	return capability.Keys{key.ID: key}, nil
}

// teamKey of the site, from where `portico` has it as well: with another one no
// page of its preview would be believed.
func (a *app) teamKey(ctx context.Context) (seal.TeamKey, error) {
	if text := a.env(siteVariable); text != "" {
		team, err := seal.ParseTeamKey(text)
		if err != nil {
			return team, usage{fmt.Errorf("%s in the environment: %w", siteVariable, err)}
		}
		return team, nil
	}
	file := filepath.Join(a.site, siteFolder, siteFile)
	text, err := a.readKey(ctx, file)
	if err != nil {
		return seal.TeamKey{}, err
	}
	team, err := seal.ParseTeamKey(string(text))
	if err != nil {
		return team, usage{fmt.Errorf("%s: %w", file, err)}
	}
	return team, nil
}

// keyEvery is how often it is looked whether a site has got its key.
const keyEvery = 200 * time.Millisecond

// readKey waits for a key that is still to be made: whoever starts a preview and
// a collector for the first time need not mind which comes first.
func (a *app) readKey(ctx context.Context, file string) ([]byte, error) {
	fail := func(err error) error { return fmt.Errorf("reading the team's key: %w", err) }
	for waiting := false; ; waiting = true {
		text, err := os.ReadFile(file)
		if !errors.Is(err, fs.ErrNotExist) && (err != nil || len(text) > 0) {
			if err != nil {
				return nil, fail(err)
			}
			return text, nil
		}
		if _, err := os.Stat(filepath.Join(a.site, "portico.toml")); err != nil {
			return nil, usage{fmt.Errorf("%s is no site: it has no portico.toml\nhint: --site takes the folder that holds it", a.site)}
		}
		if !waiting {
			a.say(a.err, "waiting for %s: the first `portico serve --sealed` or `portico build` makes it", file)
		}
		select {
		case <-ctx.Done():
			return nil, fail(context.Cause(ctx))
		case <-time.After(keyEvery):
		}
	}
}

func tokenHashes(text string) ([][sha256.Size]byte, error) {
	var hashes [][sha256.Size]byte
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' }) {
		data, err := hex.DecodeString(one)
		if err != nil || len(data) != sha256.Size {
			return nil, errors.New("a token's hash is 64 hexadecimal digits")
		}
		hashes = append(hashes, [sha256.Size]byte(data))
	}
	return hashes, nil
}
