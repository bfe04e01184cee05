package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/terminal"
)

func (p *program) newSettings() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "settings",
		Short: "Print every setting with its value and where it comes from",
		Args:  usage(cobra.NoArgs),
	}
	schema := cmd.Flags().Bool("schema", false, "print the JSON Schema of the settings instead")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		out := cmd.OutOrStdout()
		if *schema {
			_, err := fmt.Fprintf(out, "%s", settings.Schema())
			return err
		}
		user, problems := settings.LoadUser(os.LookupEnv)
		resolved := settings.Resolve(user...)
		source, unused := p.access.KeySource(&resolved)
		if unused != nil {
			source = "not used"
		}
		path := settings.Path(os.LookupEnv)
		if path == "" {
			path = "nowhere: there is no home directory"
		}
		table := terminal.Clean(p.access.Redactor().Writer(os.Stdout))
		if _, err := fmt.Fprintf(table, "%s\nconfig.toml belongs here: %s\n", resolved.Table(source), path); err != nil {
			return err
		}
		if err := p.warn(problems); err != nil || unused == nil {
			return err
		}
		p.tell(completion.AsError(unused))
		return nil
	}
	return cmd
}
