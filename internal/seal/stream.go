package seal

import (
	"bufio"
	"bytes"
	"compress/flate"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
)

// ReadFile gives an entry's content, all of it checked.
func (o *Opened) ReadFile(e Entry) ([]byte, error) {
	var out bytes.Buffer
	if err := o.stream(e, &out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// WriteTo writes an entry's content, of any size in little memory. It reads its
// files twice, so that nothing is written before all of it is checked.
func (o *Opened) WriteTo(e Entry, w io.Writer) error {
	if err := o.stream(e, io.Discard); err != nil {
		return err
	}
	return o.stream(e, w)
}

// stream opens, inflates and checks an entry, writing as it goes.
func (o *Opened) stream(e Entry, w io.Writer) error {
	if err := o.streamFiles(e, w); err != nil {
		return fmt.Errorf("opening %s: %w", e.Path, err)
	}
	return nil
}

func (o *Opened) streamFiles(e Entry, w io.Writer) error {
	n := pad(e.stored)
	if err := o.measure(e, n); err != nil {
		return err
	}
	parts := &partReader{o: o, e: e, padded: n}
	defer parts.close()
	head := make([]byte, headSize)
	if _, err := io.ReadFull(parts, head); err != nil {
		return cutOff(err)
	}
	ctx := LP([]byte("object"), o.Header.Deal[:])
	s := newSealer(e.object(), ctx, e.salt[:])
	// The salt is the manifest's: another object of the same deal is refused.
	if subtle.ConstantTimeCompare(s.head[:], head) != 1 {
		return damaged("it is not the file that the manifest names")
	}
	plain := &chunkReader{s: s, from: parts, left: n}
	stored := io.LimitReader(plain, e.stored)
	if err := content(e, stored, w); err != nil {
		return err
	}
	rest, err := io.ReadAll(plain) // filler: less than a tenth of the content
	if err != nil {
		return err
	}
	if !filler(rest) {
		return damaged("its filler is not empty")
	}
	return plain.end()
}

// content writes what was stored, inflated where it was deflated, and demands
// exactly the size that the manifest tells.
func content(e Entry, stored io.Reader, w io.Writer) error {
	z := inflaters.Get().(*inflater)
	defer z.release()
	source := z.source // one that flate reads no byte too many from
	source.Reset(stored)
	var inflated io.Reader = source
	if e.deflated {
		inflated = z.inflate()
	}
	size, err := io.Copy(w, io.LimitReader(inflated, e.Size))
	if err != nil {
		return inflating(err)
	}
	more, err := io.Copy(io.Discard, io.LimitReader(inflated, 1))
	if err != nil {
		return inflating(err)
	}
	if size != e.Size || more != 0 {
		return damaged("it has not the size that the manifest tells")
	}
	if _, err := source.ReadByte(); !errors.Is(err, io.EOF) {
		return damaged("something stands behind its content")
	}
	return nil
}

// inflater inflates one text after the other: half a hundred kilobytes to set up.
type inflater struct {
	source *bufio.Reader
	reader io.ReadCloser
}

// inflaters are used again by later texts.
var inflaters = sync.Pool{New: func() any { return &inflater{source: bufio.NewReader(nil)} }}

func (z *inflater) inflate() io.Reader {
	if z.reader == nil {
		z.reader = flate.NewReader(z.source)
	} else if err := z.reader.(flate.Resetter).Reset(z.source, nil); err != nil {
		panic("internal error: " + err.Error()) // it never fails
	}
	return z.reader
}

// release lets go of what was read, and of the text that is left of it.
func (z *inflater) release() {
	z.source.Reset(nil)
	inflaters.Put(z)
}

func inflating(err error) error {
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) {
		return damaged("it cannot be inflated")
	}
	return cutOff(err)
}

func cutOff(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged("it is cut off")
	}
	return err
}

// measure holds the length of every file against what the manifest tells,
// before anything is decrypted.
func (o *Opened) measure(e Entry, padded int64) error {
	for i := range partsOf(padded) {
		name := objectName(e.salt[:], padded, i)
		f, err := openFile(o.files, name)
		if err != nil {
			return err
		}
		info, err := f.Stat()
		_ = f.Close() // it was only looked at
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if want := partLength(padded, i); info.Size() != want {
			return damaged("%s has %d bytes, not %d", name, info.Size(), want)
		}
	}
	return nil
}

// partReader reads an object's files as one.
type partReader struct {
	o      *Opened
	e      Entry
	padded int64
	next   int
	file   fs.File
}

func (p *partReader) Read(buf []byte) (int, error) {
	for {
		if p.file == nil {
			if p.next == partsOf(p.padded) {
				return 0, io.EOF
			}
			f, err := openFile(p.o.files, objectName(p.e.salt[:], p.padded, p.next))
			if err != nil {
				return 0, err
			}
			p.file = f
			p.next++
		}
		n, err := p.file.Read(buf)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, dropEOF(err)
		}
		p.close()
	}
}

func dropEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil // of this file; the next read opens another
	}
	return err
}

func (p *partReader) close() {
	if p.file != nil {
		_ = p.file.Close() // it was only read
		p.file = nil
	}
}

// chunkReader gives the plaintext of chunks, each once it is checked.
type chunkReader struct {
	s      *sealer
	from   io.Reader
	left   int64 // of the plaintext
	next   uint32
	closed bool // the chunk that ends it was read
	sealed [sealedSize]byte
	room   [chunkSize]byte
	ready  []byte
}

func (c *chunkReader) Read(buf []byte) (int, error) {
	for len(c.ready) == 0 {
		if c.closed {
			return 0, io.EOF
		}
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(buf, c.ready)
	c.ready = c.ready[n:]
	return n, nil
}

func (c *chunkReader) fill() error {
	n := min(c.left, chunkSize)
	sealed := c.sealed[:n+tagSize]
	if _, err := io.ReadFull(c.from, sealed); err != nil {
		return cutOff(err)
	}
	out, err := c.s.open(c.room[:0], c.next, sealed)
	if err != nil {
		return err
	}
	c.ready = out
	c.next++
	c.left -= n
	c.closed = n < chunkSize
	return nil
}

// end demands that nothing follows.
func (c *chunkReader) end() error {
	if n, err := io.ReadFull(c.from, c.sealed[:1]); n > 0 || !errors.Is(err, io.EOF) {
		return damaged("something stands behind its end")
	}
	return nil
}
