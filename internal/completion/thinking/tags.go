package thinking

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// A pair is a start tag and its end tag. Case does not count. What is written like
// an element of XML may have attributes: <think lang="en">, and space: </think >.
type pair struct{ start, end string }

// pairs returns the tags that models put around their thinking, each as its model
// writes it.
//
// A start tag acts where the answer starts, and at the start of a line unless a
// sentence goes on behind it; <think> in the middle of a sentence, in a code span or
// in a block of code is text. It takes its own end tag wherever that stands, but for
// one in quotation marks, and that of another pair where it stands as an end does:
// models open one and close another.
//
// An end tag without a start, because the template of the model wrote that one, acts
// where thinking ends and a mention does not stand, as ends decides: alone on its
// line; behind a sentence and in front of a new line or of text without a space
// between ("I am sure.</think>The sum is 4."), as DeepSeek and Kimi write it. Nothing
// acts in an answer that named a tag before, also in code, and nothing behind a first
// block but what is written between two sentences.
func pairs() []pair { return allPairs() }

var allPairs = sync.OnceValue(func() []pair {
	all := []pair{
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
		{"<ant_thinking>", "</ant_thinking>"},          // likewise
		{"<analysis>", "</analysis>"},                  // likewise
		{"<cot>", "</cot>"},                            // likewise
		{"<deep_think>", "</deep_think>"},              // likewise
		{"<deepthink>", "</deepthink>"},                // likewise
		{"<chain_of_thought>", "</chain_of_thought>"},  // likewise
		{"<thought_process>", "</thought_process>"},    // likewise
		{"<thinking_process>", "</thinking_process>"},  // likewise
		{"<internal_thoughts>", "</internal_thoughts>"},
		{"<inner_thoughts>", "</inner_thoughts>"},
		{"<inner_monologue>", "</inner_monologue>"},
		{"<internal_monologue>", "</internal_monologue>"},
		{"<internal_reasoning>", "</internal_reasoning>"},
		{"<|think_start|>", "<|think_end|>"},
		{"<|begin_of_thinking|>", "<|end_of_thinking|>"},
		{"[THINKING]", "[/THINKING]"},
		{"[THOUGHT]", "[/THOUGHT]"},
		{"[REASONING]", "[/REASONING]"},
	}
	for _, p := range slices.Clone(all) {
		for _, widen := range []func(string) string{wideBars, wideBrackets} {
			if wide := (pair{widen(p.start), widen(p.end)}); wide != p {
				all = append(all, wide)
			}
		}
	}
	return all
})

// wideBars returns a tag as some templates write it, with full-width bars; wideBrackets
// with the full-width brackets of a Chinese text.
func wideBars(tag string) string { return strings.ReplaceAll(tag, "|", "｜") }

func wideBrackets(tag string) string {
	if strings.ContainsAny(tag, "|0123456789") {
		return tag
	}
	return strings.NewReplacer("<", "＜", ">", "＞").Replace(tag)
}

// phrases returns the sentences that some models have been trained to put in place
// of tags. They count only if the second one comes.
func phrases() []pair {
	return []pair{
		{"Here is my thought process:", "Here is my response:"},    // Granite 3.2
		{"Here's my thought process:", "Here's my response:"},      // likewise
		{"Here are my reasoning steps:", "[BEGIN FINAL RESPONSE]"}, // Apriel
	}
}

// unmarkedAnalysis and unmarkedFinals are what is left of gpt-oss's channels where a
// server drops the markers and keeps the names: "analysisWe need …assistantfinalIt …",
// or puts line ends in their place.
const unmarkedAnalysis = "analysis"

func unmarkedFinals() []string { return []string{"assistantfinal", "assistant\nfinal\n"} }

// unmarkedFinalLine is the name of the channel on a line of its own.
const unmarkedFinalLine = "final\n"

// wrappers returns the tags that models put around the answer behind their thinking.
func wrappers() []pair {
	return []pair{
		{"<answer>", "</answer>"},                          // Hunyuan, R1-Zero
		{"<response>", "</response>"},                      // ERNIE
		{"<|begin_of_solution|>", "<|end_of_solution|>"},   // Open Thoughts, Sky-T1
		{"<|START_RESPONSE|>", "<|END_RESPONSE|>"},         // Cohere
		{"<|begin_of_box|>", "<|end_of_box|>"},             // GLM-V
		{"[BEGIN FINAL RESPONSE]", "[END FINAL RESPONSE]"}, // Apriel
	}
}

