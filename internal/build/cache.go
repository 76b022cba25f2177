package build

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// cache keeps what a later build may use again, under .portico/cache. It may be
// deleted at any time. What it keeps is encrypted and its files' names are MACs,
// so that a copy of the folder, in CI say, gives nothing away. A nil cache
// keeps nothing.
type cache struct {
	dir    string
	random io.Reader
	seal   cipher.AEAD
	names  []byte
	// grown is how many bytes this run kept.
	grown atomic.Int64
}

// openCache of a site under a key of this machine, which is made where there
// is none. Without a place for the key there is no cache, which costs time and
// nothing else.
func openCache(dir, keyFile string, random io.Reader) (*cache, error) {
	if keyFile == "" {
		return nil, nil
	}
	key, err := machineKey(keyFile, random)
	if err != nil {
		return nil, nil
	}
	return cacheUnder(key, dir, random)
}

// cacheUnder a key that is there.
func cacheUnder(key []byte, dir string, random io.Reader) (*cache, error) {
	part := func(info string) ([]byte, error) { return hkdf.Expand(sha256.New, key, "portico cache 1: "+info, 32) }
	content, err1 := part("content")
	names, err2 := part("names")
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("making the cache's keys: %w", err)
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return nil, fmt.Errorf("making the cache's cipher: %w", err)
	}
	seal, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("making the cache's cipher: %w", err)
	}
	return &cache{dir: dir, random: random, seal: seal, names: names}, nil
}

// machineKey reads the key, or makes one that only its owner can read.
func machineKey(file string, random io.Reader) ([]byte, error) {
	key, err := os.ReadFile(file)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the key of this machine's cache: %w", err)
	}
	key = make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return nil, fmt.Errorf("making the key of this machine's cache: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("keeping the key of this machine's cache: %w", err)
	}
	if err := replaceFile(file, key, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the key of this machine's cache: %w", err)
	}
	return key, nil
}

func (c *cache) path(name string) string {
	mac := hmac.New(sha256.New, c.names)
	mac.Write([]byte(name))
	return filepath.Join(c.dir, hex.EncodeToString(mac.Sum(nil)[:16]))
}

// get what was kept under a name; nil where there is nothing, or nothing that
// was kept by this machine unaltered.
func (c *cache) get(name string) []byte {
	if c == nil {
		return nil
	}
	path := c.path(name)
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	plain, err := c.seal.Open(data[:0], nil, data, []byte(name))
	if err != nil {
		return nil
	}
	c.used(path, time.Now()) // of files' times, no day of a deal
	return plain
}

// put keeps data under a name. A cache that can't be written is as good as
// none, so nothing is said.
func (c *cache) put(name string, data []byte) { c.putInto(nil, name, data) }

// putInto puts the sealed data behind what there is of into: data[:0] where
// nobody needs it any more.
func (c *cache) putInto(into []byte, name string, data []byte) {
	if c == nil || os.MkdirAll(c.dir, 0o700) != nil {
		return
	}
	c.grown.Add(int64(len(data)))
	// Not flushed: of an entry that a power cut spoils the seal is broken.
	_ = writeBeside(c.path(name), c.seal.Seal(into, nil, data, []byte(name)), 0o600, func(*os.File) error { return nil })
}

// How much is kept, and for how long after it was last of use.
const (
	maxCacheBytes = 1 << 30
	maxCacheAge   = 30 * 24 * time.Hour
	// usedEvery is how exactly it is known when an entry was of use.
	usedEvery = 24 * time.Hour
)

// used notes that an entry was of use.
func (c *cache) used(path string, now time.Time) {
	if info, err := os.Stat(path); err == nil && now.Sub(info.ModTime()) > usedEvery {
		_ = os.Chtimes(path, now, now) // it goes a little earlier, then
	}
}

// tidyName is what an entry is called whose time tells when all were looked at.
const tidyName = "tidy"

// tidy prunes once a day, and after a run that kept much: looking at each entry
// takes longer than a build of one deal.
func (c *cache) tidy(now time.Time) {
	if c == nil {
		return
	}
	info, err := os.Stat(c.path(tidyName))
	if err == nil && now.Sub(info.ModTime()) < usedEvery && c.grown.Load() < maxCacheBytes>>6 {
		return
	}
	c.put(tidyName, nil)
	c.prune(now)
}

// prune removes what was of no use for long, and beyond a size what was so for
// longest. Files that an interrupted run left are of no use to anyone.
func (c *cache) prune(now time.Time) {
	if c == nil {
		return
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var kept []fs.FileInfo
	var size int64
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		age := now.Sub(info.ModTime())
		if age > maxCacheAge || strings.HasPrefix(e.Name(), newPrefix) && age > usedEvery {
			_ = os.Remove(filepath.Join(c.dir, e.Name())) // the next run would do it
			continue
		}
		kept = append(kept, info)
		size += info.Size()
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, info := range kept {
		if size <= maxCacheBytes {
			break
		}
		_ = os.Remove(filepath.Join(c.dir, info.Name())) // likewise
		size -= info.Size()
	}
}

// newPrefix begins the names of files that are not whole yet.
const newPrefix = ".new-"

// replaceFile writes a file whole or not at all.
func replaceFile(name string, data []byte, mode fs.FileMode) error {
	return writeBeside(name, data, mode, (*os.File).Sync)
}

func writeBeside(name string, data []byte, mode fs.FileMode, flush func(*os.File) error) error {
	f, err := os.CreateTemp(filepath.Dir(name), newPrefix+"*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone once it was renamed
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), flush(f), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
