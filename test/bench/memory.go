//go:build linux

package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// streams is how many answers may stream at once.
const streams = 64

// code is n bytes that look like a source file.
func code(n int) string {
	const line = "\tif err := s.apply(ctx, change); err != nil {\n"
	return strings.Repeat(line, n/len(line)+1)[:n]
}

const document = "file:///bench/main.go"

func (p *process) open(uri string, size int) error {
	return p.notify("textDocument/didOpen",
		fmt.Sprintf(`{"textDocument":{"uri":%q,"languageId":"go","version":1,"text":%q}}`, uri, code(size)))
}

// explain asks for an explanation of 40 lines of the document.
func (p *process) explain() (response string, err error) {
	return p.request("workspace/executeCommand", fmt.Sprintf(`{"command":"llmls.explain","arguments":[{"uri":%q,`+
		`"range":{"start":{"line":100,"character":0},"end":{"line":140,"character":0}},"partialResultToken":"t"}]}`, document))
}

func (b *bench) memory() error {
	idle, err := b.idle()
	if err != nil {
		return err
	}
	b.row("resident, idle", "< 20 MB", megabytes(idle), "", "")
	if err := b.streaming(); err != nil {
		return err
	}
	return b.growth()
}

func megabytes(n int) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// idle is the resident memory one second after the handshake.
func (b *bench) idle() (int, error) {
	p, err := b.openServer("http://127.0.0.1:1/v1")
	if err != nil {
		return 0, err
	}
	defer p.end()
	<-time.After(time.Second)
	now, _ := p.resident()
	return now, nil
}

// streaming measures memory and code actions while 64 answers stream, each with
// 50 deltas a second.
func (b *bench) streaming() error {
	const pace = 20 * time.Millisecond
	u, err := listen(func(a *answer) error {
		for tick := time.NewTicker(pace); ; <-tick.C {
			if err := a.delta("a few words "); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	defer u.close()
	p, err := b.openServer(u.url())
	if err != nil {
		return err
	}
	defer p.end()
	if err := p.open(document, 100<<10); err != nil {
		return err
	}
	quiet, err := p.codeActions(document, 300)
	if err != nil {
		return err
	}
	for range streams {
		if _, err := p.explain(); err != nil {
			return err
		}
	}
	if err := p.readFor(2 * time.Second); err != nil {
		return err
	}
	busy, err := p.codeActions(document, 2000)
	if err != nil {
		return err
	}
	_, highest := p.resident()
	b.row("resident, 64 answers streaming, highest", "< 60 MB", megabytes(highest), "", "")
	b.versus("code actions while 64 stream, p50", "< 5 ms", percentile(busy, 50), "none streams", percentile(quiet, 50))
	b.versus("code actions while 64 stream, p99", "< 5 ms", percentile(busy, 99), "none streams", percentile(quiet, 99))
	return nil
}

// readFor reads frames for some time.
func (p *process) readFor(d time.Duration) error {
	for end := time.Now().Add(d); time.Now().Before(end); {
		if _, err := p.read(); err != nil {
			return err
		}
	}
	return nil
}

// codeActions asks for code actions n times, two milliseconds apart, and
// returns how long each took.
func (p *process) codeActions(uri string, n int) ([]time.Duration, error) {
	const pause = 2 * time.Millisecond
	list := make([]time.Duration, n)
	for i := range list {
		<-time.After(pause)
		began := time.Now()
		if err := p.codeAction(uri, i%1000); err != nil {
			return nil, err
		}
		list[i] = time.Since(began)
	}
	return list, nil
}

func (p *process) codeAction(uri string, line int) error {
	return p.call("textDocument/codeAction", fmt.Sprintf(`{"textDocument":{"uri":%q},"range":{"start":{"line":%d,"character":0},`+
		`"end":{"line":%d,"character":0}},"context":{"diagnostics":[]}}`, uri, line, line+10))
}

// growth measures what is left behind by 500 and by 2,000 answers.
func (b *bench) growth() error {
	const deltas = 100
	u, err := listen(func(a *answer) error {
		for range deltas {
			if err := a.delta("a few words "); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	defer u.close()
	few, err := b.after(u, 500)
	if err != nil {
		return err
	}
	many, err := b.after(u, 2000)
	if err != nil {
		return err
	}
	b.row("resident, after 2,000 answers", "no growth", megabytes(many.resident), megabytes(few.resident)+" (500)",
		fmt.Sprintf("%.2f", float64(many.resident)/float64(few.resident)))
	b.row("open files, after 2,000 answers", "no growth", fmt.Sprint(many.files), fmt.Sprint(few.files)+" (500)", "")
	b.row("goroutines, after 2,000 answers", "no growth", fmt.Sprint(many.goroutines), fmt.Sprint(few.goroutines)+" (500)", "")
	return nil
}

// left is what a server holds when it has nothing to do.
type left struct{ resident, files, goroutines int }

// after runs n answers, 16 at once, and returns what is left a second later.
func (b *bench) after(u *upstream, n int) (*left, error) {
	const atOnce = 16
	p, err := b.openServer(u.url())
	if err != nil {
		return nil, err
	}
	defer p.end()
	if err := p.open(document, 100<<10); err != nil {
		return nil, err
	}
	for started, ended := 0, 0; ended < n; {
		if started < n && started-ended < atOnce {
			if _, err := p.explain(); err != nil {
				return nil, err
			}
			started++
			continue
		}
		body, err := p.read()
		if err != nil {
			return nil, err
		}
		if bytes.HasPrefix(body, []byte(`{"jsonrpc":"2.0","id":`)) {
			ended++
		}
	}
	<-time.After(time.Second)
	l := &left{files: p.files()}
	l.resident, _ = p.resident()
	l.goroutines = p.goroutines()
	return l, nil
}
