package lsp

import (
	"context"

	"github.com/llmls/llmls/internal/completion"
)

// modelsResult names the models that the endpoint offers, in its order, and
// the one that answers now.
type modelsResult struct {
	Model  string   `json:"model"`
	Models []string `json:"models"`
}

// listModels asks the endpoint. Unlike an answer it is not sent again when it
// fails: a person waits for the list, and can ask again.
func (s *Server) listModels(ctx context.Context, inv *invocation) (any, error) {
	if err := inv.decode(commandModels, &struct{}{}); err != nil {
		return nil, err
	}
	options := s.config.get(ctx)
	endpoint, err := s.keys.Endpoint(ctx, &options)
	if err != nil {
		return nil, err
	}
	names, err := s.endpoints.Models(ctx, endpoint)
	if err != nil {
		if failed := completion.AsError(err); failed != nil && failed.Kind == completion.Auth {
			s.keys.Forget(endpoint)
		}
		return nil, err
	}
	if names == nil {
		names = []string{}
	}
	return modelsResult{Model: options.Model, Models: names}, nil
}
