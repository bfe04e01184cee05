package lsp

import (
	"context"
	"slices"
	"time"

	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/lsp/answer"
	"github.com/llmls/llmls/internal/settings"
)

// open returns the model that options name, with its key, after the user has agreed
// where that is needed, and redacts the key in what job sends and remembers.
// options are those of the command: settings that change while the question is open
// apply to the next command.
func (s *Server) open(ctx context.Context, options *settings.Settings, progress *answer.Progress, job *answer.Job) (completion.Model, error) {
	model, err := s.access.Open(ctx, options, func(ctx context.Context, refused *completion.Error) error {
		return s.consent(ctx, refused, options, progress)
	})
	if err != nil {
		return nil, err
	}
	request, found := s.access.WithoutKeys(job.Request)
	if found == 0 {
		return model, nil
	}
	what, why := completion.LeftOutSecrets(slices.Repeat([]string{completion.KeyInPrompt}, found))
	job.Request = request
	job.Turn.Content, _ = s.access.Redactor().RedactKnown(job.Turn.Content)
	job.LeftOut = append(job.LeftOut, answer.LeftOut{What: what, Why: why})
	job.Secrets += found
	return model, nil
}

// learnTimeout is how long a dry run waits for a program to print the key. A
// program that asks the user first takes longer, and a dry run does not need it.
const learnTimeout = time.Second

// learnKey looks up the key before the prompt of a dry run is assembled, so that it
// can be redacted there.
func (s *Server) learnKey(ctx context.Context, options *settings.Settings) {
	ctx, cancel := context.WithTimeout(ctx, learnTimeout)
	defer cancel()
	s.access.Learn(ctx, options)
}

// dryRunResult is what would be sent, byte for byte, and what would be left out.
// If nothing would be sent, URL is "" and KeySource says why.
type dryRunResult struct {
	URL       string           `json:"url"`
	Body      string           `json:"body"`
	KeySource string           `json:"keySource"`
	Related   []relatedPiece   `json:"related"`
	LeftOut   []answer.LeftOut `json:"leftOut"`
}

// relatedPiece is code that is sent beside the selection.
type relatedPiece struct {
	Path  string `json:"path"`
	Cell  int    `json:"cell,omitzero"` // of a notebook, in which the lines count
	First int    `json:"first"`
	Last  int    `json:"last"`
	Why   string `json:"why"`
}

func (s *Server) dryRun(options *settings.Settings, asked *asked, left []answer.LeftOut) (any, error) {
	dry, err := s.access.DryRun(options, asked.request)
	if err != nil {
		return nil, err
	}
	pieces := make([]relatedPiece, len(asked.prompt.Related))
	for i, shown := range asked.prompt.Related {
		pieces[i] = relatedPiece(shown)
	}
	return dryRunResult{
		URL: dry.URL, Body: string(dry.Body), KeySource: dry.KeySource, Related: pieces, LeftOut: append([]answer.LeftOut{}, left...),
	}, nil
}
