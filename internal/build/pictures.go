package build

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strconv"

	"portico/internal/deal"
	"portico/internal/media"
	"portico/internal/render"
)

// Widths of the smaller pictures, in pixels: for half a phone, a phone, and a
// page. Those of the site's own are for people's faces.
var (
	dealWidths = []int{320, 640, 1280}
	siteWidths = []int{160}
)

// isPicture says whether a file is made ready as a picture. Drawings are not:
// they are looked through instead.
func isPicture(name string) bool {
	t := media.TypeOf(name)
	return t.Kind == media.Image && path.Ext(name) != ".svg"
}

// prepare a picture. Doing so takes long, so that what came of it is kept, by
// the bytes that went in.
func (p *Project) prepare(name string, data []byte, widths []int) (*media.Picture, error) {
	sum := sha256.Sum256(data)
	key := fmt.Sprintf("picture 2 %s %v %s", path.Ext(name), widths, hex.EncodeToString(sum[:]))
	var kept keptPicture
	if p.cache.decode(key, &kept) {
		return (*media.Picture)(&kept), nil
	}
	pic, err := media.Prepare(name, data, widths)
	if err != nil {
		return nil, err
	}
	if len(pic.Scaled) > 0 { // the rest is made faster than it is read
		p.cache.encode(key, (*keptPicture)(pic))
	}
	return pic, nil
}

// keptPicture is one that was made ready.
type keptPicture media.Picture

func (p *keptPicture) code(c *coding) {
	codeNumber(c, &p.Width)
	codeNumber(c, &p.Height)
	c.bytes(&p.Data)
	codeList(c, &p.Scaled, func(s *media.Scaled) {
		codeNumber(c, &s.Width)
		codeNumber(c, &s.Height)
		c.bytes(&s.Data)
	})
}

// picture of a deal, made ready once. The error was a message of the deal's.
func (l *loaded) picture(f deal.File) (*media.Picture, error) {
	if done, ok := l.pictures[f]; ok {
		return done.picture, done.err
	}
	var made madePicture
	var data []byte
	if data, made.err = l.read(f); made.err == nil {
		made.picture, made.err = l.project.prepare(f.Path, data, dealWidths)
	}
	l.pictures[f] = made
	return made.picture, made.err
}

type madePicture struct {
	picture *media.Picture
	err     error
}

// image tells a page how large a picture is and where its smaller ones lie.
func (l *loaded) image(f deal.File) render.Image {
	if f.Root == deal.InAssets || media.TypeOf(f.Path).Kind != media.Image {
		return render.Image{}
	}
	if !isPicture(f.Path) {
		data, err := l.read(f)
		if err != nil {
			return render.Image{}
		}
		var img render.Image
		img.Width, img.Height = media.Size(f.Path, data)
		return img
	}
	pic, err := l.picture(f)
	if err != nil {
		return render.Image{}
	}
	img := render.Image{Width: pic.Width, Height: pic.Height}
	for _, s := range pic.Scaled {
		img.Scaled = append(img.Scaled, render.Image{Path: scaledPath(f, s.Width), Width: s.Width, Height: s.Height})
	}
	return img
}

// scaledPath is where a smaller picture lies in its deal's folder.
func scaledPath(f deal.File, width int) string {
	return "_scaled/" + strconv.Itoa(width) + "/" + render.FilePath(f)
}

// pictureFiles are those of a picture: itself without its metadata, and its
// smaller ones.
func (l *loaded) pictureFiles(f deal.File, p piece) ([]piece, error) {
	pic, err := l.picture(f)
	if err != nil {
		return nil, fmt.Errorf("making %s ready: %w", f, err)
	}
	p.data = pic.Data
	all := []piece{p}
	for _, s := range pic.Scaled {
		p.path, p.data = scaledPath(f, s.Width), s.Data
		all = append(all, p)
	}
	return all, nil
}

// badPicture reports one that cannot be read, and so could not be cleared of
// what nobody should see, such as where it was taken.
func badPicture(f deal.NamedFile, err error) deal.Finding {
	return deal.Finding{Place: f.Place, Code: "bad-picture", Text: fmt.Sprintf("%s cannot be published: %s", f.File, err), Hint: "save it again as PNG or JPEG"}
}
