package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/spf13/cobra"

	"portico/internal/beacon"
	"portico/internal/beacon/collect"
	"portico/internal/beacon/deliver"
)

// deliverer tells people what a store has for them.
func (a *app) deliverer(s collect.Store, routes *collect.Routes, log *slog.Logger, told func(beacon.Via, collect.Fate, time.Duration)) *deliver.Deliverer {
	return deliver.New(deliver.Options{Store: s, Routes: routes, Env: a.env, Now: a.now, Random: rand.Float64, Log: log, Told: told})
}

// warn of ways out that lead nowhere. The collector runs all the same: what is
// to go out by them waits.
func warn(log *slog.Logger, d *deliver.Deliverer) {
	told := map[string]bool{}
	for _, r := range d.Check() {
		if r.Problem != nil && !told[r.Problem.Error()] {
			told[r.Problem.Error()] = true
			log.Warn("alerts that go out this way are kept until it is mended", "via", r.Via, "env", r.Env, "why", r.Problem)
		}
	}
}

func (a *app) testAlertsCommand() *cobra.Command {
	var config string
	cmd := &cobra.Command{
		Use:   "test-alerts --config FILE",
		Short: "Send a test message by every way that alerts go",
		Long: `Sends a message that says it is a test to everybody whom the routing file names, by
the addresses that this command's environment has, and says which arrived. Run it
with the environment of the collector. The collector may run; no database is needed.`,
		Example: `  portico-beacon test-alerts --config beacon.json`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.testAlerts(cmd.Context(), config) },
	}
	cmd.Flags().StringVar(&config, "config", "", "the `file` that `portico beacon-config` writes")
	return cmd
}

func (a *app) testAlerts(ctx context.Context, config string) error {
	if config == "" {
		return usage{errors.New("--config is missing\nhint: it takes the file that `portico beacon-config` writes")}
	}
	routes, err := collect.OpenRoutes(config)
	if err != nil {
		return usage{err}
	}
	sent := a.deliverer(nil, routes, nil, nil).Test(ctx)
	if len(sent) == 0 {
		return errors.New("no deal has an alert\nhint: [[beacon.alert]] in portico.toml asks for them; then `portico beacon-config` again")
	}
	failed := false
	for _, r := range sent {
		way, what := fmt.Sprintf("%s by %s", r.Via, r.Env), "arrived"
		if r.To != "" {
			way += " to " + r.To
		}
		if r.Problem != nil {
			what, failed = "failed: "+r.Problem.Error(), true
		}
		a.say(a.out, "%s\t%s", way, what)
	}
	if failed {
		return errors.New("not everything arrived")
	}
	return nil
}
