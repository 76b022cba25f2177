package media

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"slices"
)

// maxPixels of a picture that is decoded. A larger one is published without
// its metadata, and in its one size.
const maxPixels = 50_000_000

// Picture is a picture made ready for a page.
type Picture struct {
	// Width and Height as it is shown, in CSS pixels; 0 where a drawing does not tell.
	Width, Height int
	// Data is the file to publish: as it is shown, and with nothing in it of
	// where, when and by whom it was taken. AVIF and SVG are as they came.
	Data []byte
	// Scaled are smaller ones, narrowest first; none for kinds that are not scaled.
	Scaled []Scaled
}

// Scaled is a picture in a smaller size.
type Scaled struct {
	Width, Height int
	Data          []byte
}

// The media types of pictures, as TypeOf tells them.
const (
	typeJPEG = "image/jpeg"
	typePNG  = "image/png"
	typeGIF  = "image/gif"
	typeWebP = "image/webp"
	typeAVIF = "image/avif"
	typeSVG  = "image/svg+xml"
)

var (
	errCutOff = errors.New("the picture is cut off: copy or export it again")
	errNoSize = errors.New("the picture has no size: export it again")
)

// damaged says that a file cannot be read to its end, and why.
func damaged(why string) error {
	return fmt.Errorf("the picture is damaged (%s): copy or export it again", why)
}

// stripped is a picture's file without its metadata.
type stripped struct {
	kind string
	data []byte
	// width and height as stored.
	width, height int
	// orientation is how what is stored is turned to be shown, as EXIF counts.
	orientation int
	// moving pictures are not decoded.
	moving bool
	// gray pictures have no color in them.
	gray bool
	// color is what says how numbers are meant as colors: segments of a JPEG,
	// chunks of a PNG. profile is the part of it that fits gray or color alone.
	color, profile []byte
}

// Prepare a picture by its name's ending. Variants are made for those of the
// widths that are clearly smaller. An error is about the file.
func Prepare(name string, data []byte, widths []int) (*Picture, error) {
	kind, err := pictureType(name, data)
	if err != nil {
		return nil, err
	}
	switch kind {
	case typeSVG:
		width, height, err := sizeSVG(data)
		if err != nil {
			return nil, err
		}
		return &Picture{Width: width, Height: height, Data: data}, nil
	case typeAVIF:
		width, height, err := sizeAVIF(data)
		if err != nil {
			return nil, err
		}
		return &Picture{Width: width, Height: height, Data: data}, nil
	}
	s, err := strip(kind, data)
	if err != nil {
		return nil, err
	}
	if s.width <= 0 || s.height <= 0 {
		return nil, errNoSize
	}
	p := &Picture{Data: s.data}
	p.Width, p.Height = s.shown()
	if kind != typeJPEG && kind != typePNG || tooLarge(s.width, s.height) {
		p.Data = s.keepOrientation()
		return p, nil
	}
	m, err := s.decode()
	var unsupported jpeg.UnsupportedError
	switch {
	case errors.As(err, &unsupported): // browsers know more than we do
		p.Data = s.keepOrientation()
		return p, nil
	case err != nil:
		return nil, err
	case s.moving:
		p.Data = s.keepOrientation()
		return p, nil
	}
	if s.orientation != 1 {
		m = turn(m, s.orientation)
		if p.Data, err = s.encode(m, 88); err != nil {
			return nil, err
		}
	}
	p.Scaled, err = s.scaled(plain(m), widths, len(p.Data))
	return p, err
}

// scaled are smaller pictures of those widths that are clearly smaller, where
// they take less than so many bytes.
func (s *stripped) scaled(m image.Image, widths []int, most int) ([]Scaled, error) {
	full := m.Bounds().Size()
	widths = slices.Clone(widths)
	slices.Sort(widths)
	var list []Scaled
	last := m
	for _, w := range slices.Backward(slices.Compact(widths)) {
		if w < 1 || w > full.X*4/5 {
			continue
		}
		h := max(1, (full.Y*w+full.X/2)/full.X)
		from := last
		if from.Bounds().Dx() < w*3/2 { // what was only just shrunk would become soft
			from = m
		}
		small := shrink(from, w, h)
		last = small
		data, err := s.encode(small, 82)
		if err != nil {
			return nil, err
		}
		if len(data) < most {
			list = append(list, Scaled{w, h, data})
		}
	}
	slices.Reverse(list)
	return list, nil
}

