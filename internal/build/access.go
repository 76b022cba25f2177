package build

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"portico/internal/deal"
	"portico/internal/seal"
)

// teamKey is asked for when the first deal that has to be sealed is met, and
// never kept where a template could reach it.
type teamKey struct {
	once sync.Once
	ask  func() (seal.TeamKey, error)
	key  seal.TeamKey
	err  error

	naming  sync.Once
	folders map[string]string // deals by their sealed folders
}

func (k *teamKey) get() (seal.TeamKey, error) {
	k.once.Do(func() {
		if k.ask == nil {
			k.err = ErrNoKey
			return
		}
		k.key, k.err = k.ask()
	})
	return k.key, k.err
}

// folderOf a deal in the output: its own name where anyone may read it, and else
// one that tells nothing.
func (p *Project) folderOf(id string, public bool) (string, error) {
	if public || p.opts.Clear {
		return id, nil
	}
	key, err := p.key.get()
	if err != nil {
		return "", err
	}
	return key.Deal(id).ID().Path(), nil
}

// dealIn is the deal that has a folder of the output if it is sealed; empty
// where none has.
func (p *Project) dealIn(folder string) (string, error) {
	key, err := p.key.get()
	if err != nil {
		return "", err
	}
	p.key.naming.Do(func() {
		p.key.folders = make(map[string]string, len(p.IDs))
		for _, id := range p.IDs {
			p.key.folders[key.Deal(id).ID().Path()] = id
		}
	})
	return p.key.folders[folder], nil
}

// BadPassword is the error of a password that a person chose and that cannot
// protect a deal.
type BadPassword struct {
	Deal string
	Err  error
}

func (e *BadPassword) Error() string {
	return fmt.Sprintf("%s, the password of the deal %s, cannot be used: %v", PasswordVariable(e.Deal), e.Deal, e.Err)
}

func (e *BadPassword) Unwrap() error { return e.Err }

// PasswordVariable is where a chosen password is looked for in the environment.
func PasswordVariable(id string) string {
	return "PORTICO_PASSWORD_" + strings.ToUpper(strings.ReplaceAll(id, "-", "_"))
}

// people are who may open a deal on a day.
type people struct {
	secrets  seal.DealSecrets
	policy   seal.Policy
	password string
	// viewers are those whose time is not over.
	viewers []string
	// words says that a passphrase or password alone opens the deal.
	words bool
	// shared is what the pages of those who know no more than these report with.
	shared []byte
}

// peopleOf a deal. Those whose time is over are left out, which gives the deal
// new keys.
func (p *Project) peopleOf(d *deal.Deal, site *deal.Site) (*people, error) {
	key, err := p.key.get()
	if err != nil {
		return nil, err
	}
	who := &people{secrets: key.Deal(d.ID), password: p.password(d.ID)}
	if who.password != "" {
		if err := seal.RatePassword(who.password, d.ID, d.Buyer.Name, d.Seller.Name, site.Title); err != nil {
			return nil, &BadPassword{d.ID, err}
		}
	}
	end := endOf(d.Expires.Day, d.Timezone)
	who.policy = seal.Policy{
		Generation: uint32(d.Access.Generation), Phrase: d.Access.Passphrase, Password: who.password != "",
		TwoFactors: d.Access.Factors == "link+passphrase", NotAfter: end,
	}
	who.words = !who.policy.TwoFactors && (who.policy.Phrase || who.policy.Password)
	who.viewers = currentViewers(d, p.today(d.Timezone))
	for _, id := range who.viewers {
		v := seal.Viewer{ID: id, Generation: generationOf(d, id), NotAfter: end}
		if last := d.Access.Viewer[id].Expires.Day; last != 0 {
			v.NotAfter = endOf(last, d.Timezone)
		}
		who.policy.Viewers = append(who.policy.Viewers, v)
	}
	if p.reports(d) {
		who.capabilities(key)
	}
	return who, nil
}

// password that somebody chose for a deal; empty for most.
func (p *Project) password(id string) string {
	if p.opts.Password == nil {
		return ""
	}
	return p.opts.Password(id)
}

// sealed says whether a deal is sealed in this run.
func (p *Project) sealed(r *record) bool { return !r.Public && !p.opts.Clear }

// access for sealing, with the audiences that the deal's parts have.
func (w *people) access(audiences [][]string) seal.Access {
	return seal.Access{Generation: w.policy.Generation, Ways: w.policy.Ways(w.shared), Password: w.password, Audiences: audiences}
}

// currentViewers are those who have a way in on a day, each once.
func currentViewers(d *deal.Deal, today deal.Day) []string {
	var ids []string
	for _, id := range d.Access.Viewers {
		last := d.Access.Viewer[id].Expires.Day
		if !slices.Contains(ids, id) && (last == 0 || today <= last) {
			ids = append(ids, id)
		}
	}
	return ids
}

func generationOf(d *deal.Deal, viewer string) uint32 {
	if v, ok := d.Access.Viewer[viewer]; ok {
		return uint32(v.Generation)
	}
	return 1
}

// today in a time zone, or the day that every page is to show.
func (p *Project) today(zone *time.Location) deal.Day {
	if day := p.opts.AsOf; day != 0 {
		return day
	}
	return deal.DayIn(p.opts.Now(), zone)
}

// endOf a day is the first second after it, in Unix time; 0 for no day.
func endOf(day deal.Day, zone *time.Location) int64 {
	if day == 0 {
		return 0
	}
	y, m, d := day.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone).Unix()
}

// until are the last days of those viewers whose way in ends.
func (l *loaded) until() map[string]deal.Day {
	days := map[string]deal.Day{}
	for id, v := range l.Access.Viewer {
		if v.Expires.Day != 0 {
			days[id] = v.Expires.Day
		}
	}
	return days
}

// sealedOf puts into a sum what a sealed deal is made of besides its pages: the
// key, a chosen password, the lock page, and whose time is over. It is false
// where that is not known.
func (o *Output) sealedOf(d *dealOutput, s *summer) bool {
	main, err := o.mainLook()
	if err != nil || main.failed || main.key == (sum{}) {
		return false
	}
	s.text("sealed 1", d.folder, o.project.password(d.id))
	s.bytes(main.key[:])
	if o.project.opts.Silent {
		s.text("silent")
	}
	today := o.project.today(d.record.zone)
	for _, id := range sortedKeys(d.record.Until) {
		if today > d.record.Until[id] {
			s.text(id)
		}
	}
	return true
}

// findings are about who may open a deal that is being sealed.
func (w *people) findings(d *deal.Deal, file string) []deal.Finding {
	if len(w.policy.Ways(nil)) > 0 {
		return nil
	}
	text, hint := "nobody could open this deal: it has neither viewers nor a passphrase", "name `viewers` in [access], or delete `passphrase = false`"
	if len(d.Access.Viewers) > 0 {
		text, hint = "nobody could open this deal: the time of all its viewers is over", "move `expires` of one of them, or name others in `viewers`"
	}
	return []deal.Finding{{Place: deal.Place{File: file, Path: deal.At("access")}, Code: "no-way-in", Text: text, Hint: hint}}
}
