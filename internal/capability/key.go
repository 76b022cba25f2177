package capability

import (
	"crypto/hkdf"
	"crypto/sha512"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"portico/internal/seal"
)

// Key makes and checks the capabilities of a team. It follows from the team's
// key, opens nothing, and lets whoever has it make up views: the collector has
// it, and the build.
type Key struct {
	ID seal.KeyID
	// A function, for fmt looks into everything else.
	secret func() [32]byte
}

const keyPrefix = "portico-beacon-key-1-"

// NewKey is the key that follows from a team's.
func NewKey(team seal.TeamKey) Key { return newKey(team.ID(), team.Beacon()) }

func newKey(id seal.KeyID, secret [32]byte) Key {
	return Key{id, func() [32]byte { return secret }}
}

// Secret is what capabilities are made with.
func (k Key) Secret() [32]byte { return k.secret() }

// Text is the key for the environment of a collector.
func (k Key) Text() string {
	secret := k.secret()
	return keyPrefix + encoding().EncodeToString(slices.Concat(k.ID[:], secret[:], checkOf(secret)))
}

// ParseKey reads a key as Text writes it. Its errors tell nothing of it.
func ParseKey(text string) (Key, error) {
	body, ok := strings.CutPrefix(strings.TrimSpace(text), keyPrefix)
	if !ok {
		return Key{}, errors.New("a collector's key begins with " + keyPrefix)
	}
	data, err := encoding().DecodeString(body)
	if err != nil || len(data) != 40 {
		return Key{}, errors.New("the collector's key is cut off or mistyped: 54 letters, digits, - and _ follow " + keyPrefix)
	}
	secret := [32]byte(data[4:36])
	if subtle.ConstantTimeCompare(checkOf(secret), data[36:]) != 1 {
		return Key{}, errors.New("the collector's key is mistyped: its last symbols don't belong to the others")
	}
	return newKey(seal.KeyID(data[:4]), secret), nil
}

// checkOf finds a key that was mistyped.
func checkOf(secret [32]byte) []byte {
	out, err := hkdf.Expand(sha512.New, secret[:], string(seal.LP([]byte("portico/1"), []byte("key-check"))), 4)
	if err != nil {
		panic("internal error: " + err.Error()) // four bytes are far below the limit
	}
	return out
}

// Format keeps the key out of everything that is printed.
func (k Key) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, keyPrefix+"…") // a Formatter has nobody to tell
}

// MarshalText keeps it out of JSON and the like.
func (k Key) MarshalText() ([]byte, error) { return []byte(keyPrefix + "…"), nil }

// LogValue keeps it out of logs.
func (k Key) LogValue() slog.Value { return slog.StringValue(keyPrefix + "…") }

// Keys are those of a collector: several while one takes the place of another.
type Keys map[seal.KeyID]Key

// ParseKeys reads keys with spaces or commas between them.
func ParseKeys(text string) (Keys, error) {
	keys := Keys{}
	for _, one := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' }) {
		k, err := ParseKey(one)
		if err != nil {
			return nil, err
		}
		keys[k.ID] = k
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key in it")
	}
	return keys, nil
}

// Verify reads what a page sent, with the key that it names.
func (k Keys) Verify(text string, now time.Time) (Claims, error) {
	id, err := keyOf(text)
	if err != nil {
		return Claims{}, err
	}
	key, ok := k[id]
	if !ok {
		return Claims{}, fmt.Errorf("%w: it names a key that is not here", Forged)
	}
	return Verify(key.secret(), text, now)
}

// keyOf is the key that a capability says it was made with.
func keyOf(text string) (seal.KeyID, error) {
	if len(text) != encoding().EncodedLen(Size) {
		return seal.KeyID{}, fmt.Errorf("%w: it is %d symbols long", Forged, len(text))
	}
	var head [6]byte
	if _, err := encoding().Decode(head[:], []byte(text[:8])); err != nil {
		return seal.KeyID{}, fmt.Errorf("%w: it is not base64url", Forged)
	}
	return seal.KeyID(head[1:5]), nil
}

// LocalToken opens the export of a collector that runs beside its site on one
// machine: both have the key, and nobody has to carry a token.
func (k Key) LocalToken() string {
	secret := k.secret()
	out, err := hkdf.Expand(sha512.New, secret[:], string(seal.LP([]byte("portico/1"), []byte("local-token"))), 32)
	if err != nil {
		panic("internal error: " + err.Error()) // so few bytes are far below the limit
	}
	return encoding().EncodeToString(out)
}
