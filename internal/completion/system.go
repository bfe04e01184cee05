package completion

import "strings"

// System returns the text of the system messages, "" if there are none.
func (r *Request) System() string {
	var all []string
	for i := range r.Messages {
		if m := &r.Messages[i]; m.Role == System && m.Content != "" {
			all = append(all, m.Content)
		}
	}
	return strings.Join(all, "\n\n")
}

// Turns returns the messages without the system messages.
func (r *Request) Turns() []Message {
	turns := make([]Message, 0, len(r.Messages))
	for _, m := range r.Messages {
		if m.Role != System {
			turns = append(turns, m)
		}
	}
	return turns
}

// TurnsWithSystem returns Turns with the system's text at the start of the first
// user message, for endpoints that refuse the role system.
func (r *Request) TurnsWithSystem() []Message {
	turns, system := r.Turns(), r.System()
	if system == "" {
		return turns
	}
	for i := range turns {
		if turns[i].Role == User {
			turns[i].Content = system + "\n\n" + turns[i].Content
			return turns
		}
	}
	return append([]Message{{Role: User, Content: system}}, turns...)
}
