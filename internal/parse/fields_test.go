package parse

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"portico/internal/diag"
)

// spelling is what the values of a kind of field look like, as they are written in
// TOML.
type spelling struct {
	// good values are taken; also are further spellings that the JSON Schema
	// does not complete.
	good, also []string
	// bad values are refused with a code; so are those of only, which the JSON
	// Schema cannot tell from good ones.
	bad, only map[string]string
}

// and adds to a spelling.
func (f spelling) and(more spelling) spelling {
	join := func(a, b map[string]string) map[string]string {
		m := maps.Clone(a)
		if m == nil {
			m = map[string]string{}
		}
		maps.Copy(m, b)
		return m
	}
	return spelling{slices.Concat(f.good, more.good), slices.Concat(f.also, more.also), join(f.bad, more.bad), join(f.only, more.only)}
}

// samples are a value of each type; the name says which.
var samples = map[string]string{
	"text": `"some text"`, "whole": "7", "decimal": "1.5", "flag": "true", "day": "2026-11-05",
	"moment": "2026-11-05T10:00:00Z", "time": "10:00:00", "list": `["some text"]`, "numbers": "[7]", "table": "{ some = 7 }",
	"tables": "[{ some = 7 }]",
}

// refuses is a spelling that takes samples of none but some types; all others are
// of the wrong type. Dates reach the JSON Schema as texts.
func refuses(all ...string) spelling {
	f := spelling{bad: map[string]string{}, only: map[string]string{}}
	for name, sample := range samples {
		switch {
		case slices.Contains(all, name):
		case name == "day" || name == "moment" || name == "time":
			f.only[sample] = "wrong-type"
		default:
			f.bad[sample] = "wrong-type"
		}
	}
	return f
}

func bad(code string, values ...string) spelling {
	f := spelling{bad: map[string]string{}}
	for _, v := range values {
		f.bad[v] = code
	}
	return f
}

// hidden is bad for this program and nothing to the JSON Schema.
func hidden(code string, values ...string) spelling {
	f := bad(code, values...)
	return spelling{only: f.bad}
}

func good(values ...string) spelling { return spelling{good: values} }
func also(values ...string) spelling { return spelling{also: values} }

