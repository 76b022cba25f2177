package media

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/webp"
)

// canary is what nobody is to find in a published picture.
const canary = "52.5163N-13.3777E"

var quadrants = map[rune]color.RGBA{'R': {220, 30, 30, 255}, 'G': {30, 200, 40, 255}, 'B': {30, 40, 210, 255}, 'Y': {230, 220, 40, 255}}

// quarters is a picture of four colors: top left, top right, bottom left, bottom right.
func quarters(colors string, width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			i := 0
			if x >= width/2 {
				i++
			}
			if y >= height/2 {
				i += 2
			}
			m.SetRGBA(x, y, quadrants[rune(colors[i])])
		}
	}
	return m
}

// grain is a picture that does not compress well, as photos do not.
func grain(width, height int) *image.NRGBA {
	r := rand.New(rand.NewPCG(1, 2))
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	return m
}

func jpegOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func pngOf(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// exifOf an orientation, a description and a place.
func exifOf(order binary.AppendByteOrder, orientation uint16) []byte {
	b := []byte("MM")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = []byte("II")
	}
	entry := func(tag, kind uint16, count, value uint32) {
		b = order.AppendUint16(order.AppendUint16(b, tag), kind)
		b = order.AppendUint32(b, count)
		if kind == 3 {
			b = order.AppendUint16(order.AppendUint16(b, uint16(value)), 0)
		} else {
			b = order.AppendUint32(b, value)
		}
	}
	const text = 8 + 2 + 3*12 + 4
	places := uint32(text + len(canary) + 1)
	b = order.AppendUint16(b, 42)
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 3)
	entry(0x010e, 2, uint32(len(canary)+1), text) // description
	entry(0x0112, 3, 1, uint32(orientation))
	entry(0x8825, 4, 1, places) // GPS
	b = order.AppendUint32(b, 0)
	b = append(append(b, canary...), 0)
	b = order.AppendUint16(b, 1)
	entry(0x001c, 2, uint32(len(canary)+1), text) // area
	return order.AppendUint32(b, 0)
}

func jpegWith(data []byte, segments ...[]byte) []byte { return insert(data, jpegHead, segments...) }

func exifSegment(orientation uint16) []byte {
	return jpegSegment(0xe1, slices.Concat(exifHead, exifOf(binary.BigEndian, orientation)))
}

// iccOf a space of colors is enough of a profile for what is read of it.
func iccOf(space string) []byte {
	b := make([]byte, 200)
	copy(b[16:], space)
	copy(b[140:], "a profile of "+space)
	return b
}

func iccSegment(space string) []byte {
	return jpegSegment(0xe2, slices.Concat([]byte("ICC_PROFILE\x00\x01\x01"), iccOf(space)))
}

// loudJPEG says the canary wherever it can be said.
func loudJPEG(orientation uint16) []byte {
	data := jpegOf(quarters("RGBY", 64, 48))
	thumbnail := slices.Concat([]byte("JFIF\x00\x01\x01\x00\x00\x48\x00\x48\x02\x03"), []byte(canary), make([]byte, 18-len(canary)))
	data = jpegWith(data,
		jpegSegment(0xe0, thumbnail),
		jpegSegment(0xe0, []byte("JFXX\x00\x10"+canary)),
		exifSegment(orientation),
		jpegSegment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"+canary)),
		iccSegment("RGB "),
		jpegSegment(0xe2, []byte("MPF\x00"+canary)),
		jpegSegment(0xed, []byte("Photoshop 3.0\x00"+canary)),
		jpegSegment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x01"+canary)),
		jpegSegment(0xef, []byte(canary)),
		jpegSegment(0xfe, []byte(canary)),
		[]byte(canary),
	)
	return slices.Concat(data, exifSegment(1), []byte(canary))
}

