// Package collect is the collector: it takes what pages send, holds it to its
// bounds, keeps it, hands it out to whoever has the token, and notes whom to
// tell. It is handed a Store and knows no database; nor does it know what a
// target is called, who a viewer is or how a deal is compiled.
package collect

import (
	"context"
	"errors"

	"portico/internal/beacon"
	"portico/internal/seal"
)

// What a Store answers with, to be compared with errors.Is.
var (
	// ErrGone is the error of a cursor that holds no more.
	ErrGone = errors.New("what was handed out before this cursor is not there as it was; begin anew")
	// ErrFull is the error of a store that has no room at the moment.
	ErrFull = errors.New("the store has no room at the moment")
)

// Batch is what one request asks to be kept: events of one viewer's session.
type Batch struct {
	beacon.Pair
	Session beacon.Session
	Events  []beacon.Event
}

// received is when the batch came, in Unix milliseconds.
func (b Batch) received() int64 { return b.Events[0].Received }

// automated says that a program drove the browser.
func (b Batch) automated() bool { return b.Events[0].Automated }

// Viewer is what a store knows of a viewer besides the events; the zero Viewer
// was never here. Times are Unix milliseconds.
type Viewer struct {
	// First and Last are when a person, not a program, was first and last here.
	First, Last int64
	// Priced is the last visit in which the price was looked at.
	Priced beacon.Session
	// Events and Sessions are how many came on Day, counted from 1970.
	Day, Events, Sessions int
}

// Decide says what a batch makes of a viewer and whom to tell. begins says that
// nothing of the session was kept before. It is called within the transaction
// that keeps the batch; of a batch that it refuses nothing is kept.
type Decide func(before Viewer, b Batch, begins bool) (after Viewer, tell []Notice, err error)

// Notice is something to tell somebody about, once.
type Notice struct {
	// Key is the same for what must be told only once.
	Key string
	beacon.Pair
	On beacon.Trigger
	// At is when it happened and Due when it shall be told, in Unix milliseconds.
	At, Due int64
	Route   beacon.Alert
}

// Outgoing is a notice on its way.
type Outgoing struct {
	ID int64
	Notice
	// Attempts failed so far, the last of them as Why says.
	Attempts int
	Why      string
}

// Farthest is beyond what anything is put off: the longest is a week's digest. A
// notice that is due later was put off by a clock that was far ahead.
const Farthest = 9 * day

// Quiet is a deal that a person was last seen in at Last.
type Quiet struct {
	Deal seal.DealID
	Last int64
}

// Page is a part of what is handed out.
type Page struct {
	Lines []beacon.Line
	End   beacon.Cursor
	// More says that there was more when the page was read.
	More bool
}

// Resume at a cursor, in a store's present epoch and sweep; the zero Cursor
// begins. It is ErrGone if not everything before the cursor is as it was.
func Resume(after beacon.Cursor, epoch, swept int64) (beacon.Cursor, error) {
	if after == (beacon.Cursor{}) {
		return beacon.Cursor{Epoch: uint64(epoch), Swept: swept}, nil
	}
	whole := after.Swept == swept || after.Events && after.At >= swept
	if after.Epoch != uint64(epoch) || !whole {
		return beacon.Cursor{}, ErrGone
	}
	return after, nil
}

// Health is what a probe found, -1 for what a store cannot tell.
type Health struct {
	// Log is the length of what is durable and not yet in its place.
	Log int64
	// Free is the room on the disk.
	Free int64
}

// Store keeps events. Each method is one or more transactions, and what it
// returned without an error is durable.
type Store interface {
	// Write keeps batches in one transaction, each event once: one whose key is
	// there already is left as it is. refused has decide's error for each batch
	// that it refused, and nil for the others.
	Write(ctx context.Context, batches []Batch, decide Decide) (refused []error, err error)

	// Export reads at most limit lines behind a cursor.
	Export(ctx context.Context, after beacon.Cursor, limit int) (Page, error)

	// Horizon is the day before which events have become sums.
	Horizon(ctx context.Context) (day int, err error)
	// Sweep makes sums of events of sessions that began before a day, some at a
	// time; more says that there are others.
	Sweep(ctx context.Context, before int) (more bool, err error)
	// Erase forgets a viewer: events, sums, notices, and that there was one. It
	// returns how many events and sums there were.
	Erase(ctx context.Context, who beacon.Pair) (int, error)
	// Quiet are the deals in which a person was last seen within a time.
	Quiet(ctx context.Context, from, to int64) ([]Quiet, error)

	// Tell keeps notices whose keys are new.
	Tell(ctx context.Context, notices []Notice) error
	// Lease gives out notices that are due, those that are due longest first, and
	// those that are due beyond Farthest, to nobody else until a time. Each says
	// when it was due.
	Lease(ctx context.Context, now, until int64, limit int) ([]Outgoing, error)
	// Done says that notices were delivered. Their keys are kept for a while.
	Done(ctx context.Context, now int64, ids ...int64) error
	// Fail puts a notice off until it is due again, or with due 0 gives it up.
	Fail(ctx context.Context, id, due int64, why string) error
	// Dead are the notices that were given up.
	Dead(ctx context.Context) ([]Outgoing, error)
	// Retry makes notices that were given up due again, or all of them if none
	// is named, and returns how many.
	Retry(ctx context.Context, now int64, ids ...int64) (int, error)
	// Forget drops the keys of what was delivered before a time.
	Forget(ctx context.Context, before int64) error

	// Probe writes something and says how the store is.
	Probe(ctx context.Context) (Health, error)
	Close() error
}
