package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"portico/internal/deal"
)

// Packed is what a sealed deal's page holds in itself where no host does.
type Packed struct {
	// Reader is the script that opens the deal.
	Reader []byte
	// Sealed are the deal's files, by their names below its folder; Shared are
	// those that all deals share, by their names on the site.
	Sealed, Shared []PackedFile
}

// PackedFile is a file in a page.
type PackedFile struct {
	Name, Type string
	Data       []byte
}

// Pack makes of a lock page one that needs no other file and no network. What it
// runs and looks like stands in it, and its policy names that by its hashes. A
// HeaderMark stays where it is.
func Pack(site *deal.Site, lock []byte, p Packed) ([]byte, error) {
	doc, err := html.Parse(bytes.NewReader(lock))
	if err != nil {
		return nil, fmt.Errorf("reading the lock page: %w", err)
	}
	k := &packing{Packed: p}
	if err := k.rework(doc); err != nil {
		return nil, err
	}
	if k.policy == nil || k.body == nil {
		return nil, errors.New("layout lock.html has no content security policy or no body")
	}
	for _, f := range p.Shared {
		if path.Ext(f.Name) == ".js" {
			k.scripts = append(k.scripts, hash(f.Data))
		}
	}
	for _, f := range slices.Concat(p.Shared, p.Sealed) {
		data := f.Data
		if path.Ext(f.Name) == ".css" {
			data = k.selfContained(data)
		}
		k.body.AppendChild(element(atom.Script, base64.StdEncoding.EncodeToString(data), "type", "application/octet-stream", "data-name", f.Name, "data-type", f.Type))
	}
	if err := k.inline(k.body, atom.Script, p.Reader, &k.scripts); err != nil {
		return nil, err
	}
	setAttr(k.policy, "content", packedPolicy(site, k.scripts, k.styles))
	var out bytes.Buffer
	if err := html.Render(&out, doc); err != nil {
		return nil, fmt.Errorf("writing the packed page: %w", err)
	}
	return out.Bytes(), nil
}

// packing is a lock page being packed.
type packing struct {
	Packed
	policy, body    *html.Node
	scripts, styles []string // hashes
}

// rework puts what an element would load in its place, or takes it away.
func (k *packing) rework(n *html.Node) error {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.DataAtom == atom.Meta && attrOf(c, "http-equiv") == "Content-Security-Policy":
			k.policy = c
		case c.DataAtom == atom.Link && attrOf(c, "rel") == "stylesheet":
			f, ok := k.shared(attrOf(c, "href"))
			if !ok {
				return fmt.Errorf("the lock page names the style %s, which is not there", attrOf(c, "href"))
			}
			style := &html.Node{Type: html.ElementNode, DataAtom: atom.Style, Data: "style"}
			n.InsertBefore(style, c)
			if err := k.write(style, k.selfContained(f.Data), &k.styles); err != nil {
				return err
			}
			n.RemoveChild(c)
		case c.DataAtom == atom.Link, c.DataAtom == atom.Script:
			n.RemoveChild(c)
		case c.DataAtom == atom.Img:
			if f, ok := k.shared(attrOf(c, "src")); ok {
				setAttr(c, "src", dataURL(f))
			}
		case c.DataAtom == atom.Body:
			k.body = c
			setAttr(c, "data-reading", "")
		}
		if err := k.rework(c); err != nil {
			return err
		}
		c = next
	}
	return nil
}

// shared finds what an address on the lock page leads to.
func (k *packing) shared(address string) (PackedFile, bool) {
	i := slices.IndexFunc(k.Shared, func(f PackedFile) bool { return "../"+f.Name == address })
	if i < 0 {
		return PackedFile{}, false
	}
	return k.Shared[i], true
}

func (k *packing) inline(parent *html.Node, a atom.Atom, text []byte, hashes *[]string) error {
	n := &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
	parent.AppendChild(n)
	return k.write(n, text, hashes)
}

// write text into an element that holds it raw. Browsers hash it as they read
// it, so nothing in it may be read as something else.
func (k *packing) write(n *html.Node, text []byte, hashes *[]string) error {
	if bytes.Contains(bytes.ToLower(text), []byte("</"+n.Data)) || bytes.ContainsAny(text, "\r\x00") || bytes.Contains(text, []byte("<!--")) {
		return fmt.Errorf("a %s of the page cannot stand in it", n.Data)
	}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: string(text)})
	*hashes = append(*hashes, hash(text))
	return nil
}

// styleURL is a file as bundled styles name it.
var styleURL = regexp.MustCompile(`url\(["']?\./([^"')]+)["']?\)`)

// selfContained puts the files that a style names into it.
func (k *packing) selfContained(css []byte) []byte {
	return styleURL.ReplaceAllFunc(css, func(found []byte) []byte {
		name := string(styleURL.FindSubmatch(found)[1])
		if f, ok := k.shared("../_/" + name); ok {
			return []byte("url(" + dataURL(f) + ")")
		}
		return found
	})
}

// packedPolicy is the site's, for a page that loads nothing: what it runs is
// named by hashes. Players of others are loaded on a click, if at all.
func packedPolicy(site *deal.Site, scripts, styles []string) string {
	var rules []string
	for rule := range strings.SplitSeq(Policy(site), "; ") {
		name, _, _ := strings.Cut(rule, " ")
		switch name {
		case "script-src":
			rule = name + " " + strings.Join(scripts, " ")
		case "style-src":
			rule = name + " " + strings.Join(styles, " ")
		case "font-src":
			rule = name + " data:"
		case "img-src":
			rule = name + " blob: data:"
		case "connect-src", "worker-src":
			rule = name + " 'none'"
		default:
			rule = strings.Replace(rule, " 'self'", "", 1)
		}
		rules = append(rules, rule)
	}
	return strings.Join(rules, "; ")
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func dataURL(f PackedFile) string {
	return "data:" + f.Type + ";base64," + base64.StdEncoding.EncodeToString(f.Data)
}

func element(a atom.Atom, text string, attrs ...string) *html.Node {
	n := &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
	for i := 0; i < len(attrs); i += 2 {
		n.Attr = append(n.Attr, html.Attribute{Key: attrs[i], Val: attrs[i+1]})
	}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	return n
}

func attrOf(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func setAttr(n *html.Node, name, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == name {
			n.Attr[i].Val = value
		}
	}
}
