package postgres

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"portico/internal/beacon"
)

// Values go over the wire in the server's binary form where that is no number,
// and come back in it always.
const (
	textual int16 = iota
	binaryForm
)

// Numbers of types in every server's catalogue.
const (
	oidBool  = 16
	oidBytea = 17
	oidInt8  = 20
	oidInt2  = 21
	oidInt4  = 23
	oidText  = 25
	oidUUID  = 2950
)

// encode arguments; nil is NULL.
func encode(args []any) (values [][]byte, formats []int16) {
	for _, arg := range args {
		value, format := encodeOne(arg)
		values, formats = append(values, value), append(formats, format)
	}
	return values, formats
}

func encodeOne(arg any) ([]byte, int16) {
	switch v := arg.(type) {
	case string:
		return []byte(v), textual
	case bool:
		return strconv.AppendBool(nil, v), textual
	case int:
		return strconv.AppendInt(nil, int64(v), 10), textual
	case int64:
		return strconv.AppendInt(nil, v, 10), textual
	case []byte:
		return v, binaryForm
	case beacon.Session:
		return v[:], binaryForm
	case []bool:
		return array(oidBool, v, func(b []byte, e bool) []byte {
			if e {
				return append(b, 1)
			}
			return append(b, 0)
		}), binaryForm
	case []int16:
		return array(oidInt2, v, func(b []byte, e int16) []byte { return binary.BigEndian.AppendUint16(b, uint16(e)) }), binaryForm
	case []int32:
		return array(oidInt4, v, func(b []byte, e int32) []byte { return binary.BigEndian.AppendUint32(b, uint32(e)) }), binaryForm
	case []int64:
		return array(oidInt8, v, func(b []byte, e int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(e)) }), binaryForm
	case []string:
		return array(oidText, v, func(b []byte, e string) []byte { return append(b, e...) }), binaryForm
	case [][]byte:
		return array(oidBytea, v, func(b, e []byte) []byte { return append(b, e...) }), binaryForm
	case []beacon.Session:
		return array(oidUUID, v, func(b []byte, e beacon.Session) []byte { return append(b, e[:]...) }), binaryForm
	}
	panic(fmt.Sprintf("there is no way to send a %T", arg))
}

// array of one dimension, whose elements are counted from 1; one that is nil is
// NULL.
func array[E any](oid uint32, elements []E, appendOne func([]byte, E) []byte) []byte {
	if elements == nil {
		return nil
	}
	const header = 20
	b := make([]byte, 0, header+len(elements)*20)
	dimensions := uint32(1)
	if len(elements) == 0 {
		dimensions = 0
	}
	for _, word := range []uint32{dimensions, 0, oid} { // the second: no element is NULL
		b = binary.BigEndian.AppendUint32(b, word)
	}
	if len(elements) == 0 {
		return b
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(elements)))
	b = binary.BigEndian.AppendUint32(b, 1)
	for _, e := range elements {
		at := len(b)
		b = appendOne(append(b, 0, 0, 0, 0), e)
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b
}

// row is what came back, valid until the next; columns are read by their places.
type row [][]byte

// whole number, whatever its width.
func (r row) whole(i int) int64 {
	switch b := r[i]; len(b) {
	case 2:
		return int64(int16(binary.BigEndian.Uint16(b)))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b)))
	case 8:
		return int64(binary.BigEndian.Uint64(b))
	}
	panic(fmt.Sprintf("column %d is no whole number", i))
}

func (r row) text(i int) string { return string(r[i]) }

func (r row) truth(i int) bool { return r[i][0] == 1 }

// pair of a deal's id and the viewer's, which stand side by side.
func (r row) pair(i int) (p beacon.Pair) {
	copy(p.Deal[:], r[i])
	copy(p.Viewer[:], r[i+1])
	return p
}

func (r row) session(i int) (s beacon.Session) {
	copy(s[:], r[i])
	return s
}

func (r row) target(i int) (t beacon.Target) {
	copy(t[:], r[i])
	return t
}
