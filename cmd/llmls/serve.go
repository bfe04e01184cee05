package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"go.uber.org/zap"
	"golang.org/x/term"

	"github.com/llmls/llmls/internal/lsp"
	"github.com/llmls/llmls/internal/lsp/settings"
	"github.com/llmls/llmls/internal/lsp/state"
)

const stdioFlag = "--stdio"

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Speak LSP on standard input and output (the default)",
		Args:  usage(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context()) },
	}
	addStdioFlag(cmd)
	return cmd
}

func addStdioFlag(cmd *cobra.Command) {
	cmd.Flags().Bool(strings.TrimPrefix(stdioFlag, "--"), false, "accepted because editors pass it: it is the only transport")
}

// softMemory is where the garbage collector begins to work harder, so that a
// large document, which is held several times while it is decoded, does not
// leave the server with twice what it needs. An idle one has a tenth of it.
const softMemory = 128 << 20

func serve(ctx context.Context) error {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		fmt.Fprintln(os.Stderr, "llmls: this is a language server; an editor starts it and speaks LSP to it.\n"+
			"Try 'llmls demo' to see it work, 'llmls --help' for what else there is; Ctrl-C ends it.")
	}
	user := sync.OnceValues(func() ([]settings.Layer, []settings.Problem) { return settings.LoadUser(os.LookupEnv) })
	level := zap.NewAtomicLevel()
	log, closeLog := lsp.OpenLog(func() string {
		layers, _ := user()
		return settings.Resolve(layers...).LogFile
	}, level, os.Stderr, keys().Redactor())
	code := lsp.Serve(ctx, stdio{}, &lsp.Options{
		Version: readBuild().Version, Log: log, Level: level, Keys: keys(), State: state.New(os.LookupEnv), User: user,
	})
	_ = closeLog() // nothing is left to tell it to
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
