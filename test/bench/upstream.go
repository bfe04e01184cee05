//go:build linux

package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// An upstream is an endpoint on the loopback interface that writes each delta
// as one HTTP chunk with one system call, as servers do that flush each token.
type upstream struct {
	listener net.Listener
	play     func(*answer) error
}

// An answer is one response of an upstream.
type answer struct {
	conn net.Conn
	buf  []byte
}

func listen(play func(*answer) error) (*upstream, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	u := &upstream{listener: listener, play: play}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return // closed
			}
			go u.serve(conn)
		}
	}()
	return u, nil
}

func (u *upstream) url() string { return "http://" + u.listener.Addr().String() + "/v1" }
func (u *upstream) close()      { _ = u.listener.Close() }

func (u *upstream) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(in)
		if err != nil {
			return // the client is done
		}
		if _, err := in.Discard(int(request.ContentLength)); err != nil {
			return
		}
		if _, err := conn.Write([]byte("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")); err != nil {
			return
		}
		a := &answer{conn: conn}
		if u.play(a) != nil || a.finish() != nil {
			return
		}
	}
}

// The members around a delta, in the order and with the size in which
// llama-server writes them: about 250 bytes.
const (
	before = `data: {"choices":[{"finish_reason":null,"index":0,"delta":{"content":"`
	after  = `"}}],"created":1763840000,"id":"chatcmpl-9fLq2VwXkT7RzJmB4cNhYd8sGpAe0uKo","model":"qwen2.5-coder-7b-instruct-q4_k_m","system_fingerprint":"b6700-0d92267c","object":"chat.completion.chunk"}` + "\n\n"
	finish = `data: {"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1763840000,"id":"chatcmpl-9fLq2VwXkT7RzJmB4cNhYd8sGpAe0uKo","object":"chat.completion.chunk"}` + "\n\ndata: [DONE]\n\n"
)

// delta writes one delta; its text needs no escapes.
func (a *answer) delta(text string) error {
	a.buf = strconv.AppendInt(a.buf[:0], int64(len(before)+len(text)+len(after)), 16)
	a.buf = append(a.buf, "\r\n"+before...)
	a.buf = append(a.buf, text...)
	a.buf = append(a.buf, after+"\r\n"...)
	_, err := a.conn.Write(a.buf)
	return err
}

func (a *answer) finish() error {
	_, err := fmt.Fprintf(a.conn, "%x\r\n%s\r\n0\r\n\r\n", len(finish), finish)
	return err
}
