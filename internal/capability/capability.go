// Package capability makes and checks what lets a viewer's page report to the
// collector: who of which deal, for what and until when, under a key that the
// build and the collector share. It lies in the viewer's own slot, so that
// nobody reports without having opened the deal, nor as someone else.
//
// It knows seal's ids and keys, and nothing of events, deals or networks.
package capability

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"

	"portico/internal/seal"
)

// Scope is what a capability allows.
type Scope byte

// Receipts allows to say what its viewer looked at.
const Receipts Scope = 1

const (
	version = 1
	macSize = 16
	// bodySize is version, kid, did, vid, scope and expiry.
	bodySize = 1 + 4 + 10 + 10 + 1 + 8
	// Size of a capability in bytes.
	Size = bodySize + macSize
)

// Claims are what a capability says.
type Claims struct {
	Key    seal.KeyID
	Deal   seal.DealID
	Viewer seal.ViewerID
	Scope  Scope
	// Expiry is the first second at which it holds no more, in Unix time; 0 for
	// never.
	Expiry int64
}

// Refusal is why a capability is not accepted: a value to compare with
// errors.Is.
type Refusal string

const (
	// Forged is one that this key did not make, whatever it says.
	Forged Refusal = "not made by this key"
	// Expired is one whose time is over.
	Expired Refusal = "expired"
	// Newer is one that a newer program made.
	Newer Refusal = "of a newer version than this program"
)

func (r Refusal) Error() string { return string(r) }

// Mint makes a capability, as the bytes that a slot holds.
func Mint(key [32]byte, c Claims) []byte {
	out := []byte{version}
	out = append(out, c.Key[:]...)
	out = append(out, c.Deal[:]...)
	out = append(out, c.Viewer[:]...)
	out = append(out, byte(c.Scope))
	out = binary.BigEndian.AppendUint64(out, uint64(c.Expiry))
	return append(out, mac(key, out)...)
}

// Text is a capability as a page sends it.
func Text(minted []byte) string { return encoding().EncodeToString(minted) }

// Verify reads what a page sent. What it says counts only where the error is
// nil; with Expired it is true, and was once valid.
func Verify(key [32]byte, text string, now time.Time) (Claims, error) {
	if len(text) != encoding().EncodedLen(Size) {
		return Claims{}, fmt.Errorf("%w: it is %d symbols long", Forged, len(text))
	}
	data, err := encoding().DecodeString(text)
	if err != nil {
		return Claims{}, fmt.Errorf("%w: it is not base64url", Forged)
	}
	body, tag := data[:bodySize], data[bodySize:]
	if !hmac.Equal(mac(key, body), tag) {
		return Claims{}, Forged
	}
	return parse(body, now)
}

// parse what has been found genuine.
func parse(body []byte, now time.Time) (Claims, error) {
	if body[0] != version {
		return Claims{}, Newer
	}
	c := Claims{
		Key: seal.KeyID(body[1:5]), Deal: seal.DealID(body[5:15]), Viewer: seal.ViewerID(body[15:25]),
		Scope: Scope(body[25]), Expiry: int64(binary.BigEndian.Uint64(body[26:])),
	}
	if c.Expiry != 0 && now.Unix() >= c.Expiry {
		return c, Expired
	}
	return c, nil
}

func mac(key [32]byte, body []byte) []byte {
	m := hmac.New(sha512.New, key[:])
	m.Write(seal.LP([]byte("portico/1"), []byte("capability"), body))
	return m.Sum(nil)[:macSize]
}

// encoding is strict: a capability has one spelling.
func encoding() *base64.Encoding { return base64.RawURLEncoding.Strict() }
