package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"portico/internal/parse"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [deal.toml|portico.toml]",
		Short: "Print the JSON Schema of deal.toml or portico.toml",
		Long: `Prints the JSON Schema of deal.toml, or of portico.toml. Editors with TOML support
(Even Better TOML for VS Code, Taplo) complete and check from it:

  portico schema > deal.schema.json
  portico schema portico.toml > portico.schema.json

and as the first line of a deal.toml:

  #:schema ../../deal.schema.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != "deal.toml" && args[0] != "portico.toml" {
				return usage{fmt.Errorf("%s takes deal.toml, which it is without an argument, or portico.toml", cmd.CommandPath())}
			}
			return nil
		},
		ValidArgs: []string{"deal.toml", "portico.toml"},
		RunE: func(_ *cobra.Command, args []string) error {
			file := "deal.toml"
			if len(args) == 1 {
				file = args[0]
			}
			data, err := parse.Schema(file)
			if err != nil {
				return fmt.Errorf("making the schema: %w", err)
			}
			_, err = a.out.Write(data)
			return err
		},
	}
}
