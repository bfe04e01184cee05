package upstream

import "github.com/llmls/llmls/internal/completion"

// A Format is one wire format: how a request is written, and how what comes back
// is read. It knows members and their meaning, and no HTTP: where a request
// goes, what frames the answer and how it may fail is the same for all of them.
// Formats are safe for concurrent use and can be compared with ==.
type Format interface {
	// Path is where requests go below a base URL, such as "/chat/completions".
	Path() string
	// Header returns the fields that a request with this key needs, beside
	// those of all requests; key is "" if there is none.
	Header(key string) map[string]string
	// Encode returns the body of a request, without what is refused.
	Encode(req *completion.Request, without Refused) []byte
	// NewDecoder returns what decodes one answer into a.
	NewDecoder(a *Answer) Decoder
}

// A Decoder decodes one answer. It belongs to one goroutine.
type Decoder interface {
	// Decode takes one JSON value that the endpoint sent, a chunk or a whole
	// answer, and passes its contents to the Answer. value is well formed, no list,
	// and valid until Decode returns; kind is the event field of its event, "" if
	// there was none. A value that holds nothing known is no error. The error is
	// FailureIn's if the value reports a failure.
	Decode(kind, value []byte) error
	// Rest takes what the Answer was given to keep, after the last value.
	Rest(kept []byte)
}
