package thinking

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/completion"
)

// A parted text is what a Splitter gave out.
type parted struct {
	Splitter
	content, reasoning string
}

func newParted() *parted {
	p := &parted{}
	p.Refile = func() { p.reasoning, p.content = p.reasoning+p.content, "" }
	p.Give = func(kind completion.EventKind, text []byte) {
		if kind == completion.Reasoning {
			p.reasoning += string(text)
		} else {
			p.content += string(text)
		}
	}
	return p
}

var texts = []struct{ text, content, reasoning string }{
	{"Hello", "Hello", ""},
	{"<think>a</think>b", "b", "a"},
	{"<think>\na\n</think>\n\nb", "b", "a\n"},
	{" \n<think>a</think>b", "b", "a"},
	{"<think></think>b", "b", ""},
	{"<think>\n\n</think>\n\nb", "b", ""},
	{"<think>a", "", "a"},
	{"<think>a</thin", "", "a</thin"},
	{"<think>a</think>", "", "a"},
	{"<think>a <b </ </think <<//think></think>b</think>", "b</think>", "a <b </ </think <<//think>"},
	{"<think>a</think>    indented", "    indented", "a"},
	{"<think", "<think", ""},
	{"<", "<", ""},
	{"  \n", "  \n", ""},
	{"", "", ""},

	// Each pair of tags, in any letter case.
	{"<thinking>a</thinking>b", "b", "a"},
	{"<thought>\na</thought>\nb", "b", "a"},
	{"<Think>a</THINK>b", "b", "a"},
	{"[THINK]a[/THINK]b", "b", "a"},
	{"◁think▷a◁/think▷b", "b", "a"},
	{"<seed:think>a</seed:think>b", "b", "a"},
	{"<|START_THINKING|>a<|END_THINKING|>b", "b", "a"},
	{"<|channel>thought\na<channel|>b", "b", "a"},

	{"＜think＞a＜/think＞b", "b", "a"},
	{"a.\n＜/thinking＞\n\nb", "b", "a.\n"},
	{"<｜begin_of_thought｜>a<｜end_of_thought｜>b<｜end｜>", "b", "a"},
	{"用＜think＞，还有＜/think＞。", "用＜think＞，还有＜/think＞。", ""},
	{"＜think＞，标签", "＜think＞，标签", ""},

	// The end of another pair.
	{"<think>a.</thinking>B", "B", "a."},
	{"<thinking>\na\n</think>\n\nb", "b", "a\n"},
	{"<reasoning>a.\n</think>\nb", "b", "a.\n"},
	{"<think>a\n</THOUGHT>\nb", "b", "a\n"},
	{"<think> so a.\n</thinking>\nb", "b", " so a."},
	{"<think>a </thinking> b</think>c", "c", "a </thinking> b"},
	{"<think>\n<thinking>\na\n</thinking>\nb\n</think>\nc", "c", "<thinking>\na\n</thinking>\nb\n"},
	{"<think>a\n</thinking>\nb\n</think>\n\nc", "c", "a\nb\n"}, // the own end came after all
	{"<think>a\n</thinking>\n", "", "a\n</thinking>\n"},

	// The same pair within itself, closed twice or once.
	{"<think>\n<think>a</think>\nb\n</think>\nc", "c", "<think>ab\n"},
	{"<think>\n<think>\na\n</think>\n\nc", "c", "<think>\na\n"},
	// What prompts ask models to put around their thinking.
	{"<analysis>\na\n</analysis>\n\nb", "b", "a\n"},
	{"<|think_start|>a<|think_end|>b", "b", "a"},
	{"[thinking]\na\n[/thinking]\nb", "b", "a\n"},
	{"<analysis> is an element of `x`.", "<analysis> is an element of `x`.", ""},
	{"It is XML:\n```xml\n<analysis>\na\n</analysis>\n```\nb", "It is XML:\n```xml\n<analysis>\na\n</analysis>\n```\nb", ""},
	{"[thinking] of you", "[thinking] of you", ""},
	// Attributes and space.
	{"<think lang=\"en\">a</think>b", "b", "a"},
	{"<think id=1 effort='low'>\na\n</think >\nb", "b", "a\n"},
	{"<Thinking mode=\"auto\">a</THINKING>b", "b", "a"},
	{"<think of it>a", "<think of it>a", ""},
	{"<think lang=\"en\"", "<think lang=\"en\"", ""},
	{"<thinker x=1>a</thinker>", "<thinker x=1>a</thinker>", ""},
	{"Hello.\n<think t=\"1\">\na\n</think>\nb", "Hello.\nb", "a"},

	// Sentences in place of tags.
	{"Here is my thought process:\na\n\nHere is my response:\nb", "b", "a"},
	{"Here are my reasoning steps:\na\n[BEGIN FINAL RESPONSE]\nb\n[END FINAL RESPONSE]\n<|end|>", "b\n", "a"},
	{"Here is my thought process: a", "Here is my thought process: a", ""},
	{"Here is", "Here is", ""},

	// The end twice.
	{"<think>a</think>\n\n</think>\n\nb", "b", "a"},

	{"<|begin_of_thought|>a<|end_of_thought|>b", "b", "a"},
	{"<reflection>a</reflection>b", "b", "a"},
	{"<longcat_think>\na</longcat_think>\nb", "b", "a"},

	// A tag around the answer, and what templates put around a turn.
	{"<think>a</think>\n\n<answer>\nb\n</answer>\n", "b\n", "a"},
	{"<think>a</think><answer>b", "b", "a"},
	{"<think>a</think><answer>b</answer>c", "b</answer>c", "a"},
	{"<think>a</think><answer> is a tag", "<answer> is a tag", "a"},
	{"<|begin_of_thought|>a<|end_of_thought|>\n<|begin_of_solution|>b<|end_of_solution|>", "b", "a"},
	{"<|START_THINKING|>a<|END_THINKING|><|START_RESPONSE|>b<|END_RESPONSE|><|END_OF_TURN_TOKEN|>", "b", "a"},
	{"<answer>b</answer>", "<answer>b</answer>", ""},
	{"<|im_start|>assistant\n<think>a</think>b<|im_end|>", "b", "a"},
	{"<|start_header_id|>assistant<|end_header_id|>\n\nb<|eot_id|>\n", "\n\nb", ""},
	{"b.</s>", "b.", ""},
	{"b.\n<|return|><|end|>", "b.\n", ""},
	{"b<｜end▁of▁sentence｜>", "b", ""},
	{"It ends with <|im_end|>", "It ends with <|im_end|>", ""},
	{"It ends with `</s>`", "It ends with `</s>`", ""},
	{"</s> ends it", "</s> ends it", ""},
	{"```\nb<|im_end|>\n```", "```\nb<|im_end|>\n```", ""},
	{"a</s>b <", "a</s>b <", ""},

	// Further blocks.
	{"<think>a</think><think>b</think>", "", "ab"},
	{"<think>a</think>\nHello. <think>b</think>Bye.", "Hello. Bye.", "ab"},
	{"<think>a</think>Hello.\n<think>\nb\n</think>\nBye.", "Hello.\nBye.", "ab"},
	{"Hello.\n<think>\nb\n</think>\nBye.", "Hello.\nBye.", "b"},
	{"Hello.\n<think>\nb\nBye.", "Hello.\n<think>\nb\nBye.", ""}, // nothing closes it

	// Only the end.
	{"a\n</think>\n\nb", "b", "a\n"},
	{"a\n\nc\n  </think>  \nb", "b", "a\n\nc\n  "},
	{"</think>\n\nb", "b", ""},
	{"a\n</think>\n", "a\n</think>\n", ""}, // nothing follows: it was the answer
	{"a</think>b", "a</think>b", ""},
	{"</think>b", "b", ""},
	{"</think> b", "</think> b", ""},
	{"a.</think>\n\nb", "b", "a."},
	{"a.</think>\nb", "b", "a."},
	{"a. </think>\n\nb", "b", "a. "},
	{"a.</think>B", "B", "a."},
	{"a.</think> B", "B", "a."},
	{"a. </think>B", "B", "a. "},
	{"a.</think>`b` is", "`b` is", "a."},
	{"Say \"a\"</think>B", "B", "Say \"a\""},
	{"I see</think>B", "B", "I see"},
	{"I see</think>**B**", "**B**", "I see"},
	{"I see</think>\nb", "b", "I see"},
	{"好的。</think>这是", "这是", "好的。"},
	{"好的</think>\n\n这是", "这是", "好的"},
	{"ok 😊</think>B", "B", "ok 😊"},
	{"a\n</think>B", "B", "a\n"},
	{"Take x, for example.</think>\n\nb", "b", "Take x, for example."},
	{"a.\n</think >\nb", "b", "a.\n"},
	{"a.[/THINK]B", "B", "a."},
	{"a。◁/think▷b", "b", "a。"},
	{"a.</THINKING>B", "B", "a."},
	{"a.\n</think>\n<answer>\nb\n</answer>", "b\n", "a.\n"},
	{"I see</think>it goes on", "I see</think>it goes on", ""},
	{"标签</think>表示结束。", "标签</think>表示结束。", ""},
	{"The tag stands as in: I see.</think>The answer", "The tag stands as in: I see.</think>The answer", ""},
	{"It ends with such a tag:\n</think>\nand goes on.", "It ends with such a tag:\n</think>\nand goes on.", ""},
	{"\"</think>\" ends it.", "\"</think>\" ends it.", ""},
	{"a.</think>", "a.</think>", ""},
	{"a.</think>\n", "a.</think>\n", ""},
	{"x = a</think>, b", "x = a</think>, b", ""},
	{"`x`.</think>\n\nb", "b", "`x`."},
	{"a.</think>\n\n", "a.</think>\n\n", ""},

	// The thinking speaks of the tag.
	{"<think>I end with `</think>` then</think>b", "b", "I end with `</think>` then"},
	{"<think>use `x`</think>\nb", "b", "use `x`"},
	{"<think>use `x`</think>`y` is", "`y` is", "use `x`"},
	{"<think>\"a\"</think>\"b\" is", "\"b\" is", "\"a\""},
	{"<think>`x` is a</think>b", "b", "`x` is a"},
	{"<think>.NET is a</think>b", "b", ".NET is a"},

	// The answer speaks of tags.
	{"  x<think>a</think>", "  x<think>a</think>", ""},
	{"<think>, the tag", "<think>, the tag", ""},
	{"<think>` is a tag", "<think>` is a tag", ""},
	{"<think> opens thinking, and </think> closes it.", "<think> opens thinking, and </think> closes it.", ""},
	{"The tags:\n<think> opens it.\n</think> closes it.", "The tags:\n<think> opens it.\n</think> closes it.", ""},
	{"Use `<think>`, then\n</think>\nand text.", "Use `<think>`, then\n</think>\nand text.", ""},
	{"Use <think>:\n\n```\n<think>\na\n</think>\nb\n```\nBye.", "Use <think>:\n\n```\n<think>\na\n</think>\nb\n```\nBye.", ""},
	{"```xml\n<think>\na\n</think>\n```\nb", "```xml\n<think>\na\n</think>\n```\nb", ""},
	{"~~~\n</think>\n~~~\nb", "~~~\n</think>\n~~~\nb", ""},
	{"Code:\n\n    <think>\n    a</think>\nb", "Code:\n\n    <think>\n    a</think>\nb", ""},
	{"A span `of\n<think>\n` and</think>\n", "A span `of\n<think>\n` and</think>\n", ""},
	{"<think>a</think>Write `<think>` or <think> and </think>.", "Write `<think>` or <think> and </think>.", "a"},
	{"<think>a</think>Done. <think> is a tag, </think> is another.", "Done. <think> is a tag, </think> is another.", "a"},
	{"[think] of it. [THIN] [x](y)", "[think] of it. [THIN] [x](y)", ""},

	// Harmony.
	{"<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>", "b", "a"},
	{"<|start|>assistant<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary<|message|>c<|end|><|start|>assistant<|channel|>final<|message|>b", "b", "ac"},
	{"<|channel|>final<|message|>b < c <| d |> <|x|>", "b < c <| d |> <|x|>", ""},
	{"<|start|>assistant<|message|>b<|end|>", "b", ""},
	{"<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|>", "", "{}"},
	{"<|channel|>analysis<|message|>a", "", "a"},
	{"analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b", "b", "analysis<|message|>a"},
	{"a.<|end|><|start|>assistant<|channel|>final<|message|>b<|return|>", "b", "a."},
	{"<|channel|>final <|constrain|>json<|message|>b", "b", ""},
	{"<|channel|>thought<|message|>a<|end|>b", "b", "a"},
	{"analysisWe a.assistantfinalB", "B", "analysisWe a."},
	{"analysisWe a.", "analysisWe a.", ""},
	{"analysis of it", "analysis of it", ""},
	{"analysis\nWe a.\nassistantfinal\nB", "B", "analysis\nWe a.\n"},
	{"analysis\nWe a.\n\nassistant\nfinal\nB", "B", "analysis\nWe a.\n\n"},
	{"\nanalysis\r\nWe a. So b.\nfinal\nB", "B", "\nanalysis\r\nWe a. So b.\n"},
	{"analysis用户问。assistantfinal答。", "答。", "analysis用户问。"},
	{"analysis\nWe a.\nfinal", "analysis\nWe a.\nfinal", ""},
	{"analysis\nWe a.\nassistantfinal", "analysis\nWe a.\nassistantfinal", ""},
	{"analysis\ncommentary\nfinal\n\nThese are channels.", "analysis\ncommentary\nfinal\n\nThese are channels.", ""},
	{"analysis\nA channel of the model.\nfinal\nAnother such channel.", "analysis\nA channel of the model.\nfinal\nAnother such channel.", ""},
	{"analysis\n```\nx of y.\nfinal\n```\nB", "analysis\n```\nx of y.\nfinal\n```\nB", ""},
	{"analysis\nIt says a.\nfinally\nB", "analysis\nIt says a.\nfinally\nB", ""},
	{"Analysis\nIt is a.\nfinal\nB", "Analysis\nIt is a.\nfinal\nB", ""},
	{"<｜channel｜>analysis<｜message｜>a<｜end｜><｜start｜>assistant<｜channel｜>final<｜message｜>b < c <｜x<｜return｜>", "b < c <｜x", "a"},
	{"Write `<|end|><|start|>assistant` there", "Write `<|end|><|start|>assistant` there", ""},
	{"The marker <|channel|>final<|message|> is shown", "The marker <|channel|>final<|message|> is shown", ""},
}

