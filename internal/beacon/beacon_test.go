package beacon

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/seal"
)

var (
	deal   = seal.DealID{1, 2, 3}
	viewer = seal.ViewerID{4, 5, 6}
)

const sessionText = "01890a5d-ac96-774b-bcce-b302099a8057"

// began is when that session began.
func began(t testing.TB) time.Time {
	t.Helper()
	s, err := ParseSession(sessionText)
	if err != nil {
		t.Fatal(err)
	}
	return s.Began()
}

func bodyOf(events string) string {
	return `{"v":1,"t":"cap","s":"` + sessionText + `","d":"phone","w":1,"e":[` + events + `]}`
}

func TestWordsOfTheProtocol(t *testing.T) {
	for _, k := range Kinds() {
		if got, err := ParseKind(k.String()); err != nil || got != k {
			t.Errorf("%v: %v, %v", k, got, err)
		}
	}
	if _, err := ParseKind(Kind(99).String()); err == nil {
		t.Error("a kind that there is not is read")
	}
	for _, d := range []Device{UnknownDevice, Phone, Tablet, Desktop} {
		if got := ParseDevice(d.String()); got != d {
			t.Errorf("%v: %v", d, got)
		}
	}
	target := Target{1, 2, 255}
	if got, err := ParseTarget(target.Text()); err != nil || got != target {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "AAAAAAAAAA", "AAAAAAAAAAAA", "AAAAAAAAAAB", "AAAAAAAAA\nAA", "AAAAAAAAAAA\n"} {
		if got, err := ParseTarget(bad); err == nil {
			t.Errorf("%q is the target %v", bad, got)
		}
	}
}

func TestSessions(t *testing.T) {
	s, err := ParseSession(sessionText)
	if err != nil || s.Text() != sessionText || s.Began().UTC().Format(time.DateTime) != "2023-06-30 03:34:18" || s.Day() != 19538 {
		t.Errorf("%v, %v, %v, %d", s.Text(), err, s.Began(), s.Day())
	}
	for _, bad := range []string{"", strings.ToUpper(sessionText), "{" + sessionText + "}", strings.ReplaceAll(sessionText, "-", ""), strings.Replace(sessionText, "-7", "-4", 1), strings.Replace(sessionText, "-b", "-c", 1)} {
		if _, err := ParseSession(bad); err == nil {
			t.Errorf("%q is a session", bad)
		}
	}
}

func TestBody(t *testing.T) {
	b, err := ParseBody([]byte(bodyOf(`{"n":0,"k":"open","future":[1]},{"n":7,"k":"video","x":"AQIDBAUGBwg","ms":1500,"p":250,"dt":3000},{"n":8,"k":"print","dt":-5000}`)))
	if err != nil || b.Len() != 3 || b.Capability != "cap" {
		t.Fatalf("%+v, %v", b, err)
	}
	now := began(t).Add(time.Minute)
	got, err := b.Events(deal, viewer, now)
	if err != nil {
		t.Fatal(err)
	}
	first := Event{Session: b.Session, Deal: deal, Viewer: viewer, Kind: Open, Device: Phone, Automated: true, At: now.UnixMilli(), Received: now.UnixMilli()}
	second, third := first, first
	second.Seq, second.Kind, second.Target, second.Ms, second.Progress, second.At = 7, Video, Target{1, 2, 3, 4, 5, 6, 7, 8}, 1500, 250, now.UnixMilli()-3000
	third.Seq, third.Kind = 8, Print
	if !slices.Equal(got, []Event{first, second, third}) {
		t.Errorf("%+v", got)
	}
}

func TestPagesClock(t *testing.T) {
	b, err := ParseBody([]byte(bodyOf(`{"n":1,"k":"open"}`)))
	if err != nil {
		t.Fatal(err)
	}
	for ahead, ok := range map[time.Duration]bool{-MaxAhead - time.Millisecond: false, -MaxAhead: true, 0: true, MaxAge: true, MaxAge + time.Millisecond: false, 365 * 24 * time.Hour: false, -365 * 24 * time.Hour: false} {
		if _, err := b.Events(deal, viewer, began(t).Add(ahead)); (err == nil) != ok {
			t.Errorf("a session of %v ago: %v", ahead, err)
		}
	}
}

