// Package fetch gets what a collector kept to whoever makes a report, and writes
// it down so that only what is new has to be fetched the next time.
//
// It knows the protocol and the network; neither what events mean nor where what
// it writes is kept.
package fetch

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"portico/internal/beacon"
)

const (
	// maxLine is more than any line of an export has.
	maxLine = 4 << 10
	// attempts are how often in a row an answer may be cut off without a line of
	// it having come.
	attempts = 4
	// below is where a collector answers at its address.
	below = "/_portal"
	// stalled is how long nothing may come.
	stalled = 30 * time.Second
)

// ErrGone says that what was fetched before holds no more: whoever has it
// forgets it and begins anew.
var ErrGone = errors.New("the collector has begun anew: what was fetched before holds no more")

// BadCollector is the error of an address or a token that cannot be used.
type BadCollector struct{ Text, Hint string }

func (e *BadCollector) Error() string { return e.Text + "\nhint: " + e.Hint }

// Client fetches what a collector kept. The token goes to that collector alone:
// over TLS, or to this machine.
type Client struct {
	export url.URL
	token  string
	http   http.Client
	// Pause is how long to wait before asking again after a cut; it doubles.
	Pause time.Duration
}

// NewClient wants the address of a collector, with or without the /_portal of
// [beacon] url, and a token.
func NewClient(address, token string) (*Client, error) {
	u, err := url.Parse(address)
	const hint = "write it as [beacon] url has it, such as https://plans.lumen.example/_portal"
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, &BadCollector{fmt.Sprintf("%q is no address of a collector", address), hint}
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return nil, &BadCollector{fmt.Sprintf("the token would go to %s for all to read", u.Host), "use https; http is for a collector on this machine"}
	case token == "" || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, &BadCollector{"there is no token for the collector", "a token is one word of letters, digits and signs"}
	}
	c := &Client{export: *u, token: token, Pause: time.Second}
	c.export.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/"), below) + beacon.ExportPath
	c.export.RawPath = ""
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = stalled
	c.http = http.Client{Transport: transport, CheckRedirect: c.redirect}
	return c, nil
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// redirect follows to the same collector alone.
func (c *Client) redirect(to *http.Request, via []*http.Request) error {
	if to.URL.Scheme != c.export.Scheme || to.URL.Host != c.export.Host || len(via) > 3 {
		return &BadCollector{fmt.Sprintf("%s sends on to %s, which does not get the token", c.export.Host, to.URL.Host), "set [beacon] url to where the collector itself answers"}
	}
	return nil
}

// Fetch hands over everything behind a cursor, and returns the cursor behind
// that. After an error that is the place from which to go on. With ErrGone
// nothing of what was handed over counts.
func (c *Client) Fetch(ctx context.Context, after string, each func(beacon.Line)) (cursor string, err error) {
	cursor = after
	pause := c.Pause
	for failed := 0; ; {
		next, more, err := c.page(ctx, cursor, each)
		moved := next != cursor
		cursor = next
		switch {
		case err == nil && !more:
			return cursor, nil
		case err == nil && !moved:
			return cursor, errors.New("the collector says that there is more, and sends nothing")
		case err == nil || moved:
			failed, pause = 0, c.Pause
		default:
			failed++
		}
		if err == nil {
			continue
		}
		if !errors.As(err, new(cut)) || failed == attempts {
			return cursor, err
		}
		select {
		case <-ctx.Done():
			return cursor, context.Cause(ctx)
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// cut is the error of an answer that ended before its end, or never began: it
// may go better the next time.
type cut struct{ error }

func (c cut) Unwrap() error { return c.error }

// page asks once. The cursor is behind the last line that came whole.
func (c *Client) page(ctx context.Context, after string, each func(beacon.Line)) (cursor string, more bool, err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	watch := time.AfterFunc(2*stalled, func() { stop(cut{errors.New("the collector sends nothing")}) })
	defer watch.Stop()
	body, err := c.ask(ctx, after)
	if err != nil {
		return after, false, err
	}
	defer body.Close() // read to its end or given up
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, maxLine), maxLine)
	cursor = after
	for n := 0; lines.Scan(); n++ {
		watch.Reset(stalled)
		l, err := beacon.ParseLine(lines.Bytes())
		switch {
		case err != nil && !lines.Scan():
			return cursor, false, cut{fmt.Errorf("the collector's answer was cut off: %w", err)} // within this line
		case err != nil:
			return cursor, false, err
		case len(l.Cursor) > beacon.MaxCursor || l.Cursor == "" && !l.End() || n > beacon.MaxPage:
			return cursor, false, errors.New("the collector's answer is not what this program knows")
		case l.End():
			return l.Cursor, l.More, nil
		}
		each(l)
		cursor = l.Cursor
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return cursor, false, fmt.Errorf("reading the collector's answer: %w", err)
	}
	return cursor, false, cut{errors.Join(errors.New("the collector's answer was cut off"), lines.Err(), context.Cause(ctx))}
}

func (c *Client) ask(ctx context.Context, after string) (io.ReadCloser, error) {
	u := c.export
	u.RawQuery = url.Values{"after": {after}, "limit": {strconv.Itoa(beacon.MaxPage)}}.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("asking the collector: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	res, err := c.http.Do(req)
	if err != nil {
		if bad := (&BadCollector{}); errors.As(err, &bad) {
			return nil, bad
		}
		return nil, cut{fmt.Errorf("asking the collector: %w", err)}
	}
	if res.StatusCode == http.StatusOK {
		return res.Body, nil
	}
	_ = res.Body.Close() // what it says is of no use
	return nil, c.refused(res.StatusCode)
}

func (c *Client) refused(status int) error {
	switch {
	case status == http.StatusGone:
		return ErrGone
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return &BadCollector{"the collector does not know this token", "PORTICO_BEACON_TOKEN here and PORTICO_BEACON_TOKEN_HASH there are made together, by `portico beacon-key --token`"}
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return &BadCollector{fmt.Sprintf("there is no collector at %s: it answers %d", c.export.String(), status), "look at [beacon] url, and at what stands before the collector: it must pass on " + beacon.ExportPath}
	case status >= 500 || status == http.StatusTooManyRequests:
		return cut{fmt.Errorf("the collector answers %d", status)}
	}
	return fmt.Errorf("the collector answers %d", status)
}
