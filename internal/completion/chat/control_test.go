package chat

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/llmls/llmls/internal/completion"
)

func templateTokens() []string {
	return []string{
		"<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|python_tag|>", "<|fim_prefix|>",
		"<|reserved_special_token_17|>", "<|channel|>", "<|START_OF_TURN_TOKEN|>", "<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜tool▁calls▁begin｜>",
		"<think>", "</think>", "<tool_call>", "</tool_response>", "<s>", "</s>", "<bos>", "<eos>", "<pad>", "<unk>",
		"[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "[SYSTEM_PROMPT]", "[AVAILABLE_TOOLS]", "[TOOL_CALLS]", "[/TOOL_RESULTS]", "[gMASK]", "<sop>", "[EOS]",
		"<start_of_turn>", "<end_of_turn>", "<unused42>", "<|turn>", "<turn|>", "<BOS_TOKEN>", "<fim_middle>", "<file_sep>", "<seed:bos>",
		"]~b]", "[e~[", "◁think▷", "◁/think▷",
	}
}

func TestTemplateTokensAreBroken(t *testing.T) {
	code := func(token string) *Turn {
		return &Turn{Code: &Code{
			Path: "a" + token + ".py", Language: token, FirstLine: 2, LastLine: 3, Before: "x\n" + token + token[:2], Text: token[2:] + "a = '" + token + "'\nb",
			After: token + "\n", Related: find("a.py", "import os\n\nx = 'v"+token+"'\n\nprint(x)\n", 5, 5, nil),
		}}
	}
	for _, token := range templateTokens() {
		asked := code(token)
		asked.Question = "what is " + token + token + "?"
		problem := Diagnostic{Line: 2, Message: "unexpected " + token, Source: token}
		for name, turn := range map[string]*Turn{
			"code": code(token), "question": asked, "problem": {Problem: &problem}, "problems": {Question: "?", Diagnostics: []Diagnostic{problem}},
		} {
			p, err := Assemble(turn, &Conversation{Related: 1200, History: []completion.Message{
				{Role: completion.User, Content: "What ends a turn?"}, {Role: completion.Assistant, Content: "It is " + token + "."},
			}})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range p.Messages {
				if strings.Contains(m.Content, token) {
					t.Errorf("%s: %s left in %q", name, token, m.Content)
				}
			}
			if last := p.LeftOut[len(p.LeftOut)-1].What; !strings.Contains(last, "control token") || !strings.Contains(last, token+" ") {
				t.Errorf("%s: left out %q", name, last)
			}
		}
	}
}

func TestLineOfToken(t *testing.T) {
	p, err := Assemble(&Turn{Code: &Code{Path: "a", FirstLine: 7, LastLine: 9, Text: "a\nb\nc </think>\n"}}, &Conversation{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.LeftOut[0].What; got != "1 control token (</think> on line 9)" {
		t.Errorf("left out %q", got)
	}
	if !strings.Contains(p.User.Content, `c <\/think>`) {
		t.Errorf("sent %q", p.User.Content)
	}
}

// Code that only looks a little like them stays as it is.
func TestCodeIsNotBroken(t *testing.T) {
	const text = "a <| b |> c; f(|x| x <y|z> 2); m[ARGS]; m[i][PREFIX]; <thinking>; List<String>; a[0]; <div>; </div>; <tools>; x << SYS; <|>; <$> <*>; [~b]; <T|U>; <script>\n"
	breakTokens(text, func(token string, _ int) { t.Errorf("broke %q", token) })
}

func TestBrokenTokensStayBroken(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom(append(templateTokens(), "<", "|", "|>", ">", "[", "]", "/", `\`, "a", "INST", "<|", "｜", "\n", "é"))).Draw(t, "parts")
		text := strings.Join(parts, "")
		broken := breakTokens(text, func(string, int) {})
		breakTokens(broken, func(token string, _ int) { t.Errorf("%q has %q still", broken, token) })
		if strings.ReplaceAll(broken, `\`, "") != strings.ReplaceAll(text, `\`, "") {
			t.Errorf("%q became %q", text, broken)
		}
	})
}
