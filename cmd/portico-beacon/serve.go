package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
)

type serveFlags struct {
	listen, admin, config string
	keep                  int
}

func (f *serveFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:8790", "the `address` for pages and reports")
	cmd.Flags().StringVar(&f.admin, "admin", "127.0.0.1:8791", "the `address` for health and metrics; keep it to this machine")
	cmd.Flags().StringVar(&f.config, "config", "", "the `file` that `portico beacon-config` writes; it is read anew when it changes")
	cmd.Flags().IntVar(&f.keep, "keep", 180, "how many `days` events are kept one by one; then they become sums of a day")
}

// leastKept is more than a page may be late.
const leastKept = 3

func (a *app) serve(ctx context.Context, f serveFlags) (err error) {
	if f.keep < leastKept {
		return usage{fmt.Errorf("--keep takes %d days or more", leastKept)}
	}
	keys, tokens, err := a.secrets(ctx)
	if err != nil {
		return err
	}
	routes, err := collect.OpenRoutes(f.config)
	if err != nil {
		return usage{err}
	}
	s, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	public, admin, err := f.listeners(ctx)
	if err != nil {
		return err
	}
	withdraw, err := a.announce(public.Addr().String(), keys)
	if err != nil {
		return errors.Join(err, public.Close(), admin.Close())
	}
	defer func() { err = errors.Join(err, withdraw()) }()
	log := a.logger()
	c := collect.New(collect.Options{
		Store: s, Keys: keys, Tokens: tokens, Routes: routes, Loopback: a.site != "",
		Keep: time.Duration(f.keep) * 24 * time.Hour, Now: a.now, Log: log,
	})
	log.Info("ready", "receipts", "http://"+public.Addr().String()+beacon.Path, "admin", "http://"+admin.Addr().String(), "keys", len(keys), "deals", len(routes.Current().Deals))
	if _, err := daemon.SdNotify(false, daemon.SdNotifyReady); err != nil {
		log.Warn("systemd was not told", "error", err)
	}
	debug.FreeOSMemory() // what starting took; it may be long until somebody comes
	// Once all that goes on by itself has begun: what that takes stays.
	defer time.AfterFunc(time.Second, func() {
		if c.Taken() == 0 {
			giveBack()
		}
	}).Stop()
	told := a.deliverer(s, routes, log, c.Told)
	warn(log, told)
	telling, end := context.WithCancel(ctx)
	var work sync.WaitGroup
	work.Go(func() { told.Run(telling) })
	err = c.Run(ctx, public, admin)
	end()
	work.Wait()
	if err != nil {
		return fmt.Errorf("serving: %w", err)
	}
	log.Info("ended; everything that was taken is kept")
	return nil
}

// listeners are those that systemd holds, or else new ones.
func (f serveFlags) listeners(ctx context.Context) (public, admin net.Listener, err error) {
	held, err := activation.Listeners()
	if err != nil {
		return nil, nil, fmt.Errorf("taking over sockets: %w", err)
	}
	var config net.ListenConfig
	one := func(i int, address string) (net.Listener, error) {
		if i < len(held) && held[i] != nil {
			return held[i], nil
		}
		l, err := config.Listen(ctx, "tcp", address)
		if err != nil {
			return nil, fmt.Errorf("listening: %w", err)
		}
		return l, nil
	}
	if public, err = one(0, f.listen); err != nil {
		return nil, nil, err
	}
	if admin, err = one(1, f.admin); err != nil {
		return nil, nil, errors.Join(err, public.Close())
	}
	return public, admin, nil
}

// logger writes for people on a terminal, and JSON elsewhere.
func (a *app) logger() *slog.Logger {
	if terminal(a.err) {
		return slog.New(slog.NewTextHandler(a.err, nil))
	}
	return slog.New(slog.NewJSONHandler(a.err, nil))
}