func TestBodiesRefused(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`{"n":1,"k":"open"},`, MaxEvents+1), ",")
	for what, body := range map[string]string{
		"nothing": "", "no JSON": "{", "something behind": bodyOf(`{"n":1,"k":"open"}`) + "{}", "another version": strings.Replace(bodyOf(`{"n":1,"k":"open"}`), `"v":1`, `"v":2`, 1),
		"no version": strings.Replace(bodyOf(`{"n":1,"k":"open"}`), `"v":1,`, ``, 1), "no session": strings.Replace(bodyOf(`{"n":1,"k":"open"}`), sessionText, "", 1),
		"no events": bodyOf(""), "too many": bodyOf(many), "an unknown kind": bodyOf(`{"n":1,"k":"keystroke"}`), "no number": bodyOf(`{"k":"open"}`), "no kind": bodyOf(`{"n":1}`),
		"a negative number": bodyOf(`{"n":-1,"k":"open"}`), "a large number": bodyOf(`{"n":4294967296,"k":"open"}`), "a broken number": bodyOf(`{"n":1.5,"k":"open"}`),
		"no target": bodyOf(`{"n":1,"k":"section"}`), "an empty target": bodyOf(`{"n":1,"k":"section","x":"AAAAAAAAAAA"}`), "a needless target": bodyOf(`{"n":1,"k":"lock","x":"AQIDBAUGBwg"}`),
		"a word for a target": bodyOf(`{"n":1,"k":"section","x":"security"}`), "too far": bodyOf(`{"n":1,"k":"video","x":"AQIDBAUGBwg","p":1001}`), "too long": bodyOf(`{"n":1,"k":"open","ms":172800001}`),
		"too long ago": bodyOf(`{"n":1,"k":"open","dt":172800001}`), "to come": bodyOf(`{"n":1,"k":"open","dt":-600001}`), "far off": bodyOf(`{"n":1,"k":"open","dt":9223372036854775807}`),
		"too large": bodyOf(`{"n":1,"k":"open"` + strings.Repeat(" ", MaxBody) + `}`),
	} {
		if b, err := ParseBody([]byte(body)); err == nil {
			t.Errorf("%s: %+v", what, b)
		}
	}
	if _, err := ParseBody([]byte(bodyOf(strings.TrimSuffix(strings.Repeat(`{"n":1,"k":"open"},`, MaxEvents), ",")))); err != nil {
		t.Error(err)
	}
}

func TestLines(t *testing.T) {
	s, err := ParseSession(sessionText)
	if err != nil {
		t.Fatal(err)
	}
	for want, l := range map[string]Line{
		`{"c":"c1","did":"0410600000000000","vid":"0g2gc00000000000","s":"01890a5d-ac96-774b-bcce-b302099a8057","n":3,"k":"milestone","x":"AQIDBAUGBwg","ms":1200,"p":10,"at":5,"rx":6,"d":"phone","w":1}`: {
			Cursor: "c1", Event: &Event{s, 3, deal, viewer, Milestone, Target{1, 2, 3, 4, 5, 6, 7, 8}, 1200, 10, 5, 6, Phone, true},
		},
		`{"c":"c2","agg":1,"did":"0410600000000000","vid":"0g2gc00000000000","n":2,"k":"open","ms":5000000000,"p":0,"at":1688083200000}`: {
			Cursor: "c2", Sum: &Sum{Day: 19538, Deal: deal, Viewer: viewer, Kind: Open, Ms: 5_000_000_000, Sessions: 2},
		},
		`{"end":"c3","more":true}`: {Cursor: "c3", More: true},
		`{"end":"","more":false}`:  {},
	} {
		if got := string(l.Append(nil)); got != want+"\n" {
			t.Errorf("%s\nwant %s", got, want)
		}
		if got, err := ParseLine([]byte(want)); err != nil || !reflect.DeepEqual(got, l) {
			t.Errorf("%+v, %v", got, err)
		}
	}
	for _, bad := range []string{"", "{}", `{"did":"x"}`, `{"c":"1","did":"0410600000000000","vid":"0g2gc00000000000","s":"","n":3,"k":"open"}`} {
		if l, err := ParseLine([]byte(bad)); err == nil {
			t.Errorf("%s is %+v", bad, l)
		}
	}
}

func TestCursors(t *testing.T) {
	largest := Cursor{1<<64 - 1, true, 1<<63 - 1, 1<<63 - 1}
	if len(largest.Text()) > MaxCursor {
		t.Errorf("%q is too long", largest.Text())
	}
	for _, c := range []Cursor{{}, {Epoch: 5}, {Epoch: 77, Swept: 3, At: 12}, {Epoch: 77, Events: true, At: 12}, largest} {
		if got, err := ParseCursor(c.Text()); err != nil || got != c {
			t.Errorf("%q: %+v, %v", c.Text(), got, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "1.25.e.0.c", "1.25.s.zz.0", "1.25.e.-1.0", "1.025.e.0.c", "1.25.x.0.c", "2.25.e.0.c", "1.0.s.0.0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := ParseCursor(text); err == nil && c.Text() != text {
			t.Errorf("%q is read as %q", text, c.Text())
		}
	})
}

