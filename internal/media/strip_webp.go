package media

import (
	"bytes"
	"encoding/binary"
	"slices"

	"golang.org/x/image/webp"
)

// Flags of a WebP's header.
const (
	webpXMP  = 1 << 2
	webpEXIF = 1 << 3
)

// webpHead is "RIFF", the size, "WEBP".
const webpHead = 12

// webpChunks goes through the chunks of a WebP, or of a frame in it.
func webpChunks(data []byte, each func(name string, body []byte) error) error {
	for len(data) > 0 {
		if len(data) < 8 {
			return errCutOff
		}
		n := binary.LittleEndian.Uint32(data[4:])
		if int64(n) > int64(len(data)-8) {
			return errCutOff
		}
		if err := each(string(data[:4]), data[8:8+n]); err != nil {
			return err
		}
		data = data[8+n:]
		if n%2 == 1 && len(data) > 0 {
			data = data[1:]
		}
	}
	return nil
}

// stripWebP keeps the chunks that have to do with how a picture looks. The
// orientation in its EXIF has not: Chromium shows a WebP as it is stored.
func stripWebP(data []byte) (stripped, error) {
	s := stripped{kind: typeWebP, orientation: 1}
	size := int64(binary.LittleEndian.Uint32(data[4:])) + 8
	if size < webpHead {
		return s, damaged("a part of it has no length")
	}
	if size > int64(len(data)) && size != int64(len(data))+1 { // the last byte may be padding
		return s, errCutOff
	}
	out := append(make([]byte, 0, len(data)+1), data[:webpHead]...)
	drawn := false
	err := webpChunks(data[webpHead:min(size, int64(len(data)))], func(name string, body []byte) error {
		switch name {
		case "VP8X":
			if len(body) != 10 || len(out) != webpHead {
				return damaged("its header is not at its beginning")
			}
			body = slices.Clone(body)
			body[0] &^= webpXMP | webpEXIF
		case "VP8 ", "VP8L":
			drawn = true
		case "ANMF":
			frame, err := stripFrame(body)
			if err != nil {
				return err
			}
			drawn = true
			body = frame
		case "ALPH", "ANIM", "ICCP":
		default:
			return nil
		}
		out = append(out, webpChunk(name, body)...)
		return nil
	})
	binary.LittleEndian.PutUint32(out[4:], uint32(len(out)-8))
	s.data = out
	c, bad := webp.DecodeConfig(bytes.NewReader(s.data))
	s.width, s.height = c.Width, c.Height
	switch {
	case err != nil:
	case !drawn:
		err = damaged("there is no picture in it")
	case bad != nil:
		err = cause(bad)
	}
	return s, err
}

// stripFrame keeps a frame's place and pixels.
func stripFrame(body []byte) ([]byte, error) {
	const head = 16
	if len(body) < head {
		return nil, damaged("a frame has no size")
	}
	out := slices.Clone(body[:head])
	err := webpChunks(body[head:], func(name string, body []byte) error {
		switch name {
		case "ALPH", "VP8 ", "VP8L":
			out = append(out, webpChunk(name, body)...)
		}
		return nil
	})
	return out, err
}

func webpChunk(name string, body []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
	b = append(b, body...)
	if len(body)%2 == 1 {
		b = append(b, 0)
	}
	return b
}
