package build

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/message"
	"portico/internal/seal"
)

// Invitation is what lets people into a deal. It holds secrets: it is for the
// terminal of whoever invites them, and written nowhere.
type Invitation struct {
	Deal, Title string
	// Address of the lock page.
	Address    string
	TwoFactors bool
	// Passphrase is the deal's; empty where it has none, or where somebody chose
	// a password instead, which Password says.
	Passphrase string
	Password   bool
	Guests     []Guest
	// Built says whether what the links open is there; Left why a build leaves
	// the deal out.
	Built BuiltState
	Left  string

	words  *message.Locale
	seller string
	owner  string
}

// Guest is a viewer with what only she has.
type Guest struct {
	ID, Name, Email string
	Link, Code      string
	// Phrase is her own; empty where a passphrase is the deal's.
	Phrase string
	// Until is the last day on which she has a way in; 0 for no end.
	Until deal.Day
}

// BuiltState is what a folder holds of a deal.
type BuiltState string

const (
	BuiltAsIs    BuiltState = "yes"
	BuiltChanged BuiltState = "changed" // since it was built
	BuiltNot     BuiltState = "no"
)

// NoInvitation is the error of a deal or a person that has no link.
type NoInvitation struct{ Text, Hint string }

func (e *NoInvitation) Error() string {
	if e.Hint == "" {
		return e.Text
	}
	return e.Text + "\nhint: " + e.Hint
}

// Invitation to a deal, which is compared with what lies in a folder that it
// was built into; "" is public/ of the site. With mistakes in the deal there is
// none, but the messages.
func (o *Output) Invitation(id, dir string) (*Invitation, diag.List, error) {
	if !slices.Contains(o.project.IDs, id) {
		return nil, nil, &UnknownDeal{id, diag.Nearest(id, o.project.IDs)}
	}
	d := o.deal(id)
	if d.err != nil {
		return nil, nil, d.err
	}
	d.open.Lock()
	defer d.open.Unlock()
	if err := o.load(d); err != nil {
		return nil, nil, err
	}
	if d.messages.Failed() || !d.record.Readable {
		return nil, d.messages, nil
	}
	l, site := d.loaded, o.project.Site.Default()
	base := strings.TrimSuffix(site.BaseURL, "/") + "/"
	if l.Access.Public {
		return nil, nil, &NoInvitation{fmt.Sprintf("the deal %s is public: anyone can read it at %s", id, base+id+"/"), "delete `public = true` in [access] to seal it"}
	}
	who, err := o.project.peopleOf(l.Deal.Deal, l.site)
	if err != nil {
		return nil, nil, err
	}
	folder := who.secrets.ID().Path()
	i := &Invitation{
		Deal: id, Title: l.title(), Address: base + folder + "/", TwoFactors: who.policy.TwoFactors,
		Password: who.policy.Password, Left: d.left, words: o.project.words.Locale(l.Locale), seller: l.Seller.Name, owner: l.nameOf(l.Owner, ""),
	}
	if who.policy.Phrase && !who.policy.Password {
		i.Passphrase = who.secrets.Phrase(seal.Everyone, who.policy.Generation)
	}
	for _, v := range who.policy.Viewers {
		i.Guests = append(i.Guests, l.guest(v, who, i.Address))
	}
	if dir == "" {
		dir = filepath.Join(o.project.opts.Source, "public")
	}
	i.Built = builtState(filepath.Join(dir, folder), folder, d.files)
	return i, nil, nil
}

// Lead has the links lead to another place that shows the site, such as a preview.
func (i *Invitation) Lead(to string) {
	address := strings.TrimSuffix(to, "/") + "/" + path.Base(i.Address) + "/"
	for n := range i.Guests {
		g := &i.Guests[n]
		g.Link = address + strings.TrimPrefix(g.Link, i.Address)
	}
	i.Address = address
}

