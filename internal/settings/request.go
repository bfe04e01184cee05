package settings

import (
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/secrets"
)

// Conversation returns the chat.Conversation for a turn that follows history. r takes the
// secrets out of that turn.
func (o *Options) Conversation(history []completion.Message, r *secrets.Redactor) *chat.Conversation {
	return &chat.Conversation{
		History: history, SystemPrompt: o.SystemPrompt, Language: o.Language, MaxTokens: o.Context.MaxTokens, Related: o.Context.Related, Secrets: r,
	}
}

// Request returns the request that sends messages.
func (o *Options) Request(messages []completion.Message) *completion.Request {
	return &completion.Request{
		Model: o.Model, Messages: messages, MaxOutputTokens: o.MaxOutputTokens, Temperature: o.Temperature, ReasoningEffort: o.ReasoningEffort,
	}
}
