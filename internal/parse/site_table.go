package parse

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"portico/internal/deal"
)

// siteFile is portico.toml while it is being read.
type siteFile struct {
	deal.Site
	profiles []deal.Profile // in file order, before they are completed
}

var (
	hosts      = []string{"github-pages", "gitlab-pages", "netlify", "cloudflare", "vercel", "nginx", "caddy", "s3"}
	levels     = []string{"off", "advice", "warning", "error"}
	alertKinds = []string{"first_view", "pricing_again", "return", "silence", "refused"}
	channels   = []string{"slack", "mail", "webhook"}
	digests    = []string{"daily", "weekly"}
	densities  = []string{"compact", "normal", "airy"}
	heroes     = []string{"plain", "band", "split"}
	// builtIn are the profiles that every site has.
	builtIn = []string{"smb", "mid-market", "enterprise", "renewal"}
)

func siteTable() *table[siteFile] {
	return tableOf([]field[siteFile]{
		single("site", "[site] holds the defaults of every deal", tableOf(siteFields()), func(s *siteFile) *deal.Site { return &s.Site }).must(),
		single("seller", "[seller] is your own company", tableOf(sellerFields(true)), func(s *siteFile) *deal.Seller { return &s.Seller }).must(),
		tables("person", "[person.<id>]: your team, typed once", personTable(true), byID(),
			func(*siteFile, string) (deal.Person, bool) {
				return deal.Person{Side: deal.SideSeller, Listed: true, OfTeam: true}, false
			},
			func(s *siteFile, id string, p deal.Person) { p.ID = id; s.Team = append(s.Team, p) }),
		tables("theme", "[theme.<name>]: values over those of themes/<name>/theme.toml", tableOf(themeFields(true)), byID(),
			func(*siteFile, string) (deal.ThemeValues, bool) { return deal.ThemeValues{}, false },
			func(s *siteFile, id string, t deal.ThemeValues) { put(&s.Themes, id, t) }),
		tables("calendar", "[calendar.<id>]: days on which nobody works", tableOf(calendarFields()), byID(),
			func(*siteFile, string) (deal.Calendar, bool) { return deal.Calendar{}, false },
			func(s *siteFile, id string, c deal.Calendar) { put(&s.Calendars, id, c) }),
		tables("profile", "[profile.<id>]: what a kind of deal has in common", tableOf(profileFields()), byID(),
			func(_ *siteFile, id string) (deal.Profile, bool) {
				return deal.Profile{ID: id}, slices.Contains(builtIn, id)
			},
			func(s *siteFile, id string, p deal.Profile) { p.ID = id; s.profiles = append(s.profiles, p) }).over(),
		checkField(func(s *siteFile) *map[string]deal.CheckLevel { return &s.Checks }),
		single("access", "[access] holds the defaults of every deal's [access]", tableOf(accessDefaultFields()), func(s *siteFile) *deal.AccessDefaults { return &s.Access }),
		single("embed", "[embed] allows further sites in frames", tableOf([]field[deal.Site]{hostsField()}), func(s *siteFile) *deal.Site { return &s.Site }),
		single("beacon", "[beacon] is the collector that records who viewed what", tableOf(beaconFields()), func(s *siteFile) *deal.Beacon { return &s.Beacon }),
		single("team", "[team] says who may open the roll-up", tableOf([]field[deal.Site]{
			ids("viewers", "Team members who may open the roll-up", func(s *deal.Site) *[]string { return &s.Viewers }),
		}), func(s *siteFile) *deal.Site { return &s.Site }),
	})
}

func put[V any](m *map[string]V, key string, v V) {
	if *m == nil {
		*m = map[string]V{}
	}
	(*m)[key] = v
}

