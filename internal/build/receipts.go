package build

import (
	"strings"

	"portico/internal/beacon"
	"portico/internal/capability"
	"portico/internal/deal"
	"portico/internal/render"
	"portico/internal/seal"
)

// mayReport says whether pages of the site report at all: to any collector but
// that of portico.toml their policy lets no page send anything.
func (p *Project) mayReport() bool { return !p.opts.Clear && p.Site.Default().Beacon.URL != "" }

// reports says whether the pages of a deal tell a collector what is looked at.
// Only sealed ones do: what anyone may read tells of nobody.
func (p *Project) reports(d *deal.Deal) bool {
	return d.Beacon.URL != "" && !d.Beacon.Off && !d.Access.Public && !p.opts.Clear && !p.opts.Silent
}

// reporting is what the pages of a deal need for that; nil where they don't.
func (o *Output) reporting(d *deal.Deal) (*render.Reporting, error) {
	if !o.project.reports(d) {
		return nil, nil
	}
	key, err := o.project.key.get()
	if err != nil {
		return nil, err
	}
	secrets := key.Deal(d.ID)
	return &render.Reporting{To: strings.TrimSuffix(d.Beacon.URL, "/") + strings.TrimPrefix(beacon.Path, "/_portal"), Part: func(word, id string) string {
		kind, err := beacon.ParseKind(word)
		if err != nil {
			panic("internal error: " + err.Error()) // the model has the protocol's words
		}
		return beacon.Part{Kind: kind, ID: id}.Target(secrets).Text()
	}}, nil
}

// capabilities lets those who may open a deal report what they look at, each in
// their own name and no longer than they may open it.
func (w *people) capabilities(key seal.TeamKey) {
	of := func(who string, notAfter int64) []byte {
		return capability.Mint(key.Beacon(), capability.Claims{
			Key: key.ID(), Deal: w.secrets.ID(), Viewer: w.secrets.Viewer(who), Scope: capability.Receipts, Expiry: notAfter,
		})
	}
	for i := range w.policy.Viewers {
		v := &w.policy.Viewers[i]
		v.Cap = of(v.ID, v.NotAfter)
	}
	w.shared = of(seal.Everyone, w.policy.NotAfter)
}
