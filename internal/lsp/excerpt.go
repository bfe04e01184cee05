package lsp

import (
	"context"
	"errors"
	"strings"

	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/ignore"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/settings"
)

// A turnstile is a mutex whose waiters can be cancelled. It lets one request pass
// at a time, so that not a thousand of them hold copies of a text at once.
type turnstile chan struct{}

func newTurnstile() turnstile { return make(turnstile, 1) }

// enter waits until the turnstile is free. It returns the function that frees it
// again, or ctx's cause.
func (t turnstile) enter(ctx context.Context) (leave func(), err error) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// try is enter for a turnstile that has room now. It reports whether it has.
func (t turnstile) try() (leave func(), ok bool) {
	select {
	case t <- struct{}{}:
		return func() { <-t }, true
	default:
		return nil, false
	}
}

// asked is the question of a command, ready to be sent.
type asked struct {
	turn    *chat.Turn
	prompt  *chat.Prompt
	request *completion.Request
	anchor  *document.Anchor // of its code, if that is a part of an open document
	first   int              // the first line of its code, from 1
	days    int              // for which its conversation is kept; 0 if it is not kept

	mentioned []uri.URI // the files that its question mentions
	related   []uri.URI // other files of which some code is sent

	code *document.Anchor // what is sent, of an open document; nil for none
	of   uri.URI          // that document
}

// prompt assembles the question of a command from the documents as they stood when
// it arrived, and drops its reference to them: an answer may wait for minutes.
// Requests that read a file queue for each other, not for those that use memory
// alone, because a disk may hang.
func (s *Server) prompt(ctx context.Context, inv *invocation, q *queryArgs, options *settings.Settings) (*asked, error) {
	history, known := s.answers.History(q.Conversation)
	if q.Conversation != "" && !known {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailNoConversation}
	}
	view := inv.call.view
	if _, open := view.Document(q.URI); q.URI != "" && !open || len(chat.Mentions(q.Question)) > 0 {
		leave, err := s.reading.enter(ctx)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	doc, err := s.document(view, q.URI)
	inv.call.view = nil
	if err != nil {
		return nil, err
	}
	mentioned, err := s.mentions(ctx, view, q, options)
	if err != nil {
		return nil, err
	}
	leave, err := s.assembly.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	a := &asked{mentioned: mentioned.files}
	if a.turn, err = s.turn(view, doc, q); err != nil {
		return nil, err
	}
	a.turn.Materials = mentioned.materials
	if code := a.turn.Code; code != nil {
		w := &search{s: s, view: view, places: q.Context}
		if code.Related, err = s.related(ctx, w, doc, code, options); err != nil {
			return nil, err
		}
		a.related = w.sources(code.Related)
	}
	if code := a.turn.Code; code != nil && q.Range != nil {
		a.anchor, a.first = doc.Anchor(code.FirstLine, code.LastLine), code.FirstLine
		a.code, a.of = doc.Anchor(code.FirstLine, code.LastLine), q.URI
	}
	if doc == nil && q.Conversation != "" {
		s.sendChanged(view, q, a)
	}
	conversation := options.Conversation(history, s.access.Secrets(options))
	if options.Context.Instructions && doc != nil {
		s.instructions(ctx, doc, options.Context.Allow, conversation)
	}
	if a.prompt, err = chat.Assemble(a.turn, conversation); err != nil {
		return nil, err
	}
	a.prompt.LeftOut = append(a.prompt.LeftOut, mentioned.leftOut...)
	a.turn.Materials = nil // or an answer that waits would keep whole files
	if a.turn.Code != nil {
		a.turn.Code.Related = nil
	}
	a.request = options.Request(a.prompt.Messages)
	return a, nil
}

// sendChanged adds the code that a conversation is about to a follow-up if it was edited
// since it was sent, so that the answer is about the code as it is now.
func (s *Server) sendChanged(view *document.View, q *queryArgs, a *asked) {
	doc, lines, changed := s.followed.changed(view, q.Conversation)
	if !changed {
		return
	}
	excerpt := doc.Excerpt(lines, contextLines)
	if len(excerpt.Text) > maxSelection {
		return
	}
	a.turn.Code = s.code(view, doc.URI)
	a.turn.Code.Changed = true
	fill(a.turn.Code, doc, &excerpt)
	a.code, a.of = doc.Anchor(excerpt.FirstLine, excerpt.LastLine), doc.URI
}

