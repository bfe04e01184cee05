package completion

import (
	"errors"
	"strings"
	"testing"
	"time"
)

const host = "api.example.com"

var sentences = []struct {
	err  Error
	want string
}{
	{Error{Kind: Auth, Host: host, Status: 401, Detail: "Incorrect API key.", KeySource: "OPENAI_API_KEY"}, "api.example.com refused the key (HTTP 401: Incorrect API key). Set a valid key in OPENAI_API_KEY and try again."},
	{Error{Kind: Auth, Host: host, Status: 401, KeySource: "apiKeyCommand"}, "api.example.com refused the key (HTTP 401). Set a valid key in apiKeyCommand and try again."},
	{Error{Kind: Auth, Host: host, Status: 401}, "api.example.com refused the key (HTTP 401). Set a valid key in OPENAI_API_KEY and try again."},
	{Error{Kind: Auth, Reason: NoKey, Host: host, Status: 401, Detail: "No key"}, "api.example.com wants a key (HTTP 401: No key). Set one in OPENAI_API_KEY or store one with llmls login, and try again."},
	{Error{Kind: Auth, Host: host, Status: 403, Detail: "Region"}, "api.example.com does not allow this (HTTP 403: Region). Check what the key in OPENAI_API_KEY may use, or choose another model."},
	{Error{Kind: RateLimit, Host: host, Status: 429}, "api.example.com has had too many requests (HTTP 429). Wait a moment and try again."},
	{Error{Kind: RateLimit, Host: host, Status: 429, RetryAfter: 90500 * time.Millisecond}, "api.example.com has had too many requests (HTTP 429). Try again in 91 seconds."},
	{Error{Kind: RateLimit, Reason: NoCredit, Host: host, Status: 402, Detail: "Insufficient Balance"}, "The account at api.example.com has no credit left (HTTP 402: Insufficient Balance). Check its plan and billing, or use another key."},
	{Error{Kind: NotFound, Host: host, Status: 404, Model: "gpt-9", Detail: "no"}, `api.example.com does not know the model "gpt-9", or not at this address (HTTP 404: no). Check model and baseUrl.`},
	{Error{Kind: NotFound, Host: host, Status: 404}, "api.example.com has nothing at this address (HTTP 404). Check baseUrl."},
	{Error{Kind: BadRequest, Host: host, Status: 400, Detail: "temperature"}, "api.example.com refused the request (HTTP 400: temperature). Check model and the other settings."},
	{Error{Kind: BadRequest, Reason: ContextTooLong, Host: host, Status: 400, Detail: "8193 > 8192"}, "The request is too long for the model (HTTP 400: 8193 > 8192). Select less, or lower context.maxTokens."},
	{Error{Kind: BadRequest, Detail: DetailNoQuestion}, DetailNoQuestion},
	{Error{Kind: BadRequest, Detail: DetailNoConversation}, DetailNoConversation},
	{Error{Kind: Server, Host: host, Status: 500}, "api.example.com failed (HTTP 500). Try again in a moment, or choose another model."},
	{Error{Kind: Server, Reason: Loading, Host: host, Status: 503, Detail: "Loading model"}, "api.example.com is still loading the model (HTTP 503: Loading model). Try again in a moment."},
	{Error{Kind: Server, Reason: Overloaded, Host: host, Status: 529, RetryAfter: 3 * time.Minute}, "api.example.com is overloaded (HTTP 529). Try again in 3 minutes."},
	{Error{Kind: Server, Reason: NoText, Model: "m", Detail: "length"}, "m used up its tokens before the first word; thinking counts too. Raise maxOutputTokens, or choose another model."},
	{Error{Kind: Server, Reason: NoText, Model: "m", Detail: "content_filter"}, "The endpoint's filter cut the answer of m before the first word. Select other code, or choose another model."},
	{Error{Kind: Server, Reason: NoText, Model: "m", Detail: "tool_calls"}, "m asked for a tool instead of answering, and llmls offers none. Ask again, or choose another model."},
	{Error{Kind: Server, Reason: NoText, Model: "m", Detail: "stop"}, "m ended its answer without a word. Ask again, or choose another model."},
	{Error{Kind: Network, Reason: Refused, Host: "localhost:8080", Detail: "connection refused"}, "Nothing is listening at localhost:8080 (connection refused). Start the server there, or correct baseUrl."},
	{Error{Kind: Busy, Reason: TooLarge, Host: host, Detail: "too many long answers are running at once"}, "There is no room for another long answer (too many long answers are running at once). Wait until one ends, or stop one."},
	{Error{Kind: Server, Reason: TooLarge, Host: host, Detail: "an event is too long"}, "What api.example.com sends is too long (an event is too long). Ask again, or choose another model."},
	{Error{Kind: Network, Reason: UnknownHost, Host: host, Detail: "no address for x"}, "The host of api.example.com is not known (no address for x). Check baseUrl and the network."},
	{Error{Kind: Network, Reason: Proxy, Host: host, Detail: "407"}, "The proxy on the way to api.example.com cannot be used (407). Check HTTPS_PROXY and NO_PROXY."},
	{Error{Kind: Network, Reason: Incomplete, Host: host}, "api.example.com closed the connection before it had answered. Try again."},
	{Error{Kind: Network, Host: host, Detail: "connection reset"}, "The connection to api.example.com failed (connection reset). Check the network and try again."},
	{Error{Kind: Timeout, Reason: FirstByte, Host: host, Waited: 2 * time.Minute}, "api.example.com did not answer for 2m0s. Try again, or raise timeouts.firstByte."},
	{Error{Kind: Timeout, Reason: Idle, Host: host, Waited: time.Minute}, "api.example.com fell silent for 1m0s. Try again, or raise timeouts.idle."},
	{Error{Kind: Timeout, Reason: Unreachable, Host: host}, "No connection to api.example.com came about. Check baseUrl and the network."},
	{Error{Kind: Timeout, Host: host, Status: 504}, "api.example.com took too long (HTTP 504). Try again."},
	{Error{Kind: TLS, Host: host, Detail: "it expired on 2024-03-05"}, "The certificate of api.example.com cannot be trusted (it expired on 2024-03-05). Correct baseUrl or, for an authority of your own, set caFile."},
	{Error{Kind: TLS, Reason: NotTLS, Host: host}, "api.example.com does not speak https. Check baseUrl: a server on this machine often wants http."},
	{Error{Kind: NotAnAPI, Host: host, Detail: "a page with the title Welcome"}, "What answers at api.example.com is not a chat-completions API (a page with the title Welcome). Check baseUrl: it often ends in /v1."},
	{Error{Kind: NotAnAPI, Reason: Redirected, Host: host, Status: 302, Detail: "login.example.com"}, "api.example.com redirects to login.example.com (HTTP 302), and llmls follows no redirect. If the API lives there, set baseUrl to it."},
	{Error{Kind: Config, Reason: PlainHTTP, Host: host}, "baseUrl would send the key and the code to api.example.com unencrypted. Use https, or a tunnel to this machine."},
	{Error{Kind: Config, Reason: BadBaseURL, Detail: "it names no host"}, "baseUrl cannot be used: it names no host. Set it to an address such as https://api.openai.com/v1."},
	{Error{Kind: Config, Reason: UntrustedHost, Host: host, Detail: "https://" + host}, "Only the editor names https://api.example.com as the endpoint, and you have not agreed to it, so nothing was sent. To use it, run llmls trust https://api.example.com in a terminal."},
	{Error{Kind: Config, Reason: ExposedKey, KeySource: "the file /s/keys/x"}, "The key in the file /s/keys/x is not used: the file is not yours alone. Replace it, and better the key too, with llmls login."},
	{Error{Kind: Config, Reason: Keyring, Host: "https://" + host, Detail: "it is locked"}, "The keyring does not give out the key for https://api.example.com (it is locked). Unlock it and try again, or store the key anew with llmls login."},
	{Error{Kind: Config, Reason: NoKeyring, Host: "https://" + host, Detail: "there is no session bus"}, "The key cannot be kept in a keyring (there is no session bus). To keep it in a file that only you can read, run llmls login --file https://api.example.com in a terminal."},
	{Error{Kind: Config, Reason: BadCAFile, Detail: "/ca.pem holds no certificate in PEM"}, "caFile cannot be used: /ca.pem holds no certificate in PEM. Name a file of certificates in PEM there or in SSL_CERT_FILE, or none."},
	{Error{Kind: Network, Reason: NotLoopback, Host: "localhost:1", Detail: "192.0.2.1:1"}, "localhost:1 stands for 192.0.2.1:1, which is not this machine, so nothing was sent. Correct the hosts file, or write another host into baseUrl."},
	{Error{Kind: Config, Reason: BadKey, KeySource: "MY_KEY", Detail: "it holds a line end"}, "The key from MY_KEY cannot be sent: it holds a line end. Correct it there."},
	{Error{Kind: Config, Detail: "x"}, "The settings cannot work (x). Correct them and try again."},
	{Error{Kind: Blocked, Detail: "x"}, "llmls did not send this (x). Select something else, or change the settings that forbid it."},
	{Error{Kind: Blocked, Reason: Withheld, Detail: DetailWithheld("a/.env", WhyDenied(".env"))}, "a/.env was not sent: files called .env often hold secrets, so they stay here. If it may leave this machine, add it to context.allow in config.toml."},
	{Error{Kind: Blocked, Reason: Withheld, Detail: DetailWithheld("x.sql", WhyIgnored("db/.aiignore", 2, "*.sql"))}, "x.sql was not sent: line 2 of db/.aiignore, *.sql, forbids it. If it may leave this machine, add it to context.allow in config.toml."},
	{Error{Kind: Blocked, Reason: Withheld, Detail: DetailWithheld("x", WhyUnreadable(".aiignore", errors.New("too large")))}, "x was not sent: .aiignore may forbid it and cannot be read (too large). If it may leave this machine, add it to context.allow in config.toml."},
	{Error{Kind: Busy, Detail: "1000 answers are waiting"}, "Too many answers are waiting already (1000 answers are waiting). Wait until one ends, or stop one."},
	{Error{Kind: Server}, "The endpoint failed. Try again in a moment, or choose another model."},
	{Error{}, "The answer failed. Try again."},
}

