package deliver_test

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/deliver"
	"portico/internal/need"
)

// server is a mail server of Debian's, that runs for one test.
type server struct {
	port  string
	roots *x509.CertPool
	mails <-chan taken
}

// taken is a mail as the server has it.
type taken struct {
	From  string   `json:"from"`
	To    []string `json:"to"`
	TLS   bool     `json:"tls"`
	Login bool     `json:"login"`
	Mail  []byte   `json:"mail"`
}

func serve(t *testing.T, tls, mechanism string) server {
	t.Helper()
	need.Files(t, "python3-aiosmtpd", "/usr/lib/python3/dist-packages/aiosmtpd/smtp.py")
	cert, roots := certificate(t)
	cmd := exec.Command("/usr/bin/python3", "testdata/smtpd.py", tls, mechanism, cert)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	mails, ended := make(chan taken, 100), make(chan struct{})
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it runs until then
		<-ended
		_ = cmd.Wait() // it was killed
	})
	if !lines.Scan() {
		close(ended)
		t.Fatalf("the mail server does not start: %s", said.String())
	}
	port := lines.Text()
	go func() {
		defer close(ended)
		for lines.Scan() {
			var m taken
			if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
				t.Errorf("%v: %s", err, lines.Text())
			}
			mails <- m
		}
	}()
	return server{port, roots, mails}
}

// certificate for 127.0.0.1, with its key in one file, and who vouches for it.
func certificate(t *testing.T) (file string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.lumen.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	file = filepath.Join(t.TempDir(), "cert.pem")
	if err := os.WriteFile(file, append(cert, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...), 0o600); err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(cert)
	return file, roots
}

// address of the server, for the environment.
func (s server) address(scheme, password string, query string) string {
	u := url.URL{Scheme: scheme, Host: "127.0.0.1:" + s.port, RawQuery: query}
	if password != "" {
		u.User = url.UserPassword("plans", password)
	}
	return u.String()
}

func mailTo(to string) beacon.Alert {
	return beacon.Alert{On: beacon.Triggers(), Via: beacon.Mail, Env: "MAIL", To: []string{to}}
}

const (
	mara     = "mara@lumen.example"
	password = "p@ss/w:rd"
	from     = "from=plans@lumen.example"
)

// Mails arrive however a server wants to be talked to, and never without TLS but
// to this machine and when that was asked for.
func TestMail(t *testing.T) {
	for _, c := range []struct {
		tls, mechanism, scheme, password, query string
		why                                     string
	}{
		{"starttls", "PLAIN", "smtp", password, from, ""},
		{"starttls", "LOGIN", "smtp", password, from, ""},
		{"starttls", "none", "smtp", "", from, ""},
		{"implicit", "PLAIN", "smtps", password, from, ""},
		{"implicit", "LOGIN", "smtps", password, from, ""},
		{"none", "none", "smtp", "", from + "&plain", ""},
		{"none", "none", "smtp", "", from, "the mail server offers no TLS"},
		{"none", "none", "smtps", "", from, "it does not speak TLS"},
		{"starttls", "PLAIN", "smtp", "canary", from, "the mail server answered 535 (5.7.8)"},
		{"starttls", "PLAIN", "smtp", "", from, "the mail server answered 530 (5.7.0)"},
		{"none", "none", "smtp", password, from + "&plain", "the mail server takes no password by PLAIN or LOGIN"},
	} {
		t.Run(fmt.Sprint(c.tls, " ", c.mechanism, " ", c.scheme, " ", c.query, " ", len(c.password)), func(t *testing.T) {
			s := serve(t, c.tls, c.mechanism)
			o := open(t, func(opts *deliver.Options) { opts.Roots = s.roots })
			o.set("MAIL", s.address(c.scheme, c.password, c.query))
			o.tell(1, mailTo(mara))
			o.round()
			if c.why != "" {
				if left := o.waiting(); len(left) != 1 || left[0].Why != c.why || len(s.mails) != 0 {
					t.Errorf("%+v", left)
				}
				o.silent("canary")
				return
			}
			if left := o.waiting(); len(left) != 0 {
				t.Fatalf("%+v", left)
			}
			m := <-s.mails
			if m.From != "plans@lumen.example" || len(m.To) != 1 || m.To[0] != mara || m.TLS != (c.tls != "none") || m.Login != (c.mechanism != "none") {
				t.Errorf("%+v", m)
			}
		})
	}
}

