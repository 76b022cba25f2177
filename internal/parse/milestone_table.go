package parse

import "portico/internal/deal"

func milestoneTable() *table[deal.Milestone] {
	step := tableOf(stepFields()).then(wholeStep)
	return tableOf([]field[deal.Milestone]{
		plain("title", "The result, in the buyer's words", func(m *deal.Milestone) *string { return &m.Title }).must(),
		when("due", "The last day on which it is in time", func(m *deal.Milestone) *deal.Date { return &m.Due }).preset("go_live, for kind go_live; else it is required"),
		ids("owner", "Who owns it, of both sides; the first has the ball", func(m *deal.Milestone) *[]string { return &m.Owners }),
		id("stage", "The stage it belongs to", func(m *deal.Milestone) *string { return &m.Stage }),
		choice("kind", "What kind of work it is", kinds, func(m *deal.Milestone) *string { return &m.Kind }).preset("task"),
		when("start", "When work on it begins", func(m *deal.Milestone) *deal.Date { return &m.Start }),
		clock("at", "The time of day, such as \"15:00\"", func(m *deal.Milestone) *deal.Clock { return &m.At }),
		day("done", "The day on which it was done", func(m *deal.Milestone) *deal.Day { return &m.Done }),
		choice("status", "How it stands, while it is open", workStates, func(m *deal.Milestone) *deal.Status { return &m.Status }).preset("not_started, or in_progress once a step has begun"),
		choice("risk", "Whether it will hold", riskLevels, func(m *deal.Milestone) *string { return &m.Risk }).preset("on_track"),
		inline("risk_note", "Why it is at risk", func(m *deal.Milestone) *deal.Prose { return &m.RiskNote }),
		choices("roles", "The roles it needs", roles, func(m *deal.Milestone) *[]string { return &m.Roles }),
		inline("benefit", "What the buyer gets from it", func(m *deal.Milestone) *deal.Prose { return &m.Benefit }),
		inline("done_when", "Its definition of done", func(m *deal.Milestone) *deal.Prose { return &m.DoneWhen }),
		inlines("agenda", "What a meeting is about, point by point", func(m *deal.Milestone) *[]deal.Prose { return &m.Agenda }),
		ids("after", "The milestones and events it waits for", func(m *deal.Milestone) *[]string { return &m.After }),
		references("collateral", "What goes with it: ids of collateral, or library: files", func(m *deal.Milestone) *[]string { return &m.Collateral }),
		address("link", "An intake form, a call", func(m *deal.Milestone) *string { return &m.Link }),
		list("step", "Its steps: step = [ … ], or [[milestone.<id>.step]]", step, func() deal.Step { return deal.Step{Kind: "task"} }, func(m *deal.Milestone) *[]deal.Step { return &m.Steps }),
	}, internalFields(func(m *deal.Milestone) (*bool, *string) { return &m.Internal, &m.InternalNote })).then(wholeMilestone)
}

const doneHint = "a date in `done` says it all: delete `status`"

func wholeMilestone(b *binder, m *deal.Milestone, tree map[string]any) {
	// A kind that could not be read may have been go_live, which needs no due.
	kind, _ := tree["kind"].(string)
	due := has(tree, "due") || has(tree, "kind") && fold(kind) != fold(m.Kind)
	if !due && m.Kind != "go_live" {
		b.missing("due", "the last day on which it is in time: a day, or counted from another date, such as \"go_live - 6w\"")
		m.Due = deal.BrokenDate()
	}
	if m.Done != 0 && has(tree, "status") {
		b.in("status", func() { b.warn("status-and-done", "the milestone is done, and has a status", doneHint) })
	}
}

func wholeStep(b *binder, s *deal.Step, tree map[string]any) {
	if s.Done && has(tree, "status") {
		b.in("status", func() { b.warn("status-and-done", "the step is done, and has a status", doneHint) })
	}
}

func stepFields() []field[deal.Step] {
	return append([]field[deal.Step]{
		plain("title", "What is done", func(s *deal.Step) *string { return &s.Title }).must(),
		ids("owner", "Who does it", func(s *deal.Step) *[]string { return &s.Owners }),
		when("due", "By when; `due` is the milestone's own date", func(s *deal.Step) *deal.Date { return &s.Due }).preset("the milestone's"),
		clock("at", "The time of day, such as \"15:00\"", func(s *deal.Step) *deal.Clock { return &s.At }),
		doneField(),
		choice("status", "How it stands, while it is open", workStates, func(s *deal.Step) *deal.Status { return &s.Status }).preset("not_started"),
		choice("kind", "What kind of work it is", stepKinds, func(s *deal.Step) *string { return &s.Kind }).preset("task"),
		address("link", "A form, a call", func(s *deal.Step) *string { return &s.Link }),
	}, internalFields(func(s *deal.Step) (*bool, *string) { return &s.Internal, &s.InternalNote })...)
}

// doneField of a step is a day, or true.
func doneField() field[deal.Step] {
	return field[deal.Step]{name: "done", doc: "true, or the day on which it was done", schema: schema{kind: "done"}, bind: func(b *binder, s *deal.Step, v any) {
		if done, ok := v.(bool); ok {
			s.Done = done
			return
		}
		if v == nil {
			s.Done = true // written and lost: nobody says that it is late
			return
		}
		s.DoneOn = b.day(v)
		s.Done = true
	}}
}

// references are ids of collateral, or "library:" files.
func references[T any](name, doc string, get func(*T) *[]string) field[T] {
	f := texts(name, doc, get)
	f.schema.pattern = ""
	return f
}

// noteFront is the front matter of notes/<date>.md.
func noteFront() *table[deal.Note] {
	return tableOf([]field[deal.Note]{
		id("author", "Who wrote it", func(n *deal.Note) *string { return &n.Author }),
		flag("internal", "true: for the seller's roll-up alone", func(n *deal.Note) *bool { return &n.Internal }),
		movedField(),
	})
}

// movedField is [moved]: milestone id = "why".
func movedField() field[deal.Note] {
	return field[deal.Note]{name: "moved", doc: "[moved]: which milestones moved, and why", schema: schema{kind: "reasons"}, bind: func(b *binder, n *deal.Note, v any) {
		tree, ok := v.(map[string]any)
		if !ok {
			if v != nil {
				b.wrongType(v, "a table", "write [moved] and below it: milestone-id = \"why it moved\"")
			}
			return
		}
		for _, id := range b.inOrder("moved", tree) {
			b.in(id, func() {
				if why, ok := b.text(tree[id]); ok {
					n.Moved = append(n.Moved, deal.Move{Milestone: id, Why: why})
				}
			})
		}
	}}
}

// pageFront is the front matter of pages/<name>.md.
func pageFront() *table[deal.Page] {
	return tableOf([]field[deal.Page]{
		plain("title", "The page's title", func(p *deal.Page) *string { return &p.Title }).preset("its first heading"),
		count("order", "Where it stands among the pages; low numbers first", -1000, 1000, func(p *deal.Page) *int { return &p.Order }).preset("0"),
		flag("hidden", "true: not in the navigation", func(p *deal.Page) *bool { return &p.Hidden }),
		flag("internal", "true: for the seller alone, not built", func(p *deal.Page) *bool { return &p.Internal }),
		audience("audience", "Viewers or roles who alone see it", func(p *deal.Page) *[]string { return &p.Audience }),
	})
}
