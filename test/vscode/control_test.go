//go:build vscode

package vscode

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
)

// A control lets tests in another language set the scripts of an upstream and
// see its requests.
//
//	POST /scripts   [[step, …], …], one script for each request to come
//	POST /resume    the name of a pause
//	GET  /requests  [{"path", "authorization", "body"}, …]
//	GET  /next      waits for a request that it has not waited for
//	GET  /last      waits until the last exchange is over, or fails
type control struct {
	t        testing.TB
	upstream *completiontest.Upstream
}

// A step has one member; each is the step of that name.
type step struct {
	Delta     *string  `json:"delta"`
	Reasoning *string  `json:"reasoning"`
	Finish    *string  `json:"finish"`
	Answer    []string `json:"answer"`
	Pause     *string  `json:"pause"`
	Cut       bool     `json:"cut"`
	Stall     bool     `json:"stall"`
	JSON      *string  `json:"json"` // a whole response
	Status    int      `json:"status"`
	Message   string   `json:"message"` // of an error with that status
}

func (s *step) play() completiontest.Step {
	switch {
	case s.Delta != nil:
		return completiontest.Delta(*s.Delta)
	case s.Reasoning != nil:
		return completiontest.Reasoning(*s.Reasoning)
	case s.Finish != nil:
		return completiontest.Sequence(completiontest.Finish(*s.Finish), completiontest.Usage(10, 20), completiontest.Done())
	case s.Answer != nil:
		return completiontest.Answer(s.Answer...)
	case s.Pause != nil:
		return completiontest.Pause(*s.Pause)
	case s.Cut:
		return completiontest.Cut()
	case s.JSON != nil:
		return completiontest.Sequence(completiontest.Status(http.StatusOK, "Content-Type", "application/json"), completiontest.Send(*s.JSON))
	case s.Status != 0:
		return completiontest.Error(s.Status, "error", s.Message)
	default:
		return completiontest.Stall()
	}
}

type request struct {
	Path          string `json:"path"`
	Authorization string `json:"authorization"`
	Body          string `json:"body"`
}

func (c *control) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/scripts":
		var scripts [][]step
		if err := json.NewDecoder(r.Body).Decode(&scripts); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var played [][]completiontest.Step
		for _, script := range scripts {
			var steps []completiontest.Step
			for _, s := range script {
				steps = append(steps, s.play())
			}
			played = append(played, steps)
		}
		c.upstream.Scripts(played...)
	case "/resume":
		var name string
		if err := json.NewDecoder(r.Body).Decode(&name); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.upstream.Resume(name)
	case "/requests":
		list := []request{}
		for _, one := range c.upstream.Requests() {
			list = append(list, request{one.Path, one.Header.Get("Authorization"), string(one.Body)})
		}
		if err := json.NewEncoder(w).Encode(list); err != nil {
			c.t.Error(err)
		}
	case "/next":
		c.upstream.Next()
	case "/last":
		if all := c.upstream.Requests(); len(all) > 0 {
			all[len(all)-1].WaitDone(c.t)
		}
	default:
		http.NotFound(w, r)
	}
}
