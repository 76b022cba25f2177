package collect

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"portico/internal/beacon"
)

// pageLines are read from the store at a time.
const pageLines = 1000

// export hands out what is behind a cursor to whoever has the token.
func (c *Collector) export(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "events are got", http.StatusMethodNotAllowed)
		return
	}
	if !c.trusts(r.Header.Get("Authorization")) {
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, "the token is missing, or it is another", http.StatusUnauthorized)
		return
	}
	after, err := beacon.ParseCursor(r.URL.Query().Get("after"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	limit, err := limitOf(r.URL.Query().Get("limit"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case c.exporting <- struct{}{}:
		defer func() { <-c.exporting }()
		c.hand(w, r, after, limit)
	default:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "others are reading", http.StatusServiceUnavailable)
	}
}

// trusts compares in constant time with every token's sum.
func (c *Collector) trusts(header string) bool {
	token, ok := strings.CutPrefix(header, "Bearer ")
	sum := sha256.Sum256([]byte(token))
	found := 0
	for _, t := range c.Tokens {
		found |= subtle.ConstantTimeCompare(sum[:], t[:])
	}
	return ok && found == 1
}

func limitOf(text string) (int, error) {
	if text == "" {
		return beacon.MaxPage, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > beacon.MaxPage {
		return 0, errors.New("limit is a number from 1 to " + strconv.Itoa(beacon.MaxPage))
	}
	return n, nil
}

// hand out lines, some at a time; only the last says that the answer is whole.
func (c *Collector) hand(w http.ResponseWriter, r *http.Request, at beacon.Cursor, left int) {
	control := http.NewResponseController(w)
	var out []byte
	for first := true; ; first = false {
		page, err := c.Store.Export(r.Context(), at, min(left, pageLines))
		if err != nil {
			c.cannot(w, first, err)
			return
		}
		at, left = page.End, left-len(page.Lines)
		out = out[:0]
		for _, l := range page.Lines {
			out = l.Append(out)
		}
		whole := !page.More || left == 0
		if whole {
			out = beacon.Line{Cursor: at.Text(), More: page.More}.Append(out)
		}
		if first {
			w.Header().Set("Content-Type", "application/x-ndjson")
		}
		// Only who takes nothing for long is cut off.
		if err := control.SetWriteDeadline(time.Now().Add(2 * bodyTime)); err != nil {
			c.Log.Warn("an export has no time limit", "error", err)
		}
		if _, err := w.Write(out); err != nil || whole {
			return
		}
	}
}

// cannot go on. An answer that has begun is broken off, and its reader misses
// the last line.
func (c *Collector) cannot(w http.ResponseWriter, first bool, err error) {
	switch gone := errors.Is(err, ErrGone); {
	case !gone:
		c.Log.Error("events could not be handed out", "error", err)
		fallthrough
	case !first:
		if !first {
			panic(http.ErrAbortHandler)
		}
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		http.Error(w, "the events cannot be read at the moment", http.StatusServiceUnavailable)
	default:
		http.Error(w, err.Error(), http.StatusGone)
	}
}
