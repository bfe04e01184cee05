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
	ctx, stop := context.WithCancel(context.Background())
	// On a goroutine, because an editor would wait for it: a tenth of a
	// millisecond in which the default, to die, loses nothing.
	go stopOnSignal(ctx, stop)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

func stopOnSignal(ctx context.Context, stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	select {
	case <-signals:
		stop()
	case <-ctx.Done():
	}
}

func run(ctx context.Context, args []string) int {
	return report(ctx, execute(ctx, args))
}

// report tells the person about err, unless that was done, and returns the exit
// code that it stands for.
func report(ctx context.Context, err error) int {
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
		fmt.Fprintln(stderr(), "llmls:", failed.Sentence())
		return exitFailed
	case errors.As(err, new(usageError)):
		fmt.Fprintf(stderr(), "llmls: %v\nTry 'llmls --help'.\n", err)
		return exitUsage
	default:
		fmt.Fprintln(stderr(), "llmls:", err)
		return exitFailed
	}
}

// execute runs the command. The server does without the command tree, which
// takes longer to build than the server to start.
func execute(ctx context.Context, args []string) error {
	if startsServer(args) {
		return serve(ctx)
	}
	root := newRoot()
	root.SetArgs(args)
	return root.ExecuteContext(ctx)
}

// startsServer recognises the command lines that editors use.
func startsServer(args []string) bool {
	flags := 0
	for _, arg := range args {
		if arg == stdioFlag {
			flags++
		}
	}
	return flags == len(args) || flags == len(args)-1 && args[0] == "serve"
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
		RunE:          func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context()) },
	}
	addStdioFlag(root)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newServe(), newExplain(), newAsk(), newDemo(), newCheck(), newSettings(), newSetup(),
		newTrust(), newLogin(), newLogout(), newVersion())
	return root
}

// usage marks what is wrong with the arguments as the caller's mistake.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		err := check(cmd, args)
		if err == nil {
			return nil
		}
		cmd.SuggestionsMinimumDistance = 2
		if len(args) > 0 {
			if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
				err = fmt.Errorf("%w; did you mean %s?", err, near[0])
			}
		}
		return usageError{err}
	}
}
