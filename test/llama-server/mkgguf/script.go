package main

import (
	"fmt"
	"math/rand"
	"strings"
)

// Shape of every model. With 64 dimensions of ±1, a token's own code scores
// 64 and a stranger's close to 0, so that sampling at any sane temperature
// picks the scripted token.
const (
	width      = 64
	hidden     = 32
	heads      = 2
	keyValue   = width / heads // one key-value head
	contextLen = 8192
)

// Places in the vocabulary: <unk>, <s>, </s>, the 256 single bytes, and then
// the pieces of the script.
const (
	endToken   = 2
	firstByte  = 3
	firstPiece = firstByte + 256
)

// minPiece is the shortest piece in bytes; shorter ones could be taken for
// the single bytes of the vocabulary.
const minPiece = 3

// A successor says what follows the last piece of a script.
type successor bool

const (
	end   successor = false // the answer ends
	start successor = true  // it begins again
)

// model is a GGUF file that answers every prompt with text.
func model(text, template string, after successor) []byte {
	pieces := split(text)
	tokens, scores, kinds := vocabulary(pieces)
	embedding, output := weights(len(pieces), after)

	f := &file{}
	f.putString("general.architecture", "llama")
	f.putString("general.name", "scripted")
	f.putString("general.license", "mit")
	f.putUint32("general.file_type", 1) // mostly 16-bit floats
	f.putUint32("llama.context_length", contextLen)
	f.putUint32("llama.embedding_length", width)
	f.putUint32("llama.feed_forward_length", hidden)
	f.putUint32("llama.block_count", 1)
	f.putUint32("llama.attention.head_count", heads)
	f.putUint32("llama.attention.head_count_kv", 1)
	f.putUint32("llama.rope.dimension_count", width/heads)
	f.putFloat32("llama.attention.layer_norm_rms_epsilon", 1e-5)
	f.putUint32("llama.vocab_size", uint32(len(tokens)))
	f.putString("tokenizer.ggml.model", "llama")
	f.putString("tokenizer.ggml.pre", "default")
	f.putStrings("tokenizer.ggml.tokens", tokens)
	f.putFloat32s("tokenizer.ggml.scores", scores)
	f.putInt32s("tokenizer.ggml.token_type", kinds)
	f.putUint32("tokenizer.ggml.unknown_token_id", 0)
	f.putUint32("tokenizer.ggml.bos_token_id", 1)
	f.putUint32("tokenizer.ggml.eos_token_id", endToken)
	f.putBool("tokenizer.ggml.add_bos_token", true)
	f.putBool("tokenizer.ggml.add_eos_token", false)
	f.putBool("tokenizer.ggml.add_space_prefix", false)
	f.putString("tokenizer.chat_template", template)

	size := uint64(len(tokens))
	f.add("token_embd.weight", tensorF16, embedding, width, size)
	f.add("output_norm.weight", tensorF32, ones(width), width)
	f.add("output.weight", tensorF16, output, width, size)
	f.add("blk.0.attn_norm.weight", tensorF32, ones(width), width)
	for _, t := range []struct {
		name    string
		in, out uint64
	}{
		{"attn_q", width, width},
		{"attn_k", width, keyValue},
		{"attn_v", width, keyValue},
		{"attn_output", width, width},
	} {
		f.add("blk.0."+t.name+".weight", tensorF16, make([]int8, t.in*t.out), t.in, t.out)
	}
	f.add("blk.0.ffn_norm.weight", tensorF32, ones(width), width)
	f.add("blk.0.ffn_gate.weight", tensorF16, make([]int8, width*hidden), width, hidden)
	f.add("blk.0.ffn_down.weight", tensorF16, make([]int8, hidden*width), hidden, width)
	f.add("blk.0.ffn_up.weight", tensorF16, make([]int8, width*hidden), width, hidden)
	return f.bytes()
}

// split cuts text into pieces that are all different, so that each can have
// one successor: at spaces and line ends where it can, after 10 bytes at most
// where the pieces so far allow it.
func split(text string) []string {
	const long = 10
	seen := map[string]bool{}
	fits := func(p string) bool { return len(p) >= minPiece && !seen[p] }
	runes := []rune(text)
	var pieces []string
	for i := 0; i < len(runes); {
		j := i + 1
		for ; j < len(runes); j++ {
			p := string(runes[i:j])
			if fits(p) && (runes[j] == ' ' || runes[j] == '\n' || runes[j-1] == '\n' || len(p) >= long) {
				break
			}
		}
		p := string(runes[i:j])
		for len(pieces) > 0 && !fits(p) { // a tail: join it to the piece before
			p = pieces[len(pieces)-1] + p
			pieces = pieces[:len(pieces)-1]
		}
		seen[p] = true
		pieces = append(pieces, p)
		i = j
	}
	return pieces
}

// vocabulary lists the tokens with their scores and types, as llama's
// tokenizer has them: a lower score is merged later.
func vocabulary(pieces []string) (tokens []string, scores []float32, kinds []int32) {
	const (
		normal  = 1
		unknown = 2
		control = 3
		byteOf  = 6
	)
	add := func(token string, score float32, kind int32) {
		tokens, scores, kinds = append(tokens, token), append(scores, score), append(kinds, kind)
	}
	add("<unk>", 0, unknown)
	add("<s>", 0, control)
	add("</s>", 0, control)
	for b := range 256 {
		add(fmt.Sprintf("<0x%02X>", b), 0, byteOf)
	}
	for i, p := range pieces {
		// The tokenizer writes a space as U+2581.
		add(strings.ReplaceAll(p, " ", "\u2581"), -float32(i), normal)
	}
	return tokens, scores, kinds
}

// weights gives every token a code (embedding) and every piece of the script
// the code of the token before it (output), so that a token's most likely
// successor is the next piece.
func weights(pieces int, after successor) (embedding, output []int8) {
	// A fixed seed: the same script must give the same file.
	random := rand.New(rand.NewSource(1))
	code := func() []int8 {
		v := make([]int8, width)
		for i := range v {
			v[i] = int8(random.Intn(2)*2 - 1)
		}
		return v
	}
	first := code()
	for range firstPiece {
		embedding = append(embedding, first...)
		output = append(output, make([]int8, width)...)
	}
	before := first
	for i := range pieces {
		output = append(output, before...)
		before = code()
		if after == start && i == pieces-1 {
			before = first
		}
		embedding = append(embedding, before...)
	}
	if after == end {
		copy(output[endToken*width:], before)
	}
	return embedding, output
}

func ones(n int) []int8 {
	v := make([]int8, n)
	for i := range v {
		v[i] = 1
	}
	return v
}
