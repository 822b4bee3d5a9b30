package sns

import (
	"encoding/json"
	"time"

	"apex/internal/api/snsapi"
)

// A retryPolicy says how often and when a delivery is tried again (SNS: delivery
// policies, healthyRetryPolicy). Between the least and the most the pauses grow
// evenly.
type retryPolicy struct {
	NumRetries     int `json:"numRetries"`
	MinDelayTarget int `json:"minDelayTarget"` // seconds
	MaxDelayTarget int `json:"maxDelayTarget"`
}

var defaultRetries = retryPolicy{NumRetries: 3, MinDelayTarget: 20, MaxDelayTarget: 20}

// retriesOf reads a delivery policy: a topic's, that has it under "http", or a
// subscription's.
func retriesOf(text string) (retryPolicy, error) {
	if text == "" {
		return defaultRetries, nil
	}
	var read struct {
		Healthy *retryPolicy `json:"healthyRetryPolicy"`
		HTTP    struct {
			Healthy *retryPolicy `json:"defaultHealthyRetryPolicy"`
		} `json:"http"`
	}
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return defaultRetries, snsapi.NewInvalidParameterException("Invalid parameter: DeliveryPolicy: %v", err)
	}
	found := defaultRetries
	switch {
	case read.Healthy != nil:
		found = *read.Healthy
	case read.HTTP.Healthy != nil:
		found = *read.HTTP.Healthy
	}
	if found.NumRetries < 0 || found.NumRetries > 100 || found.MinDelayTarget < 1 || found.MaxDelayTarget > 3600 || found.MinDelayTarget > found.MaxDelayTarget {
		return found, snsapi.NewInvalidParameterException("Invalid parameter: DeliveryPolicy: want numRetries 0 to 100, 1 <= minDelayTarget <= maxDelayTarget <= 3600")
	}
	return found, nil
}

// effectivePolicy writes the policy in force: the first that was given.
func effectivePolicy(given ...string) string {
	retries := defaultRetries
	for _, text := range given {
		if text != "" {
			retries, _ = retriesOf(text)
			break
		}
	}
	text, _ := json.Marshal(map[string]any{"http": map[string]any{
		"defaultHealthyRetryPolicy": map[string]any{
			"minDelayTarget": retries.MinDelayTarget, "maxDelayTarget": retries.MaxDelayTarget, "numRetries": retries.NumRetries,
			"numMaxDelayRetries": 0, "numNoDelayRetries": 0, "numMinDelayRetries": 0, "backoffFunction": "linear",
		},
		"disableSubscriptionOverrides": false,
		"defaultRequestPolicy":         map[string]any{"headerContentType": "text/plain; charset=UTF-8"},
	}})
	return string(text)
}

// pause is how long to wait after so many tries; false if there is to be none.
func (p retryPolicy) pause(tries int) (time.Duration, bool) {
	if tries > p.NumRetries {
		return 0, false
	}
	span := p.MaxDelayTarget - p.MinDelayTarget
	return time.Duration(p.MinDelayTarget+span*(tries-1)/max(1, p.NumRetries-1)) * time.Second, true
}
