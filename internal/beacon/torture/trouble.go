//go:build linux

package main

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	_ "modernc.org/sqlite" // the other program that locks or reads the file
)

// kill the program amid its work, again and again.
func (r *run) kill(dir string) (string, error) {
	db := filepath.Join(dir, "beacon.db")
	l := newLedger()
	const viewers = 200
	for round := range r.rounds {
		c, err := newCrowdBehind(round*viewers, viewers)
		if err != nil {
			return "", err
		}
		p, err := r.start(db)
		if err != nil {
			return "", err
		}
		stop := make(chan struct{})
		sending := l.flood(p.public, c, 16, 1+rand.IntN(4), stop)
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
		if err := p.kill(); err != nil {
			return "", err
		}
		close(stop)
		sending.Wait()
	}
	said, err := r.account(db, l)
	return fmt.Sprintf("%d kills: %s", r.rounds, said), err
}

// account starts the program once more and settles.
func (r *run) account(db string, l *ledger) (string, error) {
	p, err := r.start(db)
	if err != nil {
		return "", err
	}
	said, err := l.settle(p)
	return said, errors.Join(err, p.stop())
}

// during a trouble pages go on sending; afterwards the collector must take
// events again, and have all that it said it has.
func (r *run) during(db string, events int, trouble func(p *process, l *ledger) error) (string, error) {
	c, err := newCrowd(50_000)
	if err != nil {
		return "", err
	}
	p, err := r.start(db)
	if err != nil {
		return "", err
	}
	l := newLedger()
	stop := make(chan struct{})
	sending := l.flood(p.public, c, 16, events, stop)
	err = trouble(p, l)
	before := l.acknowledged()
	time.Sleep(2 * time.Second)
	if err == nil && l.acknowledged() == before {
		err = errors.New("it takes nothing any more")
	}
	close(stop)
	sending.Wait()
	if err != nil {
		return "", errors.Join(err, p.kill())
	}
	said, err := l.settle(p)
	return said, errors.Join(err, p.stop())
}

func (l *ledger) acknowledged() int { l.mu.Lock(); defer l.mu.Unlock(); return len(l.kept) }

func (l *ledger) refused() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status[http.StatusServiceUnavailable]
}

// full is a disk that fills up, and is then made larger.
func (r *run) full(dir string) (string, error) {
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		return "", err
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=256m"); err != nil {
		return "", fmt.Errorf("mounting a disk of its own (this takes root): %w", err)
	}
	defer func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }() // the folder goes next
	resize := func(size string) error {
		if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size="+size); err != nil {
			return fmt.Errorf("giving the disk %s: %w", size, err)
		}
		return nil
	}
	return r.during(filepath.Join(disk, "beacon.db"), 16, func(_ *process, l *ledger) error {
		if err := resize("12m"); err != nil {
			return err
		}
		if err := until(time.Minute, "the disk is never full", func() bool { return l.refused() > 200 }); err != nil {
			return err
		}
		return resize("256m")
	})
}

func until(most time.Duration, what string, done func() bool) error {
	for began := time.Now(); time.Since(began) < most; time.Sleep(20 * time.Millisecond) {
		if done() {
			return nil
		}
	}
	return errors.New(what)
}

// locked by another program for some seconds.
func (r *run) locked(dir string) (string, error) {
	db := filepath.Join(dir, "beacon.db")
	return r.during(db, 1, func(_ *process, l *ledger) error {
		other, err := sql.Open("sqlite", "file:"+db+"?_pragma=busy_timeout(5000)")
		if err != nil {
			return err
		}
		defer other.Close()
		other.SetMaxOpenConns(1)
		if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
			return err
		}
		time.Sleep(4 * time.Second)
		if _, err := other.Exec("ROLLBACK"); err != nil {
			return err
		}
		if l.refused() == 0 {
			return errors.New("nobody was told to send again")
		}
		return nil
	})
}

// pinned by another program that reads and does not end.
func (r *run) pinned(dir string) (string, error) {
	db := filepath.Join(dir, "beacon.db")
	longest := int64(0)
	said, err := r.during(db, 64, func(_ *process, l *ledger) error {
		other, err := sql.Open("sqlite", "file:"+db)
		if err != nil {
			return err
		}
		defer other.Close()
		tx, err := other.Begin()
		if err != nil {
			return err
		}
		var n int
		if err := tx.QueryRow("SELECT count(*) FROM events").Scan(&n); err != nil {
			return err
		}
		err = until(2*time.Minute, "the log had room for everything", func() bool {
			if info, err := os.Stat(db + "-wal"); err == nil {
				longest = max(longest, info.Size())
			}
			return l.refused() > 100
		})
		return errors.Join(err, tx.Rollback())
	})
	if longest > 64<<20 {
		err = errors.Join(err, fmt.Errorf("the log had %d MiB, of 64", longest>>20))
	}
	return fmt.Sprintf("longest log %d MiB: %s", longest>>20, said), err
}

// slow clients send a symbol a second and get in nobody's way.
func (r *run) slow(dir string) (string, error) {
	var slow sync.WaitGroup
	said, err := r.during(filepath.Join(dir, "beacon.db"), 1, func(p *process, l *ledger) error {
		ended := make(chan time.Duration, 500)
		for range cap(ended) {
			slow.Go(func() {
				began := time.Now()
				defer func() { ended <- time.Since(began) }()
				c, err := dial(p.public)
				if err != nil {
					return
				}
				defer c.Close()
				for _, symbol := range "POST /_portal/v1/receipts HTTP/1.1" {
					if _, err := c.Write([]byte(string(symbol))); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			})
		}
		before := l.acknowledged()
		for range cap(ended) {
			if took := <-ended; took > 15*time.Second {
				return fmt.Errorf("a client that sent a symbol a second was let go on for %v", took)
			}
		}
		if l.acknowledged() == before {
			return errors.New("they kept all others out")
		}
		return nil
	})
	slow.Wait()
	return said, err
}

// twice and more, over several connections and in any order, is everything sent.
func (r *run) twice(dir string) (string, error) {
	c, err := newCrowd(2000)
	if err != nil {
		return "", err
	}
	p, err := r.start(filepath.Join(dir, "beacon.db"))
	if err != nil {
		return "", err
	}
	l := newLedger()
	type sent struct {
		raw  []byte
		kept []event
	}
	var all []sent
	for range 5000 {
		raw, kept := c.request(1 + rand.IntN(4))
		all = append(all, sent{raw, kept}, sent{raw, kept}, sent{raw, kept})
	}
	rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var sending sync.WaitGroup
	for w := range 8 {
		sending.Go(func() {
			conn, err := dial(p.public)
			if err != nil {
				return
			}
			defer conn.Close()
			for i := w; i < len(all); i += 8 {
				status, err := conn.send(all[i].raw)
				l.note(status, err, all[i].kept)
			}
		})
	}
	sending.Wait()
	said, err := l.settle(p)
	return said, errors.Join(err, p.stop())
}