// turnEnds returns the tokens with which templates end a turn, as servers leave them
// behind the answer.
func turnEnds() []string {
	return []string{
		"<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|end|>", "<|return|>", "<|eom_id|>", "</s>", "<end_of_turn>",
		"<｜end▁of▁sentence｜>", "<|end_of_turn|>", "<|END_OF_TURN_TOKEN|>",
		"<｜im_end｜>", "<｜end｜>", "<｜return｜>", "<｜endoftext｜>",
	}
}

// turnStarts returns what templates begin the model's turn with.
func turnStarts() []string {
	return []string{"<|im_start|>assistant", "<|start_header_id|>assistant<|end_header_id|>", "<start_of_turn>model", "<|assistant|>", "<｜Assistant｜>"}
}

// prefixOf returns the tag that text starts with, "" if it is none. It reports whether
// more text could make it one.
func prefixOf(text []byte, tags ...string) (tag string, open bool) {
	for _, tag := range tags {
		if hasPrefixFold(text, tag) {
			return tag, false
		}
		open = open || isStartOf(text, tag)
	}
	return "", open
}

// A match is what a text starts with.
type match uint8

const (
	noMatch match = iota
	partial       // it may become a tag, or not
	startTag
	endTag
)

// mayStart reports whether a tag may begin where text does.
func mayStart(text []byte) bool {
	switch text[0] {
	case '<', '[', "◁"[0]:
		return true
	case "＜"[0]:
		return isWide(text)
	}
	return false
}

// isWide reports whether text starts with a full-width bracket that opens, or with a
// piece of one.
func isWide(text []byte) bool {
	const open = "＜"
	return string(text[:min(len(text), len(open))]) == open[:min(len(text), len(open))]
}

// matchTag reports which tag text starts with, and the length of the tag.
func matchTag(text []byte) (found match, p pair, n int) {
	if len(text) == 0 || !mayStart(text) {
		return noMatch, pair{}, 0
	}
	for _, p := range pairs() {
		switch start, end := lengthOf(text, p.start), lengthOf(text, p.end); {
		case start > 0:
			return startTag, p, start
		case end > 0:
			return endTag, p, end
		case start < 0 || end < 0:
			found = partial
		}
	}
	return found, pair{}, 0
}

// lengthOf returns how much of text is tag, 0 if it does not start with it and -1 if
// more text may make it start so.
func lengthOf(text []byte, tag string) int {
	if hasPrefixFold(text, tag) {
		return len(tag)
	}
	if isStartOf(text, tag) {
		return -1
	}
	open := tag[:len(tag)-1]
	if tag[1] == '|' || tag[len(tag)-1] != '>' || !hasPrefixFold(text, open) || text[len(open)] != ' ' {
		return 0
	}
	const longest = 128
	for i, c := range text[len(open):] {
		switch {
		case c == '>' && (tag[1] == '/' || bytes.IndexByte(text[len(open):len(open)+i], '=') > 0):
			return len(open) + i + 1
		case c == '>', c == '<', c == '\n', i > longest, tag[1] == '/' && c != ' ':
			return 0
		}
	}
	return -1
}

// nextTag returns where the first tag at or behind from starts, and which it is: one of the table,
// or the end of own. If it is noMatch, there is none.
func nextTag(text []byte, from int, own pair) (at int, found match, p pair, n int) {
	for i := from; i < len(text); i++ {
		switch end := lengthOf(text[i:], own.end); {
		case end > 0:
			return i, endTag, own, end
		case end < 0:
			return i, partial, own, 0
		}
		if !mayStart(text[i:]) {
			continue
		}
		if found, p, n := matchTag(text[i:]); found != noMatch {
			return i, found, p, n
		}
	}
	return len(text), noMatch, pair{}, 0
}

func hasPrefixFold(text []byte, tag string) bool {
	return len(text) >= len(tag) && bytes.EqualFold(text[:len(tag)], []byte(tag))
}

// isStartOf reports whether tag may begin with all of text.
func isStartOf(text []byte, tag string) bool {
	return len(text) < len(tag) && bytes.EqualFold(text, []byte(tag[:len(text)]))
}

// endsInTag reports whether text ends in a tag.
func endsInTag(text []byte) bool {
	at := bytes.LastIndexAny(text, "<[◁＜")
	if at < 0 {
		return false
	}
	found, _, n := matchTag(text[at:])
	return found == partial || found != noMatch && at+n == len(text) // some go on behind their bracket
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
	case len(trimmed) == len(rest) && !utf8.FullRune(rest) && !over:
		return unclear
	case len(trimmed) == len(rest) && rest[0] >= utf8.RuneSelf:
		if c, _ := utf8.DecodeRune(rest); strings.ContainsRune("，。、；：！？）」』”’", c) {
			return quotation
		}
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
