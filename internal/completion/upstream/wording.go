package upstream

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// A wording is everything a failure says, in lower case. What servers say
// differs more than their statuses do, so a kind of failure is recognised by the
// words that its messages share; failure_test.go has those that were met.
type wording string

func newWording(f *failure) wording {
	return wording(strings.ToLower(f.code + "\n" + f.kind + "\n" + f.message))
}

// any reports whether one of the words occurs.
func (w wording) any(words ...string) bool {
	for _, word := range words {
		if strings.Contains(string(w), word) {
			return true
		}
	}
	return false
}

func (w wording) noCredit() bool {
	return w.any("insufficient_quota", "billing_error", "insufficient balance", "insufficient_balance", "insufficient credit", "insufficient funds",
		"billing_hard_limit", "billing hard limit", "credit balance", "not enough credit", "out of credit", "arrearage",
		"余额不足", "余额已用尽", "额度不足", "额度已用尽", "欠费")
}

// tooLong reports whether the prompt does not fit. Limits per minute speak of
// tokens too: waiting cures these, unless the request alone is over the limit.
func (w wording) tooLong(status int) bool {
	switch {
	case status == 401 || status == 402 || status == 403 || status == 404:
		return false
	case w.any("per minute", "per min", "per day", "per hour", "rate limit", "rate_limit", "ratelimit", "quota", "速率", "频率", "每分钟") || status == 429:
		return w.overLimitAlone() || w.any("request too large", "in a single request")
	case w.any("context_length_exceeded", "context_window_exceeded", "contextwindowexceeded", "exceed_context_size", "tokens_limit_reached",
		"prompt_tokens_exceeded", "string_above_max_length", "context length", "context window", "context size", "context limit", "reduce the length",
		"shorter input", "shorter prompt", "max_tokens must be at least 1, got -", // what is left of the context
		"上下文长度", "上下文長度", "超出最大长度", "输入过长", "输入长度", "长度超", "超长", "超長",
		"長すぎ", "너무 길", "너무 깁", "слишком длин", "zu lang", "trop long", "demasiado larg", "muito long", "troppo lung"):
		return true
	}
	about := w.any("prompt", "input", "request", "message", "context", "conversation", "token", "sequence", "content length",
		"上下文", "输入", "輸入", "请求", "提示", "消息", "会话", "トークン", "토큰", "токен", "контекст")
	size := w.any("token", "length", "too long", "too large", "size", "maxlength", "n_ctx", "characters", "fit",
		"长度", "過長", "过长", "过大", "过多", "トークン", "토큰", "токен")
	over := w.any("exceed", "too long", "too large", "too many tokens", "too big", "longer than", "greater than", "larger than", "more than",
		"overflow", "must be <=", "must have less", "should be [", "maximum model length", "maximum prompt", "maximum context",
		"maximum input", "over the limit", "over the maximum", "not fit", "at most", "the limit is", "limit is ", "maximum is", "maximum of", "maximum number of",
		"max input", "maxlength", "max_seq_len", "超过", "超過", "超出", "过长", "过大", "过多", "上限", "超え", "초과", "превы")
	return about && size && over && !w.aboutAnswer() && !w.any("temperature", "top_p", "penalty", "the image")
}

// aboutAnswer reports whether it is about how long an answer may be, which is another
// limit, and a setting.
func (w wording) aboutAnswer() bool {
	return w.any("max_tokens", "max_completion_tokens", "max_output_tokens", "max_new_tokens", "maxoutputtokens", "output tokens", "completion tokens") &&
		!w.any("prompt", "input", "context", "messages", "输入", "上下文")
}

// overLimitAlone reports whether a request asks for more than its limit:
// "Limit 30000, Requested 31538".
func (w wording) overLimitAlone() bool {
	for _, numbers := range limits() {
		found := numbers.FindStringSubmatch(string(w))
		if found == nil {
			continue
		}
		of := func(name string) int {
			n, _ := strconv.Atoi(strings.ReplaceAll(found[numbers.SubexpIndex(name)], ",", "")) // digits and commas: it is a number, or out of range
			return n
		}
		if of("limit") > 0 && of("requested") > of("limit") {
			return true
		}
	}
	return false
}

func (w wording) wrongPath() bool {
	return w.any("unexpected endpoint or method", "unknown endpoint", "unknown request url", "invalid url (", "no route", "route not found",
		"cannot post /", "cannot get /", "endpoint not found", "path not found", "method not allowed", "method_not_allowed",
		"no handler found", "unrecognized request url", "please check the url", "page not found")
}

func (w wording) unknownModel() bool {
	return w.any("model_not_found", "model not found", "no such model", "unknown model", "not a valid model", "invalid model",
		"no available channel", "无可用渠道", "模型不存在") ||
		w.any("model") && w.any("does not exist", "not exist", "is not available", "not supported by")
}

func (w wording) badKey() bool {
	if w.any("api_key_invalid", "invalid_api_key", "incorrect api key", "invalid authentication", "authentication_error", "authentication fails",
		"authentication failed", "authentication required", "unauthenticated", "not authenticated", "unauthorized", "invalid bearer", "no auth credentials",
		"令牌", "密钥", "鉴权", "认证失败", "身份验证", "未授权") {
		return true
	}
	key := w.any("api key", "api-key", "api_key", "apikey", "authorization", "authentication header", "subscription key", "secret key",
		"access token", "bearer token", "api token", "server token", "jwt", "credential",
		"apiキー", "api 키", "api-ключ", "api-schlüssel", "clé api", "clé d'api", "clave de api", "chave de api", "chiave api")
	fault := w.any("invalid", "missing", "expired", "not valid", "incorrect", "required", "provide", "not found", "not exist", "no api key", "revoked", "disabled",
		"malformed", "unauthorized", "wrong", "bad ", "fail", "无效", "错误", "过期", "不存在", "缺少", "無効", "잘못", "неверн", "недейств", "ungültig", "no válid", "inválid", "non valid")
	token := w.any("token expired", "token is expired", "invalid token", "token is invalid", "token不正确", "token 不正确") && !w.any("json", "token id", "position")
	return key && fault || token
}

func (w wording) loading() bool {
	if w.any("error loading", "failed loading", "failed to load", "loading failed", "unable to load", "could not load", "cannot load", "start failed", "start timed out", "failed to start", "加载失败") {
		return false
	}
	return w.any("loading model", "is loading", "model loading", "initializing", "currently loading", "being loaded", "model not loaded yet", "still loading", "warming up", "is starting up",
		"not ready yet", "cold start", "scaling up from zero", "scaling from zero", "scaled to zero", "模型加载中", "正在加载")
}

// limits find what a limit per minute says of itself and of the request.
var limits = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`limit[:=]? ?(?P<limit>[\d,]+)[^\n]{0,80}?requested[:=]? ?(?P<requested>[\d,]+)`),
		regexp.MustCompile(`(?:limit|per minute|tpm)[^\d\n]{0,16}?(?P<limit>[\d,]+)[^\n]{0,60}?request (?:uses|has|needs|contains|requires|asks for|is for) (?P<requested>[\d,]+)`),
		regexp.MustCompile(`request(?:ed)? (?:of |for |has |uses )?(?P<requested>[\d,]+) tokens[^\n]{0,80}?limit (?:of |is )?(?P<limit>[\d,]+)`),
	}
})
