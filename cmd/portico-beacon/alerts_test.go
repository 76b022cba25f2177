package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/beacon"
	"portico/internal/capability"
	"portico/internal/seal"
)

// someone takes what is sent, or refuses it.
func someone(t *testing.T, status int) (address string, got <-chan string) {
	t.Helper()
	taken := make(chan string, 10)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
		taken <- string(body)
	}))
	t.Cleanup(s.Close)
	return s.URL, taken
}

// routing is a file that sends first views of deals out by a chat and a webhook.
func (p program) routing(deals ...seal.DealID) string {
	p.t.Helper()
	r := beacon.Routing{Origins: []string{"https://plans.example"}, Deals: map[seal.DealID]beacon.DealRouting{}}
	first := []beacon.Trigger{beacon.FirstView}
	for _, d := range deals {
		r.Deals[d] = beacon.DealRouting{Alerts: []beacon.Alert{{On: first, Via: beacon.Slack, Env: "CHAT"}, {On: first, Via: beacon.Webhook, Env: "HOOK"}}}
	}
	data, err := r.JSON()
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile("beacon.json", data, 0o600); err != nil {
		p.t.Fatal(err)
	}
	return "beacon.json"
}

// From a page to whoever is told, through the whole program: what cannot be sent
// keeps nothing else, and nothing tells more than ids.
func TestAlerts(t *testing.T) {
	p, team := newProgram(t), teamKey(t)
	config := p.routing(team.Deal("canary-deal").ID())
	chat, told := someone(t, http.StatusOK)
	p.env[keyVariable] = capability.NewKey(team).Text()
	p.env["CHAT"] = chat + "/canary-path"
	public, admin, end := p.serve("--config", config)
	if status, text := do(t, http.MethodPost, public, beacon.Path, opening(team, "canary-deal", "canary-viewer"), "Origin", "https://plans.example"); status != http.StatusNoContent {
		t.Fatalf("%d, %s", status, text)
	}
	select {
	case text := <-told:
		if !strings.Contains(text, "portico report "+team.Deal("canary-deal").ID().Path()) || strings.Contains(text, "canary") {
			t.Error(text)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("nobody is told")
	}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		_, text := do(t, http.MethodGet, admin, "/metrics", "", "X", "y")
		if strings.Contains(text, `portico_beacon_alerts_total{via="slack",outcome="delivered"} 1`) && strings.Contains(text, `portico_beacon_alerts_total{via="webhook",outcome="failed"} 1`) {
			break
		}
		if time.Since(began) > 20*time.Second {
			t.Fatal(text)
		}
	}
	said := end()
	if !strings.Contains(said, "HOOK is not set where the collector runs") {
		t.Error(said)
	}
	files, err := filepath.Glob("beacon.db*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		said += string(data)
	}
	if strings.Contains(said, "canary") {
		t.Error("more than ids is kept or logged")
	}
	p.want(0, "", "dead")
}

func TestTestAlerts(t *testing.T) {
	p := newProgram(t)
	p.want(2, "--config is missing", "test-alerts")
	p.want(2, "reading the routing file", "test-alerts", "--config", "none.json")
	p.want(1, "no deal has an alert", "test-alerts", "--config", p.routing())
	config := p.routing(seal.DealID{1}, seal.DealID{2})
	chat, told := someone(t, http.StatusOK)
	p.env["CHAT"] = chat
	p.want(1, "webhook by HOOK\tfailed: HOOK is not set where the collector runs\n", "test-alerts", "--config", config)
	hook, posted := someone(t, http.StatusOK)
	p.env["HOOK"], p.env["HOOK_SECRET"] = hook, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	p.want(0, "slack by CHAT\tarrived\nwebhook by HOOK\tarrived\n", "test-alerts", "--config", config)
	if len(told) != 2 || len(posted) != 1 || !strings.Contains(<-posted, `"type":"portico.test"`) {
		t.Error(fmt.Sprint(len(told), " ", len(posted)))
	}
}
