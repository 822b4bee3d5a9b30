package identity

import (
	"context"
	"strconv"
	"time"
)

const (
	expiresIn    = "3600"
	refreshLasts = 90 * 24 * time.Hour
	codeLasts    = time.Hour
)

// signedIn is the answer of everything that signs in.
type signedIn struct {
	ID           string `json:"localId"`
	Email        string `json:"email"`
	Name         string `json:"displayName"`
	Verified     bool   `json:"emailVerified"`
	IDToken      string `json:"idToken"`
	RefreshToken string `json:"refreshToken"`
	ExpiresIn    string `json:"expiresIn"`
	Registered   bool   `json:"registered,omitempty"`
	IsNew        bool   `json:"isNewUser,omitempty"`
	Provider     string `json:"providerId,omitempty"`
	Federated    string `json:"federatedId,omitempty"`
}

func (s *Service) admit(ctx context.Context, a Account) (signedIn, error) {
	now := s.now()
	token, err := s.sign(ctx, s.claimsOf(a, now))
	if err != nil {
		return signedIn{}, err
	}
	refresh, err := s.issue(ctx, kindRefresh, grant{User: a.ID, Authenticated: now}, refreshLasts)
	return signedIn{ID: a.ID, Email: a.Email, Name: a.Name, Verified: a.Verified, IDToken: token, RefreshToken: refresh, ExpiresIn: expiresIn}, err
}

func (s *Service) signUp(ctx context.Context, c call) (any, error) {
	switch {
	case c.Email == "" && c.Password == "":
		return nil, notAllowed // an anonymous account
	case c.Password == "":
		return nil, noPassword
	}
	a := Account{Email: c.Email, Name: c.DisplayName, Provider: "password"}
	if err := a.setPassword(c.Password); err != nil {
		return nil, err
	}
	if err := s.add(ctx, &a); err != nil {
		return nil, err
	}
	return s.admit(ctx, a)
}

// signInWithPassword does not tell an unknown address from a wrong password.
func (s *Service) signInWithPassword(ctx context.Context, c call) (any, error) {
	switch {
	case c.Email == "":
		return nil, missingEmail
	case c.Password == "":
		return nil, noPassword
	}
	a, ok, err := s.byEmail(ctx, c.Email)
	if err != nil {
		return nil, err
	}
	if !ok || !a.is(c.Password) {
		return nil, badCredentials
	}
	in, err := s.admit(ctx, a)
	in.Registered = true
	return in, err
}

// caller is the account of an ID token, unless its password has changed since.
func (s *Service) caller(ctx context.Context, token string) (Account, error) {
	c, err := s.verify(ctx, token)
	if err != nil {
		return Account{}, err
	}
	a, ok, err := s.account(ctx, c.Subject)
	if err == nil && !ok {
		err = badToken
	}
	if err == nil && c.AuthTime < a.ValidSince.Unix() {
		err = expiredToken
	}
	return a, err
}

func (s *Service) lookup(ctx context.Context, c call) (any, error) {
	a, err := s.caller(ctx, c.IDToken)
	if err != nil {
		return nil, err
	}
	return map[string]any{"users": []map[string]any{{
		"localId": a.ID, "email": a.Email, "emailVerified": a.Verified, "displayName": a.Name,
		"createdAt": strconv.FormatInt(a.Created.UnixMilli(), 10), "validSince": strconv.FormatInt(a.ValidSince.Unix(), 10),
		"providerUserInfo": []map[string]string{{"providerId": a.Provider, "email": a.Email, "federatedId": a.Email}},
	}}}, nil
}

// update changes the caller's name or password, or takes a code that verifies
// an address.
func (s *Service) update(ctx context.Context, c call) (any, error) {
	if c.OobCode != "" {
		return s.verifyEmail(ctx, c.OobCode)
	}
	a, err := s.caller(ctx, c.IDToken)
	if err != nil {
		return nil, err
	}
	if c.DisplayName != "" {
		a.Name = c.DisplayName
	}
	if c.Password != "" {
		if err := a.setPassword(c.Password); err != nil {
			return nil, err
		}
		a.ValidSince = s.now().UTC().Truncate(time.Second)
	}
	if err := s.put(ctx, a); err != nil {
		return nil, err
	}
	return s.admit(ctx, a)
}

func (s *Service) delete(ctx context.Context, c call) (any, error) {
	a, err := s.caller(ctx, c.IDToken)
	if err != nil {
		return nil, err
	}
	if err := s.store.Delete(ctx, kindAccount, a.ID); err != nil {
		return nil, err
	}
	return map[string]any{}, s.store.Delete(ctx, kindEmail, a.Email)
}
