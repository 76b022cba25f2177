package parse

import (
	"fmt"
	"slices"
	"time"

	"portico/internal/deal"
)

// grammar is the whole format: every table and field of both TOML files.
type grammar struct {
	deal    *table[dealFile]
	site    *table[siteFile]
	library *table[deal.Library]
	note    *table[deal.Note]
	page    *table[deal.Page]
	theme   *table[themeFile]
}

func newGrammar() *grammar {
	return &grammar{
		deal:    dealTable(),
		site:    siteTable(),
		library: libraryTable(),
		note:    noteFront(),
		page:    pageFront(),
		theme:   themeTable(),
	}
}

// dealFile is deal.toml while it is being read.
type dealFile struct {
	deal.Deal
	site     *deal.Site
	profile  string
	calendar []string
	goLive   int // milestones of kind go_live
}

var (
	statuses    = []string{"draft", "active", "paused", "won", "lost", "archived"}
	sides       = []string{"buyer", "seller", "partner"}
	roles       = deal.Roles()
	decisions   = []string{"deliverables", "scope", "budget", "timeline", "technical", "security", "legal"}
	forecasts   = []string{"pipeline", "best_case", "commit"}
	kinds       = []string{"task", "meeting", "approval", "decision", "signature", "go_live", "value_review"}
	stepKinds   = []string{"task", "meeting", "approval", "decision"}
	workStates  = []string{"not_started", "in_progress", "blocked", "cancelled"}
	riskLevels  = []string{"on_track", "at_risk", "off_track"}
	grades      = []string{"low", "medium", "high"}
	periods     = []string{"once", "month", "quarter", "year"}
	directions  = []string{"up", "down"}
	constraints = []string{"budget", "date", "technical", "legal"}
	collateral  = []string{"deck", "video", "case_study", "security", "legal", "pricing", "reference", "proof", "notes", "scope", "other"}
	factors     = []string{"link", "link+passphrase"}
)

