package upstream

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestSpokenWait(t *testing.T) {
	for said, want := range map[string]time.Duration{
		"Please try again in 174ms. Visit https://x.example/2 to learn more.": 174 * time.Millisecond,
		"Please try again in 6ms.":                               6 * time.Millisecond,
		"Please try again in 1m26.4s.":                           86400 * time.Millisecond,
		"Please try again in 24h0m0s":                            24 * time.Hour,
		"Please retry in 14.5s.":                                 14500 * time.Millisecond,
		"retry-after: 30":                                        0,
		"Retry after 30 seconds":                                 30 * time.Second,
		"retry after 30s":                                        30 * time.Second,
		"Try again in 5 min":                                     5 * time.Minute,
		"try again in an hour":                                   time.Hour,
		"try again in a minute":                                  time.Minute,
		"try again in one minute":                                time.Minute,
		"Please wait 10s before retrying":                        10 * time.Second,
		"wait for 10 seconds":                                    10 * time.Second,
		"Wait 2 minutes and try again":                           2 * time.Minute,
		"You can retry in 12 seconds":                            12 * time.Second,
		"available again in 3 hours":                             3 * time.Hour,
		"Your limit will reset in 4 hours":                       4 * time.Hour,
		"resets in 45 minutes":                                   45 * time.Minute,
		"Limit resets in 59m":                                    59 * time.Minute,
		"Rate limit reset after 20 seconds":                      20 * time.Second,
		"quota will reset after 2h13m":                           2*time.Hour + 13*time.Minute,
		"Please retry your request after 5 seconds":              5 * time.Second,
		"Please try again after 60 seconds.":                     time.Minute,
		"please retry after 60 sec":                              time.Minute,
		"Retry in: 20s":                                          20 * time.Second,
		"retry_after: 20s":                                       20 * time.Second,
		"Try again in 2.5 seconds":                               2500 * time.Millisecond,
		"try again in 500 ms":                                    500 * time.Millisecond,
		"try again in 250 msec":                                  250 * time.Millisecond,
		"try again in 500000 µs":                                 500 * time.Millisecond,
		"try again in 500000us":                                  500 * time.Millisecond,
		"try again in 1 day":                                     24 * time.Hour,
		"try again in 1 week":                                    0,
		"try again in 2 days":                                    48 * time.Hour,
		"请 20 秒后重试":                                              20 * time.Second,
		"请在20秒后重试":                                               20 * time.Second,
		"请等待 3 分钟":                                               3 * time.Minute,
		"请求过于频繁，请30秒后再试":                                         30 * time.Second,
		"20秒后重试":                                                 20 * time.Second,
		"请稍后再试，1分30秒后恢复":                                         90 * time.Second,
		"将在 5 分钟后重置":                                             5 * time.Minute,
		"請在 20 秒後重試":                                             20 * time.Second,
		"请于2小时后重试":                                               2 * time.Hour,
		"20秒後に再試行してください":                                         20 * time.Second,
		"3分後にもう一度お試しください":                                        3 * time.Minute,
		"20초 후에 다시 시도하세요":                                        20 * time.Second,
		"5분 후 다시 시도":                                             5 * time.Minute,
		"Bitte versuchen Sie es in 20 Sekunden erneut":           20 * time.Second,
		"in 2 Minuten erneut versuchen":                          2 * time.Minute,
		"Réessayez dans 20 secondes":                             20 * time.Second,
		"Veuillez réessayer dans 2 minutes":                      2 * time.Minute,
		"Inténtelo de nuevo en 20 segundos":                      20 * time.Second,
		"Tente novamente em 30 segundos":                         30 * time.Second,
		"Riprova tra 20 secondi":                                 20 * time.Second,
		"Повторите через 20 секунд":                              20 * time.Second,
		"попробуйте через 2 минуты":                              2 * time.Minute,
		"Przekroczono limit, spróbuj za 20 sekund":               20 * time.Second,
		"Probeer het over 20 seconden opnieuw":                   20 * time.Second,
		"20 seconds until reset":                                 20 * time.Second,
		"in 20 seconds you can try again":                        20 * time.Second,
		"next request possible in 20s":                           20 * time.Second,
		"Time until reset: 20s":                                  20 * time.Second,
		"cooldown: 20s remaining":                                20 * time.Second,
		"Limit: 3 / min. Please try again in 20s.":               20 * time.Second,
		"has been rate limited for 20s":                          0,
		"limit of 60 requests per 1 minute":                      0,
		"limit 30000 tokens per 20 seconds":                      0,
		"timed out after 20 seconds":                             0,
		"request took 20 seconds":                                0,
		"timeout in 30s":                                         0,
		"Please try again in 20s.":                               20 * time.Second,
		"try again in 7m12s":                                     7*time.Minute + 12*time.Second,
		"Please try again in 1h2m3.5s.":                          time.Hour + 2*time.Minute + 3500*time.Millisecond,
		"Please retry in 23.5s":                                  23500 * time.Millisecond,
		"Retry after 30 seconds.":                                30 * time.Second,
		"Please wait 20 seconds":                                 20 * time.Second,
		"try again in 15 hours and 3 minutes":                    15*time.Hour + 3*time.Minute,
		"please retry after 1 minute, 5 secs":                    time.Minute + 5*time.Second,
		"请在 20 秒后重试":                                             20 * time.Second,
		"You have 3 requests per 20s":                            0,
		"try again later":                                        0,
		"Limit 30000, Used 18928":                                0,
		"try again in 3 ways":                                    0,
		"the connection was reset in 2024":                       0,
		"Try again in 99999999999999999999999999999999999 days.": 0,
	} {
		if got := spokenWait(said); got != want {
			t.Errorf("%s: got %s, want %s", said, got, want)
		}
	}
}

// What says when a bucket is full again is not when there is room for one request.
func TestWait(t *testing.T) {
	h := http.Header{"X-Ratelimit-Reset-Tokens": {"37.856s"}}
	f := &failure{message: "Please try again in 174ms."}
	if got := f.wait(h, now); got != 174*time.Millisecond {
		t.Errorf("the message beside reset-tokens: %s", got)
	}
	h.Set("Retry-After", "2")
	if got := f.wait(h, now); got != 2*time.Second {
		t.Errorf("Retry-After beside the message: %s", got)
	}
	reset := now.Add(15 * time.Hour).UnixMilli()
	body := `{"error":{"message":"Rate limit exceeded: free-models-per-day","code":429,"metadata":{"headers":{"X-RateLimit-Limit":"50","X-RateLimit-Remaining":"0","X-RateLimit-Reset":"` +
		strconv.FormatInt(reset, 10) + `"}}}}`
	if got := bodyFailure([]byte(body)).wait(nil, now); got != 15*time.Hour {
		t.Errorf("the header of the provider behind a gateway: %s", got)
	}
	for _, member := range []string{`"retryAfter":"9000s"`, `"retry_after":"2h30m"`, `"retry_after":9000`} {
		if got := bodyFailure([]byte(`{"error":{"message":"x",`+member+`}}`)).wait(nil, now); got != 9000*time.Second {
			t.Errorf("%s: %s", member, got)
		}
	}
}