func (l *loaded) guest(v seal.Viewer, who *people, address string) Guest {
	g := Guest{ID: v.ID, Name: l.nameOf(v.ID, ""), Code: who.secrets.Secret(v.ID, v.Generation).Code(), Until: l.Access.Viewer[v.ID].Expires.Day}
	g.Link = address + "#" + g.Code
	for _, p := range []*deal.Person{l.site.Member(v.ID), l.Person(v.ID)} {
		if p != nil && p.Email != "" {
			g.Email = p.Email
		}
	}
	if g.Until == 0 {
		g.Until = l.Expires.Day
	}
	if who.policy.TwoFactors && !who.policy.Phrase && !who.policy.Password {
		g.Phrase = who.secrets.Phrase(v.ID, v.Generation)
	}
	return g
}

// title of a deal, as its page has it.
func (l *loaded) title() string {
	if l.Title != "" {
		return l.Title
	}
	return l.project.words.Locale(l.Locale).Say("plan.for", "buyer", l.Buyer.Name)
}

// builtState compares a folder with the files that a build would put there now.
// What is in an object is in its name.
func builtState(dir, folder string, files map[string]*File) BuiltState {
	page, err := os.ReadFile(filepath.Join(dir, lockPage))
	if err != nil {
		return BuiltNot
	}
	there, err := os.ReadDir(filepath.Join(dir, "o"))
	if f := files[folder+"/"+lockPage]; err != nil || f == nil || !bytes.Equal(page, f.data) {
		return BuiltChanged
	}
	objects := 0
	for name := range files {
		if strings.HasPrefix(name, folder+"/o/") {
			objects++
		}
	}
	for _, e := range there {
		if files[folder+"/o/"+e.Name()] == nil {
			return BuiltChanged
		}
	}
	if len(there) != objects {
		return BuiltChanged
	}
	return BuiltAsIs
}

// Only keeps one guest.
func (i *Invitation) Only(id string) error {
	for _, g := range i.Guests {
		if g.ID == id {
			i.Guests = []Guest{g}
			return nil
		}
	}
	var ids []string
	for _, g := range i.Guests {
		ids = append(ids, g.ID)
	}
	e := &NoInvitation{fmt.Sprintf("%q has no link to the deal %s", id, i.Deal), "add the person's id to `viewers` in [access], and build"}
	if near := diag.Nearest(id, ids); near != "" {
		e.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return e
}

// Words are what goes with a guest's link where two factors are asked for; empty
// where it opens the deal alone, or where somebody chose a password.
func (i *Invitation) Words(g Guest) string {
	switch {
	case !i.TwoFactors:
		return ""
	case g.Phrase != "":
		return g.Phrase
	}
	return i.Passphrase
}

// Mail is a message to a guest, ready to be sent, in the deal's language. What
// is asked for besides the link is not in it: it goes another way.
func (i *Invitation) Mail(g Guest) string {
	name, seller := oneLine(g.Name), oneLine(i.seller)
	say := func(key string) string {
		return i.words.Say(key, "name", name, "seller", seller, "title", oneLine(i.Title), "address", i.Address, "day", i.words.Day(g.Until))
	}
	to := displayName(name)
	if g.Email != "" {
		to += " <" + oneLine(g.Email) + ">"
	}
	lines := []string{
		"To: " + to, "Subject: " + say("invite.subject"), "", say("invite.hello"), "",
		say("invite.lead"), "", say("invite.link"), g.Link, "", say("invite.code"), g.Code, "",
	}
	if i.TwoFactors {
		lines = append(lines, say("invite.second"), "")
	}
	if g.Until != 0 {
		lines = append(lines, say("invite.until"))
	}
	lines = append(lines, say("invite.care"), "", oneLine(i.owner), seller)
	return strings.Join(lines, "\n") + "\n"
}

// oneLine is a text that ends no line of a mail, whatever it holds: what stood
// behind the end would be a header of its own.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
	}), " ")
}

// displayName is a name as it may stand before an address: one with what
// separates addresses is quoted.
func displayName(name string) string {
	if !strings.ContainsAny(name, `()<>[]:;@\,"`) {
		return name
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

// Call is what goes to a guest by another way than the mail, where two factors
// are asked for; else it is empty.
func (i *Invitation) Call(g Guest) string {
	words := i.Words(g)
	if words == "" {
		return ""
	}
	return i.words.Say("invite.words", "seller", oneLine(i.seller)) + "\n" + words + "\n"
}