func siteFields() []field[deal.Site] {
	return []field[deal.Site]{
		webAddress("base_url", "The address that the site is published under", func(s *deal.Site) *string { return &s.BaseURL }).must(),
		localPlain("title", "What the site is called", func(s *deal.Site) *string { return &s.Title }).preset("the seller's name"),
		locale("locale", "The language and region of deals that do not say", func(s *deal.Site) *string { return &s.Locale }).preset("en"),
		zone("timezone", "The time zone of deals that do not say", func(s *deal.Site) **time.Location { return &s.Timezone }).preset("UTC"),
		money("currency", "The currency of deals that do not say", func(s *deal.Site) *string { return &s.Currency }).preset("EUR"),
		plain("theme", "The theme of deals that do not say", func(s *deal.Site) *string { return &s.Theme }).preset("the built-in one"),
		id("profile", "The profile of deals that do not say", func(s *deal.Site) *string { return &s.Profile }).preset("mid-market"),
		choices("host", "Where the site is published: whose header files to write", hosts, func(s *deal.Site) *[]string { return &s.Hosts }),
		crmField(),
	}
}

func crmField() field[deal.Site] {
	f := webAddress("crm_url", "Where the CRM shows a deal; {crm_id} stands for its id", func(s *deal.Site) *string { return &s.CRMURL })
	inner := f.bind
	f.bind = func(b *binder, s *deal.Site, v any) {
		if text, ok := v.(string); ok && !strings.Contains(text, "{crm_id}") {
			b.fail("bad-address", "the address does not say where the deal's id goes", "put {crm_id} in its place: https://crm.example/deals/{crm_id}")
			return
		}
		inner(b, s, v)
	}
	return f
}

// sellerFields of the site, with texts by language, or of a deal.
func sellerFields(local bool) []field[deal.Seller] {
	text, prose := plain[deal.Seller], inline[deal.Seller]
	if local {
		text, prose = localPlain[deal.Seller], localInline[deal.Seller]
	}
	name, color := text("name", "Your company's name", func(s *deal.Seller) *string { return &s.Name }),
		color("color", "Your brand's colour, such as #2540c8; the page's palette is made from it", func(s *deal.Seller) *string { return &s.Color })
	if local {
		name, color = name.must(), color.must()
	}
	return []field[deal.Seller]{
		name, color,
		filePath("logo", "Your logo, such as assets/logo.svg", func(s *deal.Seller) *deal.File { return &s.Logo }),
		filePath("logo_dark", "Your logo for dark backgrounds", func(s *deal.Seller) *deal.File { return &s.LogoDark }),
		webAddress("website", "Your website", func(s *deal.Seller) *string { return &s.Website }),
		email("email", "A mail address for buyers", func(s *deal.Seller) *string { return &s.Email }),
		phone("phone", "A telephone number for buyers", func(s *deal.Seller) *string { return &s.Phone }),
		webAddress("imprint", "The address of your imprint", func(s *deal.Seller) *string { return &s.Imprint }),
		webAddress("privacy", "The address of your privacy notice", func(s *deal.Seller) *string { return &s.Privacy }),
		prose("confidentiality", "The sentence in the footer", func(s *deal.Seller) *deal.Prose { return &s.Confidentiality }),
	}
}

// radii are the lengths that a theme's corners may have; they go into a
// stylesheet.
var radii = onDemand(`^(0|\d{1,2}(\.\d{1,3})?(px|rem))$`)

// themeFields are the values of a theme: in portico.toml over those of the
// theme, where texts may differ by language, or in theme.toml itself.
func themeFields(local bool) []field[deal.ThemeValues] {
	text := plain[deal.ThemeValues]
	if local {
		text = localPlain[deal.ThemeValues]
	}
	radius := plain("radius", "How round corners are, such as 0.5rem, 8px or 0", func(t *deal.ThemeValues) *string { return &t.Radius })
	inner := radius.bind
	radius.schema.pattern = radii().String()
	radius.bind = func(b *binder, t *deal.ThemeValues, v any) {
		inner(b, t, v)
		if t.Radius != "" && !radii().MatchString(t.Radius) {
			b.fail("bad-length", fmt.Sprintf("%q is no radius", t.Radius), "write 0, or a number and px or rem: 8px, 0.5rem")
			t.Radius = ""
		}
	}
	return []field[deal.ThemeValues]{
		text("title", "What the theme is called", func(t *deal.ThemeValues) *string { return &t.Title }),
		color("color", "A colour to use instead of the seller's", func(t *deal.ThemeValues) *string { return &t.Color }),
		radius,
		choice("density", "How much air there is", densities, func(t *deal.ThemeValues) *string { return &t.Density }),
		choice("hero", "How the page begins", heroes, func(t *deal.ThemeValues) *string { return &t.Hero }),
	}
}