// Size of a picture as it is shown, in CSS pixels; 0, 0 where it cannot be told.
func Size(name string, data []byte) (width, height int) {
	kind, err := pictureType(name, data)
	if err != nil {
		return 0, 0
	}
	switch kind {
	case typeSVG:
		width, height, _ = sizeSVG(data)
	case typeAVIF:
		width, height, _ = sizeAVIF(data)
	default:
		s, _ := strip(kind, data) // how far it got is enough
		width, height = s.shown()
	}
	if width <= 0 || height <= 0 {
		return 0, 0
	}
	return width, height
}

func strip(kind string, data []byte) (stripped, error) {
	switch kind {
	case typeJPEG:
		return stripJPEG(data)
	case typePNG:
		return stripPNG(data)
	case typeGIF:
		return stripGIF(data)
	}
	return stripWebP(data)
}

// pictureType is the media type of what a file holds, where a browser shows it
// under its name. Pixels under another pixel format's name are shown as they are.
func pictureType(name string, data []byte) (string, error) {
	t := TypeOf(name)
	if t.Kind != Image {
		return "", errors.New("its name is not a picture's")
	}
	holds, what := contents(data)
	switch {
	case holds == "":
		return "", errors.New(what)
	case holds == t.MIME:
		return holds, nil
	case holds == typeSVG || t.MIME == typeSVG || holds == typeAVIF:
		return "", fmt.Errorf("it holds %s under another name: rename it, or export it again", what)
	}
	return holds, nil
}

// contents tells a picture by how it begins: its media type and what people
// call it, or no type and what is wrong.
func contents(data []byte) (kind, what string) {
	begins := func(s string) bool { return bytes.HasPrefix(data, []byte(s)) }
	foreign := func(what string) (string, string) {
		return "", "it is " + what + ", which browsers do not show as a picture: export it as PNG or JPEG"
	}
	switch {
	case len(data) == 0:
		return "", "the file is empty"
	case begins("\xff\xd8"):
		return typeJPEG, "a JPEG"
	case begins("\x89PNG\r\n\x1a\n"):
		return typePNG, "a PNG"
	case begins("GIF87a"), begins("GIF89a"):
		return typeGIF, "a GIF"
	case begins("RIFF") && len(data) >= 12 && string(data[8:12]) == "WEBP":
		return typeWebP, "a WebP picture"
	case len(data) >= 12 && string(data[4:8]) == "ftyp":
		if isAVIF(data) {
			return typeAVIF, "an AVIF picture"
		}
		return foreign("a HEIC photo or a film")
	case begins("%PDF"):
		return foreign("a PDF")
	case begins("II*\x00"), begins("MM\x00*"):
		return foreign("a TIFF")
	case begins("BM"):
		return foreign("a BMP")
	case begins("8BPS"):
		return foreign("a Photoshop file")
	case begins("PK\x03\x04"):
		return foreign("an Office or ZIP file")
	case begins("version https://git-lfs"):
		return "", "it stands for a picture that was not fetched: run git lfs pull"
	}
	switch root := rootElement(data); root {
	case "":
		return "", "the file is no picture, or it is damaged from its beginning: export it again as PNG or JPEG"
	case "svg":
		return typeSVG, "an SVG drawing"
	case "html":
		return "", "it is a web page, not a picture: save the picture itself"
	default:
		return "", fmt.Sprintf("it begins with <%s>, not <svg>", cut(root))
	}
}

func tooLarge(width, height int) bool {
	return int64(width)*int64(height) > maxPixels
}

// shown is the size after turning.
func (s *stripped) shown() (width, height int) {
	if s.orientation >= 5 {
		return s.height, s.width
	}
	return s.width, s.height
}

// cause of what a decoder complains about, in our words.
func cause(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errCutOff
	}
	var unsupported jpeg.UnsupportedError
	if errors.As(err, &unsupported) {
		return err
	}
	return damaged(err.Error())
}

// insert parts into a file at a place.
func insert(data []byte, at int, parts ...[]byte) []byte {
	return slices.Concat(data[:at], slices.Concat(parts...), data[at:])
}

// How an encoded picture begins, before what may be put into it.
const (
	jpegHead = 2      // SOI
	pngHead  = 8 + 25 // signature, IHDR
)