func loudPNG(orientation uint16) []byte {
	data := pngOf(quarters("RGBY", 64, 48))
	end := len(data) - 12
	return slices.Concat(data[:pngHead],
		pngChunk("iCCP", []byte("name\x00\x00packed")),
		pngChunk("pHYs", []byte{0, 0, 11, 19, 0, 0, 11, 19, 1}),
		pngChunk("eXIf", exifOf(binary.LittleEndian, orientation)),
		pngChunk("tEXt", []byte("Comment\x00"+canary)),
		pngChunk("zTXt", []byte(canary+"\x00\x00packed")),
		pngChunk("iTXt", []byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"+canary)),
		pngChunk("tIME", []byte{7, 230, 1, 1, 1, 1, 1}),
		pngChunk("prVt", []byte(canary)),
		data[pngHead:end], pngChunk("tEXt", []byte("Comment\x00"+canary)), data[end:], []byte(canary))
}

// movingPNG has a second frame.
func movingPNG(orientation uint16) []byte {
	data := loudPNG(orientation)
	at := bytes.Index(data, []byte("IDAT")) - 4
	control := func(n byte) []byte {
		return pngChunk("fcTL", []byte{0, 0, 0, n, 0, 0, 0, 64, 0, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 10, 0, 0})
	}
	n := int(binary.BigEndian.Uint32(data[at:]))
	frame := slices.Concat([]byte{0, 0, 0, 2}, data[at+8:at+8+n])
	return slices.Concat(data[:at], pngChunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0}), control(0), data[at:at+12+n], control(1), pngChunk("fdAT", frame), data[at+12+n:])
}

func block(s string) []byte { return slices.Concat([]byte{byte(len(s))}, []byte(s), []byte{0}) }

func loudGIF() []byte {
	frame := func(c color.Color) *image.Paletted {
		m := image.NewPaletted(image.Rect(0, 0, 20, 10), color.Palette{c, color.Black, color.Transparent})
		m.Pix[7] = 1
		return m
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame(color.White), frame(quadrants['R'])}, Delay: []int{10, 25}, LoopCount: 3}); err != nil {
		panic(err)
	}
	data := b.Bytes()
	at := bytes.Index(data, []byte{0x21, 0xff})
	xmp := slices.Concat([]byte("\x21\xff\x0bXMP DataXMP<x>"+canary+"</x>\x01"), trailer())
	return slices.Concat(data[:at], xmp, append([]byte{0x21, 0xfe}, block(canary)...),
		append([]byte("\x21\xff\x0bPRIVATE 1.0"), block(canary)...),
		append([]byte{0x21, 0x01}, slices.Concat([]byte{12}, make([]byte, 12), block(canary))...), data[at:], []byte(canary))
}

// trailer leads whoever reads XMP as blocks to its end.
func trailer() []byte {
	var b []byte
	for i := 255; i >= 0; i-- {
		b = append(b, byte(i))
	}
	return append(b, 0)
}

func unbase64(s string) []byte {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// plainWebP are a lossy and a lossless picture of one pixel.
func plainWebP() [][]byte {
	return [][]byte{
		unbase64("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"),
		unbase64("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="),
	}
}

func webpOf(chunks ...[]byte) []byte {
	b := append([]byte("RIFF\x00\x00\x00\x00WEBP"), slices.Concat(chunks...)...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

func loudWebP(pixels []byte) []byte {
	return append(webpOf(webpChunk("VP8X", []byte{0x20 | webpEXIF | webpXMP, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
		webpChunk("ICCP", iccOf("RGB ")), webpChunk("prVt", []byte(canary)), pixels[webpHead:],
		webpChunk("EXIF", exifOf(binary.LittleEndian, 6)), webpChunk("XMP ", []byte(canary))), canary...)
}

func movingWebP(pixels []byte) []byte {
	frame := webpChunk("ANMF", slices.Concat(make([]byte, 12), []byte{100, 0, 0, 0}, pixels[webpHead:], webpChunk("prVt", []byte(canary))))
	return webpOf(webpChunk("VP8X", []byte{0x02 | webpEXIF, 0, 0, 0, 0, 0, 0, 0, 0, 0}),
		webpChunk("ANIM", []byte{0, 0, 0, 0, 0, 0}), frame, frame, webpChunk("EXIF", []byte(canary)))
}

func box(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), kind...), body...)
}

// avifOf a picture, behind a smaller one, with nothing in it to decode.
func avifOf(width, height uint32, turns byte) []byte {
	size := func(w, h uint32) []byte {
		return box("ispe", make([]byte, 4), binary.BigEndian.AppendUint32(nil, w), binary.BigEndian.AppendUint32(nil, h))
	}
	return slices.Concat(box("ftyp", []byte("avif\x00\x00\x00\x00mif1miaf")),
		box("meta", make([]byte, 4), box("hdlr", make([]byte, 24)), box("pitm", []byte{0, 0, 0, 0, 0, 2}),
			box("iprp", box("ipco", size(8, 8), size(width, height), box("irot", []byte{turns})),
				box("ipma", []byte{0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 1, 0x81, 0, 2, 2, 2, 0x83}))),
		box("mdat", []byte("pixels")))
}

// distance is how far two pictures are apart on average, 0 to 255.
func distance(t *testing.T, a, b image.Image) float64 {
	t.Helper()
	if a.Bounds() != b.Bounds() {
		t.Fatalf("one picture is %v, the other %v", a.Bounds(), b.Bounds())
	}
	sum, n := 0.0, 0.0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			c, d := color.NRGBAModel.Convert(a.At(x, y)).(color.NRGBA), color.NRGBAModel.Convert(b.At(x, y)).(color.NRGBA)
			for _, v := range [][2]byte{{c.R, d.R}, {c.G, d.G}, {c.B, d.B}, {c.A, d.A}} {
				sum += float64(max(v[0], v[1]) - min(v[0], v[1]))
				n++
			}
		}
	}
	return sum / n
}

