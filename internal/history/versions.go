package history

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// dealFile is the file whose versions are of interest.
const dealFile = "deal.toml"

// maxBlob is as much of an old file as is read.
const maxBlob = 4 << 20

// Versions are what a deal's file was at one commit after another, the oldest
// first, as the function that Versions was handed tells it; what is the same
// twice in a row stands there once.
type Versions map[string][]string

// versionsMemory is what a Store holds of them.
type versionsMemory struct {
	Head  string   `json:"head"`
	Deals Versions `json:"deals"`
}

// ReadVersions goes through every state that the deals' files had on the main
// line of the site's history: a merge counts as one step, for the states of a
// branch were never published. read tells of a file what matters; with false
// there is nothing to tell. Without git there are no versions.
func ReadVersions(ctx context.Context, site string, read func(text []byte) (string, bool), store Store) (Versions, error) {
	g := git{ctx: ctx, dir: site}
	if _, err := exec.LookPath("git"); err != nil {
		return Versions{}, nil
	}
	// A folder's name may hold a newline, so the prefix is asked for alone.
	prefix, err := g.run("rev-parse", "--show-prefix")
	if err == nil {
		g.prefix = strings.TrimSuffix(string(prefix), "\n") + "content/"
		prefix, err = g.run("rev-parse", "--verify", "-q", "HEAD")
	}
	if err != nil {
		return Versions{}, ctx.Err() // no repository, or no commit
	}
	head := strings.TrimSpace(string(prefix))
	known := knownVersions(store)
	if known.Head == head {
		return known.Deals, nil
	}
	blobs, reached, err := g.dealFiles(head, known.Head)
	if err != nil {
		return nil, err
	}
	all := Versions{}
	if reached {
		all = known.Deals
	}
	if err := g.readBlobs(blobs, read, all); err != nil {
		return nil, err
	}
	if data, err := json.Marshal(versionsMemory{head, all}); err == nil && store.Save != nil {
		store.Save(data)
	}
	return all, nil
}

// Versions that the store knows up to the commit of this history; nil where git
// has to be asked for them.
func (h *History) Versions(store Store) Versions {
	if known := knownVersions(store); h.head != "" && known.Head == h.head {
		return known.Deals
	}
	return nil
}

func knownVersions(store Store) versionsMemory {
	var known versionsMemory
	if store.Load == nil || json.Unmarshal(store.Load(), &known) != nil || !isHash(known.Head) {
		return versionsMemory{}
	}
	return known
}

// blob is one version of a deal's file.
type blob struct{ deal, hash string }

// dealFiles lists the versions of all deals' files from a commit back to
// another, the oldest first, or to the beginning if that is not met. There is no
// pathspec, since git would compare every tree twice.
func (g git) dealFiles(head, known string) (blobs []blob, reached bool, err error) {
	err = g.stream([]string{"log", "--first-parent", "-m", "--format=tformat:/%H", "--raw", "--no-abbrev", "--no-renames", "-z", head, "--"}, func(out io.Reader) (bool, error) {
		parts := bufio.NewScanner(out)
		parts.Buffer(make([]byte, 64<<10), 16<<20)
		parts.Split(atZero)
		for parts.Scan() {
			part := strings.TrimPrefix(parts.Text(), "\n")
			if hash, ok := strings.CutPrefix(part, "/"); ok {
				if reached = known != "" && strings.TrimSpace(hash) == known; reached {
					return true, nil
				}
				continue
			}
			change, ok := strings.CutPrefix(part, ":")
			if !ok || !parts.Scan() {
				continue
			}
			// Modes and hashes before and after, and what was done.
			fields := strings.Fields(change)
			id := g.deal(parts.Text())
			if len(fields) == 5 && strings.HasPrefix(fields[1], "100") && id != "" && parts.Text() == g.prefix+id+"/"+dealFile {
				blobs = append(blobs, blob{id, fields[3]})
			}
		}
		return false, parts.Err()
	})
	slices.Reverse(blobs)
	return blobs, reached, err
}

// stream runs git and hands what it prints to a function, which says when it has
// enough.
func (g git) stream(args []string, read func(io.Reader) (enough bool, err error)) error {
	ctx, stop := context.WithCancel(g.ctx)
	defer stop()
	cmd, said := g.command(ctx, args...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	enough, readErr := read(out)
	if enough || readErr != nil {
		stop()
	}
	_, _ = io.Copy(io.Discard, out) // what is left is not needed
	err = cmd.Wait()
	switch {
	case g.ctx.Err() != nil:
		return g.ctx.Err()
	case enough:
		return nil
	case readErr != nil:
		return fmt.Errorf("git %s: %w", args[0], readErr)
	case err != nil:
		return failed(args[0], said.String(), err)
	}
	return nil
}

// readBlobs has each version read and appends what it tells to its deal's.
func (g git) readBlobs(blobs []blob, read func([]byte) (string, bool), into Versions) error {
	if len(blobs) == 0 {
		return nil
	}
	cmd, said := g.command(g.ctx, "cat-file", "--batch")
	var wanted strings.Builder
	for _, b := range blobs {
		wanted.WriteString(b.hash + "\n")
	}
	cmd.Stdin = strings.NewReader(wanted.String())
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return fmt.Errorf("git cat-file: %w", err)
	}
	from := bufio.NewReaderSize(out, 256<<10)
	var readErr error
	for _, b := range blobs {
		var text []byte
		if text, readErr = nextBlob(from); readErr != nil {
			break
		}
		if told, ok := read(text); ok && text != nil {
			if list := into[b.deal]; len(list) == 0 || list[len(list)-1] != told {
				into[b.deal] = append(list, told)
			}
		}
	}
	_, _ = io.Copy(io.Discard, out) // what is left is not needed
	if err := cmd.Wait(); err != nil && g.ctx.Err() == nil {
		return failed("cat-file", said.String(), err)
	}
	if g.ctx.Err() != nil {
		return g.ctx.Err()
	}
	return readErr
}

// nextBlob of `git cat-file --batch`; nil for one that a partial clone lacks, or
// that nobody wrote by hand.
func nextBlob(from *bufio.Reader) ([]byte, error) {
	line, err := from.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	fields := strings.Fields(line)
	if len(fields) != 3 {
		return nil, nil
	}
	size, err := strconv.Atoi(fields[2])
	if err != nil || size < 0 {
		return nil, errors.New("git cat-file: it told no size")
	}
	if size > maxBlob {
		_, err := io.CopyN(io.Discard, from, int64(size)+1)
		return nil, err
	}
	text := make([]byte, size+1)
	if _, err := io.ReadFull(from, text); err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return bytes.TrimSuffix(text, []byte("\n")), nil
}
