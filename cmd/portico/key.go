package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"portico/internal/seal"
)

func (a *app) keyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make or check the team's key",
		Long: `One key seals every deal of a team. Links, passphrases and the deals' addresses
follow from it, so that nothing else has to be kept; whoever has it reads
everything. It comes from ` + keyVariable + ` in the environment, or else from
` + keyFile + ` in the site's folder, which git ignores.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.keyNewCommand(), a.keyCheckCommand())
	return cmd
}

func (a *app) keyNewCommand() *cobra.Command {
	var write bool
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a key and print it once",
		Long: `Makes a new key and prints it once; with --write it is written into ` + keyFile + `
instead, for you alone to read. A site that has a key keeps it: under another one
every address, link and passphrase would be another.`,
		Example: `  portico key new
  portico key new --write`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.newKey(write) },
	}
	cmd.Flags().BoolVar(&write, "write", false, "write it into "+keyFile+" of the site")
	return cmd
}

func (a *app) newKey(write bool) error {
	key, err := seal.NewTeamKey(rand.Reader)
	if err != nil {
		return err
	}
	name := heldKey{TeamKey: key}.name()
	if !write {
		if _, err := fmt.Fprintln(a.out, key.Text()); err != nil {
			return fmt.Errorf("printing the key: %w", err)
		}
		a.note("this is key %s, and it is kept nowhere: put it into the team's password manager, and into the secret %s where your pipeline builds", name, keyVariable)
		return nil
	}
	source, err := a.findSite()
	if err != nil {
		return err
	}
	file := filepath.Join(source, filepath.FromSlash(keyFile))
	if _, err := os.Lstat(file); err == nil {
		return usage{fmt.Errorf("there is a key in %s already\nhint: every link and passphrase follows from it; move it away first if you mean to end them all", here(file))}
	}
	if err := keepKey(source, key); err != nil {
		return err
	}
	if !a.quiet {
		a.say(a.out, "wrote key %s into %s", name, here(file))
	}
	a.note("hint: put its one line into the team's password manager now, and into the secret %s where your pipeline builds", keyVariable)
	return nil
}

func (a *app) keyCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Say which key is in force, and whether it is kept well",
		Long: `Says which key is in force, by a name that tells nothing of it, and where it comes
from. The exit code is 1 if there is none, or if others can read its file.`,
		Example: `  portico key check`,
		Args:    noArgs,
		RunE:    func(*cobra.Command, []string) error { return a.checkKey() },
	}
}

func (a *app) checkKey() error {
	source, err := a.findSite()
	if err != nil {
		return err
	}
	key, err := a.needKey(source)
	if err != nil {
		return err
	}
	a.say(a.out, "key %s, from %s", key.name(), key.from)
	inFile, err := a.keyIn(source)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case inFile.ID() != key.ID():
		a.note("%s holds another key, %s, which is not used", inFile.from, inFile.name())
	}
	if inFile.open {
		return fmt.Errorf("others on this machine can read %s\nhint: chmod 600 %s", inFile.from, inFile.from)
	}
	return nil
}