func decoded(t *testing.T, data []byte) image.Image {
	t.Helper()
	var m image.Image
	var err error
	switch kind, _ := contents(data); kind {
	case typeJPEG:
		m, err = jpeg.Decode(bytes.NewReader(data))
	case typePNG:
		m, err = png.Decode(bytes.NewReader(data))
	case typeWebP:
		m, err = webp.Decode(bytes.NewReader(data))
	default:
		m, err = gif.Decode(bytes.NewReader(data))
	}
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func prepared(t *testing.T, name string, data []byte, widths ...int) *Picture {
	t.Helper()
	p, err := Prepare(name, data, widths)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if w, h := Size(name, data); w != p.Width || h != p.Height {
		t.Errorf("the size of %s is %d × %d; prepared it is %d × %d", name, w, h, p.Width, p.Height)
	}
	if w, h := Size(name, p.Data); w != p.Width || h != p.Height {
		t.Errorf("%s is published as %d × %d, not %d × %d", name, w, h, p.Width, p.Height)
	}
	return p
}

func TestOrientations(t *testing.T) {
	// How red, green / blue, yellow is shown.
	shown := []string{"RGBY", "GRYB", "YBGR", "BYRG", "RBGY", "BRYG", "YGBR", "GYRB"}
	stored := quarters("RGBY", 64, 48)
	grayed := func(m image.Image) image.Image {
		g := image.NewGray(m.Bounds())
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				g.Set(x, y, m.At(x, y))
			}
		}
		return g
	}
	deep := func(m image.Image) image.Image {
		d := image.NewNRGBA64(m.Bounds())
		for y := range m.Bounds().Dy() {
			for x := range m.Bounds().Dx() {
				d.Set(x, y, m.At(x, y))
			}
		}
		d.SetNRGBA64(0, 0, color.NRGBA64{1, 2, 3, 4})
		return d
	}
	for o := 1; o <= 8; o++ {
		w, h := 64, 48
		if o >= 5 {
			w, h = h, w
		}
		want := quarters(shown[o-1], w, h)
		for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
			exif := exifOf(order, uint16(o))
			p := prepared(t, "a.jpg", jpegWith(jpegOf(stored), jpegSegment(0xe1, slices.Concat(exifHead, exif))), 16)
			if d := distance(t, decoded(t, p.Data), want); d > 4 {
				t.Errorf("a JPEG of orientation %d is shown wrongly: %v from how it should be", o, d)
			}
			p = prepared(t, "a.jpg", jpegWith(jpegOf(grayed(stored)), jpegSegment(0xe1, slices.Concat(exifHead, exif))))
			if d := distance(t, decoded(t, p.Data), grayed(want)); d > 2 {
				t.Errorf("a gray JPEG of orientation %d is shown wrongly: %v from how it should be", o, d)
			}
			if _, ok := decoded(t, p.Data).(*image.Gray); !ok {
				t.Errorf("a gray JPEG of orientation %d is no longer gray", o)
			}
			for _, as := range []func(image.Image) image.Image{
				func(m image.Image) image.Image { return m }, grayed,
				func(m image.Image) image.Image {
					p := image.NewPaletted(m.Bounds(), color.Palette{quadrants['R'], quadrants['G'], quadrants['B'], quadrants['Y']})
					for y := range m.Bounds().Dy() {
						for x := range m.Bounds().Dx() {
							p.Set(x, y, m.At(x, y))
						}
					}
					return p
				},
			} {
				p = prepared(t, "a.png", insert(pngOf(as(stored)), pngHead, pngChunk("eXIf", exif)))
				if d := distance(t, decoded(t, p.Data), as(want)); d != 0 {
					t.Errorf("a PNG of orientation %d is shown wrongly: %v from how it should be", o, d)
				}
			}
		}
		p := prepared(t, "a.png", insert(pngOf(deep(stored)), pngHead, pngChunk("eXIf", exifOf(binary.BigEndian, uint16(o)))))
		if m, ok := decoded(t, p.Data).(*image.NRGBA64); !ok {
			t.Errorf("a deep PNG of orientation %d is no longer deep", o)
		} else if i := slices.Index([]color.NRGBA64{m.NRGBA64At(0, 0), m.NRGBA64At(w-1, 0), m.NRGBA64At(0, h-1), m.NRGBA64At(w-1, h-1)}, color.NRGBA64{1, 2, 3, 4}); i != strings.Index(shown[o-1], "R") {
			t.Errorf("a deep PNG of orientation %d has its first pixel in the corner %d", o, i)
		}
	}
	for _, o := range []uint16{0, 9, 0xffff} {
		data := jpegOf(stored)
		if p := prepared(t, "a.jpg", jpegWith(data, exifSegment(o))); !bytes.Equal(p.Data, data) {
			t.Errorf("a picture of orientation %d, which means nothing, is changed", o)
		}
	}
}