// The forms of the format, named as its constructors in fields.go.
var (
	emptyText   = hidden("empty", `""`, `"  "`, `"\n\t"`)
	controlText = hidden("control-character", `"a\u0007"`, `"a\u007f"`, `"a\u0085b"`)
	plainForm   = refuses("text").and(good(`"One inbox"`, `'One "inbox"'`, `"Größe"`)).and(also("\"\"\"\nOne\n  inbox\"\"\"")).and(emptyText).and(controlText)
	proseForm   = plainForm.and(good(`"One *inbox* of @mara, [here](https://fern.example)"`))
	languages   = good(`{ en = "One", de = "Eins" }`, `{ "pt-BR" = "Um" }`).and(bad("wrong-type", `{ en = 5 }`)).
			and(bad("empty", `{}`)).and(hidden("empty", `{ en = "" }`)).and(hidden("bad-locale", `{ english = "One" }`, `{ e = "One" }`))
	localForm = refuses("text", "table").and(good(`"One inbox"`)).and(emptyText).and(controlText).and(languages).and(spelling{bad: map[string]string{samples["table"]: "bad-locale"}})
	listForm  = refuses("text", "list").and(good(`"one"`, `["one", "two"]`, `[]`)).and(bad("wrong-type", `["one", 7]`, `[["one"]]`)).and(emptyText).and(hidden("empty", `["one", ""]`))
	proseList = listForm.and(good(`["One *inbox*", "for @mara"]`))
	flagForm  = refuses("flag").and(good("true", "false")).and(bad("wrong-type", `"true"`, `"yes"`, `""`, "1", "0"))
	idForm    = refuses("text").and(good(`"ana"`, `"ana-costa-2"`)).and(emptyText).and(controlText).and(spelling{also: []string{`"Ana Costa"`}}) // which check calls a name
	idsForm   = refuses("text", "list").and(good(`"ana"`, `["ana", "ben-2"]`, `[]`)).and(bad("wrong-type", `["ana", 7]`)).and(emptyText).and(also(`"Ana Costa"`))
	dateForm  = refuses("text", "day", "list", "numbers").and(good("2026-11-05", `"2026-11-05"`, `"go_live"`, `"go_live - 6w"`, `"go_live + 999d - 10bd + 1m"`, `"start + 1d"`, `"W5"`, `"W12 Thu"`, `"W1 Mon - 2w"`)).
			and(bad("wrong-type", `["2026-11-05"]`)).
			and(bad("bad-date", `""`, `"5/11/2026"`, `"go_live -6w"`, `"go_live  - 6w"`, `"go_live - 6"`, `"go_live - 6y"`, `"go_live - 1000d"`, `" go_live"`, `"W5 Thursday"`, `"soon!"`, `"Go_live"`)).
			and(hidden("bad-date", `"2026-1-5"`, `"2026-11-31"`, `"2026-13-01"`, `"0026-11-05"`, `"W0"`, `"go_live - 0d"`, `"w5"`)).
			and(hidden("unknown-reference", `"nowhere"`, `"nowhere + 2w"`))
	dayForm = refuses("text", "day", "list", "numbers").and(good("2026-11-05", `"2026-11-05"`)).
		and(bad("bad-date", `""`, `"5/11/2026"`, `"some text"`)).and(hidden("bad-date", `"2026-11-31"`)).and(bad("relative-date", `"go_live"`, `"start + 1d"`, `"W5"`))
	daysForm   = refuses("text", "day", "list").and(good("2026-11-05", `["2026-11-05", 2026-12-24]`)).and(bad("wrong-type", "[7]", "7")).and(bad("bad-date", `["some text"]`)).and(bad("relative-date", `["go_live"]`))
	clockForm  = refuses("text", "time").and(good(`"15:00"`, `"09:30"`, `"00:00"`, `"23:59"`)).and(also("15:00:00", "15:00")).and(bad("bad-time", `""`, `"9:30"`, `"24:00"`, `"15:60"`, `"15:00:00"`, `"3 pm"`, `"15.00"`))
	numberForm = refuses("text", "whole", "decimal").and(good("1250", "-5", "0", "+17", `"1250.50"`, `"-0.000000001"`, `"999999999999999"`)).
			and(bad("bare-decimal", "1250.50")).and(hidden("bare-decimal", "2.0", "1e3")).
			and(bad("bad-number", `""`, `"1.250,00"`, `"1,250.00"`, `"€5"`, `"1e3"`, `"+5"`, `" 5"`, `".5"`, `"5."`, `"1 250"`, `"1234567890123456"`, `"0.1234567891"`, `"some"`)).
			and(hidden("bad-number", "1000000000000000", "-1000000000000000"))
	numbersForm = refuses("text", "whole", "decimal", "list", "numbers").and(good("1250", `"1250.50"`, `[100, "99.50", -5]`)).and(bad("bare-decimal", "[1.5]")).and(bad("bad-number", `["some"]`))
	measureForm = refuses("text", "whole", "decimal").and(good("5", "-5", "6.1", "0.0", `"6.1"`, `"12"`, `"-20%"`, `"+10"`, `"-0.5 %"`, `"−20%"`)).
			and(bad("bad-number", `""`, `"20 %"`, `"20%"`, `"5 min"`, `"some"`, `"e5"`, `"--5"`, `"1,5"`, `"+"`, `"%"`)).and(hidden("bad-number", "nan", "inf", "1e16"))
	webForm = refuses("text").and(good(`"https://fern.example"`, `"http://fern.example:8080/a?b=c#d"`, `"https://example.com/%C3%A9"`, `"https://exämple.com/ä"`)).and(emptyText).
		and(bad("bad-address", `"some text"`, `"fern.example"`, `"//fern.example"`, `"javascript:alert(1)"`, `"data:text/html,x"`, `"ftp://fern.example"`, `"mailto:ana@fern.example"`)).
		and(hidden("bad-address", `"https://"`, `"https:///x"`, `"https://ana:secret@fern.example"`, `"https://ana@fern.example"`, `"https://fern.example/a b"`, `"https://fern.example:port"`))
	linkForm = refuses("text").and(good(`"https://fern.example/spelling"`, `"mailto:ana@fern.example"`, `"tel:+442079460011"`)).and(emptyText).
			and(bad("unsafe-address", `"javascript:alert(1)"`, `" javascript:alert(1)"`, `"data:text/html,x"`, `"vbscript:x"`, `"file:///etc/passwd"`)).
			and(bad("bad-address", `"some text"`, `"fern.example"`, `"#plan"`, `"collateral/spelling.pdf"`)).
			and(hidden("bad-address", `"https://ana:secret@fern.example"`, `"https://"`)).and(hidden("unsafe-address", `"mailto:a b@c.example"`))
	emailForm = refuses("text").and(good(`"ana@fern.example"`, `"ana.costa+plan@mail.fern.example"`, `"o'neill@fern.example"`)).and(emptyText).
			and(bad("bad-email", `"some text"`, `"ana"`, `"ana@"`, `"@fern.example"`, `"Ana <ana@fern.example>"`, `"ana@fern.example, ben@fern.example"`)).
			and(hidden("bad-email", `"ana@fern.example?subject=x"`, `"a&b@fern.example"`))
	phoneForm = refuses("text").and(good(`"+44 20 7946 0011"`, `"(020) 7946-0011"`, `"+49 30/123456"`, `"020 7946 0011 ext. 12"`, `"+1.555.0100 x7"`)).and(emptyText).
			and(hidden("bad-phone", `"some text"`, `"+44 20 7946 0011; 12"`, `"call me"`, `"12"`, `"+44 20 7946 0011 or 0012"`))
	colorForm = refuses("text").and(good(`"#2540c8"`, `"#2540C8"`, `"#08f"`)).and(emptyText).and(bad("bad-color", `"some text"`, `"blue"`, `"2540c8"`, `"#2540c"`, `"#2540c8ff"`, `"rgb(1,2,3)"`, `"#ggg"`))
	fileForm  = refuses("text").and(good(`"collateral/deck.pdf"`, `"collateral/Größe 2.pdf"`, `"./collateral/x/../deck.pdf"`)).
			and(hidden("empty", `""`)).and(hidden("path-escape", `"../alder/deck.pdf"`, `"collateral/../../alder/deck.pdf"`, `"/etc/passwd"`, `"C:/deck.pdf"`, `"collateral\\deck.pdf"`, `"collateral/%2e%2e/x"`, `"https://fern.example/deck.pdf"`, `"~/deck.pdf"`, `"collateral/.hidden"`, `" collateral/deck.pdf"`)).and(hidden("control-character", `"collateral/a\u0000b"`)).
			and(hidden("bad-path", `"."`, `"collateral/.."`)).and(hidden("not-collateral", `"deal.toml"`, `"notes/2026-11-06.md"`))
	localeForm   = refuses("text").and(good(`"de"`, `"en-GB"`, `"zh-Hans-CN"`)).and(also(`"DE-de"`, `"pt_BR"`)).and(emptyText).and(hidden("bad-locale", `"some text"`, `"english"`, `"x"`, `"de-"`, `"und"`, `"en-GB-"`, `"xx-YY-ZZ"`))
	zoneForm     = refuses("text").and(good(`"Europe/Berlin"`, `"America/Argentina/Buenos_Aires"`, `"UTC"`)).and(emptyText).and(hidden("bad-timezone", `"some text"`, `"Local"`, `"localtime"`, `"posixrules"`, `"Berlin"`, `"../Europe/Berlin"`, `"/etc/localtime"`, `"right/Europe/Berlin"`, `"posix/Europe/Berlin"`, `"+02:00"`))
	currencyForm = refuses("text").and(good(`"EUR"`, `"JPY"`)).and(also(`"eur"`)).and(emptyText).and(bad("bad-currency", `"some text"`, `"Euro"`, `"€"`)).and(hidden("bad-currency", `"ZZZ"`))
	lengthForm   = refuses("text").and(good(`"90d"`, `"12w"`, `"3m"`, `"3 m"`)).and(emptyText).and(bad("bad-length", `"some text"`, `"90"`, `"90 days"`, `"5bd"`, `"-3d"`, `"12345d"`)).and(hidden("bad-length", `"0d"`, `"00w"`))
	envForm      = refuses("text").and(good(`"PORTICO_SLACK"`, `"X1"`)).and(emptyText).and(bad("secret-in-file", `"some text"`, `"https://hooks.slack.example/T0/B0/x"`, `"portico_slack"`, `"1X"`, `"xoxb-12345"`))
	ruleForm     = spelling{}.and(good(`{ MAP005 = 12, MAP007 = 0 }`, `{}`)).and(bad("wrong-type", `{ MAP005 = "12" }`, `{ MAP005 = 1.5 }`, `"MAP005"`, `7`, `["MAP005"]`, "true")).and(hidden("wrong-type", `{ MAP005 = -1 }`, `{ MAP005 = 100001 }`)).and(bad("bad-id", `{ MAP5 = 12 }`, `{ map005 = 12 }`))
)

