// Package beacon is the protocol between a viewer's page, the collector and
// whoever makes a report: what a page sends, what of it is kept, how it is
// handed on, and the file that tells the collector where alerts go.
//
// It knows ids and numbers alone. No name, title or word of a deal has a place
// in it, so none can reach the collector through it; it knows neither a
// database nor how a request is served.
package beacon

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"portico/internal/seal"
)

// Kind is what a viewer did. The numbers are kept in databases: none is ever
// given to another kind.
type Kind uint8

const (
	Open Kind = iota + 1
	Section
	Milestone
	Document
	Video
	Download
	Print
	Link
	Lock
)

// Kinds are all of them, by number.
func Kinds() []Kind {
	return []Kind{Open, Section, Milestone, Document, Video, Download, Print, Link, Lock}
}

// String is how the protocol spells a kind.
func (k Kind) String() string {
	switch k {
	case Open:
		return "open"
	case Section:
		return "section"
	case Milestone:
		return "milestone"
	case Document:
		return "document"
	case Video:
		return "video"
	case Download:
		return "download"
	case Print:
		return "print"
	case Link:
		return "link"
	case Lock:
		return "lock"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// ParseKind reads what String writes.
func ParseKind(text string) (Kind, error) {
	for _, k := range Kinds() {
		if k.String() == text {
			return k, nil
		}
	}
	return 0, errors.New("there is no such kind of event")
}

// Aims says whether a kind is about a part of the deal, and not the whole.
func (k Kind) Aims() bool { return k != Open && k != Print && k != Lock }

// Target is a part of a deal, by an id that tells nothing of it.
type Target [8]byte

// Text is how the protocol spells a target.
func (t Target) Text() string { return text64().EncodeToString(t[:]) }

// ParseTarget reads what Text writes.
func ParseTarget(text string) (Target, error) {
	data, err := text64().DecodeString(text)
	if err != nil || len(data) != len(Target{}) || len(text) != 11 { // decoding skips line feeds
		return Target{}, errors.New("a target is 11 letters, digits, - and _")
	}
	return Target(data), nil
}

// text64 is strict: what it reads has one spelling.
func text64() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// Device is the kind of device, as coarse as that.
type Device uint8

const (
	UnknownDevice Device = iota
	Phone
	Tablet
	Desktop
)

// String is how the protocol spells a device; one that is not known is empty.
func (d Device) String() string {
	switch d {
	case Phone:
		return "phone"
	case Tablet:
		return "tablet"
	case Desktop:
		return "desktop"
	}
	return ""
}

// ParseDevice reads what String writes. A word that it does not know is a
// device of a newer page, which is no reason to lose what was seen on it.
func ParseDevice(text string) Device {
	for _, d := range []Device{Phone, Tablet, Desktop} {
		if d.String() == text {
			return d
		}
	}
	return UnknownDevice
}

// Session is one visit, a UUIDv7 that its page made.
type Session [16]byte

// ParseSession wants the one usual spelling.
func ParseSession(text string) (Session, error) {
	id, err := uuid.Parse(text)
	if err != nil || id.String() != text || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
		return Session{}, errors.New("a session is a UUID of version 7")
	}
	return Session(id), nil
}

// Text is how the protocol spells a session.
func (s Session) Text() string { return uuid.UUID(s).String() }

// Began is when the session was made, by the clock of its page.
func (s Session) Began() time.Time {
	var ms int64
	for _, b := range s[:6] {
		ms = ms<<8 | int64(b)
	}
	return time.UnixMilli(ms)
}

// Day on which the session began, counted from 1970 in UTC. It is part of an
// event's key and follows from the session, so that what is sent again has the
// same key on any day.
func (s Session) Day() int { return int(s.Began().Unix() / (24 * 60 * 60)) }

// Event is one thing that a viewer did, as it is kept. Its key is the session,
// with its day, and Seq.
type Event struct {
	Session Session
	Seq     uint32
	Deal    seal.DealID
	Viewer  seal.ViewerID
	Kind    Kind
	Target  Target
	// Ms is how long the target was in sight in this session until now: the
	// greatest of a session's counts, so that neither order nor repetition matters.
	Ms uint32
	// Progress is how far the viewer got, in thousandths.
	Progress uint16
	// At is when it happened and Received when it came, in Unix milliseconds by
	// the collector's clock.
	At, Received int64
	Device       Device
	// Automated says that the browser said it was driven by a program.
	Automated bool
}

// Sum is what is left of a viewer's events of a day once they are old.
type Sum struct {
	Day    int
	Deal   seal.DealID
	Viewer seal.ViewerID
	Kind   Kind
	Target Target
	// Ms adds up the greatest count of each session.
	Ms uint64
	// Sessions is in how many visits it was seen.
	Sessions uint32
	// Progress is the furthest that any got.
	Progress  uint16
	Automated bool
}

// Start of the day that it is about, in Unix milliseconds.
func (s Sum) Start() int64 { return int64(s.Day) * 24 * 60 * 60 * 1000 }
