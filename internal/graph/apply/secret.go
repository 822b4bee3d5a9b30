package apply

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"apex/internal/graph"
)

// placeholder stands for a secret that nobody has given yet.
const placeholder = "not-set"

func (r *run) secret(ctx context.Context, v graph.Secret) (fact, Phase, error) {
	f, found, err := r.readSecret(ctx, v.Name)
	if err != nil {
		return fact{}, "", err
	}
	given := r.Values[v.Env]
	if v.Required && given == "" && (!found || f.Value[""] == placeholder) {
		return fact{}, "", fmt.Errorf("it has no value: set the environment variable %s and run apex up again", v.Env)
	}
	if !found {
		f.Value = newValue(v, given)
		made, err := r.secrets.CreateSecret(ctx, &secretsmanager.CreateSecretInput{
			Name: &v.Name, Description: &v.Description, SecretString: aws.String(encodeValue(f.Value)), Tags: r.secretTags(v.ID),
		})
		if err != nil {
			return fact{}, "", err
		}
		f.ID, f.ARN = v.Name, *made.ARN
		return f, Created, nil
	}
	if given == "" || given == f.Value[""] {
		return f, Unchanged, nil
	}
	f.Value = map[string]string{"": given}
	return f, Updated, r.putSecret(ctx, f)
}

// newValue is what a secret begins with: what was given, or its fields with a new
// password, or a placeholder.
func newValue(v graph.Secret, given string) map[string]string {
	switch {
	case v.Generate != "":
		value := maps.Clone(v.Fields)
		if value == nil {
			value = map[string]string{}
		}
		value[v.Generate] = rand.Text() + rand.Text()[:6]
		return value
	case given != "":
		return map[string]string{"": given}
	}
	return map[string]string{"": placeholder}
}

// readSecret returns a secret's ARN and value.
func (r *run) readSecret(ctx context.Context, name string) (fact, bool, error) {
	out, err := r.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &name})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return fact{}, false, nil
	}
	if err != nil {
		return fact{}, false, err
	}
	return fact{ID: name, ARN: *out.ARN, Value: decodeValue(aws.ToString(out.SecretString))}, true, nil
}

func (r *run) putSecret(ctx context.Context, f fact) error {
	_, err := r.secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &f.ARN, SecretString: aws.String(encodeValue(f.Value))})
	return err
}

func encodeValue(value map[string]string) string {
	if text, ok := value[""]; ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // strings only
	}
	return string(text)
}

func decodeValue(text string) map[string]string {
	var value map[string]string
	if json.Unmarshal([]byte(text), &value) != nil || value == nil {
		return map[string]string{"": text}
	}
	return value
}

func (r *run) secretTags(id graph.ID) (tags []types.Tag) {
	for k, v := range r.Graph.Tags(id) {
		tags = append(tags, types.Tag{Key: &k, Value: &v})
	}
	return tags
}

// attachment writes into a secret the address of what it opens and the URL of
// all together. Its fact is the secret's.
func (r *run) attachment(ctx context.Context, v graph.Attachment) (fact, Phase, error) {
	secret, target := r.fact(v.Secret), r.fact(v.Target)
	value := maps.Clone(secret.Value)
	value["host"], value["port"] = target.Host, strconv.Itoa(target.Port)
	value["url"] = connectionURL(v.Scheme, value)
	if maps.Equal(value, secret.Value) {
		return secret, Unchanged, nil
	}
	secret.Value = value
	return secret, Updated, r.putSecret(ctx, secret)
}

func connectionURL(scheme string, value map[string]string) string {
	u := url.URL{Scheme: scheme, User: url.UserPassword(value["username"], value["password"]), Host: value["host"] + ":" + value["port"]}
	if scheme == "redis" {
		u.Path = "/0"
	} else {
		u.Path = "/" + value["dbname"]
	}
	return u.String()
}
