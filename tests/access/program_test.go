package access

// program is the service of these stories: its first argument says what it does.
// It signs its calls by itself, for its module has no dependencies.
const program = `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	switch os.Args[1] {
	case "serve":
		http.ListenAndServe(":3000", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	case "say":
		fmt.Println("runs with a token of", len(os.Getenv("TOKEN")))
	case "read":
		read(os.Args[2])
	}
}

// read asks for a secret with the credentials of the task's role.
func read(secret string) {
	resp, err := http.Get("http://169.254.170.2" + os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"))
	if err != nil {
		fmt.Println(err)
		return
	}
	var c struct{ AccessKeyId, SecretAccessKey, Token string }
	json.NewDecoder(resp.Body).Decode(&c)
	body, now, region := "{\"SecretId\":\""+secret+"\"}", time.Now().UTC(), os.Getenv("AWS_REGION")
	req, _ := http.NewRequest("POST", os.Getenv("AWS_ENDPOINT_URL")+"/", strings.NewReader(body))
	scope := now.Format("20060102") + "/" + region + "/secretsmanager/aws4_request"
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	req.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	req.Header.Set("X-Amz-Security-Token", c.Token)
	names := "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
	canonical := "POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:" + req.URL.Host + "\nx-amz-date:" + req.Header.Get("X-Amz-Date") +
		"\nx-amz-security-token:" + c.Token + "\nx-amz-target:secretsmanager.GetSecretValue\n\n" + names + "\n" + sum(body)
	text := "AWS4-HMAC-SHA256\n" + req.Header.Get("X-Amz-Date") + "\n" + scope + "\n" + sum(canonical)
	key := []byte("AWS4" + c.SecretAccessKey)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.AccessKeyId+"/"+scope+", SignedHeaders="+names+", Signature="+hex.EncodeToString(mac(key, text)))
	resp, err = http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, _ := io.ReadAll(resp.Body)
	fmt.Println("answered", resp.StatusCode, string(answer))
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:])
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
`