// Pictures that cannot be turned here say which way up they are, and no more.
func TestOrientationIsKept(t *testing.T) {
	large := jpegWith(loudJPEG(6))
	at := bytes.Index(large, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(large[at+5:], 10000)
	binary.BigEndian.PutUint16(large[at+7:], 9000)
	unknown := loudJPEG(6)
	unknown[bytes.Index(unknown, []byte{0xff, 0xc0})+1] = 0xc9 // arithmetic coding
	for name, c := range map[string]struct {
		name          string
		data          []byte
		width, height int
	}{
		"large":   {"a.jpg", large, 10000, 9000},
		"unknown": {"a.jpg", unknown, 48, 64},
		"moving":  {"a.png", movingPNG(6), 48, 64},
	} {
		p := prepared(t, c.name, c.data, 10)
		if p.Width != c.width || p.Height != c.height || len(p.Scaled) > 0 {
			t.Errorf("the %s picture is %d × %d, with %d smaller ones", name, p.Width, p.Height, len(p.Scaled))
		}
		if bytes.Contains(p.Data, []byte(canary)) {
			t.Errorf("the %s picture says where it was taken", name)
		}
	}
}

func TestNothingIsTold(t *testing.T) {
	for name, data := range map[string][]byte{
		"a.jpg": loudJPEG(1), "turned.jpg": loudJPEG(6), "a.png": loudPNG(1), "turned.png": loudPNG(6),
		"moving.png": movingPNG(1), "a.gif": loudGIF(),
		"lossy.webp": loudWebP(plainWebP()[0]), "lossless.webp": loudWebP(plainWebP()[1]), "moving.webp": movingWebP(plainWebP()[1]),
	} {
		if !bytes.Contains(data, []byte(canary)) {
			t.Fatalf("%s was to tell something", name)
		}
		p := prepared(t, name, data, 8, 16, 32)
		all := [][]byte{p.Data}
		for _, s := range p.Scaled {
			all = append(all, s.Data)
		}
		for _, d := range all {
			for _, told := range []string{canary, "xmp", "XMP", "EXIF", "eXIf", "Exif", "tIME", "MPF", "JFXX", "Photoshop"} {
				if bytes.Contains(d, []byte(told)) {
					t.Errorf("%s still holds %q", name, told)
				}
			}
		}
		if strings.Contains(name, "turned") || name == "moving.webp" {
			continue
		}
		if a, b := decoded(t, data), decoded(t, p.Data); !reflect.DeepEqual(a, b) {
			t.Errorf("%s looks different", name)
		}
	}
}

func TestWhatStays(t *testing.T) {
	profile := iccOf("RGB ")
	for _, o := range []uint16{1, 6} {
		p := prepared(t, "a.jpg", jpegWith(jpegOf(grain(64, 48)), exifSegment(o), iccSegment("RGB ")), 16)
		if !bytes.Contains(p.Data, profile) || len(p.Scaled) != 1 || !bytes.Contains(p.Scaled[0].Data, profile) {
			t.Errorf("a JPEG of orientation %d loses its colors", o)
		}
		chunk := pngChunk("iCCP", []byte("name\x00\x00packed"))
		p = prepared(t, "a.png", insert(pngOf(grain(64, 48)), pngHead, chunk, pngChunk("gAMA", []byte{0, 0, 0xb1, 0x8f}), pngChunk("eXIf", exifOf(binary.BigEndian, o))), 16)
		if !bytes.Contains(p.Data, chunk) || len(p.Scaled) != 1 || !bytes.Contains(p.Scaled[0].Data, chunk) || !bytes.Contains(p.Scaled[0].Data, []byte("gAMA")) {
			t.Errorf("a PNG of orientation %d loses its colors", o)
		}
	}
	// A profile for other numbers would make wrong colors of them.
	p := prepared(t, "a.jpg", jpegWith(jpegOf(grain(64, 48)), exifSegment(6), iccSegment("CMYK")))
	if bytes.Contains(p.Data, []byte("ICC_PROFILE")) {
		t.Error("a picture encoded anew has the profile of a printer")
	}
	p = prepared(t, "a.jpg", jpegWith(jpegOf(grain(64, 48)), iccSegment("CMYK")))
	if !bytes.Contains(p.Data, iccOf("CMYK")) {
		t.Error("a picture that is not encoded anew has lost its profile")
	}

	p = prepared(t, "a.png", movingPNG(1))
	for _, c := range []string{"acTL", "fdAT", "pHYs", "iCCP"} {
		if !bytes.Contains(p.Data, []byte(c)) {
			t.Errorf("%s is gone from a moving PNG", c)
		}
	}
	if n := bytes.Count(p.Data, []byte("fcTL")); n != 2 || len(p.Scaled) > 0 {
		t.Errorf("a moving PNG has %d frames and %d smaller ones", n, len(p.Scaled))
	}

	before, err := gif.DecodeAll(bytes.NewReader(loudGIF()))
	if err != nil {
		t.Fatal(err)
	}
	after, err := gif.DecodeAll(bytes.NewReader(prepared(t, "a.gif", loudGIF()).Data))
	if err != nil || !reflect.DeepEqual(before, after) || after.LoopCount != 3 {
		t.Errorf("a moving GIF moves differently (%v)", err)
	}

	pixels := plainWebP()[1]
	p = prepared(t, "a.webp", movingWebP(pixels))
	if n := bytes.Count(p.Data, pixels[webpHead:]); n != 2 || p.Data[20] != 0x02 || int(binary.LittleEndian.Uint32(p.Data[4:])) != len(p.Data)-8 {
		t.Errorf("a moving WebP has %d frames, the flags %#x and the size %d of %d", n, p.Data[20], binary.LittleEndian.Uint32(p.Data[4:]), len(p.Data)-8)
	}
	p = prepared(t, "a.webp", loudWebP(pixels))
	if p.Data[20] != 0x20 || !bytes.Contains(p.Data, profile) {
		t.Errorf("a WebP has the flags %#x", p.Data[20])
	}
	for _, data := range plainWebP() {
		if p := prepared(t, "a.webp", data); !bytes.Equal(p.Data, data) {
			t.Error("a WebP with nothing to hide is changed")
		}
	}
	for name, data := range map[string][]byte{"a.jpg": jpegOf(grain(20, 10)), "a.png": pngOf(grain(20, 10)), "a.avif": avifOf(3, 4, 0), "a.svg": []byte("<svg/>")} {
		if p := prepared(t, name, data); !bytes.Equal(p.Data, data) {
			t.Errorf("%s has nothing to hide and is changed", name)
		}
	}
}

func TestScaled(t *testing.T) {
	m := grain(200, 101)
	for i := 3; i < len(m.Pix); i += 4 {
		if i/4%200 < 100 {
			m.Pix[i] = 0
		}
	}
	for name, data := range map[string][]byte{"a.jpg": jpegOf(m), "a.png": pngOf(m)} {
		p := prepared(t, name, data, 160, 40, 100, 161, 40, 0, -3, 400)
		var sizes [][2]int
		for _, s := range p.Scaled {
			sizes = append(sizes, [2]int{s.Width, s.Height})
			if b := decoded(t, s.Data).Bounds(); b.Dx() != s.Width || b.Dy() != s.Height {
				t.Errorf("%s is %v where it should be %d × %d", name, b, s.Width, s.Height)
			}
			if len(s.Data) >= len(p.Data) {
				t.Errorf("%s is %d × %d and not smaller", name, s.Width, s.Height)
			}
		}
		if want := [][2]int{{40, 20}, {100, 51}, {160, 81}}; !slices.Equal(sizes, want) {
			t.Errorf("%s has the sizes %v, not %v", name, sizes, want)
		}
		again := prepared(t, name, data, 160, 40, 100, 161, 40, 0, -3, 400)
		if !reflect.DeepEqual(p, again) {
			t.Errorf("%s is different the second time", name)
		}
		if name == "a.png" {
			s := decoded(t, p.Scaled[0].Data)
			_, _, _, clear := s.At(5, 10).RGBA()
			_, _, _, solid := s.At(35, 10).RGBA()
			if clear != 0 || solid != 0xffff {
				t.Errorf("what is transparent is %d, what is solid %d", clear, solid)
			}
		}
	}
	// What is smooth stays so, in strips and out of them.
	smooth := image.NewRGBA(image.Rect(0, 0, 500, 300))
	want := image.NewRGBA(image.Rect(0, 0, 200, 120))
	for _, m := range []*image.RGBA{smooth, want} {
		for y := range m.Rect.Dy() {
			for x := range m.Rect.Dx() {
				m.SetRGBA(x, y, color.RGBA{byte(255 * x / m.Rect.Dx()), byte(255 * y / m.Rect.Dy()), 90, 255})
			}
		}
	}
	if d := distance(t, shrink(smooth, 200, 120), want); d > 1 {
		t.Errorf("a smooth picture is %v from how it should be", d)
	}
	// Few colors take less room than many shades of them.
	flat := image.NewPaletted(image.Rect(0, 0, 100, 100), color.Palette{color.White, color.Black})
	for i := range flat.Pix {
		flat.Pix[i] = byte(i % 3 % 2)
	}
	if p := prepared(t, "a.png", pngOf(flat), 70); len(p.Scaled) != 0 {
		t.Error("a smaller picture takes more bytes and is kept")
	}
	for name, data := range map[string][]byte{"a.gif": loudGIF(), "a.webp": loudWebP(plainWebP()[0]), "a.avif": avifOf(300, 200, 0), "a.svg": []byte(`<svg width="300" height="200"/>`)} {
		if p := prepared(t, name, data, 1, 10, 100); len(p.Scaled) != 0 {
			t.Errorf("%s is scaled", name)
		}
	}
}

func TestSizes(t *testing.T) {
	svg := func(attributes string) []byte {
		return []byte(`<?xml version="1.0"?><!-- a drawing --><svg xmlns="http://www.w3.org/2000/svg" ` + attributes + `><rect width="9" height="9"/></svg>`)
	}
	for _, c := range []struct {
		name          string
		data          []byte
		width, height int
	}{
		{"a.svg", svg(`width="120" height="80px"`), 120, 80},
		{"a.svg", svg(`viewBox="0 0 640 480"`), 640, 480},
		{"a.svg", svg(`viewBox="-10,-10, 64.4,48.6"`), 64, 49},
		{"a.svg", svg(`width="100%" height="100%" viewBox="0 0 640 480"`), 640, 480},
		{"a.svg", svg(`width="auto" viewBox="0 0 640 480"`), 640, 480},
		{"a.svg", svg(`width="320" viewBox="0 0 640 480"`), 320, 240},
		{"a.svg", svg(`height="240" viewBox="0 0 640 480"`), 320, 240},
		{"a.svg", svg(`width="210mm" height="297mm" viewBox="0 0 210 297"`), 794, 1123},
		{"a.svg", svg(`width="1in" height="72pt"`), 96, 96},
		{"a.svg", svg(`width="2.54cm" height="6pc"`), 96, 96},
		{"a.svg", svg(`width="101.6Q" height="2em"`), 96, 32},
		{"a.svg", svg(`width=".4" height="1e2"`), 1, 100},
		{"a.svg", svg(`width="120"`), 0, 0},
		{"a.svg", svg(``), 0, 0},
		{"a.svg", svg(`width="-5" height="10"`), 0, 0},
		{"a.svg", svg(`width="0" height="0" viewBox="0 0 1 1"`), 0, 0},
		{"a.svg", svg(`width="1e30" height="10"`), 0, 0},
		{"a.svg", svg(`width="NaN" height="inf" viewBox="0 0 NaN inf"`), 0, 0},
		{"a.svg", svg(`viewBox="0 0 many few"`), 0, 0},
		{"a.svg", svg(`viewBox="0 0 10"`), 0, 0},
		{"a.svg", []byte("<svg"), 0, 0},
		{"a.avif", avifOf(300, 200, 0), 300, 200},
		{"a.avif", avifOf(300, 200, 2), 300, 200},
		{"a.avif", avifOf(300, 200, 3), 200, 300},
		{"a.avif", avifOf(0, 200, 0), 0, 0},
		{"a.avif", avifOf(1<<32-1, 200, 0), 0, 0},
		{"a.gif", loudGIF(), 20, 10},
		{"a.webp", plainWebP()[0], 1, 1},
		{"a.webp", plainWebP()[1], 1, 1},
		{"a.webp", movingWebP(plainWebP()[1]), 1, 1},
		{"a.jpg", loudJPEG(1), 64, 48},
		{"a.jpg", loudJPEG(8), 48, 64},
		{"a.png", loudPNG(1), 64, 48},
		{"a.png", loudPNG(5), 48, 64},
		{"a.pdf", loudPNG(1), 0, 0},
		{"a.png", nil, 0, 0},
	} {
		if w, h := Size(c.name, c.data); w != c.width || h != c.height {
			t.Errorf("the size of %s, %.90q, is %d × %d, not %d × %d", c.name, c.data, w, h, c.width, c.height)
		}
	}
}

func TestHostileSizes(t *testing.T) {
	pngOfSize := func(w, h uint32) []byte {
		head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
		return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(head, 16, 6, 0, 0, 0)), pngChunk("tEXt", []byte(canary)), pngChunk("IDAT", []byte("x")), pngChunk("IEND", nil))
	}
	for _, s := range [][2]uint32{{1, 1 << 31}, {1 << 31, 1}, {1<<32 - 1, 1<<32 - 1}, {0, 5}, {5, 0}} {
		if _, err := Prepare("a.png", pngOfSize(s[0], s[1]), nil); err != errNoSize {
			t.Errorf("a PNG of %d × %d: %v", s[0], s[1], err)
		}
	}
	for _, s := range [][2]uint32{{1, 1<<31 - 1}, {1<<31 - 1, 1<<31 - 1}, {10_000, 5_001}} {
		p := prepared(t, "a.png", pngOfSize(s[0], s[1]), 100)
		if p.Width != int(s[0]) || p.Height != int(s[1]) || bytes.Contains(p.Data, []byte(canary)) || len(p.Scaled) > 0 {
			t.Errorf("a PNG of %d × %d is %d × %d", s[0], s[1], p.Width, p.Height)
		}
	}
	large := loudJPEG(1)
	at := bytes.Index(large, []byte{0xff, 0xc0})
	copy(large[at+5:], "\xff\xff\xff\xff")
	if p := prepared(t, "a.jpg", large, 100); p.Width != 65535 || p.Height != 65535 || bytes.Contains(p.Data, []byte(canary)) {
		t.Errorf("a large JPEG is %d × %d", p.Width, p.Height)
	}
	copy(large[at+5:], "\x00\x00\x00\x10")
	if _, err := Prepare("a.jpg", large, nil); err != errNoSize {
		t.Errorf("a JPEG without a height: %v", err)
	}
	huge := webpOf(webpChunk("VP8X", []byte{0, 0, 0, 0, 255, 255, 255, 255, 255, 255}), plainWebP()[0][webpHead:])
	if _, err := Prepare("a.webp", huge, nil); err == nil {
		t.Error("a WebP of 2^48 pixels is taken")
	}
}

func TestWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"a.jpg", "", "empty"},
		{"a.jpg", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"},
		{"a.png", "%PDF-1.7", "a PDF"},
		{"a.png", "<!DOCTYPE html><html><body><br></body></html>", "web page"},
		{"a.png", "<html><head>", "web page"},
		{"a.png", "II*\x00....", "TIFF"},
		{"a.png", "version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"},
		{"a.png", "<svg/>", "an SVG drawing under another name"},
		{"a.svg", string(loudPNG(1)), "a PNG under another name"},
		{"a.jpg", string(avifOf(1, 1, 0)), "an AVIF picture under another name"},
		{"a.svg", "<plan/>", "<plan>"},
		{"a.svg", "<svg width", "damaged"},
		{"a.gif", "hello", "no picture"},
		{"a.txt", "hello", "its name"},
		{"a.png", string(loudPNG(1)[:300]), "cut off"},
		{"a.jpg", string(loudJPEG(1)[:300]), "cut off"},
		{"a.gif", string(loudGIF()[:60]), "cut off"},
		{"a.webp", string(plainWebP()[0][:30]), "cut off"},
		{"a.avif", string(avifOf(1, 1, 0)[:100]), "cut off"},
		{"a.png", strings.Replace(string(loudPNG(1)), "IDATx", "IDATy", 1), "damaged"},
	} {
		_, err := Prepare(c.name, []byte(c.data), []int{10})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s, %.40q: %v, which says nothing of %q", c.name, c.data, err, c.want)
		}
	}
	// Pixels under the name of others are shown by every browser.
	p := prepared(t, "a.jpg", loudPNG(1))
	if kind, _ := contents(p.Data); kind != typePNG {
		t.Errorf("a PNG called .jpg is made into %s", kind)
	}
	// An end that was forgotten is put there.
	data := jpegOf(grain(20, 10))
	if p := prepared(t, "a.jpg", data[:len(data)-2]); !bytes.Equal(p.Data, data) {
		t.Error("a JPEG without an end is not mended")
	}
}