func calendarFields() []field[deal.Calendar] {
	return []field[deal.Calendar]{
		localPlain("title", "What the calendar is called", func(c *deal.Calendar) *string { return &c.Title }),
		days("days", "The days on which nobody works", func(c *deal.Calendar) *[]deal.Day { return &c.Days }).must(),
	}
}

func profileFields() []field[deal.Profile] {
	extends := choice("extends", "The built-in profile that it changes: smb, mid-market, enterprise or renewal", builtIn, func(p *deal.Profile) *string { return &p.Extends }).preset("the built-in profile of the same name")
	extends.required = true
	return []field[deal.Profile]{
		extends,
		list("stage", "[[profile.<id>.stage]]: its stages, in their order", tableOf(stageFields(true)), fresh[deal.Stage], func(p *deal.Profile) *[]deal.Stage { return &p.Stages }),
		limitsField(),
		plain("theme", "The theme of its deals", func(p *deal.Profile) *string { return &p.Theme }),
	}
}

// limitsField is [profile.<id>.limits]: a rule's code = a number.
func limitsField() field[deal.Profile] {
	return field[deal.Profile]{name: "limits", doc: "Thresholds of rules, by their codes: MAP005 = 12", schema: schema{kind: "limits"}, bind: func(b *binder, p *deal.Profile, v any) {
		tree, ok := v.(map[string]any)
		if !ok {
			if v != nil {
				b.wrongType(v, "a table", "write limits = { MAP005 = 12 }")
			}
			return
		}
		for _, code := range sorted(tree) {
			b.in(code, func() {
				if !ruleCode().MatchString(code) {
					at := b.place()
					at.Key = true
					b.failAt(at, "bad-id", fmt.Sprintf("%q is no rule", code), "", "rules are called MAP and three digits, such as MAP007")
					return
				}
				n, isNumber := tree[code].(int64)
				if !isNumber || n < 0 || n > 100_000 {
					b.wrongType(tree[code], "a whole number", "write a threshold, such as 12")
					return
				}
				put(&p.Limits, code, int(n))
			})
		}
	}}
}

// checkField is [check.<CODE>].
func checkField[T any](get func(*T) *map[string]deal.CheckLevel) field[T] {
	level := tableOf([]field[deal.CheckLevel]{
		choice("level", "How grave the rule is here", levels, func(c *deal.CheckLevel) *string { return &c.Level }).must(),
		plain("reason", "Why it is so here", func(c *deal.CheckLevel) *string { return &c.Reason }).must(),
		day("until", "The last day on which this holds", func(c *deal.CheckLevel) *deal.Day { return &c.Until }),
	})
	return tables("check", "[check.<CODE>] changes how grave a rule of portico check is", level, byRule(),
		func(*T, string) (deal.CheckLevel, bool) { return deal.CheckLevel{}, false },
		func(t *T, code string, c deal.CheckLevel) { put(get(t), code, c) })
}

func accessDefaultFields() []field[deal.AccessDefaults] {
	return []field[deal.AccessDefaults]{
		flag("passphrase", "true: every deal has one passphrase, which the program makes", func(a *deal.AccessDefaults) *bool { return &a.Passphrase }).preset("true"),
		choice("factors", "What a viewer needs", factors, func(a *deal.AccessDefaults) *string { return &a.Factors }).preset("link"),
		count("remember_days", "For how many days a device may remember a deal", 1, 30, func(a *deal.AccessDefaults) *int { return &a.RememberDays }).preset("30"),
		span("expires_after", "How long past its last due date a deal is built, such as 90d", func(a *deal.AccessDefaults) *deal.Span { return &a.ExpiresAfter }).preset("for ever"),
	}
}

