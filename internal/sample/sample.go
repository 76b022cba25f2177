// Package sample writes sites of any number of deals, for tests and
// benchmarks: each deal has a TOML file of some 12 KB with 9 milestones of 4
// steps, 8 people, 5 risks and 6 entries of collateral, 3 pages of 600 words
// with tables, and 3 files of 200, 60 and 30 KB. The same number gives the
// same bytes. Nothing in the program itself uses it.
package sample

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// Site writes a site of n deals into a folder.
func Site(dir string, n int) error {
	files := map[string]string{"portico.toml": siteTOML, "assets/logo.svg": logo}
	for name, text := range files {
		if err := write(filepath.Join(dir, name), []byte(text)); err != nil {
			return err
		}
	}
	for i := range n {
		if err := Deal(filepath.Join(dir, "content", ID(i)), i); err != nil {
			return err
		}
	}
	return nil
}

// ID of the i-th deal.
func ID(i int) string { return fmt.Sprintf("deal-%05d", i) }

// Deal writes the folder of the i-th deal.
func Deal(dir string, i int) error {
	g := newGenerator(i)
	files := map[string][]byte{
		"deal.toml":                []byte(g.toml()),
		"collateral/report.pdf":    g.bytes(200_000),
		"collateral/pricing.pdf":   g.bytes(60_000),
		"collateral/checklist.pdf": g.bytes(30_000),
	}
	for p := range 3 {
		files[fmt.Sprintf("pages/page-%d.md", p+1)] = []byte(g.page(p))
	}
	for name, data := range files {
		if err := write(filepath.Join(dir, name), data); err != nil {
			return err
		}
	}
	return nil
}

// write a file and the folders that it lies in.
func write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o644)
}

const logo = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M3 3h8v8H3z" fill="#2540c8"/></svg>`

const siteTOML = `[site]
base_url = "https://plans.example.com"
locale = "en-GB"
timezone = "Europe/London"
currency = "GBP"
profile = "enterprise"

[seller]
name = "Lumen"
color = "#2540c8"
logo = "assets/logo.svg"
confidentiality = "Confidential between Lumen and the company named above."

[person.mara]
name = "Mara Lindqvist"
title = "Account Executive"
role = "account_executive"
email = "mara@lumen.example"
phone = "+44 20 7946 0011"

[person.daniel]
name = "Daniel Okafor"
title = "Solutions Architect"
role = "solutions_engineer"
email = "daniel@lumen.example"

[person.ruth]
name = "Ruth Amsel"
title = "Customer Success Director"
role = "customer_success"
email = "ruth@lumen.example"
`

// generator writes texts that are different in every deal.
type generator struct {
	n      int
	random *rand.Rand
	source *rand.ChaCha8
}

func newGenerator(n int) *generator {
	var seed [32]byte
	copy(seed[:], fmt.Sprintf("portico sample %d", n))
	source := rand.NewChaCha8(seed)
	return &generator{n, rand.New(source), source}
}

func (g *generator) bytes(n int) []byte {
	data := make([]byte, n)
	copy(data, "%PDF-1.7\n")
	_, _ = g.source.Read(data[9:]) // never fails
	return data
}

var words = strings.Fields(`the plan gives each team one place to see what comes next and who has it
alerts queue review evidence residency audit board budget pilot analyst customer record system contract
measure result decision security legal supplier weekly checkpoint risk owner training rollout region
support service credit price answer question document report baseline target window sample step date
before after during between under over with without against toward first second every most fewer
faster clearer lower higher agreed signed tested written shared named held moved closed opened`)

// sentence of n words, with a link, some emphasis or code here and there.
func (g *generator) sentence(n int) string {
	w := make([]string, n)
	for i := range w {
		w[i] = words[g.random.IntN(len(words))]
		switch g.random.IntN(40) {
		case 0:
			w[i] = "**" + w[i] + "**"
		case 1:
			w[i] = "*" + w[i] + "*"
		case 2:
			w[i] = "`" + w[i] + "`"
		case 3:
			w[i] = "[" + w[i] + "](https://example.com/" + w[i] + ")"
		}
	}
	w[0] = strings.ToUpper(w[0][:1]) + w[0][1:]
	return strings.Join(w, " ") + "."
}

func (g *generator) plain(n int) string {
	w := make([]string, n)
	for i := range w {
		w[i] = words[g.random.IntN(len(words))]
	}
	return strings.ToUpper(w[0][:1]) + strings.Join(w, " ")[1:]
}

