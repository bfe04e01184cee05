package upstream

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/llmls/llmls/internal/completion/jsonwalk"
)

// A failure is what a server says went wrong, in whatever form it says it:
// {"error": {…}} or {"error": "…"}, a bare object with message, msg or detail, a
// list of either, or plain text.
type failure struct {
	code    string // "insufficient_quota", "429", …; "" if none
	kind    string // the member type, or a status or a reason that is a word
	message string
	param   string        // the parameter that is to blame; "" if none is named
	status  int           // an HTTP status the server put into the body; 0 if none
	retry   time.Duration // how long to wait, where the body says so
	header  http.Header   // of a provider behind a gateway, where the body quotes it
}

func (f *failure) Error() string { return f.message }

// FailureIn returns the error that data report; they need not be JSON.
func FailureIn(data []byte) error {
	f := &failure{}
	data = bytes.TrimSpace(data)
	if value, _, err := jsonwalk.Cut(data); err == nil {
		f.collect(value, 0)
	}
	if f.message == "" {
		f.message = f.code
	}
	switch {
	case f.message != "":
	case isMarkup(data):
		f.message = pageText(data)
	case bytes.HasPrefix(data, []byte("Traceback ")):
		f.message = headline(string(data))
	default:
		f.message = string(data[:min(len(data), 4*maxDetail)])
	}
	return f
}

// maxWrapping bounds how many errors may be wrapped in each other: a relay that
// passes on a relay that passes on a server makes three.
const maxWrapping = 6

func (f *failure) collect(value []byte, depth int) {
	if jsonwalk.IsNull(value) || depth > maxWrapping {
		return
	}
	switch value[0] {
	case '{':
		f.collectObject(value, depth)
	case '[':
		for element := range jsonwalk.Elements(value) {
			f.collect(element, depth+1)
			return // the first says enough
		}
	case '"':
		text := strings.TrimSpace(jsonwalk.String(value))
		if strings.HasPrefix(text, "{") { // a wrapped error, as text
			if inner, _, err := jsonwalk.Cut([]byte(text)); err == nil {
				f.collect(inner, depth+1)
			}
		}
		if f.message == "" {
			f.message = text
		}
	}
}

func (f *failure) collectObject(object []byte, depth int) {
	var inner, location, metadata, details, status, wrapped []byte
	var texts [8][]byte // best first
	var pieces [][]byte
	for name, v := range jsonwalk.Members(object) {
		switch member := folded(name); member {
		case "error", "err", "exception", "fault":
			inner = v
		case "header":
			if reportsError(member, v) {
				inner = v
			}
		case "message":
			texts[0] = v
		case "msg":
			texts[1] = v
		case "detail":
			texts[2] = v
		case "errormsg", "errormessage", "errmsg", "faultstring":
			texts[3] = v
		case "errordescription", "description":
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
		case "baseresp":
			status = v
		case "delta", "contentblock", "part":
			pieces = append(pieces, v)
		case "data", "result", "response", "body":
			wrapped = unquoted(v)
			pieces = append(pieces, wrapped)
		default:
			f.collectCode(member, v)
		}
	}
	if !jsonwalk.IsNull(inner) && inner[0] == '"' {
		texts[7], inner = inner, nil // Spring Boot: "error" is the status, "message" the message
	}
	f.collect(inner, depth+1)
	f.collectWithin(pieces, depth)
	for _, text := range texts {
		if f.message != "" {
			break
		}
		f.collect(text, depth+1)
	}
	if f.message == "" && len(wrapped) > 0 && wrapped[0] == '{' {
		f.collect(wrapped, depth+1)
	}
	f.collectStatus(status)
	f.addLocation(location)
	f.collectMetadata(metadata)
	for detail := range jsonwalk.Elements(details) {
		f.collectDetail(detail)
	}
}

// collectWithin takes an error inside a piece of an answer.
func (f *failure) collectWithin(pieces [][]byte, depth int) {
	for _, piece := range pieces {
		if holdsError(piece) {
			f.collect(piece, depth+1)
		}
	}
}

// collectCode takes a member that is not a message, by its folded name.
func (f *failure) collectCode(name string, value []byte) {
	text := jsonwalk.String(value)
	n, isNumber := jsonwalk.Int(value)
	if f.status == 0 && isErrorStatus(value) {
		switch name {
		case "code", "status", "statuscode", "errorcode":
			f.status = n
		}
	}
	switch {
	case name == "code" || name == "errorcode":
		if f.code == "" || f.code == "0" {
			f.code = text
		}
	case name == "param" && f.param == "":
		f.param = text
	case name == "retryafter" || name == "retryafterseconds" || name == "estimatedtime":
		f.collectWait(value)
	case name == "type" || name == "status" && !isNumber:
		f.kind = strings.TrimSpace(f.kind + " " + text)
	}
}