// What is in a mail says nothing that a mail's reader may not know, and nothing
// that a program would answer.
func TestMailInside(t *testing.T) {
	s := serve(t, "starttls", "none")
	routes := routed(t, beacon.Routing{Locale: "fr"})
	o := open(t, func(opts *deliver.Options) { opts.Roots, opts.Routes = s.roots, routes })
	o.set("MAIL", s.address("smtp", "", from))
	o.tell(1, mailTo(mara))
	o.store.forget(true)
	o.round()
	o.store.forget(false)
	o.pass(3 * time.Minute)
	o.round()
	first, second := parse(t, <-s.mails), parse(t, <-s.mails)
	if id := first.header.Get("Message-ID"); id != second.header.Get("Message-ID") || !strings.HasSuffix(id, "@lumen.example>") {
		t.Errorf("%s, then %s", id, second.header.Get("Message-ID"))
	}
	deal := first.deal(t)
	for name, want := range map[string]string{
		"From": `"Portico" <plans@lumen.example>`, "To": "<mara@lumen.example>", "Auto-Submitted": "auto-generated", "Content-Type": "text/plain; charset=utf-8",
		"Date": "Mon, 02 Nov 2026 12:00:00 +0000",
	} {
		if got := first.header.Get(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if want := "Quelqu’un a ouvert le plan pour la première fois avec son lien (affaire " + deal + ")"; first.subject != want {
		t.Error(first.subject)
	}
	if !strings.Contains(first.text, "2 nov. 2026, 12:00 (UTC)") || !strings.Contains(first.text, "\r\n") || strings.Contains(strings.ReplaceAll(first.text, "\r\n", ""), "\n") {
		t.Errorf("%q", first.text)
	}
}

type readMail struct {
	header        mail.Header
	subject, text string
}

func parse(t *testing.T, m taken) readMail {
	t.Helper()
	got, err := mail.ReadMessage(bytes.NewReader(m.Mail))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := (&mime.WordDecoder{}).DecodeHeader(got.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(m.Mail), "\r\n") {
		if len(line) > 100 { // servers take 998
			t.Errorf("a line of %d: %s", len(line), line)
		}
	}
	return readMail{got.Header, subject, string(text)}
}

// deal that the command of a mail is about.
func (m readMail) deal(t *testing.T) string {
	t.Helper()
	_, rest, ok := strings.Cut(m.text, "portico report ")
	if !ok || len(rest) < 16 {
		t.Fatal(m.text)
	}
	return rest[:16]
}

// One recipient that is refused holds up nobody else, and is tried again.
func TestRefusedRecipients(t *testing.T) {
	s := serve(t, "implicit", "none")
	o := open(t, func(opts *deliver.Options) { opts.Roots = s.roots })
	o.set("MAIL", s.address("smtps", "", from))
	for n, to := range []string{"Mara <mara@lumen.example>", "unknown@lumen.example", mara, "later@lumen.example", "jonas@lumen.example"} {
		o.tell(n, mailTo(to))
	}
	o.round()
	left := o.waiting()
	if len(s.mails) != 2 || len(left) != 3 || left[0].Why != "whom it goes to has no mail address" || left[1].Why != "the mail server answered 550 (5.1.1)" || left[2].Why != "the mail server answered 451 (4.7.1)" {
		t.Errorf("%d arrived, %+v", len(s.mails), left)
	}
	o.silent("canary")
	if strings.Contains(o.log.String(), "@") {
		t.Errorf("an address is logged: %s", &o.log)
	}
}

// A certificate of somebody else ends the talk before anything was said.
func TestUntrustedMailServer(t *testing.T) {
	for tls, scheme := range map[string]string{"starttls": "smtp", "implicit": "smtps"} {
		s, other := serve(t, tls, "PLAIN"), x509.NewCertPool()
		o := open(t, func(opts *deliver.Options) { opts.Roots = other })
		o.set("MAIL", s.address(scheme, password, from))
		o.tell(1, mailTo(mara))
		o.round()
		if left := o.waiting(); len(left) != 1 || left[0].Why != "its certificate is not one to trust" || len(s.mails) != 0 {
			t.Errorf("%s: %+v", tls, left)
		}
	}
}

// Mail servers fail as receivers do.
func TestMailServersThatFail(t *testing.T) {
	for what, c := range map[string]struct {
		how func(net.Conn)
		why string
	}{
		"it hangs":        {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, "it did not answer in time"},
		"it dawdles":      {func(c net.Conn) { slowly(c, "220-canary\r\n") }, "it did not answer in time"},
		"it closes":       {func(net.Conn) {}, "it broke the connection"},
		"it is busy":      {func(c net.Conn) { fmt.Fprint(c, "421 4.3.2 canary\r\n") }, "the mail server answered 421 (4.3.2)"},
		"it never ends":   {func(c net.Conn) { endless(c, "220-canary\r\n") }, "the mail server talks without an end"},
		"an endless line": {func(c net.Conn) { endless(c, "220 canary") }, "the connection failed"},
		"no greeting":     {func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 400 canary\r\n\r\n") }, "the connection failed"},
	} {
		t.Run(what, func(t *testing.T) {
			o := open(t, func(opts *deliver.Options) {
				if strings.Contains(c.why, "in time") {
					opts.Limit = 300 * time.Millisecond
				}
			})
			o.set("MAIL", "smtp://"+greet(t, c.how)+"?plain&"+from)
			o.tell(1, mailTo(mara))
			o.round()
			if left := o.waiting(); len(left) != 1 || left[0].Why != c.why {
				t.Errorf("%+v", left)
			}
			o.silent("canary")
		})
	}
}

// What a server says once it has the mail changes nothing.
func TestMailServerThatSlamsTheDoor(t *testing.T) {
	o := open(t, nil)
	o.set("MAIL", "smtp://"+greet(t, func(c net.Conn) {
		in := bufio.NewReader(c)
		fmt.Fprint(c, "220 hello\r\n")
		for data := false; ; {
			line, err := in.ReadString('\n')
			switch {
			case err != nil:
				return
			case data && line == ".\r\n":
				fmt.Fprint(c, "250 taken\r\n")
				return
			case data:
			case strings.HasPrefix(line, "DATA"):
				data = true
				fmt.Fprint(c, "354 go on\r\n")
			default:
				fmt.Fprint(c, "250 fine\r\n")
			}
		}
	})+"?plain&"+from)
	o.tell(1, mailTo(mara))
	o.round()
	if left := o.waiting(); len(left) != 0 || o.outcomes[collect.Delivered] != 1 {
		t.Errorf("%+v", left)
	}
}
