package upstream

import (
	"net/http"
	"testing"
)

func TestProxyIsNotForThisMachine(t *testing.T) {
	// The environment is read once in a process: whether the exception is made
	// can be seen only where there is a proxy, so test/faults has the rest.
	for _, host := range []string{"localhost", "llm.localhost", "0.0.0.0:8080", "127.0.0.1", "[::1]:80"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host, nil)
		if err != nil {
			t.Fatal(err)
		}
		if to, err := proxy(req); to != nil || err != nil {
			t.Errorf("%s is reached by way of %v, %v", host, to, err)
		}
	}
}
