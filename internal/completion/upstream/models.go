package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// Models lists the names of the models that the endpoint offers, in its order.
// The endpoint's FirstByte and Idle hold for it.
func (c *Client) Models(parent context.Context, e Endpoint) ([]string, error) {
	t, err := c.target(e)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	s := &stream{client: c, target: t, watch: newWatch(cancel, t), Answer: NewAnswer(nil)}
	names, err := s.listModels(ctx)
	if err != nil {
		return nil, s.reason(parent, ctx, err)
	}
	return names, nil
}

func (s *stream) listModels(ctx context.Context) ([]string, error) {
	resp, err := s.send(ctx, call{http.MethodGet, s.target.base.JoinPath("models"), nil, typeJSON})
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, s.target.refusedBy(resp, s.readError(resp))
	}
	defer resp.Body.Close()
	body, err := decompress(resp.Header, &watchedReader{src: resp.Body, watch: s.watch})
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(body, maxModels+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxModels {
		return nil, errManyModels
	}
	list, _, err := jsonwalk.Cut(text)
	if err != nil {
		return nil, &pageError{detail: pageText(text)}
	}
	names, found := modelNames(list)
	if !found && saysFailure(list) {
		return nil, FailureIn(list)
	}
	if !found {
		return nil, &pageError{detail: "no list of models"}
	}
	return names, nil
}

// errManyModels is for a list that is longer than any known.
var errManyModels = errors.New("the list of models is longer than 4 MiB")

// saysFailure reports whether a good response holds an error.
func saysFailure(object []byte) bool {
	for name, v := range jsonwalk.Members(object) {
		switch string(name) {
		case "error":
			return !jsonwalk.IsEmpty(v)
		case "base_resp":
			return IsFailedStatus(v)
		}
	}
	return IsBareFailure(object)
}

// maxModels caps the list. OpenRouter's, the longest known, is near 1 MiB.
const maxModels = 4 << 20

// modelNames reads {"data": [{"id": …}]}, Ollama's {"models": [{"name": …}]}
// and a bare list, of objects or of names.
func modelNames(list []byte) (names []string, found bool) {
	data := list
	for name, v := range jsonwalk.Members(list) {
		switch string(name) {
		case "data":
			data = v
		case "models":
			if data[0] == '{' {
				data = v
			}
		}
	}
	if data[0] != '[' && string(data) != "null" {
		return nil, false
	}
	for element := range jsonwalk.Elements(data) {
		// A name with invisible characters cannot be chosen by what is shown.
		if name := modelName(element); name != "" && modelTitle([]byte(name)) == name {
			names = append(names, name)
		}
	}
	return names, true
}

func modelName(element []byte) string {
	var id, name string
	for member, v := range jsonwalk.Members(element) {
		switch string(member) {
		case "id":
			id = jsonwalk.String(v)
		case "name", "model":
			name = jsonwalk.String(v)
		}
	}
	switch {
	case id != "":
		return id
	case name != "":
		return name
	default:
		return jsonwalk.String(element)
	}
}
