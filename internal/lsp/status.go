package lsp

import (
	"context"

	"github.com/llmls/llmls/internal/access"
)

// statusResult is the endpoint and model that would answer now, and where llmls
// keeps its files.
type statusResult struct {
	Endpoint  string         `json:"endpoint"` // by its name
	Model     string         `json:"model"`
	Host      string         `json:"host"`    // host[:port]; "" if the address leads nowhere
	Running   int            `json:"running"` // answers
	LogFile   string         `json:"logFile"`
	StateDir  string         `json:"stateDir"`
	Version   string         `json:"version"`
	Endpoints []endpointInfo `json:"endpoints"`
}

// status answers at once: it waits neither for an endpoint nor for settings that the
// client was asked for.
func (s *Server) status(context.Context, *invocation, *noArgs) (any, error) {
	options := s.config.now()
	log := options.LogFile
	if log == "" {
		log, _ = LogPath() // "" without a state directory
	}
	return statusResult{
		Endpoint: options.Endpoint, Model: options.Model, Host: access.Host(&options), Running: s.answers.Running(),
		LogFile: log, StateDir: s.records.Path(), Version: s.version, Endpoints: endpointInfos(s.access.Choices(&options)),
	}, nil
}
