package lsp

import (
	"context"

	"github.com/llmls/llmls/internal/access"
)

// modelsArgs is the argument of llmls.models.
type modelsArgs struct {
	Endpoint string `json:"endpoint,omitzero"` // "" is the one that the settings choose
}

// modelsResult names the models that an endpoint offers, in its order, the one that
// questions ask for, and all endpoints.
type modelsResult struct {
	Endpoint  string         `json:"endpoint"`
	Model     string         `json:"model"`
	Models    []string       `json:"models"`
	Endpoints []endpointInfo `json:"endpoints"`
}

// endpointInfo is one of the endpoints to choose from.
type endpointInfo struct {
	Name  string `json:"name"`
	Model string `json:"model"`
	API   string `json:"api"`
	Host  string `json:"host"`
}

// listModels asks the endpoint. Unlike for an answer, a failed request is not sent
// again: a person waits for the list, and can ask again. One list is fetched at a
// time, because an endpoint determines how long it is.
func (s *Server) listModels(ctx context.Context, inv *invocation, args *modelsArgs) (any, error) {
	options, err := s.settingsFor(ctx, args.Endpoint, "")
	if err != nil {
		return nil, err
	}
	leave, err := s.listing.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	names, err := s.access.Models(ctx, &options)
	if err != nil {
		return nil, err
	}
	s.leave(inv.call) // so that no more than one list is in memory
	if names == nil {
		names = []string{}
	}
	return modelsResult{Endpoint: options.Endpoint, Model: options.Model, Models: names, Endpoints: endpointInfos(s.access.Choices(&options))}, nil
}

func endpointInfos(choices []access.Choice) []endpointInfo {
	list := []endpointInfo{}
	for _, c := range choices {
		list = append(list, endpointInfo(c))
	}
	return list
}