// choiceForm takes one of some values, in any spelling that differs in case,
// blanks and hyphens alone.
func choiceForm(values ...string) spelling {
	f := refuses("text").and(emptyText).and(bad("unknown-value", `"some text"`, `"`+values[0]+`x"`))
	for _, v := range values {
		f = f.and(good(`"` + v + `"`)).and(also(`"`+strings.ToUpper(v)+`"`, `"`+strings.ReplaceAll(v, "_", " ")+`"`, `"`+strings.ReplaceAll(strings.ReplaceAll(v, "_", ""), "-", "_")+`"`, `" `+v+` "`))
	}
	slices.Sort(f.also)
	f.also = slices.DeleteFunc(slices.Compact(f.also), func(s string) bool { return slices.Contains(f.good, s) })
	return f
}

func choicesForm(values ...string) spelling {
	f := choiceForm(values...)
	delete(f.bad, samples["list"])
	last := values[len(values)-1]
	return f.and(good(fmt.Sprintf("[%q, %q]", values[0], last), "[]")).and(bad("unknown-value", `["some text"]`)).and(also(fmt.Sprintf("[%q]", strings.ToUpper(values[0]))))
}

// countForm takes whole numbers between two bounds.
func countForm(low, high int) spelling {
	return refuses("whole").and(good(fmt.Sprint(low), fmt.Sprint(high))).and(bad("out-of-range", fmt.Sprint(low-1), fmt.Sprint(high+1))).and(bad("wrong-type", `"7"`))
}

// entry says what a field takes. with are further keys that its table needs
// beside it, without those that it must not have.
type entry struct {
	spelling
	with    string
	without []string
}

// internalNotes are the two fields that most tables have.
var internalNotes = map[string]entry{"internal": {spelling: flagForm}, "internal_note": {spelling: plainForm}}

// table gives fields the name of their table.
func fieldsOf(table string, groups ...map[string]entry) map[string]entry {
	out := map[string]entry{}
	for _, group := range groups {
		for name, e := range group {
			out[table+"."+name] = e
		}
	}
	return out
}

func union(groups ...map[string]entry) map[string]entry {
	out := map[string]entry{}
	for _, group := range groups {
		maps.Copy(out, group)
	}
	return out
}

var personRoles = []string{"champion", "economic_buyer", "executive_sponsor", "technical_evaluator", "security", "legal", "procurement", "end_user", "project_manager", "account_executive", "solutions_engineer", "customer_success", "executive"}

func personEntries(text spelling) map[string]entry {
	return map[string]entry{
		"title": {spelling: text}, "name": {spelling: plainForm}, "side": {spelling: choiceForm("buyer", "seller", "partner")}, "department": {spelling: text},
		"role": {spelling: choicesForm(personRoles...)}, "decides": {spelling: choicesForm("deliverables", "scope", "budget", "timeline", "technical", "security", "legal")},
		"lead": {spelling: flagForm}, "group": {spelling: flagForm}, "listed": {spelling: flagForm}, "email": {spelling: emailForm}, "phone": {spelling: phoneForm},
		"photo": {spelling: fileForm}, "timezone": {spelling: zoneForm}, "link": {spelling: webForm},
	}
}

func sellerEntries(text, prose spelling) map[string]entry {
	return map[string]entry{
		"name": {spelling: text}, "color": {spelling: colorForm}, "logo": {spelling: fileForm}, "logo_dark": {spelling: fileForm}, "website": {spelling: webForm},
		"email": {spelling: emailForm}, "phone": {spelling: phoneForm}, "imprint": {spelling: webForm}, "privacy": {spelling: webForm}, "confidentiality": {spelling: prose},
	}
}

