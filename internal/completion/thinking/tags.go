package thinking

import "bytes"

// A pair is a start tag and its end tag. Case does not count.
type pair struct{ start, end string }

// pairs returns the tags that models put around their thinking.
func pairs() []pair {
	return []pair{
		{"<think>", "</think>"},                        // DeepSeek, Qwen, GLM and most others
		{"<thinking>", "</thinking>"},                  // MiniMax, prompts for Claude
		{"<thought>", "</thought>"},                    // Gemini
		{"<reasoning>", "</reasoning>"},                // older fine-tunings
		{"<seed:think>", "</seed:think>"},              // ByteDance Seed
		{"<mm:think>", "</mm:think>"},                  // MiniMax
		{"[THINK]", "[/THINK]"},                        // Mistral's Magistral
		{"◁think▷", "◁/think▷"},                        // Kimi
		{"<|begin_of_thought|>", "<|end_of_thought|>"}, // Open Thoughts, Sky-T1
		{"<|START_THINKING|>", "<|END_THINKING|>"},     // Cohere
		{"<|channel>thought", "<channel|>"},            // Gemma 4
		{"<unused94>thought", "<unused95>"},            // MedGemma
		{"<|inner_prefix|>", "<|inner_suffix|>"},       // Apertus
		{"<|thinking_start|>", "<|thinking_end|>"},     // derived models
		{"<|thinking|>", "<|/thinking|>"},              // likewise
		{"<|think|>", "<|/think|>"},                    // likewise
		{"<longcat_think>", "</longcat_think>"},        // LongCat
		{"<thoughts>", "</thoughts>"},                  // prompts for models that were not made to think
		{"<reflection>", "</reflection>"},              // likewise
		{"<scratchpad>", "</scratchpad>"},              // likewise
		{"<antThinking>", "</antThinking>"},            // likewise
	}
}

// unmarkedAnalysis and unmarkedFinal are what is left of gpt-oss's channels where a
// server drops the markers and keeps the names: "analysisWe need …assistantfinalIt …".
const (
	unmarkedAnalysis = "analysis"
	unmarkedFinal    = "assistantfinal"
)

// wrappers returns the tags that models put around the answer behind their thinking.
func wrappers() []pair {
	return []pair{
		{"<answer>", "</answer>"},                        // Hunyuan, R1-Zero
		{"<response>", "</response>"},                    // ERNIE
		{"<|begin_of_solution|>", "<|end_of_solution|>"}, // Open Thoughts, Sky-T1
		{"<|START_RESPONSE|>", "<|END_RESPONSE|>"},       // Cohere
		{"<|begin_of_box|>", "<|end_of_box|>"},           // GLM-V
	}
}

// turnEnds returns the tokens with which templates end a turn, as servers leave them
// behind the answer.
func turnEnds() []string {
	return []string{
		"<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|end|>", "<|return|>", "<|eom_id|>", "</s>", "<end_of_turn>",
		"<｜end▁of▁sentence｜>", "<|end_of_turn|>", "<|END_OF_TURN_TOKEN|>",
	}
}

// turnStarts returns what templates begin the model's turn with.
func turnStarts() []string {
	return []string{"<|im_start|>assistant", "<|start_header_id|>assistant<|end_header_id|>", "<start_of_turn>model", "<|assistant|>"}
}

// prefixOf returns the tag that text starts with, "" if it is none. It reports whether
// more text could make it one.
func prefixOf(text []byte, tags ...string) (tag string, open bool) {
	for _, tag := range tags {
		if bytes.HasPrefix(text, []byte(tag)) {
			return tag, false
		}
		open = open || len(text) < len(tag) && bytes.HasPrefix([]byte(tag), text)
	}
	return "", open
}

// longestTag is the length of the longest tag, in bytes.
const longestTag = 24

// A match is what a text starts with.
type match uint8

const (
	noMatch match = iota
	partial       // it may become a tag, or not
	startTag
	endTag
)

// matchTag reports which tag text starts with.
func matchTag(text []byte) (match, pair) {
	if len(text) == 0 || text[0] != '<' && text[0] != '[' && text[0] != "◁"[0] {
		return noMatch, pair{}
	}
	found := noMatch
	for _, p := range pairs() {
		switch {
		case hasPrefixFold(text, p.start):
			return startTag, p
		case hasPrefixFold(text, p.end):
			return endTag, p
		case isStartOf(text, p.start), isStartOf(text, p.end):
			found = partial
		}
	}
	return found, pair{}
}

func hasPrefixFold(text []byte, tag string) bool {
	return len(text) >= len(tag) && bytes.EqualFold(text[:len(tag)], []byte(tag))
}

// isStartOf reports whether tag may begin with all of text.
func isStartOf(text []byte, tag string) bool {
	return len(text) < len(tag) && bytes.EqualFold(text, []byte(tag[:len(text)]))
}

// indexFold is bytes.Index without regard to case.
func indexFold(text []byte, tag string) int {
	for from := 0; ; {
		i := bytes.IndexByte(text[from:], tag[0])
		if i < 0 {
			return -1
		}
		if from += i; hasPrefixFold(text[from:], tag) {
			return from
		}
		from++
	}
}

// overlap is the length of the longest end of text that tag may begin with.
func overlap(text []byte, tag string) int {
	for n := min(len(text), len(tag)-1); n > 0; n-- {
		if isStartOf(text[len(text)-n:], tag) {
			return n
		}
	}
	return 0
}

// endsInTag reports whether text ends in a tag.
func endsInTag(text []byte) bool {
	for _, p := range pairs() {
		for _, tag := range []string{p.start, p.end} {
			if len(text) >= len(tag) && bytes.EqualFold(text[len(text)-len(tag):], []byte(tag)) {
				return true
			}
		}
	}
	return false
}

// A follow is what stands right behind a tag.
type follow uint8

const (
	unclear   follow = iota // not here yet
	lineEnd                 // nothing more on this line
	thought                 // text, as behind a tag that acts
	sentence                // it may be a sentence that speaks of the tag
	quotation               // it is: a comma, a full stop, a quotation mark
)

// followOf classifies what stands behind a tag. over says that nothing more
// comes.
func followOf(rest []byte, over bool) follow {
	trimmed := bytes.TrimLeft(rest, " \t")
	switch {
	case len(trimmed) == 0 && !over:
		return unclear
	case len(trimmed) == 0, trimmed[0] == '\n', trimmed[0] == '\r':
		return lineEnd
	}
	switch c := trimmed[0]; {
	case len(trimmed) == len(rest) && bytes.IndexByte([]byte(",.;:!?)`'\""), c) >= 0:
		return quotation
	case len(trimmed) < len(rest) && (c >= 'a' && c <= 'z' || bytes.IndexByte([]byte(",.;:!?)`'\"-=/<"), c) >= 0):
		return sentence
	default:
		return thought
	}
}
