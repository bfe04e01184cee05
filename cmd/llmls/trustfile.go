package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/llmls/llmls/internal/prompts"
)

// isFile reports whether what is to be trusted is a file of a repository, not an
// origin.
func isFile(arg string) bool {
	info, err := os.Lstat(arg)
	return err == nil && !info.IsDir() && strings.HasSuffix(arg, ".md")
}

// trustFile stores the consent to a prompt or to instructions of a repository, and
// prints the whole file, with invisible characters spelt out.
func (p *program) trustFile(out io.Writer, arg string) error {
	found, err := repositoryFile(arg)
	if err != nil {
		return err
	}
	if err := p.access.AgreeFile(found.Path, found.Digest); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n\n%s may be used as long as it says exactly this. To take that back, run: llmls trust --revoke %s\n", found.Text, arg, arg)
	return err
}

// repositoryFile reads a prompt or the instructions of a repository.
func repositoryFile(arg string) (*prompts.Prompt, error) {
	path, err := onePath(arg)
	if err != nil {
		return nil, err
	}
	root := prompts.RepositoryOf(path)
	var library prompts.Library
	list, problems := library.Repository(root)
	if found, err := library.Instructions(root); err == nil && found != nil {
		list = append(list, *found)
	}
	for i := range list {
		if list[i].Path == path {
			return &list[i], nil
		}
	}
	for i := range problems {
		if problems[i].Path == path {
			return nil, errors.New(problems[i].Sentence())
		}
	}
	return nil, fmt.Errorf("%s is nothing to agree to: prompts of a repository are in .llmls/prompts and .github/prompts, instructions in AGENTS.md, at its top", arg)
}

// onePath returns the path of a file under which consent to it is kept: no link
// leads to its directory.
func onePath(arg string) (string, error) {
	path, err := filepath.Abs(arg)
	if err != nil {
		return "", fmt.Errorf("finding the file: %w", err)
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil { // it may be gone
		path = filepath.Join(dir, filepath.Base(path))
	}
	return path, nil
}

func (p *program) revokeFile(out io.Writer, arg string) error {
	path, err := onePath(arg)
	if err != nil {
		return err
	}
	switch err := p.access.RevokeFile(path); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("nothing was agreed about %s; see llmls trust --list", arg)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(out, "%s is no longer used\n", arg)
	return err
}
