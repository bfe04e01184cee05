package setup

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// neovim uses a file of its own: files in the directory plugin run at the start.
func neovim(d Dirs, _ []string) ([]Part, error) {
	return []Part{{Path: filepath.Join(neovimPlugins(d), "llmls.lua"), Text: text("neovim.lua"), merge: own}}, nil
}

// vim uses a file of its own, as Neovim does.
func vim(d Dirs, _ []string) ([]Part, error) {
	return []Part{{Path: filepath.Join(vimPlugins(d), "llmls.vim"), Text: text("vim.vim"), merge: own}}, nil
}

// coc uses a file of its own in each of Vim and Neovim that the person has set up, in
// Vim if that is neither.
func coc(d Dirs, _ []string) ([]Part, error) {
	var parts []Part
	inVim := exists(filepath.Dir(vimPlugins(d))) || exists(filepath.Join(d.Home, ".vimrc"))
	inNeovim := exists(filepath.Dir(neovimPlugins(d)))
	if inVim || !inNeovim {
		parts = append(parts, Part{Path: filepath.Join(vimPlugins(d), "llmls.vim"), Text: text("coc.vim"), merge: own})
	}
	if inNeovim {
		parts = append(parts, Part{
			Path: filepath.Join(neovimPlugins(d), "llmls.vim"), Text: text("coc.vim"),
			merge: func(old, text string) (string, error) {
				if other := filepath.Join(neovimPlugins(d), "llmls.lua"); exists(other) {
					return "", fmt.Errorf("remove %s first: with both, llmls would run twice", other)
				}
				return own(old, text)
			},
		})
	}
	return parts, nil
}

func neovimPlugins(d Dirs) string { return filepath.Join(or(d.Local, d.Config), "nvim", "plugin") }

func vimPlugins(d Dirs) string {
	dir := ".vim"
	if runtime.GOOS == "windows" {
		dir = "vimfiles"
	}
	return filepath.Join(d.Home, dir, "plugin")
}

// own is the merge function for a file that holds nothing but the part.
func own(old, text string) (string, error) {
	if old != "" && old != text {
		return "", errors.New("it holds something else: compare it with what is printed without --write, and remove it if you want that")
	}
	return text, nil
}

func emacs(d Dirs, _ []string) ([]Part, error) {
	return []Part{{Path: emacsInit(d), Text: text("emacs.el"), merge: block("emacs")}}, nil
}

// lspMode uses Emacs' init file too.
func lspMode(d Dirs, _ []string) ([]Part, error) {
	return []Part{{Path: emacsInit(d), Text: text("lsp-mode.el"), merge: block("lsp-mode")}}, nil
}

// emacsInit returns the init file where Emacs looks for it (its manual, "The Emacs
// Initialization File").
func emacsInit(d Dirs) string {
	home := or(d.Roaming, d.Home)
	candidates := []string{
		filepath.Join(home, ".emacs.el"),
		filepath.Join(home, ".emacs"),
		filepath.Join(home, ".emacs.d", "init.el"),
		filepath.Join(d.Config, "emacs", "init.el"),
	}
	path := candidates[2]
	if !exists(filepath.Dir(path)) && exists(filepath.Dir(candidates[3])) {
		path = candidates[3]
	}
	for _, c := range candidates {
		if exists(c) {
			path = c
			break
		}
	}
	return path
}

// block returns the merge function for a file that holds more: it puts the part
// between two comments that name the editor, by which it is found again.
func block(editor string) func(old, text string) (string, error) {
	begin, end := ";; llmls setup "+editor+": begin\n", ";; llmls setup "+editor+": end\n"
	return func(old, text string) (string, error) {
		text = begin + text + end
		before, rest, found := strings.Cut(old, begin)
		if found {
			_, after, ended := strings.Cut(rest, end)
			if !ended {
				return "", fmt.Errorf("remove the line %q first: there is no %q behind it", strings.TrimSpace(begin), strings.TrimSpace(end))
			}
			return before + text + after, nil
		}
		if strings.Contains(old, "(defun llmls") {
			return "", errors.New("remove the functions of llmls that it defines first, or the block of another setup")
		}
		return paragraph(old) + text, nil
	}
}

// paragraph returns old with a blank line at its end, if it is not empty.
func paragraph(old string) string {
	if strings.TrimSpace(old) == "" {
		return ""
	}
	return strings.TrimRight(old, "\n") + "\n\n"
}

// vscode has no file: the extension is packed and installed by hand.
func vscode(Dirs, []string) ([]Part, error) {
	return []Part{{Text: vscodeText(runtime.GOOS, runtime.GOARCH), merge: func(string, string) (string, error) {
		return "", errors.New("VS Code needs the extension: run what is printed without --write in a clone of the repository")
	}}}, nil
}

// vscodeText returns the commands for a shell of that system, PowerShell on Windows.
// The package has VS Code's name of the platform.
func vscodeText(system, machine string) string {
	name := "vscode.sh"
	if system == "windows" {
		name, system = "vscode.ps1", "win32"
	}
	if machine == "amd64" {
		machine = "x64"
	}
	return strings.ReplaceAll(text(name), "PLATFORM", system+"-"+machine)
}
