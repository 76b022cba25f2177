package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/fetch"
	"portico/internal/build"
	"portico/internal/capability"
	"portico/internal/report"
	"portico/internal/seal"
)

// collector of the site: that of portico.toml for whoever has a token, or else
// one that runs on this machine. The token of one never goes to the other.
func (a *app) collector(url, source string) (c *fetch.Client, address string, err error) {
	if token := a.env(beaconTokenVariable); token != "" {
		if url == "" {
			return nil, "", usage{errors.New("portico.toml names no collector\nhint: set `url` in [beacon], such as https://plans.lumen.example/_portal")}
		}
		c, err := fetch.NewClient(url, strings.TrimSpace(token))
		return c, url, err
	}
	address, key, err := a.beside(source)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", usage{fmt.Errorf("there is no collector to ask: %s is not set, and none runs beside this site\nhint: set it to the token that `portico beacon-key --token` made, or start one with `portico-beacon --site .`", beaconTokenVariable)}
	}
	if err != nil {
		return nil, "", err
	}
	c, err = fetch.NewClient(address, capability.NewKey(key.TeamKey).LocalToken())
	return c, address, err
}

// beside is the collector that was started beside a site, and the key that both
// have. The error is fs.ErrNotExist where there is none.
func (a *app) beside(source string) (address string, key heldKey, err error) {
	text, err := os.ReadFile(filepath.Join(source, filepath.FromSlash(beacon.BesideFile)))
	if err != nil {
		return "", heldKey{}, fmt.Errorf("reading where the collector beside the site answers: %w", err)
	}
	b, err := beacon.ParseBeside(string(text))
	if err != nil {
		return "", heldKey{}, usage{fmt.Errorf("%s: %w", beacon.BesideFile, err)}
	}
	if key, err = a.needKey(source); err != nil {
		return "", heldKey{}, err
	}
	if !b.Knows(key.ID()) {
		return "", heldKey{}, usage{fmt.Errorf("the collector beside the site was started with another key than %s, from %s\nhint: start it again with the same: with %s set to it, or without where the site has a file of its own", key.name(), key.from, keyVariable)}
	}
	return b.Address, key, nil
}

// collectorBeside gives a preview the collector beside its site, as long as one
// answers; otherwise it is empty, and pages report to nobody. If one is there and
// cannot be used, that is said once.
func (a *app) collectorBeside(source string) func() string {
	var mu sync.Mutex
	said := ""
	return func() string {
		address, _, err := a.beside(source)
		why := ""
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			why = err.Error()
		}
		mu.Lock()
		if why != "" && why != said {
			a.note("pages report nothing: %s", why)
		}
		said = why
		mu.Unlock()
		if err != nil || !answers(address) {
			return ""
		}
		return address + "/_portal"
	}
}

// answers says whether somebody does: a collector that was killed leaves behind
// what it said.
func answers(address string) bool {
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(address, "http://"), time.Second)
	if err != nil {
		return false
	}
	_ = c.Close() // nothing was said
	return true
}

// findingKey gives a build the key that is there, and makes none: a new one would
// give other ids to everything.
func (a *app) findingKey(o build.Options) build.Options {
	o = a.keyed(o)
	o.Key = func() (seal.TeamKey, error) {
		key, err := a.findKey(o.Source)
		if err != nil {
			return seal.TeamKey{}, fmt.Errorf("%w\nhint: set %s to the key that the site was built with", err, keyVariable)
		}
		return key.TeamKey, nil
	}
	return o
}

// pollEvery is how often a collector is asked for what is new.
const pollEvery = 2 * time.Second

// watch prints visits as they come in, until it is told to end.
func (a *app) watch(ctx context.Context, in report.Input, copied *fetch.Copy, client *fetch.Client) error {
	a.note("waiting for visits; end it with Ctrl-C\n")
	follower := report.NewFollower(in.Plans, in.Partial, time.Local, in.Data)
	style, lost := report.Style{Color: a.color(a.out)}, false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pollEvery):
		}
		known := len(copied.Events)
		_, err := copied.Update(ctx, client)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !lost:
			a.note("the collector does not answer: %v", err)
		case err == nil && lost:
			a.note("the collector answers again")
		}
		lost = err != nil
		if known > len(copied.Events) { // it has begun anew
			known = 0
		}
		for _, h := range follower.Add(copied.Events[known:], a.now()) {
			a.say(a.out, "%s", style.Line(h))
		}
	}
}
