package build

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"portico/internal/deal"
	"portico/internal/diag"
	"portico/internal/media"
	"portico/internal/report"
	"portico/internal/seal"
)

// Plans are what a report needs to give names to what a collector knows by ids
// alone: of some deals, by their names or those ids, or of none for all, together
// with those that git says were there once. Mistakes in a deal do not matter; one that cannot be read at
// all has no names.
func (p *Project) Plans(ctx context.Context, ids ...string) ([]report.Plan, error) {
	ids, err := p.named(ids)
	if err != nil {
		return nil, err
	}
	all := len(ids) == 0
	if all {
		ids = p.IDs
	}
	ways := p.recallWays(ctx, nil)
	var mu sync.Mutex
	var plans []report.Plan
	err = p.each(ctx, ids, func(id string) error {
		plan, err := p.plan(id, ways)
		mu.Lock()
		defer mu.Unlock()
		plans = append(plans, plan)
		return err
	})
	if err == nil && all {
		plans, err = p.gonePlans(plans, ways)
	}
	slices.SortFunc(plans, func(a, b report.Plan) int { return cmp.Compare(a.ID, b.ID) })
	return plans, err
}

// named are deals by their folders' names. Alerts of the collector have their ids
// alone, and whoever got one may ask by that.
func (p *Project) named(asked []string) ([]string, error) {
	var ids []string
	for _, id := range asked {
		if !slices.Contains(p.IDs, id) {
			found, err := p.byKey(id)
			if err != nil {
				return nil, err
			}
			if found == "" {
				return nil, &UnknownDeal{id, diag.Nearest(id, p.IDs)}
			}
			id = found
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// byKey is the name of the deal that a collector knows by an id, or "".
func (p *Project) byKey(text string) (string, error) {
	id, err := seal.ParseDealID(text)
	if err != nil {
		return "", nil
	}
	key, err := p.key.get()
	if err != nil {
		return "", err
	}
	for _, name := range p.IDs {
		if key.Deal(name).ID() == id {
			return name, nil
		}
	}
	return "", nil
}

func (p *Project) plan(id string, ways *formerWays) (report.Plan, error) {
	key, err := p.key.get()
	if err != nil {
		return report.Plan{}, err
	}
	secrets := key.Deal(id)
	l, err := p.load(id)
	if err != nil {
		return report.Plan{}, err
	}
	defer l.close()
	if !l.Readable() {
		return report.Plan{ID: id, Key: secrets.ID(), Zone: p.Site.Default().Timezone}, nil
	}
	former, err := ways.names(id)
	if err != nil {
		return report.Plan{}, err
	}
	return report.PlanOf(report.Known{
		Deal: l.Deal.Deal, Site: l.site, Title: l.title(), Secrets: secrets,
		Viewers: currentViewers(l.Deal.Deal, p.today(l.Timezone)), Former: former, Opaque: isOpaque, Words: p.words.Locale("en"),
	}), nil
}

// isOpaque says whether a page cannot tell how much of a document is seen: the
// browser's own viewer shows it, or it is saved.
func isOpaque(c *deal.Collateral) bool {
	kind := media.TypeOf(c.File.Path).Kind
	return kind == media.Document || kind == media.Other
}

// gonePlans are of deals that git says were there once.
func (p *Project) gonePlans(plans []report.Plan, ways *formerWays) ([]report.Plan, error) {
	if _, err := ways.of(""); err != nil { // and wait for git
		return nil, err
	}
	for _, id := range sortedKeys(ways.versions) {
		if slices.Contains(p.IDs, id) {
			continue
		}
		key, err := p.key.get()
		if err != nil {
			return nil, err
		}
		former, err := ways.names(id)
		if err != nil {
			return nil, err
		}
		plans = append(plans, report.PlanOfGone(id, key.Deal(id), former))
	}
	return plans, nil
}

// names of all who ever had a way in of their own, as they were called last.
func (f *formerWays) names(id string) (map[string]string, error) {
	past, err := f.of(id)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, then := range past {
		for who := range then.Viewers {
			names[who] = then.Names[who]
		}
	}
	return names, nil
}
