package capability

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"portico/internal/seal"
)

func sample(t testing.TB) (key [32]byte, c Claims) {
	t.Helper()
	team, err := seal.NewTeamKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	deal := team.Deal("northwind-bank")
	return team.Beacon(), Claims{team.ID(), deal.ID(), deal.Viewer("priya"), Receipts, 1_800_000_000}
}

func TestMintAndVerify(t *testing.T) {
	key, c := sample(t)
	text := Text(Mint(key, c))
	if len(text) != 67 {
		t.Errorf("%d symbols", len(text))
	}
	got, err := Verify(key, text, time.Unix(c.Expiry-1, 0))
	if err != nil || got != c {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = Verify(key, text, time.Unix(c.Expiry, 0))
	if !errors.Is(err, Expired) || got != c {
		t.Errorf("at its end: %+v, %v", got, err)
	}
	c.Expiry = 0
	if _, err := Verify(key, Text(Mint(key, c)), time.Unix(1<<40, 0)); err != nil {
		t.Errorf("one without an end: %v", err)
	}
}

// The bytes are a protocol: the collector may be older than the build.
func TestBytes(t *testing.T) {
	key, c := sample(t)
	const want = "01" + "%kid" + "%did" + "%vid" + "01" + "000000006b49d200"
	expected := strings.NewReplacer("%kid", hex.EncodeToString(c.Key[:]), "%did", hex.EncodeToString(c.Deal[:]), "%vid", hex.EncodeToString(c.Viewer[:])).Replace(want)
	minted := Mint(key, c)
	if got := hex.EncodeToString(minted[:bodySize]); got != expected || len(minted) != Size {
		t.Errorf("%s, want %s", got, expected)
	}
}

func TestForgeries(t *testing.T) {
	key, c := sample(t)
	now := time.Unix(1_700_000_000, 0)
	minted := Mint(key, c)
	for i := range minted {
		for bit := range 8 {
			altered := bytes.Clone(minted)
			altered[i] ^= 1 << bit
			if _, err := Verify(key, Text(altered), now); !errors.Is(err, Forged) {
				t.Fatalf("bit %d of byte %d altered: %v", bit, i, err)
			}
		}
	}
	other := key
	other[0] ^= 1
	text := Text(minted)
	for what, try := range map[string]string{
		"nothing": "", "cut off": text[:66], "longer": text + "A", "not base64": strings.Repeat("!", 67),
		"another key's": Text(Mint(other, c)), "another spelling": respelled(t, text), "padded": text[:66] + "=",
	} {
		if got, err := Verify(key, try, now); !errors.Is(err, Forged) || got != (Claims{}) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
}

// respelled has other bits in its last symbol, which lax readers let pass.
func respelled(t *testing.T, text string) string {
	t.Helper()
	const symbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	at := strings.IndexByte(symbols, text[66])
	out := text[:66] + string(symbols[at^1])
	if lax, err := base64.RawURLEncoding.DecodeString(out); err != nil || len(lax) != Size {
		t.Fatalf("a lax reader says %v", err)
	}
	return out
}

func TestNewerVersion(t *testing.T) {
	key, c := sample(t)
	newer := Mint(key, c)[:bodySize]
	newer[0] = 2
	newer = append(newer, mac(key, newer)...)
	if _, err := Verify(key, Text(newer), time.Unix(0, 0)); !errors.Is(err, Newer) {
		t.Errorf("a newer one: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	key, c := sample(f)
	f.Add(Text(Mint(key, c)))
	f.Add("")
	f.Add(strings.Repeat("A", 67))
	genuine := Text(Mint(key, c))
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Verify(key, text, time.Unix(0, 0)); err == nil && text != genuine {
			t.Errorf("%q is accepted", text)
		}
	})
}