// fill sets the text of code.
func fill(code *chat.Code, doc *document.Document, excerpt *document.Excerpt) {
	code.Language, code.FirstLine, code.LastLine, code.Lines = doc.LanguageID, excerpt.FirstLine, excerpt.LastLine, excerpt.Lines
	code.Before = lineFeeds(excerpt.Before, excerpt.Text)
	code.Text = lineFeeds(excerpt.Text, excerpt.After)
	code.After = lineFeeds(excerpt.After, "")
}

// lineFeeds returns text, which next follows, with a line feed for each carriage return
// that ends a line by itself. Prompts count lines by line feeds; no offset changes.
func lineFeeds(text, next string) string {
	if strings.IndexByte(text, '\r') < 0 { // as in most texts
		return text
	}
	b := []byte(text)
	for i, c := range b {
		pair := i+1 < len(b) && b[i+1] == '\n' || i+1 == len(b) && strings.HasPrefix(next, "\n")
		if c == '\r' && !pair {
			b[i] = '\n'
		}
	}
	return string(b)
}

// turn returns what a query asks about doc, nil if it is about no document.
func (s *Server) turn(view *document.View, doc *document.Document, q *queryArgs) (*chat.Turn, error) {
	turn := &chat.Turn{Question: q.Question}
	if doc == nil || chat.AboutChanges(q.Question) {
		return turn, nil
	}
	if q.Version != nil && doc.Version != document.NoVersion && *q.Version != doc.Version {
		return nil, errContentModified
	}
	excerpt := doc.All()
	if q.Range != nil {
		excerpt = doc.Excerpt(*q.Range, contextLines)
	}
	if len(excerpt.Text)+len(q.Block) > maxSelection {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailSelectionTooLarge}
	}
	turn.Block = q.Block
	turn.Code = s.code(view, q.URI)
	fill(turn.Code, doc, &excerpt)
	if q.Diagnostic != nil {
		problem := s.toDiagnostic(q.Diagnostic)
		turn.Problem = &problem
	}
	turn.Diagnostics = s.place.problems(q, doc)
	return turn, nil
}

// maxSelection bounds the code of one prompt in bytes, four times what the
// largest models take: a prompt is copied several times on its way.
const maxSelection = 8 << 20

// contextLines is how many lines around a selection are read, though none of
// them is sent for it: a selection inside a private key is only recognised by the
// lines that begin or end it. One of 16,384 bits has 198.
const contextLines = 256

// maySend fails with a *completion.Error of kind Blocked if one of the documents,
// open or not, may not be sent. Whatever the scheme of a URI, each path that it
// names is checked against the rules, as a name and as a file below the folders:
// one file has many URIs. One command is checked at a time, because a repository
// determines how much has to be read for it.
func (s *Server) maySend(ctx context.Context, allow []string, documents ...uri.URI) error {
	leave, err := s.checking.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	checker := ignore.NewChecker(allow)
	defer func() { s.tellRules(checker.Notes()) }()
	folders := s.folders.Paths()
	for _, u := range documents {
		if u == "" {
			continue
		}
		if err := s.checkSend(checker, folders, u); err != nil {
			return err
		}
	}
	return nil
}

// checkSend is maySend for one document, with the rules that checker has read.
func (s *Server) checkSend(checker *ignore.Checker, folders []string, u uri.URI) error {
	names, ok := document.Names(u)
	if !ok {
		return &completion.Error{
			Kind: completion.Blocked, Reason: completion.Withheld,
			Detail: completion.DetailWithheld(s.folders.RelPath(u), completion.WhyNameTooLong),
		}
	}
	var files []string
	for _, name := range names {
		if file, ok := document.OnDisk(name); ok {
			files = append(files, file)
		} else if err := checker.CheckName(name); err != nil {
			return err
		}
	}
	files = append(files, s.folders.Counterparts(u, names)...)
	for _, file := range files {
		if err := checker.Check(ignore.File{Path: file, Folders: folders, Name: s.folders.RelPath(u)}); err != nil {
			return err
		}
	}
	return nil
}

// document returns an open document, or reads the file if it belongs to the
// workspace. It is nil if u is "".
func (s *Server) document(view *document.View, u uri.URI) (*document.Document, error) {
	if u == "" {
		return nil, nil
	}
	if doc, ok := view.Document(u); ok {
		var diverged *document.DivergedError
		if errors.As(doc.Trusted(), &diverged) {
			return nil, &completion.Error{Kind: completion.BadRequest, Detail: diverged.Sentence(), Err: diverged}
		}
		return doc, nil
	}
	doc, err := s.folders.ReadFile(u, s.client.encoding)
	if err != nil {
		return nil, &completion.Error{Kind: completion.BadRequest, Detail: completion.DetailUnreadable(err), Err: err}
	}
	return doc, nil
}
