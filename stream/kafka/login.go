package kafka

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
)

// The SASL mechanisms.
const (
	mechanismPlain     = "PLAIN"
	mechanismScram256  = "SCRAM-SHA-256"
	mechanismScram512  = "SCRAM-SHA-512"
	mechanismOAuth     = "OAUTHBEARER"
	mechanismMSK       = "AWS_MSK_IAM"
	mechanismKerberos  = "GSSAPI"
	wantedMechanisms   = "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM"
	passwordProperties = "sasl.username and sasl.password, or sasl.jaas.config"
)

// loginSettings are what properties say of logging in.
type loginSettings struct {
	mechanism              string // one of the constants, empty if not given
	module                 string // of sasl.jaas.config
	username, password     string
	hasUsername, hasSecret bool
	oauth                  oauthSettings
	aws                    awsSettings
}

// isGiven says that somebody wants to log in.
func (s *loginSettings) isGiven() bool {
	return s.mechanism != "" || s.module != "" || s.hasUsername || s.hasSecret
}

// jaasModules are the mechanisms that go with a login module.
var jaasModules = map[string][]string{
	"PlainLoginModule":       {mechanismPlain},
	"ScramLoginModule":       {mechanismScram256, mechanismScram512},
	"OAuthBearerLoginModule": {mechanismOAuth},
	"IAMLoginModule":         {mechanismMSK},
	"Krb5LoginModule":        {mechanismKerberos},
}

// setMechanism takes the name of a mechanism in upper or lower case.
func setMechanism(s *settings, v string) error {
	name := strings.ToUpper(v)
	if name == mechanismKerberos {
		return errNoKerberos
	}
	if !slices.Contains([]string{mechanismPlain, mechanismScram256, mechanismScram512, mechanismOAuth, mechanismMSK}, name) {
		return errors.New("want one of " + wantedMechanisms)
	}
	s.mechanism = name
	return nil
}

// setJAAS takes the options of a login module as if they were properties.
func setJAAS(s *settings, v string) error {
	entry, err := parseJAAS(v)
	if err != nil {
		return err
	}
	mechanisms, ok := jaasModules[entry.module]
	if !ok {
		return fmt.Errorf("the login module %q is unknown: want one of %s", keyLike(entry.module), listWords(jaasModules))
	}
	s.module = entry.module
	take := func(option string, into *string) bool {
		value, given := entry.options[option]
		if given {
			*into = value
		}
		return given
	}
	switch mechanisms[0] {
	case mechanismKerberos:
		return errNoKerberos
	case mechanismOAuth:
		return s.oauth.takeJAAS(entry.options)
	case mechanismMSK:
		take("awsProfileName", &s.aws.profile)
		if _, ok := entry.options["awsRoleArn"]; ok {
			return errors.New("the option awsRoleArn is not supported: name a profile of ~/.aws/config that has role_arn, by awsProfileName")
		}
	default:
		s.hasUsername = take("username", &s.username) || s.hasUsername
		s.hasSecret = take("password", &s.password) || s.hasSecret
	}
	return nil
}

// login sets cfg.SASL where the protocol says so. librdkafka users name a
// mechanism beside a protocol without SASL and wonder: that is an error here.
func (s *settings) login(cfg *Config) error {
	if !strings.HasPrefix(s.protocol, "sasl") {
		if s.loginSettings.isGiven() {
			return fmt.Errorf("SASL credentials are given, but security.protocol is %q: want sasl_plaintext or sasl_ssl", s.protocol)
		}
		return nil
	}
	mechanism, err := s.chosenMechanism()
	if err != nil {
		return err
	}
	switch mechanism {
	case mechanismOAuth:
		cfg.SASL, err = s.oauth.mechanism()
	case mechanismMSK:
		cfg.SASL = s.aws.mechanism()
	default:
		cfg.SASL, err = s.passwordMechanism(mechanism)
		cfg.User = s.username
	}
	return err
}

// chosenMechanism is the mechanism that is named, or the one that goes with the
// login module.
func (s *settings) chosenMechanism() (string, error) {
	possible := jaasModules[s.module]
	switch {
	case s.mechanism == "" && len(possible) == 1:
		return possible[0], nil
	case s.mechanism == "" && len(possible) > 1:
		return "", fmt.Errorf("%s: want sasl.mechanism too: %s", s.label("sasl.jaas.config"), strings.Join(possible, " or "))
	case s.mechanism == "":
		return "", fmt.Errorf("%s: want sasl.mechanism too: %s", s.label("security.protocol"), wantedMechanisms)
	case s.module != "" && !slices.Contains(possible, s.mechanism):
		return "", fmt.Errorf("%s: it names %s, but sasl.mechanism is %s: want %s", s.label("sasl.jaas.config"), s.module, s.mechanism, moduleOf(s.mechanism))
	}
	return s.mechanism, nil
}

// moduleOf is the login module that goes with a mechanism.
func moduleOf(mechanism string) string {
	for _, module := range slices.Sorted(maps.Keys(jaasModules)) {
		if slices.Contains(jaasModules[module], mechanism) {
			return module
		}
	}
	return ""
}

func (s *settings) passwordMechanism(mechanism string) (sasl.Mechanism, error) {
	if !s.hasUsername || !s.hasSecret {
		return nil, fmt.Errorf("%s with %s: want %s too", s.label("security.protocol"), mechanism, passwordProperties)
	}
	if mechanism == mechanismPlain {
		return plain.Mechanism{Username: s.username, Password: s.password}, nil
	}
	algorithm := scram.SHA256
	if mechanism == mechanismScram512 {
		algorithm = scram.SHA512
	}
	m, err := scram.Mechanism(algorithm, s.username, s.password)
	if err != nil {
		// The library's message may repeat what it could not prepare.
		return nil, fmt.Errorf("sasl.username, sasl.password: they have characters that %s does not allow", mechanism)
	}
	return m, nil
}
