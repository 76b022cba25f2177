package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portico/internal/diag"
)

// events is the address of the stream that tells a page of changes.
const events = own + "events"

// heartbeat is how often a stream says something, so that one that nobody
// reads is noticed.
const heartbeat = 30 * time.Second

// events answers with a stream of events for one page, which is named in the
// request, with the fingerprint of it that the browser has.
func (p *Preview) events(w http.ResponseWriter, r *http.Request) {
	// Another site's page may not listen. Programs send no such header.
	if from := r.Header.Get("Sec-Fetch-Site"); from != "" && from != "same-origin" {
		http.Error(w, "only the preview's own pages may listen", http.StatusForbidden)
		return
	}
	path, err := url.PathUnescape(r.FormValue("page"))
	v, name, ok := parsePath(path)
	if err != nil || !ok {
		http.NotFound(w, r)
		return
	}
	id, _, _ := strings.Cut(name, "/")
	p.look(id, 1)
	defer p.look(id, -1)
	w.Header().Set("Content-Type", "text/event-stream")
	s := stream{w: w, control: http.NewResponseController(w)}
	text, styles, _ := strings.Cut(r.FormValue("seen"), ".")
	s.text, s.styles = text, styles
	s.send("start", p.start)
	alive := time.NewTicker(heartbeat)
	defer alive.Stop()
	for s.err == nil {
		changed := p.next()
		l, err := p.lane(v)
		if err != nil {
			return
		}
		s.compare(p.page(r.Context(), l, v, name))
		select {
		case <-changed:
		case <-alive.C:
			s.write(": still here\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

// look counts who looks at a deal.
func (p *Preview) look(id string, more int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watched[id] += more; p.watched[id] == 0 {
		delete(p.watched, id)
	}
}

// stream tells one browser of one page, and remembers what it has told.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	err     error

	text, styles string
	mistakes     string
}

// compare the page as it is now with what the browser shows.
func (s *stream) compare(now page) {
	text, styles, _ := strings.Cut(now.print.String(), ".")
	if text != s.text {
		s.send("reload", text)
	} else if styles != s.styles {
		s.send("styles", newStyles{now.print.String(), now.print.styles})
	}
	s.text, s.styles = text, styles
	t := now.trouble
	if now.alone {
		t = trouble{}
	}
	told := tellable(t)
	data, err := json.Marshal(told)
	if err != nil {
		s.err = err
		return
	}
	if string(data) != s.mistakes {
		s.mistakes = string(data)
		s.send("mistakes", told)
	}
}

// newStyles are the addresses of a page's stylesheets, of which some are new.
type newStyles struct {
	Seen   string   `json:"seen"`
	Styles []string `json:"styles"`
}

func (s *stream) send(event string, data any) {
	text, err := json.Marshal(data)
	if err != nil {
		s.err = err
		return
	}
	s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", event, text))
}

func (s *stream) write(text string) {
	if s.err == nil {
		_, s.err = s.w.Write([]byte(text))
	}
	if s.err == nil {
		s.err = s.control.Flush()
	}
}

// overlay is what a page says over itself of its mistakes.
type overlay struct {
	Error    string    `json:"error"`
	Mistakes []mistake `json:"mistakes"`
}

// mistake is a message as it is printed, in parts.
type mistake struct {
	Place string `json:"place"`
	Text  string `json:"text"`
	Code  string `json:"code"`
	// Detail is the excerpt and the hint, in several lines.
	Detail string `json:"detail"`
}

func tellable(t trouble) overlay {
	o := overlay{Mistakes: []mistake{}}
	if t.err != nil {
		o.Error = t.err.Error()
	}
	list := append(diag.List{}, t.mistakes...)
	list.Sort()
	for _, m := range list {
		var b strings.Builder
		_ = diag.List{m}.WriteText(&b, false) // memory takes everything
		_, detail, _ := strings.Cut(b.String(), "\n")
		o.Mistakes = append(o.Mistakes, mistake{fmt.Sprintf("%s:%d:%d", m.File, m.Start.Line, m.Start.Column), m.Text, m.Code, strings.TrimRight(detail, "\n")})
	}
	return o
}
