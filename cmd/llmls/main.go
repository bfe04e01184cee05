// Llmls is a language server that puts a language model into any editor, and
// the same model on the command line.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/terminal"
)

// The exit codes of the commands; scripts rely on them.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitStopped = 130 // 128 + SIGINT, as shells report it
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	// On a goroutine, because an editor would wait a tenth of a millisecond for it;
	// a signal before that ends the process, and nothing is lost yet.
	go stopOnSignal(ctx, stop)
	readProxy()
	dropRelativeAuthorities()
	p := newProgram()
	code := p.report(ctx, p.execute(ctx, os.Args[1:]))
	p.access.Close()
	stop()
	os.Exit(code)
}

// readProxy uses ALL_PROXY for https where no other is set, as curl does: Go reads only
// HTTPS_PROXY, and no value with spaces, and would not use the proxy.
func readProxy() {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"} {
		if proxy := strings.Trim(os.Getenv(name), " \t\r\n\"'"); proxy != "" {
			_ = os.Setenv("HTTPS_PROXY", proxy) // it fails for invalid names only
			return
		}
	}
}

// dropRelativeAuthorities keeps Go from reading certificates below the directory
// that llmls was started in, which may be a repository.
func dropRelativeAuthorities() {
	const name = "SSL_CERT_DIR"
	dirs := filepath.SplitList(os.Getenv(name))
	absolute := slices.DeleteFunc(slices.Clone(dirs), func(dir string) bool { return !filepath.IsAbs(dir) })
	if len(absolute) < len(dirs) {
		_ = os.Setenv(name, strings.Join(absolute, string(filepath.ListSeparator))) // it fails for invalid names only
	}
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

// report tells the person about err, unless that was done, and returns its exit
// code.
func (p *program) report(ctx context.Context, err error) int {
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
		p.tell(failed)
		return exitFailed
	case errors.As(err, new(usageError)):
		p.say(err)
		fmt.Fprintln(p.stderr, "Try 'llmls --help'.")
		return exitUsage
	default:
		p.say(err)
		return exitFailed
	}
}

// execute runs the command. The server does without the command tree, which
// takes longer to build than the server to start.
func (p *program) execute(ctx context.Context, args []string) error {
	if startsServer(args) {
		return p.serve(ctx)
	}
	root := p.newRoot()
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

// An exitError ends the program with that exit code. Its message was shown already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// A usageError is a command line that cannot be understood.
type usageError struct{ error }

func (p *program) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "llmls",
		Short: "A language server that puts a language model into any editor",
		Long: `llmls explains code and answers questions about it, in any editor that speaks
the Language Server Protocol, with the model of any OpenAI-compatible endpoint.

Without a command it is the language server, on standard input and output.

Its settings are in config.toml: in llmls below $XDG_CONFIG_HOME or ~/.config, on
macOS below ~/Library/Application Support, on Windows below %AppData%. llmls
settings prints the path on this machine.`,
		Example: `  llmls demo                                  see it work: no key, no network
  llmls check                                 what is set up, and whether it answers
  llmls explain main.go:10-40
  llmls ask -f main.go:12 "can this be nil?"`,
		Version:       readBuild().String(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context()) },
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.Flags().BoolP("version", "v", false, "print version, commit and Go version")
	addStdioFlag(root)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.SetOut(terminal.Clean(os.Stdout))
	root.SetErr(p.stderr)
	root.AddCommand(p.newServe(), p.newExplain(), p.newAsk(), p.newPrompt(), p.newHistory(), newDemo(), p.newCheck(), p.newModels(), p.newSettings(), newSetup(),
		p.newTrust(), p.newLogin(), p.newLogout(), newVersion())
	if reference := newReference(root); reference != nil {
		root.AddCommand(reference)
	}
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
