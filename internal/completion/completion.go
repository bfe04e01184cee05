// Package completion is the streaming model as the rest of llmls sees it: requests, the
// events of an answer, the errors that can end it, and the sentences that describe them
// to a person. It knows no provider and no editor, and imports no other package of
// llmls. Package upstream implements Model for every wire format.
package completion

import (
	"context"
	"iter"
	"time"
)

// A Model answers requests. Implementations are safe for concurrent use.
type Model interface {
	// Stream sends req and yields its events in the order they arrive. A
	// complete answer ends with exactly one Finish event. The sequence ends
	// after the first error, which is an *Error or ctx's cause; text that was
	// yielded before it stays valid as an incomplete answer. Leaving the loop
	// closes the upstream connection before Stream returns.
	//
	// A yielded Event, its Text included, is valid until the next one.
	Stream(ctx context.Context, req *Request) iter.Seq2[Event, error]
}

// A Request is one prompt.
type Request struct {
	Model           string
	Messages        []Message
	MaxOutputTokens int      // 0 leaves it to the endpoint
	Temperature     *float64 // nil leaves it to the endpoint
	ReasoningEffort string   // such as "low"; "" leaves it to the endpoint
}

// Size returns the length of all messages in bytes.
func (r *Request) Size() int {
	size := 0
	for i := range r.Messages {
		size += len(r.Messages[i].Content)
	}
	return size
}

// A Message is one turn of a conversation.
type Message struct {
	Role    Role
	Content string // UTF-8
}

// A Role is the author of a Message.
type Role string

// The roles that every OpenAI-compatible endpoint knows.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// An EventKind says which members of an Event are set.
type EventKind uint8

// The kinds of Event.
const (
	// Delta carries the next piece of the answer in Text.
	Delta EventKind = iota + 1
	// Reasoning carries the next piece of the model's thinking in Text.
	Reasoning
	// Retrying means that an attempt failed before any text and that another
	// follows, at the same endpoint or at another; Retry has the details.
	Retrying
	// Finished ends a complete answer; Finish says how.
	Finished
	// Refiled means that the text of all Deltas so far was thinking: the prompt
	// template had opened the thinking, so that only its end tag was seen. What
	// follows is the answer.
	Refiled
)

// An Event is one step of an answer. Text never splits a UTF-8 sequence and
// holds everything of its kind that had arrived, so that a consumer that falls
// behind gets fewer and longer deltas.
type Event struct {
	Kind   EventKind
	Text   []byte  // of Delta and Reasoning; UTF-8
	Retry  *Retry  // of Retrying
	Finish *Finish // of Finished
}

// A Retry announces another attempt.
type Retry struct {
	Attempt int           // number of the coming attempt; the first retry is 2
	Wait    time.Duration // pause before it
	Cause   *Error        // why the last one failed

	// Endpoint and Model are set if another endpoint is asked from now on: its
	// name and the model it is asked for. Attempt is 0 then.
	Endpoint, Model string
}

// A Finish is what the endpoint said at the end of an answer.
type Finish struct {
	Reason    FinishReason
	Model     string     // the model that answered, as the endpoint names it; may be empty
	Usage     *Usage     // nil if the endpoint sent none
	ToolCalls []ToolCall // that the model made, complete
	Thought   bool       // there was thinking
	Paused    bool       // the model waits for a request to continue (FinishUnknown)
	Lumps     int        // in how many bursts the answer came if a proxy buffers it; 0 if it was streamed
}

// A FinishReason is why a model stopped.
type FinishReason string

// The finish reasons an adapter reports.
const (
	FinishStop          FinishReason = "stop"
	FinishLength        FinishReason = "length"
	FinishContentFilter FinishReason = "content_filter"
	FinishToolCalls     FinishReason = "tool_calls"
	// FinishUnknown means that the stream ended in order ("[DONE]") without a
	// finish_reason: some relays never send one, others end the stream like this
	// when their own upstream died, so the answer may be cut.
	FinishUnknown FinishReason = "unknown"
)

// Usage counts tokens as the endpoint counted them.
type Usage struct {
	PromptTokens     int // those that were cached included
	CompletionTokens int
	CachedTokens     int // of PromptTokens, what the endpoint had in its cache; 0 also if it did not say
}

// A ToolCall is a call the model asked for. llmls offers no tools, but some
// models call one all the same.
type ToolCall struct {
	ID, Name  string // as the endpoint sent them; ID may be empty
	Arguments string // JSON as the model wrote it, which may be malformed
}
