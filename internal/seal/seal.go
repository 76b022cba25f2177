// Package seal turns a deal into files that any host can keep and none can
// read, and back: bytes and keys on one side, the lock page's header, manifests
// and sealed objects of the format portico/1 on the other. The format, what it
// protects and what it doesn't are in docs/sealing.md; comments here say which
// rule a line keeps.
//
// The writer begins with a TeamKey, from which all else follows: New fixes who
// may open a deal and how, Deal.Seal makes its files. The reader begins with
// the deal's files and a way in. browser/ holds the reader that runs in pages.
//
// It knows bytes and keys, and nothing of plans, pages, disks or clocks: it
// imports none of our rooms. It takes no randomness but for a new team key, for
// the same deal must give the same bytes.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
)

const (
	format = "portico/1"
	suite  = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"

	chunkSize  = 16_384
	tagSize    = 16
	sealedSize = chunkSize + tagSize
	saltSize   = 24
	// headSize is the salt and the commitment.
	headSize = saltSize + 32
)

// LP puts each field behind its length, so that no two lists of fields give
// the same bytes.
func LP(fields ...[]byte) []byte {
	var out []byte
	for _, f := range fields {
		out = binary.BigEndian.AppendUint64(out, uint64(len(f)))
		out = append(out, f...)
	}
	return out
}

// derive is the format's E: n bytes from a key, by a label and further fields.
func derive(key []byte, n int, label string, x ...[]byte) []byte {
	fields := append([][]byte{[]byte(format), []byte(label)}, x...)
	return expand(key, LP(fields...), n)
}

func expand(key, info []byte, n int) []byte {
	out, err := hkdf.Expand(sha512.New, key, string(info), n)
	if err != nil {
		panic("internal error: " + err.Error()) // n is a constant far below the limit
	}
	return out
}

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// base32Text is the format's b32.
func base32Text(data []byte) string { return base32Encoding().EncodeToString(data) }

func base32Encoding() *base32.Encoding {
	return base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
}

// base64Text is the format's b64.
func base64Text(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

func parseBase64(text string) ([]byte, error) {
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

// sealer seals one plaintext: everything is known once its salt is.
type sealer struct {
	head   [headSize]byte
	gcm    cipher.AEAD
	nonce  [12]byte
	sealed []byte // room for a chunk
}

// salter gathers a plaintext for its salt, which is a MAC of it.
func salter(key, ctx []byte) hash.Hash {
	mac := hmac.New(sha512.New, derive(key, 32, "siv"))
	mac.Write(LP(ctx))
	return mac
}

// newSealer derives the keys of a salt under a context.
func newSealer(key, ctx, salt []byte) *sealer {
	return newChunks(derive(key, 32, "enc"), LP([]byte(format), ctx), salt)
}

// newChunks is the chunked encryption that portico/1 is built on.
func newChunks(key, context, salt []byte) *sealer {
	info := append([]byte(suite), salt...)
	okm := expand(key, append(info, context...), 32+12+32)
	block, err := aes.NewCipher(okm[:32])
	if err != nil {
		panic("internal error: " + err.Error()) // 32 bytes are a key of AES-256
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		panic("internal error: " + err.Error())
	}
	s := &sealer{gcm: gcm}
	copy(s.head[:], salt)
	copy(s.head[saltSize:], okm[44:])
	copy(s.nonce[:], okm[32:44])
	return s
}

// at is the nonce of a chunk.
func (s *sealer) at(i uint32) []byte {
	nonce := s.nonce
	last := nonce[8:]
	binary.BigEndian.PutUint32(last, binary.BigEndian.Uint32(last)^i)
	return nonce[:]
}

func (s *sealer) seal(dst []byte, i uint32, chunk []byte) []byte {
	return s.gcm.Seal(dst, s.at(i), chunk, nil)
}

func (s *sealer) open(dst []byte, i uint32, chunk []byte) ([]byte, error) {
	out, err := s.gcm.Open(dst, s.at(i), chunk, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: chunk %d is not what was sealed", Damaged, i)
	}
	return out, nil
}

// Seal encrypts. Its salt is a MAC of what it encrypts, so that it takes no
// nonce that could be used twice, and the same input gives the same bytes. p is
// final: compressed and padded.
func Seal(key, ctx, p []byte) []byte {
	mac := salter(key, ctx)
	mac.Write(p)
	s := newSealer(key, ctx, mac.Sum(nil)[:saltSize])
	out := make([]byte, 0, sealedLength(int64(len(p))))
	out = append(out, s.head[:]...)
	return s.sealAll(out, 0, p, true)
}

// sealAll seals p as the chunks from first on. Where it is the last of a
// plaintext, the chunk that ends it is shorter than the others, perhaps empty.
func (s *sealer) sealAll(out []byte, first uint32, p []byte, last bool) []byte {
	for len(p) >= chunkSize {
		out = s.seal(out, first, p[:chunkSize])
		p = p[chunkSize:]
		first++
	}
	if last {
		out = s.seal(out, first, p)
	}
	return out
}

// Open gives back what Seal encrypted, or Damaged.
func Open(key, ctx, sealed []byte) ([]byte, error) {
	return openChunks(derive(key, 32, "enc"), LP([]byte(format), ctx), sealed)
}

func openChunks(key, context, sealed []byte) ([]byte, error) {
	if n := int64(len(sealed)); n < headSize+tagSize || (n-headSize)%sealedSize < tagSize {
		return nil, fmt.Errorf("%w: %d bytes are no sealed text", Damaged, n)
	}
	s := newChunks(key, context, sealed[:saltSize])
	if subtle.ConstantTimeCompare(s.head[:], sealed[:headSize]) != 1 {
		return nil, fmt.Errorf("%w: it is sealed under another key, or as something else", Damaged)
	}
	sealed = sealed[headSize:]
	out := make([]byte, 0, len(sealed))
	var err error
	for i := uint32(0); len(sealed) > 0; i++ {
		n := min(len(sealed), sealedSize)
		if out, err = s.open(out, i, sealed[:n]); err != nil {
			return nil, err
		}
		sealed = sealed[n:]
	}
	return out, nil
}

// sealedLength is the length of what seals n bytes.
func sealedLength(n int64) int64 { return headSize + n + tagSize*(n/chunkSize+1) }

// pad is the length to which n bytes are filled up: Padmé, which leaves a
// length few bits to tell.
func pad(n int64) int64 {
	if n <= 1024 {
		return 1024
	}
	e := bitLength(n) - 1
	step := int64(1) << (e - bitLength(int64(e)))
	return (n + step - 1) / step * step
}

// padded fills up with zero bytes.
func padded(p []byte) []byte {
	return append(p, make([]byte, pad(int64(len(p)))-int64(len(p)))...)
}

func bitLength(n int64) int {
	b := 0
	for ; n > 0; n >>= 1 {
		b++
	}
	return b
}

// zeros is endless filler.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// filled is content behind which filler stands up to n bytes.
func filled(content *io.SectionReader, n int64) io.Reader {
	return io.LimitReader(io.MultiReader(io.NewSectionReader(content, 0, content.Size()), zeros{}), n)
}