func collateralEntries(text, prose spelling) map[string]entry {
	return map[string]entry{
		"title": {spelling: text}, "file": {spelling: fileForm, without: []string{"url"}}, "url": {spelling: webForm},
		"kind":        {spelling: choiceForm("deck", "video", "case_study", "security", "legal", "pricing", "reference", "proof", "notes", "scope", "other")},
		"description": {spelling: prose}, "poster": {spelling: fileForm}, "download": {spelling: flagForm}, "valid_until": {spelling: dateForm}, "audience": {spelling: idsForm},
	}
}

var (
	levelEntries = map[string]entry{
		"level": {spelling: choiceForm("off", "advice", "warning", "error")}, "reason": {spelling: plainForm}, "until": {spelling: dayForm},
	}
	beaconEntries = union(fieldsOf("beacon", map[string]entry{"url": {spelling: webForm}, "notice": {spelling: localForm}, "off": {spelling: flagForm}}),
		fieldsOf("beacon.alert[]", map[string]entry{
			"on": {spelling: filled(choicesForm("first_view", "pricing_again", "return", "silence", "refused"))}, "via": {spelling: choiceForm("slack", "mail", "webhook")},
			"env": {spelling: envForm}, "to": {spelling: idsForm}, "digest": {spelling: choiceForm("daily", "weekly")},
		}))
	themeEntries = map[string]entry{
		"color": {spelling: colorForm}, "density": {spelling: choiceForm("compact", "normal", "airy")}, "hero": {spelling: choiceForm("plain", "band", "split")},
		"radius": {spelling: refuses("text").and(good(`"0"`, `"8px"`, `"0.5rem"`)).and(emptyText).and(bad("bad-length", `"some text"`, `"8"`, `"8em"`, `"100px"`, `"8px; color: red"`, `"-1px"`))},
	}
	workEntries = map[string]entry{"status": {spelling: choiceForm("not_started", "in_progress", "blocked", "cancelled")}, "at": {spelling: clockForm}, "link": {spelling: linkForm}}
)

// filled is a list that may not be empty.
func filled(f spelling) spelling {
	f.good = slices.DeleteFunc(slices.Clone(f.good), func(s string) bool { return s == "[]" })
	return f.and(hidden("empty", "[]"))
}

// orLibrary lets files of the library be named too.
func orLibrary(f spelling) spelling { return f.and(good(`"library:soc2.pdf"`)) }

