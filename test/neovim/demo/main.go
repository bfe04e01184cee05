//go:build linux

// Demo shows the plugin in a real Neovim, in the terminal it is started from,
// for the recordings of docs/editors/neovim.md: a person opens a file, selects
// a function and reads along while an endpoint on this machine writes. The text
// is canned; everything else is as it always is.
//
//	go run ./test/neovim/demo dark|light|earlier
//
// The last one goes on with a conversation of another day.
package main

import (
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/neovim/go-client/nvim"

	"github.com/llmls/llmls/test/neovim"
)

//go:embed answer.md
var answer string

//go:embed followup.md
var followUp string

//go:embed earlier.md
var earlier string

//go:embed ledger.c.txt
var source string

// A scene is what a person does, and what is written for them.
type scene struct {
	background string
	answer     string
	steps      []step
}

type step struct {
	keys string
	wait time.Duration
}

func sceneOf(name string) scene {
	if name != "earlier" {
		return scene{name, answer, []step{
			{"", 1200 * time.Millisecond},
			{"9G", 600 * time.Millisecond},
			{":Llmls", 700 * time.Millisecond},
			{"<CR>", 5500 * time.Millisecond},
		}}
	}
	return scene{"dark", followUp, []step{
		{"", 1200 * time.Millisecond},
		{":Llmls answers", 700 * time.Millisecond},
		{"<CR>", 1500 * time.Millisecond},
		{"1", 500 * time.Millisecond},
		{"<CR>", 2 * time.Second},
		{":Llmls reply is the entry freed?", 900 * time.Millisecond},
		{"<CR>", 5 * time.Second},
	}}
}

func main() {
	name := "dark"
	if len(os.Args) > 1 {
		name = os.Args[1]
	}
	if err := run(sceneOf(name)); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// pace is between two words: a model that writes 40 a second.
const pace = 25 * time.Millisecond

func pause(d time.Duration) { <-time.After(d) }

func (s scene) write(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	pause(600 * time.Millisecond)
	words := strings.SplitAfter(s.answer, " ")
	for _, word := range words {
		fmt.Fprintf(w, "data: {\"model\":\"qwen3-coder\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%s}}]}\n\n", strconv.Quote(word))
		_ = flush.Flush() // a client that has gone ends with the demo
		pause(pace)
	}
	fmt.Fprintf(w, "data: {\"model\":\"qwen3-coder\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"+
		"\"usage\":{\"prompt_tokens\":212,\"completion_tokens\":%d}}\n\ndata: [DONE]\n\n", len(words))
}

func run(s scene) error {
	found, err := neovim.Found(".")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "llmls-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the system sweeps it
	upstream := httptest.NewServer(http.HandlerFunc(s.write))
	defer upstream.Close()
	server, socket, err := serve(found[0], dir, s.background, upstream.URL)
	if err != nil {
		return err
	}
	// The screen is a process of its own: the packaged Neovim cannot start its
	// server itself.
	screen := exec.Command(found[0], "--server", socket, "--remote-ui")
	screen.Stdin, screen.Stdout, screen.Stderr = os.Stdin, os.Stdout, os.Stderr
	screen.Env = append(os.Environ(), "COLORTERM=truecolor")
	if err := screen.Start(); err != nil {
		return err
	}
	played := play(socket, append(s.steps, step{":qa!<CR>", 0}))
	_ = screen.Wait() // it ends with the server
	_ = server.Wait()
	return played
}

// serve starts the Neovim whose screen is shown, with the plugin in it.
func serve(path, dir, background, url string) (*exec.Cmd, string, error) {
	bin, err := filepath.Abs(".cache/demo")
	if err != nil {
		return nil, "", err
	}
	build := exec.Command("go", "build", "-o", bin+"/", "./cmd/llmls")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, "", fmt.Errorf("building llmls: %w: %s", err, out)
	}
	plugin, err := filepath.Abs("editors/neovim")
	if err != nil {
		return nil, "", err
	}
	init := filepath.Join(dir, "init.lua")
	setup := fmt.Sprintf("vim.opt.runtimepath:prepend(%q)\nvim.o.termguicolors = true\nvim.o.background = %q\nvim.o.number = true\nvim.o.ruler = false\n", plugin, background)
	file := filepath.Join(dir, "ledger.c")
	conversations := filepath.Join(dir, ".local", "state", "llmls", "conversations")
	if err := os.MkdirAll(conversations, 0o700); err != nil {
		return nil, "", err
	}
	kept := filepath.Join(conversations, "2026-01-31-ABCDEF-1.md")
	about := strings.Replace(earlier, "file:///ledger.c", "file://"+filepath.ToSlash(file), 1)
	for name, text := range map[string]string{init: setup, file: source, kept: about} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return nil, "", err
		}
	}
	socket := filepath.Join(dir, "nvim.sock")
	server := exec.Command(path, "--headless", "--listen", socket, "-n", "-i", "NONE", "-u", init, "ledger.c")
	server.Dir = dir
	server.Env = []string{"HOME=" + dir, "PATH=" + bin + ":" + os.Getenv("PATH"), "OPENAI_BASE_URL=" + url, "LLMLS_MODEL=qwen3-coder"}
	if err := server.Start(); err != nil {
		return nil, "", err
	}
	for range 200 {
		if _, err := os.Stat(socket); err == nil {
			return server, socket, nil
		}
		pause(50 * time.Millisecond)
	}
	return nil, "", errors.New("neovim does not listen")
}

// play types what a person would.
func play(socket string, steps []step) error {
	v, err := nvim.Dial(socket)
	if err != nil {
		return err
	}
	defer v.Close() //nolint:errcheck // it has quit
	for _, step := range steps {
		if _, err := v.Input(step.keys); err != nil {
			return err
		}
		pause(step.wait)
	}
	return nil
}