func TestThinking(t *testing.T) {
	for _, test := range texts {
		p := newParted()
		p.Write([]byte(test.text))
		p.End()
		if p.content != test.content || p.reasoning != test.reasoning {
			t.Errorf("%q: got %q and %q, want %q and %q", test.text, p.content, p.reasoning, test.content, test.reasoning)
		}
	}
}

// Tags may be cut anywhere.
func TestThinkingInPieces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		test := rapid.SampledFrom(texts).Draw(t, "text")
		p := newParted()
		for rest := test.text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			p.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		p.End()
		if p.content != test.content || p.reasoning != test.reasoning {
			t.Fatalf("%q: got %q and %q, want %q and %q", test.text, p.content, p.reasoning, test.content, test.reasoning)
		}
	})
}

// An answer about tags stays an answer: in spans, in fences, in indented code and
// in sentences, however it is cut.
func TestAnswersAboutTags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(pairs()).Draw(t, "pair")
		tag := rapid.SampledFrom(slices.Concat([]string{"＜think＞", "＜/think＞", "assistantfinal", "final", p.start, p.end, p.start + "x" + p.end, "<answer>", "</answer>", endMarker + startMarker}, turnEnds(), turnStarts()))
		line := rapid.Custom(func(t *rapid.T) string {
			tag := tag.Draw(t, "tag")
			return rapid.SampledFrom([]string{
				"A sentence about " + tag + " and more.\n",
				"`" + tag + "` is a tag.\n",
				"- " + tag + "\n",
				"> " + tag + "\n",
				"It is written `" + tag + "`.\n\n",
				"```\n" + tag + "\n```\n",
				"~~~xml\n  " + tag + "\n\n" + tag + "\n~~~\n",
				"\n    " + tag + "\n\n",
				"A line that ends in " + tag + "\n",
				"The literal \"" + tag + "\", and '" + tag + "' too.\n",
				"In the form so" + tag + "and it is read.\n",
				"Such as: It is so." + tag + "The answer follows, for example.\n",
				"一个标签" + tag + "在这里。\n",
				"- **" + tag + "**: a tag.\n",
				"| " + tag + " | a tag |\n",
				"(" + tag + "), [" + tag + "](x)\n",
				"Text.\n",
				"\n",
			}).Draw(t, "line")
		})
		text := "Tags:\n" + strings.Join(rapid.SliceOfN(line, 1, 8).Draw(t, "lines"), "")
		parted := newParted()
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, min(len(rest), 40)).Draw(t, "piece")
			if piece := []byte(rest[:n]); !parted.Pass(piece) {
				parted.Write(piece)
			} else {
				parted.content += rest[:n]
			}
			rest = rest[n:]
		}
		parted.End()
		if parted.content != text || parted.reasoning != "" {
			t.Fatalf("%q\nbecame %q and %q", text, parted.content, parted.reasoning)
		}
	})
}

