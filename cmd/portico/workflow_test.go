package main

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v4"

	"portico/internal/need"
	"portico/internal/seal"
)

const (
	githubFile = "_site/.github/workflows/plans.yml"
	gitlabFile = "_site/.gitlab-ci.yml"
)

func workflowText(t *testing.T, name string) []byte {
	t.Helper()
	data, err := fs.ReadFile(builtinTemplates(), name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

type githubStep struct {
	ID, Name, Uses, Run string
	Env, With           map[string]string
}

type githubJob struct {
	If          string
	Environment any
	Steps       []githubStep
}

func githubJobs(t *testing.T) map[string]githubJob {
	t.Helper()
	var w struct{ Jobs map[string]githubJob }
	if err := yaml.Unmarshal(workflowText(t, githubFile), &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Jobs) != 3 {
		t.Fatalf("%d jobs", len(w.Jobs))
	}
	return w.Jobs
}

func TestGitHubWorkflowIsSound(t *testing.T) {
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found, err := linter.Lint(githubFile, workflowText(t, githubFile), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range found {
		t.Error(e)
	}
	// That it would say something if there were something.
	broken := strings.Replace(string(workflowText(t, githubFile)), "timeout-minutes", "timeout-minuets", 1)
	if found, err = linter.Lint(githubFile, []byte(broken), nil); err != nil || len(found) == 0 {
		t.Errorf("a workflow with a mistake passes: %v", err)
	}
}

var pinned = regexp.MustCompile(`^ *-? uses: actions/[a-z-]+@[0-9a-f]{40} # v[0-9]+\.[0-9]+\.[0-9]+$`)

func TestWorkflowsArePinned(t *testing.T) {
	uses := 0
	for line := range strings.Lines(string(workflowText(t, githubFile))) {
		if strings.Contains(line, "uses:") {
			if uses++; !pinned.MatchString(strings.TrimSuffix(line, "\n")) {
				t.Errorf("not pinned: %s", line)
			}
		}
	}
	if uses != 7 {
		t.Errorf("%d actions", uses)
	}
	if !regexp.MustCompile(`(?m)^  image: golang:\S+@sha256:[0-9a-f]{64}$`).Match(workflowText(t, gitlabFile)) {
		t.Error("the image is not pinned")
	}
}

// The key is given to the steps that seal, of the one job that no pull request
// runs, and to nothing that somebody else wrote.
func TestKeyIsWhereItSeals(t *testing.T) {
	for name, job := range githubJobs(t) {
		for _, step := range job.Steps {
			_, has := step.Env[keyVariable]
			if wants := name == "build" && (step.Name == "Build" || step.Name == "Verify"); has != wants {
				t.Errorf("job %s, step %q has the key: %v", name, step.Name, has)
			}
			if has && step.Uses != "" {
				t.Errorf("the action %s has the key", step.Uses)
			}
			if strings.HasPrefix(step.Uses, "actions/checkout@") && (step.With["fetch-depth"] != "0" || step.With["persist-credentials"] != "false") {
				t.Errorf("job %s checks out %v", name, step.With)
			}
		}
	}
	build := githubJobs(t)["build"]
	if build.Environment != "portico" || build.If != "github.event_name != 'pull_request' && github.ref == 'refs/heads/main'" {
		t.Errorf("the key is for %q, %q", build.Environment, build.If)
	}
	if n := strings.Count(string(workflowText(t, githubFile)), "secrets."); n != 2 {
		t.Errorf("%d secrets", n)
	}
	gitlab := gitlabJobs(t)
	if gitlab["pages"].Environment != "portico" || gitlab["check"].Environment != nil {
		t.Error("another job than pages has the key's environment")
	}
}

type gitlabJob struct {
	Stage       string
	Environment any
	Rules       []struct{ If string }
	Cache       struct {
		Key   string
		Paths []string
	}
	Script    []string
	Artifacts struct {
		When    string
		Paths   []string
		Reports map[string]string
	}
}

// gitlabJobs reads the file and wants nothing in it that GitLab does not know.
func gitlabJobs(t *testing.T) map[string]gitlabJob {
	t.Helper()
	var all map[string]any
	if err := yaml.Unmarshal(workflowText(t, gitlabFile), &all); err != nil {
		t.Fatal(err)
	}
	if keys := slices.Sorted(maps.Keys(all)); !slices.Equal(keys, []string{"check", "default", "pages", "stages", "variables"}) {
		t.Fatalf("%v", keys)
	}
	jobs := map[string]gitlabJob{}
	for _, name := range []string{"check", "pages"} {
		text, err := yaml.Marshal(all[name])
		if err != nil {
			t.Fatal(err)
		}
		var job gitlabJob
		d := yaml.NewDecoder(strings.NewReader(string(text)))
		d.KnownFields(true)
		if err := d.Decode(&job); err != nil {
			t.Fatalf("job %s: %v", name, err)
		}
		jobs[name] = job
	}
	return jobs
}

func TestGitLabPipelineIsSound(t *testing.T) {
	var top struct {
		Stages    []string
		Variables map[string]string
		Default   struct {
			Image        string
			BeforeScript []string `yaml:"before_script"`
		}
	}
	if err := yaml.Unmarshal(workflowText(t, gitlabFile), &top); err != nil {
		t.Fatal(err)
	}
	if top.Variables["GIT_DEPTH"] != "0" || len(top.Default.BeforeScript) == 0 {
		t.Errorf("%v", top)
	}
	for name, job := range gitlabJobs(t) {
		if !slices.Contains(top.Stages, job.Stage) || len(job.Rules) != 1 || len(job.Script) == 0 {
			t.Errorf("job %s: %+v", name, job)
		}
	}
	pages := gitlabJobs(t)["pages"]
	if !slices.Equal(pages.Artifacts.Paths, []string{"public"}) || !slices.Equal(pages.Cache.Paths, []string{".portico/cache"}) {
		t.Errorf("%+v", pages)
	}
}

// pipeline is a machine that runs the shell steps of a workflow as they stand,
// in a clone of the demonstration site.
type pipeline struct {
	t             *testing.T
	site, machine string
	path, key     string
}

func newPipeline(t *testing.T) *pipeline {
	t.Helper()
	need.Program(t, "git")
	need.Program(t, "go")
	p := &pipeline{t: t, site: filepath.Join(t.TempDir(), "site"), machine: t.TempDir(), path: os.Getenv("PATH")}
	if out, err := exec.Command("git", "clone", "-q", need.Root(t), p.site).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Mkdir(filepath.Join(p.site, "tools"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(need.Root(t), filepath.Join(p.site, "tools", "portico")); err != nil {
		t.Fatal(err)
	}
	key, err := seal.NewTeamKey(strings.NewReader(strings.Repeat("c", 32)))
	if err != nil {
		t.Fatal(err)
	}
	p.key = key.Text()
	return p
}

// run a script as the host does.
func (p *pipeline) run(script string, env ...string) (string, error) {
	p.t.Helper()
	cmd := exec.Command(need.Program(p.t, "bash"), "-eo", "pipefail", "-c", script)
	cmd.Dir = p.site
	for _, v := range os.Environ() { // the caches of Go, and nothing of ours
		if !strings.HasPrefix(v, "PORTICO_") && !strings.HasPrefix(v, "PATH=") && !strings.HasPrefix(v, "XDG_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd.Env = append(cmd.Env, "CI=true", "PATH="+p.path, "GOCACHE="+strings.TrimSpace(string(cache)), "XDG_CONFIG_HOME="+p.machine, "XDG_CACHE_HOME="+p.machine)
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	if strings.Contains(string(out), "portico-key-1-") {
		p.t.Error("the key is in the log")
	}
	return string(out), err
}

// github runs the shell steps of a job.
func (p *pipeline) github(job string) (log string, err error) {
	p.t.Helper()
	paths := filepath.Join(p.machine, "paths")
	for _, step := range githubJobs(p.t)[job].Steps {
		if step.Run == "" {
			continue
		}
		env := []string{"GITHUB_ACTIONS=true", "RUNNER_TEMP=" + p.machine, "GITHUB_PATH=" + paths}
		for name, value := range step.Env {
			env = append(env, name+"="+strings.ReplaceAll(value, "${{ secrets.PORTICO_KEY }}", p.key))
		}
		out, err := p.run(step.Run, env...)
		if log += out; err != nil {
			return log, fmt.Errorf("step %q: %w: %s", step.Name, err, out)
		}
		if more, err := os.ReadFile(paths); err == nil {
			p.path = strings.TrimSpace(string(more)) + string(os.PathListSeparator) + p.path
		}
	}
	return log, nil
}

// spoil a deal, as somebody's pull request may.
func (p *pipeline) spoil() {
	p.t.Helper()
	name := filepath.Join(p.site, "content", "meridian-bank", "deal.toml")
	data, err := os.ReadFile(name)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(name, append(data, "\nonwer = 1\n"...), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// sealed wants public/ to hold lock pages and no deal by its name.
func (p *pipeline) sealed() {
	p.t.Helper()
	pages, err := filepath.Glob(filepath.Join(p.site, "public", "????????????????", "index.html"))
	if err != nil || len(pages) != 3 {
		p.t.Errorf("%d lock pages, %v", len(pages), err)
	}
	if _, err := os.Stat(filepath.Join(p.site, "public", "meridian-bank")); err == nil {
		p.t.Error("a deal is there by its name")
	}
}

func TestGitHubStepsRun(t *testing.T) {
	p := newPipeline(t)
	if log, err := p.github("build"); err != nil {
		t.Fatal(err)
	} else if !strings.Contains(log, "public is what the source makes: 3 deals") {
		t.Errorf("%s", log)
	}
	p.sealed()
	kept, err := filepath.Glob(filepath.Join(p.site, ".portico", "cache", "*"))
	if err != nil || len(kept) == 0 {
		t.Fatalf("nothing is kept for the next run: %v", err)
	}
	if _, err := p.github("check"); err != nil {
		t.Error(err)
	}
	p.spoil()
	log, err := p.github("check")
	if err == nil || !strings.Contains(log, "::error file=content/meridian-bank/deal.toml,line=") {
		t.Errorf("%v: %s", err, log)
	}
}

func TestGitLabScriptsRun(t *testing.T) {
	p := newPipeline(t)
	var top struct {
		Default struct {
			BeforeScript []string `yaml:"before_script"`
		}
	}
	if err := yaml.Unmarshal(workflowText(t, gitlabFile), &top); err != nil {
		t.Fatal(err)
	}
	run := func(job string, env ...string) (string, error) {
		lines := append(slices.Clone(top.Default.BeforeScript), gitlabJobs(t)[job].Script...)
		return p.run(strings.Join(lines, "\n"), append(env, "GITLAB_CI=true", "CI_PROJECT_DIR="+p.site)...)
	}
	if out, err := run("pages", keyVariable+"="+p.key); err != nil || !strings.Contains(out, "public is what the source makes: 3 deals") {
		t.Fatalf("%v: %s", err, out)
	}
	p.sealed()
	if out, err := run("pages"); err == nil || !strings.Contains(out, "set the secret PORTICO_KEY") {
		t.Errorf("without the key: %v: %s", err, out)
	}
	p.spoil()
	out, err := run("check")
	report, readErr := os.ReadFile(filepath.Join(p.site, "code-quality.json"))
	if err == nil || readErr != nil || !strings.Contains(strings.ReplaceAll(string(report), " ", ""), `"path":"content/meridian-bank/deal.toml"`) {
		t.Errorf("%v, %v: %s%s", err, readErr, out, report)
	}
}