func dealTable() *table[dealFile] {
	person := personTable(false)
	return tableOf([]field[dealFile]{
		single("deal", "[deal] says whose deal it is and how it stands", tableOf(dealFields()), func(d *dealFile) *dealFile { return d }).must(),
		single("internal", "[internal] is for the seller's roll-up alone", tableOf(privateFields()), func(d *dealFile) *deal.Private { return &d.Private }),
		single("buyer", "[buyer] is the company the plan is made with", tableOf(buyerFields()), func(d *dealFile) *deal.Company { return &d.Buyer }).must(),
		single("seller", "[seller] changes the site's own [seller] for this deal", tableOf(dealSellerFields()), func(d *dealFile) *dealFile { return d }),
		single("value", "[value] says why the buyer does this", tableOf(valueFields()), func(d *dealFile) *deal.Value { return &d.Value }).must(),
		single("dates", "[dates] holds the go-live that the plan works back from", tableOf(dateFields()), func(d *dealFile) *dealFile { return d }).must(),
		tables("event", "[event.<id>]: a board's date, a freeze, a season", eventTable(), byID(),
			func(*dealFile, string) (deal.Event, bool) { return deal.Event{Side: deal.SideBuyer}, false },
			func(d *dealFile, id string, e deal.Event) { e.ID = id; d.Events = append(d.Events, e) }),
		tables("person", "[person.<id>]: a stakeholder of either side", person, byID(),
			func(d *dealFile, id string) (deal.Person, bool) {
				if d.site != nil {
					if p := d.site.Member(id); p != nil {
						return *p, true
					}
				}
				return deal.Person{Side: deal.SideBuyer, Listed: true}, false
			},
			func(d *dealFile, id string, p deal.Person) { p.ID = id; d.People = append(d.People, p) }).over(),
		list("objective", "[[objective]]: a challenge, and what shall come of it", tableOf(objectiveFields()), fresh[deal.Objective], func(d *dealFile) *[]deal.Objective { return &d.Objectives }),
		list("kpi", "[[kpi]]: a measure by which the buyer will know that it worked", tableOf(kpiFields()), fresh[deal.KPI], func(d *dealFile) *[]deal.KPI { return &d.KPIs }),
		list("constraint", "[[constraint]]: a limit that the plan has to keep", tableOf(constraintFields()), fresh[deal.Constraint], func(d *dealFile) *[]deal.Constraint { return &d.Constraints }),
		list("stage", "[[stage]]: the stages of this deal, instead of its profile's", tableOf(stageFields(false)), fresh[deal.Stage], func(d *dealFile) *[]deal.Stage { return &d.Stages }),
		tables("milestone", "[milestone.<id>]: one result on the way to value", milestoneTable(), byID(),
			func(*dealFile, string) (deal.Milestone, bool) {
				return deal.Milestone{Kind: "task", Risk: "on_track"}, false
			},
			func(d *dealFile, id string, m deal.Milestone) { m.ID = id; d.Milestones = append(d.Milestones, m) }),
		tables("risk", "[risk.<id>]: what may keep the plan from holding, and its counter", tableOf(riskFields()), byID(),
			func(*dealFile, string) (deal.Risk, bool) {
				return deal.Risk{Likelihood: "medium", Impact: "medium"}, false
			},
			func(d *dealFile, id string, r deal.Risk) { r.ID = id; d.Risks = append(d.Risks, r) }),
		single("pricing", "[pricing] and [[pricing.line]]: what it costs", tableOf(pricingFields()), func(d *dealFile) *deal.Pricing { return &d.Pricing }),
		tables("collateral", "[collateral.<id>]: a document, a video or an address", collateralTable(false), byID(),
			func(*dealFile, string) (deal.Collateral, bool) { return newCollateral(), false },
			func(d *dealFile, id string, c deal.Collateral) { c.ID = id; d.Collateral = append(d.Collateral, c) }),
		list("reference_call", "[[reference_call]]: a talk with another customer", tableOf(referenceFields()), fresh[deal.ReferenceCall], func(d *dealFile) *[]deal.ReferenceCall { return &d.ReferenceCalls }),
		single("access", "[access] says who may open the sealed site", tableOf(accessFields()), func(d *dealFile) *deal.Access { return &d.Access }),
		checkField(func(d *dealFile) *map[string]deal.CheckLevel { return &d.Checks }),
		single("beacon", "[beacon] changes the site's own [beacon] for this deal", tableOf(beaconFields()), func(d *dealFile) *deal.Beacon { return &d.Beacon }),
	})
}

func fresh[T any]() T {
	var t T
	return t
}

func newCollateral() deal.Collateral { return deal.Collateral{Kind: "other", Download: true} }

func dealFields() []field[dealFile] {
	return []field[dealFile]{
		id("owner", "The member of your team whom the buyer calls: an id of [person.…] in portico.toml", func(d *dealFile) *string { return &d.Owner }).must(),
		plain("title", "The plan's headline, in the buyer's words", func(d *dealFile) *string { return &d.Title }).preset("Mutual action plan for the buyer"),
		choice("status", "How the deal stands; draft, lost and archived deals are not built", statuses, func(d *dealFile) *string { return &d.Status }).preset("active"),
		id("profile", "The kind of deal: smb, mid-market, enterprise, renewal, or one of the site's own", func(d *dealFile) *string { return &d.profile }).preset("the site's"),
		plain("theme", "The theme that the site is built in", func(d *dealFile) *string { return &d.Theme }).preset("the profile's, or the site's"),
		locale("locale", "The deal's language and region, such as de-DE", func(d *dealFile) *string { return &d.Locale }).preset("the site's"),
		zone("timezone", "The time zone in which its days begin, such as Europe/Berlin", func(d *dealFile) **time.Location { return &d.Timezone }).preset("the site's"),
		money("currency", "The currency of its prices, such as EUR", func(d *dealFile) *string { return &d.Currency }).preset("the site's"),
		when("expires", "The last day on which it is built", func(d *dealFile) *deal.Date { return &d.Expires }).preset("the site's expires_after past the last due date, or never"),
	}
}

