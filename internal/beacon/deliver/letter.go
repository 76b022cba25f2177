package deliver

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/message"
	"portico/internal/seal"
)

// letter is a parcel in words, and for programs.
type letter struct {
	// id is the same whenever the same is sent.
	id            string
	subject, text string
	// data is JSON, the same bytes whenever the same is sent.
	data []byte
}

// wireLetter is what programs get, by the names that Standard Webhooks
// recommends.
type wireLetter struct {
	Type      string   `json:"type"`
	Timestamp string   `json:"timestamp"`
	Data      wireData `json:"data"`
}

type wireData struct {
	Digest  beacon.Digest `json:"digest,omitempty"`
	Notices []wireNotice  `json:"notices"`
}

type wireNotice struct {
	On     beacon.Trigger `json:"on"`
	Deal   string         `json:"deal"`
	Viewer string         `json:"viewer,omitempty"`
	At     string         `json:"at"`
}

const (
	typeAlert = "portico.alert"
	typeTest  = "portico.test"
)

// mostLines is how many happenings a text tells; a program gets all.
const mostLines = 100

func (d *Deliverer) locale() *message.Locale { return d.words.Locale(d.Routes.Current().Locale) }

// letter about a parcel.
func (d *Deliverer) letter(p *parcel) letter {
	w := wireLetter{Type: typeAlert, Timestamp: stamp(p.last()), Data: wireData{Digest: p.route.Digest}}
	for _, n := range p.notices {
		one := wireNotice{On: n.On, Deal: n.Deal.Path(), At: stamp(time.UnixMilli(n.At))}
		if n.Viewer != (seal.ViewerID{}) {
			one.Viewer = n.Viewer.Text()
		}
		w.Data.Notices = append(w.Data.Notices, one)
	}
	l := d.locale()
	out := letter{id: p.id(), text: d.text(l, p.notices), data: w.json()}
	if n := p.notices[0]; p.route.Digest == beacon.AtOnce {
		out.subject = l.Say("alert.subject", "what", l.Say(said(n.On)), "deal", n.Deal.Path())
	} else {
		out.subject = l.Say("alert.digest."+string(p.route.Digest), "n", len(p.notices))
	}
	return out
}

// trial is the letter of a test.
func (d *Deliverer) trial() letter {
	l, now := d.locale(), d.Now()
	return letter{
		id: fmt.Sprintf("test-%d", now.UnixNano()), subject: l.Say("alert.test.subject"), text: l.Say("alert.test"),
		data: wireLetter{Type: typeTest, Timestamp: stamp(now), Data: wireData{Notices: []wireNotice{}}}.json(),
	}
}

func (w wireLetter) json() []byte {
	data, err := json.Marshal(w)
	if err != nil { // strings always have a JSON
		panic(err)
	}
	return data
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// said is the key of the words for a trigger.
func said(on beacon.Trigger) string { return "alert." + string(on) }

// text tells what happened, deal by deal, and how to find out in whose plan and
// through whose link: names are not known here.
func (d *Deliverer) text(l *message.Locale, notices []collect.Outgoing) string {
	var b strings.Builder
	lines, told := 0, map[seal.DealID]bool{}
	for _, first := range notices {
		if told[first.Deal] || lines == mostLines {
			continue
		}
		told[first.Deal] = true
		fmt.Fprintf(&b, "%s\n", l.Say("alert.deal", "deal", first.Deal.Path()))
		for _, n := range notices {
			if n.Deal == first.Deal && lines < mostLines {
				lines++
				fmt.Fprintf(&b, "- %s\n", d.line(l, n))
			}
		}
		fmt.Fprintf(&b, "%s\n\n", l.Say("alert.who", "command", "portico report "+first.Deal.Path()))
	}
	if left := len(notices) - lines; left > 0 {
		fmt.Fprintf(&b, "%s\n\n", l.Say("alert.more", "n", left))
	}
	return b.String() + l.Say("alert.foot") + "\n"
}

// line is one happening, at the time that it was where the deal is.
func (d *Deliverer) line(l *message.Locale, n collect.Outgoing) string {
	zone := d.Routes.Current().Deals[n.Deal].Zone
	if zone == nil {
		zone = time.UTC
	}
	at := time.UnixMilli(n.At).In(zone)
	clock := fmt.Sprintf("%s, %s (%s)", l.Day(at), l.Time(at.Hour(), at.Minute()), zone)
	return l.Say("alert.line", "what", l.Say(said(n.On)), "time", clock)
}
