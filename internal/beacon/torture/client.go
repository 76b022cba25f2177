//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"portico/internal/beacon"
	"portico/internal/capability"
	"portico/internal/seal"
)

// event is the key of one.
type event struct {
	session beacon.Session
	seq     uint32
}

// crowd are viewers, each with a session, who send one after the other: so many
// that none of them sends too much.
type crowd struct {
	mu      sync.Mutex
	viewers []viewer
	next    int
}

type viewer struct {
	capability string
	session    beacon.Session
	seq        uint32
}

func newCrowd(n int) (*crowd, error) { return newCrowdBehind(0, n) }

// newCrowdBehind has none of those viewers who were before: the same again would
// soon have had their visits of the day.
func newCrowdBehind(before, n int) (*crowd, error) {
	key, err := testKey()
	if err != nil {
		return nil, err
	}
	c := &crowd{viewers: make([]viewer, n)}
	for i := range c.viewers {
		claims := capability.Claims{Key: key.ID, Scope: capability.Receipts, Deal: seal.DealID{byte(i % 1000), byte(i % 1000 >> 8)}}
		binary.BigEndian.PutUint32(claims.Viewer[:], uint32(before+i+1)) // an id of nothing but zeros is nobody's
		c.viewers[i] = viewer{capability: capability.Text(capability.Mint(key.Secret(), claims)), session: newSession()}
	}
	return c, nil
}

func newSession() beacon.Session {
	var s beacon.Session
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(time.Now().UnixMilli()))
	copy(s[:], ms[2:])
	binary.BigEndian.PutUint64(s[8:], rand.Uint64())
	s[6], s[8] = 0x70|s[6]&0xf, 0x80|s[8]&0x3f
	return s
}

// request of the next viewer, with so many events.
func (c *crowd) request(events int) (raw []byte, kept []event) {
	c.mu.Lock()
	v := &c.viewers[c.next]
	c.next = (c.next + 1) % len(c.viewers)
	first := v.seq
	v.seq += uint32(events)
	one := *v
	c.mu.Unlock()
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"v":1,"t":%q,"s":%q,"d":"desktop","e":[`, one.capability, one.session.Text())
	for i := range uint32(events) {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"n":%d,"k":"section","x":"AQIDBAUGBwg","ms":%d,"dt":12}`, first+i, first+i)
		kept = append(kept, event{one.session, first + i})
	}
	body.WriteString("]}")
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: beacon\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", beacon.Path, body.Len(), body.Bytes()), kept
}

// connection sends raw requests; net/http's client would take more of the
// machine than the collector.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(address string) (*connection, error) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{c, bufio.NewReaderSize(c, 1024)}, nil
}

// send returns the answer's status.
func (c *connection) send(raw []byte) (int, error) {
	if _, err := c.Write(raw); err != nil {
		return 0, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, errors.Join(errors.New("the answer was cut off"), err)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, err
	}
	length := 0
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			break
		}
		if n, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(n)); err != nil {
				return 0, err
			}
		}
	}
	_, err = c.in.Discard(length)
	return status, err
}

// ledger is what the collector said that it keeps.
type ledger struct {
	mu     sync.Mutex
	kept   map[event]bool
	status map[int]int
	broken int
}

func newLedger() *ledger { return &ledger{kept: map[event]bool{}, status: map[int]int{}} }

func (l *ledger) note(status int, err error, events []event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.broken++
		return
	}
	l.status[status]++
	if status == http.StatusNoContent {
		for _, e := range events {
			l.kept[e] = true
		}
	}
}

// flood sends over connections until stop is closed or they break.
func (l *ledger) flood(address string, c *crowd, connections, events int, stop <-chan struct{}) *sync.WaitGroup {
	var sending sync.WaitGroup
	for range connections {
		sending.Go(func() {
			conn, err := dial(address)
			for err == nil {
				select {
				case <-stop:
					conn.Close()
					return
				default:
				}
				raw, asked := c.request(events)
				var status int
				status, err = conn.send(raw)
				l.note(status, err, asked)
				if status == http.StatusServiceUnavailable {
					time.Sleep(20 * time.Millisecond)
				}
			}
			if conn != nil {
				conn.Close()
			}
		})
	}
	return &sending
}

// held is what a collector has: how often each event is handed out.
func (p *process) held() (map[event]int, error) {
	seen := map[event]int{}
	for after, more := "", true; more; {
		req, err := http.NewRequest(http.MethodGet, "http://"+p.public+beacon.ExportPath+"?after="+after, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK {
			return nil, errors.Join(fmt.Errorf("exporting: %s", res.Status), err)
		}
		more = false
		for line := range bytes.Lines(text) {
			l, err := beacon.ParseLine(line)
			if err != nil {
				return nil, err
			}
			if l.Event != nil {
				seen[event{l.Event.Session, l.Event.Seq}]++
			}
			if l.End() {
				after, more = l.Cursor, l.More
			}
		}
	}
	return seen, nil
}

// settle holds what a collector has against what it said, and says how it came
// out.
func (l *ledger) settle(p *process) (string, error) {
	held, err := p.held()
	if err != nil {
		return "", err
	}
	lost, doubled := 0, 0
	for e := range l.kept {
		if held[e] == 0 {
			lost++
		}
	}
	for _, n := range held {
		if n > 1 {
			doubled++
		}
	}
	said := fmt.Sprintf("%d acknowledged, %d lost, %d doubled; answers %v", len(l.kept), lost, doubled, l.status)
	if lost+doubled > 0 {
		return said, errors.New(said)
	}
	if len(l.kept) == 0 {
		return said, errors.New("nothing was acknowledged")
	}
	return said, nil
}
