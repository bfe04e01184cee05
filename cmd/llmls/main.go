// Llmls is a language server that puts a language model into any editor, and
// the same model on the command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/completion"
)

// The exit codes of the commands; scripts rely on them.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130 // 128 + SIGINT, as shells report it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string) int {
	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var exit exitError
	var failed *completion.Error
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil:
		return exitStopped
	case errors.As(err, &failed):
		fmt.Fprintln(os.Stderr, "llmls:", failed.Sentence())
		return exitFailed
	case errors.As(err, new(usageError)):
		fmt.Fprintf(os.Stderr, "llmls: %v\nTry 'llmls --help'.\n", err)
		return exitUsage
	default:
		fmt.Fprintln(os.Stderr, "llmls:", err)
		return exitFailed
	}
}

// An exitError ends the program with a code; what there is to say was said.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// A usageError is a command line that cannot be understood.
type usageError struct{ error }

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "llmls",
		Short: "A language server that puts a language model into any editor",
		Long: `llmls explains code and answers questions about it, in any editor that speaks
the Language Server Protocol, with the model of any OpenAI-compatible endpoint.

Without a command it is the language server, on standard input and output.`,
		Example: `  llmls demo                                  see it work: no key, no network
  llmls check                                 what is set up, and whether it answers
  llmls explain internal/sse/decoder.go:10-40
  llmls ask -f main.go:12 "can this be nil?"`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage(cobra.NoArgs),
		RunE:          serve,
	}
	root.Flags().Bool("stdio", false, "accepted because editors pass it: it is the only transport")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newServe(), newExplain(), newAsk(), newDemo(), newCheck(), newSettings(), newVersion())
	return root
}

// usage marks what is wrong with the arguments as the caller's mistake.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{err}
		}
		return nil
	}
}