func privateFields() []field[deal.Private] {
	return []field[deal.Private]{
		number("amount", "What the deal is worth to the seller", func(p *deal.Private) *deal.Number { return &p.Amount }),
		when("close_date", "When it is expected to close", func(p *deal.Private) *deal.Date { return &p.CloseDate }).preset("the last signature's due date"),
		plain("crm_id", "The deal's id in the CRM", func(p *deal.Private) *string { return &p.CRMID }),
		choice("forecast", "How sure the seller is", forecasts, func(p *deal.Private) *string { return &p.Forecast }),
		texts("competitors", "Who else is in the running", func(p *deal.Private) *[]string { return &p.Competitors }),
		plain("outcome", "Why it was won or lost", func(p *deal.Private) *string { return &p.Outcome }),
		plain("note", "Anything else for the seller alone", func(p *deal.Private) *string { return &p.Note }),
	}
}

func buyerFields() []field[deal.Company] {
	return []field[deal.Company]{
		plain("name", "The buyer's name, as the buyer writes it", func(c *deal.Company) *string { return &c.Name }).must(),
		filePath("logo", "The buyer's logo, a file of this folder such as collateral/logo.svg", func(c *deal.Company) *deal.File { return &c.Logo }),
		webAddress("website", "The buyer's website", func(c *deal.Company) *string { return &c.Website }),
		color("color", "The buyer's colour, such as #7a1f3d", func(c *deal.Company) *string { return &c.Color }),
	}
}

func dealSellerFields() []field[dealFile] {
	fields := []field[dealFile]{
		ids("team", "Team members who always stand in the stakeholder grid", func(d *dealFile) *[]string { return &d.SellerTeam }).preset("whoever the plan names"),
	}
	for _, f := range sellerFields(false) {
		bind := f.bind
		fields = append(fields, field[dealFile]{name: f.name, doc: f.doc, schema: f.schema, bind: func(b *binder, d *dealFile, v any) { bind(b, &d.Seller, v) }})
	}
	return fields
}

func valueFields() []field[deal.Value] {
	return []field[deal.Value]{
		inline("summary", "What the buyer gets, in 30 to 40 words, from the buyer's side", func(v *deal.Value) *deal.Prose { return &v.Summary }).must(),
		inline("priority", "The buyer's own priority that this serves, as the buyer stated it", func(v *deal.Value) *deal.Prose { return &v.Priority }),
		inline("for_seller", "What the seller gains: a plan is mutual", func(v *deal.Value) *deal.Prose { return &v.ForSeller }),
		id("agreed_by", "Who of the buyer's side agreed to the summary", func(v *deal.Value) *string { return &v.AgreedBy }),
		day("agreed_on", "When that was", func(v *deal.Value) *deal.Day { return &v.AgreedOn }),
	}
}

func dateFields() []field[dealFile] {
	return []field[dealFile]{
		when("go_live", "The day on which the buyer has it in use", func(d *dealFile) *deal.Date { return &d.GoLive }).must(),
		plain("go_live_title", "What that day is called; a renewal says New term", func(d *dealFile) *string { return &d.GoLiveTitle }).preset("Go-live"),
		inline("go_live_reason", "Why that day matters to the buyer", func(d *dealFile) *deal.Prose { return &d.GoLiveReason }),
		day("start", "The day on which work on the plan begins; W1 is its week", func(d *dealFile) *deal.Day { return &d.Start }),
		holidaysField(),
	}
}

