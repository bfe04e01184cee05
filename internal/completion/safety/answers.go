// Package safety sanitises what a model writes: wherever it is shown, it is only text to
// read, and nothing in it is loaded, run or obeyed. See Sanitizer.
package safety

import (
	"context"
	"errors"
	"iter"

	"github.com/llmls/llmls/internal/completion"
)

const (
	// maxAnswer bounds a sanitised answer with its thinking, in bytes: an escape takes
	// up to 8 bytes for two bytes that the model wrote.
	maxAnswer = 8 << 20
	// maxPiece is how much of an event is made safe at a time, in bytes.
	maxPiece = 64 << 10
)

var errTooMuch = errors.New("the answer is longer than 8 MiB")

// Answers returns m with all text, the answer's and the thinking, made safe as
// Sanitizer says. Text that waits is yielded before the event or the error that
// ends the answer. A yielded Text is never empty. An answer that is longer than
// 8 MiB then ends with a *completion.Error of reason TooLarge.
func Answers(m completion.Model) completion.Model { return answers{m} }

type answers struct{ completion.Model }

func (a answers) Stream(ctx context.Context, req *completion.Request) iter.Seq2[completion.Event, error] {
	return func(yield func(completion.Event, error) bool) {
		size := 0
		give := func(event completion.Event, err error) bool {
			size += len(event.Text)
			if size <= maxAnswer {
				return yield(event, err)
			}
			yield(completion.Event{}, &completion.Error{Kind: completion.Server, Reason: completion.TooLarge, Detail: errTooMuch.Error(), Err: errTooMuch})
			return false
		}
		answer, thinking := flow{kind: completion.Delta}, flow{kind: completion.Reasoning}
		for event, err := range a.Model.Stream(ctx, req) {
			var more bool
			switch {
			case err == nil && event.Kind == completion.Delta:
				more = answer.write(event.Text, give)
			case err == nil && event.Kind == completion.Reasoning:
				more = thinking.write(event.Text, give)
			case err == nil && event.Kind == completion.Retrying:
				more = give(event, nil)
			case err == nil && event.Kind == completion.Refiled:
				more = answer.end(give) && give(event, nil)
				answer = flow{kind: completion.Delta}
			default:
				more = thinking.end(give) && answer.end(give) && give(event, err)
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
	for len(p) > maxPiece {
		f.safe = f.sanitizer.Append(f.safe[:0], p[:maxPiece])
		if !f.give(yield) {
			return false
		}
		p = p[maxPiece:]
	}
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