// withinDeal are the fields of deal.toml.
func withinDeal() map[string]entry {
	all := union(
		fieldsOf("deal", map[string]entry{
			"owner": {spelling: idForm}, "title": {spelling: plainForm}, "status": {spelling: choiceForm("draft", "active", "paused", "won", "lost", "archived")},
			"profile": {spelling: refuses("text").and(good(`"smb"`, `"renewal"`)).and(emptyText).and(hidden("unknown-profile", `"some text"`, `"SMB"`, `"enterprize"`))},
			"theme":   {spelling: plainForm}, "locale": {spelling: localeForm}, "timezone": {spelling: zoneForm}, "currency": {spelling: currencyForm}, "expires": {spelling: dateForm},
		}),
		fieldsOf("internal", map[string]entry{
			"amount": {spelling: numberForm}, "close_date": {spelling: dateForm}, "crm_id": {spelling: plainForm}, "forecast": {spelling: choiceForm("pipeline", "best_case", "commit")},
			"competitors": {spelling: listForm}, "outcome": {spelling: plainForm}, "note": {spelling: plainForm},
		}),
		fieldsOf("buyer", map[string]entry{"name": {spelling: plainForm}, "logo": {spelling: orLibrary(fileForm)}, "website": {spelling: webForm}, "color": {spelling: colorForm}}),
		fieldsOf("seller", sellerEntries(plainForm, proseForm), map[string]entry{"team": {spelling: idsForm}}),
		fieldsOf("value", map[string]entry{
			"summary": {spelling: proseForm}, "priority": {spelling: proseForm}, "for_seller": {spelling: proseForm}, "agreed_by": {spelling: idForm}, "agreed_on": {spelling: dayForm},
		}),
		fieldsOf("dates", map[string]entry{
			"go_live":       {spelling: without(dateForm, `"go_live"`, `"go_live - 6w"`, `"go_live + 999d - 10bd + 1m"`), with: "start = 2026-11-02\n"},
			"go_live_title": {spelling: plainForm}, "go_live_reason": {spelling: proseForm}, "start": {spelling: dayForm},
			"holidays": {spelling: refuses("text", "day", "list").and(good("2026-12-24", `["uk", "2026-12-24", 2027-01-01]`, `"uk"`, "[]")).and(bad("wrong-type", `[7]`, "[true]")).
				and(hidden("unknown-calendar", `"de"`, `["uk", "ukk"]`)).and(hidden("bad-date", `"some text"`, `["5/11/2026"]`, `"2026-11-31"`)).and(hidden("relative-date", `"go_live - 1d"`))},
		}),
		fieldsOf("event.*", internalNotes, map[string]entry{
			"title": {spelling: plainForm}, "date": {spelling: dateForm}, "side": {spelling: choiceForm("buyer", "seller", "partner")},
			"from": {spelling: dateForm, with: "to = 2028-12-31\n", without: []string{"date"}},
			"to":   {spelling: dateForm, with: "from = 2026-11-02\n", without: []string{"date"}},
		}),
		fieldsOf("person.*", internalNotes, personEntries(plainForm)),
		fieldsOf("objective[]", internalNotes, map[string]entry{"challenge": {spelling: proseForm}, "outcome": {spelling: proseForm}, "deliverable": {spelling: proseForm}}),
		fieldsOf("kpi[]", internalNotes, map[string]entry{
			"metric": {spelling: plainForm}, "target": {spelling: measureForm}, "baseline": {spelling: measureForm}, "actual": {spelling: measureForm}, "unit": {spelling: plainForm},
			"direction": {spelling: choiceForm("up", "down")}, "sample": {spelling: proseForm}, "window": {spelling: proseForm}, "by": {spelling: dateForm}, "highlight": {spelling: flagForm}, "estimate": {spelling: flagForm},
		}),
		fieldsOf("constraint[]", internalNotes, map[string]entry{"kind": {spelling: choiceForm("budget", "date", "technical", "legal")}, "text": {spelling: proseForm}}),
		fieldsOf("stage[]", internalNotes, map[string]entry{"id": {spelling: stageID}, "title": {spelling: plainForm}}),
		fieldsOf("milestone.*", internalNotes, workEntries, map[string]entry{
			"title": {spelling: plainForm}, "due": {spelling: dateForm}, "owner": {spelling: idsForm}, "stage": {spelling: idForm},
			"kind":  {spelling: choiceForm("task", "meeting", "approval", "decision", "signature", "go_live", "value_review")},
			"start": {spelling: dateForm}, "done": {spelling: dayForm}, "risk": {spelling: choiceForm("on_track", "at_risk", "off_track")}, "risk_note": {spelling: proseForm},
			"roles": {spelling: choicesForm(personRoles...)}, "benefit": {spelling: proseForm}, "done_when": {spelling: proseForm}, "agenda": {spelling: proseList},
			"after": {spelling: idsForm}, "collateral": {spelling: listForm.and(good(`["deck", "library:soc2.pdf"]`))},
		}),
		fieldsOf("milestone.*.step[]", internalNotes, workEntries, map[string]entry{
			"title": {spelling: plainForm}, "owner": {spelling: idsForm}, "due": {spelling: dateForm.and(good(`"due"`, `"due - 3bd"`))}, "kind": {spelling: choiceForm("task", "meeting", "approval", "decision")},
			"done": {spelling: without(dayForm.and(good("true", "false")), "true")},
		}),
		fieldsOf("risk.*", internalNotes, map[string]entry{
			"title": {spelling: plainForm}, "counter": {spelling: proseForm}, "owner": {spelling: idForm}, "likelihood": {spelling: choiceForm("low", "medium", "high")},
			"impact": {spelling: choiceForm("low", "medium", "high")}, "opened": {spelling: dayForm}, "closed": {spelling: dayForm}, "milestone": {spelling: idForm},
		}),
		fieldsOf("pricing", internalNotes, map[string]entry{
			"term_months": {spelling: countForm(1, 240)}, "payment_terms": {spelling: proseForm}, "valid_until": {spelling: dateForm}, "note": {spelling: proseForm}, "audience": {spelling: idsForm},
		}),
		fieldsOf("pricing.line[]", internalNotes, map[string]entry{
			"item": {spelling: plainForm}, "unit_price": {spelling: numbersForm.and(hidden("empty", "[]"))}, "quantity": {spelling: numberForm}, "unit": {spelling: plainForm},
			"per": {spelling: choiceForm("once", "month", "quarter", "year")}, "discount_percent": {spelling: numberForm}, "description": {spelling: proseForm}, "optional": {spelling: flagForm},
		}),
		fieldsOf("collateral.*", internalNotes, collateralEntries(plainForm, proseForm)),
		fieldsOf("reference_call[]", internalNotes, map[string]entry{
			"who": {spelling: proseForm}, "objective": {spelling: proseForm}, "when": {spelling: dateForm}, "with": {spelling: idsForm}, "done": {spelling: dayForm},
		}),
		fieldsOf("access", map[string]entry{
			"viewers": {spelling: idsForm}, "passphrase": {spelling: flagForm}, "factors": {spelling: choiceForm("link", "link+passphrase")},
			"generation": {spelling: countForm(1, 1<<30)}, "public": {spelling: flagForm},
		}),
		fieldsOf("access.viewer.*", map[string]entry{"expires": {spelling: dateForm}, "generation": {spelling: countForm(1, 1<<30)}}),
		fieldsOf("check.*", levelEntries),
		beaconEntries,
	)
	return all
}

// stageID is the id that a stage is given.
var stageID = refuses("text").and(good(`"prove"`, `"prove-it-2"`)).and(emptyText).and(bad("bad-id", `"some text"`, `"Prove"`, `"prove_it"`, `"-prove"`)).and(hidden("bad-id", `"start"`, `"due"`, `"w5"`))

// without takes values out of a spelling.
func without(f spelling, values ...string) spelling {
	drop := func(s string) bool { return slices.Contains(values, s) }
	f.good = slices.DeleteFunc(slices.Clone(f.good), drop)
	f.bad, f.only = maps.Clone(f.bad), maps.Clone(f.only)
	for _, v := range values {
		delete(f.bad, v)
		delete(f.only, v)
	}
	if slices.Contains(values, "true") { // of a step's done
		f.good = append(f.good, "true")
	}
	return f
}

