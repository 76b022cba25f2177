package beacon

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"portico/internal/seal"
)

// ExportPath is where whoever has the token fetches what was kept.
const ExportPath = "/_portal/v1/export"

// MaxPage is the most lines of one answer, its last one aside.
const MaxPage = 10_000

// MaxCursor is the most bytes of a cursor.
const MaxCursor = 64

// Cursor is a place in what a collector hands out: first the sums of days that
// are old, then events. Nothing is ever put in before a place that was handed
// out. Where that cannot be kept up, since events became sums, a viewer was
// erased or a backup restored, the collector answers 410 (Gone), and whoever
// reads forgets what it has and begins anew. The zero Cursor is the beginning.
//
// Readers take it as a text that means nothing to them.
type Cursor struct {
	// Epoch changes whenever what was handed out before holds no more.
	Epoch uint64
	// Events says that all sums were handed out.
	Events bool
	// Swept is the last event that had become part of a sum when the reader began.
	Swept int64
	// At is the last row that was handed out.
	At int64
}

const cursorPrefix = "1"

// Text is the cursor as it is handed out; the beginning is empty.
func (c Cursor) Text() string {
	if c == (Cursor{}) {
		return ""
	}
	stage := "s"
	if c.Events {
		stage = "e"
	}
	return strings.Join([]string{cursorPrefix, strconv.FormatUint(c.Epoch, 36), stage, strconv.FormatInt(c.Swept, 36), strconv.FormatInt(c.At, 36)}, ".")
}

// ParseCursor reads what Text writes, and nothing else.
func ParseCursor(text string) (Cursor, error) {
	if text == "" {
		return Cursor{}, nil
	}
	bad := errors.New("this is no cursor that a collector gave out")
	part := strings.Split(text, ".")
	if len(text) > MaxCursor || len(part) != 5 {
		return Cursor{}, bad
	}
	var c Cursor
	var epoch, swept, at error
	c.Epoch, epoch = strconv.ParseUint(part[1], 36, 64)
	c.Swept, swept = strconv.ParseInt(part[3], 36, 64)
	c.At, at = strconv.ParseInt(part[4], 36, 64)
	c.Events = part[2] == "e"
	if errors.Join(epoch, swept, at) != nil || c.Swept < 0 || c.At < 0 || c.Text() != text {
		return Cursor{}, bad
	}
	return c, nil
}

// Line is one line of an export: an event, a sum, or the end. Only one of the
// three is there.
type Line struct {
	// Cursor is the place behind the line.
	Cursor string
	Event  *Event
	Sum    *Sum
	// More says, at the end, that there is more to ask for. An answer without an
	// end was cut off.
	More bool
}

// End says whether the line is the last of an answer.
func (l Line) End() bool { return l.Event == nil && l.Sum == nil }

// wireLine is how lines are spelt.
type wireLine struct {
	Cursor   string  `json:"c,omitempty"`
	Sum      int     `json:"agg,omitempty"`
	Deal     string  `json:"did,omitempty"`
	Viewer   string  `json:"vid,omitempty"`
	Session  string  `json:"s,omitempty"`
	Number   uint32  `json:"n"`
	Kind     string  `json:"k,omitempty"`
	Target   string  `json:"x,omitempty"`
	Ms       uint64  `json:"ms"`
	Progress uint16  `json:"p"`
	At       int64   `json:"at"`
	Received int64   `json:"rx,omitempty"`
	Device   string  `json:"d,omitempty"`
	Driven   int     `json:"w,omitempty"`
	End      *string `json:"end,omitempty"`
	More     bool    `json:"more,omitempty"`
}

type wireEnd struct {
	End  string `json:"end"`
	More bool   `json:"more"`
}

// Append writes the line behind b, with its line feed.
func (l Line) Append(b []byte) []byte {
	var out any
	switch {
	case l.Event != nil:
		e := l.Event
		out = wireLine{
			Cursor: l.Cursor, Deal: e.Deal.Path(), Viewer: e.Viewer.Text(), Session: e.Session.Text(), Number: e.Seq, Kind: e.Kind.String(), Target: aim(e.Kind, e.Target),
			Ms: uint64(e.Ms), Progress: e.Progress, At: e.At, Received: e.Received, Device: e.Device.String(), Driven: driven(e.Automated),
		}
	case l.Sum != nil:
		s := l.Sum
		out = wireLine{
			Cursor: l.Cursor, Sum: 1, Deal: s.Deal.Path(), Viewer: s.Viewer.Text(), Number: s.Sessions, Kind: s.Kind.String(), Target: aim(s.Kind, s.Target),
			Ms: s.Ms, Progress: s.Progress, At: s.Start(), Driven: driven(s.Automated),
		}
	default:
		out = wireEnd{l.Cursor, l.More}
	}
	data, err := json.Marshal(out)
	if err != nil { // strings and numbers always have a JSON
		panic(err)
	}
	return append(append(b, data...), '\n')
}

func aim(k Kind, t Target) string {
	if !k.Aims() {
		return ""
	}
	return t.Text()
}

func driven(automated bool) int {
	if automated {
		return 1
	}
	return 0
}

// ParseLine reads what Append writes; fields that it does not know are ignored.
func ParseLine(data []byte) (Line, error) {
	var w wireLine
	if err := json.Unmarshal(data, &w); err != nil {
		return Line{}, fmt.Errorf("reading a line of an export: %w", err)
	}
	if w.End != nil {
		return Line{Cursor: *w.End, More: w.More}, nil
	}
	l, err := w.parse()
	if err != nil {
		return Line{}, fmt.Errorf("reading a line of an export: %w", err)
	}
	return l, nil
}

func (w wireLine) parse() (Line, error) {
	deal, dealErr := seal.ParseDealID(w.Deal)
	viewer, viewerErr := seal.ParseViewerID(w.Viewer)
	kind, kindErr := ParseKind(w.Kind)
	var target Target
	var targetErr error
	if kind.Aims() {
		target, targetErr = ParseTarget(w.Target)
	}
	if err := errors.Join(dealErr, viewerErr, kindErr, targetErr); err != nil {
		return Line{}, err
	}
	if w.Sum == 1 {
		return Line{Cursor: w.Cursor, Sum: &Sum{
			Day: int(w.At / (24 * 60 * 60 * 1000)), Deal: deal, Viewer: viewer, Kind: kind, Target: target,
			Ms: w.Ms, Sessions: w.Number, Progress: w.Progress, Automated: w.Driven == 1,
		}}, nil
	}
	session, err := ParseSession(w.Session)
	if err != nil {
		return Line{}, err
	}
	return Line{Cursor: w.Cursor, Event: &Event{
		Session: session, Seq: w.Number, Deal: deal, Viewer: viewer, Kind: kind, Target: target,
		Ms: uint32(min(w.Ms, 1<<32-1)), Progress: w.Progress, At: w.At, Received: w.Received, Device: ParseDevice(w.Device), Automated: w.Driven == 1,
	}}, nil
}
