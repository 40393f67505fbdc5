package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
)

// tlsSettings are what properties say of certificates. A later property takes
// the place of an earlier one that gives the same thing in another form.
type tlsSettings struct {
	trusted       []byte // of any kind
	trustPassword string

	// keystore has both the certificates and the key, or cert and key are PEM.
	keystore, cert, key           []byte
	keystorePassword, keyPassword string

	noHostCheck, noVerify bool
}

// isGiven says that there are certificates.
func (s *tlsSettings) isGiven() bool {
	return s.trusted != nil || s.keystore != nil || s.cert != nil || s.key != nil
}

// tls puts the settings together.
func (s *settings) tls() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	var err error
	if s.trusted != nil {
		if t.RootCAs, err = trustedCertificates(s.trusted, s.trustPassword); err != nil {
			return nil, s.storeError(err, s.trustPassword, "ssl.truststore.password",
				"ssl.truststore.location", "ssl.truststore.certificates")
		}
	}
	if err := s.ownCertificate(t); err != nil {
		return nil, err
	}
	switch {
	case s.noVerify:
		t.InsecureSkipVerify = true
	case s.noHostCheck:
		verifyChainOnly(t)
	}
	return t, nil
}

// ownCertificate sets the certificate by which this client shows who it is.
func (s *settings) ownCertificate(t *tls.Config) error {
	var pair tls.Certificate
	var err error
	switch {
	case s.keystore != nil:
		pair, err = keyPair(s.keystore, s.keystorePassword, s.keyPassword)
		if err != nil {
			if kindOfStore(s.keystore) == pemStore {
				return s.storeError(err, s.keyPassword, "ssl.key.password", "ssl.keystore.location")
			}
			return s.storeError(err, s.keystorePassword, "ssl.keystore.password", "ssl.keystore.location")
		}
	case s.cert == nil && s.key == nil:
		return nil
	case s.cert == nil:
		return fmt.Errorf("%s: want its certificate too, by ssl.certificate.location", s.label("ssl.key.location", "ssl.keystore.key"))
	case s.key == nil:
		return fmt.Errorf("%s: want its private key too, by ssl.key.location", s.label("ssl.certificate.location", "ssl.keystore.certificate.chain"))
	default:
		pair, err = pemPair(s.cert, s.key, s.keyPassword)
		if err != nil {
			return s.storeError(err, s.keyPassword, "ssl.key.password", "ssl.key.location", "ssl.keystore.key")
		}
	}
	t.Certificates = []tls.Certificate{pair}
	return nil
}

// storeError says what is wrong with a store that was given by one of the keys,
// and whether a password may help.
func (s *settings) storeError(err error, password, passwordKey string, keys ...string) error {
	where := s.label(keys...)
	switch {
	case errors.Is(err, errStoreKind), errors.Is(err, errNoTrusted), errors.Is(err, errUnmarked), errors.Is(err, errNoKey):
		return fmt.Errorf("%s: %w", where, err)
	case password == "":
		return fmt.Errorf("%s: cannot be read without %s: %w", where, passwordKey, err)
	}
	return fmt.Errorf("%s: cannot be read with the password of %s: %w", where, passwordKey, err)
}

// label names the property that was given of some that mean similar things.
func (s *settings) label(keys ...string) string {
	for _, k := range keys {
		if p, ok := s.given[k]; ok {
			return p.String()
		}
	}
	return strings.Join(keys, ", ")
}

// verifyChainOnly makes t accept any host name, as an empty
// ssl.endpoint.identification.algorithm does, but no unknown issuer.
func verifyChainOnly(t *tls.Config) {
	t.InsecureSkipVerify = true // crypto/tls cannot skip the name alone
	roots := t.RootCAs
	t.VerifyConnection = func(cs tls.ConnectionState) error {
		intermediates := x509.NewCertPool()
		for _, c := range cs.PeerCertificates[1:] {
			intermediates.AddCert(c)
		}
		_, err := cs.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates})
		return err
	}
}
