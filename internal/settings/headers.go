package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// KeyInHeader stands for the key in the value of a header field.
const KeyInHeader = "${apiKey}"

const (
	// maxHeaders and maxHeaderValue bound what goes with each request: servers
	// refuse more.
	maxHeaders     = 32
	maxHeaderValue = 4 << 10
)

// convertHeaders takes a table of header fields. The error names a field only as
// far as it may be shown, and never its value.
func (k *key) convertHeaders(v any) (any, error) {
	fields, ok := v.(object)
	if !ok {
		return nil, expected(k.expectation(), v)
	}
	if len(fields) > maxHeaders {
		return nil, fmt.Errorf("expected at most %d fields, found %d", maxHeaders, len(fields))
	}
	headers := make(map[string]string, len(fields))
	seen := map[string]bool{}
	for _, field := range fields {
		value, isString := field.value.(string)
		fault := headerFault(field.name, value)
		switch name := strings.ToLower(field.name); {
		case !isString:
			fault = "its value is no string"
		case seen[name]:
			fault = "it is there twice, in other letters"
		default:
			seen[name] = true
		}
		if fault != "" {
			return nil, errors.New("the header field " + shown(field.name) + " cannot be sent: " + fault)
		}
		headers[field.name] = value
	}
	return headers, nil
}

// headerFault returns what is wrong with a header field, "" if nothing is (RFC 9110,
// section 5).
func headerFault(name, value string) string {
	switch {
	case name == "" || strings.ContainsFunc(name, func(r rune) bool { return !isTokenChar(r) }):
		return "its name may hold letters, digits and -_.!#$%&'*+^`|~ alone"
	case slices.Contains(ownHeaders(), strings.ToLower(name)):
		return "llmls sets it itself"
	case strings.TrimSpace(value) == "":
		return "its value is empty"
	case len(value) > maxHeaderValue:
		return "its value is longer than 4 KiB"
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r > '~' }):
		return "its value holds a control character or one beyond ASCII"
	case strings.Contains(strings.ReplaceAll(value, KeyInHeader, ""), "${"):
		return "its value holds a placeholder other than " + KeyInHeader
	}
	return ""
}

func isTokenChar(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_.!#$%&'*+^`|~", r)
}

// ownHeaders returns the fields that users cannot set: those that frame a request,
// route it, or describe its body.
func ownHeaders() []string {
	return []string{
		"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer",
		"expect", "accept", "accept-encoding", "proxy-authorization", "proxy-connection",
	}
}
