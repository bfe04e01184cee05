package openai

import (
	"bytes"
	"strings"
	"time"
)

// A failure is what a server says went wrong, in whatever form it says it:
// {"error": {…}} or {"error": "…"}, a bare object with message, msg or detail, a
// list of either, or plain text.
type failure struct {
	code    string // "insufficient_quota", "429", …; "" if none
	kind    string // the member type, or a status that is a word
	message string
	status  int           // an HTTP status the server put into the body; 0 if none
	retry   time.Duration // how long to wait, where the body says so
}

func (f *failure) Error() string { return f.message }

// failureOf reads an error from data, which need not be JSON.
func failureOf(data []byte) error {
	f := &failure{}
	data = bytes.TrimSpace(data)
	if value, _, err := cutValue(data); err == nil {
		f.collect(value, 0)
	}
	if f.message == "" {
		f.message = f.code
	}
	if f.message == "" {
		f.message = string(data[:min(len(data), 4*maxDetail)])
	}
	return f
}

// maxWrapping bounds how many errors may be wrapped in each other: a relay that
// passes on a relay that passes on a server makes three.
const maxWrapping = 6

func (f *failure) collect(value []byte, depth int) {
	if isNull(value) || depth > maxWrapping {
		return
	}
	switch value[0] {
	case '{':
		f.collectObject(value, depth)
	case '[':
		for element := range elements(value) {
			f.collect(element, depth+1)
			return // the first says enough
		}
	case '"':
		text := strings.TrimSpace(stringOf(value))
		if strings.HasPrefix(text, "{") { // a wrapped error, as text
			if inner, _, err := cutValue([]byte(text)); err == nil {
				f.collect(inner, depth+1)
			}
		}
		if f.message == "" {
			f.message = text
		}
	}
}

func (f *failure) collectObject(object []byte, depth int) {
	var inner, location, metadata, details []byte
	var texts [8][]byte // best first
	for name, v := range members(object) {
		switch string(name) {
		case "error":
			inner = v
		case "message":
			texts[0] = v
		case "msg":
			texts[1] = v
		case "detail":
			texts[2] = v
		case "error_msg", "error_message", "errorMessage", "errmsg":
			texts[3] = v
		case "error_description", "description":
			texts[4] = v
		case "errors":
			texts[5] = v
		case "reason", "title":
			texts[6] = v
		case "loc":
			location = v
		case "metadata":
			metadata = v
		case "details":
			details = v
		default:
			f.collectCode(string(name), v)
		}
	}
	if !isNull(inner) && inner[0] == '"' {
		texts[7], inner = inner, nil // Spring Boot: "error" is the status, "message" the message
	}
	f.collect(inner, depth+1)
	for _, text := range texts {
		if f.message != "" {
			break
		}
		f.collect(text, depth+1)
	}
	f.addLocation(location)
	f.collectMetadata(metadata)
	for detail := range elements(details) {
		f.collectRetry(detail)
	}
}

func (f *failure) collectCode(name string, value []byte) {
	text := stringOf(value)
	n, isNumber := intOf(value)
	if isNumber && n >= 400 && n <= 599 && f.status == 0 {
		switch name {
		case "code", "status", "status_code", "statusCode", "error_code":
			f.status = n
		}
	}
	switch {
	case name == "code" || name == "error_code":
		if f.code == "" || f.code == "0" {
			f.code = text
		}
	case name == "type" || name == "status" && !isNumber:
		f.kind = strings.TrimSpace(f.kind + " " + text)
	}
}

// addLocation puts where the fault lies before the message, as FastAPI says it:
// {"loc": ["body", "temperature"], "msg": "…"}.
func (f *failure) addLocation(location []byte) {
	var where []string
	for step := range elements(location) {
		where = append(where, stringOf(step))
	}
	if len(where) > 0 && f.message != "" {
		f.message = strings.Join(where, ".") + ": " + f.message
	}
}

// collectMetadata adds what OpenRouter quotes of the provider behind it, whose
// own message is only "Provider returned error".
func (f *failure) collectMetadata(metadata []byte) {
	for name, v := range members(metadata) {
		if raw := stringOf(v); string(name) == "raw" && raw != "" && !strings.Contains(f.message, raw) {
			behind := &failure{}
			behind.collect(v, 0)
			f.message += ": " + behind.message
			if f.code == "" {
				f.code = behind.code
			}
		}
	}
}

// collectRetry takes the delay from Google's RetryInfo: {"retryDelay": "20s"}.
func (f *failure) collectRetry(detail []byte) {
	for name, v := range members(detail) {
		if string(name) == "retryDelay" {
			if wait, err := time.ParseDuration(stringOf(v)); err == nil && wait > 0 {
				f.retry = wait
			}
		}
	}
}

// isBareFailure tells whether an object without choices is an error all the
// same: relays send {"code": …, "message": …}, {"detail": …}, {"msg": …}.
func isBareFailure(object []byte) bool {
	text, failed := false, false
	for name, v := range members(object) {
		switch string(name) {
		case "message", "msg", "detail", "error_msg", "error_message", "errors":
			text = text || !isNothing(v)
		case "type", "object":
			failed = failed || string(v) == `"error"`
		case "code":
			switch strings.ToLower(stringOf(v)) {
			case "0", "200", "ok", "success":
				return false
			}
		}
	}
	return text || failed
}