// withinSite are the fields of portico.toml.
func withinSite() map[string]entry {
	assets := refuses("text").and(good(`"assets/logo.svg"`, `"library:logo.svg"`)).and(hidden("empty", `""`)).
		and(hidden("path-escape", `"logo.svg"`, `"content/fern/collateral/x.svg"`, `"assets/../portico.toml"`, `"../x.svg"`, `"some text"`)).and(hidden("bad-path", `"library:"`))
	seller := sellerEntries(localForm, localForm)
	person := union(personEntries(localForm), internalNotes, map[string]entry{"former": {spelling: flagForm}})
	seller["logo"], seller["logo_dark"], person["photo"] = entry{spelling: assets}, entry{spelling: assets}, entry{spelling: assets}
	return union(
		fieldsOf("site", map[string]entry{
			"base_url": {spelling: webForm}, "title": {spelling: localForm}, "locale": {spelling: localeForm}, "timezone": {spelling: zoneForm}, "currency": {spelling: currencyForm}, "theme": {spelling: plainForm},
			"profile": {spelling: refuses("text").and(good(`"smb"`)).and(emptyText).and(hidden("unknown-profile", `"some text"`))},
			"host":    {spelling: choicesForm("github-pages", "gitlab-pages", "netlify", "cloudflare", "vercel", "nginx", "caddy", "s3")},
			"crm_url": {spelling: refuses("text").and(good(`"https://crm.example/{crm_id}"`)).and(hidden("bad-address", `"https://crm.example/"`)).and(bad("bad-address", `"some text"`, `"javascript:{crm_id}"`, `""`))},
		}),
		fieldsOf("seller", seller),
		fieldsOf("person.*", person),
		fieldsOf("theme.*", themeEntries, map[string]entry{"title": {spelling: localForm}}),
		fieldsOf("calendar.*", map[string]entry{"title": {spelling: localForm}, "days": {spelling: filled(daysForm)}}),
		fieldsOf("profile.*", map[string]entry{"extends": {spelling: choiceForm("smb", "mid-market", "enterprise", "renewal")}, "limits": {spelling: ruleForm}, "theme": {spelling: plainForm}}),
		fieldsOf("profile.*.stage[]", internalNotes, map[string]entry{"id": {spelling: stageID}, "title": {spelling: localForm}}),
		fieldsOf("check.*", levelEntries),
		fieldsOf("access", map[string]entry{
			"passphrase": {spelling: flagForm}, "factors": {spelling: choiceForm("link", "link+passphrase")}, "remember_days": {spelling: countForm(1, 30)}, "expires_after": {spelling: lengthForm},
		}),
		fieldsOf("embed", map[string]entry{"hosts": {spelling: refuses("text", "list").and(good(`"player.fern.example"`, `["a.example", "*.b.example"]`, "[]")).
			and(bad("bad-host", `"some text"`, `["some text"]`, `"https://a.example"`, `"a.example/x"`, `"localhost"`, `"*"`, `"a.*.example"`, `"A.example"`, `"a.example:8080"`)).and(emptyText)}}),
		beaconEntries,
		fieldsOf("team", map[string]entry{"viewers": {spelling: idsForm}}),
	)
}

// withinLibrary are the fields of library.toml.
func withinLibrary() map[string]entry {
	c := collateralEntries(localForm, localForm)
	file := refuses("text").and(good(`"soc2.pdf"`, `"decks/deck.pdf"`, `"library:soc2.pdf"`)).and(hidden("empty", `""`)).and(hidden("path-escape", `"../fern/x.pdf"`)).and(hidden("not-collateral", `"library.toml"`))
	// A date of the library is read here and worked out in a deal.
	when := without(dateForm, `"nowhere"`, `"nowhere + 2w"`).and(good(`"nowhere"`))
	c["file"], c["poster"], c["valid_until"] = entry{spelling: file, without: []string{"url"}}, entry{spelling: file}, entry{spelling: when}
	return fieldsOf("collateral.*", internalNotes, c)
}

func withinTheme() map[string]entry {
	font := refuses("text").and(good(`"fonts/inter.woff2"`, `"a.woff"`, `"b.ttf"`, `"c.OTF"`)).and(hidden("empty", `""`)).and(hidden("wrong-file", `"some text"`, `"font.svg"`)).and(hidden("path-escape", `"../x.woff2"`, `"library:x.woff2"`))
	return union(
		fieldsOf("theme", themeEntries, map[string]entry{"title": {spelling: plainForm}}),
		fieldsOf("font.text", map[string]entry{"file": {spelling: font}}),
		fieldsOf("font.display", map[string]entry{"file": {spelling: font}}),
	)
}

func withinNote() map[string]entry {
	return map[string]entry{
		"author": {spelling: idForm}, "internal": {spelling: flagForm},
		"moved": {spelling: good(`{ pilot = "Ana was ill" }`, "{}").and(bad("wrong-type", `"pilot"`, "7", "true", `["pilot"]`, `{ pilot = 7 }`)).and(hidden("empty", `{ pilot = "" }`))},
	}
}

func withinPage() map[string]entry {
	return map[string]entry{"title": {spelling: plainForm}, "order": {spelling: countForm(-1000, 1000)}, "hidden": {spelling: flagForm}, "internal": {spelling: flagForm}, "audience": {spelling: idsForm}}
}

// spot is where a field stands: in a table, and required there or not.
type spot struct {
	table, name string
	schema      schema
	required    bool
}

func (p spot) String() string {
	if p.table == "" {
		return p.name
	}
	return p.table + "." + p.name
}

// walker is a table of any type.
type walker interface {
	walk(at string, yield func(spot))
}

