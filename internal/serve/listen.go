package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// BadAddress is the error of an address that a preview cannot have.
type BadAddress struct{ Addr, Why string }

func (e *BadAddress) Error() string { return e.Addr + " " + e.Why }

// tries is how many ports are tried, if the first is taken.
const tries = 20

// Listen on a loopback address: a host and a port, or one of them. Where its
// port is taken the next free one is used, and moved says so. Port 0 is any.
func Listen(ctx context.Context, addr string) (l net.Listener, moved bool, err error) {
	host, n, err := parseAddress(addr)
	if err != nil {
		return nil, false, err
	}
	last := min(n+tries-1, 65535)
	if n == 0 {
		last = 0
	}
	var config net.ListenConfig
	for port := n; port <= last; port++ {
		l, err := config.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err == nil {
			return l, port != n, nil
		}
		if !taken(err) {
			return nil, false, fmt.Errorf("listening: %w", err)
		}
	}
	return nil, false, fmt.Errorf("none of the ports %d to %d can be had; name another with --addr", n, last)
}

func parseAddress(addr string) (host string, port int, err error) {
	host, service, err := net.SplitHostPort(addr)
	if err != nil { // only one of them, or an IPv6 address
		host, service = strings.Trim(addr, "[]"), "8080"
		if _, err := strconv.Atoi(addr); err == nil {
			host, service = "", addr
		}
	}
	if host == "" {
		host = "127.0.0.1"
	}
	if !local(host) {
		return "", 0, &BadAddress{addr, "is not an address of this machine alone: a preview shows every deal in the clear, so it listens on 127.0.0.1 or localhost"}
	}
	if port, err = net.LookupPort("tcp", service); err != nil {
		return "", 0, &BadAddress{addr, "has no port that there is: it is a number up to 65535"}
	}
	return host, port, nil
}

// taken says whether a port could not be had because somebody else has it.
func taken(err error) bool {
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, syscall.EACCES)
}

// local says whether a Host header names this machine.
func local(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.Trim(name, "[]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	return ip != nil && ip.IsLoopback()
}

// Run answers requests until ctx ends.
func Run(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		// Nobody waits for a preview: what is under way is cut off.
		_ = server.Close()
		return nil
	}
}
