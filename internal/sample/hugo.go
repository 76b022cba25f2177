package sample

import (
	"fmt"
	"path/filepath"
)

// Hugo writes the same n deals as a site for Hugo (gohugo.io), the peer that
// the budgets of docs/performance.md are measured against: deal.toml becomes
// the front matter of a section's page, pages and collateral lie beside it, and
// the layouts write the same parts of a plan.
func Hugo(dir string, n int) error {
	files := map[string]string{
		"hugo.toml":                     hugoTOML,
		"layouts/baseof.html":           hugoBase,
		"layouts/home.html":             `{{ define "main" }}<p>Nothing here</p>{{ end }}`,
		"layouts/section.html":          hugoDeal,
		"layouts/page.html":             `{{ define "main" }}<article><h1>{{ .Title }}</h1>{{ .Content }}</article>{{ end }}`,
		"static/style.css":              "body{font:1rem/1.5 system-ui}",
		"layouts/_partials/person.html": `<span class="person"><span class="face">{{ substr .name 0 2 | upper }}</span> <span class="name">{{ .name }}</span></span>`,
	}
	for name, text := range files {
		if err := write(filepath.Join(dir, name), []byte(text)); err != nil {
			return err
		}
	}
	for i := range n {
		g := newGenerator(i)
		folder := filepath.Join(dir, "content", ID(i))
		deal := map[string][]byte{
			"_index.md":     []byte("+++\n" + g.toml() + "+++\n"),
			"report.pdf":    g.bytes(200_000),
			"pricing.pdf":   g.bytes(60_000),
			"checklist.pdf": g.bytes(30_000),
		}
		for p := range 3 {
			deal[fmt.Sprintf("page-%d.md", p+1)] = []byte(g.page(p))
		}
		for name, data := range deal {
			if err := write(filepath.Join(folder, name), data); err != nil {
				return err
			}
		}
	}
	return nil
}

const hugoTOML = `baseURL = "https://plans.example.com/"
title = "Plans"
enableGitInfo = true
disableKinds = ["RSS", "sitemap", "taxonomy", "term"]
[markup.goldmark.extensions]
definitionList = true
footnote = true
`

