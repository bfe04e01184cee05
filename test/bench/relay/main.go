// Relay is the simplest program that turns an answer into LSP frames: it posts one
// request to the address it is given and copies every chunk of the answer, as it
// came, into a $/progress notification. It is the baseline for the cost of llmls.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func main() {
	if err := relay(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
	_, _ = io.Copy(io.Discard, os.Stdin) // stay until the benchmark has read what it cost
}

func relay(url string) error {
	resp, err := http.Post(url+"/chat/completions", "application/json", strings.NewReader(`{"stream":true}`)) //nolint:forbidigo // no key is sent
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	chunk := make([]byte, 32<<10)
	var frame, body []byte
	for {
		n, err := resp.Body.Read(chunk)
		if n > 0 {
			body = append(body[:0], `{"jsonrpc":"2.0","method":"$/progress","params":{"token":"t","value":`...)
			body = appendString(body, chunk[:n])
			body = append(body, "}}"...)
			frame = append(frame[:0], "Content-Length: "...)
			frame = strconv.AppendInt(frame, int64(len(body)), 10)
			frame = append(frame, "\r\n\r\n"...)
			frame = append(frame, body...)
			if _, err := os.Stdout.Write(frame); err != nil {
				return err
			}
		}
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// appendString appends text as a JSON string.
func appendString(dst, text []byte) []byte {
	dst = append(dst, '"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c < ' ':
			raw, _ := json.Marshal(string(rune(c)))
			dst = append(dst, raw[1:len(raw)-1]...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
