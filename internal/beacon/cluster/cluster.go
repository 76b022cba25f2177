//go:build linux

// Package cluster runs a PostgreSQL server of its own on a loopback port, for
// tests and for torture, and takes it away again. It knows nothing of what is
// kept there.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Programs of a server, as Debian puts them there.
const Programs = "/usr/lib/postgresql/*/bin/initdb"

// ErrMissing is the error where PostgreSQL is not installed.
var ErrMissing = errors.New("it is not installed")

// Cluster is a server and its data.
type Cluster struct {
	dir, bin string
	port     int
	options  Options
	server   *exec.Cmd
	named    atomic.Int64
}

// Options of a cluster.
type Options struct {
	// Sync makes what is committed survive a power cut. Without it most tests take
	// a fraction of the time.
	Sync bool
}

const (
	// password of both roles.
	password = "loopback"
	// role owns the databases and may nothing else.
	role = "beacon"
	// unprivileged is Debian's nobody: the server refuses to run as root.
	unprivileged = 65534
	// startTime is how long a server may take to answer.
	startTime = 30 * time.Second
)

// Start a new cluster in a folder of its own below dir.
func Start(ctx context.Context, dir string, o Options) (*Cluster, error) {
	fail := func(err error) (*Cluster, error) { return nil, fmt.Errorf("starting PostgreSQL: %w", err) }
	found, err := filepath.Glob(Programs)
	if err != nil || len(found) == 0 {
		return fail(errors.Join(ErrMissing, err))
	}
	slices.Sort(found)
	c := &Cluster{bin: filepath.Dir(found[len(found)-1]), options: o}
	if c.dir, err = os.MkdirTemp(dir, "postgres-"); err != nil {
		return fail(err)
	}
	if err := c.make(ctx); err != nil {
		return fail(errors.Join(err, os.RemoveAll(c.dir)))
	}
	if err := c.Run(ctx); err != nil {
		return fail(errors.Join(err, os.RemoveAll(c.dir)))
	}
	if err := c.admin(ctx, "postgres", "CREATE ROLE "+role+" LOGIN PASSWORD '"+password+"'"); err != nil {
		return fail(errors.Join(err, c.Close()))
	}
	return c, nil
}

// make the files of a new cluster.
func (c *Cluster) make(ctx context.Context) error {
	secret := filepath.Join(c.dir, "password")
	if err := os.WriteFile(secret, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if os.Geteuid() == 0 {
		for _, path := range []string{c.dir, secret} {
			if err := os.Chown(path, unprivileged, unprivileged); err != nil {
				return err
			}
		}
	}
	cmd := c.command(ctx, "initdb", "-D", c.data(), "-U", "postgres", "--auth=scram-sha-256", "--pwfile="+secret, "--no-sync", "--locale=C", "--encoding=UTF8")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// command of the server's, which ends when this process does.
func (c *Cluster) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.Env = c.dir, []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/bin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: unprivileged, Gid: unprivileged}
	}
	return cmd
}

// Run the server, on the port that it had before if it ran before, and return
// once it answers.
func (c *Cluster) Run(ctx context.Context) error {
	if c.port == 0 {
		var err error
		if c.port, err = freePort(ctx); err != nil {
			return err
		}
	}
	sync := "off"
	if c.options.Sync {
		sync = "on"
	}
	log, err := os.OpenFile(c.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	// The server outlives ctx: Stop ends it.
	c.server = c.command(context.WithoutCancel(ctx), "postgres", "-D", c.data(), "-p", strconv.Itoa(c.port), "-k", "",
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync="+sync, "-c", "full_page_writes="+sync, "-c", "shared_buffers=64MB", "-c", "max_wal_size=256MB")
	c.server.Stderr = log
	if err := c.server.Start(); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < startTime; time.Sleep(20 * time.Millisecond) {
		if err = c.admin(ctx, "postgres", "SELECT 1"); err == nil {
			return nil
		}
	}
	said, _ := os.ReadFile(c.log()) // what is known is better than nothing
	return errors.Join(fmt.Errorf("it does not answer: %w: %s", err, said), c.Stop(syscall.SIGQUIT))
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// Stop the server by a signal: SIGINT ends it in order, SIGQUIT at once, as a
// crash would. Run starts it again.
func (c *Cluster) Stop(signal syscall.Signal) error {
	if err := c.server.Process.Signal(signal); err != nil {
		return fmt.Errorf("stopping PostgreSQL: %w", err)
	}
	_ = c.server.Wait() // how it ended was asked for
	return nil
}

// Close ends the server and removes everything.
func (c *Cluster) Close() error {
	return errors.Join(c.Stop(syscall.SIGQUIT), os.RemoveAll(c.dir))
}

// Create an empty database whose owner is no superuser, and return its address.
func (c *Cluster) Create(ctx context.Context) (string, error) {
	name := fmt.Sprintf("beacon%d", c.named.Add(1))
	if err := c.admin(ctx, "postgres", "CREATE DATABASE "+name+" OWNER "+role); err != nil {
		return "", fmt.Errorf("creating a database: %w", err)
	}
	return c.address(role, name), nil
}

func (c *Cluster) address(user, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(c.port)), Path: database}
	return u.String()
}

// admin runs a statement as the superuser.
func (c *Cluster) admin(ctx context.Context, database, statement string) error {
	conn, err := pgconn.Connect(ctx, c.address("postgres", database))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}

func (c *Cluster) log() string { return filepath.Join(c.dir, "log") }

// Deadlocks are how many the server has reported since it was made. Its own
// statistics begin anew with each crash.
func (c *Cluster) Deadlocks() (int, error) {
	text, err := os.ReadFile(c.log())
	if err != nil {
		return 0, fmt.Errorf("reading the server's log: %w", err)
	}
	return strings.Count(string(text), "deadlock detected"), nil
}
