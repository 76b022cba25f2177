package capability

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"portico/internal/seal"
)

func keyOfByte(t testing.TB, b byte) Key {
	t.Helper()
	team, err := seal.NewTeamKey(bytes.NewReader(bytes.Repeat([]byte{b}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return NewKey(team)
}

func TestKeyText(t *testing.T) {
	k := keyOfByte(t, 7)
	got, err := ParseKey(" " + k.Text() + "\n")
	if err != nil || got.ID != k.ID || got.Secret() != k.Secret() {
		t.Fatalf("%v, %v", got, err)
	}
	text := k.Text()
	for i := len(keyPrefix) + 6; i < len(text); i++ { // the id before is no secret and has no check
		altered := []byte(text)
		altered[i] = "AB"[(altered[i]&1)^1]
		if string(altered) == text {
			continue
		}
		if _, err := ParseKey(string(altered)); err == nil {
			t.Errorf("symbol %d altered, and it is read", i)
		}
	}
	for _, bad := range []string{"", "portico-key-1-AAAA", text[:len(text)-1], text + "A"} {
		if _, err := ParseKey(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func TestKeyIsNeverPrinted(t *testing.T) {
	k := keyOfByte(t, 7)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("key", "key", k, "keys", Keys{k.ID: k})
	data, err := json.Marshal(struct{ K Key }{k})
	if err != nil {
		t.Fatal(err)
	}
	secret := k.Secret()
	for _, printed := range []string{fmt.Sprint(k), fmt.Sprintf("%+v %#v %x %s", k, k, k, Keys{k.ID: k}), log.String(), string(data)} {
		for _, hidden := range []string{k.Text()[len(keyPrefix)+6:], fmt.Sprintf("%x", secret), fmt.Sprint(secret)} {
			if strings.Contains(printed, hidden) {
				t.Errorf("the key is in %s", printed)
			}
		}
	}
}

func TestSeveralKeys(t *testing.T) {
	old, now, foreign := keyOfByte(t, 1), keyOfByte(t, 2), keyOfByte(t, 3)
	keys, err := ParseKeys(old.Text() + ", " + now.Text() + "\n")
	if err != nil || len(keys) != 2 {
		t.Fatalf("%v, %v", keys, err)
	}
	for _, k := range []Key{old, now, foreign} {
		c := Claims{Key: k.ID, Scope: Receipts}
		got, err := keys.Verify(Text(Mint(k.Secret(), c)), time.Unix(1, 0))
		if want := k.ID != foreign.ID; want && (err != nil || got != c) || !want && !errors.Is(err, Forged) {
			t.Errorf("%v, %v", got, err)
		}
		c.Key = old.ID // made with one key and named after another
		if _, err := keys.Verify(Text(Mint(k.Secret(), c)), time.Unix(1, 0)); (err == nil) != (k.ID == old.ID) {
			t.Errorf("%v", err)
		}
	}
	for _, bad := range []string{"", " ,", old.Text() + " x"} {
		if _, err := ParseKeys(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
	for _, bad := range []string{"", strings.Repeat("!", 67)} {
		if _, err := keys.Verify(bad, time.Unix(1, 0)); !errors.Is(err, Forged) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
