package deliver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/deliver"
)

// The example of Standard Webhooks.
func TestSignature(t *testing.T) {
	if got := deliver.Sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", `{"test": 2432232314}`); got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
}

// nobody is an address at which nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// behave serves connections in its own way, once their request has begun to come
// in.
func behave(t *testing.T, how func(net.Conn)) string {
	t.Helper()
	return greet(t, func(c net.Conn) {
		if _, err := c.Read(make([]byte, 32<<10)); err == nil {
			how(c)
		}
	})
}

// greet is behave for a protocol in which the server speaks first.
func greet(t *testing.T, how func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				how(c)
			}()
		}
	}()
	return l.Addr().String()
}

// endless writes something until nobody takes it any more.
func endless(c net.Conn, what string) {
	for {
		if _, err := io.WriteString(c, what); err != nil {
			return
		}
	}
}

// slowly writes a symbol at a time.
func slowly(c net.Conn, what string) {
	for _, symbol := range strings.Repeat(what, 1000) {
		if _, err := io.WriteString(c, string(symbol)); err != nil {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

const (
	canary = "canary-of-a-receiver"
	// hooks are secret: so is the path of their address.
	path = "/services/canary-of-a-path"
)

// A receiver fails in every way there is. Each time the notice is kept and tried
// again with the same id, and nothing of what the receiver said, nor of its
// address, is in the log or the database.
func TestReceiversThatFail(t *testing.T) {
	aside := receive(t)
	status := func(line string, header ...string) func(net.Conn) {
		return func(c net.Conn) {
			fmt.Fprintf(c, "HTTP/1.1 %s\r\n%s\r\nContent-Length: %d\r\n\r\n%s", line, strings.Join(append(header, "X: "+canary), "\r\n"), len(canary), canary)
		}
	}
	for what, c := range map[string]struct {
		how func(net.Conn)
		why string
		// short is a receiver that would take for ever.
		short bool
		// again is after how long it is tried again at the earliest.
		again time.Duration
	}{
		"nothing listens":    {why: "it refused the connection"},
		"it resets":          {how: func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) }, why: "it broke the connection"},
		"it closes":          {how: func(net.Conn) {}, why: "it broke the connection"},
		"it closes half way": {how: func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Le") }, why: "the connection failed"},
		"it hangs":           {how: func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, why: "it did not answer in time", short: true},
		"it dawdles":         {how: func(c net.Conn) { slowly(c, "HTTP/1.1 200 OK\r\nX: y\r\n") }, why: "it did not answer in time", short: true},
		"no HTTP":            {how: func(c net.Conn) { fmt.Fprint(c, "220 "+canary+" ESMTP\r\n") }, why: "the connection failed"},
		"endless headers":    {how: func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\n"); endless(c, "X: "+canary+"\r\n") }, why: "the connection failed"},
		"endless refusal":    {how: func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 500 No\r\n\r\n"); endless(c, canary) }, why: "it answered 500"},
		"400":                {how: status("400 " + canary), why: "it answered 400"},
		"410":                {how: status("410 Gone"), why: "it answered 410"},
		"500":                {how: status("500 " + canary), why: "it answered 500"},
		"429":                {how: status("429 Slow", "Retry-After: 120"), why: "it answered 429", again: 120 * time.Second},
		"429 for a year":     {how: status("429 Slow", "Retry-After: 31536000"), why: "it answered 429", again: time.Hour},
		"503 until a time":   {how: status("503 Later", "Retry-After: Mon, 02 Nov 2026 12:10:00 GMT"), why: "it answered 503", again: 10 * time.Minute},
		"503 with nonsense":  {how: status("503 Later", "Retry-After: "+canary), why: "it answered 503"},
		"301":                {how: status("301 Moved", "Location: "+aside.URL+"/"+canary), why: "it answered 301"},
		"307":                {how: status("307 Moved", "Location: "+aside.URL+"/"+canary), why: "it answered 307"},
	} {
		t.Run(what, func(t *testing.T) {
			o := open(t, func(opts *deliver.Options) {
				if c.short {
					opts.Limit = 300 * time.Millisecond
				}
			})
			address := nobody(t)
			if c.how != nil {
				address = behave(t, c.how)
			}
			o.set("HOOK", "http://user:canary-of-a-password@"+address+path)
			o.tell(1, hook())
			o.round()
			began := o.clock()
			left := o.waiting()
			if len(left) != 1 || left[0].Attempts != 1 || left[0].Why != c.why {
				t.Fatalf("%+v", left)
			}
			if after := time.UnixMilli(left[0].Due).Sub(began); after < max(c.again, 5*time.Second) || after > max(c.again, 8*time.Second) {
				t.Errorf("it is tried again after %v", after)
			}
			r := receive(t)
			o.set("HOOK", r.URL)
			o.round()
			if len(r.taken()) != 1 || len(o.waiting()) != 0 {
				t.Error("it is not delivered once it can be")
			}
			o.silent("canary")
		})
	}
	if len(aside.taken()) != 0 {
		t.Error("a receiver chose where the next request went")
	}
}

// silent wants nothing of a word in the log and the database.
func (o *office) silent(word string) {
	o.t.Helper()
	files, err := filepath.Glob(o.file + "*")
	if err != nil || len(files) == 0 {
		o.t.Fatal(files, err)
	}
	text := o.log.String()
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			o.t.Fatal(err)
		}
		text += string(data)
	}
	if i := strings.Index(text, word); i >= 0 {
		o.t.Errorf("%s is kept or logged: …%q", word, text[max(0, i-80):min(len(text), i+80)])
	}
	if o.log.String() == "" {
		o.t.Error("nothing is logged")
	}
}

// Whatever a receiver sends behind a good answer, it has taken what was sent.
func TestReceiversThatTalk(t *testing.T) {
	for what, how := range map[string]func(net.Conn){
		"endless":   func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\n\r\n"); endless(c, canary) },
		"cut off":   func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nok") },
		"interim":   func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n") },
		"no length": func(c net.Conn) { fmt.Fprint(c, "HTTP/1.0 200 OK\r\n\r\nok") },
		"in pieces": func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
		},
		"a bad piece": func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") },
	} {
		t.Run(what, func(t *testing.T) {
			o := open(t, nil)
			o.set("HOOK", "http://"+behave(t, how))
			o.tell(1, hook())
			o.round()
			if left := o.waiting(); len(left) != 0 || o.outcomes[collect.Delivered] != 1 {
				t.Errorf("%+v", left)
			}
		})
	}
}

// One refusal is about one notice; a receiver that is down is left alone for all.
func TestWhatIsTried(t *testing.T) {
	for status, want := range map[int]int{http.StatusBadRequest: 3, http.StatusBadGateway: 1} {
		tries := make(chan struct{}, 10)
		address := behave(t, func(c net.Conn) {
			tries <- struct{}{}
			fmt.Fprintf(c, "HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n", status)
		})
		o := open(t, nil)
		o.set("HOOK", "http://"+address)
		for n := range 3 {
			o.tell(n, hook())
		}
		o.round()
		if left := o.waiting(); len(tries) != want || len(left) != 3 || slices.ContainsFunc(left, func(n collect.Outgoing) bool { return n.Attempts != 1 }) {
			t.Errorf("%d: %d tries, %+v", status, len(tries), left)
		}
	}
}

// What the environment has wrong is said by the variable's name, and nothing else
// of it.
func TestEnvironment(t *testing.T) {
	to := []string{"mara@lumen.example"}
	for _, c := range []struct {
		via    beacon.Via
		value  string
		secret string
		to     []string
		why    string
	}{
		{beacon.Slack, "", "", nil, "WAY is not set where the collector runs"},
		{beacon.Slack, "canary", "", nil, "WAY is no address"},
		{beacon.Slack, "https://canary:%zz@x/", "", nil, "WAY is no address"},
		{beacon.Slack, "http://hooks.canary.example/x", "", nil, "WAY has to begin with https://"},
		{beacon.Slack, "file://localhost/etc/canary", "", nil, "WAY has to begin with https://"},
		{beacon.Slack, "http://127.0.0.1.canary.example/", "", nil, "WAY has to begin with https://"},
		{beacon.Webhook, "https://canary.example/", "", nil, "WAY_SECRET has to hold what signs"},
		{beacon.Webhook, "https://canary.example/", "whsec_c2hvcnQ=", nil, "WAY_SECRET has to hold what signs"},
		{beacon.Webhook, "https://canary.example/", strings.TrimPrefix(secret, "whsec_"), nil, "WAY_SECRET has to hold what signs"},
		{beacon.Mail, "https://canary.example", "", to, "WAY has to be smtps:// or smtp:// and a host"},
		{beacon.Mail, "smtps://canary.example/path", "", to, "WAY has to be smtps:// or smtp:// and a host"},
		{beacon.Mail, "smtps://canary:canary@mail.example", "", to, "WAY does not say from whom mails are"},
		{beacon.Mail, "smtps://mail.example?from=a%40b.example%0d%0aBcc:%20canary%40c.example", "", to, "WAY does not say from whom mails are"},
		{beacon.Mail, "smtps://mail.example?from=Canary%20<a@b.example>", "", to, "WAY does not say from whom mails are"},
		{beacon.Mail, "smtps://mail.example?from=a@b.example&tls=canary", "", to, "WAY takes from= and plain"},
		{beacon.Mail, "smtp://mail.canary.example?from=a@b.example&plain", "", to, "WAY may do without TLS to this machine alone"},
		{beacon.Mail, "smtps://127.0.0.1?from=a@b.example&plain", "", to, "WAY may do without TLS to this machine alone"},
		{beacon.Mail, "smtps://mail.example?from=a@b.example", "", nil, "whom it goes to has no mail address"},
		{beacon.Mail, "smtps://mail.example?from=a@b.example", "", []string{"a@b.example\r\nBcc: canary@c.example"}, "whom it goes to has no mail address"},
		{beacon.Mail, "smtps://mail.example?from=a@b.example", "", []string{"a@b.example> SIZE=9 <x@canary.example"}, "whom it goes to has no mail address"},
		{beacon.Mail, "smtps://mail.example?from=a@b.example", "", []string{`"a b"@canary.example`}, "whom it goes to has no mail address"},
		{"pigeon", "https://canary.example", "", nil, `there is no way out called "pigeon"`},
	} {
		o := open(t, nil)
		o.set("WAY", c.value)
		o.set("WAY_SECRET", c.secret)
		o.tell(1, beacon.Alert{On: beacon.Triggers(), Via: c.via, Env: "WAY", To: c.to})
		o.round()
		left := o.waiting()
		if len(left) != 1 || !strings.HasPrefix(left[0].Why, c.why) || strings.Contains(left[0].Why+o.log.String(), "canary") {
			t.Errorf("%s by %s: %+v, %s", c.value, c.via, left, &o.log)
		}
	}
}

// The words are there in every language, and name ids alone.
func TestLanguages(t *testing.T) {
	for _, lang := range []string{"en", "de", "es", "fr", "xx"} {
		routes := routed(t, beacon.Routing{Locale: lang})
		o, r := open(t, func(opts *deliver.Options) { opts.Routes = routes }), receive(t)
		o.set("CHAT", r.URL)
		now := o.clock().UnixMilli()
		var all []collect.Notice
		for _, digest := range []beacon.Digest{beacon.AtOnce, beacon.Daily, beacon.Weekly} {
			for i, on := range beacon.Triggers() {
				for copies := range 40 {
					all = append(all, collect.Notice{Key: fmt.Sprint(digest, on, copies), Pair: beacon.Pair{Deal: [10]byte{byte(i)}}, On: on, At: now, Due: now, Route: beacon.Alert{On: beacon.Triggers(), Via: beacon.Slack, Env: "CHAT", Digest: digest}})
				}
			}
		}
		if err := o.store.Tell(context.Background(), all); err != nil {
			t.Fatal(err)
		}
		o.round()
		got := r.taken()
		if len(got) != 5*40+2 {
			t.Fatalf("%s: %d", lang, len(got))
		}
		for _, q := range got {
			if strings.Contains(q.body, "alert.") || strings.ContainsAny(q.body[1:len(q.body)-1], "{}") {
				t.Errorf("%s: %s", lang, q.body)
			}
			if lines := strings.Count(q.body, `\n- `); lines != 1 && lines != 100 {
				t.Errorf("%s: %d lines", lang, lines)
			}
		}
	}
}
