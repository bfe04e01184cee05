package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/conversations"
	"github.com/llmls/llmls/internal/ignore"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/settings"
	"github.com/llmls/llmls/internal/state"
)

func (p *program) conversations() *conversations.Store {
	return &conversations.Store{State: state.New(os.LookupEnv), Redact: p.access.Redactor().Redact}
}

// newest stands for the conversation that was continued last.
const newest = "newest"

// continueFlag adds --continue to cmd. What it returns takes the id off the
// arguments where it stands behind the flag, and sets the choice.
func continueFlag(cmd *cobra.Command, p *program, c *choice) func(args []string) ([]string, error) {
	flag := cmd.Flags().String("continue", "", "go on with the newest conversation, or with the one that has this `id`")
	cmd.Flags().Lookup("continue").NoOptDefVal = newest
	return func(args []string) ([]string, error) {
		if !cmd.Flags().Changed("continue") {
			return args, nil
		}
		store := p.conversations()
		id := *flag
		if id == newest && len(args) > 0 && conversations.IsID(strings.ToUpper(args[0])) {
			id, args = args[0], args[1:]
			if len(args) == 0 {
				return nil, errors.New("write a question behind " + id + ", with which that conversation goes on")
			}
		}
		switch id {
		case "":
			return nil, errors.New("write an id behind --continue=, or leave out the = to go on with the newest conversation")
		case newest:
			list, err := store.List(context.Background(), "", "")
			if err != nil {
				return nil, err
			}
			if len(list) == 0 {
				return nil, errors.New("there is no conversation to go on with; ask without --continue")
			}
			id = list[0].ID
		default:
			id = strings.ToUpper(id)
		}
		found, err := store.Load(id)
		if err != nil {
			return nil, noConversation(id, err)
		}
		c.earlier = found
		return args, nil
	}
}

func noConversation(id string, err error) error {
	if errors.Is(err, conversations.ErrNone) {
		return errors.New("there is no conversation called " + id + "; llmls history lists them")
	}
	return err
}

// mayGoOn fails if a document that a conversation is about may not be sent now:
// its turns go along.
func mayGoOn(earlier *conversations.Conversation, allow []string) error {
	if earlier == nil {
		return nil
	}
	checker := ignore.NewChecker(allow)
	for _, u := range earlier.Sent() {
		files, others, ok := document.Places(u)
		if !ok {
			return &completion.Error{
				Kind: completion.Blocked, Reason: completion.Withheld, Detail: completion.DetailWithheld(u, completion.WhyNameTooLong),
			}
		}
		for _, file := range files {
			if err := checker.Check(ignore.File{Path: file, Name: file}); err != nil {
				return err
			}
		}
		for _, name := range others {
			if err := checker.CheckName(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// A keptAnswer writes the answer of this run to the file of its conversation while it
// arrives. It takes the text as an io.Writer. It is nil if nothing is kept.
type keptAnswer struct {
	keeper *conversations.Keeper
	over   func() // ends the keeper and waits for it, for keepPatience at most

	mu     sync.Mutex
	turn   conversations.Growing
	text   strings.Builder
	parted bool // the next Write is a separator, not a part of the answer
}

// keep begins to keep turn, whose code is in file, and its answer. It returns nil if
// the settings turn that off.
func (p *program) keep(options *settings.Settings, c *choice, turn *chat.Turn, file string, prompt *chat.Prompt) *keptAnswer {
	if !options.History.Enabled {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	k := &keptAnswer{keeper: &conversations.Keeper{
		Store:    p.conversations(),
		Start:    func(run func(context.Context)) { running.Go(func() { run(ctx) }) },
		Patience: lockPatience,
		Apart:    func(from, to string) { p.say(completion.SentenceKeptApart(from, to)) },
		Failed:   func(err error) { p.say(completion.SentenceNotKept(err)) },
	}}
	k.over = func() {
		cancel()
		done := make(chan struct{})
		go func() {
			running.Wait()
			close(done)
		}()
		select {
		case <-done:
		case <-time.After(keepPatience):
		}
	}
	k.turn.Question = conversations.Question{Shown: turn.Question, Title: turn.Title(), Time: time.Now(), Text: prompt.User.Content}
	if c.shown != "" {
		k.turn.Question.Shown = c.shown
	}
	if file != "" {
		if path, err := filepath.Abs(filepath.FromSlash(file)); err == nil {
			k.turn.Question.URI = fileURI(path)
		}
		k.turn.Question.Range = &conversations.Range{
			Start: conversations.Position{Line: uint32(turn.Code.FirstLine - 1)}, End: conversations.Position{Line: uint32(turn.Code.LastLine)},
		}
	}
	for _, path := range c.mentioned {
		k.turn.Question.Documents = append(k.turn.Question.Documents, fileURI(path))
	}
	for _, path := range c.related {
		k.turn.Question.Related = append(k.turn.Question.Related, fileURI(path))
	}
	k.turn.Answer = conversations.Answer{Model: options.Model, Endpoint: options.Endpoint}
	id := rand.Text()[:6] + "-1"
	if c.earlier != nil {
		id = c.earlier.ID
	}
	k.keeper.Keep(id, options.History.Days, k.now)
	return k
}

// fileURI is the URI of a file, by its absolute path.
func fileURI(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive of Windows
		path = "/" + path
	}
	return (&url.URL{Scheme: "file", Path: path}).String()
}

// lockPatience is how long the command waits at its end for another process that
// writes in the conversation, keepPatience for all that is to be kept.
const (
	lockPatience = 3 * time.Second
	keepPatience = lockPatience + 2*time.Second
)

func (k *keptAnswer) now() conversations.Growing {
	k.mu.Lock()
	defer k.mu.Unlock()
	turn := k.turn
	turn.Answer.Text = k.text.String()
	return turn
}

// beside returns a writer to w that also keeps what is written.
func (k *keptAnswer) beside(w io.Writer) io.Writer {
	if k == nil {
		return w
	}
	return io.MultiWriter(k, w)
}

// Write takes a piece of the answer.
func (k *keptAnswer) Write(text []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.parted { // this is the line between thinking and answer
		k.parted = false
		return len(text), nil
	}
	return k.text.Write(text)
}

// refiled records that what was written so far was thinking.
func (k *keptAnswer) refiled() {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.turn.Thought, k.parted = k.text.Len(), true
}

// end records how the answer ended, and waits until it is kept.
func (k *keptAnswer) end(summary completion.Summary, finish *completion.Finish) {
	if k == nil {
		return
	}
	k.mu.Lock()
	k.turn.Done, k.turn.Answer.Model, k.turn.Answer.Finish = true, summary.Model, "incomplete"
	if finish != nil {
		k.turn.Answer.Finish, k.turn.Answer.Footer = string(finish.Reason), summary.String()
	}
	k.mu.Unlock()
	k.over()
}