// addLocation puts where the fault lies before the message, as FastAPI says it:
// {"loc": ["body", "temperature"], "msg": "…"}.
func (f *failure) addLocation(location []byte) {
	var where []string
	for step := range jsonwalk.Elements(location) {
		where = append(where, jsonwalk.String(step))
	}
	if len(where) > 0 && f.message != "" {
		f.message = strings.Join(where, ".") + ": " + f.message
	}
}

// collectMetadata adds what OpenRouter quotes of the provider behind it, whose
// own message is only "Provider returned error".
func (f *failure) collectMetadata(metadata []byte) {
	for name, v := range jsonwalk.Members(metadata) {
		if string(name) == "headers" {
			f.header = headerOf(v)
		}
		if raw := jsonwalk.String(v); string(name) == "raw" && raw != "" && !strings.Contains(f.message, raw) {
			behind := &failure{}
			behind.collect(v, 0)
			f.message += ": " + behind.message
			if f.code == "" {
				f.code = behind.code
			}
		}
	}
}

// headerOf reads the header fields that a gateway quotes of the provider behind
// it.
func headerOf(object []byte) http.Header {
	h := http.Header{}
	for name, v := range jsonwalk.Members(object) {
		h.Set(string(name), jsonwalk.String(v))
	}
	return h
}

// collectDetail takes the delay from Google's RetryInfo, {"retryDelay": "20s"},
// and the reason from its ErrorInfo, {"reason": "API_KEY_INVALID"}.
func (f *failure) collectDetail(detail []byte) {
	for name, v := range jsonwalk.Members(detail) {
		switch string(name) {
		case "retryDelay":
			if wait, err := time.ParseDuration(jsonwalk.String(v)); err == nil && wait > 0 {
				f.retry = wait
			}
		case "reason":
			f.kind = strings.TrimSpace(f.kind + " " + jsonwalk.String(v))
		}
	}
}

// collectWait takes a number of seconds, or a duration such as "20s".
func (f *failure) collectWait(value []byte) {
	if s, err := strconv.ParseFloat(jsonwalk.String(value), 64); err == nil {
		f.retry = believed(s, time.Second)
	} else if d, err := time.ParseDuration(jsonwalk.String(value)); err == nil {
		f.retry = believed(float64(d), 1)
	}
}

// collectStatus takes the status that MiniMax puts beside its answers, with
// HTTP 200: {"base_resp": {"status_code": 1008, "status_msg": "…"}}. The numbers
// are from its error code reference.
func (f *failure) collectStatus(object []byte) {
	for name, v := range jsonwalk.Members(object) {
		switch string(name) {
		case "status_msg":
			if f.message == "" {
				f.message = jsonwalk.String(v)
			}
		case "status_code":
			switch n, _ := jsonwalk.Int(v); n {
			case 0:
			case 1002, 1039, 1041, 2056: // requests, tokens, connections, plan
				f.status = http.StatusTooManyRequests
			case 1004, 2049:
				f.status = http.StatusUnauthorized
			case 1008:
				f.status = http.StatusPaymentRequired
			case 1001:
				f.status = http.StatusGatewayTimeout
			case 1026, 1027, 1042, 2013:
				f.status = http.StatusBadRequest
			default:
				f.status = http.StatusInternalServerError
			}
		}
	}
}

// IsFailedStatus reports whether the value of base_resp says that something
// failed.
func IsFailedStatus(object []byte) bool {
	for name, v := range jsonwalk.Members(object) {
		if n, ok := jsonwalk.Int(v); ok && string(name) == "status_code" {
			return n != 0
		}
	}
	return false
}

// IsBareFailure reports whether an object that holds nothing of an answer is an
// error all the same: relays send {"code": …, "message": …}, {"detail": …}, {"msg": …}.
func IsBareFailure(object []byte) bool {
	text, failed := false, false
	for name, v := range jsonwalk.Members(object) {
		switch string(name) {
		case "message", "msg", "detail", "error_msg", "error_message", "errors":
			text = text || !jsonwalk.IsEmpty(v)
		case "type", "object":
			failed = failed || string(v) == `"error"`
		case "code":
			switch strings.ToLower(jsonwalk.String(v)) {
			case "0", "200", "ok", "success":
				return false
			}
		}
	}
	return text || failed
}
