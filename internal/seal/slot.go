package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

const (
	payloadStep = 512
	maxPayload  = 15_872
	// boxExtra is what a box has besides its payload, which is one chunk.
	boxExtra = headSize + tagSize
)

// Locator finds a slot: it says nothing to who has no way in.
type Locator [16]byte

// Slot is a way in as it stands in the lock page's header, or a dummy.
type Slot struct {
	Locator Locator
	Box     []byte
}

// rootKey is PRK: what a way in comes to, at a salt.
type rootKey [64]byte

// rootOf takes a secret, words as Normal leaves them, or both.
func rootOf(salt [16]byte, iterations uint32, secret []byte, words string) (rootKey, error) {
	var stretched []byte
	if words != "" {
		var err error
		if stretched, err = pbkdf2.Key(sha256.New, words, salt[:], int(iterations), 32); err != nil {
			return rootKey{}, fmt.Errorf("stretching the words: %w", err)
		}
	}
	mac := hmac.New(sha512.New, salt[:])
	mac.Write(LP(secret, stretched))
	return rootKey(mac.Sum(nil)), nil
}

func (k rootKey) locator(d DealID, epoch [16]byte) Locator {
	return Locator(derive(k[:], 16, "loc", d[:], epoch[:]))
}

func (k rootKey) wrap() []byte { return derive(k[:], 32, "wrap") }

func slotContext(d DealID, key KeyID, epoch [16]byte, at Locator) []byte {
	return LP([]byte("slot"), d[:], key[:], epoch[:], at[:])
}

// payload is what a slot holds.
type payload struct {
	notAfter  int64
	viewer    ViewerID
	cap       []byte
	deal      contentKey
	audiences []contentKey
}

func (p payload) marshal() []byte {
	out := []byte{1}
	out = append(out, u64(p.notAfter)...)
	out = append(out, p.viewer[:]...)
	out = binary.BigEndian.AppendUint16(out, uint16(len(p.cap)))
	out = append(out, p.cap...)
	out = append(out, byte(len(p.audiences)))
	out = append(out, p.deal[:]...)
	for _, a := range p.audiences {
		out = append(out, a[:]...)
	}
	return out
}

// parsePayload checks everything, down to the filler.
func parsePayload(data []byte) (payload, error) {
	r := reader{data}
	if r.byte() != 1 {
		return payload{}, fmt.Errorf("%w: the slot is a newer one", Version)
	}
	p := payload{notAfter: int64(r.uint64())}
	copy(p.viewer[:], r.take(10))
	p.cap = bytes.Clone(r.take(int(r.uint16())))
	n := int(r.byte())
	copy(p.deal[:], r.take(32))
	if n > maxAudiences || p.notAfter < 0 || p.notAfter > maxNumber {
		return payload{}, damaged("the slot's numbers are out of bounds")
	}
	for i := range n {
		key := contentKey{}
		copy(key[:], r.take(32))
		if i > 0 && bytes.Compare(p.audiences[i-1][:], key[:]) >= 0 {
			return payload{}, damaged("the slot's keys are not in order")
		}
		p.audiences = append(p.audiences, key)
	}
	if r.data == nil || !filler(r.data) {
		return payload{}, damaged("the slot's filler is not empty")
	}
	return p, nil
}

func filler(data []byte) bool {
	return !slices.ContainsFunc(data, func(b byte) bool { return b != 0 })
}

// reader takes fields off the front. Once something is missing all further
// fields are zero, and data is nil.
type reader struct{ data []byte }

func (r *reader) take(n int) []byte {
	if r.data == nil || len(r.data) < n {
		r.data = nil
		return make([]byte, n)
	}
	out := r.data[:n]
	r.data = r.data[n:]
	return out
}

func (r *reader) byte() byte     { return r.take(1)[0] }
func (r *reader) uint16() uint16 { return binary.BigEndian.Uint16(r.take(2)) }
func (r *reader) uint32() uint32 { return binary.BigEndian.Uint32(r.take(4)) }
func (r *reader) uint64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

func u64(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// root is what a way in comes to for the writer.
func (d DealSecrets) root(a Access, w Way) (rootKey, error) {
	var secret []byte
	words := ""
	if w.Link > 0 {
		s := d.Secret(w.Who, w.Link)
		secret = s[:]
	}
	if w.Phrase > 0 {
		words = Normal(d.Phrase(w.Owner, w.Phrase))
	}
	if w.Password {
		words = Normal(a.Password)
	}
	return rootOf(d.salt(), a.iterations(), secret, words)
}

// payloadOf a way: the keys of the deal and of every audience it is in.
func (d DealSecrets) payloadOf(a Access, w Way, epoch [16]byte) payload {
	p := payload{notAfter: w.NotAfter, viewer: d.Viewer(w.Who), cap: w.Cap, deal: d.dealKey(epoch)}
	for _, members := range a.Audiences {
		if slices.Contains(members, w.Who) {
			p.audiences = append(p.audiences, d.audienceKey(epoch, members))
		}
	}
	slices.SortFunc(p.audiences, func(x, y contentKey) int { return bytes.Compare(x[:], y[:]) })
	return p
}

// slots are the ways in, and as many dummies as leave only a power of two to
// count, all of one size.
func (d DealSecrets) slots(a Access, epoch [16]byte) ([]Slot, error) {
	var payloads [][]byte
	size := payloadStep
	for _, w := range a.Ways {
		p := d.payloadOf(a, w, epoch)
		if len(p.audiences) > maxAudiences {
			return nil, fmt.Errorf("%q is in %d audiences: %d are possible", w.Who, len(p.audiences), maxAudiences)
		}
		data := p.marshal()
		size = max(size, (len(data)+payloadStep-1)/payloadStep*payloadStep)
		payloads = append(payloads, data)
	}
	if size > maxPayload {
		return nil, errors.New("a slot cannot hold what a page reports with: it is too long")
	}
	count := minSlots
	for count < len(a.Ways) {
		count *= 2
	}
	var slots []Slot
	for i, w := range a.Ways {
		root, err := d.root(a, w)
		if err != nil {
			return nil, err
		}
		at := root.locator(d.id, epoch)
		full := append(payloads[i], make([]byte, size-len(payloads[i]))...)
		slots = append(slots, Slot{at, Seal(root.wrap(), slotContext(d.id, d.key.ID(), epoch, at), full)})
	}
	for i := 0; len(slots) < count; i++ {
		dummy := d.key.derive(16+boxExtra+size, "dummy", d.id[:], epoch[:], u32(uint32(i)))
		slots = append(slots, Slot{Locator(dummy[:16]), dummy[16:]})
	}
	slices.SortFunc(slots, func(x, y Slot) int { return bytes.Compare(x.Locator[:], y.Locator[:]) })
	for i := range slots[1:] {
		if slots[i].Locator == slots[i+1].Locator {
			return nil, errors.New("two ways in would have one place: raise the deal's generation")
		}
	}
	return slots, nil
}
