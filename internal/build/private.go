package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// Private keeps what belongs to this machine alone, in a folder of the site's
// state and encrypted as the cache is. It may be deleted at any time. One process
// has it at a time.
type Private struct {
	cache *cache
	lock  *flock.Flock
}

// Private opens a folder below .portico, and waits for whoever has it. Without a
// place for a key nothing is kept.
func (p *Project) Private(ctx context.Context, name string) (*Private, error) {
	dir := filepath.Join(p.opts.Source, stateDir, name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a place for what is kept: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return nil, fmt.Errorf("waiting for whoever has %s: %w", dir, err)
	}
	c, err := p.cacheIn(dir)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return &Private{c, lock}, nil
}

// Close lets others have it.
func (p *Private) Close() { _ = p.lock.Unlock() } // the end of the process would do it

// Load what was kept under a name; nil where there is nothing, or nothing whole.
func (p *Private) Load(name string) []byte { return p.cache.get(name) }

// Save keeps data under a name, whole or not at all.
func (p *Private) Save(name string, data []byte) { p.cache.put(name, data) }
