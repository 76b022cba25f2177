package collect

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"portico/internal/beacon"
)

// Routes is a routing file, read anew when it changes. Without a file nobody is
// told and nobody is revoked.
type Routes struct {
	file    string
	current atomic.Pointer[beacon.Routing]
	// seen is the file as it was read last.
	seen os.FileInfo
}

// maxRouting is the most bytes of a routing file.
const maxRouting = 16 << 20

// OpenRoutes reads a file, if there is to be one.
func OpenRoutes(file string) (*Routes, error) {
	r := &Routes{file: file}
	r.current.Store(&beacon.Routing{})
	if file == "" {
		return r, nil
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("reading the routing file: %w", err)
	}
	return r, r.read(info)
}

// Current routing; nobody changes it.
func (r *Routes) Current() *beacon.Routing { return r.current.Load() }

func (r *Routes) read(info os.FileInfo) error {
	fail := func(err error) error { return fmt.Errorf("reading %s: %w", r.file, err) }
	if info.Size() > maxRouting {
		return fail(fmt.Errorf("it has more than %d MiB", maxRouting>>20))
	}
	r.seen = info
	data, err := os.ReadFile(r.file)
	if err != nil {
		return fail(err)
	}
	routing, err := beacon.ParseRouting(data)
	if err != nil {
		return fail(err)
	}
	r.current.Store(&routing)
	return nil
}

// followTime is how often it is looked whether the file changed.
const followTime = 2 * time.Second

// follow the file. One that cannot be read leaves things as they are: who was
// revoked stays so.
func (r *Routes) follow(ctx context.Context, log *slog.Logger) {
	if r.file == "" {
		return
	}
	tick := time.NewTicker(followTime)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.look(log)
		}
	}
}

// look whether the file is another than was read, and read it.
func (r *Routes) look(log *slog.Logger) {
	info, err := os.Stat(r.file)
	if err != nil || os.SameFile(info, r.seen) && info.ModTime().Equal(r.seen.ModTime()) && info.Size() == r.seen.Size() {
		return
	}
	if err := r.read(info); err != nil {
		log.Error("the routing stays as it was", "error", err)
		return
	}
	log.Info("read the routing anew", "deals", len(r.Current().Deals), "revoked", len(r.Current().Revoked))
}
