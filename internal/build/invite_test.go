package build

import (
	"net/mail"
	"strings"
	"testing"
)

// Whatever stands in a name or a title, a mail has the two headers that it was
// given, for the one whom it is to.
func TestMailHeadersHold(t *testing.T) {
	o := sealedDeals(t).output()
	for _, evil := range []string{
		"Ana\nBcc: eve@evil.example", "Ana\r\n\r\nRead this instead", "Ana\r Bcc: eve@evil.example", "Ana\u2028Bcc: e", "Ana\x00\x1b[2J", "\vAna\u0085",
		"Ana <eve@evil.example>, Bo", `Ana" <eve@evil.example>, "Bo\`, "Costa, Ana", "Ana (Bo): eve;",
	} {
		i, _, err := o.Invitation("ash", "")
		if err != nil {
			t.Fatal(err)
		}
		i.Title, i.seller, i.owner = evil, evil, evil
		g := i.Guests[0]
		g.Name, g.Email = evil, "ana@ash.example"
		text := i.Mail(g)
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%q: %v\n%s", evil, err, text)
		}
		if len(m.Header) != 2 || m.Header.Get("Subject") == "" {
			t.Errorf("%q makes the headers %q", evil, m.Header)
		}
		if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != g.Email {
			t.Errorf("%q is sent to %v (%v)", evil, to, err)
		}
		if strings.ContainsAny(strings.ReplaceAll(text, "\n", ""), "\r\v\x00\x1b\u0085\u2028") {
			t.Errorf("%q leaves a control character in %q", evil, text)
		}
	}
}
