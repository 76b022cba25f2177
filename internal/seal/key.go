package seal

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// Ids, as the format spells them: of a team key, of a deal, of a viewer within
// a deal. None tells the name it was made from.
type (
	KeyID    [4]byte
	DealID   [10]byte
	ViewerID [10]byte
)

// Path is the deal's folder on the host.
func (d DealID) Path() string { return base32Text(d[:]) }

// ParseDealID reads a deal's folder on the host.
func ParseDealID(text string) (DealID, error) {
	data, err := base32Encoding().DecodeString(text)
	if err != nil || len(data) != len(DealID{}) || text != base32Text(data) {
		return DealID{}, errors.New("a deal's id is 16 letters and digits")
	}
	return DealID(data), nil
}

// IsPath says whether a name can be that of a deal's folder.
func IsPath(name string) bool {
	_, err := ParseDealID(name)
	return err == nil
}

// Text is the viewer's id as it is spelt.
func (v ViewerID) Text() string { return base32Text(v[:]) }

// ParseViewerID reads what Text writes.
func ParseViewerID(text string) (ViewerID, error) {
	data, err := base32Encoding().DecodeString(text)
	if err != nil || len(data) != len(ViewerID{}) || text != base32Text(data) {
		return ViewerID{}, errors.New("a viewer's id is 16 letters and digits")
	}
	return ViewerID(data), nil
}

const keyPrefix = "portico-key-1-"

// TeamKey is the one secret of a team: whoever has it reads every deal. It
// never shows in what is printed, logged or written as JSON; Text gives it out.
// The zero TeamKey is none, and seals nothing.
type TeamKey struct {
	// A function, for fmt looks into everything else: it asks no method how an
	// unexported field is printed.
	secret func() [32]byte
}

func newTeamKey(secret [32]byte) TeamKey { return TeamKey{func() [32]byte { return secret }} }

// NewTeamKey makes a key of 32 random bytes.
func NewTeamKey(random io.Reader) (TeamKey, error) {
	var secret [32]byte
	if _, err := io.ReadFull(random, secret[:]); err != nil {
		return TeamKey{}, fmt.Errorf("making a team key: %w", err)
	}
	return newTeamKey(secret), nil
}

// ParseTeamKey reads a key as Text writes it. Its errors tell nothing of it.
func ParseTeamKey(text string) (TeamKey, error) {
	body, ok := strings.CutPrefix(strings.TrimSpace(text), keyPrefix)
	if !ok {
		return TeamKey{}, errors.New("a team key begins with " + keyPrefix)
	}
	data, err := parseBase64(body)
	if err != nil || len(data) != 36 {
		return TeamKey{}, errors.New("the team key is cut off or mistyped: 48 letters, digits, - and _ follow " + keyPrefix)
	}
	k := newTeamKey([32]byte(data[:32]))
	if subtle.ConstantTimeCompare(k.check(), data[32:]) != 1 {
		return TeamKey{}, errors.New("the team key is mistyped: its last symbols don't belong to the others")
	}
	return k, nil
}

// Text is the key for whoever shall keep it.
func (k TeamKey) Text() string {
	secret := k.secret()
	return keyPrefix + base64Text(slices.Concat(secret[:], k.check()))
}

func (k TeamKey) check() []byte { return k.derive(4, "key-check") }

// Format keeps the key out of everything that is printed.
func (k TeamKey) Format(f fmt.State, _ rune) { hide(f, keyPrefix+"…") }

// hide prints a name in the place of what nobody shall see.
func hide(f fmt.State, name string) {
	_, _ = io.WriteString(f, name) // a Formatter has nobody to tell
}

// MarshalText keeps it out of JSON and the like.
func (k TeamKey) MarshalText() ([]byte, error) { return []byte(keyPrefix + "…"), nil }

// LogValue keeps it out of logs.
func (k TeamKey) LogValue() slog.Value { return slog.StringValue(keyPrefix + "…") }

func (k TeamKey) derive(n int, label string, x ...[]byte) []byte {
	secret := k.secret()
	return derive(secret[:], n, label, x...)
}

// ID says which key it is, and nothing of it.
func (k TeamKey) ID() KeyID { return KeyID(k.derive(4, "kid")) }

// Beacon is the key of capabilities, which the collector may have.
func (k TeamKey) Beacon() [32]byte { return [32]byte(k.derive(32, "beacon")) }

// Cache is the key of what machines that have the team's keep between builds.
func (k TeamKey) Cache() [32]byte { return [32]byte(k.derive(32, "build-cache")) }

// Deal is what follows from the key for a deal, by the name of its folder,
// which is used for nothing else.
func (k TeamKey) Deal(folder string) DealSecrets {
	return k.DealByID(DealID(k.derive(10, "path", []byte(folder))))
}

// DealByID is the same for a deal that is known by its lock page alone.
func (k TeamKey) DealByID(id DealID) DealSecrets { return DealSecrets{k, id} }

// DealSecrets are the secrets of a deal's people and of the deal itself.
type DealSecrets struct {
	key TeamKey
	id  DealID
}

// Format keeps them out of everything that is printed.
func (d DealSecrets) Format(f fmt.State, _ rune) { hide(f, "the secrets of "+d.id.Path()) }

// ID is the deal's.
func (d DealSecrets) ID() DealID { return d.id }

// Viewer is what the page and the collector know a person by.
func (d DealSecrets) Viewer(who string) ViewerID {
	return ViewerID(d.key.derive(10, "viewer", d.id[:], []byte(who)))
}

// Target is what the collector knows a part of the deal by.
func (d DealSecrets) Target(kind, id string) [8]byte {
	return [8]byte(d.key.derive(8, "target", d.id[:], []byte(kind), []byte(id)))
}

// Secret is what a person's link holds.
func (d DealSecrets) Secret(who string, generation uint32) Secret {
	return Secret(d.key.derive(16, "link", d.id[:], []byte(who), u32(generation)))
}

// Phrase is a person's passphrase, or with Everyone the deal's.
func (d DealSecrets) Phrase(who string, generation uint32) string {
	return phrase(d.key.derive(128, "phrase", d.id[:], []byte(who), u32(generation)))
}

func (d DealSecrets) salt() [16]byte { return [16]byte(d.key.derive(16, "salt", d.id[:])) }

// mark stands for a chosen password among what an epoch is made of.
func (d DealSecrets) mark(password string) []byte {
	return d.key.derive(16, "mark", d.id[:], []byte(Normal(password)))
}

func (d DealSecrets) dealKey(epoch [16]byte) contentKey {
	return contentKey(d.key.derive(32, "deal", d.id[:], epoch[:]))
}

// audienceKey wants its members sorted.
func (d DealSecrets) audienceKey(epoch [16]byte, members []string) contentKey {
	x := [][]byte{d.id[:], epoch[:]}
	for _, m := range members {
		x = append(x, []byte(m))
	}
	return contentKey(d.key.derive(32, "audience", x...))
}

// contentKey opens a manifest and what it names: the deal's, or an audience's.
type contentKey [32]byte

func (c contentKey) manifest() []byte { return derive(c[:], 32, "manifest") }
func (c contentKey) object() []byte   { return derive(c[:], 32, "object") }

// name is the manifest's, below o/.
func (c contentKey) name() string { return base32Text(derive(c[:], 16, "name")) }
