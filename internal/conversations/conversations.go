// Package conversations keeps conversations as files of Markdown, which a person can
// read and edit. Answers are appended while they arrive; what can be parsed of a file is
// read again. The package knows neither editors nor endpoints.
package conversations

import (
	"strings"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// A Position is one of LSP, in the encoding of the client that asked.
type Position struct {
	Line      uint32 `json:"line"`
	Character uint32 `json:"character"`
}

// A Range is one of LSP.
type Range struct {
	Start Position `json:"start"`
	End   Position `json:"end"`
}

// A Question is what a person asked: one turn, before its answer.
type Question struct {
	Shown     string    `json:"question,omitzero"` // as it is shown; "" for an explanation
	Title     string    `json:"title,omitzero"`    // of its progress
	URI       string    `json:"uri,omitzero"`      // of the document that it is about
	Range     *Range    `json:"range,omitzero"`
	Documents []string  `json:"documents,omitzero"` // the URIs of all whose text is in it
	Related   []string  `json:"related,omitzero"`   // the URIs of other files of which some code is in it
	Time      time.Time `json:"time,omitzero"`
	Text      string    `json:"-"` // as it was sent
}

// An Answer is the answer to a question, as far as it is written.
type Answer struct {
	Model    string `json:"model,omitzero"`
	Endpoint string `json:"endpoint,omitzero"`
	Finish   string `json:"finishReason,omitzero"` // "" if the file ends in the middle of it
	Footer   string `json:"-"`
	Text     string `json:"-"`
}

// A Turn is a question and its answer, which may be missing.
type Turn struct {
	Question
	Answer
}

// A Conversation is what a file holds.
type Conversation struct {
	ID    string
	Turns []Turn
	Path  string // of the file
	Last  time.Time
}

// Title names the conversation in one line.
func (c *Conversation) Title() string {
	if len(c.Turns) == 0 {
		return c.ID
	}
	first := &c.Turns[0]
	title := first.Title
	if first.Shown != "" {
		title = first.Shown
		if first.URI != "" && first.Title != "" {
			title += " (" + first.Title[strings.LastIndexByte(first.Title, ' ')+1:] + ")"
		}
	}
	if title == "" {
		title = first.Question.Text
	}
	return oneLine(title)
}

// Model returns the one that answered last.
func (c *Conversation) Model() string {
	for i := len(c.Turns) - 1; i >= 0; i-- {
		if m := c.Turns[i].Model; m != "" {
			return m
		}
	}
	return ""
}

// Messages returns the turns that have an answer, as they are sent along with the
// next one.
func (c *Conversation) Messages() []completion.Message {
	var list []completion.Message
	for i := range c.Turns {
		if t := &c.Turns[i]; strings.TrimSpace(t.Answer.Text) != "" && strings.TrimSpace(t.Question.Text) != "" {
			list = append(list, completion.Message{Role: completion.User, Content: t.Question.Text}, completion.Message{Role: completion.Assistant, Content: t.Answer.Text})
		}
	}
	return list
}

// Documents returns the URIs of all documents that are in the conversation.
func (c *Conversation) Documents() []string {
	var list []string
	for i := range c.Turns {
		if u := c.Turns[i].URI; u != "" {
			list = append(list, u)
		}
		list = append(list, c.Turns[i].Documents...)
	}
	return list
}

// Sent returns the URIs of all whose code goes along when the conversation goes on:
// Documents, and those that have only related code in it.
func (c *Conversation) Sent() []string {
	list := c.Documents()
	for i := range c.Turns {
		list = append(list, c.Turns[i].Related...)
	}
	return list
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