// However a model begins and ends its thinking, it is parted from the answer.
func TestWaysToThink(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.SampledFrom(pairs()).Draw(t, "pair")
		closing := rapid.OneOf(rapid.Just(own), rapid.SampledFrom(pairs())).Draw(t, "closing")
		start := rapid.SampledFrom([]string{"", own.start, strings.ToUpper(own.start), "\n" + own.start + "\n"}).Draw(t, "start")
		end := rapid.SampledFrom([]string{"", "\n", "\n\n"}).Draw(t, "before") +
			rapid.SampledFrom([]string{closing.end, strings.ToUpper(closing.end)}).Draw(t, "end") +
			rapid.SampledFrom([]string{"", "\n", "\n\n", "\r\n\r\n"}).Draw(t, "behind")
		thought := "The user asks. " + rapid.SampledFrom([]string{"I see.", "Is a < b?", "用户问了。", "So `x` is it:", "It is \"x\"", "**Final**", "ok 😊"}).Draw(t, "thought")
		answer := rapid.SampledFrom([]string{"It adds.", "`x` is one.", "# Head\n\nText.", "- one\n- two", "```go\nx < y\n```", "这是。", "\"x\" is it.", "**Yes**, <b>x</b>.", "1. One"}).Draw(t, "answer")
		p := newParted()
		for rest := start + thought + end + answer; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if piece := []byte(rest[:n]); !p.Pass(piece) {
				p.Write(piece)
			} else {
				p.content += rest[:n]
			}
			rest = rest[n:]
		}
		p.End()
		if p.content != answer || strings.TrimSpace(p.reasoning) != thought {
			t.Fatalf("%q: got %q and %q", start+thought+end+answer, p.content, p.reasoning)
		}
	})
}

