package render

import (
	"bytes"
	"errors"
	"html/template"
	"strings"

	"portico/internal/deal"
)

// HeaderMark stands in a lock page where the header of a deal goes. Apart from
// that the page is the same for every deal: it tells nothing of any.
const HeaderMark = "<!--portico-1-->"

// Lock is what the layout of the lock page is given. It knows the seller and
// nothing of a deal.
type Lock struct {
	Lang, Dir, Title, Policy string
	// Header goes into the head, where the script of the page looks for it.
	Header template.HTML
	// Style is the theme's, which the plan needs next; Gate is the lock page's
	// own; Reading is fetched while somebody types.
	Style, Gate, Reading, Icon template.URL
	// Script opens the plan; Runtime are those that the plan runs then, which are
	// fetched while somebody types.
	Script  template.URL
	Runtime []template.URL
	// Days is for how long a device may remember its way in.
	Days      int
	Languages []LockLanguage
	Seller    Seller

	say func(key string) string
}

// T is a word for a key of internal/message, in the site's own language: the
// script puts that of the reader's in its place.
func (l *Lock) T(key string) string { return l.say(key) }

// LockLanguage is one in which the lock page can speak.
type LockLanguage struct {
	Lang, Dir string
	// Stuck is for a browser that does not run the script.
	Stuck string
	// Words are what the script says, each on a line behind its key.
	Words string
}

// lockWords begins the keys of the lock page's words.
const lockWords = "lock."

// Lock makes the page that a sealed deal shows until it is opened. root leads
// to the site's root.
func (r *Renderer) Lock(site *deal.Site, root string) ([]byte, error) {
	m := r.newMaker(Input{Deal: &deal.Deal{Seller: site.Seller, Locale: site.Locale}, Site: site})
	m.siteRoot = root
	url := func(path string) template.URL {
		if path == "" {
			return ""
		}
		return template.URL(root + escapePath(path)) // a path of our own
	}
	l := r.look
	say := r.lockSay(site, site.Locale)
	p := &Lock{
		Lang: m.words.Lang, Dir: m.words.Dir(), Title: say("lock.page"), Policy: r.policy(site), Header: HeaderMark,
		Style: url(l.Style), Gate: url(l.Gate), Reading: url(l.Reading), Icon: url(l.Icon), Script: url(l.Unlock),
		Days: site.Access.RememberDays, Seller: m.seller(), say: say,
	}
	for _, script := range []string{l.Today, l.Script} {
		if script != "" {
			p.Runtime = append(p.Runtime, url(script))
		}
	}
	for _, lang := range r.words.Languages() {
		p.Languages = append(p.Languages, r.lockLanguage(site, lang))
	}
	page, err := r.engine.execute(nil, "lock.html", p)
	if err != nil {
		return nil, err
	}
	if bytes.Count(page, []byte(HeaderMark)) != 1 {
		return nil, errors.New("layout lock.html does not put {{.Header}} into the page's head once, so that no deal could be opened")
	}
	return page, nil
}

// lockSay fills in what the lock page's words leave open.
func (r *Renderer) lockSay(site *deal.Site, locale string) func(string) string {
	words := r.words.Locale(locale)
	return func(key string) string {
		return words.Say(key, "seller", site.Seller.Name, "n", site.Access.RememberDays)
	}
}

func (r *Renderer) lockLanguage(site *deal.Site, lang string) LockLanguage {
	words, say := r.words.Locale(lang), r.lockSay(site, lang)
	var lines []string
	for _, key := range words.Keys(lockWords) {
		if key != "lock.stuck" && key != "lock.lock" { // which stand elsewhere
			lines = append(lines, strings.TrimPrefix(key, lockWords)+" "+say(key))
		}
	}
	return LockLanguage{Lang: lang, Dir: words.Dir(), Stuck: say("lock.stuck"), Words: strings.Join(lines, "\n")}
}
