package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/lsp/ignore"
)

// maxCode is the largest input read. More fits no model.
const maxCode = 16 << 20

// readCode reads FILE[:LINE[-LINE]], where FILE may be - for standard input.
// A file whose very name ends in such a number is found first.
func readCode(arg string) (*chat.Code, error) {
	path, first, last := arg, 0, 0
	if _, err := os.Lstat(arg); err != nil {
		if m := regexp.MustCompile(`^(.+):(\d+)(?:-(\d+))?$`).FindStringSubmatch(arg); m != nil {
			path = m[1]
			first, _ = strconv.Atoi(m[2])
			if last = first; m[3] != "" {
				last, _ = strconv.Atoi(m[3])
			}
			if first < 1 || last < first {
				return nil, usageError{fmt.Errorf("%s: lines count from 1, the first before the last", arg)}
			}
		}
	}
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if first == 0 {
		first, last = 1, len(lines)
	}
	if first > len(lines) {
		return nil, fmt.Errorf("%s has %d lines", path, len(lines))
	}
	last = min(last, len(lines))
	code := &chat.Code{
		Path: filepath.ToSlash(path), Language: document.LanguageID(path), FirstLine: first, LastLine: last,
		Before: strings.Join(lines[:first-1], ""), Text: strings.Join(lines[first-1:last], ""), After: strings.Join(lines[last:], ""),
	}
	if path == "-" {
		code.Path = ""
	}
	return code, nil
}

// mayLeave fails if code comes from a file that is not to be sent.
func mayLeave(code *chat.Code, allow []string) error {
	if code == nil || code.Path == "" {
		return nil
	}
	path, err := filepath.Abs(filepath.FromSlash(code.Path))
	if err != nil {
		return fmt.Errorf("finding the code: %w", err)
	}
	return ignore.Check(ignore.File{Path: path, Name: code.Path}, allow)
}

func readText(path string) (string, error) {
	in := os.Stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("reading the code: %w", err)
		}
		defer file.Close()
		in = file
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxCode+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("reading the code: %w", err)
	case len(raw) > maxCode:
		return "", fmt.Errorf("%s is larger than %d MiB", path, maxCode>>20)
	case len(raw) == 0:
		return "", fmt.Errorf("%s is empty", path)
	case !utf8.Valid(raw):
		return "", errors.New(path + " is not UTF-8 text")
	}
	return string(raw), nil
}
