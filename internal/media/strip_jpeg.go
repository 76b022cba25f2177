package media

import (
	"bytes"
	"errors"
)

// segment of a JPEG.
type segment struct {
	marker byte
	body   []byte
	// scan are the pixels behind a start of scan.
	scan []byte
}

const (
	markerSOI = 0xd8
	markerEOI = 0xd9
	markerSOS = 0xda
)

// jpegSegments goes through a JPEG up to its end, which is not always the
// file's: phones put a second picture behind it. What is between segments is
// passed over, as decoders do.
func jpegSegments(data []byte, each func(segment)) error {
	for i := 2; ; {
		skip := bytes.IndexByte(data[i:], 0xff)
		if skip < 0 {
			return errCutOff
		}
		for i += skip; i < len(data) && data[i] == 0xff; i++ { // any number of them
		}
		if i == len(data) {
			return errCutOff
		}
		m := data[i]
		i++
		switch {
		case m == markerEOI:
			return nil
		case m == markerSOI:
			return damaged("a second picture begins within it")
		case m <= 1 || m >= 0xd0 && m <= 0xd7: // without a body
			continue
		}
		if i+2 > len(data) {
			return errCutOff
		}
		n := int(data[i])<<8 | int(data[i+1])
		if n < 2 {
			return damaged("a part of it has no length")
		}
		if i+n > len(data) {
			return errCutOff
		}
		s := segment{marker: m, body: data[i+2 : i+n]}
		i += n
		if m == markerSOS {
			to := scanEnd(data, i)
			s.scan = data[i:to]
			i = to
		}
		each(s)
	}
}

// scanEnd is where the next marker stands that does not belong to the pixels.
func scanEnd(data []byte, i int) int {
	for {
		n := bytes.IndexByte(data[i:], 0xff)
		if n < 0 || i+n+1 == len(data) {
			return len(data)
		}
		i += n
		switch m := data[i+1]; {
		case m == 0xff: // padding
			i++
		case m == 0 || m >= 0xd0 && m <= 0xd7:
			i += 2
		default:
			return i
		}
	}
}

func stripJPEG(data []byte) (stripped, error) {
	s := stripped{kind: typeJPEG, orientation: 1}
	out := append(make([]byte, 0, len(data)+2), 0xff, markerSOI)
	put := func(marker byte, body []byte) { out = append(out, jpegSegment(marker, body)...) }
	framed, scanned, baseline, exif, space := false, false, false, false, ""
	err := jpegSegments(data, func(g segment) {
		b := g.body
		switch m := g.marker; {
		case m == 0xe0 && bytes.HasPrefix(b, []byte("JFIF\x00")):
			put(m, jfif(b))
		case m == 0xe1 && bytes.HasPrefix(b, exifHead) && !exif && !scanned:
			exif = true
			s.orientation = orientation(b)
		case m == 0xe2 && bytes.HasPrefix(b, []byte("ICC_PROFILE\x00")):
			put(m, b)
			if !scanned {
				s.profile = append(s.profile, jpegSegment(m, b)...)
			}
			if space == "" && len(b) >= 14+20 {
				space = string(b[14+16 : 14+20])
			}
		case m == 0xee && bytes.HasPrefix(b, []byte("Adobe")) && len(b) >= 12:
			put(m, b[:12])
		case m >= 0xc0 && m <= 0xcf && m != 0xc8 || m >= 0xda && m <= 0xdd: // tables, frames, scans
			if m != 0xc4 && m != 0xcc && m < 0xd0 && !framed && len(b) >= 6 {
				framed, baseline = true, m <= 0xc1
				s.height, s.width = int(b[1])<<8|int(b[2]), int(b[3])<<8|int(b[4])
				s.gray = b[5] == 1
			}
			put(m, b)
			out = append(out, g.scan...)
			scanned = scanned || m == markerSOS
		}
	})
	if want := map[bool]string{false: "RGB ", true: "GRAY"}[s.gray]; space != want {
		s.profile = nil // a printer's colors are not kept when it is encoded anew
	}
	switch {
	case err == nil && (!framed || !scanned):
		err = damaged("there is no picture in it")
	case errors.Is(err, errCutOff) && baseline && scanned && !tooLarge(s.width, s.height):
		// Some cameras forget the end. Whether more is missing is seen when it
		// is decoded, except where a coarse picture comes before the fine one.
		err = nil
	}
	s.data = append(out, 0xff, markerEOI)
	return s, err
}

// jfif is the header without the thumbnail that may be in it.
func jfif(b []byte) []byte {
	h := []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")
	copy(h[5:12], b[5:])
	return h
}
