package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"portico/internal/capability"
	"portico/internal/seal"
)

const (
	keyVariable  = "PORTICO_BEACON_KEY"
	hashVariable = "PORTICO_BEACON_TOKEN_HASH"
	// siteFolder is where a site keeps what is of this machine alone; git ignores
	// it.
	siteFolder = ".portico"
	siteKey    = "team.key"
)

// secrets are what capabilities are checked with, and the sums of what opens
// the export.
func (a *app) secrets() (capability.Keys, [][sha256.Size]byte, error) {
	tokens, err := tokenHashes(a.env(hashVariable))
	if err != nil {
		return nil, nil, usage{fmt.Errorf("%s in the environment: %w\nhint: `portico beacon-key --token` makes a token and prints its hash", hashVariable, err)}
	}
	if text := a.env(keyVariable); text != "" {
		keys, err := capability.ParseKeys(text)
		if err != nil {
			return nil, nil, usage{fmt.Errorf("%s in the environment: %w\nhint: copy the whole line that `portico beacon-key` prints", keyVariable, err)}
		}
		return keys, tokens, nil
	}
	if a.site == "" {
		return nil, nil, usage{fmt.Errorf("%s is not set, and without it no page can be believed\nhint: set it to what `portico beacon-key` prints, or beside a site on this machine use --site", keyVariable)}
	}
	key, err := a.keyOfSite()
	if err != nil {
		return nil, nil, err
	}
	return capability.Keys{key.ID: key}, append(tokens, sha256.Sum256([]byte(key.LocalToken()))), nil
}

// keyOfSite is what follows from the team's key on a person's machine.
func (a *app) keyOfSite() (capability.Key, error) {
	file := filepath.Join(a.site, siteFolder, siteKey)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return capability.Key{}, usage{fmt.Errorf("there is no %s\nhint: --site takes the folder that holds portico.toml, and its first build makes the key", file)}
	}
	if err != nil {
		return capability.Key{}, fmt.Errorf("reading the team's key: %w", err)
	}
	team, err := seal.ParseTeamKey(string(text))
	if err != nil {
		return capability.Key{}, usage{fmt.Errorf("%s: %w", file, err)}
	}
	return capability.NewKey(team), nil
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
