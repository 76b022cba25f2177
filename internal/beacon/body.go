package beacon

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"portico/internal/seal"
)

const (
	// Path is where pages send to; it is published and never changes.
	Path = "/_portal/v1/receipts"

	// MaxBody is the most bytes of a request.
	MaxBody = 16 << 10
	// MaxEvents is the most events of a request.
	MaxEvents = 64

	// MaxAge and MaxAhead are how far a page's clock may be from the collector's.
	MaxAge   = 48 * time.Hour
	MaxAhead = 10 * time.Minute

	version = 1
)

// Body is a request as a page sent it, held to its bounds but not yet to the
// clock; nothing of it counts before its capability was found good.
type Body struct {
	Capability string
	Session    Session
	Device     Device
	Automated  bool
	items      []item
}

type item struct {
	seq      uint32
	kind     Kind
	target   Target
	ms       uint32
	progress uint16
	ago      time.Duration
}

// wireBody and wireItem are how a page spells it.
type wireBody struct {
	Version    int        `json:"v"`
	Capability string     `json:"t"`
	Session    string     `json:"s"`
	Device     string     `json:"d"`
	Automated  int        `json:"w"`
	Events     []wireItem `json:"e"`
}

type wireItem struct {
	Seq      *uint32 `json:"n"`
	Kind     string  `json:"k"`
	Target   string  `json:"x"`
	Ms       uint32  `json:"ms"`
	Progress uint16  `json:"p"`
	Ago      int64   `json:"dt"`
}

// ParseBody reads a request. Fields that it does not know are ignored; a
// version that it does not know is refused.
func ParseBody(data []byte) (Body, error) {
	if len(data) > MaxBody {
		return Body{}, fmt.Errorf("the body is longer than %d bytes", MaxBody)
	}
	var w wireBody
	if err := json.Unmarshal(data, &w); err != nil {
		return Body{}, errors.New("the body is not the JSON of this protocol") // its text may quote what was sent
	}
	switch {
	case w.Version != version:
		return Body{}, fmt.Errorf("this is version %d of the protocol", version)
	case len(w.Events) == 0 || len(w.Events) > MaxEvents:
		return Body{}, fmt.Errorf("a body has 1 to %d events", MaxEvents)
	}
	session, err := ParseSession(w.Session)
	if err != nil {
		return Body{}, err
	}
	b := Body{Capability: w.Capability, Session: session, Device: ParseDevice(w.Device), Automated: w.Automated == 1, items: make([]item, len(w.Events))}
	for i, e := range w.Events {
		if b.items[i], err = e.parse(); err != nil {
			return Body{}, fmt.Errorf("event %d: %w", i+1, err)
		}
	}
	return b, nil
}

func (w wireItem) parse() (item, error) {
	kind, err := ParseKind(w.Kind)
	if err != nil {
		return item{}, err
	}
	it := item{kind: kind, ms: w.Ms, progress: w.Progress, ago: time.Duration(w.Ago) * time.Millisecond}
	switch {
	case w.Seq == nil:
		return item{}, errors.New("it has no number")
	case w.Progress > 1000:
		return item{}, errors.New("progress is counted in thousandths")
	case int64(w.Ms) > MaxAge.Milliseconds():
		return item{}, errors.New("no session is that long")
	case w.Ago > MaxAge.Milliseconds() || w.Ago < -MaxAhead.Milliseconds():
		return item{}, errors.New("it is too long ago, or still to come")
	case !kind.Aims() && w.Target != "":
		return item{}, errors.New("its kind has no target")
	}
	it.seq = *w.Seq
	if kind.Aims() {
		if it.target, err = ParseTarget(w.Target); err != nil {
			return item{}, err
		}
		if it.target == (Target{}) {
			return item{}, errors.New("its target is empty")
		}
	}
	return it, nil
}

// Len is how many events the request has.
func (b Body) Len() int { return len(b.items) }

// Events are the request's, of a viewer who has shown a good capability. The
// collector's clock rules: it says when they came, and a session of a page
// whose clock is too far off is refused.
func (b Body) Events(deal seal.DealID, viewer seal.ViewerID, now time.Time) ([]Event, error) {
	if began := b.Session.Began(); began.Before(now.Add(-MaxAge)) || began.After(now.Add(MaxAhead)) {
		return nil, errors.New("the session began too long ago, or is still to begin")
	}
	events := make([]Event, len(b.items))
	for i, it := range b.items {
		events[i] = Event{
			Session: b.Session, Seq: it.seq, Deal: deal, Viewer: viewer, Kind: it.kind, Target: it.target,
			Ms: it.ms, Progress: it.progress, Device: b.Device, Automated: b.Automated,
			// Nothing has happened later than it came, whatever a page's clock says.
			At: now.Add(-max(it.ago, 0)).UnixMilli(), Received: now.UnixMilli(),
		}
	}
	return events, nil
}
