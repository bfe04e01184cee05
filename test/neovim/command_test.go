package neovim_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/llmls/llmls/internal/completion/completiontest"
	"github.com/llmls/llmls/test/process"
)

// Nothing of the plugin is loaded before it is used.
func TestPluginLoadsNothing(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		if loaded := lua[[]string](e, `
			local names = vim.tbl_filter(function(name) return vim.startswith(name, 'llmls') end, vim.tbl_keys(package.loaded))
			if #vim.lsp.get_clients() > 0 then table.insert(names, 'a client') end
			return names`); len(loaded) > 0 {
			t.Errorf("loaded: %q", loaded)
		}
	})
}

func TestCompletion(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		for line, want := range map[string][]string{
			"Llmls ":                 {"answers", "ask", "check", "close", "diagnostic", "endpoint", "explain", "forget", "inspect", "log", "model", "more", "prompt", "reply", "retry", "settings", "stop"},
			"Llmls s":                {"settings", "stop"},
			"'<,'>Llmls! as":         {"ask"},
			"vertical Llmls re":      {"reply", "retry"},
			"Llmls explain +":        {"++float", "++inline", "++split"},
			"Llmls explain ++s":      {"++split"},
			"Llmls explain other":    nil,
			"Llmls ++split s":        {"settings", "stop"},
			"Llmls ++split +":        {"++float", "++inline", "++split"},
			"Llm forget w":           {"workspace"},
			"Llmls forget ++split w": {"workspace"},
		} {
			if got := lua[[]string](e, "return vim.fn.getcompletion(..., 'cmdline')", line); !slices.Equal(got, want) {
				t.Errorf("%q is completed to %q", line, got)
			}
		}
	})
}

func TestUnknownSubcommand(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.command("Llmls explian")
		e.shows("no :Llmls explian")
		e.command("Llmls explain why")
		e.shows("explain takes no argument")
		e.command("Llmls stop now")
		e.shows("stop takes no argument")
		for _, line := range []string{"Llmls ++splat", "Llmls explain ++splat", "Llmls ++split ++splat"} {
			e.command("echo ''")
			e.hides("splat")
			e.command(line)
			e.shows("there is no ++splat. There is: ++float, ++inline, ++split.")
		}
		e.command("Llmls more")
		e.shows("nothing was asked yet")
	})
}

// vim.lsp.enable alone is enough where Neovim has it, and means the same server.
func TestEnable(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "if vim.lsp.enable then vim.lsp.enable('llmls') end")
		if strings.Contains(path, "sid") {
			process.Eventually(t, process.Patience, "the server is attached", func() bool {
				return lua[int](e, "return #vim.lsp.get_clients({ bufnr = 0 })") == 1
			})
		}
		e.command("1,5Llmls explain")
		e.shows("Hello")
		e.idle()
		e.edit("other.py", "import os\n")
		e.command("1Llmls explain")
		e.idle()
		if n := lua[int](e, "return #vim.lsp.get_clients()"); n != 1 {
			t.Errorf("%d clients", n)
		}
	})
}

// A buffer without a name, and one of a plugin, can be asked about as well.
func TestBuffersWithoutFile(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		for _, buffer := range []string{"enew", "enew | setlocal buftype=nofile"} {
			e.command(buffer)
			e.command("call setline(1, 'some text')")
			e.command("Llmls explain")
			if got := e.selected(); got != "some text" {
				t.Errorf("%s: asked about %q", buffer, got)
			}
			e.idle()
		}
		e.silent()
	})
}

