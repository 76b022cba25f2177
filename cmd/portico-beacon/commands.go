package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"portico/internal/beacon"
	"portico/internal/beacon/sqlite"
	"portico/internal/seal"
)

func (a *app) backupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the database into a file, while the collector runs",
		Long: `Writes the database as it is at this moment into a new file. The collector may
run meanwhile, and goes on taking events. For PostgreSQL use pg_dump.`,
		Example: `  portico-beacon backup --db /var/lib/portico/beacon.db beacon-2027-01-15.db`,
		Args:    exactly(1, "the name of the new file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := a.file()
			if err != nil {
				return err
			}
			return sqlite.Backup(cmd.Context(), file, args[0])
		},
	}
}

func (a *app) restoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore FILE",
		Short: "Make the database out of a backup",
		Long: `Makes the database anew out of a backup, once the backup has proved to be whole.
Stop the collector, and move what is left of the old database away: nothing is
written over. Reports then fetch everything again. For PostgreSQL use pg_restore.`,
		Example: `  portico-beacon restore --db /var/lib/portico/beacon.db beacon-2027-01-15.db`,
		Args:    exactly(1, "the backup"),
		RunE: func(cmd *cobra.Command, args []string) error {
			file, err := a.file()
			if err != nil {
				return err
			}
			return sqlite.Restore(cmd.Context(), args[0], file)
		},
	}
}

func (a *app) eraseCommand() *cobra.Command {
	var who string
	cmd := &cobra.Command{
		Use:   "erase --viewer DEAL/VIEWER",
		Short: "Forget a viewer",
		Long: `Forgets everything about one viewer of a deal: events, sums, and what was still to
be told. Reports forget it when they fetch the next time. Take the viewer's way
in away first, or views to come are kept again. The collector may run.`,
		Example: `  portico-beacon erase --viewer 3k9m2p0q7v5x8y1z/0a1b2c3d4e5f6g7h`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.erase(cmd.Context(), who) },
	}
	cmd.Flags().StringVar(&who, "viewer", "", "the `ids` of the deal and the viewer, as `portico report --json` has them")
	return cmd
}

func (a *app) erase(ctx context.Context, who string) error {
	dealText, viewerText, _ := strings.Cut(who, "/")
	deal, dealErr := seal.ParseDealID(dealText)
	viewer, viewerErr := seal.ParseViewerID(viewerText)
	if err := errors.Join(dealErr, viewerErr); err != nil {
		return usage{fmt.Errorf("--viewer takes DEAL/VIEWER, two ids of 16 letters and digits\nhint: `portico report --json` has them")}
	}
	s, err := a.openStore(ctx, true)
	if err != nil {
		return err
	}
	n, err := s.Erase(ctx, beacon.Pair{Deal: deal, Viewer: viewer})
	if err = errors.Join(err, s.Close()); err != nil {
		return err
	}
	a.say(a.out, "erased %d events and sums", n)
	return nil
}

func (a *app) deadCommand() *cobra.Command {
	var retry bool
	cmd := &cobra.Command{
		Use:   "dead [ID…]",
		Short: "List alerts that could not be delivered, or try them again",
		Long: `Lists the alerts that were given up, with what went wrong the last time. With
--retry those that are named are tried again, or all of them.`,
		Example: `  portico-beacon dead
  portico-beacon dead --retry 17`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.dead(cmd.Context(), retry, args) },
	}
	cmd.Flags().BoolVar(&retry, "retry", false, "try them again")
	return cmd
}

func (a *app) dead(ctx context.Context, retry bool, args []string) error {
	var ids []int64
	for _, arg := range args {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil || !retry {
			return usage{fmt.Errorf("%q: numbers of alerts are for --retry", arg)}
		}
		ids = append(ids, id)
	}
	s, err := a.openStore(ctx, true)
	if err != nil {
		return err
	}
	defer s.Close() // what was changed is durable
	if retry {
		n, err := s.Retry(ctx, a.now().UnixMilli(), ids...)
		if err == nil {
			a.say(a.out, "%d are tried again", n)
		}
		return err
	}
	dead, err := s.Dead(ctx)
	for _, d := range dead {
		a.say(a.out, "%d\t%s\t%s of deal %s by %s (%s)\t%d attempts\t%s", d.ID, time.UnixMilli(d.At).UTC().Format(time.RFC3339), d.On, d.Deal.Path(), d.Route.Via, d.Route.Env, d.Attempts, d.Why)
	}
	return err
}

func (a *app) healthCommand() *cobra.Command {
	var admin string
	cmd := &cobra.Command{
		Use:     "healthcheck",
		Short:   "Ask a running collector whether it is ready",
		Long:    `Asks the collector on this machine whether it can take events. The exit code is 1 if it cannot.`,
		Example: `  portico-beacon healthcheck`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.health(cmd.Context(), admin) },
	}
	cmd.Flags().StringVar(&admin, "admin", "127.0.0.1:8791", "the `address` for health and metrics")
	return cmd
}

func (a *app) health(ctx context.Context, admin string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+"/readyz", nil)
	if err != nil {
		return usage{fmt.Errorf("--admin takes a host and a port: %w", err)}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("asking the collector: %w", err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
	if err != nil {
		return fmt.Errorf("asking the collector: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it is not ready: %s", strings.TrimSpace(string(text)))
	}
	a.say(a.out, "ready")
	return nil
}
