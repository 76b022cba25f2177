package media

import (
	"bytes"
	"image"
	"image/color"
	stddraw "image/draw"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
)

// decode what was stripped, unless it is too large.
func (s *stripped) decode() (image.Image, error) {
	decode, config := png.Decode, png.DecodeConfig
	if s.kind == typeJPEG {
		decode, config = jpeg.Decode, jpeg.DecodeConfig
	}
	c, err := config(bytes.NewReader(s.data))
	if err != nil {
		return nil, cause(err)
	}
	if c.Width != s.width || c.Height != s.height || tooLarge(c.Width, c.Height) {
		return nil, damaged("it has two sizes")
	}
	m, err := decode(bytes.NewReader(s.data))
	if err != nil {
		return nil, cause(err)
	}
	return m, nil
}

// encode pixels of this picture in its own format, with the meaning of its
// colors. The bytes depend on the pixels alone.
func (s *stripped) encode(m image.Image, quality int) ([]byte, error) {
	if rgba, ok := m.(*image.RGBA); ok && s.gray && s.kind == typeJPEG {
		m = gray(rgba)
	}
	var b bytes.Buffer
	var err error
	head := pngHead
	if s.kind == typeJPEG {
		head = jpegHead
		err = jpeg.Encode(&b, m, &jpeg.Options{Quality: quality})
	} else {
		if rgba, ok := m.(*image.RGBA); ok && s.gray && rgba.Opaque() {
			m = gray(rgba)
		}
		err = (&png.Encoder{}).Encode(&b, m)
	}
	if err != nil {
		return nil, err
	}
	profile := s.profile
	switch m.(type) {
	case *image.Gray, *image.Gray16:
	default:
		if s.gray {
			profile = nil // it says what one number means, and now there are three
		}
	}
	return insert(b.Bytes(), head, s.color, profile), nil
}

// gray takes the color out of what has none.
func gray(m *image.RGBA) *image.Gray {
	g := image.NewGray(m.Rect)
	for i := range g.Pix {
		g.Pix[i] = m.Pix[4*i]
	}
	return g
}

// plain is a picture in one of the forms that are scaled fast.
func plain(m image.Image) image.Image {
	switch m.(type) {
	case *image.YCbCr, *image.NRGBA, *image.RGBA, *image.Gray:
		return m
	}
	r := image.NewRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	stddraw.Draw(r, r.Rect, m, m.Bounds().Min, stddraw.Src)
	return r
}

// shrink a picture, first across and then down, in strips: the scaler keeps 32
// bytes for each pixel between, which would be far more than the picture.
func shrink(m image.Image, width, height int) *image.RGBA {
	const thick = 64
	b := m.Bounds()
	narrow := image.NewRGBA(image.Rect(0, 0, width, b.Dy()))
	for y := 0; y < b.Dy(); y += thick {
		to := min(y+thick, b.Dy())
		draw.CatmullRom.Scale(narrow, image.Rect(0, y, width, to), m, image.Rect(b.Min.X, b.Min.Y+y, b.Max.X, b.Min.Y+to), draw.Src, nil)
	}
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := 0; x < width; x += thick {
		to := min(x+thick, width)
		draw.CatmullRom.Scale(small, image.Rect(x, 0, to, height), narrow, image.Rect(x, 0, to, b.Dy()), draw.Src, nil)
	}
	return small
}

// turn a picture to how it is shown.
func turn(m image.Image, orientation int) image.Image {
	if c, ok := m.(*image.CMYK); ok {
		m = plain(c)
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	r := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		r = image.Rect(0, 0, h, w)
	}
	from := func(x, y int) (int, int) { return stored(orientation, w, h, x, y) }
	move := func(to, pix []byte, stride, size int) {
		for i, y := 0, 0; y < r.Dy(); y++ {
			for x := range r.Dx() {
				sx, sy := from(x, y)
				i += copy(to[i:i+size], pix[sy*stride+sx*size:])
			}
		}
	}
	switch m := m.(type) {
	case *image.Gray:
		t := image.NewGray(r)
		move(t.Pix, m.Pix, m.Stride, 1)
		return t
	case *image.Gray16:
		t := image.NewGray16(r)
		move(t.Pix, m.Pix, m.Stride, 2)
		return t
	case *image.Paletted:
		t := image.NewPaletted(r, m.Palette)
		move(t.Pix, m.Pix, m.Stride, 1)
		return t
	case *image.NRGBA:
		t := image.NewNRGBA(r)
		move(t.Pix, m.Pix, m.Stride, 4)
		return t
	case *image.RGBA:
		t := image.NewRGBA(r)
		move(t.Pix, m.Pix, m.Stride, 4)
		return t
	case *image.NRGBA64:
		t := image.NewNRGBA64(r)
		move(t.Pix, m.Pix, m.Stride, 8)
		return t
	case *image.RGBA64:
		t := image.NewRGBA64(r)
		move(t.Pix, m.Pix, m.Stride, 8)
		return t
	case *image.YCbCr: // of a JPEG, whose color may be stored coarser
		t := image.NewRGBA(r)
		for y := range r.Dy() {
			for x := range r.Dx() {
				sx, sy := from(x, y)
				sx, sy = sx+m.Rect.Min.X, sy+m.Rect.Min.Y
				i, c := m.YOffset(sx, sy), m.COffset(sx, sy)
				red, green, blue := color.YCbCrToRGB(m.Y[i], m.Cb[c], m.Cr[c])
				p := t.Pix[y*t.Stride+4*x:]
				p[0], p[1], p[2], p[3] = red, green, blue, 0xff
			}
		}
		return t
	}
	return turn(plain(m), orientation)
}

// stored is where the pixel that is shown at x, y lies in a picture of width w
// and height h as it is stored.
func stored(orientation, w, h, x, y int) (int, int) {
	switch orientation {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return y, h - 1 - x
	case 7:
		return w - 1 - y, h - 1 - x
	case 8:
		return w - 1 - y, x
	}
	return x, y
}
