package seal

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
)

const (
	// wholeSize is the most that is stored as one file.
	wholeSize  = 8_388_608
	partChunks = 128
	partPlain  = partChunks * chunkSize
	maxContent = 1 << 32
)

// File is a file of a sealed deal: an object, a part of one, or a manifest.
type File struct {
	// Name is below the deal's folder: "o/" and an opaque name.
	Name string
	Size int64

	made   []byte // where it was made at once
	object *object
	part   int
}

// Bytes are what the file holds: 8 MiB at most. Those of an object are sealed
// now, out of its content; content that has changed since is refused, for it
// would be encrypted under keys that belong to what was there before.
func (f File) Bytes() ([]byte, error) {
	if f.object == nil {
		return f.made, nil
	}
	return f.object.bytes(f.part)
}

// object is content that will be sealed when its files are wanted.
type object struct {
	path     string // for messages
	salt     [saltSize]byte
	size     int64
	stored   *io.SectionReader
	deflated bool
	padded   int64
	seal     func() *sealer
	sums     [][sha256.Size]byte // of each part's plaintext
	made     []byte              // out of the cache
}

// Cache keeps sealed objects from one build to the next, by names that tell
// nothing without the deal's keys. Load gives nil where nothing was stored. What
// compresses is part of what is stored: another version of the program shall
// begin with an empty cache. Load must give back what was stored or nothing: it
// goes into a deal unopened. A zero Cache keeps nothing.
type Cache struct {
	Load  func(name string) []byte
	Store func(name string, sealed []byte)
}

// newObject reads the content once, for its salt; what is compressed may come
// out of the cache instead.
func newObject(key []byte, d DealID, it Item, cache Cache, z *deflater) (*object, error) {
	o := &object{path: it.Path, size: it.Content.Size(), stored: it.Content, deflated: deflates(it.Type)}
	if o.size > maxContent {
		return nil, errors.New("it is larger than 4 GiB")
	}
	ctx := LP([]byte("object"), d[:])
	if !o.deflated {
		return o, o.measure(key, ctx)
	}
	sum, err := sumOf(it.Content)
	if err != nil {
		return nil, err
	}
	name := base32Text(derive(key, 16, "cache", d[:], sum))
	if cache.Load != nil && o.kept(cache.Load(name)) {
		return o, nil
	}
	if err := o.compress(it.Content, sum, z); err != nil {
		return nil, err
	}
	if err := o.measure(key, ctx); err != nil || cache.Store == nil || o.inParts() {
		return o, err
	}
	if o.made, err = o.bytes(0); err == nil {
		cache.Store(name, append(u64(o.stored.Size()), o.made...))
	}
	return o, err
}

func sumOf(content *io.SectionReader) ([]byte, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(content, 0, content.Size())); err != nil {
		return nil, fmt.Errorf("reading it: %w", err)
	}
	return sum.Sum(nil), nil
}

// compress content of a sum: other content would go into the cache under its
// name.
func (o *object) compress(content *io.SectionReader, sum []byte, z *deflater) error {
	again := sha256.New()
	stored, err := z.deflate(io.TeeReader(io.NewSectionReader(content, 0, content.Size()), again))
	if err != nil {
		return fmt.Errorf("compressing it: %w", err)
	}
	if !bytes.Equal(again.Sum(nil), sum) {
		return errors.New("it changed while it was read; build again")
	}
	o.stored = io.NewSectionReader(bytes.NewReader(stored), 0, int64(len(stored)))
	return nil
}

// kept takes an object out of the cache, if it is one.
func (o *object) kept(data []byte) bool {
	if len(data) < 8+headSize {
		return false
	}
	stored := int64(binary.BigEndian.Uint64(data))
	if stored < 0 || stored > maxContent || sealedLength(pad(stored)) != int64(len(data)-8) {
		return false
	}
	o.made = data[8:]
	o.padded = pad(stored)
	o.stored = io.NewSectionReader(nil, 0, stored)
	copy(o.salt[:], o.made)
	return true
}