// page of 600 words with tables, lists and headings.
func (g *generator) page(p int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "+++\ntitle = \"%s\"\norder = %d\n+++\n\n", g.plain(4), p+1)
	for section := range 4 {
		fmt.Fprintf(&b, "## %s\n\n", g.plain(3))
		for range 2 {
			for range 4 {
				b.WriteString(g.sentence(12) + " ")
			}
			b.WriteString("\n\n")
		}
		if section%2 == 0 {
			b.WriteString("| Item | Owner | Days |\n|---|---|---:|\n")
			for range 6 {
				fmt.Fprintf(&b, "| %s | %s | %d |\n", g.plain(3), g.plain(1), g.random.IntN(90))
			}
			b.WriteByte('\n')
			continue
		}
		for range 5 {
			b.WriteString("- " + g.sentence(8) + "\n")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (g *generator) toml() string {
	var b strings.Builder
	name := fmt.Sprintf("Customer %05d", g.n)
	fmt.Fprintf(&b, "[deal]\ntitle = %q\nowner = \"mara\"\n\n[internal]\namount = %d\n\n[buyer]\nname = %q\nwebsite = \"https://example.com\"\ncolor = \"#7a1f3d\"\n\n", g.plain(6), 50_000+g.random.IntN(900_000), name)
	fmt.Fprintf(&b, "[value]\nsummary = %q\npriority = %q\nfor_seller = %q\n\n", g.plain(18)+". "+g.plain(18)+".", g.plain(8), g.plain(8))
	b.WriteString("[dates]\nstart = 2026-11-02\ngo_live = 2027-03-01\ngo_live_reason = \"The new period opens\"\n\n[event.freeze]\ntitle = \"Year-end freeze\"\nfrom = 2026-12-18\nto = 2027-01-08\n\n")
	roles := []string{"champion", "economic_buyer", "security", "legal", "procurement", "technical_evaluator", "end_user", "executive_sponsor"}
	for i, role := range roles {
		fmt.Fprintf(&b, "[person.p%d]\nname = \"%s %s\"\ntitle = %q\ndepartment = %q\nrole = %q\ndecides = [\"budget\"]\nemail = \"p%d@example.com\"\n\n", i, g.plain(1), g.plain(1), g.plain(3), g.plain(1), role, i)
	}
	for range 3 {
		fmt.Fprintf(&b, "[[objective]]\nchallenge = %q\noutcome = %q\ndeliverable = %q\n\n", g.plain(9), g.plain(7), g.plain(6))
		fmt.Fprintf(&b, "[[kpi]]\nmetric = %q\nbaseline = %d\ntarget = %d\nunit = \"%%\"\nsample = %q\nwindow = \"30 days\"\nby = \"W4\"\nhighlight = true\n\n", g.plain(3), 20+g.random.IntN(60), 1+g.random.IntN(19), g.plain(3))
	}
	stages := []string{"prove", "prove", "prove", "approve", "approve", "approve", "deploy", "deploy", "value"}
	for i, stage := range stages {
		g.milestone(&b, i, stage)
	}
	for i := range 5 {
		fmt.Fprintf(&b, "[risk.r%d]\ntitle = %q\ncounter = %q\nowner = \"p%d\"\nlikelihood = \"medium\"\nimpact = \"high\"\nopened = 2026-11-05\nmilestone = \"m%d\"\n\n", i, g.plain(5), g.plain(12), i, i+2)
	}
	fmt.Fprintf(&b, "[pricing]\npayment_terms = \"Yearly in advance\"\nvalid_until = 2026-12-18\nterm_months = 36\n\n")
	for range 3 {
		fmt.Fprintf(&b, "[[pricing.line]]\nitem = %q\nunit_price = \"%d.50\"\nquantity = %d\nper = \"year\"\n\n", g.plain(3), 100+g.random.IntN(2000), 1+g.random.IntN(80))
	}
	for i, file := range []string{"report.pdf", "pricing.pdf", "checklist.pdf"} {
		fmt.Fprintf(&b, "[collateral.c%d]\ntitle = %q\nfile = \"collateral/%s\"\nkind = \"proof\"\n\n", i, g.plain(3), file)
		fmt.Fprintf(&b, "[collateral.u%d]\ntitle = %q\nurl = \"https://example.com/%d\"\nkind = \"other\"\n\n", i, g.plain(3), i)
	}
	b.WriteString("[access]\nviewers = [\"p0\", \"p1\", \"p2\", \"p3\", \"p4\", \"p5\"]\n")
	return b.String()
}

func (g *generator) milestone(b *strings.Builder, i int, stage string) {
	owners := []string{"mara", "daniel", "ruth"}
	fmt.Fprintf(b, "[milestone.m%d]\ntitle = %q\ndue = \"go_live - %dw\"\nowner = [%q, \"p%d\"]\nstage = %q\n", i, g.plain(6), 18-2*i, owners[i%3], i%8, stage)
	fmt.Fprintf(b, "kind = \"task\"\nroles = [\"champion\"]\nbenefit = %q\ndone_when = %q\ncollateral = [\"c%d\"]\n", g.plain(9), g.plain(11), i%3)
	if i > 0 {
		fmt.Fprintf(b, "after = [\"m%d\"]\n", i-1)
	} else {
		b.WriteString("done = 2026-11-06\n")
	}
	b.WriteString("step = [\n")
	for s := range 4 {
		fmt.Fprintf(b, "  { title = %q, owner = \"p%d\", due = \"due - %dbd\" },\n", g.plain(5), (i+s)%8, 4-s)
	}
	b.WriteString("]\n\n")
}
