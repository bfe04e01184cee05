package main

import (
	"os"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/lsp/demo"
	"github.com/llmls/llmls/internal/terminal"
)

func newDemo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Show an explanation as it streams, with canned text: no key, no network",
		Long: `Start the language server as an editor would, select code, choose "Explain
selection", and show the answer as it grows. The endpoint is one on this machine
whose text is canned. Nothing of your settings is used.`,
		Args: usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return err
			}
			server := exec.CommandContext(cmd.Context(), self, "serve") //nolint:gosec // ourselves
			answer := terminal.Open(os.Stdout, os.Getenv)
			_, styled := answer.(*terminal.Markdown)
			return demo.Run(cmd.Context(), server, demo.Screen{Out: os.Stdout, Answer: answer, Styled: styled})
		},
	}
}
