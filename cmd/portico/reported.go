package main

import (
	"context"
	"encoding/json"

	"portico/internal/beacon/fetch"
	"portico/internal/build"
	"portico/internal/report"
	"portico/internal/seal"
)

// Names under which the report's own things are kept.
const (
	copyName = "copy 1"
	seenName = "seen 1"
)

// fetched is what was kept with what is new, which is kept in turn as far as it
// came.
func (a *app) fetched(ctx context.Context, kept *build.Private, address string, client *fetch.Client) (*fetch.Copy, error) {
	copied, _ := fetch.ParseCopy(kept.Load(copyName), address) // what cannot be read is fetched anew
	changed, failed := copied.Update(ctx, client)
	if !changed {
		return copied, failed
	}
	data, err := copied.Append(nil)
	if err != nil {
		return copied, err
	}
	kept.Save(copyName, data)
	return copied, failed
}

// seenBefore is how far reports went, by deal.
func seenBefore(kept *build.Private) map[seal.DealID]report.Seen {
	var by map[string]report.Seen
	if json.Unmarshal(kept.Load(seenName), &by) != nil {
		return nil // then everything is new
	}
	seen := map[seal.DealID]report.Seen{}
	for text, s := range by {
		if id, err := seal.ParseDealID(text); err == nil {
			seen[id] = s
		}
	}
	return seen
}

// keepSeen notes that a report was made.
func keepSeen(kept *build.Private, in report.Input, r report.Report) {
	by := map[string]report.Seen{}
	for id, s := range in.Seen {
		by[id.Path()] = s
	}
	for _, d := range r.Deals {
		by[d.Key] = report.Seen{Made: r.Made, Known: in.Newest()}
	}
	if data, err := json.Marshal(by); err == nil { // it is made of numbers
		kept.Save(seenName, data)
	}
}
