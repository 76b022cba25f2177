package build

import (
	"encoding/binary"
	"time"
)

// coding writes a value that is kept, or reads it again: its parts in their
// order, with nothing that says what they are. Each type has one list of its
// parts for both, and a name in the cache that is another with every other list.
//
// A build in which nothing changed reads the records of a thousand deals, for
// which encoding/gob took a twentieth of its time.
type coding struct {
	// written has room for all of it: where it had to grow, most of the time
	// would go into fresh memory. So it is counted first.
	written  []byte
	counting bool
	size     int
	// rest is what is still to be read.
	rest    string
	reading bool
	// failed says that what was read is not what was written.
	failed bool
}

// coded is what can be kept.
type coded interface{ code(c *coding) }

// encoded leaves room behind what is written.
func encoded(v coded, room int) []byte {
	c := coding{counting: true}
	v.code(&c)
	c = coding{written: make([]byte, 0, c.size+room)}
	v.code(&c)
	return c.written
}

// decoded says whether a value was all that there is in a text. Texts of the
// value are parts of it.
func decoded(text string, v coded) bool {
	c := coding{rest: text, reading: true}
	v.code(&c)
	return !c.failed && c.rest == ""
}

// decode what was kept under a name. It is false where there is nothing of
// use; the value may have been written to even so.
func (c *cache) decode(name string, into coded) bool {
	kept := c.get(name)
	return kept != nil && decoded(string(kept), into)
}

// encode and keep something under a name.
func (c *cache) encode(name string, value coded) {
	if c != nil {
		data := encoded(value, c.seal.Overhead())
		c.putInto(data[:0], name, data)
	}
}

// take so many bytes of what is to be read.
func (c *coding) take(n int) string {
	if n < 0 || n > len(c.rest) {
		c.failed, c.rest = true, ""
		return ""
	}
	taken := c.rest[:n]
	c.rest = c.rest[n:]
	return taken
}

// codeBytes writes them.
func codeBytes[T string | []byte](c *coding, data T) {
	if c.counting {
		c.size += len(data)
		return
	}
	c.written = append(c.written, data...)
}

// uvarint is a number that is mostly small.
func (c *coding) uvarint(n uint64) uint64 {
	if !c.reading {
		var buffer [binary.MaxVarintLen64]byte
		codeBytes(c, buffer[:binary.PutUvarint(buffer[:], n)])
		return n
	}
	n = 0
	for shift := 0; shift < 64; shift += 7 {
		b := c.take(1)
		if c.failed {
			return 0
		}
		n |= uint64(b[0]&0x7f) << shift
		if b[0] < 0x80 {
			return n
		}
	}
	c.failed = true
	return 0
}

// length of a row of parts, each of which takes a byte at least.
func (c *coding) length(n int) int {
	got := c.uvarint(uint64(n))
	if c.reading && got > uint64(len(c.rest)) {
		c.failed = true
		return 0
	}
	return int(got)
}

func (c *coding) text(s *string) {
	n := c.length(len(*s))
	if c.reading {
		*s = c.take(n)
		return
	}
	codeBytes(c, *s)
}

func (c *coding) texts(list ...*string) {
	for _, s := range list {
		c.text(s)
	}
}

func (c *coding) bytes(b *[]byte) {
	n := c.length(len(*b))
	if c.reading {
		if *b = nil; n > 0 {
			*b = []byte(c.take(n))
		}
		return
	}
	codeBytes(c, *b)
}

func (c *coding) sum(s *sum) {
	if c.reading {
		copy(s[:], c.take(len(s)))
		return
	}
	codeBytes(c, s[:])
}

func (c *coding) flag(b *bool) {
	var n uint8
	if *b {
		n = 1
	}
	codeNumber(c, &n)
	*b = n == 1
}

// time to the nanosecond, in UTC.
func (c *coding) time(t *time.Time) {
	seconds, nanos := t.Unix(), t.Nanosecond()
	codeNumber(c, &seconds)
	codeNumber(c, &nanos)
	if c.reading {
		*t = time.Unix(seconds, int64(nanos)).UTC()
	}
}

// codeNumber goes by zigzag, so that one below zero is small as well.
func codeNumber[N ~int | ~int32 | ~int64 | ~uint8](c *coding, n *N) {
	v := int64(*n)
	got := c.uvarint(uint64(v)<<1 ^ uint64(v>>63))
	if c.reading {
		*n = N(int64(got>>1) ^ -int64(got&1))
	}
}

func codeList[L ~[]V, V any](c *coding, list *L, each func(v *V)) {
	if n := c.length(len(*list)); c.reading {
		if *list = nil; n > 0 {
			*list = make(L, n)
		}
	}
	for i := range *list {
		if c.failed {
			return
		}
		each(&(*list)[i])
	}
}

// codeMap goes by the order of keys.
func codeMap[M ~map[string]V, V any](c *coding, m *M, each func(v *V)) {
	n := c.length(len(*m))
	if c.counting {
		for key, value := range *m {
			c.text(&key)
			each(&value)
		}
		return
	}
	if !c.reading {
		for _, key := range sortedKeys(*m) {
			value := (*m)[key]
			c.text(&key)
			each(&value)
		}
		return
	}
	*m = make(M, n)
	for range n {
		var key string
		var value V
		c.text(&key)
		if each(&value); c.failed {
			return
		}
		(*m)[key] = value
	}
}
