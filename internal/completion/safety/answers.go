// Package safety keeps what a model writes from doing anything but being read.
package safety

import (
	"context"
	"iter"

	"github.com/llmls/llmls/internal/completion"
)

// Answers returns m with all text, the answer's and the thinking, made safe as
// Sanitizer says. Text that waits is yielded before the event or the error that
// ends the answer. A yielded Text is never empty.
func Answers(m completion.Model) completion.Model { return answers{m} }

type answers struct{ completion.Model }

func (a answers) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		answer, thinking := flow{kind: completion.Delta}, flow{kind: completion.Reasoning}
		for event, err := range a.Model.Stream(ctx, req) {
			var more bool
			switch {
			case err == nil && event.Kind == completion.Delta:
				more = answer.write(event.Text, yield)
			case err == nil && event.Kind == completion.Reasoning:
				more = thinking.write(event.Text, yield)
			case err == nil && event.Kind == completion.Retrying:
				more = yield(event, nil)
			default:
				more = thinking.end(yield) && answer.end(yield) && yield(event, err)
			}
			if !more {
				return
			}
		}
	}
}

// A flow is what a model writes of one kind.
type flow struct {
	kind      completion.EventKind
	sanitizer Sanitizer
	safe      []byte // of the last event
}

func (f *flow) write(p []byte, yield func(completion.Event, error) bool) bool {
	f.safe = f.sanitizer.Append(f.safe[:0], p)
	return f.give(yield)
}

func (f *flow) end(yield func(completion.Event, error) bool) bool {
	f.safe = f.sanitizer.Flush(f.safe[:0])
	return f.give(yield)
}

func (f *flow) give(yield func(completion.Event, error) bool) bool {
	return len(f.safe) == 0 || yield(completion.Event{Kind: f.kind, Text: f.safe}, nil)
}