func FuzzBody(f *testing.F) {
	f.Add([]byte(bodyOf(`{"n":7,"k":"video","x":"AQIDBAUGBwg","ms":1500,"p":250,"dt":3000}`)))
	f.Add([]byte(bodyOf(`{"n":0,"k":"open"}`)))
	f.Add([]byte(`{"v":1,"e":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := ParseBody(data)
		if err != nil {
			return
		}
		now := b.Session.Began()
		events, err := b.Events(deal, viewer, now)
		if err != nil || len(events) == 0 || len(events) > MaxEvents || len(data) > MaxBody {
			t.Fatalf("%d events: %v", len(events), err)
		}
		for _, e := range events {
			if e.Kind.Aims() == (e.Target == Target{}) || e.Progress > 1000 || e.At > e.Received || e.Received-e.At > MaxAge.Milliseconds() {
				t.Errorf("%+v", e)
			}
		}
	})
}

func FuzzLine(f *testing.F) {
	f.Add([]byte(`{"c":"c2","agg":1,"did":"0410600000000000","vid":"0g2gc00000000000","n":2,"k":"open","ms":5000000000,"p":0,"at":1688083200000}`))
	f.Add([]byte(`{"end":"c3","more":true}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ParseLine(data)
		if err != nil {
			return
		}
		again, err := ParseLine(l.Append(nil))
		if err != nil || !bytes.Equal(again.Append(nil), l.Append(nil)) {
			t.Errorf("%+v, %v", again, err)
		}
	})
}

func TestRouting(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	r := Routing{
		Origins: []string{"https://deals.lumen.example"}, Locale: "de-AT",
		Revoked: map[Pair]bool{{deal, viewer}: true, {deal, seal.ViewerID{9}}: true},
		Deals: map[seal.DealID]DealRouting{deal: {Zone: berlin, Pricing: []Target{{1}, {2}}, Until: 1_800_000_000, Alerts: []Alert{
			{On: []Trigger{FirstView, Silence}, Via: Mail, Env: "PORTICO_MAIL", To: []string{"mara@lumen.example"}, Digest: Daily}, {On: []Trigger{Refused}, Via: Slack, Env: "PORTICO_SLACK"},
		}}},
	}
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseRouting(data)
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v, %v", got, err)
	}
	if again, err := got.JSON(); err != nil || !bytes.Equal(again, data) {
		t.Errorf("%s, %v", again, err)
	}
	if _, err := (Routing{}).JSON(); err != nil {
		t.Error(err)
	}
}

func TestRoutingRefused(t *testing.T) {
	inDeal := func(s string) string {
		return fmt.Sprintf(`{"v":1,"deals":{%q:{%s}}}`, deal.Path(), s)
	}
	for _, bad := range []string{
		"", "{}", `{"v":2}`, `{"v":1,"origins":["deals.example"]}`, `{"v":1,"origins":["https://deals.example/"]}`, `{"v":1,"origins":["*"]}`, `{"v":1,"revoked":[["x","y"]]}`, `{"v":1,"deals":{"northwind":{}}}`,
		inDeal(`"tz":"Mars"`), inDeal(`"pricing":["x"]`), inDeal(`"alerts":[{}]`), inDeal(`"alerts":[{"on":["opened"],"via":"slack","env":"A"}]`), inDeal(`"alerts":[{"on":["return"],"via":"fax","env":"A"}]`),
		inDeal(`"alerts":[{"on":["return"],"via":"slack"}]`), inDeal(`"alerts":[{"on":["return"],"via":"mail","env":"A"}]`), inDeal(`"alerts":[{"on":["return"],"via":"mail","to":["a@b.example"]}]`), inDeal(`"alerts":[{"on":["return"],"via":"slack","env":"A","digest":"hourly"}]`),
	} {
		if r, err := ParseRouting([]byte(bad)); err == nil {
			t.Errorf("%s is read as %+v", bad, r)
		}
	}
	if _, err := ParseRouting([]byte(`{"v":1,"later":1,"deals":{}}`)); err != nil {
		t.Error(err)
	}
}
