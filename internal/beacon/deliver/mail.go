package deliver

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"portico/internal/beacon"
)

// mailer hands mails to one server, for one person.
type mailer struct {
	// host is what the server's certificate has to name.
	host, port string
	// implicit TLS begins with the connection, otherwise it is asked for.
	implicit bool
	// plain does without TLS, to this machine.
	plain    bool
	user     *url.Userinfo
	from, to string
	tls      *tls.Config
	now      func() time.Time
}

// mailer by an address such as smtps://user:password@mail.example.com?from=a@example.com.
func (d *Deliverer) mailer(a beacon.Alert, u *url.URL) (mailer, error) {
	fail := func(text string) (mailer, error) { return mailer{}, errors.New(a.Env + " " + text) }
	ports := map[string]string{"smtp": "587", "smtps": "465"}
	m := mailer{host: u.Hostname(), port: u.Port(), implicit: u.Scheme == "smtps", user: u.User, now: d.Now}
	if ports[u.Scheme] == "" || u.Path != "" && u.Path != "/" {
		return fail("has to be smtps:// or smtp:// and a host")
	}
	if m.port == "" {
		m.port = ports[u.Scheme]
	}
	query := u.Query()
	m.from, m.plain = cmp.Or(query.Get("from"), u.User.Username()), query.Has("plain")
	query.Del("from")
	query.Del("plain")
	if len(query) > 0 {
		return fail("takes from= and plain behind its ?, and nothing else")
	}
	if m.plain && (m.implicit || !loopback(m.host)) {
		return fail("may do without TLS to this machine alone")
	}
	if !plainAddress(m.from) {
		return fail("does not say from whom mails are: add ?from= and an address")
	}
	if len(a.To) != 1 || !plainAddress(a.To[0]) {
		return mailer{}, failure{why: "whom it goes to has no mail address"} // others who get mails have one
	}
	m.to = a.To[0]
	m.tls = &tls.Config{RootCAs: d.Roots, ServerName: m.host, MinVersion: tls.VersionTLS12}
	return m, nil
}

// plainAddress is one address and nothing that a header or a command could take
// for more.
func plainAddress(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Address == text && !strings.ContainsAny(text, "<>\"\\ \t\r\n\x00")
}

// maxTalk is the most that a server says about one mail.
const maxTalk = 64 << 10

func (m mailer) send(ctx context.Context, l letter) error {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(m.host, m.port))
	if err != nil {
		return err
	}
	// The library knows times for commands, not one for all of them.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // what is waited for then fails
	defer stop()
	if err := m.talk(ctx, &bounded{conn, maxTalk}, l); err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return nil
}

// talk to a server, until it has said that the mail is its own.
func (m mailer) talk(ctx context.Context, conn net.Conn, l letter) error {
	defer conn.Close()
	c, err := m.secure(ctx, conn)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := m.login(c); err != nil {
		return err
	}
	if err := c.SendMail(m.from, []string{m.to}, bytes.NewReader(m.mail(l))); err != nil {
		return err
	}
	_ = c.Quit() // the server has the mail, however it says goodbye
	return nil
}

// secure the connection and say hello. Without TLS nothing is said to another
// machine.
func (m mailer) secure(ctx context.Context, conn net.Conn) (*smtp.Client, error) {
	var c *smtp.Client
	switch {
	case m.implicit:
		secured := tls.Client(conn, m.tls)
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		c = smtp.NewClient(secured)
	case m.plain:
		c = smtp.NewClient(conn)
	default:
		var err error
		if c, err = smtp.NewClientStartTLS(conn, m.tls); err != nil {
			if strings.Contains(err.Error(), "support STARTTLS") { // the library has no other mark of it
				err = failure{why: "the mail server offers no TLS", blocks: true}
			}
			return nil, err
		}
	}
	return c, c.Hello("localhost")
}

// login where the address has a name and a password.
func (m mailer) login(c *smtp.Client) error {
	password, has := m.user.Password()
	if !has {
		return nil
	}
	name := m.user.Username()
	switch {
	case c.SupportsAuth(sasl.Plain):
		return c.Auth(sasl.NewPlainClient("", name, password))
	case c.SupportsAuth(sasl.Login):
		return c.Auth(&byLogin{[]string{name, password}})
	}
	return failure{why: "the mail server takes no password by PLAIN or LOGIN", blocks: true}
}

// byLogin is the mechanism LOGIN, the one that some large providers offer. The
// library's own wants the questions word for word, and servers word them differently.
type byLogin struct{ answers []string }

func (*byLogin) Start() (mechanism string, first []byte, err error) { return sasl.Login, nil, nil }

func (b *byLogin) Next([]byte) ([]byte, error) {
	if len(b.answers) == 0 {
		return nil, sasl.ErrUnexpectedServerChallenge
	}
	answer := b.answers[0]
	b.answers = b.answers[1:]
	return []byte(answer), nil
}

// mail in the form of RFC 5322. Its id is the letter's, so that programs which
// read mails know one that came twice.
func (m mailer) mail(l letter) []byte {
	_, domain, _ := strings.Cut(m.from, "@")
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", (&mail.Address{Name: "Portico", Address: m.from}).String()},
		{"To", (&mail.Address{Address: m.to}).String()},
		{"Subject", strings.ReplaceAll(mime.QEncoding.Encode("utf-8", l.subject), "?= =?", "?=\r\n =?")},
		{"Date", m.now().UTC().Format(time.RFC1123Z)},
		{"Message-ID", "<" + l.id + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	_, _ = io.WriteString(w, strings.ReplaceAll(l.text, "\n", "\r\n")) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// bounded is a connection that takes no more than so many bytes.
type bounded struct {
	net.Conn
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, failure{why: "the mail server talks without an end", blocks: true}
	}
	n, err := b.Conn.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