// Whatever comes, no text is lost but tags, the space around them and markers,
// and it does not matter how it is cut.
func TestNothingIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pairs()[0]
		part := rapid.SampledFrom([]string{p.start, p.end, "a", "b.", " ", "\n", "\n\n", "`", "```", "~~~", "<", "[x]", "é", "◁", "<thinking>", "<|channel|>", "<|message|>", "<|end|>", "final", "<response>", "</response>", "</s>", "<end_of_turn>"})
		text := strings.Join(rapid.SliceOfN(part, 0, 30).Draw(t, "text"), "")
		whole, cut := newParted(), newParted()
		whole.Write([]byte(text))
		whole.End()
		for rest := text; rest != ""; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if piece := []byte(rest[:n]); !cut.Pass(piece) {
				cut.Write(piece)
			} else {
				cut.content += rest[:n]
			}
			rest = rest[n:]
		}
		cut.End()
		if whole.content != cut.content || whole.reasoning != cut.reasoning {
			t.Fatalf("%q: in one piece %q and %q, cut %q and %q", text, whole.content, whole.reasoning, cut.content, cut.reasoning)
		}
		if strings.Contains(text, "<|") {
			return
		}
		for _, letter := range []string{"a", "b.", "é", "[x]"} {
			if got := strings.Count(whole.content, letter) + strings.Count(whole.reasoning, letter); got != strings.Count(text, letter) {
				t.Fatalf("%q: %q and %q", text, whole.content, whole.reasoning)
			}
		}
	})
}

