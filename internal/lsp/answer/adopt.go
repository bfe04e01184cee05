package answer

import (
	"slices"

	"go.lsp.dev/uri"

	"github.com/llmls/llmls/internal/completion"
)

// maxAdopted is how many conversations of other runs are remembered before a question
// is asked in them.
const maxAdopted = 20

// An adopted conversation began in another run, or another process continued it.
type adopted struct {
	id      string
	subject Subject
}

// Adopt takes over the turns of a conversation from its file, which another run or
// another process has written, if the session knows fewer of them. subject holds for all
// turns together; only its document, its range and what is mentioned are used.
func (s *Session) Adopt(conversation string, turns []completion.Message, subject Subject) {
	s.mu.Lock()
	defer s.mu.Unlock()
	own, known := s.conversations[conversation]
	if known && len(turns) <= len(own) {
		return
	}
	s.conversations[conversation] = slices.Clip(turns)
	s.adopted = slices.DeleteFunc(s.adopted, func(a adopted) bool { return a.id == conversation })
	s.adopted = append(s.adopted, adopted{conversation, subject})
	if len(s.adopted) > maxAdopted {
		oldest := s.adopted[0].id
		s.adopted = slices.Delete(s.adopted, 0, 1)
		if !s.hasAnswers(oldest) {
			delete(s.conversations, oldest)
		}
	}
}

func (s *Session) hasAnswers(conversation string) bool {
	return slices.ContainsFunc(s.answers, func(a *Answer) bool { return a.Conversation == conversation })
}

// adoptedSubject returns what an adopted conversation is about.
func (s *Session) adoptedSubject(conversation string) (Subject, bool) {
	for _, a := range s.adopted {
		if a.id == conversation {
			return a.subject, true
		}
	}
	return Subject{}, false
}

// documents returns those of the subject.
func (s *Subject) documents() []uri.URI {
	return slices.Concat([]uri.URI{s.URI}, s.Mentioned, s.Related)
}

// A Record is the state of an answer as it is written to the file of its conversation.
type Record struct {
	Turn            completion.Message // the user's, without the keys that are known by now
	Text            string             // all that has arrived, as Text has it
	Thought         int                // bytes of it that turned out to be thinking
	Endpoint, Model string
	Finish          completion.FinishReason // "" while it is running
	Ending          string                  // as Ending has it; "" until all of the above is final
}

// Record returns the answer as it stands, without copying its text.
func (a *Answer) Record() Record {
	a.mu.Lock()
	defer a.mu.Unlock()
	return Record{
		Turn: a.turn, Text: a.text.String(), Thought: a.thought, Endpoint: a.answers, Model: a.model, Finish: a.finish, Ending: a.ending,
	}
}

// Forget forgets the conversations that match, with their answers. One that is still
// running goes on, and is forgotten like any other when it has ended.
func (s *Session) Forget(match func(conversation string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, a := range slices.Backward(s.answers) {
		if _, running := a.size(); !running && a.recorded && match(a.Conversation) {
			s.answers = slices.Delete(s.answers, i, i+1)
		}
	}
	s.adopted = slices.DeleteFunc(s.adopted, func(a adopted) bool { return match(a.id) })
	for id := range s.conversations {
		if match(id) && !s.hasAnswers(id) {
			delete(s.conversations, id)
		} else if match(id) {
			s.conversations[id] = []completion.Message{}
		}
	}
}
