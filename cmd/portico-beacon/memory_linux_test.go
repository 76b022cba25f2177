package main

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

func TestReadOnlyPart(t *testing.T) {
	tests := map[string]struct {
		line       string
		from, size uintptr
		ok         bool
	}{
		"code":              {"00401000-00f5b000 r-xp 00001000 fe:00 1234                       /usr/bin/portico-beacon", 0x401000, 0xb5a000, true},
		"tables":            {"00f5b000-01b1f000 r--p 00b5b000 fe:00 1234                       /usr/bin/portico-beacon", 0xf5b000, 0xbc4000, true},
		"what it writes to": {"01b1f000-01bd7000 rw-p 0171f000 fe:00 1234                       /usr/bin/portico-beacon", 0, 0, false},
		"another file":      {"7f0000000000-7f0000001000 r--p 00000000 fe:00 99                 /usr/lib/locale", 0, 0, false},
		"replaced":          {"00401000-00f5b000 r-xp 00001000 fe:00 1234                       /usr/bin/portico-beacon (deleted)", 0, 0, false},
		"memory":            {"c000000000-c000400000 rw-p 00000000 00:00 0", 0, 0, false},
		"backwards":         {"00f5b000-00401000 r-xp 00001000 fe:00 1234                       /usr/bin/portico-beacon", 0, 0, false},
		"no numbers":        {"x-y r-xp 00001000 fe:00 1234                       /usr/bin/portico-beacon", 0, 0, false},
		"nothing":           {"", 0, 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			from, size, ok := readOnlyPart(test.line, "/usr/bin/portico-beacon")
			if ok != test.ok || ok && (from != test.from || size != test.size) {
				t.Errorf("%x, %x, %v", from, size, ok)
			}
		})
	}
}

// What is given back of the file is less in memory, and the program goes on.
func TestGiveBack(t *testing.T) {
	own := func() int {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`RssFile:\s+(\d+) kB`).FindSubmatch(status)
		if m == nil {
			t.Fatalf("no RssFile in %s", status)
		}
		n, err := strconv.Atoi(string(m[1]))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := own()
	giveBack()
	if after := own(); after >= before {
		t.Errorf("%d KiB of its file are in memory, and were %d before", after, before)
	}
}