// samples of all kinds that are read.
func samples() map[string][]byte {
	s := map[string][]byte{
		"loud.jpg": loudJPEG(1), "turned.jpg": loudJPEG(7), "plain.jpg": jpegOf(grain(20, 10)), "gray.jpg": jpegOf(image.NewGray(image.Rect(0, 0, 9, 9))),
		"loud.png": loudPNG(1), "turned.png": loudPNG(7), "moving.png": movingPNG(3), "plain.png": pngOf(grain(20, 10)),
		"loud.gif": loudGIF(), "loud.avif": avifOf(300, 200, 1), "a.svg": []byte(`<svg width="3cm" viewBox="0 0 4 5"/>`),
	}
	for i, w := range plainWebP() {
		s[fmt.Sprintf("plain%d.webp", i)] = w
		s[fmt.Sprintf("loud%d.webp", i)] = loudWebP(w)
		s[fmt.Sprintf("moving%d.webp", i)] = movingWebP(w)
	}
	return s
}

func TestCutOffAnywhere(t *testing.T) {
	for name, data := range samples() {
		for n := range data {
			p, err := Prepare(name, data[:n], []int{8})
			if err == nil && len(p.Data) == 0 {
				t.Fatalf("the first %d bytes of %s make an empty picture", n, name)
			}
			Size(name, data[:n])
		}
	}
}

