package openai

import (
	"context"
	"io"

	"github.com/llmls/llmls/internal/completion"
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
	s := &stream{client: c, target: t, watch: newWatch(cancel, t)}
	names, err := s.listModels(ctx)
	if err != nil {
		return nil, s.reason(parent, ctx, err)
	}
	return names, nil
}

func (s *stream) listModels(ctx context.Context) ([]string, error) {
	resp, err := s.send(ctx, "GET", modelsURL(s.target.chat), nil)
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
	text, err := io.ReadAll(io.LimitReader(body, maxModels))
	if err != nil {
		return nil, err
	}
	list, _, err := cutValue(text)
	if err != nil {
		return nil, &pageError{detail: pageText(text)}
	}
	names, found := modelNames(list)
	if !found {
		return nil, &pageError{detail: "no list of models"}
	}
	return names, nil
}

// maxModels caps the list. OpenRouter's, the longest known, is near 1 MiB.
const maxModels = 4 << 20

// modelNames reads {"data": [{"id": …}]}, Ollama's {"models": [{"name": …}]}
// and a bare list, of objects or of names.
func modelNames(list []byte) (names []string, found bool) {
	data := list
	for name, v := range members(list) {
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
	for element := range elements(data) {
		// A name that hides something is none that anybody could choose.
		if name := modelName(element); name != "" && modelTitle([]byte(name)) == name {
			names = append(names, name)
		}
	}
	return names, true
}

func modelName(element []byte) string {
	var id, name string
	for member, v := range members(element) {
		switch string(member) {
		case "id":
			id = stringOf(v)
		case "name", "model":
			name = stringOf(v)
		}
	}
	switch {
	case id != "":
		return id
	case name != "":
		return name
	default:
		return stringOf(element)
	}
}

var _ completion.Model = (*model)(nil)