func eventTable() *table[deal.Event] {
	return tableOf([]field[deal.Event]{
		plain("title", "What happens, in a few words", func(e *deal.Event) *string { return &e.Title }).must(),
		when("date", "Its day; or give from and to", func(e *deal.Event) *deal.Date { return &e.Date }),
		when("from", "Its first day", func(e *deal.Event) *deal.Date { return &e.From }),
		when("to", "Its last day", func(e *deal.Event) *deal.Date { return &e.To }),
		choice("side", "Whose event it is", sides, func(e *deal.Event) *deal.Side { return &e.Side }).preset("buyer"),
	}, internalFields(func(e *deal.Event) (*bool, *string) { return &e.Internal, &e.InternalNote })).then(wholeEvent)
}

// wholeEvent wants a date, or from and to.
func wholeEvent(b *binder, e *deal.Event, tree map[string]any) {
	date, from, to := has(tree, "date"), has(tree, "from"), has(tree, "to")
	at := b.place()
	at.Key = true
	switch {
	case date && (from || to) && !isLost(tree, "date", "from", "to"):
		b.failAt(b.place().Of("date"), "two-dates", "the event has a date, and from or to as well", "", "an event of one day has `date`, a longer one `from` and `to`")
	case !date && !from && !to:
		b.failAt(at, "missing-key", tableName(b.path)+` has no "date"`, "", "an event of one day has `date`, a longer one `from` and `to`")
	case !date && !(from && to):
		missing := "to"
		if to {
			missing = "from"
		}
		b.failAt(at, "missing-key", fmt.Sprintf("%s has no %q", tableName(b.path), missing), "", "an event of one day has `date`, a longer one `from` and `to`")
	}
	// What is missing is not missed a second time by what counts from it.
	if !date && !from {
		e.From = deal.BrokenDate()
	}
	if !date && !to {
		e.To = deal.BrokenDate()
	}
}

func has(tree map[string]any, key string) bool { _, ok := tree[key]; return ok }

// isLost says whether one of the keys was reported already.
func isLost(tree map[string]any, keys ...string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { _, gone := tree[key].(lost); return gone })
}

// personTable is [person.<id>]; local allows texts by language, for
// portico.toml.
func personTable(local bool) *table[deal.Person] {
	text := plain[deal.Person]
	if local {
		text = localPlain[deal.Person]
	}
	fields := []field[deal.Person]{
		text("title", "What the person does, as on a business card", func(p *deal.Person) *string { return &p.Title }).must(),
		plain("name", "First and last name; leave it out while nobody has been named", func(p *deal.Person) *string { return &p.Name }),
		choice("side", "Whose person it is", sides, func(p *deal.Person) *deal.Side { return &p.Side }).preset("buyer; seller in portico.toml"),
		text("department", "Where in the company", func(p *deal.Person) *string { return &p.Department }),
		choices("role", "One or more parts in the decision", roles, func(p *deal.Person) *[]string { return &p.Roles }),
		choices("decides", "What the person may decide", decisions, func(p *deal.Person) *[]string { return &p.Decides }),
		flag("lead", "true: leads the project on this side", func(p *deal.Person) *bool { return &p.Lead }),
		flag("group", "true: a desk or team, no single person", func(p *deal.Person) *bool { return &p.Group }),
		flag("listed", "false: has access, and is not shown in the grid", func(p *deal.Person) *bool { return &p.Listed }).preset("true"),
		email("email", "A mail address", func(p *deal.Person) *string { return &p.Email }),
		phone("phone", "A telephone number, with the country's code", func(p *deal.Person) *string { return &p.Phone }),
		filePath("photo", "A picture, such as collateral/ana.jpg", func(p *deal.Person) *deal.File { return &p.Photo }),
		zoneName("timezone", "Where the person works, such as Europe/Berlin", func(p *deal.Person) *string { return &p.Timezone }),
		webAddress("link", "A page about the person", func(p *deal.Person) *string { return &p.Link }),
	}
	if local {
		fields = append(fields, flag("former", "true: left the team; old deals stay valid", func(p *deal.Person) *bool { return &p.Former }))
	}
	return tableOf(fields, internalFields(func(p *deal.Person) (*bool, *string) { return &p.Internal, &p.InternalNote }))
}