const hugoBase = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{{ .Title }}</title><link rel="stylesheet" href="/style.css"></head>
<body>
<header class="bar"><p>{{ with .GitInfo }}Updated <time>{{ .CommitDate.Format "2 Jan 2006" }}</time> by {{ .AuthorName }}{{ end }}</p></header>
<main>{{ block "main" . }}{{ end }}</main>
<footer><p>Confidential between Lumen and the company named above.</p></footer>
</body>
</html>
`

const hugoDeal = `{{ define "main" }}{{ $p := .Params }}{{ $people := $p.person }}
<section class="hero">
<h1>{{ $p.deal.title }}</h1>
<p class="lead">{{ $p.value.summary | markdownify }}</p>
<dl>{{ range $p.kpi }}{{ if .highlight }}<div><dt>{{ .metric }}</dt><dd>{{ .baseline }} → {{ .target }} {{ .unit }}</dd></div>{{ end }}{{ end }}</dl>
<p><b>Serves your priority:</b> {{ $p.value.priority | markdownify }}</p>
<p><b>What we gain:</b> {{ $p.value.for_seller | markdownify }}</p>
<p>Go-live {{ $p.dates.go_live }}, {{ $p.dates.go_live_reason | markdownify }}</p>
</section>
<nav><ul>{{ range .RegularPages }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul></nav>
<section id="timeline"><h2>Timeline</h2><ul>{{ range $id, $e := $p.event }}<li id="e-{{ $id }}"><b>{{ $e.title }}</b> {{ $e.from }} – {{ $e.to }}</li>{{ end }}</ul></section>
<section id="plan"><h2>Plan</h2>
{{ range $stage := slice "prove" "approve" "deploy" "value" }}<section class="stage"><h3>{{ $stage }}</h3><ol>
{{ range $id, $m := $p.milestone }}{{ if eq $m.stage $stage }}<li id="m-{{ $id }}"><details><summary><span class="title">{{ $m.title }}</span> <span class="pill">{{ if $m.done }}Done{{ else }}Not started{{ end }}</span> <span class="due">Due {{ $m.due }}</span>
{{ range $m.owner }}{{ with index $people . }}{{ partial "person.html" . }}{{ else }}<span>{{ . }}</span>{{ end }}{{ end }}</summary>
<dl><div><dt>What you get</dt><dd>{{ $m.benefit | markdownify }}</dd></div><div><dt>Definition of done</dt><dd>{{ $m.done_when | markdownify }}</dd></div>
<div><dt>Roles needed</dt><dd>{{ delimit $m.roles ", " }}</dd></div>
{{ with $m.after }}<div><dt>Waits for</dt><dd><ul>{{ range . }}<li><a href="#m-{{ . }}">{{ (index $p.milestone .).title }}</a></li>{{ end }}</ul></dd></div>{{ end }}</dl>
<h4>Steps</h4><ol>{{ range $m.step }}<li><span class="title">{{ .title }}</span> <span class="due">Due {{ .due }}</span> {{ with index $people .owner }}{{ partial "person.html" . }}{{ end }}</li>{{ end }}</ol>
<h4>Documents</h4><ul>{{ range $m.collateral }}{{ with index $p.collateral . }}<li><a href="{{ .file }}">{{ .title }}</a></li>{{ end }}{{ end }}</ul></details></li>{{ end }}{{ end }}
</ol></section>{{ end }}</section>
<section id="measures"><h2>Objectives and measures</h2>
<table>{{ range $p.objective }}<tr><td>{{ .challenge | markdownify }}</td><td>{{ .outcome | markdownify }}</td><td>{{ .deliverable | markdownify }}</td></tr>{{ end }}</table>
<table>{{ range $p.kpi }}<tr><th>{{ .metric }}</th><td>{{ .baseline }}</td><td>{{ .target }}</td><td>{{ .sample | markdownify }}, {{ .window | markdownify }}</td></tr>{{ end }}</table></section>
<section id="risks"><h2>Risks</h2><ul>{{ range $id, $r := $p.risk }}<li id="r-{{ $id }}"><h3>{{ $r.title }}</h3><p>{{ $r.likelihood }}, {{ $r.impact }}, {{ $r.opened }}</p><p><b>What we do:</b> {{ $r.counter | markdownify }}</p>{{ with index $people $r.owner }}{{ partial "person.html" . }}{{ end }}<p>Endangers <a href="#m-{{ $r.milestone }}">{{ (index $p.milestone $r.milestone).title }}</a></p></li>{{ end }}</ul></section>
<section id="people"><h2>People</h2><ul>{{ range $id, $x := $people }}<li id="p-{{ $id }}">{{ partial "person.html" $x }}<p>{{ $x.title }}, {{ $x.department }}</p><p>{{ $x.role }}</p><p>Decides on: {{ delimit $x.decides ", " }}</p><p><a href="mailto:{{ $x.email }}">{{ $x.email }}</a></p></li>{{ end }}</ul></section>
<section id="pricing"><h2>Pricing</h2><table>{{ range $p.pricing.line }}<tr><th>{{ .item }}</th><td>{{ .quantity }}</td><td>{{ .unit_price }}</td><td>{{ mul .quantity (float .unit_price) }}</td></tr>{{ end }}</table><p>{{ $p.pricing.payment_terms | markdownify }}</p></section>
<section id="documents"><h2>Documents</h2><ul>{{ range $id, $c := $p.collateral }}<li id="c-{{ $id }}"><a href="{{ with $c.file }}{{ . }}{{ else }}{{ $c.url }}{{ end }}">{{ $c.title }}</a></li>{{ end }}</ul></section>
{{ end }}
`
