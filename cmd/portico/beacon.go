package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"portico/internal/build"
	"portico/internal/capability"
)

// What the collector is told by its environment.
const (
	beaconKeyVariable   = "PORTICO_BEACON_KEY"
	beaconTokenVariable = "PORTICO_BEACON_TOKEN"
	beaconHashVariable  = "PORTICO_BEACON_TOKEN_HASH"
)

func (a *app) beaconKeyCommand() *cobra.Command {
	var token bool
	cmd := &cobra.Command{
		Use:   "beacon-key",
		Short: "Print the key that the collector needs",
		Long: `Prints the key with which the collector knows your viewers' pages, for
` + beaconKeyVariable + ` in its environment. It follows from the team's key and opens no
deal; whoever has it can make up views.

With --token it makes a new token instead, with which ` + "`portico report`" + ` asks the
collector for what it has, and prints two lines: ` + beaconTokenVariable + ` is for
whoever reports, ` + beaconHashVariable + ` for the collector, which needs no more than
that. It is kept nowhere.`,
		Example: `  portico beacon-key
  portico beacon-key --token`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if token {
				return a.newBeaconToken()
			}
			return a.beaconKey()
		},
	}
	cmd.Flags().BoolVar(&token, "token", false, "make a token for reports, and print it with its hash")
	return cmd
}

func (a *app) beaconKey() error {
	source, err := a.findSite()
	if err != nil {
		return err
	}
	key, err := a.needKey(source)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(a.out, capability.NewKey(key.TeamKey).Text()); err != nil {
		return fmt.Errorf("printing the key: %w", err)
	}
	a.note("hint: this line is %s in the environment of portico-beacon; it follows from key %s", beaconKeyVariable, key.name())
	return nil
}

// newBeaconToken makes one of 130 random bits.
func (a *app) newBeaconToken() error {
	token := rand.Text()
	hash := sha256.Sum256([]byte(token))
	if _, err := fmt.Fprintf(a.out, "%s=%s\n%s=%s\n", beaconTokenVariable, token, beaconHashVariable, hex.EncodeToString(hash[:])); err != nil {
		return fmt.Errorf("printing the token: %w", err)
	}
	a.note("hint: the first line is for `portico report`, the second for portico-beacon; neither is kept here")
	return nil
}

func (a *app) beaconConfigCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "beacon-config",
		Short: "Write what the collector is told of the site",
		Long: `Writes the file that ` + "`portico-beacon --config`" + ` reads: from where pages may send,
who of those who once could open a deal no longer may, as git's history tells, and
where the alerts in [[beacon.alert]] go. It has ids in the place of deals and
viewers, and no name, title or word of any; of your own team it has the addresses
that mails go to.

The collector reads it again when it changes: write it after each build.`,
		Example: `  portico beacon-config --output beacon.json`,
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.beaconConfig(cmd.Context(), output) },
	}
	cmd.Flags().StringVar(&output, "output", "", "the `file` to write, in the place of one that is there (default: print it)")
	return cmd
}

func (a *app) beaconConfig(ctx context.Context, output string) error {
	opts, err := a.options()
	if err != nil {
		return err
	}
	p, err := build.Load(a.keyed(opts))
	if err != nil {
		return err
	}
	defer p.Close()
	o, messages, err := p.Output(ctx)
	if err != nil {
		return err
	}
	defer o.Close()
	r, more, err := o.Routing(ctx)
	if err != nil {
		return err
	}
	if messages = append(messages, more...); len(messages) > 0 {
		_ = messages.WriteText(a.err, a.color(a.err)) // an error below says the same
	}
	if messages.Failed() {
		return errors.New("the site has mistakes; mend them first")
	}
	data, err := r.JSON()
	if err != nil {
		return err
	}
	if output == "" {
		if _, err := a.out.Write(data); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
		return nil
	}
	return replaceFile(output, data)
}

// replaceFile writes a file whole or not at all: somebody may be reading it. The
// same content leaves it as it is.
func replaceFile(name string, data []byte) error {
	if there, err := os.ReadFile(name); err == nil && bytes.Equal(there, data) {
		return nil
	}
	fail := func(err error) error { return fmt.Errorf("writing %s: %w", name, err) }
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return fail(err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644) // the collector may be another user's
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error above is the reason
		return fail(err)
	}
	return nil
}
