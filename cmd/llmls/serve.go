package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"golang.org/x/term"

	"github.com/llmls/llmls/internal/lsp"
	"github.com/llmls/llmls/internal/prompts"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

const stdioFlag = "--stdio"

func (p *program) newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Speak LSP on standard input and output (the default)",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return p.serve(cmd.Context()) },
	}
	addStdioFlag(cmd)
	return cmd
}

func addStdioFlag(cmd *cobra.Command) {
	cmd.Flags().Bool(strings.TrimPrefix(stdioFlag, "--"), false, "accepted because editors pass it: it is the only transport")
}

// softMemory is the soft memory limit in bytes, from which the garbage collector
// runs more often: a large document, which is in memory several times while it is
// decoded, must not leave the server with twice the memory that it needs. An idle
// server has a tenth of it.
const softMemory = 128 << 20

func (p *program) serve(ctx context.Context) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	// Go's runtime ends a process that writes to a closed standard error, unless it
	// asked for the signal. Ignored, it would be ignored in the children, too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprintln(os.Stderr, "llmls: this is a language server; an editor starts it and speaks LSP to it.\n"+
			"Try 'llmls demo' to see it work, 'llmls --help' for what else there is; Ctrl-C ends it.")
	}
	load := func() ([]settings.Layer, []settings.Problem) { return settings.LoadUser(os.LookupEnv) }
	first := sync.OnceValues(load) // the log and the server need it at about the same time
	again := false
	level := zap.NewAtomicLevel()
	log, closeLog := lsp.OpenLog(func() string {
		layers, _ := first()
		return settings.Resolve(layers...).LogFile
	}, level, os.Stderr, p.access.Redactor())
	code := lsp.Serve(ctx, stdio{}, &lsp.Options{
		Version: readBuild().Version, Log: log, Level: level, Access: p.access, State: state.New(os.LookupEnv),
		Prompts: prompts.Dir(settings.Path(os.LookupEnv)),
		User: func() ([]settings.Layer, []settings.Problem) {
			if again {
				return load()
			}
			again = true
			return first()
		},
	})
	closeLog()
	if code != 0 {
		return exitError(code)
	}
	return nil
}

// stdio is standard input and output as one stream.
type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }
func (stdio) Close() error                { return os.Stdin.Close() }
