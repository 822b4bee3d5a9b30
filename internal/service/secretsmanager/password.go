package secretsmanager

import (
	"context"
	"crypto/rand"
	"math/big"
	"strings"

	"apex/internal/api"
	"apex/internal/api/secretsmanagerapi"
)

// The kinds of characters of a random password (source: AWS's model,
// GetRandomPassword).
const (
	lowercase   = "abcdefghijklmnopqrstuvwxyz"
	uppercase   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits      = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

const defaultPasswordLength = 32

func (s *Service) getRandomPassword(_ context.Context, _ *api.Call, in *secretsmanagerapi.GetRandomPasswordRequest) (*secretsmanagerapi.GetRandomPasswordResponse, error) {
	var kinds []string
	for _, kind := range []struct {
		left  *bool
		chars string
	}{
		{in.ExcludeLowercase, lowercase},
		{in.ExcludeUppercase, uppercase},
		{in.ExcludeNumbers, digits},
		{in.ExcludePunctuation, punctuation},
		{api.Ptr(!api.Val(in.IncludeSpace)), " "},
	} {
		if api.Val(kind.left) {
			continue
		}
		if chars := exclude(kind.chars, api.Val(in.ExcludeCharacters)); chars != "" {
			kinds = append(kinds, chars)
		}
	}
	length := int(api.Or(in.PasswordLength, defaultPasswordLength))
	each := api.Or(in.RequireEachIncludedType, true)
	switch {
	case len(kinds) == 0:
		return nil, secretsmanagerapi.NewInvalidParameterException("The password can't be empty: all characters are excluded.")
	case each && length < len(kinds):
		return nil, secretsmanagerapi.NewInvalidParameterException("The password length %d is too short for %d required character types.", length, len(kinds))
	}
	return &secretsmanagerapi.GetRandomPasswordResponse{RandomPassword: api.Ptr(randomPassword(length, kinds, each))}, nil
}

func exclude(chars, excluded string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(excluded, r) {
			return -1
		}
		return r
	}, chars)
}

// randomPassword draws each character from all kinds; if each kind is required,
// the first ones come from one kind each and are then shuffled among the rest.
func randomPassword(length int, kinds []string, each bool) string {
	all := strings.Join(kinds, "")
	password := make([]byte, length)
	for i := range password {
		from := all
		if each && i < len(kinds) {
			from = kinds[i]
		}
		password[i] = from[randomBelow(len(from))]
	}
	for i := len(password) - 1; i > 0; i-- {
		j := randomBelow(i + 1)
		password[i], password[j] = password[j], password[i]
	}
	return string(password)
}

func randomBelow(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // never: crypto/rand does not fail
	}
	return int(i.Int64())
}
