package upstream

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// isFailureKind reports whether events of that type report that the answer failed. One
// of a tool that failed does not.
func isFailureKind(kind []byte) bool {
	if len(kind) == 0 {
		return false
	}
	for _, word := range []string{"error", "err", "failure", "failed", "fail", "exception", "fatal", "abort", "aborted", "panic"} {
		if len(kind) == len(word) && strings.EqualFold(string(kind), word) {
			return true
		}
	}
	const first, last = "error", "exception" // beside another word
	n := len(kind)
	if n <= len(first) || !strings.EqualFold(string(kind[n-len(first):]), first) && !strings.EqualFold(string(kind[:len(first)]), first) &&
		(n <= len(last) || !strings.EqualFold(string(kind[n-len(last):]), last)) {
		return false
	}
	return !IsOfTool(kind)
}

// IsOfTool reports whether events of that type are about a tool of the provider's. It may
// fail, and the model answers all the same.
func IsOfTool(kind []byte) bool {
	return wording(bytes.ToLower(kind)).any("tool", "mcp", "search", "_call", "code_interpreter", "warning")
}

// announces reports whether an object of any format reports an error: certain if it has
// a member for one, also inside the piece of the answer that it holds, possible if
// it only has a message where an answer would be.
func announces(object []byte) (certain, possible bool) {
	var choices, kind, status, usage []byte
	failed := false
	for name, v := range jsonwalk.Members(object) {
		switch member := folded(name); member {
		case "error", "errors", "err", "errormessage", "exception", "fault":
			certain = certain || !jsonwalk.IsEmpty(v)
		case "header", "response":
			certain = certain || reportsError(member, v)
		case "code", "statuscode", "errorcode":
			failed = failed || isErrorStatus(v)
		case "type", "event":
			if IsOfTool(v) {
				return false, false
			}
			certain = certain || isFailureKind([]byte(jsonwalk.String(v)))
		case "object":
			kind = v
			certain = certain || isFailureKind([]byte(jsonwalk.String(v)))
		case "status":
			status = v
			failed = failed || isErrorStatus(v)
		case "baseresp": // MiniMax
			certain = certain || IsFailedStatus(v)
		case "success":
			certain = certain || string(v) == "false"
		case "choices":
			choices = v
		case "usage":
			usage = v
		case "delta", "message", "contentblock", "part":
			certain = certain || holdsError(v)
		}
	}
	if string(kind) != `"response"` { // which is Responses' own, with a status of its own
		certain = certain || isFailureKind([]byte(jsonwalk.String(status)))
	}
	if choices == nil || !jsonwalk.IsEmpty(choices) || !jsonwalk.IsEmpty(usage) || !IsBareFailure(object) {
		return certain, false
	}
	return certain || failed, true
}

// folded returns the name of a member in lower case without underscores: vendors write
// error_message, errorMessage and ErrorMessage.
func folded(name []byte) string {
	return strings.ReplaceAll(strings.ToLower(string(name)), "_", "")
}

// reportsError reports whether the member header or response of an event reports an
// error: Spark has {"header": {"code": 10013, …}}, Tencent {"Response": {"Error": {…}}}.
func reportsError(member string, value []byte) bool {
	if member == "response" {
		return holdsError(value)
	}
	for name, v := range jsonwalk.Members(value) {
		if n, ok := jsonwalk.Int(v); ok && string(name) == "code" {
			return n != 0 && n != http.StatusOK
		}
	}
	return false
}

func isErrorStatus(value []byte) bool {
	n, _ := jsonwalk.Int(value)
	return n >= http.StatusBadRequest && n <= 599
}

// holdsError reports whether a piece of an answer is an error, or has one.
func holdsError(object []byte) bool {
	for name, v := range jsonwalk.Members(object) {
		switch folded(name) {
		case "error", "errors":
			if !jsonwalk.IsEmpty(v) {
				return true
			}
		case "type":
			if string(v) == `"error"` {
				return true
			}
		}
	}
	return false
}

// soundsLikeFailure reports whether a line of plain text is what programs write when
// they fail.
func soundsLikeFailure(line []byte) bool {
	text := strings.ToLower(strings.TrimLeft(string(line[:min(len(line), maxDetail)]), "[(* "))
	for _, start := range []string{
		"error", "internal server error", "internal error", "server error", "fatal", "exception", "unhandled", "uncaught", "traceback (", "panic:",
		"bad gateway", "bad request", "service unavailable", "gateway time", "upstream connect", "upstream error", "too many requests", "unauthorized", "forbidden",
		"failed", "failure", "request failed", "<html", "<!doctype", "http/1.", "http/2 ", "错误",
	} {
		if rest, ok := strings.CutPrefix(text, start); ok && (rest == "" || rest[0] < 'a' || rest[0] > 'z' || start[len(start)-1] == ' ') {
			return true
		}
	}
	name, _, ok := strings.Cut(text, ":")
	return ok && !strings.ContainsAny(name, " \t") && (strings.HasSuffix(name, "error") || strings.HasSuffix(name, "exception"))
}

// takeStray keeps a line that is no part of an event stream: an error message of a
// program that does not know the format, or something without meaning.
func (s *stream) takeStray(line []byte) {
	if soundsLikeFailure(line) && !s.fails {
		s.fails, s.stray = true, s.stray[:0]
		s.watch.grace = finishGrace // the next event lifts it
	}
	if len(s.stray)+len(line) < maxPage {
		s.stray = append(append(s.stray, line...), '\n')
	}
}

// told returns the error that was reported beside the events of the answer, or nil.
func (s *stream) told() error {
	if s.fails {
		return FailureIn(bytes.TrimSpace(s.stray))
	}
	return s.doubt
}

func isFailure(err error) bool {
	_, ok := errors.AsType[*failure](err)
	return ok
}
