package media

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"math"
	"strconv"
	"strings"
)

// maxSide of a drawing. One that says more says nonsense.
const maxSide = 1_000_000

// root of a drawing.
func root(data []byte) (xml.StartElement, bool) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = true
	d.Entity = xml.HTMLEntity
	for {
		token, err := d.Token()
		if err != nil {
			return xml.StartElement{}, false
		}
		if e, ok := token.(xml.StartElement); ok {
			return e, true
		}
	}
}

// rootElement is the name of what a file in XML or HTML holds, in lower case.
func rootElement(data []byte) string {
	e, ok := root(data)
	if !ok {
		if start := strings.ToLower(string(data[:min(len(data), 1024)])); strings.Contains(start, "<html") || strings.Contains(start, "<!doctype html") {
			return "html"
		}
		return ""
	}
	return strings.ToLower(e.Name.Local)
}

// sizeSVG of a drawing: what it says, or what its coordinates are.
func sizeSVG(data []byte) (width, height int, err error) {
	e, ok := root(data)
	if !ok {
		return 0, 0, errors.New("the file is no SVG")
	}
	var w, h float64
	var box []float64
	for _, a := range e.Attr {
		if a.Name.Space != "" {
			continue
		}
		switch a.Name.Local {
		case "width":
			w = pixels(a.Value)
		case "height":
			h = pixels(a.Value)
		case "viewBox":
			for f := range strings.FieldsFuncSeq(a.Value, func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }) {
				n, err := strconv.ParseFloat(f, 64)
				if err != nil {
					n = math.NaN()
				}
				box = append(box, n)
			}
		}
	}
	if len(box) == 4 && box[2] > 0 && box[3] > 0 {
		switch {
		case w == 0 && h == 0:
			w, h = box[2], box[3]
		case h == 0:
			h = w * box[3] / box[2]
		case w == 0:
			w = h * box[2] / box[3]
		}
	}
	if !(w > 0 && w <= maxSide && h > 0 && h <= maxSide) {
		return 0, 0, nil
	}
	return max(1, int(math.Round(w))), max(1, int(math.Round(h))), nil
}

// pixels of a length in CSS; 0 where it depends on what is around the drawing.
func pixels(length string) float64 {
	length = strings.ToLower(strings.TrimSpace(length))
	number := strings.TrimRight(length, "abcdefghijklmnopqrstuvwxyz%")
	unit := map[string]float64{
		"": 1, "px": 1, "pt": 96.0 / 72, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4, "q": 96 / 101.6, "em": 16, "rem": 16,
	}[length[len(number):]]
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || unit == 0 || math.IsNaN(n) {
		return 0
	}
	if n <= 0 {
		return -1 // nothing is shown
	}
	return n * unit
}

// boxes goes through the boxes of an AVIF, or of one in it.
func boxes(data []byte, each func(kind string, body []byte)) error {
	for len(data) > 0 {
		if len(data) < 8 {
			return errCutOff
		}
		n, head := uint64(binary.BigEndian.Uint32(data)), uint64(8)
		switch n {
		case 0: // up to the end
			n = uint64(len(data))
		case 1:
			if len(data) < 16 {
				return errCutOff
			}
			n, head = binary.BigEndian.Uint64(data[8:]), 16
		}
		if n < head {
			return damaged("a part of it has no length")
		}
		if n > uint64(len(data)) {
			return errCutOff
		}
		each(string(data[4:8]), data[head:n])
		data = data[n:]
	}
	return nil
}

// isAVIF tells an AVIF from what else is made of boxes: HEIC and films.
func isAVIF(data []byte) bool {
	n := min(uint64(binary.BigEndian.Uint32(data)), uint64(len(data)))
	for i := uint64(8); i+4 <= n; i += 4 {
		if brand := string(data[i : i+4]); i != 12 && (brand == "avif" || brand == "avis") {
			return true
		}
	}
	return false
}

// sizeAVIF of the picture that is shown: a file holds others beside it, such
// as its transparency. An error is about a file that ends early.
func sizeAVIF(data []byte) (width, height int, err error) {
	var meta []byte
	err = boxes(data, func(kind string, body []byte) {
		if kind == "meta" && meta == nil && len(body) > 4 {
			meta = body[4:]
		}
	})
	var item uint32
	var properties []property
	var links []byte
	_ = boxes(meta, func(kind string, body []byte) {
		switch {
		case kind == "pitm" && len(body) >= 6:
			item = uint32(binary.BigEndian.Uint16(body[4:]))
			if body[0] != 0 && len(body) >= 8 {
				item = binary.BigEndian.Uint32(body[4:])
			}
		case kind == "iprp":
			_ = boxes(body, func(kind string, body []byte) {
				switch kind {
				case "ipco":
					_ = boxes(body, func(kind string, body []byte) {
						properties = append(properties, property{kind, body})
					})
				case "ipma":
					links = body
				}
			})
		}
	})
	turned := false
	for _, i := range linked(links, item) {
		if i < 1 || i > len(properties) {
			continue
		}
		switch p := properties[i-1]; {
		case p.kind == "ispe" && len(p.body) >= 12:
			w, h := binary.BigEndian.Uint32(p.body[4:]), binary.BigEndian.Uint32(p.body[8:])
			if w == 0 || h == 0 || w >= 1<<31 || h >= 1<<31 {
				return 0, 0, err
			}
			width, height = int(w), int(h)
		case p.kind == "irot" && len(p.body) >= 1:
			turned = p.body[0]&1 == 1
		}
	}
	if turned {
		width, height = height, width
	}
	return width, height, err
}

// property of a picture within an AVIF.
type property struct {
	kind string
	body []byte
}

// linked are the numbers of the properties that an item has, from 1.
func linked(b []byte, item uint32) []int {
	// number of some bytes; what is missing reads as 0.
	number := func(n int) (v uint32) {
		for range n {
			v <<= 8
			if len(b) > 0 {
				v |= uint32(b[0])
				b = b[1:]
			}
		}
		return v
	}
	head := number(4)
	itemBytes, linkBytes := 2, 1
	if head>>24 != 0 {
		itemBytes = 4
	}
	if head&1 != 0 {
		linkBytes = 2
	}
	for n := number(4); n > 0 && len(b) > 0; n-- {
		id := number(itemBytes)
		var list []int
		for range number(1) {
			list = append(list, int(number(linkBytes)&(1<<(8*linkBytes-1)-1))) // without the flag before it
		}
		if id == item {
			return list
		}
	}
	return nil
}
