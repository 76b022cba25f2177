package build

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"sync"

	"portico/internal/beacon"
	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/seal"
)

// Routing is what the collector is told of the site: from where pages send, who
// no longer may, and where alerts go. It holds ids, and addresses of the seller's
// own team. With mistakes in the site there is none, but the messages.
func (o *Output) Routing(ctx context.Context) (beacon.Routing, diag.List, error) {
	r := beacon.Routing{Revoked: map[beacon.Pair]bool{}, Deals: map[seal.DealID]beacon.DealRouting{}}
	site := o.project.Site.Default()
	u, err := url.Parse(site.BaseURL)
	if err != nil || u.Host == "" {
		return r, nil, errors.New("portico.toml does not say from where pages send: write base_url in [site]")
	}
	r.Origins, r.Locale = []string{u.Scheme + "://" + u.Host}, site.Locale
	key, err := o.project.key.get()
	if err != nil {
		return r, nil, err
	}
	var mu sync.Mutex
	messages := slices.Clone(o.project.Messages)
	err = o.project.each(ctx, o.project.IDs, func(id string) error {
		defer o.Forget(id)
		d := o.dated(id)
		if d.err != nil {
			return d.err
		}
		d.open.Lock()
		defer d.open.Unlock()
		if err := o.load(d); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		messages = append(messages, d.messages.Errors()...)
		if !d.record.Readable || d.messages.Failed() {
			return nil
		}
		more, err := o.route(&r, d, key.Deal(id))
		messages = append(messages, more...)
		return err
	})
	if err != nil {
		return r, nil, err
	}
	messages.Sort()
	return r, messages, o.revokeGone(&r, key)
}

// route takes in one deal. The messages are about mails that would go to nobody.
func (o *Output) route(r *beacon.Routing, d *dealOutput, secrets seal.DealSecrets) (diag.List, error) {
	l, who := d.loaded, &people{}
	past, err := o.ways.of(d.id)
	if err != nil {
		return nil, err
	}
	var findings []deal.Finding
	if o.project.reports(l.Deal.Deal) {
		if who, err = o.project.peopleOf(l.Deal.Deal, l.site); err != nil {
			return nil, err
		}
		if d.left == "" {
			r.Deals[secrets.ID()], findings = l.routing(secrets)
		}
	}
	// A deal that reports no more has nobody who may.
	now := map[string]bool{seal.Everyone: who.words}
	for _, id := range who.viewers {
		now[id] = true
	}
	revoke(r, secrets, append(past, accessNow(l.Deal.Deal)), l.site, now)
	return l.Locate(findings), nil
}

// revokeGone revokes whoever could open a deal that is no more.
func (o *Output) revokeGone(r *beacon.Routing, key seal.TeamKey) error {
	for id := range o.ways.versions {
		if slices.Contains(o.project.IDs, id) {
			continue
		}
		past, err := o.ways.of(id)
		if err != nil {
			return err
		}
		revoke(r, key.Deal(id), past, o.project.Site.Default(), nil)
	}
	return nil
}

// revoke those who could open a deal at some time and are not among who can now.
func revoke(r *beacon.Routing, secrets seal.DealSecrets, past []deal.FormerAccess, site *deal.Site, now map[string]bool) {
	for _, then := range past {
		for id := range holders(then, site) {
			if id != ofDeal && !now[id] {
				r.Revoked[beacon.Pair{Deal: secrets.ID(), Viewer: secrets.Viewer(id)}] = true
			}
		}
	}
}

// routing of a deal that is built.
func (l *loaded) routing(secrets seal.DealSecrets) (beacon.DealRouting, []deal.Finding) {
	d := beacon.DealRouting{Zone: l.Timezone, Until: endOf(l.Expires.Day, l.Timezone)}
	price := func(kind beacon.Kind, id string) {
		d.Pricing = append(d.Pricing, beacon.Part{Kind: kind, ID: id}.Target(secrets))
	}
	price(beacon.Section, "pricing")
	for i := range l.Collateral {
		if c := &l.Collateral[i]; c.Kind == "pricing" && !c.Internal {
			for _, kind := range []beacon.Kind{beacon.Document, beacon.Video, beacon.Link} {
				price(kind, c.ID)
			}
		}
	}
	var findings []deal.Finding
	for i := range l.Beacon.Alerts {
		a := l.alert(&l.Beacon.Alerts[i])
		if a.Via == beacon.Mail && len(a.To) == 0 {
			findings = append(findings, deal.Finding{Place: deal.Place{File: l.TOML(), Path: deal.At("deal", "owner")}, Code: "mail-to-nobody", Lenient: true,
				Text: "an alert of this deal is a mail that goes to nobody", Hint: "write `email` into [person." + l.Owner + "] of portico.toml, or name others in `to` of the alert"})
			continue
		}
		d.Alerts = append(d.Alerts, a)
	}
	return d, findings
}

// alert as the collector reads it: addresses in the place of people.
func (l *loaded) alert(a *deal.Alert) beacon.Alert {
	out := beacon.Alert{Via: beacon.Via(a.Via), Env: a.Env, Digest: beacon.Digest(a.Digest)}
	for _, on := range a.On {
		out.On = append(out.On, beacon.Trigger(on))
	}
	if out.Via != beacon.Mail {
		return out
	}
	to := a.To
	if len(to) == 0 {
		to = []string{l.Owner}
	}
	for _, id := range to {
		if p := l.site.Member(id); p != nil && p.Email != "" {
			out.To = append(out.To, p.Email)
		}
	}
	return out
}
