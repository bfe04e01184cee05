package upstream

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// spokenWait reads how long a message asks to wait: "try again in 174ms", "wait 2
// minutes and 5 seconds", "请在 20 秒后重试", in the languages that servers were seen
// to use. A duration counts in a sentence that speaks of another attempt, unless it
// is what a limit is per. It is 0 if there is none.
func spokenWait(message string) time.Duration {
	for _, sentence := range sentenceEnds().Split(strings.ToLower(message), -1) {
		if !anotherAttempt().MatchString(sentence) {
			continue
		}
		if wait := durationIn(sentence); wait > 0 {
			return wait
		}
	}
	return 0
}

// spokenTime reads how long it is until a time that a message names as that of the next
// attempt: "resets at 2026-11-30T10:00:00Z". It is 0 if there is none.
func spokenTime(message string, now time.Time) time.Duration {
	if !anotherAttempt().MatchString(strings.ToLower(message)) {
		return 0
	}
	at, err := time.Parse(time.RFC3339, strings.Replace(timeOfDay().FindString(message), " ", "T", 1))
	if err != nil {
		return 0
	}
	return believed(float64(at.Sub(now)), 1)
}

// durationIn returns the first duration in a sentence. Parts of it, as in "1 hour
// and 2 minutes", add up.
func durationIn(sentence string) time.Duration {
	var total time.Duration
	end := 0
	for _, at := range durations().FindAllStringSubmatchIndex(sentence, -1) {
		part := believed(number(sentence[at[2]:at[3]]), unitOf(sentence[at[4]:at[5]]))
		between := strings.Trim(sentence[end:at[0]], " ,")
		switch {
		case part == 0:
		case total > 0 && between != "" && between != "and":
			return total
		case total > 0 || !isRate(sentence[:at[0]]):
			total, end = total+part, at[1]
		}
	}
	return total
}

// number reads the digits before a unit, or the word for one. A comma parts
// thousands or, in other languages, what is less than one.
func number(text string) float64 {
	text = strings.TrimSpace(text)
	switch whole, part, ok := strings.Cut(text, ","); {
	case text == "a" || text == "an" || text == "one":
		return 1
	case ok && len(part) == 3:
		text = whole + part
	case ok:
		text = whole + "." + part
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return n
}

// unitOf returns the unit of time that a word names, 0 if it names none. Words go
// on behind it in several ways, in Chinese and Japanese with the sentence.
func unitOf(word string) time.Duration {
	for _, unit := range []struct {
		length time.Duration
		short  string
		starts []string
	}{
		{time.Microsecond, "us", []string{"micro", "µs", "μs"}},
		{time.Millisecond, "ms", []string{"milli", "mili", "msec", "мс", "毫秒", "ミリ秒", "밀리초"}},
		{time.Second, "s", []string{"sec", "sek", "seg", "сек", "秒", "초"}},
		{time.Minute, "m", []string{"min", "мин", "分", "분"}},
		{time.Hour, "h", []string{"hr", "hour", "std", "stund", "heure", "hora", "ore", "ora", "uur", "godz", "час", "小时", "小時", "時間", "시간"}},
		{24 * time.Hour, "d", []string{"day", "tag", "jour", "dia", "día", "giorn", "dag", "dni", "дн", "天", "日", "일"}},
	} {
		if word == unit.short {
			return unit.length
		}
		for _, start := range unit.starts {
			if strings.HasPrefix(word, start) {
				return unit.length
			}
		}
	}
	return 0
}

// isRate reports whether a duration behind text is what something is counted by,
// such as "20 requests per 60 seconds".
func isRate(text string) bool {
	text = strings.TrimRight(text, " ")
	for _, end := range []string{"per", "every", "each", "/", "last", "past", "within", "each of", "pro", "par", "每"} {
		if strings.HasSuffix(text, end) {
			return true
		}
	}
	return false
}

var (
	timeOfDay = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)`)
	})
	sentenceEnds = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`[.!?;]\s|[。！；\n]`)
	})
	durations = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(\d+(?:[.,]\d+)?\s*|\ban?\s+|\bone\s+)([\p{L}µ]+)`)
	})
	anotherAttempt = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`again|retry|retries|wait|available|\breset|cooldown|cool down|next request|` +
			`erneut|nochmal|wieder|réessay|reintent|de nuevo|novamente|riprov|opnieuw|spróbuj|повтор|попроб|` +
			`重试|再试|重試|再試|重置|恢复|恢復|等待|稍后|稍後|もう一度|待っ|다시|재시도`)
	})
)
