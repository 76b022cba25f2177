package seal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

const (
	magic      = "PORTICO1"
	headerSize = 63

	metaBefore = `<meta name="portico-1" content="`
	metaAfter  = `">`
)

// Header is what a deal's lock page has that no other has: where its slots are
// and how a way in finds its own.
type Header struct {
	Key        KeyID
	Deal       DealID
	Salt       [16]byte
	Epoch      [16]byte
	TwoFactors bool
	Iterations uint32
	Slots      []Slot
}

func (h Header) marshal() []byte {
	flags := byte(0)
	if h.TwoFactors {
		flags = 1
	}
	out := []byte(magic)
	out = append(out, h.Key[:]...)
	out = append(out, h.Deal[:]...)
	out = append(out, h.Salt[:]...)
	out = append(out, h.Epoch[:]...)
	out = append(out, flags)
	out = append(out, u32(h.Iterations)...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(h.Slots[0].Box)))
	out = binary.BigEndian.AppendUint16(out, uint16(len(h.Slots)))
	for _, s := range h.Slots {
		out = append(out, s.Locator[:]...)
		out = append(out, s.Box...)
	}
	return out
}

// Meta is the element that stands in the head of the deal's lock page, once.
func (h Header) Meta() string { return metaBefore + base64Text(h.marshal()) + metaAfter }

// FindHeader reads the header of a lock page.
func FindHeader(page []byte) (Header, error) {
	_, rest, found := bytes.Cut(page, []byte(metaBefore))
	if !found {
		return Header{}, fmt.Errorf("%w: the page has no header", Version)
	}
	text, rest, found := bytes.Cut(rest, []byte(metaAfter))
	if !found || bytes.Contains(rest, []byte(metaBefore)) {
		return Header{}, damaged("the page's header is cut off, or there are two")
	}
	data, err := parseBase64(string(text))
	if err != nil {
		return Header{}, damaged("the page's header is not base64url")
	}
	return parseHeader(data)
}

func parseHeader(data []byte) (Header, error) {
	r := reader{data}
	if string(r.take(len(magic))) != magic {
		return Header{}, fmt.Errorf("%w: the page's header begins otherwise", Version)
	}
	var h Header
	copy(h.Key[:], r.take(len(h.Key)))
	copy(h.Deal[:], r.take(len(h.Deal)))
	copy(h.Salt[:], r.take(len(h.Salt)))
	copy(h.Epoch[:], r.take(len(h.Epoch)))
	flags := r.byte()
	h.TwoFactors = flags == 1
	h.Iterations = r.uint32()
	box, count := int(r.uint16()), int(r.uint16())
	size := box - boxExtra
	switch {
	case flags > 1:
		return Header{}, damaged("the header has unknown flags")
	case h.Iterations < phraseIterations || h.Iterations > maxIterations:
		return Header{}, damaged("%d iterations are out of bounds", h.Iterations)
	case size < payloadStep || size > maxPayload || size%payloadStep != 0:
		return Header{}, damaged("a slot of %d bytes is out of bounds", box)
	case count < minSlots || count > maxSlots || count&(count-1) != 0:
		return Header{}, damaged("%d slots are out of bounds", count)
	case len(data) != headerSize+count*(16+box):
		return Header{}, damaged("the header is %d bytes long", len(data))
	}
	for range count {
		s := Slot{Locator(r.take(16)), bytes.Clone(r.take(box))}
		if n := len(h.Slots); n > 0 && bytes.Compare(h.Slots[n-1].Locator[:], s.Locator[:]) >= 0 {
			return Header{}, damaged("the slots are not in order")
		}
		h.Slots = append(h.Slots, s)
	}
	return h, nil
}

// find the slot at a place, if there is one.
func (h Header) find(at Locator) (Slot, bool) {
	i, found := slices.BinarySearchFunc(h.Slots, at, func(s Slot, at Locator) int { return bytes.Compare(s.Locator[:], at[:]) })
	if !found {
		return Slot{}, false
	}
	return h.Slots[i], true
}
