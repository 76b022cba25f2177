package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"portico/internal/build"
)

func (a *app) packCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "pack DEAL",
		Short: "Make one sealed file of a deal, to hand over or keep",
		Long: fmt.Sprintf(`Makes one HTML file of a deal with its documents, sealed as on a host: the same
links' codes and passphrases open it. It needs no network, and opens from a mail's
attachment or a disk. It holds up to %d MiB; a large film is decrypted whole.

The file stays as it is: somebody who is taken out of the deal later can still open
it.`, build.MaxPacked>>20),
		Example: `  portico pack northwind-bank
  portico pack northwind-bank --output /tmp/plan.html`,
		Args: exactly(1, "one argument, the deal's id"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, toComplete string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return a.deals(cmd, nil, toComplete)
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.pack(cmd.Context(), args[0], output) },
	}
	cmd.Flags().StringVar(&output, "output", "", "the new `file` to write (default plan.html; its name is in the clear)")
	return cmd
}

// mailLimit is what mail servers often refuse to carry, in bytes.
const mailLimit = 20 << 20

func (a *app) pack(ctx context.Context, id, output string) error {
	if output == "" {
		output = "plan.html"
	}
	opts, err := a.options()
	if err != nil {
		return err
	}
	opts.Silent = true // it may be opened anywhere, by whoever was handed it
	p, err := build.Load(a.keyed(opts))
	if err != nil {
		return err
	}
	defer p.Close()
	o, messages, err := p.Output(ctx)
	if err != nil {
		return err
	}
	page, more, err := o.Pack(id)
	if err != nil {
		return err
	}
	if messages = append(messages, more...); messages.Failed() || page == nil {
		_ = messages.WriteText(a.err, a.color(a.err)) // the error below says the same
		return errors.New("the deal has mistakes; mend them first")
	}
	if err := writeNew(output, page); err != nil {
		return err
	}
	if !a.quiet {
		a.say(a.out, "%s: %s (%s)", id, output, bytesText(int64(len(page))))
	}
	if len(page) > mailLimit {
		a.note("many mail servers do not carry more than %s", bytesText(mailLimit))
	}
	a.note("hint: `portico invite %s` prints what opens it", id)
	return nil
}

// writeNew writes a file that is not there yet, whole or not at all.
func writeNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usage{fmt.Errorf("%s is there already, and nothing is overwritten\nhint: name another with --output", name)}
	}
	if err != nil {
		return fmt.Errorf("writing the packed deal: %w", err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("writing the packed deal: %w", err), os.Remove(name))
	}
	return nil
}