// measure reads what will be stored once, part by part: for the salt, and for
// sums by which to know it again.
func (o *object) measure(key, ctx []byte) error {
	o.padded = pad(o.stored.Size())
	mac := salter(key, ctx)
	content := filled(o.stored, o.padded)
	for left := o.padded; left > 0; left -= partPlain {
		sum := sha256.New()
		if _, err := io.CopyN(io.MultiWriter(mac, sum), content, min(left, partPlain)); err != nil {
			return fmt.Errorf("reading it: %w", err)
		}
		o.sums = append(o.sums, [sha256.Size]byte(sum.Sum(nil)))
	}
	copy(o.salt[:], mac.Sum(nil))
	o.seal = func() *sealer { return newSealer(key, ctx, o.salt[:]) }
	return nil
}

func (o *object) length() int64 { return sealedLength(o.padded) }
func (o *object) inParts() bool { return o.length() > wholeSize }

// bytes of a part, or of the whole where it is one file.
func (o *object) bytes(part int) ([]byte, error) {
	if o.made != nil {
		return o.made, nil
	}
	from, to := int64(0), o.padded
	if o.inParts() {
		from = int64(part) * partPlain
		to = min(from+partPlain, o.padded)
	}
	plain := make([]byte, to-from)
	if from < o.stored.Size() {
		if _, err := o.stored.ReadAt(plain[:min(to, o.stored.Size())-from], from); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("sealing %s: %w", o.path, err)
		}
	}
	for i := from; i < to; i += partPlain {
		if sha256.Sum256(plain[i-from:min(i+partPlain, to)-from]) != o.sums[i/partPlain] {
			return nil, fmt.Errorf("sealing %s: it changed while it was read; build again", o.path)
		}
	}
	s := o.seal()
	out := make([]byte, 0, sealedLength(to-from))
	if from == 0 {
		out = append(out, s.head[:]...)
	}
	return s.sealAll(out, uint32(from/chunkSize), plain, o.isLast(part)), nil
}

// parts is how many files hold the object: a last one may hold the empty chunk
// alone.
func (o *object) parts() int { return partsOf(o.padded) }

func partsOf(padded int64) int {
	if sealedLength(padded) <= wholeSize {
		return 1
	}
	return int((padded/chunkSize)/partChunks) + 1
}

func (o *object) isLast(part int) bool { return part == o.parts()-1 }

// partLength is the size of a file of an object whose padded length is given.
func partLength(padded int64, part int) int64 {
	length := sealedLength(padded)
	if length <= wholeSize {
		return length
	}
	size := min(partChunks*sealedSize, length-headSize-int64(part)*partChunks*sealedSize)
	if part == 0 {
		size += headSize
	}
	return size
}

// objectName is the file's, below the deal's folder; with a part, where it has
// several.
func objectName(salt []byte, padded int64, part int) string {
	name := folder + base32Text(salt[:16])
	if sealedLength(padded) > wholeSize {
		name += "-" + strconv.Itoa(part)
	}
	return name
}

func (o *object) files() []File {
	var out []File
	for i := range o.parts() {
		out = append(out, File{Name: objectName(o.salt[:], o.padded, i), Size: partLength(o.padded, i), object: o, part: i})
	}
	return out
}

// deflater compresses one text after the other: it is a megabyte to set up.
type deflater struct {
	w   *flate.Writer
	out bytes.Buffer
}

// deflaters are used again by later deals.
var deflaters = sync.Pool{New: func() any { return newDeflater() }}

func newDeflater() *deflater {
	w, err := flate.NewWriter(nil, flate.DefaultCompression)
	if err != nil {
		panic("internal error: " + err.Error()) // the level is one that there is
	}
	return &deflater{w: w}
}

func (d *deflater) deflate(content io.Reader) ([]byte, error) {
	defer func() { d.out = bytes.Buffer{} }()
	d.w.Reset(&d.out)
	if _, err := io.Copy(d.w, content); err != nil {
		return nil, err
	}
	if err := d.w.Close(); err != nil {
		return nil, err
	}
	return d.out.Bytes(), nil
}
