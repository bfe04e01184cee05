// Package lsp is the language server: it speaks LSP 3.18 on a byte stream and turns
// "explain this" and questions about code into answers that grow in the editor.
// docs/protocol.md is its public contract.
package lsp

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"go.lsp.dev/jsonrpc2"
	"go.lsp.dev/protocol"
	"go.uber.org/zap"

	"github.com/llmls/llmls/internal/access"
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/conversations"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/present"
	"github.com/llmls/llmls/internal/prompts"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

// shutdownGrace is how long running answers may take to say how they ended. An
// editor waits for shutdown while the user waits for the editor.
const shutdownGrace = 500 * time.Millisecond

// How many of each may wait at once for an editor that does not read or answer. Further
// ones are not shown. While an editor reads, only a few wait.
const (
	maxShowing  = 64
	maxChoosing = 8
	maxCreating = 1024
)

// A Server is one connection to an editor.
type Server struct {
	version string
	log     *zap.Logger
	frames  *frames
	conn    jsonrpc2.Conn

	ctx     context.Context // ends with the server
	cancel  context.CancelCauseFunc
	running sync.WaitGroup
	exited  chan int // the exit code, once

	state     lifecycle
	client    client // written by initialize, before anything else is admitted
	config    *config
	answers   *answer.Session
	presenter *present.Presenter // written by initialize
	records   state.Dir
	access    *access.Access
	questions questions
	folders   document.Folders
	inGit     repositories // among the folders
	place     place
	followed  followed
	rules     notes       // ineffective lines of ignore files
	unread    notes       // files that are no prompts
	unkept    notes       // conversations that could not be written
	earlier   atomic.Bool // there were conversations when the server started
	keeper    *conversations.Keeper
	kept      sync.WaitGroup // of the goroutine of keeper

	keeping    context.Context // ends when keeper must write the rest and end
	endKeeping context.CancelFunc

	prompts prompts.Library

	promptsDir string // of the person's own

	documents *document.Store // owned by the wire loop
	arrived   uint64          // requests so far; owned by the wire loop
	asked     atomic.Int64    // memory of the requests that have no response yet, in bytes
	checking  turnstile       // for checking which documents may be sent
	rehearsal turnstile       // for making the result of a dry run
	listing   turnstile       // for the list of an endpoint's models
	reading   turnstile       // for reading a file
	assembly  turnstile       // for assembling a prompt
	showing   turnstile       // for messages that wait for the editor
	choosing  turnstile       // for questions that wait for the person
	creating  turnstile       // for tokens that wait for the editor
	searching turnstile       // for searching the workspace for a prompt
	own       parse           // guarded by assembly
	shelf     *related.Shelf  // files of the workspace that were parsed
}

// Options are what a server needs from its process.
type Options struct {
	Version string
	Log     *zap.Logger
	Level   zap.AtomicLevel // of Log
	Access  *access.Access
	State   state.Dir
	Prompts string // the directory of the person's own prompts, "" for none
	// User loads the settings of the user, from file and environment, and the
	// problems in them, which the editor shows. It is not called before initialize
	// is answered, because an editor waits for that. It is called again for each
	// command whose request could not be sent, because the user may have corrected
	// the settings.
	User func() ([]settings.Layer, []settings.Problem)
}

// Serve speaks LSP on rwc until the client is done, and returns the exit code:
// 0 after shutdown and exit, 1 after anything else. It closes rwc. It ends
// early if ctx does.
func Serve(ctx context.Context, rwc io.ReadWriteCloser, options *Options) int {
	s := &Server{
		version: options.Version, log: options.Log,
		exited: make(chan int, 1), answers: answer.NewSession(), access: options.Access, records: options.State, promptsDir: options.Prompts, checking: newTurnstile(), rehearsal: newTurnstile(), listing: newTurnstile(), reading: newTurnstile(), assembly: newTurnstile(),
		searching: newTurnstile(), shelf: related.NewShelf(shelfSize),
		showing: make(turnstile, maxShowing), choosing: make(turnstile, maxChoosing), creating: make(turnstile, maxCreating),
	}
	ctx, s.cancel = context.WithCancelCause(ctx)
	s.ctx = ctx
	s.keeping, s.endKeeping = context.WithCancel(ctx)
	s.keeper = s.newKeeper()
	s.config = newConfig(options)
	s.frames = newFrames(rwc, s.log)
	s.frames.missed = s.missed
	s.conn = jsonrpc2.NewConn(s.frames, jsonrpc2.WithCodec(codec{}))
	s.conn.Go(ctx, s.handler())

	code := 1
	select {
	case code = <-s.exited:
	case err := <-s.frames.broken:
		if s.state.phase.Load() == phaseDown {
			code = 0
		}
		if !errors.Is(err, io.EOF) && ctx.Err() == nil {
			s.log.Error("the connection broke", zap.Error(err))
		}
	case <-ctx.Done():
	}
	stopped := ctx.Err() != nil
	if !s.close(rwc) && !stopped { // a terminal's input cannot be closed, and Ctrl-C is no fault
		s.log.Warn("ended without waiting for everything")
	}
	return code
}

// stop ends the server with an exit code. It does not wait, so that handlers
// may call it; conn.Close would wait for them.
func (s *Server) stop(code int) {
	select {
	case s.exited <- code:
	default: // it is ending already
	}
}

// close ends everything that the server started, and reports whether all of it has ended:
// a goroutine that writes to an editor that does not read ends with the process.
func (s *Server) close(rwc io.Closer) bool {
	s.cancel(answer.ErrShutdown)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = rwc.Close()
		_ = s.conn.Close()
		s.running.Wait()
		s.access.Close()
	}()
	select {
	case <-done:
		return true
	case <-time.After(shutdownGrace):
		return false
	}
}

// show tells the person something, in one line.
func (s *Server) show(kind protocol.MessageType, message string) {
	leave, ok := s.showing.try()
	if !ok {
		s.log.Warn("did not show a message: the editor has not read those before it")
		return
	}
	message = completion.Unlinked(s.access.Redactor().Redact(message))
	s.background(func(ctx context.Context) {
		defer leave()
		if err := s.conn.Notify(ctx, protocol.MethodWindowShowMessage, &protocol.ShowMessageParams{Type: kind, Message: message}); err != nil {
			s.log.Warn("could not show a message", zap.Error(err)) // it may quote the prompt
		}
	})
}