func objectiveFields() []field[deal.Objective] {
	return append([]field[deal.Objective]{
		inline("challenge", "What keeps the buyer from it today", func(o *deal.Objective) *deal.Prose { return &o.Challenge }).must(),
		inline("outcome", "What will be true afterwards", func(o *deal.Objective) *deal.Prose { return &o.Outcome }).must(),
		inline("deliverable", "What the seller delivers for it", func(o *deal.Objective) *deal.Prose { return &o.Deliverable }),
	}, internalFields(func(o *deal.Objective) (*bool, *string) { return &o.Internal, &o.InternalNote })...)
}

func kpiFields() []field[deal.KPI] {
	return append([]field[deal.KPI]{
		plain("metric", "What is measured", func(k *deal.KPI) *string { return &k.Metric }).must(),
		measure("target", "Where it shall be: a number, or a change against the baseline such as \"-20%\"", func(k *deal.KPI) *deal.Measure { return &k.Target }).must(),
		measure("baseline", "Where it is today", func(k *deal.KPI) *deal.Measure { return &k.Baseline }),
		measure("actual", "Where it has got to", func(k *deal.KPI) *deal.Measure { return &k.Actual }),
		plain("unit", "Its unit: %, min, hours, or a currency such as EUR", func(k *deal.KPI) *string { return &k.Unit }),
		choice("direction", "Whether more or less is better", directions, func(k *deal.KPI) *string { return &k.Direction }).preset("from the baseline or the sign"),
		inline("sample", "What it is measured on", func(k *deal.KPI) *deal.Prose { return &k.Sample }),
		inline("window", "Over what time it is measured", func(k *deal.KPI) *deal.Prose { return &k.Window }),
		when("by", "By when the target is reached", func(k *deal.KPI) *deal.Date { return &k.By }),
		flag("highlight", "true: stands at the top of the page; three at most", func(k *deal.KPI) *bool { return &k.Highlight }),
		flag("estimate", "true: worked out, not measured, such as a saving", func(k *deal.KPI) *bool { return &k.Estimate }),
	}, internalFields(func(k *deal.KPI) (*bool, *string) { return &k.Internal, &k.InternalNote })...)
}

func constraintFields() []field[deal.Constraint] {
	return append([]field[deal.Constraint]{
		choice("kind", "What the limit is about", constraints, func(c *deal.Constraint) *string { return &c.Kind }).must(),
		inline("text", "The limit", func(c *deal.Constraint) *deal.Prose { return &c.Text }).must(),
	}, internalFields(func(c *deal.Constraint) (*bool, *string) { return &c.Internal, &c.InternalNote })...)
}

func stageFields(local bool) []field[deal.Stage] {
	text := plain[deal.Stage]
	if local {
		text = localPlain[deal.Stage]
	}
	name := id("id", "The id that milestones name", func(s *deal.Stage) *string { return &s.ID }).must()
	inner, spelt := name.bind, byID()
	name.bind = func(b *binder, s *deal.Stage, v any) {
		inner(b, s, v)
		if s.ID != "" && !spelt.valid(s.ID) {
			text, label, hint := spelt.bad(s.ID)
			b.failAt(b.place(), "bad-id", text, label, hint)
		}
	}
	return append([]field[deal.Stage]{
		name,
		text("title", "What the stage is called", func(s *deal.Stage) *string { return &s.Title }).must(),
	}, internalFields(func(s *deal.Stage) (*bool, *string) { return &s.Internal, &s.InternalNote })...)
}

