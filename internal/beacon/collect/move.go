package collect

import "portico/internal/beacon"

// Fate is what became of a notice. The numbers are kept in databases.
type Fate int16

const (
	Waits Fate = iota
	Delivered
	GivenUp
)

// Kept is a notice with what became of it.
type Kept struct {
	Outgoing
	Fate Fate
}

// Known is a viewer with what is known of them.
type Known struct {
	beacon.Pair
	Viewer
}

// Rest is what a store has besides what it hands out, for another store that
// takes it over.
type Rest struct {
	Horizon int
	Viewers []Known
	Notices []Kept
	// Events and Sums are how many it hands out.
	Events, Sums int
}
