//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"portico/internal/capability"
	"portico/internal/seal"
)

// run is what was asked for.
type run struct {
	program, dir, only string
	// other is the address of another program to measure beside it.
	other        string
	bench        bool
	rounds, cuts int
	time         time.Duration
	// env is what the next collector has in its environment as well.
	env []string
}

const token = "the token of a torture"

// testKey is the key of every collector here.
func testKey() (capability.Key, error) {
	team, err := seal.NewTeamKey(bytes.NewReader(bytes.Repeat([]byte{1}, 32)))
	return capability.NewKey(team), err
}

// process is a collector that runs.
type process struct {
	cmd           *exec.Cmd
	public, admin string
	ready         time.Duration
	said          bytes.Buffer
	// ended is closed once it has, with a result.
	ended  <-chan struct{}
	result error
}

// start a collector and wait until it is ready. Ports are free until somebody
// else takes them, so it is tried again where one was taken.
func (r *run) start(db string, flags ...string) (p *process, err error) {
	for range 10 {
		if p, err = r.launch(db, flags...); err == nil || !strings.Contains(err.Error(), "address already in use") {
			return p, err
		}
	}
	return nil, err
}

func (r *run) launch(db string, flags ...string) (*process, error) {
	key, err := testKey()
	if err != nil {
		return nil, err
	}
	p := &process{}
	if p.public, err = freeAddress(); err != nil {
		return nil, err
	}
	if p.admin, err = freeAddress(); err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(token))
	p.cmd = exec.Command(r.program, append([]string{"--db", db, "--listen", p.public, "--admin", p.admin}, flags...)...)
	p.cmd.Env = []string{"PORTICO_BEACON_KEY=" + key.Text(), "PORTICO_BEACON_TOKEN_HASH=" + hex.EncodeToString(hash[:])}
	p.cmd.Env = append(p.cmd.Env, r.env...)
	p.cmd.Stderr = &p.said
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	p.ended = ended
	go func() { p.result = p.cmd.Wait(); close(ended) }()
	for time.Since(began) < 20*time.Second {
		if p.isReady() {
			p.ready = time.Since(began)
			return p, nil
		}
		select {
		case <-ended:
			return nil, fmt.Errorf("it ended at once: %w: %s", p.result, p.said.String())
		case <-time.After(500 * time.Microsecond):
		}
	}
	return nil, errors.Join(fmt.Errorf("it is not ready after %v", time.Since(began)), p.kill(), errors.New(p.said.String()))
}

func (p *process) isReady() bool {
	c, err := net.Dial("tcp", p.admin)
	if err != nil {
		return false
	}
	c.Close()
	res, err := http.Get("http://" + p.admin + "/readyz")
	if err != nil {
		return false
	}
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill it as nothing but a power cut would end it.
func (p *process) kill() error {
	if err := p.cmd.Process.Kill(); err != nil {
		return err
	}
	<-p.ended
	return nil
}

// stop it as systemd would.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-p.ended
	return p.result
}

// memory that it has, in bytes, now or at its peak.
func (p *process) memory(field string) (int64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("the system does not tell %s", field)
}

// processor time that it took so far.
func (p *process) processor() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(data), ") ") // a name may hold spaces
	field := strings.Fields(rest)
	const user, system = 11, 12
	if len(field) <= system {
		return 0, errors.New("the system does not tell the processor time")
	}
	var ticks int64
	for _, text := range []string{field[user], field[system]} {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil // a hundred a second on every Linux
}

func freeAddress() (string, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
