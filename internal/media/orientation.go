package media

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"

	"github.com/bep/imagemeta"
)

// exifHead stands before EXIF in a JPEG, and by mistake elsewhere.
var exifHead = []byte("Exif\x00\x00")

// orientation that EXIF tells, 1 to 8; 1, which is upright, where it tells none.
func orientation(exif []byte) int {
	found := 1
	seen := false
	isOrientation := func(t imagemeta.TagInfo) bool {
		return t.Source == imagemeta.EXIF && t.Namespace == "IFD0" && t.Tag == "Orientation"
	}
	// An error is about what comes before the tag; the picture is then upright.
	_, _ = imagemeta.Decode(imagemeta.Options{
		R:               bytes.NewReader(bytes.TrimPrefix(exif, exifHead)),
		ImageFormat:     imagemeta.TIFF,
		Sources:         imagemeta.EXIF,
		ShouldHandleTag: isOrientation,
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, ok := t.Value.(uint16); ok && isOrientation(t) && !seen && n >= 1 && n <= 8 {
				found = int(n)
			}
			seen = true
			return imagemeta.ErrStopWalking
		},
	})
	return found
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
