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

	"github.com/spf13/cobra"

	"github.com/llmls/llmls/internal/completion/chat"
	"github.com/llmls/llmls/internal/completion/related"
	"github.com/llmls/llmls/internal/completion/safety"
	"github.com/llmls/llmls/internal/ignore"
	"github.com/llmls/llmls/internal/lsp/document"
	"github.com/llmls/llmls/internal/workspace"
)

// maxCode is the largest input that is read, in bytes. No model has room for more.
const maxCode = 16 << 20

// readCode reads FILE[:LINE[-LINE]], where FILE may be - for standard input; the
// numbers of a notebook are those of cells.
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
	if n, ok := related.ReadNotebook(path, text); ok {
		return readCells(path, n, first, last)
	}
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if first == 0 {
		first, last = 1, len(lines)
	}
	if first > len(lines) {
		return nil, fmt.Errorf("choose a line that is there: %s has %d lines", path, len(lines))
	}
	last = min(last, len(lines))
	code := &chat.Code{
		Path: filepath.ToSlash(path), Language: document.LanguageID(filepath.ToSlash(path), text), FirstLine: first, LastLine: last, Lines: len(lines),
		Before: strings.Join(lines[:first-1], ""), Text: strings.Join(lines[first-1:last], ""), After: strings.Join(lines[last:], ""),
	}
	if path == "-" {
		code.Path = ""
	}
	return code, nil
}

// readCells is readCode for a notebook, whose numbers count cells. Nothing of what
// cells have put out is sent.
func readCells(path string, n *related.Notebook, first, last int) (*chat.Code, error) {
	if first == 0 {
		first, last = 1, len(n.Cells)
	}
	if first > len(n.Cells) {
		return nil, fmt.Errorf("choose a cell that is there: %s has %d cells", path, len(n.Cells))
	}
	last = min(last, len(n.Cells))
	code := &chat.Code{Path: filepath.ToSlash(path), Language: n.Language, Cell: first, FirstLine: 1, Text: n.Text(first, last)}
	if last > first {
		code.LastCell = last
	}
	code.LastLine = 1 + strings.Count(strings.TrimSuffix(n.Cells[last-1].Text, "\n"), "\n")
	return code, nil
}

// completeCode completes FILE[:LINE[-LINE]]: file names, and behind a colon the lines
// of the functions and types in that file, each with its name.
func completeCode(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	colon := strings.LastIndexByte(word, ':')
	if colon < 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	path, lines := word[:colon], word[colon+1:]
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() { // a pipe would wait
		return nil, cobra.ShellCompDirectiveDefault
	}
	text, err := readText(path)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var found []string
	for name, def := range related.NewFile(filepath.ToSlash(path), "", text).Outline() {
		if place := fmt.Sprintf("%d-%d", def.First, def.Last); strings.HasPrefix(place, lines) {
			found = append(found, cobra.CompletionWithDesc(path+":"+place, safety.Visible(name)))
		}
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// maySend fails if code comes from a file that must not be sent. It returns
// sentences about ineffective lines of the ignore files that applied.
func maySend(code *chat.Code, allow []string) (notes []string, err error) {
	if code == nil || code.Path == "" {
		return nil, nil
	}
	path, err := filepath.Abs(filepath.FromSlash(code.Path))
	if err != nil {
		return nil, fmt.Errorf("finding the code: %w", err)
	}
	checker := ignore.NewChecker(allow)
	err = checker.Check(ignore.File{Path: path, Name: code.Path})
	return checker.Notes(), err
}

func readText(path string) (string, error) {
	in := os.Stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return "", fmt.Errorf("reading the code: %w", err)
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.IsDir() { // not every system says so
			return "", fmt.Errorf("choose a file: %s is a directory", path)
		}
		in = file
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxCode+1))
	text := strings.TrimPrefix(string(raw), "\uFEFF")
	switch {
	case err != nil:
		return "", fmt.Errorf("reading the code: %w", err)
	case len(raw) > maxCode:
		return "", fmt.Errorf("choose a part of it, or another file: %s is larger than %d MiB", path, maxCode>>20)
	case text == "":
		return "", fmt.Errorf("choose another file: %s is empty", path)
	case !utf8.ValidString(text):
		return "", errors.New("choose another file, or convert it: " + path + " is not UTF-8 text")
	}
	if !strings.Contains(text, "\n") { // the line ends of old Macs
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, nil
}

// shownPath returns the path of a file as it is sent: that in its repository, or
// below the working directory, else its name alone. The path of the user's home
// directory is private.
func shownPath(path string) string {
	file, err := filepath.Abs(filepath.FromSlash(path))
	if err != nil {
		return filepath.Base(path)
	}
	here, _ := os.Getwd() // "" if it is unknown; then no file is below it
	_, rel := workspace.RootOf(file, here)
	return rel
}