// walk calls yield for every field of the table and of those within it.
func (t *table[T]) walk(at string, yield func(spot)) {
	for i := range t.fields {
		f := &t.fields[i]
		p := spot{at, f.name, f.schema, f.required}
		yield(p)
		if f.schema.of == nil {
			continue
		}
		inner := p.String()
		switch {
		case f.schema.keyed:
			inner += ".*"
		case f.schema.list:
			inner += "[]"
		}
		f.schema.of.(walker).walk(inner, yield)
	}
}

// filetype is a grammar with what its fields take and how a file of it is
// read.
type filetype struct {
	grammar walker
	entries map[string]entry
	read    func(t *testing.T, toml string) diag.List
	// whole completes a part of a file.
	whole func(part string) string
	// reads is the JSON Schema's file, if it has one.
	reads string
}

// base is what stands in every deal.toml besides the table that is tested.
const base = "[dates]\ngo_live = 2027-02-15\nstart = 2026-11-02\n"

func grammars() map[string]filetype {
	g := newGrammar()
	uk := smallSite + "\n[calendar.uk]\ndays = [2026-12-25]\n"
	return map[string]filetype{
		"deal.toml": {grammar: g.deal, entries: withinDeal(), reads: "deal.toml",
			whole: func(part string) string {
				if !strings.Contains("\n"+part, "\n[dates]") {
					part += base
				}
				return whole(part)
			},
			read: func(t *testing.T, toml string) diag.List {
				_, list := readFern(t, site(map[string]string{"portico.toml": uk, "content/fern/deal.toml": toml}))
				return list
			}},
		"portico.toml": {grammar: g.site, entries: withinSite(), reads: "portico.toml", whole: wholeSite,
			read: func(t *testing.T, toml string) diag.List {
				_, list := readSite(t, site(map[string]string{"portico.toml": toml}))
				return list
			}},
		"library.toml": {grammar: g.library, entries: withinLibrary(), whole: func(part string) string { return part },
			read: func(t *testing.T, toml string) diag.List {
				_, list := readSite(t, site(map[string]string{"content/_library/library.toml": toml}))
				return list
			}},
		"theme.toml": {grammar: g.theme, entries: withinTheme(), whole: func(part string) string {
			if !strings.Contains("\n"+part, "\n[theme]") {
				part += "[theme]\n"
			}
			return part
		}, read: func(t *testing.T, toml string) diag.List { return readTheme(t, toml) }},
		"a note's front matter": {grammar: g.note, entries: withinNote(), whole: func(part string) string { return "+++\n" + part + "+++\n" },
			read: func(t *testing.T, text string) diag.List {
				_, list := readFern(t, site(map[string]string{"content/fern/deal.toml": whole(""), "content/fern/notes/2026-11-06.md": text}))
				return list
			}},
		"a page's front matter": {grammar: g.page, entries: withinPage(), whole: func(part string) string { return "+++\n" + part + "+++\n" },
			read: func(t *testing.T, text string) diag.List {
				_, list := readFern(t, site(map[string]string{"content/fern/deal.toml": whole(""), "content/fern/pages/faq.md": text}))
				return list
			}},
	}
}

// TestEveryFieldIsTested fails where a field has no entry above, or an entry no
// field.
func TestEveryFieldIsTested(t *testing.T) {
	for name, l := range grammars() {
		known := map[string]bool{}
		l.grammar.walk("", func(p spot) {
			if p.schema.of != nil {
				return
			}
			known[p.String()] = true
			if e, ok := l.entries[p.String()]; !ok || len(e.good) == 0 || len(e.bad)+len(e.only) == 0 {
				t.Errorf("%s: nothing tests %s", name, p)
			}
		})
		for path := range l.entries {
			if !known[path] {
				t.Errorf("%s: there is no field %s", name, path)
			}
		}
	}
}

// composed is a file in which a field has a value, with the line that it stands in.
type composed struct {
	text string
	line int
}

// compose writes a file in which one table holds a line, and all that it and
// the tables around it must have.
func (l filetype) compose(table, line string, without []string, with string) composed {
	var b strings.Builder
	parts := strings.Split(table, ".")
	if table == "" {
		parts = nil
	}
	for i := range parts {
		path := strings.Join(parts[:i+1], ".")
		last := i == len(parts)-1
		if i+1 < len(parts) && parts[i+1] == "*" || !last && len(l.needs(path, nil)) == 0 {
			continue
		}
		header := "[" + strings.NewReplacer("*", someID(path), "[]", "").Replace(path) + "]"
		if strings.HasSuffix(path, "[]") {
			header = "[" + header + "]"
		}
		b.WriteString(header + "\n")
		if !last {
			b.WriteString(strings.Join(l.needs(path, nil), ""))
		}
	}
	at := strings.Count(b.String(), "\n") + 1
	b.WriteString(line + "\n" + with)
	name, _, _ := strings.Cut(line, " ")
	b.WriteString(strings.Join(l.needs(table, append(without, name, firstKey(with))), ""))
	text := l.whole(b.String())
	if strings.HasPrefix(text, "+++\n") {
		at++
	}
	return composed{text, at}
}

func firstKey(lines string) string {
	name, _, _ := strings.Cut(lines, " ")
	return name
}

// someID is what stands in a header for an id.
func someID(table string) string {
	if strings.HasPrefix(table, "check.") {
		return "MAP001"
	}
	return "some"
}