func FuzzPrepare(f *testing.F) {
	for name, data := range samples() {
		f.Add(name, data)
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		w, h := Size(name, data)
		if w*h > 1<<18 && w*h <= maxPixels { // it would only take long
			return
		}
		p, err := Prepare(name, data, []int{3, 30})
		if err != nil {
			return
		}
		if p.Width != w || p.Height != h {
			t.Fatalf("it is %d × %d, and prepared %d × %d", w, h, p.Width, p.Height)
		}
		for _, s := range p.Scaled {
			if s.Width > w || len(s.Data) >= len(p.Data) {
				t.Fatalf("%d × %d has the smaller size %d × %d", w, h, s.Width, s.Height)
			}
		}
		kind, _ := contents(data)
		if kind == typeAVIF || kind == typeSVG || tooLarge(w, h) {
			return
		}
		again, err := Prepare(name, p.Data, nil)
		if err != nil || !bytes.Equal(p.Data, again.Data) {
			t.Fatalf("prepared twice, it is different (%v)", err)
		}
		var before, after any
		switch kind {
		case typeGIF:
			before, err = gif.DecodeAll(bytes.NewReader(data))
			if err == nil {
				after, err = gif.DecodeAll(bytes.NewReader(p.Data))
			} else {
				return
			}
		case typeWebP:
			if before, err = webp.Decode(bytes.NewReader(data)); err != nil {
				return
			}
			after, err = webp.Decode(bytes.NewReader(p.Data))
		default:
			decode := jpeg.Decode
			if kind == typePNG {
				decode = png.Decode
			}
			if before, err = decode(bytes.NewReader(data)); err != nil {
				return
			}
			after, err = decode(bytes.NewReader(p.Data))
			if s, _ := strip(kind, data); s.orientation != 1 && !s.moving {
				if err != nil || after.(image.Image).Bounds().Size() != image.Pt(w, h) {
					t.Fatalf("turned, it is not %d × %d (%v)", w, h, err)
				}
				return
			}
		}
		if err != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("it looks different (%v)", err)
		}
	})
}

// Whatever of EXIF is missing, what is there says how a picture is turned, or
// that it is upright.
func TestOrientationOfBrokenEXIF(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		whole := exifOf(order, 6)
		const read = 8 + 2 + 2*12 // up to the orientation's entry
		for n := range len(whole) + 1 {
			want := 1
			if n >= read {
				want = 6
			}
			if got := orientation(whole[:n]); got != want {
				t.Errorf("the first %d bytes say %d", n, got)
			}
		}
		for at := range read {
			for b := range 256 {
				spoilt := slices.Clone(whole)
				spoilt[at] = byte(b)
				if got := orientation(spoilt); got < 1 || got > 8 {
					t.Errorf("with %d at %d it says %d", b, at, got)
				}
			}
		}
	}
	if got := orientation(append(slices.Clone(exifHead), exifOf(binary.BigEndian, 8)...)); got != 8 {
		t.Errorf("behind its name it says %d", got)
	}
}
