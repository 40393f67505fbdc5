package kafka

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

// storeKind is the format of a file of certificates and keys. What a file is
// shows in its first bytes; the type that properties give to it is often wrong,
// and the Java client believes the bytes, too.
type storeKind int

const (
	pemStore storeKind = iota
	pkcs12Store
	jksStore
	unknownStore
)

func kindOfStore(data []byte) storeKind {
	switch {
	case bytes.Contains(data, []byte("-----BEGIN ")):
		return pemStore
	case bytes.HasPrefix(data, []byte{0xfe, 0xed, 0xfe, 0xed}):
		return jksStore
	case bytes.HasPrefix(data, []byte{0x30}):
		return pkcs12Store
	default:
		return unknownStore
	}
}

var (
	errStoreKind  = errors.New("it is no PEM, PKCS#12 or JKS file")
	errNoTrusted  = errors.New("it has no trusted certificate")
	errNoKey      = errors.New("it has no private key")
	errNoPassword = errors.New("it is encrypted")
	errUnmarked   = errors.New("its certificates do not have the mark of trusted ones: keytool -importcert sets it; or name a PEM file, which openssl pkcs12 -in FILE -nokeys makes")
	errJKS        = errors.New("the password is wrong, or the file is damaged")
)

// trustedCertificates reads the certificates of issuers.
func trustedCertificates(data []byte, password string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	var certs []*x509.Certificate
	var err error
	switch kindOfStore(data) {
	case pemStore:
		if !pool.AppendCertsFromPEM(data) {
			return nil, errNoTrusted
		}
		return pool, nil
	case pkcs12Store:
		certs, err = pkcs12Trusted(data, password)
	case jksStore:
		certs, err = jksTrusted(data, password)
	default:
		err = errStoreKind
	}
	if err == nil && len(certs) == 0 {
		err = errNoTrusted
	}
	for _, c := range certs {
		pool.AddCert(c)
	}
	return pool, err
}

// pkcs12Trusted reads a truststore of Java, or the issuers beside a key.
func pkcs12Trusted(data []byte, password string) ([]*x509.Certificate, error) {
	certs, err := pkcs12.DecodeTrustStore(data, password)
	if err == nil || errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return certs, err
	}
	_, own, issuers, chainErr := pkcs12.DecodeChain(data, password)
	if chainErr != nil && strings.Contains(err.Error(), "not marked as trusted") {
		return nil, errUnmarked // also Java would not trust them
	}
	if chainErr != nil {
		return nil, err
	}
	if len(issuers) == 0 {
		issuers = []*x509.Certificate{own}
	}
	return issuers, nil
}

// openJKS reads a Java keystore. It checks the digest at its end first, because
// the library believes every length on its way there.
func openJKS(data []byte, password string) (keystore.KeyStore, error) {
	store := keystore.New(keystore.WithOrderedAliases())
	body := len(data) - sha1.Size
	if body < 0 || !bytes.Equal(data[body:], jksDigest(data[:body], password)) {
		return store, errJKS
	}
	return store, store.Load(bytes.NewReader(data), []byte(password))
}

// jksDigest is what stands at the end of a Java keystore.
func jksDigest(body []byte, password string) []byte {
	h := sha1.New()
	for _, c := range []byte(password) {
		h.Write([]byte{0, c})
	}
	h.Write([]byte("Mighty Aphrodite"))
	h.Write(body)
	return h.Sum(nil)
}

func jksTrusted(data []byte, password string) ([]*x509.Certificate, error) {
	store, err := openJKS(data, password)
	if err != nil {
		return nil, err
	}
	var out []*x509.Certificate
	for _, alias := range store.Aliases() {
		if !store.IsTrustedCertificateEntry(alias) {
			continue
		}
		entry, err := store.GetTrustedCertificateEntry(alias)
		if err != nil {
			return nil, err
		}
		c, err := x509.ParseCertificate(entry.Certificate.Content)
		if err != nil {
			return nil, fmt.Errorf("the certificate %q: %w", alias, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// keyPair reads a store with a private key and its certificates. keyPassword
// protects the key in it; if it is empty, password does.
func keyPair(data []byte, password, keyPassword string) (tls.Certificate, error) {
	if keyPassword == "" {
		keyPassword = password
	}
	switch kindOfStore(data) {
	case pemStore:
		return pemPair(data, data, keyPassword)
	case pkcs12Store:
		key, own, issuers, err := pkcs12.DecodeChain(data, password)
		if err != nil {
			return tls.Certificate{}, err
		}
		pair := tls.Certificate{PrivateKey: key, Certificate: [][]byte{own.Raw}}
		for _, c := range issuers {
			pair.Certificate = append(pair.Certificate, c.Raw)
		}
		return pair, nil
	case jksStore:
		return jksPair(data, password, keyPassword)
	default:
		return tls.Certificate{}, errStoreKind
	}
}

// jksPair takes the first of the keys by alias.
func jksPair(data []byte, password, keyPassword string) (tls.Certificate, error) {
	store, err := openJKS(data, password)
	if err != nil {
		return tls.Certificate{}, err
	}
	for _, alias := range store.Aliases() {
		if !store.IsPrivateKeyEntry(alias) {
			continue
		}
		entry, err := store.GetPrivateKeyEntry(alias, []byte(keyPassword))
		if err != nil {
			return tls.Certificate{}, fmt.Errorf("the key %q: %w", alias, err)
		}
		key, err := x509.ParsePKCS8PrivateKey(entry.PrivateKey)
		if err != nil {
			return tls.Certificate{}, fmt.Errorf("the key %q: %w", alias, err)
		}
		pair := tls.Certificate{PrivateKey: key}
		for _, c := range entry.CertificateChain {
			pair.Certificate = append(pair.Certificate, c.Content)
		}
		return pair, nil
	}
	return tls.Certificate{}, errNoKey
}

// pemPair reads a certificate and its key, which may be encrypted.
func pemPair(cert, key []byte, keyPassword string) (tls.Certificate, error) {
	plain, err := plainKey(key, keyPassword)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.X509KeyPair(cert, plain)
}

// plainKey is the private key in data as PEM without encryption.
func plainKey(data []byte, password string) ([]byte, error) {
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return data, nil // what is wrong with it whoever uses it says
		}
		if block.Type != "ENCRYPTED PRIVATE KEY" && block.Headers["DEK-Info"] == "" {
			continue
		}
		if password == "" {
			return nil, errNoPassword
		}
		if block.Type != "ENCRYPTED PRIVATE KEY" {
			der, err := x509.DecryptPEMBlock(block, []byte(password)) //nolint:staticcheck // old keys of OpenSSL are encrypted like this
			return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: der}), err
		}
		parsed, err := decryptedKey(block.Bytes, password)
		if err != nil {
			return nil, err
		}
		return pemOf(parsed)
	}
}

// decryptedKey is the key in an encrypted PKCS#8. The library panics where the
// parameters of the cipher do not go with it.
func decryptedKey(der []byte, password string) (key crypto.PrivateKey, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the encrypted key is damaged: %v", cause)
		}
	}()
	key, _, err = pkcs8.ParsePrivateKey(der, []byte(password))
	return key, err
}

func pemOf(key crypto.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
