package media

import "encoding/binary"

// stripGIF keeps the frames, their timing and how often they are repeated.
func stripGIF(data []byte) (stripped, error) {
	s := stripped{kind: typeGIF, orientation: 1}
	if len(data) < 13 {
		return s, errCutOff
	}
	s.width, s.height = int(binary.LittleEndian.Uint16(data[6:])), int(binary.LittleEndian.Uint16(data[8:]))
	out := make([]byte, 0, len(data))
	i := 0
	// take bytes over, as many as there should be.
	take := func(n int) bool {
		if n > len(data)-i {
			return false
		}
		out = append(out, data[i:i+n]...)
		i += n
		return true
	}
	colors := func(flags byte) int {
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	if !take(13) || !take(colors(data[10])) {
		return s, errCutOff
	}
	drawn := false
	finish := func() (stripped, error) {
		s.data = append(out, 0x3b)
		if !drawn {
			return s, damaged("there is no picture in it")
		}
		return s, nil
	}
	for i < len(data) {
		switch data[i] {
		case 0x3b: // the end
			return finish()
		case 0: // padding
			i++
		case 0x2c: // a frame
			if !take(10) || !take(colors(out[len(out)-1])) || !take(1) {
				return s, errCutOff
			}
			n := blocksEnd(data, i)
			if n < 0 || !take(n-i) {
				return s, errCutOff
			}
			drawn = true
		case 0x21: // an extension
			if i+3 > len(data) {
				return s, errCutOff
			}
			end := blocksEnd(data, i+2)
			if end < 0 {
				return s, errCutOff
			}
			out = append(out, extension(data[i:end])...)
			i = end
		default:
			return s, damaged("a part of it is unknown")
		}
	}
	if !drawn {
		return s, errCutOff
	}
	return finish() // some programs forget the end
}

// blocksEnd is where a sequence of blocks ends, -1 if it does not.
func blocksEnd(data []byte, i int) int {
	for i < len(data) {
		n := int(data[i])
		i += n + 1
		if n == 0 {
			return i
		}
	}
	return -1
}

// extension is what stays of one: a frame's timing and transparency, and how
// often all is repeated. Comments, XMP and whatever programs put there go.
func extension(b []byte) []byte {
	const timing, application, repeats = 0xf9, 0xff, 14 // bytes before how often
	switch {
	case b[1] == timing && len(b) >= 8 && b[2] == 4:
		return append(b[:7:7], 0)
	case b[1] == application && len(b) > repeats+4 && b[2] == 11 && b[repeats] == 3 && b[repeats+1] == 1:
		if name := string(b[3:repeats]); name == "NETSCAPE2.0" || name == "ANIMEXTS1.0" {
			return append(b[:repeats+4:repeats+4], 0)
		}
	}
	return nil
}
