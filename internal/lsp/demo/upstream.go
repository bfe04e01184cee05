package demo

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// pace is about how fast a hosted model writes, and a person can follow: 50
// tokens a second.
const pace = 20 * time.Millisecond

//go:embed answer.md
var canned string

// An upstream answers every question with the same text, in the wire format of a
// chat-completions endpoint, on the loopback interface.
type upstream struct {
	listener net.Listener
	server   *http.Server
}

func startUpstream(ctx context.Context) (*upstream, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the canned endpoint: %w", err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", stream)
	u := &upstream{listener: listener, server: &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}}
	go u.server.Serve(listener) //nolint:errcheck // it ends with close
	return u, nil
}

func (u *upstream) url() string  { return "http://" + u.listener.Addr().String() + "/v1" }
func (u *upstream) close() error { return u.server.Close() }

func stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	send := func(chunk any) {
		if raw, err := json.Marshal(chunk); err == nil {
			fmt.Fprintf(w, "data: %s\n\n", raw)
			_ = flush.Flush() // if the client has gone, r's context ends
		}
	}
	tick := time.NewTicker(pace)
	defer tick.Stop()
	words := tokens(canned)
	for _, word := range words {
		send(chunk(map[string]any{"content": word}, nil))
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
	send(chunk(map[string]any{}, "stop"))
	send(map[string]any{"choices": []any{}, "usage": map[string]int{"prompt_tokens": 230, "completion_tokens": len(words)}})
	fmt.Fprint(w, "data: [DONE]\n\n")
}

func chunk(delta map[string]any, finish any) any {
	return map[string]any{
		"object": "chat.completion.chunk", "model": model,
		"choices": []any{map[string]any{"index": 0, "delta": delta, "finish_reason": finish}},
	}
}

// tokens cuts text into pieces of about the size of a token.
func tokens(text string) []string {
	var list []string
	for _, word := range strings.SplitAfter(text, " ") {
		for len(word) > 6 {
			list, word = append(list, word[:4]), word[4:]
		}
		list = append(list, word)
	}
	return list
}
