// Package tokens verifies the access tokens of the authorization server in ISSUER and JWKS_URI.
package tokens

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Token is what is known of a valid token.
type Token struct {
	ClientID   string
	Scopes     []string
	Expiration time.Time
}

// Verify checks signature, issuer, audience and expiry.
func Verify(token, audience string) (*Token, error) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return key() },
		jwt.WithValidMethods([]string{"ES256"}),
		jwt.WithIssuer(os.Getenv("ISSUER")),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired())
	if err != nil {
		return nil, err
	}
	expiration, _ := claims.GetExpirationTime()
	clientID, _ := claims["client_id"].(string)
	scope, _ := claims["scope"].(string)
	return &Token{clientID, strings.Fields(scope), expiration.Time}, nil
}

func key() (*ecdsa.PublicKey, error) {
	response, err := http.Get(os.Getenv("JWKS_URI"))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var set struct{ Keys []struct{ X, Y string } }
	if err := json.NewDecoder(response.Body).Decode(&set); err != nil {
		return nil, err
	}
	number := func(text string) *big.Int {
		bytes, _ := base64.RawURLEncoding.DecodeString(text)
		return new(big.Int).SetBytes(bytes)
	}
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: number(set.Keys[0].X), Y: number(set.Keys[0].Y)}, nil
}
