//go:build linux

package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"time"

	"portico/internal/beacon"
	"portico/internal/seal"
)

// told are viewers of whom a webhook was told, by their number in the crowd, from
// 1 on.
type told struct {
	*httptest.Server
	mu sync.Mutex
	// first time that it was told, and how often.
	first map[uint32]time.Time
	times map[uint32]int
}

func newTold() *told {
	t := &told{first: map[uint32]time.Time{}, times: map[uint32]int{}}
	t.Server = httptest.NewServer(t)
	return t
}

func (t *told) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var got struct {
		Data struct {
			Notices []struct {
				Viewer string `json:"viewer"`
			} `json:"notices"`
		} `json:"data"`
	}
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range got.Data.Notices {
		id, err := seal.ParseViewerID(n.Viewer)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		viewer := binary.BigEndian.Uint32(id[:])
		if t.times[viewer]++; t.times[viewer] == 1 {
			t.first[viewer] = time.Now()
		}
	}
}

// missing are those of some viewers of whom it was not told.
func (t *told) missing(viewers map[uint32]time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for v := range viewers {
		if t.times[v] == 0 {
			n++
		}
	}
	return n
}

// telling starts a collector that tells a webhook of every first view.
func (r *run) telling(db string, t *told) (*process, error) {
	routing := beacon.Routing{Deals: map[seal.DealID]beacon.DealRouting{}}
	for i := range 256 { // as many as a crowd has
		routing.Deals[seal.DealID{byte(i)}] = beacon.DealRouting{Alerts: []beacon.Alert{{On: []beacon.Trigger{beacon.FirstView}, Via: beacon.Webhook, Env: "HOOK"}}}
	}
	data, err := routing.JSON()
	if err != nil {
		return nil, err
	}
	config := db + ".json"
	if err := os.WriteFile(config, data, 0o600); err != nil {
		return nil, err
	}
	r.env = []string{"HOOK=" + t.URL, "HOOK_SECRET=whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
	defer func() { r.env = nil }()
	return r.start(db, "--config", config)
}

// alerts is how long it takes from a first view until a webhook has it.
func (r *run) alerts() error {
	const rate = 50
	t := newTold()
	defer t.Close()
	p, err := r.telling(filepath.Join(r.dir, "alerts.db"), t)
	if err != nil {
		return err
	}
	total := int(r.time.Seconds() * rate)
	c, err := newCrowd(total)
	if err != nil {
		return err
	}
	conn, err := dial(p.public)
	if err != nil {
		return err
	}
	defer conn.Close()
	sent := map[uint32]time.Time{}
	begin := time.Now()
	for n := range total {
		due := begin.Add(time.Duration(n) * time.Second / rate)
		time.Sleep(time.Until(due))
		raw, _ := c.request(1)
		if status, err := conn.send(raw); err != nil || status != http.StatusNoContent {
			return errors.Join(fmt.Errorf("a first view was answered %d", status), err)
		}
		sent[uint32(n+1)] = due
	}
	err = until(time.Minute, "not everybody is told of", func() bool { return t.missing(sent) == 0 })
	if err != nil {
		return err
	}
	var took []time.Duration
	for viewer, due := range sent {
		took = append(took, t.first[viewer].Sub(due))
	}
	note(fmt.Sprintf("p50 of an alert, %d/s", rate), short(at(took, .5)))
	const bar = 5 * time.Second
	p99 := at(took, .99)
	row(fmt.Sprintf("p99 of an alert, %d/s, from view to receiver", rate), short(p99), "≤ 5 s", p99 <= bar)
	return p.stop()
}

// tell while the program is killed again and again. Everybody whose first view
// was acknowledged is told of, some of them twice.
func (r *run) tell(dir string) (string, error) {
	t, db := newTold(), filepath.Join(dir, "beacon.db")
	defer t.Close()
	kills := min(r.rounds, 60)
	c, err := newCrowd(200 * kills)
	if err != nil {
		return "", err
	}
	kept := map[uint32]time.Time{}
	next := uint32(1)
	for range kills {
		p, err := r.telling(db, t)
		if err != nil {
			return "", err
		}
		conn, err := dial(p.public)
		if err != nil {
			return "", err
		}
		for range rand.IntN(200) {
			raw, _ := c.request(1)
			status, err := conn.send(raw)
			if err != nil {
				return "", err
			}
			if status == http.StatusNoContent {
				kept[next] = time.Now()
			}
			next++
			time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
		}
		conn.Close()
		if err := p.kill(); err != nil {
			return "", err
		}
	}
	p, err := r.telling(db, t)
	if err != nil {
		return "", err
	}
	// What the last of those killed had taken to send is free after two minutes.
	err = until(4*time.Minute, "not everybody is told of", func() bool { return t.missing(kept) == 0 })
	t.mu.Lock()
	twice := 0
	for _, n := range t.times {
		if n > 1 {
			twice++
		}
	}
	said := fmt.Sprintf("%d kills: %d first views acknowledged, told of %d, %d of them more than once", kills, len(kept), len(t.times), twice)
	t.mu.Unlock()
	if len(kept) == 0 {
		err = errors.Join(err, errors.New("nothing was acknowledged"))
	}
	return said, errors.Join(err, p.stop())
}
