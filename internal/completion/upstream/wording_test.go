package upstream

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/llmls/llmls/internal/completion"
)

// Prompts that do not fit, in the words of those who refuse them, and what only
// sounds like it.
func TestTooLong(t *testing.T) {
	for _, test := range []struct {
		status int
		said   string
	}{
		{400, "Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)"},
		{500, "Context size has been exceeded."},
		{400, "The decoder prompt (length 5000) is longer than the maximum model length of 4096."},
		{422, "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000"},
		{422, "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens and 100 `max_new_tokens`"},
		{400, "Range of input length should be [1, 30720]"},
		{400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens."},
		{400, "prompt token count of 70000 exceeds the limit of 64000"},
		{413, "Request body too large for gpt-4o model. Max size: 8000 tokens."},
		{400, "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"},
		{400, "The number of tokens to keep from the initial prompt is greater than the context length."},
		{400, "input length and `max_tokens` exceed context limit: 198000 + 8000 > 200000"},
		{400, "prompt is too long: 210000 tokens > 200000 maximum"},
		{400, "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."},
		{400, "Total message token length exceed model limit"},
		{500, "Requested tokens (5000) exceed context window of 4096"},
		{400, "输入的上下文长度超过了模型的最大限制"},
		{400, "请求的 token 数量超过模型上限"},
		{400, "Prompt 超长"},
		{429, "Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 31538. The input or output tokens must be reduced"},
		{429, "Limit: 6,000, Used 0, Requested: 7,012 tokens per minute"},
		{400, "Input is too long for requested model."},
		{400, "Your input exceeds the context window of this model. Please adjust your input and try again."},
		{400, "Please reduce the length of the messages or completion."},
		{400, "This endpoint's maximum context length is 8192 tokens. However, you requested about 10000 tokens"},
		{400, "invalid params, context window exceeds limit (2013)"},
		{400, "prompt too long; exceeded max context length by 100 tokens"},
		{400, "Prompt exceeds max length"},
		{400, "token limit exceeded"},
		{400, "too many tokens"},
		{400, "The input (9000 tokens) is longer than the model's context length (8192 tokens)."},
		{400, "Requested token count exceeds the model's maximum context length of 8192 tokens."},
		{400, "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens."},
		{400, "Input length 32770 exceeds the maximum length 32768"},
		{400, "Total tokens of image and text exceed max message tokens"},
		{400, "the max input characters is 20000"},
		{400, "Malformed input request: expected maxLength: 2048, actual: 3000, please reformat your input and try again."},
		{400, "Input Tokens Exceeded: Number of input tokens exceeds maximum length. Please update the input to try again."},
		{400, "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4500. Try using a shorter prompt."},
		{400, "Prompt is too long, prompt had 9000 tokens but maximum allowed is 8191"},
		{400, "The prompt is too long: 140000, model maximum context length: 131071"},
		{500, "Prompt length (9000) exceeds maximum input length (8192). Set log level to info and check TRTGptModel logs for how maximum input length is set"},
		{500, "requested tokens exceed n_ctx (4096)"},
		{400, "Input length (9000) exceed session_len (8192)"},
		{400, "输入tokens总数过长"},
		{400, "输入内容过长，请减少输入"},
		{400, "tokens数量超出限制"},
		{400, "会话历史tokens过多"},
		{400, "輸入超過模型的上下文長度上限"},
		{400, "入力が長すぎます"},
		{400, "プロンプトが最大トークン数を超えています"},
		{400, "입력이 너무 깁니다"},
		{400, "프롬프트가 최대 토큰 수를 초과했습니다"},
		{400, "Запрос слишком длинный"},
		{400, "Превышен лимит токенов контекста"},
		{400, "La requête est trop longue"},
		{400, "Die Eingabe ist zu lang"},
		{400, "La entrada es demasiado larga"},
		{400, "the prompt has 9,000 tokens; the limit is 8,192"},
		{400, "Prompt does not fit into the context"},
		{400, "prompt (9000 tokens) does not fit in n_ctx"},
		{500, "failed to find a free slot: prompt is too large to fit KV cache"},
		{400, "input is too large to process. increase the physical batch size"},
		{500, "input is too large to process. increase the physical batch size"},
		{400, "the request exceeds the available context size (4096 tokens), try increasing it"},
		{400, "This model supports at most 8192 input tokens"},
		{400, "Number of tokens exceeds the limit"},
		{400, "maximum number of input tokens is 8192, got 9000"},
		{400, "Message exceeds context limit"},
		{400, "tokens in request more than max tokens allowed"},
		{400, "Request exceeds the maximum size"},
		{400, "messages too long"},
		{400, "Content length exceeds maximum"},
		{400, "request too large"},
		{400, "Expected maximum of 8192 tokens but got 9000"},
		{400, "Trying to keep the first 9000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input"},
		{400, "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 9000>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input."},
		{422, "inputs must have less than 4096 tokens. Given: 4532"},
		{400, "Input too long. Max length is 8000 tokens"},
		{400, "please provide a shorter input"},
		{400, "code: 20015, length of prompt_tokens (140000) must be less than max_seq_len (131072)."},
		{400, "max_total_tokens (9000) must be less than or equal to max_seq_len (8192)"},
		{400, "max_prompt_tokens exceeded"},
		{400, "Requested 9000 tokens, but the model's limit is 8192"},
		{400, "Your prompt is 9000 tokens but the maximum is 8192."},
		{400, "Token count of 9000 is over the maximum of 8192"},
		{503, "context length exceeded"},
		{400, "max_tokens must be at least 1, got -808."},
		{400, "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 8192 tokens and your request has 5000 input tokens (4096 > 8192 - 5000)."},
		{400, "ContextWindowExceededError: litellm.BadRequestError"},
		{500, "litellm.ContextWindowExceededError: ..."},
		{429, "Request too large for model `llama-3.1-8b-instant` in organization on tokens per minute (TPM): Limit 6000, Requested 12000, please reduce your message size and try again."},
		{429, "Request too large: this request would use 50000 tokens, which exceeds your limit of 30000 tokens per minute"},
		{429, "The request of 31538 tokens is larger than the limit of 30000 tokens per minute; waiting will not help"},
		{413, "x"},
		{429, "Tokens per minute limit exceeded - too many tokens in a single request: limit=30000, requested=31538"},
		{429, "TPM limit 30000 is less than the requested 31538 tokens"},
	} {
		e := testTarget().failed(test.status, nil, &failure{message: test.said})
		if e.Kind != completion.BadRequest || e.Reason != completion.ContextTooLong || e.Temporary {
			t.Errorf("%d %s: got %s, %q", test.status, test.said, e.Kind, e.Reason)
		}
		if !strings.Contains(e.Sentence(), "Select less, or lower context.maxTokens") {
			t.Errorf("%s", e.Sentence())
		}
	}
	for _, test := range []struct {
		status int
		said   string
	}{
		{400, "max_tokens is too large: 100000. This model supports at most 16384 completion tokens"},
		{400, "max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens"},
		{400, "temperature must be less than or equal to 2"},
		{429, "Rate limit reached for gpt-4.1 on tokens per min (TPM): Limit 30000, Used 18928, Requested 11159. Please try again in 174ms."},
		{429, "This request would exceed your organization's rate limit of 30,000 input tokens per minute"},
		{401, "Your token exceeded its maximum length"},
		{500, "internal error"},
		{400, "Invalid message role"},
		{400, "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000."},
		{400, "The maximum tokens you requested exceeds the model limit of 4096 output tokens"},
		{400, "Invalid value for 'top_p': 2 is greater than the maximum of 1"},
		{400, "stop: too many sequences, at most 4"},
		{400, "messages.0.content: input should be a valid string"},
		{400, "The image is too large"},
		{400, "Invalid 'max_output_tokens': integer above maximum value. Expected a value <= 128000"},
		{400, "max_new_tokens must be <= 2048"},
		{429, "Number of request tokens has exceeded your per-minute rate limit"},
		{429, "Too many tokens, please wait before trying again."},
		{429, "Rate limit exceeded: 500000 tokens per day"},
		{429, "You have exceeded the token rate limit of your current AIServices S0 pricing tier. Please retry after 20 seconds."},
		{400, "Unknown parameter: max_tokens"},
		{500, "The server had an error processing your request. Sorry about that! More requests than expected"},
		{403, "request exceeds your budget"},
		{400, "Model name too long"},
	} {
		if e := testTarget().failed(test.status, nil, &failure{message: test.said}); e.Reason == completion.ContextTooLong {
			t.Errorf("%d %s: taken for a prompt that is too long", test.status, test.said)
		}
	}
}

func TestBadKeyWithAnyStatus(t *testing.T) {
	for _, body := range []string{
		`[{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}]`,
		`{"error":{"code":400,"message":"Request failed.","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}`,
		`{"error":"Missing or invalid Authorization header"}`,
		`{"message":"No API key provided"}`,
		`{"error":{"message":"The api_key is required"}}`,
		`{"error":{"code":"1000","message":"身份验证失败"}}`,
		`{"error":{"message":"API key 无效"}}`,
	} {
		if e := testTarget().failed(400, nil, bodyFailure([]byte(body))); e.Kind != completion.Auth || e.KeySource == "" {
			t.Errorf("%s: got %s", body, e.Kind)
		}
	}
}

// In the words of gateways and companies, in several languages, with a status that says
// nothing of it, and what only sounds like it.
func TestBadKeyInWords(t *testing.T) {
	for _, said := range []string{
		"Incorrect API key provided: sk-xxx", "API key not valid. Please pass a valid API key.", "API key expired. Please renew the API key.", "Missing or invalid Authorization header",
		"No API key provided", "You must provide an API key", "Invalid API Key", "invalid x-api-key", "Missing API key", "api key is required", "Missing Authentication header",
		"No auth credentials found", "Invalid token", "token expired", "The token is expired", "jwt expired", "Token is invalid", "invalid access token", "API token invalid", "Unauthorized", "Authentication required", "authentication failed", "Authentication Error, No api key passed in.",
		"Your API key has been revoked", "This API key has been disabled", "The api key you provided is wrong", "Access denied due to invalid subscription key or wrong API endpoint.",
		"Access denied due to missing subscription key.", "API密钥无效", "Api key 错误", "无效的令牌", "令牌已过期", "身份验证失败", "鉴权失败", "缺少 API Key", "未提供令牌", "未授权", "token不正确", "APIキーが無効です", "잘못된 API 키", "Неверный API-ключ", "Ungültiger API-Schlüssel", "Clé API invalide", "Clave de API no válida",
		"Could not validate credentials", "Bad credentials", "invalid api token", "Malformed API Key: Ensure Key has `Bearer ` prefix", "API_KEY_INVALID", "Invalid proxy server token passed. valid_token=None.", "You didn't provide an API key.", "Please provide an API key", "Unauthenticated", "Not authenticated", "api key does not exist", "Wrong API Key format", "login fail: Please carry the API secret key in the 'Authorization' field of the request header",
	} {
		for _, status := range []int{400, 422, 0} {
			if e := testTarget().failed(status, nil, &failure{message: said}); e.Kind != completion.Auth {
				t.Errorf("%d %s: got %s", status, said, e.Kind)
			}
		}
	}
	for _, said := range []string{
		"Invalid token in JSON at position 3", "unexpected token < in JSON", "Invalid value for 'stop'", "Key 'foo' not found in template", "missing required parameter: messages", "the messages are invalid", "invalid temperature", "max_tokens must not be wrong", "Invalid model key",
		"token count invalid", "invalid token id 32000", "missing key 'content'",
	} {
		if e := testTarget().failed(400, nil, &failure{message: said}); e.Kind == completion.Auth {
			t.Errorf("%s: taken for a bad key", said)
		}
	}
}

// A key that is missing although one was sent belongs into a field of its own.
func TestKeyHeader(t *testing.T) {
	for _, said := range []string{
		"Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.",
		"The access token is missing, invalid, audience is incorrect (https://cognitiveservices.azure.com), or have expired.",
		"Unauthorized. Access token is missing, invalid, audience is incorrect (https://ai.azure.com), or have expired.",
		"Token audience is incorrect (https://ml.azure.com)", "Missing api-key header", "The 'api-key' header is required.", "Missing header: Ocp-Apim-Subscription-Key",
	} {
		target := testTarget()
		if e := target.failed(401, nil, &failure{message: said}); e.Reason != completion.KeyHeader || !strings.HasPrefix(e.Sentence(), `Put headers = { "api-key" = "${apiKey}" }`) {
			t.Errorf("%q: %s", e.Reason, e.Sentence())
		}
		target.keyInside = true
		if e := target.failed(401, nil, &failure{message: said}); e.Reason != "" {
			t.Errorf("with the key in such a field: %q", e.Reason)
		}
	}
	for _, said := range []string{
		"Access denied due to invalid subscription key or wrong API endpoint.", "invalid x-api-key", "x-api-key header is required", "Invalid API key in the api-key header",
	} {
		if e := testTarget().failed(401, nil, &failure{message: said}); e.Kind != completion.Auth || e.Reason != "" {
			t.Errorf("%s: %s, %q", said, e.Kind, e.Reason)
		}
	}
}

// The title of a page is text, whatever a server escaped in it, and how often: also a
// key that it repeats.
func TestPageTitle(t *testing.T) {
	for page, want := range map[string]string{
		"<title>Terms &amp; Conditions</title>":                "Terms & Conditions",
		"<title>You&#39;re offline</title>":                    "You're offline",
		"<title>Bad&nbsp;Gateway &#x2014; caf&eacute;</title>": "Bad Gateway — café",
		"<title>Terms &amp;amp; You&amp;#39;re</title>":        "Terms & You're",
		"<html><head><title lang=en>\n A\n B </title></head>":  "A B",
		"<title>&lt;b&gt;502&lt;/b&gt;</title>":                "<b>502</b>",
		"<Error><Code>1</Code><Message>A &lt; B</Message>":     "A < B",
		"<title>&#115;k-canary&#45;0123456789 refused</title>": "[key] refused",
		"<title>sk-canary&amp;#45;0123456789 refused</title>":  "[key] refused",
		"<title></title><h1>Nothing here</h1>":                 "Nothing here",
		"<TITLE>Loud</TITLE>":                                  "Loud",
		"<title>It never ends":                                 "",
		"<titlebar>x</titlebar><title>It&apos;s this</title>":  "It's this",
	} {
		target := testTarget()
		target.key = "sk-canary-0123456789"
		if got := target.detail(pageTitle([]byte(page))); got != want {
			t.Errorf("%s: %q, want %q", page, got, want)
		}
	}
}

func TestStatusBesideAnAnswer(t *testing.T) {
	type class struct {
		kind   completion.Kind
		reason completion.Reason
	}
	for code, want := range map[string]class{
		"1002": {completion.RateLimit, ""},
		"1039": {completion.RateLimit, ""},
		"1004": {completion.Auth, ""},
		"2049": {completion.Auth, ""},
		"1008": {completion.RateLimit, completion.NoCredit},
		"2013": {completion.BadRequest, ""},
		"1001": {completion.Timeout, ""},
		"1013": {completion.Server, ""},
	} {
		e := testTarget().failed(0, nil, bodyFailure([]byte(`{"choices":null,"base_resp":{"status_code":`+code+`,"status_msg":"said so"}}`)))
		if (class{e.Kind, e.Reason}) != want || e.Detail != "said so" {
			t.Errorf("%s: got %s, %q, %q", code, e.Kind, e.Reason, e.Detail)
		}
	}
}

func TestWrongPath(t *testing.T) {
	for _, said := range []string{
		"Unexpected endpoint or method. (POST /api/v1/chat/completions)", "Invalid URL (POST /v1/v1/chat/completions)", "Cannot POST /chat/completions",
		"Route not found", "Unknown request URL: POST /openai/chat/completions. Please check the URL for typos.",
	} {
		for _, status := range []int{0, 404} {
			e := testTarget().failed(status, nil, &failure{message: said})
			if e.Kind != completion.NotFound || !strings.HasPrefix(e.Sentence(), "Check baseUrl: it often ends in /v1.") {
				t.Errorf("%d %s: %s, %s", status, said, e.Kind, e.Sentence())
			}
		}
	}
}

// A server that speaks chat completions alone has no address for the other formats.
func TestWrongPathOfAnotherAPI(t *testing.T) {
	for _, api := range []string{"responses", "messages"} {
		target := testTarget()
		target.url = target.base.JoinPath(api)
		e := target.failed(404, nil, &failure{message: "Invalid URL (POST /v1/" + api + ")"})
		if !strings.HasPrefix(e.Sentence(), "Check baseUrl, which often ends in /v1, and api: ") || !strings.Contains(e.Sentence(), "does not speak "+api) {
			t.Errorf("%s: %s", api, e.Sentence())
		}
	}
}

func TestFirewall(t *testing.T) {
	for _, test := range []struct {
		status int
		header http.Header
		body   string
		want   bool
	}{
		{403, http.Header{"Cf-Mitigated": {"challenge"}}, "", true},
		{503, nil, "<html><title>Just a moment...</title>", true},
		{403, nil, "error code: 1010", true},
		{429, nil, "error code: 1015", true},
		{403, nil, "<html><head><title>403 Forbidden</title></head>", true},
		{403, http.Header{"X-Amzn-Waf-Action": {"challenge"}}, "", true},
		{406, nil, "<html><title>Not Acceptable!</title>An appropriate representation was not found. This error was generated by Mod_Security.", true},
		{403, nil, `{"error":{"message":"Country not supported"}}`, false},
		{401, nil, "<html><title>401</title>", false},
		{500, nil, "<html>", false},
		{429, nil, `{"error":"slow down"}`, false},
	} {
		resp := &http.Response{StatusCode: test.status, Header: test.header}
		e := testTarget().refusedBy(resp, []byte(test.body))
		if got := e.Reason == completion.Firewall; got != test.want {
			t.Errorf("%d %q: %+v", test.status, test.body, e)
		}
		if test.want && (e.Kind != completion.NotAnAPI || strings.Contains(e.Sentence(), "key") || !strings.Contains(e.Sentence(), "firewall")) {
			t.Errorf("%s: %s", e.Kind, e.Sentence())
		}
	}
}

func TestLoading(t *testing.T) {
	target := testTarget()
	target.firstByte = time.Minute
	for body, wait := range map[string]time.Duration{
		`{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}`:           0,
		`{"error":"Model meta-llama/Llama-2-70b-chat is currently loading","estimated_time":4}`: 4 * time.Second,
		`{"error":"The model is still loading"}`:                                                0,
		`{"error":"cold start in progress"}`:                                                    0,
		`{"error":"Scaling up from zero, no replicas available"}`:                               0,
		`{"error":"The deployment was scaled to zero"}`:                                         0,
	} {
		e := target.failed(503, nil, bodyFailure([]byte(body)))
		if e.Reason != completion.Loading || !e.Temporary || e.RetryAfter != wait || e.Patience != time.Minute {
			t.Errorf("%s: %+v", body, e)
		}
	}
}
