package settings

import (
	"github.com/llmls/llmls/internal/completion"
	"github.com/llmls/llmls/internal/completion/chat"
)

// Request assembles the request for a turn of a conversation, history being
// the turns before it. Its errors are those of chat.Assemble.
func (o *Options) Request(turn *chat.Turn, history []completion.Message) (*chat.Prompt, *completion.Request, error) {
	prompt, err := chat.Assemble(turn, &chat.Talk{
		History: history, SystemPrompt: o.SystemPrompt, Language: o.Language, MaxTokens: o.Context.MaxTokens,
	})
	if err != nil {
		return nil, nil, err
	}
	return prompt, &completion.Request{
		Model: o.Model, Messages: prompt.Messages, MaxOutputTokens: o.MaxOutputTokens, Temperature: o.Temperature,
	}, nil
}