// What can be decided is given out at once: only the possible start of a tag
// waits.
func TestThinkingHoldsBackOnlyWhatIsUndecided(t *testing.T) {
	p := newParted()
	for _, step := range []struct{ piece, content, reasoning string }{
		{"<thi", "", ""},
		{"nk>ab", "", "ab"},
		{"c<", "", "abc"},
		{"d</thin", "", "abc<d"},
		{"k>e<", "e", "abc<d"},
		{"f.<|im_end", "e<f.", "abc<d"},
		{"|>.", "e<f.<|im_end|>.", "abc<d"},
	} {
		p.Write([]byte(step.piece))
		if p.content != step.content || p.reasoning != step.reasoning {
			t.Errorf("after %q: got %q and %q, want %q and %q", step.piece, p.content, p.reasoning, step.content, step.reasoning)
		}
	}
	p = newParted()
	p.Write([]byte("<b"))
	if p.content != "<b" {
		t.Errorf("held back %q", p.held)
	}
}

// A server that streams the thinking apart means a tag in the answer.
func TestThinkingApartLeavesTagsAlone(t *testing.T) {
	p := newParted()
	p.Apart()
	p.Write([]byte("<think>b"))
	p.End()
	if p.content != "<think>b" || p.reasoning != "" {
		t.Errorf("got %q and %q", p.content, p.reasoning)
	}
}