func TestSentence(t *testing.T) {
	for _, test := range sentences {
		if got := test.err.Sentence(); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.err.Error(), got, test.want)
		}
	}
}

// Every kind has its own sentences, so that a new one cannot be forgotten.
func TestEveryKindHasASentence(t *testing.T) {
	seen := map[Kind]bool{}
	for _, test := range sentences {
		seen[test.err.Kind] = true
	}
	for _, kind := range []Kind{Auth, RateLimit, NotFound, BadRequest, Server, Network, Timeout, TLS, NotAnAPI, Config, Blocked, Busy} {
		if !seen[kind] {
			t.Errorf("%s has none", kind)
		}
		e := Error{Kind: kind}
		if fallback := (&Error{}).Sentence(); e.Sentence() == fallback {
			t.Errorf("%s has the sentence of no kind", kind)
		}
	}
}

func TestIncompleteSentence(t *testing.T) {
	for want, err := range map[string]Error{
		"The answer is incomplete: api.example.com fell silent for 1m0s. Ask again, or raise timeouts.idle.":                    {Kind: Timeout, Reason: Idle, Host: host, Waited: time.Minute},
		"The answer is incomplete: api.example.com fell silent. Ask again for the whole answer.":                                {Kind: Timeout, Host: host},
		"The answer is incomplete: api.example.com ended it early. Ask again for the whole answer.":                             {Kind: Network, Reason: Incomplete, Host: host},
		"The answer is incomplete: the connection to api.example.com broke (connection reset). Ask again for the whole answer.": {Kind: Network, Host: host, Detail: "connection reset"},
		"The answer is incomplete: api.example.com stopped it (HTTP 429: slow down). Wait a moment, then ask again.":            {Kind: RateLimit, Host: host, Status: 429, Detail: "slow down"},
		"The answer is incomplete: api.example.com stopped it (Overloaded). Ask again for the whole answer.":                    {Kind: Server, Host: host, Detail: "Overloaded"},
		"The answer is incomplete: the endpoint stopped it. Ask again for the whole answer.":                                    {Kind: Server},
	} {
		if got := err.IncompleteSentence(); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

func TestRetrySentence(t *testing.T) {
	cause := &Error{Kind: RateLimit, Host: host, Status: 429, Detail: "slow down"}
	for want, retry := range map[string]Retry{
		"Attempt 2: api.example.com failed (HTTP 429: slow down).":               {Attempt: 2, Wait: 400 * time.Millisecond, Cause: cause},
		"Attempt 3 in 20 seconds: api.example.com failed (HTTP 429: slow down).": {Attempt: 3, Wait: 20 * time.Second, Cause: cause},
		"Attempt 2 in a second: the last one failed.":                            {Attempt: 2, Wait: time.Second},
	} {
		if got := retry.Sentence(); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
}

// A sentence is for one line of a message box, and says what to do.
func TestSentencesAreSentences(t *testing.T) {
	all := []string{SentenceStopped, SentenceShutdown, SentenceUnknownEnd, DetailNoQuestion, DetailNoConversation, SentenceNotRemembered("https://"+host, errors.New("read-only file system"))}
	for _, test := range sentences {
		all = append(all, test.err.Sentence())
		switch test.err.Kind {
		case Server, Network, Timeout, RateLimit: // what can end an answer half way
			all = append(all, test.err.IncompleteSentence())
		}
	}
	for _, s := range all {
		if !strings.HasSuffix(s, ".") || strings.Contains(s, "\n") || strings.Contains(s, "..") || strings.Contains(s, "  ") {
			t.Errorf("%q", s)
		}
		if len(s) > 250 || strings.Count(s, ". ") > 1 {
			t.Errorf("too long: %q", s)
		}
	}
}

func TestAsError(t *testing.T) {
	e := &Error{Kind: Server, Err: errors.New("x")}
	if AsError(errors.Join(errors.New("y"), e)) != e || AsError(errors.New("y")) != nil || AsError(nil) != nil {
		t.Error("AsError")
	}
	if !errors.Is(e, e.Err) {
		t.Error("Unwrap")
	}
}

func TestLeftOutSecrets(t *testing.T) {
	what, why := LeftOutSecrets([]string{"JWT on line 40"})
	if what != "1 secret (JWT on line 40)" || why == "" {
		t.Errorf("%q, %q", what, why)
	}
	if what, _ = LeftOutSecrets(strings.Split(strings.Repeat("JWT,", 9)+"token", ",")); what != "10 secrets (JWT, JWT, JWT, JWT, JWT, JWT, JWT, JWT and 2 more)" {
		t.Errorf("%q", what)
	}
}
