//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/url"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// visits are requests of one event each, made before anything is measured: then
// only their number changes.
type visits struct {
	mu   sync.Mutex
	raw  [][]byte
	at   int // where the number is
	sent int
}

// firstNumber has as many digits as those that follow.
const firstNumber = 100_000

// audience is a portal of 1,000 deals with ten viewers each, all of whom have
// their plan open.
const audience = 10_000

func newVisits() (*visits, error) {
	c, err := newCrowd(audience)
	if err != nil {
		return nil, err
	}
	v := &visits{}
	for i := range c.viewers {
		c.viewers[i].seq = firstNumber
		raw, _ := c.request(1)
		v.raw = append(v.raw, raw)
	}
	v.at = bytes.Index(v.raw[0], strconv.AppendInt([]byte(`"n":`), firstNumber, 10)) + len(`"n":`)
	return v, nil
}

// next request; it is not to be used any more when all others had their turn.
func (v *visits) next() []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	raw := v.raw[v.sent%len(v.raw)]
	strconv.AppendInt(raw[:v.at], firstNumber+int64(v.sent/len(v.raw)), 10)
	v.sent++
	return raw
}

// looks ask for one address over and over, as a browser would.
func looks(address *url.URL) func() []byte {
	raw := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n\r\n", address.RequestURI(), address.Host)
	return func() []byte { return raw }
}

// swarm is connections that one thread drives, as wrk does it: whatever a client
// takes of the machine, the collector lacks.
type swarm struct {
	poll int
	open map[int32]*caller
	next func() []byte
	took []time.Duration
}

// caller is one of the connections.
type caller struct {
	fd    int
	since time.Time
	in    []byte
}

// closed loop: each connection sends as soon as it is answered. It returns the
// times of what was acknowledged.
func closed(address string, connections int, how time.Duration, next func() []byte) (took []time.Duration, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	poll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	s := &swarm{poll: poll, open: map[int32]*caller{}, next: next}
	defer func() {
		for _, c := range s.open {
			err = errors.Join(err, unix.Close(c.fd))
		}
		err = errors.Join(err, unix.Close(poll))
	}()
	for range connections {
		if err := s.dial(address); err != nil {
			return nil, err
		}
	}
	return s.took, s.run(time.Now().Add(how))
}

func (s *swarm) dial(address string) error {
	at, err := net.ResolveTCPAddr("tcp4", address)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	s.open[int32(fd)] = &caller{fd: fd}
	if err := unix.Connect(fd, &unix.SockaddrInet4{Port: at.Port, Addr: [4]byte(at.IP.To4())}); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return err
	}
	return unix.EpollCtl(s.poll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fd)})
}

func (s *swarm) run(end time.Time) error {
	for _, c := range s.open {
		if err := c.send(s.next()); err != nil {
			return err
		}
	}
	events := make([]unix.EpollEvent, len(s.open))
	for time.Now().Before(end) {
		n, err := unix.EpollWait(s.poll, events, 1000)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
		for _, e := range events[:max(n, 0)] {
			if err := s.hear(s.open[e.Fd]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *caller) send(raw []byte) error {
	c.since, c.in = time.Now(), c.in[:0]
	n, err := unix.Write(c.fd, raw)
	if err == nil && n < len(raw) {
		err = errors.New("a request was cut off") // it is far shorter than what a socket takes
	}
	return err
}

// hear what there is of an answer, and send the next request behind its end.
func (s *swarm) hear(c *caller) error {
	c.in = slices.Grow(c.in, 1024)
	n, err := unix.Read(c.fd, c.in[len(c.in):cap(c.in)])
	if err != nil {
		return err
	}
	c.in = c.in[:len(c.in)+n]
	whole, err := answered(c.in)
	if err == nil && n == 0 {
		err = errors.New("the answer was cut off")
	}
	if err != nil || !whole {
		return err
	}
	s.took = append(s.took, time.Since(c.since))
	return c.send(s.next())
}

// answered says whether an answer is whole. It must be a good one.
func answered(in []byte) (whole bool, err error) {
	head, body, ok := bytes.Cut(in, []byte("\r\n\r\n"))
	if !ok {
		return false, nil
	}
	line, fields, _ := bytes.Cut(head, []byte("\r\n"))
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 20")) {
		return false, fmt.Errorf("it was answered %q", line)
	}
	_, after, has := bytes.Cut(fields, []byte("Content-Length: "))
	if !has {
		return true, nil
	}
	number, _, _ := bytes.Cut(after, []byte("\r\n"))
	length, err := strconv.Atoi(string(number))
	return len(body) >= length, err
}
