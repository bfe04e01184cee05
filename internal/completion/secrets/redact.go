package secrets

import (
	"io"
	"strings"
)

// Find is the function Find for r's known secrets, too.
func (r *Redactor) Find(text string) []Secret {
	found := Find(text)
	hits := r.findKnown(text)
	if hits == nil {
		return found
	}
	for _, s := range found {
		hits = append(hits, hit{s, rankToken})
	}
	return merge(hits)
}

// RedactKnown is Redact for the known secrets alone. It returns how
// many it replaced, too.
func (r *Redactor) RedactKnown(text string) (string, int) {
	hits := r.findKnown(text)
	if hits == nil {
		return text, 0
	}
	secrets := merge(hits)
	return replace(text, 0, secrets), len(secrets)
}

// Redact returns text without secrets. In place of each stands what it was,
// and as many line ends as it had.
func (r *Redactor) Redact(text string) string {
	parts := []string{text}
	r.RedactParts(parts)
	return parts[0]
}

// A Redaction is a Secret that was replaced. Its lines count from 0, where the
// parts begin, and are the same before and after.
type Redaction struct {
	Kind                string // as in Secret
	FirstLine, LastLine int    // from 0, inclusive
}

// RedactParts redacts parts that follow each other without a gap, so that a
// secret is found that goes from one into the next. Each part keeps its lines.
func (r *Redactor) RedactParts(parts []string) []Redaction {
	var all []Redaction
	// What stood beside a secret may be one as well, and stands alone now.
	const rounds = 8
	for range rounds {
		joined := join(parts)
		secrets := r.Find(joined)
		if secrets == nil {
			break
		}
		all = append(all, redactions(joined, secrets)...)
		start := 0
		for i, part := range parts {
			parts[i] = replace(part, start, secrets)
			start += len(part)
		}
	}
	return all
}

// join is strings.Join, but makes no copy of a part that stands alone: it may be
// a document of many megabytes.
func join(parts []string) string {
	alone := ""
	for _, part := range parts {
		switch {
		case part == "":
		case alone != "":
			return strings.Join(parts, "")
		default:
			alone = part
		}
	}
	return alone
}

func redactions(text string, secrets []Secret) []Redaction {
	list := make([]Redaction, len(secrets))
	line, at := 0, 0
	for i, s := range secrets {
		line += strings.Count(text[at:s.Start], "\n")
		last := line + strings.Count(text[s.Start:s.End], "\n")
		list[i] = Redaction{s.Kind, line, last}
		line, at = last, s.End
	}
	return list
}

// replace replaces what secrets take of part, which begins at start of the text
// they were found in.
func replace(part string, start int, secrets []Secret) string {
	var b strings.Builder
	at := 0
	for _, s := range secrets {
		from, to := max(s.Start-start, at), min(s.End-start, len(part))
		if from >= to {
			continue
		}
		b.WriteString(part[at:from])
		b.WriteString(mark + s.Kind + "]")
		for line := range strings.Lines(part[from:to]) {
			if end := strings.TrimRight(line, "\r\n"); end != line {
				b.WriteString(line[len(end):])
			}
		}
		at = to
	}
	if at == 0 {
		return part
	}
	b.WriteString(part[at:])
	return b.String()
}

// Writer returns a writer that redacts what it passes on to w. Each Write is
// redacted by itself, so it must be a whole entry or line.
func (r *Redactor) Writer(w io.Writer) io.Writer { return writer{r, w} }

type writer struct {
	redactor *Redactor
	to       io.Writer
}

func (w writer) Write(p []byte) (int, error) {
	text := string(p)
	redacted := w.redactor.Redact(text)
	if _, err := io.WriteString(w.to, redacted); err != nil {
		return 0, err
	}
	return len(p), nil
}
