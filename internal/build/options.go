// Package build is the line from deal folders to microsites: it reads and
// checks a site (Load), makes its files when they are asked for (Output), and
// puts them in place (Output.WriteTo). It is the only room that opens a site's
// files and the only writer of public/.
package build

import (
	"io"
	"io/fs"
	"time"

	"portico/internal/deal"
	"portico/internal/seal"
)

// Options of a build. Source, Look and Now are needed; the rest may be zero.
type Options struct {
	// Source is the site's folder.
	Source string
	// Deals to build; none means all.
	Deals []string
	// Drafts builds deals of status draft as well.
	Drafts bool
	// AsOf is the day that every page shows; 0 shows each deal as of its last
	// change.
	AsOf deal.Day
	// Locale is that of every deal; empty leaves each its own.
	Locale string
	// Collector takes the place of the one that the site's pages report to; empty
	// leaves it. A deal that reports nothing still reports nothing.
	Collector string
	// Silent pages report nothing at all.
	Silent bool
	// Jobs is how many deals are made at once; 0 lets the program choose.
	Jobs int
	// Clear builds every deal without sealing it.
	Clear bool
	// Key gives the team's key. It is asked once, and only if there is a deal to
	// be sealed.
	Key func() (seal.TeamKey, error)
	// Password gives what a person chose for a deal in the place of words that
	// are drawn; empty for most deals. nil for none.
	Password func(deal string) string
	// Look is what is built in: layouts, assets and themes.
	Look Builtin
	// Words holds files of locales over the built-in ones; nil for none.
	Words fs.FS
	// Now is the clock.
	Now func() time.Time
	// Random is a source of random bytes for cache keys and names of stages.
	Random io.Reader
	// KeyFile is where this machine keeps the key of its cache; empty for no
	// cache.
	KeyFile string
	// CacheKey takes its place on a machine that is made anew for each build, and
	// gets its cache from the last one; nil elsewhere.
	CacheKey []byte
	// Program tells this build of the program from any other, which may make
	// other files of the same; empty for no cache of deals and looks.
	Program string
	// Memory keeps what one project of the site leaves for the next; nil keeps
	// nothing.
	Memory *Memory
	// LockDir is where locks are kept, for all sites alike.
	LockDir string
	// Progress is called now and then with how many deals are done.
	Progress func(done, total int)
	// Waiting is called once if another build has to end first.
	Waiting func(output string)
}

// Builtin are the built-in parts of a site's look.
type Builtin struct{ Layouts, Assets, Themes fs.FS }
