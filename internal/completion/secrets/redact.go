package secrets

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// A Redactor replaces what looks like a secret, and the secrets that Know was called
// with, whatever they look like. The zero value knows none. It is safe for
// concurrent use.
type Redactor struct {
	mu    sync.RWMutex
	known []string // and the forms that each takes on; changed by replacement only
}

const (
	// shortestKnown is the length from which a known secret is looked for:
	// shorter ones are placeholders ("none", "x") and parts of plain words.
	shortestKnown = 6
	// maxKnown bounds what is remembered, in forms of a secret: a program may
	// print another key each hour.
	maxKnown = 256
	// shortestEncoded is the length from which an encoded form is looked for.
	shortestEncoded = 8

	kindKnown = "your key"
)

// Know has secret replaced from now on, also where it is escaped for JSON or
// for an address, or encoded in base64 or hexadecimal, whatever stands before it.
func (r *Redactor) Know(secret string) {
	if IsStandIn(secret) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.known, secret) {
		return
	}
	known := slices.Clone(r.known)
	for _, form := range forms(secret) {
		if !slices.Contains(known, form) {
			known = append(known, form)
		}
	}
	r.known = known[max(0, len(known)-maxKnown):]
}

// IsStandIn reports whether key is a placeholder, such as people give to a local
// server that requires a key and ignores its value.
func IsStandIn(key string) bool {
	lower := strings.ToLower(key)
	bare := strings.TrimPrefix(lower, "sk-")
	if len(key) < shortestKnown || repeats(bare) || slices.Contains(standIns(), lower) {
		return true
	}
	for _, start := range []string{"your", "<", "$", "{{", "%", "xxx"} { // of an example, or of a variable that nobody filled in
		if strings.HasPrefix(bare, start) {
			return true
		}
	}
	return strings.HasSuffix(bare, "...") || strings.Contains(bare, "key-here") || strings.Contains(bare, "key_here")
}

// standIns returns the usual placeholders.
func standIns() []string {
	return []string{
		"ollama", "lm-studio", "lmstudio", "llama.cpp", "llamacpp", "localai", "dummy", "not-needed", "no-key", "no-key-required",
		"sk-no-key-required", "your-key", "apikey", "api-key", "secret", "password", "undefined",
	}
}

// forms returns secret and how it looks in an address, inside JSON, and inside
// JSON in JSON.
func forms(secret string) []string {
	list := []string{secret, url.QueryEscape(secret), url.PathEscape(secret)}
	html := strings.NewReplacer("<", `\u003c`, ">", `\u003e`, "&", `\u0026`) // as encoding/json writes them
	level := []string{secret}
	for range 2 {
		var next []string
		for _, inner := range level {
			if quoted, err := jsontext.AppendQuote(nil, inner); err == nil { // it is UTF-8
				escaped := string(quoted[1 : len(quoted)-1])
				next = append(next, escaped, html.Replace(escaped))
			}
		}
		list, level = append(list, next...), next
	}
	for _, form := range encoded(secret) {
		if len(form) >= shortestEncoded {
			list = append(list, form)
		}
	}
	return list
}

// encoded returns what of secret is the same in each text that holds it and was
// encoded as a whole: of base64, the letters that no neighbour has a part of, for
// each of the three ways in which its bytes can fall.
func encoded(secret string) []string {
	list := []string{fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret)}
	for before := range 3 {
		padded := append(make([]byte, before), secret...)
		first, whole := (8*before+5)/6, len(padded)*8/6
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			list = append(list, encoding.EncodeToString(padded)[first:whole])
		}
	}
	return list
}

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

func (r *Redactor) findKnown(text string) []hit {
	r.mu.RLock()
	known := r.known
	r.mu.RUnlock()
	var hits []hit
	for _, secret := range known {
		for at := 0; ; {
			i := strings.Index(text[at:], secret)
			if i < 0 {
				break
			}
			hits = append(hits, hit{Secret{at + i, at + i + len(secret), kindKnown}, rankPrivateKey})
			at += i + len(secret)
		}
	}
	return hits
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