func riskFields() []field[deal.Risk] {
	return append([]field[deal.Risk]{
		plain("title", "What may go wrong", func(r *deal.Risk) *string { return &r.Title }).must(),
		inline("counter", "Who does what against it, by when", func(r *deal.Risk) *deal.Prose { return &r.Counter }),
		id("owner", "Who sees to it", func(r *deal.Risk) *string { return &r.Owner }),
		choice("likelihood", "How likely it is", grades, func(r *deal.Risk) *string { return &r.Likelihood }).preset("medium"),
		choice("impact", "How bad it would be", grades, func(r *deal.Risk) *string { return &r.Impact }).preset("medium"),
		day("opened", "When it was seen", func(r *deal.Risk) *deal.Day { return &r.Opened }),
		day("closed", "When it went away", func(r *deal.Risk) *deal.Day { return &r.Closed }),
		id("milestone", "The milestone that it endangers", func(r *deal.Risk) *string { return &r.Milestone }),
	}, internalFields(func(r *deal.Risk) (*bool, *string) { return &r.Internal, &r.InternalNote })...)
}

func pricingFields() []field[deal.Pricing] {
	line := tableOf(lineFields())
	return append([]field[deal.Pricing]{
		count("term_months", "The contract's length in months", 1, 240, func(p *deal.Pricing) *int { return &p.TermMonths }).preset("12"),
		inline("payment_terms", "How and when it is paid", func(p *deal.Pricing) *deal.Prose { return &p.PaymentTerms }),
		when("valid_until", "The last day on which the offer stands", func(p *deal.Pricing) *deal.Date { return &p.ValidUntil }),
		inline("note", "What else there is to say, such as taxes", func(p *deal.Pricing) *deal.Prose { return &p.Note }),
		audience("audience", "Viewers or roles who alone see the prices", func(p *deal.Pricing) *[]string { return &p.Audience }),
		list("line", "[[pricing.line]]: one line of the offer", line, newLine, func(p *deal.Pricing) *[]deal.PriceLine { return &p.Lines }),
	}, internalFields(func(p *deal.Pricing) (*bool, *string) { return &p.Internal, &p.InternalNote })...)
}

func newLine() deal.PriceLine {
	one, _ := deal.NumberOf("1")
	return deal.PriceLine{Per: "once", Quantity: one}
}

func lineFields() []field[deal.PriceLine] {
	return append([]field[deal.PriceLine]{
		plain("item", "What is offered", func(l *deal.PriceLine) *string { return &l.Item }).must(),
		numbers("unit_price", "The price of one, or a list of prices by contract year; a negative one is a credit", func(l *deal.PriceLine) *[]deal.Number { return &l.UnitPrice }).must(),
		number("quantity", "How many", func(l *deal.PriceLine) *deal.Number { return &l.Quantity }).preset("1"),
		plain("unit", "Of what, such as seats", func(l *deal.PriceLine) *string { return &l.Unit }),
		choice("per", "How often it is paid", periods, func(l *deal.PriceLine) *string { return &l.Per }).preset("once"),
		number("discount_percent", "A discount in percent", func(l *deal.PriceLine) *deal.Number { return &l.Discount }),
		inline("description", "What is in it", func(l *deal.PriceLine) *deal.Prose { return &l.Description }),
		flag("optional", "true: outside of the totals", func(l *deal.PriceLine) *bool { return &l.Optional }),
	}, internalFields(func(l *deal.PriceLine) (*bool, *string) { return &l.Internal, &l.InternalNote })...)
}

