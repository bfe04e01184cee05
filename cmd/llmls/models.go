package main

import (
	"fmt"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/terminal"
)

func (p *program) newModels() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List the models that an endpoint offers",
		Long: `List the models that an endpoint offers, one on each line, in its order. Where
config.toml has several endpoints, standard error has a list of them; * marks the
one that was asked.`,
		Example: `  llmls models
  llmls models -e local`,
		Args: usage(cobra.NoArgs),
	}
	c := endpointFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		options, err := p.loadFor(c)
		if err != nil {
			return err
		}
		if choices := p.access.Choices(options); len(choices) > 1 {
			w := tabwriter.NewWriter(p.stderr, 0, 0, 2, ' ', 0)
			for _, one := range choices {
				mark := " "
				if one.Name == options.Endpoint {
					mark = "*"
				}
				fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\n", mark, one.Name, one.Model, one.API, one.Host)
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
		names, err := p.access.Models(cmd.Context(), options)
		if err != nil {
			return err
		}
		out := terminal.Clean(p.access.Redactor().Writer(os.Stdout))
		for _, name := range names {
			if _, err := fmt.Fprintln(out, terminal.Line(name)); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}
