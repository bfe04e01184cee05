package settings

import (
	"net/netip"
	"path"
	"slices"
	"strings"
)

// isAddress reports whether v may be the address of a server, or a list with one. Only
// settings of endpoints have such values.
func isAddress(v any) bool {
	switch v := v.(type) {
	case string:
		return looksLikeAddress(v)
	case []any:
		return slices.ContainsFunc(v, isAddress)
	}
	return false
}

// looksLikeAddress reports whether text has a scheme, or begins with a host: a name
// with a port, an IP address, localhost or a name as of a domain. Names of models
// and files, versions and patterns are none.
func looksLikeAddress(text string) bool {
	const enough = 1024 // bytes: a host has at most 253
	text = strings.TrimSpace(text)
	text = strings.ToLower(text[:min(len(text), enough)])
	if scheme, _, ok := strings.Cut(text, "://"); ok {
		return scheme != "file"
	}
	host, _, _ := strings.Cut(strings.TrimPrefix(text, "//"), "/")
	host, _, _ = strings.Cut(host, "?")
	if ip, err := netip.ParseAddrPort(host); err == nil {
		return ip.Port() > 0
	}
	if _, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return true
	}
	host, port, ported := strings.Cut(host, ":")
	host = strings.TrimSuffix(host, ".")
	if ported && !isPort(port) {
		return false
	}
	labels := strings.Split(host, ".")
	if slices.ContainsFunc(labels, func(label string) bool { return !isLabel(label) }) {
		return false
	}
	last := labels[len(labels)-1]
	switch {
	case host == "localhost":
		return true
	case len(labels) == 1:
		return ported && (len(port) >= 4 || port == "80" || port == "443")
	case ported:
		return isLetters(last)
	case len(labels) == 2:
		return slices.Contains(domains(), last)
	default:
		return isLetters(last) && len(last) > 1 && !slices.Contains(extensions(), path.Ext(host))
	}
}

// domains returns top-level domains in which endpoints are. In a name of two labels any
// other last label may be the extension of a file.
func domains() []string {
	return strings.Fields("com net org io ai dev cloud app de uk eu fr cn jp kr ru us ca ch at nl edu gov info example local localhost internal intranet lan home corp test")
}

// extensions returns extensions of files whose names have several dots.
func extensions() []string {
	return strings.Fields(".bak .c .cc .conf .cpp .cs .css .csv .d .env .exe .go .gz .h .html .ini .java .js .json .jsx .kt .lock .log .lua .map .md .mjs .pem .php .pl .png .py .rb .rs .sh .sql .svg .swift .tf .toml .ts .tsx .txt .vue .xml .yaml .yml .zip .zst .gguf .ipynb")
}

func isLabel(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '-' && r != '_' && r < 0x80 && !isAlphanumeric(r)
	})
}

func isAlphanumeric(r rune) bool { return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' }

func isPort(text string) bool {
	return text != "" && len(text) <= 5 && strings.Trim(text, "0123456789") == ""
}

// isLetters reports whether text may be the last label of a domain.
func isLetters(text string) bool {
	return strings.HasPrefix(text, "xn--") || !strings.ContainsAny(text, "0123456789-_")
}
