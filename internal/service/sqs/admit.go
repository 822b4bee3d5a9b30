package sqs

import (
	"strings"

	"apex/internal/arn"
	"apex/internal/service/iam/policy"
	"apex/internal/store"
)

// Admits tells whether a queue's access policy lets a service of AWS, such as
// "sns.amazonaws.com", send what comes from a resource.
func Admits(r store.Reader, queueARN, service, source string) bool {
	document, err := policy.Parse(PolicyOf(r, queueARN))
	if err != nil {
		return false // there is none, or it does not read: nobody is let in
	}
	keys := map[string][]string{"aws:sourcearn": {source}}
	if name, err := arn.Parse(source); err == nil {
		keys["aws:sourceaccount"] = []string{name.Account}
	}
	return policy.EvaluateResource(policy.Named{Name: queueARN, Document: document}, policy.Request{
		Action: "sqs:SendMessage", Resource: queueARN, Principal: policy.Principal{Service: strings.ToLower(service)}, Context: keys,
	}).Allowed
}
