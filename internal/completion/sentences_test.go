package completion

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

const host = "api.example.com"

var sentences = []struct {
	err  Error
	want string
}{
	{Error{Kind: Auth, Host: host, Status: 401, Detail: "Incorrect API key.", KeySource: "OPENAI_API_KEY"}, "Set a valid key in OPENAI_API_KEY and try again: api.example.com refused the key (HTTP 401: Incorrect API key)."},
	{Error{Kind: Auth, Host: host, Status: 401, KeySource: "apiKeyCommand"}, "Set a valid key in apiKeyCommand and try again: api.example.com refused the key (HTTP 401)."},
	{Error{Kind: Auth, Host: host, Status: 401}, "Set a valid key in OPENAI_API_KEY and try again: api.example.com refused the key (HTTP 401)."},
	{Error{Kind: Auth, Reason: NoKey, Host: host, Status: 401, Detail: "No key"}, "Set a valid key in OPENAI_API_KEY or store one with llmls login, and try again: api.example.com wants a key (HTTP 401: No key)."},
	{Error{Kind: Auth, Host: host, Status: 403, Detail: "Region"}, "Check what the key in OPENAI_API_KEY may use, or choose another model: api.example.com does not allow this (HTTP 403: Region)."},
	{Error{Kind: RateLimit, Host: host, Status: 429}, "Wait a moment and try again: api.example.com has had too many requests (HTTP 429)."},
	{Error{Kind: RateLimit, Host: host, Status: 429, RetryAfter: 90500 * time.Millisecond}, "Try again in 91 seconds: api.example.com has had too many requests (HTTP 429)."},
	{Error{Kind: RateLimit, Reason: NoCredit, Host: host, Status: 402, Detail: "Insufficient Balance"}, "Check plan and billing of the account, or use another key: at api.example.com it has no credit left (HTTP 402: Insufficient Balance)."},
	{Error{Kind: NotFound, Host: host, Status: 404, Model: "gpt-9", Detail: "no"}, `Check model and baseUrl: api.example.com does not know the model "gpt-9", or not at this address (HTTP 404: no).`},
	{Error{Kind: NotFound, Host: host, Status: 404}, "Check baseUrl: api.example.com has nothing at this address (HTTP 404)."},
	{Error{Kind: BadRequest, Host: host, Status: 400, Detail: "temperature"}, "Check model and the other settings: api.example.com refused the request (HTTP 400: temperature)."},
	{Error{Kind: BadRequest, Reason: ContextTooLong, Host: host, Status: 400, Detail: "8193 > 8192"}, "Select less, or lower context.maxTokens: the request is too long for the model (HTTP 400: 8193 > 8192)."},
	{Error{Kind: BadRequest, Detail: DetailNoQuestion}, DetailNoQuestion},
	{Error{Kind: BadRequest, Detail: DetailNoConversation}, DetailNoConversation},
	{Error{Kind: Server, Host: host, Status: 500}, "Try again in a moment, or choose another model: api.example.com failed (HTTP 500)."},
	{Error{Kind: Server, Reason: Loading, Host: host, Status: 503, Detail: "Loading model"}, "Try again in a moment: api.example.com is still loading the model (HTTP 503: Loading model)."},
	{Error{Kind: Server, Reason: Overloaded, Host: host, Status: 529, RetryAfter: 3 * time.Minute}, "Try again in 3 minutes: api.example.com is overloaded (HTTP 529)."},
	{Error{Kind: Server, Reason: NoText, Model: "m", Detail: "length"}, "Raise maxOutputTokens, or choose another model: m used up its tokens before the first word; thinking counts too."},
	{Error{Kind: Server, Reason: NoText, Model: "m", Detail: "content_filter"}, "Select other code, or choose another model: the endpoint's filter cut the answer of m before the first word."},
	{Error{Kind: Server, Reason: NoText, Model: "m", Detail: "tool_calls"}, "Ask again, or choose another model: m asked for a tool instead of answering, and llmls offers none."},
	{Error{Kind: Server, Reason: NoText, Model: "m", Detail: "stop"}, "Ask again, or choose another model: m ended its answer without a word."},
	{Error{Kind: Network, Reason: Refused, Host: "localhost:8080", Detail: "connection refused"}, "Start the server, or correct baseUrl: nothing is listening at localhost:8080 (connection refused)."},
	{Error{Kind: Busy, Reason: TooLarge, Host: host, Detail: "too many long answers are running at once"}, "Wait until an answer ends, or stop one: there is no room for another long one (too many long answers are running at once)."},
	{Error{Kind: Server, Reason: TooLarge, Host: host, Detail: "an event is too long"}, "Ask again, or choose another model: what api.example.com sends is too long (an event is too long)."},
	{Error{Kind: Network, Reason: UnknownHost, Host: host, Detail: "no address for x"}, "Check baseUrl and the network: the host of api.example.com is not known (no address for x)."},
	{Error{Kind: Network, Reason: Proxy, Host: host, Detail: "407"}, "Check HTTPS_PROXY, ALL_PROXY and NO_PROXY: the proxy on the way to api.example.com cannot be used (407)."},
	{Error{Kind: Network, Reason: Incomplete, Host: host}, "Try again: api.example.com closed the connection before it had answered."},
	{Error{Kind: Network, Host: host, Detail: "connection reset"}, "Check the network and try again: the connection to api.example.com failed (connection reset)."},
	{Error{Kind: Timeout, Reason: FirstByte, Host: host, Waited: 2 * time.Minute}, "Try again, or raise timeouts.firstByte: api.example.com did not answer for 2m0s."},
	{Error{Kind: Timeout, Reason: Idle, Host: host, Waited: time.Minute}, "Try again, or raise timeouts.idle: api.example.com fell silent for 1m0s."},
	{Error{Kind: Timeout, Reason: Unreachable, Host: host}, "Check baseUrl and the network: no connection to api.example.com came about."},
	{Error{Kind: Timeout, Host: host, Status: 504}, "Try again: api.example.com took too long (HTTP 504)."},
	{Error{Kind: TLS, Host: host, Detail: "it expired on 2024-03-05"}, "Correct baseUrl or, for an authority of your own, set caFile: the certificate of api.example.com cannot be trusted (it expired on 2024-03-05)."},
	{Error{Kind: TLS, Reason: NotTLS, Host: host}, "Check baseUrl, a server on this machine often wants http: api.example.com does not speak https."},
	{Error{Kind: NotAnAPI, Host: host, Detail: "a page with the title Welcome"}, "Check baseUrl: it often ends in /v1. What answers at api.example.com is no chat-completions API (a page with the title Welcome)."},
	{Error{Kind: NotAnAPI, Host: host, API: "messages", Detail: "a web page"}, "Check baseUrl, which often ends in /v1, and api: what answers at api.example.com does not speak messages (a web page)."},
	{Error{Kind: NotFound, Status: 404, Host: host, Model: "m", API: "responses"}, "Check model, baseUrl and api: api.example.com does not know the model \"m\", or does not speak responses at this address (HTTP 404)."},
	{Error{Kind: NotAnAPI, Reason: Redirected, Host: host, Status: 302, Detail: "login.example.com"}, "Set baseUrl to login.example.com if the API lives there: api.example.com redirects to it (HTTP 302), and llmls follows no redirect."},
	{Error{Kind: NotAnAPI, Reason: Malformed, Host: host, Detail: "malformed HTTP response"}, "Check baseUrl, or ask who runs api.example.com to correct it: its response breaks the rules of HTTP (malformed HTTP response)."},
	{Error{Kind: Config, Reason: PlainHTTP, Host: host}, "Use https for api.example.com or, if you trust the network on the way there, set plainHttp = true beside that baseUrl in config.toml: key and code would travel unencrypted."},
	{Error{Kind: Config, Reason: BadBaseURL, Detail: "it names no host"}, "Set baseUrl to an address such as https://api.openai.com/v1: it cannot be used, because it names no host."},
	{Error{Kind: Config, Reason: UntrustedHost, Host: host, Detail: "https://" + host}, "Run llmls trust https://api.example.com in a terminal to use this endpoint: only the editor names it, and you have not agreed to it, so nothing was sent."},
	{Error{Kind: Config, Reason: ExposedKey, KeySource: "the file /s/keys/x"}, "Replace the file /s/keys/x, and better the key too, with llmls login: its key is not used, because the file is not yours alone."},
	{Error{Kind: Config, Reason: Keyring, Host: "https://" + host, Detail: "it is locked"}, "Unlock the keyring and try again, or store the key anew with llmls login: it does not give out the key for https://api.example.com (it is locked)."},
	{Error{Kind: Config, Reason: NoKeyring, Host: "https://" + host, Detail: "there is no session bus"}, "Run llmls login --file https://api.example.com in a terminal to keep the key in a private file: it cannot be kept in a keyring (there is no session bus)."},
	{Error{Kind: Config, Reason: BadCAFile, Detail: "/ca.pem holds no certificate in PEM"}, "Name a file of certificates in PEM in caFile or SSL_CERT_FILE, or none: that one cannot be used, because /ca.pem holds no certificate in PEM."},
	{Error{Kind: Network, Reason: NotLoopback, Host: "localhost:1", Detail: "192.0.2.1:1"}, "Correct the hosts file, or write another host into baseUrl: localhost:1 stands for 192.0.2.1:1, which is not this machine, so nothing was sent."},
	{Error{Kind: Config, Reason: BadKey, KeySource: "MY_KEY", Detail: "it holds a line end"}, "Correct the key in MY_KEY: it cannot be sent, because it holds a line end."},
	{Error{Kind: Config, Detail: "x"}, "Correct the settings and try again: they cannot work (x)."},
	{Error{Kind: Blocked, Detail: "x"}, "Select something else, or change the settings that forbid it: llmls did not send this (x)."},
	{Error{Kind: Blocked, Reason: Withheld, Detail: DetailWithheld("a/.env", WhyDenied(".env"))}, "Select other code or, if a/.env may leave this machine, add it to context.allow in config.toml: it was not sent, because files called .env often hold secrets and stay here."},
	{Error{Kind: Blocked, Reason: Withheld, Detail: DetailWithheld("x.sql", WhyIgnored("db/.aiignore", 2, "*.sql"))}, "Select other code or, if x.sql may leave this machine, add it to context.allow in config.toml: it was not sent, because line 2 of db/.aiignore, *.sql, forbids it."},
	{Error{Kind: Blocked, Reason: Withheld, Detail: DetailWithheld("x", WhyUnreadable(".aiignore", errors.New("too large")))}, "Select other code or, if x may leave this machine, add it to context.allow in config.toml: it was not sent, because .aiignore may forbid it and cannot be read (too large)."},
	{Error{Kind: Busy, Detail: "1000 answers are waiting"}, "Wait until an answer ends, or stop one: too many are waiting already (1000 answers are waiting)."},
	{Error{Kind: Server}, "Try again in a moment, or choose another model: the endpoint failed."},
	{Error{}, "Try again: the answer failed."},
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
		"Ask again, or raise timeouts.idle: the answer is incomplete, because api.example.com fell silent for 1m0s.":         {Kind: Timeout, Reason: Idle, Host: host, Waited: time.Minute},
		"Ask again: the answer is incomplete, because api.example.com fell silent.":                                          {Kind: Timeout, Host: host},
		"Ask again: the answer is incomplete, because api.example.com ended it early.":                                       {Kind: Network, Reason: Incomplete, Host: host},
		"Ask again: the answer is incomplete, because the connection to api.example.com broke (connection reset).":           {Kind: Network, Host: host, Detail: "connection reset"},
		"Wait a moment, then ask again: the answer is incomplete, because api.example.com stopped it (HTTP 429: slow down).": {Kind: RateLimit, Host: host, Status: 429, Detail: "slow down"},
		"Ask again: the answer is incomplete, because api.example.com stopped it (Overloaded).":                              {Kind: Server, Host: host, Detail: "Overloaded"},
		"Ask again: the answer is incomplete, because a part of what api.example.com sent could not be read (not JSON).":     {Kind: Server, Reason: Unreadable, Host: host, Detail: "not JSON"},
		"Ask again: the answer is incomplete, because the endpoint stopped it.":                                              {Kind: Server},
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

// A sentence is for one line, of which some editors show the beginning only: it
// begins with what to do.
func TestSentencesAreSentences(t *testing.T) {
	all := []string{SentenceStopped, SentenceShutdown, SentenceLength, SentenceFilter, SentenceUnknownEnd, SentenceNoChoice, SentenceFailed(errors.New("x")), SentenceEditsLost, DetailManyMentions(9), DetailNoMentionedFile("#file:x"), DetailMentionUnreadable("#file:x", errors.New("y")), DetailMentionedLines("#file:x:0"), DetailMentionEmpty("#file:x"), DetailMentionBeyond("#file:x:9", "lines", 3), DetailNoSymbol("#symbol:x", SearchedPart), DetailNoChanges("#diff", errors.New("x")), DetailChangesWithheld("#diff", "It stays."), DetailNoQuestion, DetailNoConversation, DetailNotKept("ABCDEF-1"), DetailNothingAsked, DetailBlank, DetailCodeOverBudget, DetailMentionsOverBudget(9, 8), DetailSelectionOverBudget(9, 8), DetailQuestionOverBudget(9, 8), DetailUnnamed, DetailNoRoomFor("x", errors.New("y")), DetailMissed("x"), DetailLostTrack("x"), SentenceNoPlaceForEarlier, SentenceNotRemembered("https://"+host, errors.New("read-only file system")), SentenceFileNotRemembered("AGENTS.md", errors.New("x")), SentencePrompts([]string{"x"}), SentenceNotKept(errors.New("x")), SentenceKeptApart("ABCDEF-1", "GHIJKL-1"), DetailNoHistory(errors.New("x")), DetailFileNotAgreed("x"), SentenceAnswerFile("/x"), SentenceNoAnswerFile(errors.New("x")), SentenceTypeQuestion, SentenceRules([]string{"x"}), SentenceLumps(4), SentencePaused, SentenceRefiled, DetailUnknownEndpoint("x", []string{"y"}), DetailUnreadable(errors.New("x")), DetailSelectionTooLarge, SentencePromptAsks("What next.")}
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
		if first, _, _ := strings.Cut(s, " "); !slices.Contains(strings.Fields("Add Copy Hover Make Open Read Turn Type Ask Close Mention Save Shorten Check Choose Correct Name Pass Put Raise Replace Run Select Set Start Try Unlock Use Wait"), first) {
			t.Errorf("%q does not begin with what to do", s)
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

func TestPaused(t *testing.T) {
	f := &Finish{Reason: FinishUnknown, Paused: true}
	if got := f.Sentence(); !strings.HasPrefix(got, "Ask the model to go on") {
		t.Errorf("got %q", got)
	}
}

func TestOnlyThought(t *testing.T) {
	for want, f := range map[string]Finish{
		"only thought":   {Reason: FinishStop, Thought: true, Model: "m"},
		"without a word": {Reason: FinishStop, Model: "m"},
		"used up":        {Reason: FinishLength, Thought: true, Model: "m"},
	} {
		if got := NoTextError(&f, &Request{}).Sentence(); !strings.Contains(got, want) {
			t.Errorf("%+v: %s", f, got)
		}
	}
}
