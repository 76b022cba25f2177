package collect

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"portico/internal/beacon"
	"portico/internal/capability"
)

// Public is what pages and reports may reach.
func (c *Collector) Public() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(beacon.Path, c.receive)
	mux.HandleFunc(beacon.ExportPath, c.export)
	return mux
}

// refusal is an answer that keeps nothing.
type refusal struct {
	status int
	// why is a word for the metrics and says a sentence for who looks into it;
	// neither has anything of what was sent.
	why, says string
	// after, in seconds, it may be tried again.
	after int
}

func (r refusal) Error() string { return r.says }

// retryAfter of a collector that cannot keep anything at the moment.
const retryAfter = 5

// receive answers 204 once what a page sent is durable, and never before.
func (c *Collector) receive(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Cache-Control"] = []string{"no-store"}
	h["Vary"] = []string{"Origin"}
	err := c.take(w, r)
	if err == nil {
		c.metrics.kept.Inc()
		w.WriteHeader(http.StatusNoContent)
		return
	}
	var no refusal
	if !errors.As(err, &no) {
		no = refusal{http.StatusServiceUnavailable, "store", "nothing can be kept at the moment", retryAfter}
	}
	if no.after > 0 {
		h.Set("Retry-After", strconv.Itoa(no.after))
	}
	c.metrics.answers(no.status).Inc()
	c.metrics.refused(no.why)
	http.Error(w, no.says, no.status)
}

// take a request through every gate, the cheap ones first; storage is behind
// the last.
func (c *Collector) take(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return refusal{status: http.StatusMethodNotAllowed, why: "method", says: "receipts are posted"}
	}
	if err := c.admit(w, r); err != nil {
		return err
	}
	body, err := c.read(r)
	if err != nil {
		return err
	}
	now := c.Now()
	claims, err := c.allowed(body.Capability, now)
	if err != nil {
		return err
	}
	who := beacon.Pair{Deal: claims.Deal, Viewer: claims.Viewer}
	if !c.limits.allow(who, now) {
		return refusal{http.StatusTooManyRequests, "rate", "too many requests", 1}
	}
	events, err := body.Events(who.Deal, who.Viewer, now)
	if err != nil {
		return refusal{status: http.StatusBadRequest, why: "clock", says: err.Error()}
	}
	err = c.queue.keep(Batch{Pair: who, Session: body.Session, Events: events})
	switch {
	case errors.Is(err, errQuota):
		return refusal{http.StatusTooManyRequests, "quota", err.Error(), int(time.Hour / time.Second)}
	case errors.Is(err, errBusy):
		return refusal{http.StatusServiceUnavailable, "busy", err.Error(), retryAfter}
	}
	return err
}

// admit lets pages of the known origins in, and what is no page of another
// origin.
func (c *Collector) admit(w http.ResponseWriter, r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	if !c.known(origin, r.Host) {
		return refusal{status: http.StatusForbidden, why: "origin", says: "pages of this origin may not send here"}
	}
	w.Header()["Access-Control-Allow-Origin"] = []string{origin}
	return nil
}

// read a body within its bounds. What it is read into is used again: nothing of
// a Body lies in it.
func (c *Collector) read(r *http.Request) (beacon.Body, error) {
	tooLarge := refusal{status: http.StatusRequestEntityTooLarge, why: "size", says: "the body is too long"}
	if r.ContentLength > beacon.MaxBody {
		return beacon.Body{}, tooLarge
	}
	data := c.buffers.Get().(*bytes.Buffer)
	defer c.buffers.Put(data)
	data.Reset()
	if _, err := data.ReadFrom(io.LimitReader(r.Body, beacon.MaxBody+1)); err != nil {
		return beacon.Body{}, refusal{status: http.StatusBadRequest, why: "body", says: "the body was cut off"}
	}
	if data.Len() > beacon.MaxBody {
		return beacon.Body{}, tooLarge
	}
	body, err := beacon.ParseBody(data.Bytes())
	if err != nil {
		return body, refusal{status: http.StatusBadRequest, why: "body", says: err.Error()}
	}
	return body, nil
}

// allowed says whose capability it is, if it is good.
func (c *Collector) allowed(text string, now time.Time) (capability.Claims, error) {
	claims, err := c.Keys.Verify(text, now)
	no := refusal{status: http.StatusForbidden}
	switch {
	case errors.Is(err, capability.Expired):
		no.why, no.says = "expired", "the capability has expired"
	case errors.Is(err, capability.Newer):
		no = refusal{http.StatusUnauthorized, "newer", "the capability is of a newer version than this collector", 0}
	case err != nil:
		no = refusal{http.StatusUnauthorized, "forged", "no key here has made this capability", 0}
	case claims.Scope != capability.Receipts:
		no.why, no.says = "scope", "the capability is for something else"
	case c.Routes.Current().Revoked[beacon.Pair{Deal: claims.Deal, Viewer: claims.Viewer}]:
		no.why, no.says = "revoked", "the capability was revoked"
	default:
		return claims, nil
	}
	if claims != (capability.Claims{}) {
		c.suspect(claims.Deal, now)
	}
	return capability.Claims{}, no
}
