package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
)

// exifHead stands before EXIF in a JPEG, and by mistake elsewhere.
var exifHead = []byte("Exif\x00\x00")

// The entry of EXIF's first directory that tells how a picture
// is turned, and that it is a short number.
const (
	tagOrientation = 0x0112
	shortNumber    = 3
)

// orientation that EXIF tells, 1 to 8; 1, which is upright, where it tells none.
// EXIF is a TIFF file: its byte order, where the first directory lies, and there
// its entries of twelve bytes each.
func orientation(exif []byte) int {
	exif = bytes.TrimPrefix(exif, exifHead)
	var order binary.ByteOrder = binary.BigEndian
	if bytes.HasPrefix(exif, []byte("II")) {
		order = binary.LittleEndian
	} else if !bytes.HasPrefix(exif, []byte("MM")) {
		return 1
	}
	if len(exif) < 8 || order.Uint16(exif[2:]) != 42 {
		return 1
	}
	at := int64(order.Uint32(exif[4:]))
	if at+2 > int64(len(exif)) {
		return 1
	}
	entries := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		if len(entries) < 12 {
			break
		}
		if order.Uint16(entries) == tagOrientation {
			if n := order.Uint16(entries[8:]); order.Uint16(entries[2:]) == shortNumber && n >= 1 && n <= 8 {
				return int(n)
			}
			break
		}
		entries = entries[12:]
	}
	return 1
}

// orientationOnly is EXIF that tells the orientation and nothing else.
func orientationOnly(o int) []byte {
	return []byte{
		'M', 'M', 0, 42, 0, 0, 0, 8, // the first directory follows
		0, 1, // and has one entry:
		0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, byte(o), 0, 0, // orientation, one short number
		0, 0, 0, 0, // there is no other directory
	}
}

// keepOrientation is the file of a picture that cannot be turned here, with
// nothing but the word that it is to be.
func (s *stripped) keepOrientation() []byte {
	if s.orientation == 1 {
		return s.data
	}
	exif := orientationOnly(s.orientation)
	switch s.kind {
	case typeJPEG:
		return insert(s.data, jpegHead, jpegSegment(0xe1, slices.Concat(exifHead, exif)))
	case typePNG:
		return insert(s.data, pngHead, pngChunk("eXIf", exif))
	}
	return s.data
}

func jpegSegment(marker byte, body []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
}

func pngChunk(name string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	b = append(append(b, name...), body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}
