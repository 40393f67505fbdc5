package kafka

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Property is a property of a Kafka client as somebody gave it.
type Property struct {
	Key, Value string
	// From says where it was given, for messages: "-X", "-F FILE".
	From string
}

// BrokersFlag is the From of a bootstrap list that stands alone, without a
// key.
const BrokersFlag = "-b"

// Mask stands for the value of a secret wherever properties are shown.
const Mask = "***"

// ParseProperty splits key=value.
func ParseProperty(text, from string) (Property, error) {
	key, value, ok := strings.Cut(text, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || key == "" {
		return Property{}, fmt.Errorf("%s %s: want key=value", from, keyLike(text))
	}
	return Property{key, value, from}, nil
}

// keyLike is the beginning of text that may be a key: what follows it may be a
// password.
func keyLike(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool {
		return !strings.ContainsRune("._-", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	if end >= 0 {
		return text[:end]
	}
	return text
}

// Canonical is the first of the spellings of p's key: p and another property
// with the same one mean the same setting.
func (p Property) Canonical() string {
	if known := findProperty(p.Key); known != nil {
		return known.names[0]
	}
	return p.Key
}

// IsUsed says that the key means something here. That of other clients does
// not, nor does one that nobody knows.
func (p Property) IsUsed() bool { return findProperty(p.Key) != nil }

// IsSecret says that the value must never be shown. What is meant to be the key
// of a secret and is misspelt counts as one.
func (p Property) IsSecret() bool {
	return namesSecret(p.Key) || !p.IsUsed() && namesSecret(nearestProperty(p.Key))
}

// namesSecret says that the value of a key is a secret, whoever's the key is.
func namesSecret(key string) bool {
	key = strings.ToLower(key)
	if strings.HasSuffix(key, ".location") || strings.HasSuffix(key, ".url") {
		return false
	}
	return slices.ContainsFunc([]string{"password", "secret", "jaas", "token", "assertion", "user.info"},
		func(word string) bool { return strings.Contains(key, word) }) ||
		strings.HasSuffix(key, ".key") || strings.HasSuffix(key, ".pem")
}

// Shown is the value as it may be shown.
func (p Property) Shown() string {
	if p.IsSecret() {
		return Mask
	}
	u, err := url.Parse(p.Value)
	switch {
	case err != nil && strings.Contains(p.Value, "@"):
		return Mask
	case err == nil && u.User != nil:
		return u.Redacted()
	}
	return p.Value
}

// String is the property as a message names it: without the value of a secret.
func (p Property) String() string {
	switch {
	case p.From == BrokersFlag:
		return p.From + " " + p.Value
	case p.IsSecret():
		return p.From + " " + p.Key
	}
	return p.From + " " + p.Key + "=" + p.Shown()
}

// Effective leaves the last of the properties that mean the same, in order.
func Effective(props []Property) []Property {
	var out []Property
	for i, p := range props {
		later := func(q Property) bool { return q.Canonical() == p.Canonical() }
		if !slices.ContainsFunc(props[i+1:], later) {
			out = append(out, p)
		}
	}
	return out
}

// failed wraps what is wrong with p's value.
func (p Property) failed(err error) error { return fmt.Errorf("%s: %w", p, err) }

var errNoKerberos = errors.New("GSSAPI (Kerberos) is not supported: use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM")
