package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}, Timeout: 30 * time.Second}

// ask makes one request and reads its answer.
func ask(ctx context.Context, url, cookie string) (time.Duration, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Cookie", cookie)
	begun := time.Now()
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return 0, err
	}
	if response.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", url, response.Status)
	}
	return time.Since(begun), nil
}

// steadily asks for one address after the other, perSecond times a second
// whether or not earlier answers have come, and returns how long each took
// from the moment it was due.
func steadily(ctx context.Context, urls []string, cookie string, perSecond int, for_ time.Duration) ([]time.Duration, error) {
	var (
		mu    sync.Mutex
		took  []time.Duration
		fault error
		work  sync.WaitGroup
	)
	begun := time.Now()
	for i := range int(for_.Seconds() * float64(perSecond)) {
		due := begun.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
		time.Sleep(time.Until(due))
		work.Go(func() {
			_, err := ask(ctx, urls[i%len(urls)], cookie)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(due))
			if err != nil {
				fault = err
			}
		})
	}
	work.Wait()
	slices.Sort(took)
	return took, fault
}

// eagerly asks with a number of clients, each again as soon as it is answered.
func eagerly(ctx context.Context, url, cookie string, clients int, for_ time.Duration) (answers int, err error) {
	var (
		mu   sync.Mutex
		work sync.WaitGroup
	)
	end := time.Now().Add(for_)
	for range clients {
		work.Go(func() {
			n := 0
			var fault error
			for fault == nil && time.Now().Before(end) {
				if _, fault = ask(ctx, url, cookie); fault == nil {
					n++
				}
			}
			mu.Lock()
			defer mu.Unlock()
			answers += n
			if fault != nil {
				err = fault
			}
		})
	}
	work.Wait()
	return answers, err
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}