// needs are the lines that a table must hold, besides some keys.
func (l filetype) needs(table string, except []string) []string {
	var lines []string
	l.grammar.walk("", func(p spot) {
		if p.table == table && p.required && p.schema.of == nil && !slices.Contains(except, p.name) {
			lines = append(lines, p.name+" = "+l.entries[p.String()].good[0]+"\n")
		}
	})
	for name, line := range map[string]string{"milestone.*.due": "due = 2026-12-01\n", "event.*.date": "date = 2026-12-01\n", "collateral.*.url": "url = \"https://fern.example/deck\"\n"} {
		at := strings.LastIndexByte(name, '.')
		if name[:at] == table && !slices.Contains(except, name[at+1:]) {
			lines = append(lines, line)
		}
	}
	return lines
}

// column in which the value of a line begins.
func column(line string) int { return strings.Index(line, " = ") + len(" = ") + 1 }

// TestGoodValues wants every spelling that a field takes to be taken without a
// word.
func TestGoodValues(t *testing.T) {
	for name, l := range grammars() {
		t.Run(name, func(t *testing.T) {
			l.grammar.walk("", func(p spot) {
				e := l.entries[p.String()]
				for _, value := range slices.Concat(e.good, e.also) {
					page := l.compose(p.table, p.name+" = "+value, e.without, e.with)
					if list := l.read(t, page.text); len(list) > 0 {
						t.Errorf("%s = %s:\n%s", p, value, printed(list))
					}
				}
			})
		})
	}
}

// TestBadValues wants every other one to be refused: once, where it stands,
// and nothing else with it.
func TestBadValues(t *testing.T) {
	for name, l := range grammars() {
		t.Run(name, func(t *testing.T) {
			l.grammar.walk("", func(p spot) {
				e := l.entries[p.String()]
				refused := maps.Clone(e.bad)
				if refused == nil {
					refused = map[string]string{}
				}
				maps.Copy(refused, e.only)
				for _, value := range sorted(refused) {
					line := p.name + " = " + value
					page := l.compose(p.table, line, e.without, e.with)
					list := l.read(t, page.text)
					if len(list) != 1 {
						t.Errorf("%s: %d messages instead of one [%s]\n%s", line, len(list), refused[value], printed(list))
						continue
					}
					m := list[0]
					inside := strings.ContainsAny(value[:1], "[{") // the place may be that of an entry
					if m.Code != refused[value] || m.Severity != diag.Error || m.Start.Line != page.line || m.Start.Column < column(line) || m.Start.Column > column(line) && !inside && m.Code != "bad-date" && m.Code != "unknown-reference" {
						t.Errorf("%s of %s: wanted [%s] at %d:%d, got\n%s", line, p, refused[value], page.line, column(line), printed(list))
					}
				}
			})
		})
	}
}

// TestMisspeltKeys wants every key in another case, and with a slip, to be
// refused with the key that was meant, and not to be called missing too.
func TestMisspeltKeys(t *testing.T) {
	for name, l := range grammars() {
		t.Run(name, func(t *testing.T) {
			l.grammar.walk("", func(p spot) {
				e := l.entries[p.String()]
				if p.schema.of != nil {
					return
				}
				for _, key := range []string{strings.ToUpper(p.name), strings.ToUpper(p.name[:1]) + p.name[1:], p.name + "x"} {
					without := append(slices.Clone(e.without), p.name)
					page := l.compose(p.table, key+" = "+e.good[0], without, e.with)
					list := l.read(t, page.text)
					if len(list) != 1 || list[0].Code != "unknown-key" && list[0].Code != "unknown-table" || list[0].Start.Line != page.line || list[0].Start.Column != 1 || list[0].Label != `did you mean "`+p.name+`"?` {
						t.Errorf("%s in %s:\n%s", key, p.table, printed(list))
					}
				}
			})
		})
	}
}

// TestRequiredKeys wants every required key to be asked for at its table's
// header.
func TestRequiredKeys(t *testing.T) {
	asked := 0
	for name, l := range grammars() {
		t.Run(name, func(t *testing.T) {
			l.grammar.walk("", func(p spot) {
				if !p.required || p.schema.of != nil {
					return
				}
				asked++
				page := l.compose(p.table, "# "+p.name+" is missing", []string{p.name}, "")
				list := l.read(t, page.text)
				if len(list) != 1 || list[0].Code != "missing-key" || list[0].Start.Line != page.line-1 || !strings.HasSuffix(list[0].Text, fmt.Sprintf("has no %q", p.name)) {
					t.Errorf("without %s:\n%s", p, printed(list))
				}
			})
		})
	}
	if asked < 30 {
		t.Errorf("only %d keys are required", asked)
	}
}

// TestUnknownTables wants what is no table of the file to be refused.
func TestUnknownTables(t *testing.T) {
	for name, l := range grammars() {
		for _, test := range []struct{ toml, code, label string }{
			{"[bogus]\na = 1\n", "unknown-table", ""},
			{"[[bogus]]\na = 1\n", "unknown-table", ""},
			{"[bogus.inner]\na = 1\n", "unknown-table", ""},
		} {
			list := l.read(t, l.whole(test.toml))
			if len(list) != 1 || list[0].Code != test.code || list[0].Label != test.label {
				t.Errorf("%s: %q gives\n%s", name, test.toml, printed(list))
			}
		}
	}
	for table, meant := range map[string]string{"Deal": "deal", "persons": "person", "milestones": "milestone", "mile-stone": "milestone", "kpis": "kpi", "reference-call": "reference_call", "risks": "risk", "acces": "access"} {
		_, list := readTOML(t, "["+table+".some]\nbogus = 1\n"+whole(""))
		if m := only(t, list); m.Code != "unknown-table" || m.Label != `did you mean "`+meant+`"?` {
			t.Errorf("[%s]:\n%s", table, printed(list))
		}
	}
}