// The server's code actions, from Neovim's own menu, are shown as by :Llmls, so
// that there is nothing to hover over.
func TestCodeActions(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", "# 😀 é\n"+code, `
			vim.ui.input = function(options, done) asked = options.prompt done('why?') end
			vim.ui.select = function(list, options, choose)
				for _, item in ipairs(list) do
					if options.format_item(item):find(wanted, 1, true) then
						return choose(item)
					end
				end
			end`)
		e.command("2Llmls explain")
		e.prompt()
		e.idle()
		e.command("Llmls close")
		choose := func(title, range_ string) string {
			e.lua("wanted = ...", title)
			e.lua("vim.lsp.buf.code_action({ range = " + range_ + " })")
			return e.prompt()
		}
		if prompt := choose("Explain selection", "{ start = { 1, 2 }, ['end'] = { 3, 4 } }"); !strings.Contains(prompt, "\n😀 é\ndef total(xs):\n    n") {
			t.Errorf("the prompt is %q", prompt)
		}
		e.shows("╭ Explain total.py:1-3", "Hello")
		e.idle()
		if prompt := choose("Ask about selection", "{ start = { 2, 0 }, ['end'] = { 6, 0 } }"); !strings.Contains(prompt, "why?") {
			t.Errorf("the prompt is %q", prompt)
		}
		e.shows("╭ Ask about total.py:2-", "> why?", "Hello")
		if asked := lua[string](e, "return asked"); !strings.HasPrefix(asked, "Ask about total.py:2-") {
			t.Errorf("asked %q", asked)
		}
		if n := lua[int](e, "return #vim.lsp.get_clients({ method = 'textDocument/hover' })"); n > 0 {
			t.Error("there are hovers")
		}
	})
}

func TestModel(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "vim.ui.select = function(list, _, choose) offered = list choose(list[2]) end")
		e.upstream.Script(completiontest.Send(`{"object":"list","data":[{"id":"big"},{"id":"small"}]}`))
		e.command("Llmls model")
		e.shows("the next answer comes from small")
		if offered := lua[[]string](e, "return offered"); !slices.Equal(offered, []string{"big", "small"}) {
			t.Errorf("offered: %q", offered)
		}
		e.upstream.Next()
		e.upstream.Script(completiontest.Answer("Hello"))
		e.command("1Llmls explain")
		if body := string(e.upstream.Next().Body); !strings.Contains(body, `"model":"small"`) {
			t.Errorf("asked with %s", body)
		}
		e.idle()
		e.command("Llmls model big")
		e.command("2Llmls explain")
		if body := string(e.upstream.Next().Body); !strings.Contains(body, `"model":"big"`) {
			t.Errorf("then asked with %s", body)
		}
	})
}

func TestEndpoint(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		other := completiontest.NewUpstream(t)
		e := open(t, path, "total.py", code, "vim.ui.select = function(list, o, choose) offered = vim.tbl_map(o.format_item, list) choose(list[#list]) end")
		e.home.Configure(t, "[endpoints.other]\nbaseUrl = '"+other.URL+"'\nmodel = 'theirs'\n")
		e.command("Llmls model mine")
		e.command("Llmls endpoint")
		e.shows("the next answer comes from the endpoint other")
		if offered := lua[[]string](e, "return offered"); len(offered) != 2 || !strings.HasPrefix(offered[0], "default: mine at 127.0.0.1:") || !strings.HasSuffix(offered[0], " (now)") || !strings.HasPrefix(offered[1], "other: theirs at ") {
			t.Errorf("offered: %q", offered)
		}
		e.command("1Llmls explain")
		if body := string(other.Next().Body); !strings.Contains(body, `"model":"theirs"`) {
			t.Errorf("asked with %s", body)
		}
		e.idle()
		if n := len(e.upstream.Requests()); n != 0 {
			t.Errorf("the first endpoint got %d requests", n)
		}
		if names := lua[[]string](e, "return vim.fn.getcompletion('Llmls endpoint o', 'cmdline')"); !slices.Equal(names, []string{"other"}) {
			t.Errorf("completion offers %q", names)
		}
		e.command("Llmls endpoint default")
		e.command("2Llmls explain")
		e.upstream.Next()
	})
}

// Who answered instead of the endpoint that was asked, and why, stands below the
// answer, wherever it is shown.
func TestFallback(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		other := completiontest.NewUpstream(t)
		e := open(t, path, "total.py", code, "")
		e.home.Configure(t, "retries = 0\nfallback = ['other']\n[endpoints.other]\nbaseUrl = '"+other.URL+"'\nmodel = 'theirs'\n")
		e.upstream.Script(completiontest.Error(500, "server_error", "it fell over"))
		for _, surface := range []string{"float", "inline", "split"} {
			e.command("1,5Llmls explain ++" + surface)
			e.idle()
			e.shows("Hello", "other answered instead of default, which failed", "it fell over")
			e.command("Llmls close")
		}
	})
}

func TestInspectAndSettings(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		e.command("2,3Llmls inspect why so slow?")
		e.shows("POST http://", "Key: OPENAI_API_KEY", "# system")
		text := lua[string](e, "return table.concat(vim.fn.getline(1, '$'), '\\n')")
		if !strings.Contains(text, "why so slow?") || !strings.Contains(text, `{"model":"gpt-4o-mini","messages":[`) {
			t.Errorf("the buffer holds %q", text)
		}
		if strings.Contains(text, process.Key) || len(e.upstream.Requests()) > 0 {
			t.Error("it holds the key, or something was sent")
		}
		e.keys("q")
		e.command("Llmls settings")
		e.shows("OPENAI_BASE_URL")
		e.keys("q")
		log := lua[string](e, "return require('llmls.scratch').log_path()")
		process.Eventually(t, process.Patience, "the server logs", func() bool {
			text, err := os.ReadFile(log)
			return err == nil && strings.Contains(string(text), "initialized")
		})
		e.command("Llmls log")
		e.shows("initialized")
	})
}

// The log that is opened is the one that the server writes.
func TestLogFile(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := openAt(t, path, completiontest.NewUpstream(t).URL, "")
		log := filepath.Join(e.home.Dir, "elsewhere.log")
		e.home.Configure(t, fmt.Sprintf("logFile = %q\n", log))
		e.edit("total.py", code)
		e.command("Llmls inspect why so slow?")
		e.shows("POST http://")
		if got := lua[string](e, "return require('llmls.scratch').log_path()"); got != log {
			t.Errorf("the log is at %s, want %s", got, log)
		}
		e.command("Llmls log")
		e.shows("initialized")
		e.silent()
	})
}

// On demand a word is streamed, and what that needs and whether it came is shown.
func TestCheck(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "require('llmls').setup({ settings = { model = 'mine' } })")
		e.command("Llmls check")
		e.shows("$ llmls check", "endpoint", "OPENAI_BASE_URL", "key", "answer", "It works", "This Neovim sends", "model = \"mine\"")
		e.keys("q")
		e.upstream.Script(completiontest.Error(401, "auth", "no"))
		e.command("vertical Llmls check")
		e.shows("refused the key", "No answer streamed.")
		if strings.Contains(e.screen(), process.Key) {
			t.Error("it shows the key")
		}
		e.keys("q")
		// Closing it ends it.
		e.upstream.Next()
		e.upstream.Next()
		e.upstream.Script(completiontest.Stall())
		e.command("Llmls check")
		request := e.upstream.Next()
		e.keys("q")
		request.WaitDone(t)
		e.hides("llmls check")
		e.silent()
	})
}

// Keys are set under the prefix, and never over a map that is there.
func TestKeymaps(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, `
			vim.g.mapleader = ' '
			vim.keymap.set('n', ' la', 'mine')
			require('llmls').setup({ keymaps = true })`)
		if got := lua[string](e, "return vim.fn.maparg(' la', 'n')"); got != "mine" {
			t.Errorf("the person's map is now %q", got)
		}
		e.keys("2GVj le")
		if got := e.selected(); got != "    n = 0\n    for x in xs:" {
			t.Errorf("asked about %q", got)
		}
		e.idle()
		e.keys("gg loj")
		if got := e.selected(); got != "def total(xs):\n    n = 0" {
			t.Errorf("the operator asked about %q", got)
		}
	})
}

func TestSetupTellsWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "require('llmls').setup({ surfaces = 'inline', float = { width = 'wide' } })")
		process.Eventually(t, process.Patience, "each mistake is told", func() bool {
			said := plain(e.screen())
			return strings.Contains(said, "surfaces does not exist") && strings.Contains(said, "float.width must be a number") &&
				strings.Contains(said, ":help llmls-setup")
		})
	})
}

func TestHealth(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "vim.keymap.set('n', '<Leader>le', 'mine')\nrequire('llmls').setup({ keymaps = true })")
		e.command("checkhealth llmls")
		report := lua[string](e, "return table.concat(vim.fn.getline(1, '$'), '\\n')")
		version, err := exec.Command(llmls.Path(), "version").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"Neovim 0.1", strings.TrimSpace(string(version)), "baseUrl", "OPENAI_API_KEY", "llmls.log", "Markdown", "mapped to mine", ":Llmls check"} {
			if !strings.Contains(report, part) {
				t.Errorf("the report does not say %q", part)
			}
		}
		if strings.Contains(report, process.Key) || strings.Contains(report, "ERROR") {
			t.Errorf("the report:\n%s", report)
		}
	})
}

// The help has a tag for each subcommand, <Plug> map, option and group.
func TestHelp(t *testing.T) {
	each(t, func(t *testing.T, path string) {
		e := open(t, path, "total.py", code, "")
		help, err := os.ReadFile(filepath.Join(root, "editors", "neovim", "doc", "llmls.txt"))
		if err != nil {
			t.Fatal(err)
		}
		names := lua[[]string](e, `
			local names = { '*llmls.setup()*', '*llmls.status()*' }
			for _, name in ipairs(require('llmls.command').names()) do table.insert(names, '*:Llmls-' .. name .. '*') end
			for name in pairs(require('llmls.highlight').links) do table.insert(names, '*hl-' .. name .. '*') end
			for _, map in ipairs(vim.api.nvim_get_keymap('n')) do
				if vim.startswith(map.lhs, '<Plug>(llmls') then table.insert(names, '*' .. map.lhs .. '*') end
			end
			for name in pairs(require('llmls.config').get()) do table.insert(names, '*llmls-' .. name .. '*') end
			return names`)
		for _, name := range names {
			if !strings.Contains(string(help), name) {
				t.Errorf("doc/llmls.txt has no %s", name)
			}
		}
	})
}
