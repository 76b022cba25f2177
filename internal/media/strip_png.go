package media

import (
	"encoding/binary"
	"hash/crc32"
)

// stripPNG keeps the chunks that have to do with how a picture looks.
func stripPNG(data []byte) (stripped, error) {
	s := stripped{kind: typePNG, orientation: 1, gray: true}
	s.data = append(make([]byte, 0, len(data)), data[:8]...)
	drawn, turned := false, false
	for rest := data[8:]; ; {
		if len(rest) < 12 {
			return s, errCutOff
		}
		n := binary.BigEndian.Uint32(rest)
		if int64(n) > int64(len(rest)-12) {
			return s, errCutOff
		}
		chunk := rest[:12+n]
		rest = rest[12+n:]
		name, body := string(chunk[4:8]), chunk[8:8+n]
		if first := len(s.data) == 8; first != (name == "IHDR") || first && n != 13 {
			return s, damaged("its header is not at its beginning")
		}
		switch name {
		case "IHDR":
			w, h := binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])
			if w == 0 || h == 0 || w >= 1<<31 || h >= 1<<31 {
				return s, errNoSize
			}
			s.width, s.height = int(w), int(h)
			s.gray = body[9]&3 == 0
		case "IDAT":
			drawn = true
		case "PLTE", "tRNS", "pHYs", "IEND":
		case "acTL":
			s.moving = true
		case "fcTL", "fdAT":
		case "sRGB", "gAMA", "cHRM", "cICP", "mDCV", "cLLI":
			if !drawn {
				s.color = append(s.color, chunk...)
			}
		case "iCCP":
			if !drawn {
				s.profile = append(s.profile, chunk...)
			}
		case "eXIf":
			if !turned {
				turned = true
				s.orientation = orientation(body)
			}
			continue
		default:
			continue
		}
		if crc32.ChecksumIEEE(chunk[4:8+n]) != binary.BigEndian.Uint32(chunk[8+n:]) {
			return s, damaged("the checksum of " + name + " is wrong")
		}
		s.data = append(s.data, chunk...)
		if name == "IEND" {
			if n != 0 || !drawn {
				return s, damaged("there is no picture in it")
			}
			return s, nil
		}
	}
}