var hostName = onDemand(`^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)

func hostsField() field[deal.Site] {
	f := texts("hosts", "Hosts that may be shown in frames, such as player.example.com", func(s *deal.Site) *[]string { return &s.EmbedHosts })
	f.schema.pattern = hostName().String()
	f.bind = func(b *binder, s *deal.Site, v any) {
		collect(b, v, &s.EmbedHosts, func(v any) (string, bool) {
			text, ok := b.text(v)
			if ok && !hostName().MatchString(text) {
				b.fail("bad-host", fmt.Sprintf("%q is no host", text), "write the name alone, without https:// and path: player.example.com")
				return "", false
			}
			return text, ok
		})
	}
	return f
}

var envName = onDemand(`^[A-Z][A-Z0-9_]*$`)

func beaconFields() []field[deal.Beacon] {
	env := plain("env", "The environment variable that holds the address to send to: no secret is written in a file", func(a *deal.Alert) *string { return &a.Env }).must()
	inner := env.bind
	env.schema.pattern = envName().String()
	env.bind = func(b *binder, a *deal.Alert, v any) {
		inner(b, a, v)
		if a.Env != "" && !envName().MatchString(a.Env) {
			b.fail("secret-in-file", "this is no name of an environment variable", "no secret is written in a file: set a variable where the collector runs, and name it here: PORTICO_SLACK")
			a.Env = ""
		}
	}
	alert := tableOf([]field[deal.Alert]{
		choices("on", "What to tell of", alertKinds, func(a *deal.Alert) *[]string { return &a.On }).must(),
		choice("via", "How to send it", channels, func(a *deal.Alert) *string { return &a.Via }).must(),
		env,
		ids("to", "Team members to tell", func(a *deal.Alert) *[]string { return &a.To }).preset("the deal's owner"),
		choice("digest", "Gather messages of a day or a week", digests, func(a *deal.Alert) *string { return &a.Digest }).preset("each is sent at once"),
	})
	return []field[deal.Beacon]{
		webAddress("url", "The collector's address, through /_portal; without it nothing is recorded", func(x *deal.Beacon) *string { return &x.URL }),
		localInline("notice", "What the page tells of the recording", func(x *deal.Beacon) *deal.Prose { return &x.Notice }),
		flag("off", "true: nothing is recorded", func(x *deal.Beacon) *bool { return &x.Off }),
		list("alert", "[[beacon.alert]]: what the collector tells, and whom", alert, fresh[deal.Alert], func(x *deal.Beacon) *[]deal.Alert { return &x.Alerts }),
	}
}

// holidaysField of [dates] holds days and the ids of the site's calendars.
func holidaysField() field[dealFile] {
	return field[dealFile]{name: "holidays", doc: "Days on which nobody works: dates, and ids of the site's calendars", schema: schema{kind: "string", list: true}, bind: func(b *binder, d *dealFile, v any) {
		d.Holidays = map[deal.Day]bool{}
		b.each(v, func(v any) {
			name, _ := v.(string)
			c, known := b.calendar[name]
			if known || deal.ValidID(name) && !startsWithDigit(name) {
				if !known {
					b.unknownIn("calendar", name, sorted(b.calendar), "calendars are the tables [calendar.<id>] of portico.toml")
				}
				for _, day := range c.Days {
					d.Holidays[day] = true
				}
				return
			}
			if day := b.day(v); day != 0 {
				d.Holidays[day] = true
			}
		})
	}}
}

func startsWithDigit(s string) bool { return s[0] >= '0' && s[0] <= '9' }

func libraryTable() *table[deal.Library] {
	return tableOf([]field[deal.Library]{
		tables("collateral", "[collateral.<id>]: a file that every deal may name", collateralTable(true), byID(),
			func(*deal.Library, string) (deal.Collateral, bool) { return newCollateral(), false },
			func(l *deal.Library, id string, c deal.Collateral) {
				c.ID, c.OfLibrary = id, true
				l.Collateral = append(l.Collateral, c)
			}),
	})
}