// collateralTable of a deal, or with texts by language of the library.
func collateralTable(ofLibrary bool) *table[deal.Collateral] {
	text, prose := plain[deal.Collateral], inline[deal.Collateral]
	where := "A file of this folder, such as collateral/deck.pdf, or library:soc2.pdf"
	if ofLibrary {
		text, prose = localPlain[deal.Collateral], localInline[deal.Collateral]
		where = "A file beside library.toml, such as soc2.pdf"
	}
	return tableOf([]field[deal.Collateral]{
		text("title", "What it is called", func(c *deal.Collateral) *string { return &c.Title }).preset("the file's name"),
		filePath("file", where+"; or give url", func(c *deal.Collateral) *deal.File { return &c.File }),
		webAddress("url", "An address; or give file", func(c *deal.Collateral) *string { return &c.URL }),
		choice("kind", "What it is", collateral, func(c *deal.Collateral) *string { return &c.Kind }).preset("other"),
		prose("description", "What is in it", func(c *deal.Collateral) *deal.Prose { return &c.Description }),
		filePath("poster", "A picture that stands for it", func(c *deal.Collateral) *deal.File { return &c.Poster }),
		flag("download", "false: no link to download it", func(c *deal.Collateral) *bool { return &c.Download }).preset("true"),
		when("valid_until", "The last day on which it holds", func(c *deal.Collateral) *deal.Date { return &c.ValidUntil }),
		audience("audience", "Viewers or roles who alone see it", func(c *deal.Collateral) *[]string { return &c.Audience }),
	}, internalFields(func(c *deal.Collateral) (*bool, *string) { return &c.Internal, &c.InternalNote })).then(wholeCollateral)
}

// wholeCollateral wants a file or an address.
func wholeCollateral(b *binder, _ *deal.Collateral, tree map[string]any) {
	at := b.place()
	at.Key = true
	switch file, url := has(tree, "file"), has(tree, "url"); {
	case file && url && !isLost(tree, "file", "url"):
		b.failAt(b.place().Of("url"), "file-and-url", "the collateral has a file and an address", "", "give one of them; for both, make two entries")
	case !file && !url:
		b.failAt(at, "missing-key", tableName(b.path)+` has neither "file" nor "url"`, "", "name a file of this folder, or give an address")
	}
}

func referenceFields() []field[deal.ReferenceCall] {
	return append([]field[deal.ReferenceCall]{
		inline("who", "Who is called: a role and a company", func(r *deal.ReferenceCall) *deal.Prose { return &r.Who }).must(),
		inline("objective", "What shall be learnt from it", func(r *deal.ReferenceCall) *deal.Prose { return &r.Objective }),
		when("when", "When it is", func(r *deal.ReferenceCall) *deal.Date { return &r.When }),
		ids("with", "Who of the plan's people takes part", func(r *deal.ReferenceCall) *[]string { return &r.With }),
		day("done", "When it was held", func(r *deal.ReferenceCall) *deal.Day { return &r.Done }),
	}, internalFields(func(r *deal.ReferenceCall) (*bool, *string) { return &r.Internal, &r.InternalNote })...)
}

func accessFields() []field[deal.Access] {
	viewer := tableOf([]field[deal.ViewerAccess]{
		when("expires", "The last day on which the viewer has a way in", func(v *deal.ViewerAccess) *deal.Date { return &v.Expires }),
		count("generation", "Raise it to make a new link", 1, 1<<30, func(v *deal.ViewerAccess) *int { return &v.Generation }).preset("1"),
	})
	viewers := tables("viewer", "[access.viewer.<person>]: what differs for one viewer", viewer, byID(),
		func(*deal.Access, string) (deal.ViewerAccess, bool) { return deal.ViewerAccess{Generation: 1}, false },
		func(a *deal.Access, id string, v deal.ViewerAccess) {
			if a.Viewer == nil {
				a.Viewer = map[string]deal.ViewerAccess{}
			}
			a.Viewer[id] = v
		})
	return []field[deal.Access]{
		ids("viewers", "People who have a link of their own", func(a *deal.Access) *[]string { return &a.Viewers }),
		viewers,
		flag("passphrase", "true: one passphrase for the deal, which the program makes", func(a *deal.Access) *bool { return &a.Passphrase }).preset("the site's"),
		choice("factors", "What a viewer needs", factors, func(a *deal.Access) *string { return &a.Factors }).preset("the site's"),
		count("generation", "Raise it to make a new passphrase and new keys", 1, 1<<30, func(a *deal.Access) *int { return &a.Generation }).preset("1"),
		flag("public", "true: built in the clear, for anyone", func(a *deal.Access) *bool { return &a.Public }),
	}
}
