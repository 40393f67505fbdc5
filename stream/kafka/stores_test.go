package kafka

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"
)

// storeSecret protects the stores of these tests, keySecret the keys in them.
const (
	storeSecret = "hunter2 store"
	keySecret   = "hunter2 key"
)

// parsed is a certificate and its key, read back from PEM.
func parsed(t testing.TB, certPEM, keyPEM []byte) (*x509.Certificate, any) {
	t.Helper()
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		t.Fatal(err)
	}
	return pair.Leaf, pair.PrivateKey
}

// jks makes a Java keystore with a trusted certificate or, with a key, one of
// its own.
func jks(t testing.TB, cert *x509.Certificate, key any) []byte {
	t.Helper()
	store := keystore.New()
	c := keystore.Certificate{Type: "X509", Content: cert.Raw}
	var err error
	if key == nil {
		err = store.SetTrustedCertificateEntry("ca", keystore.TrustedCertificateEntry{CreationTime: time.Now(), Certificate: c})
	} else {
		der, marshalErr := x509.MarshalPKCS8PrivateKey(key)
		if marshalErr != nil {
			t.Fatal(marshalErr)
		}
		err = store.SetPrivateKeyEntry("me", keystore.PrivateKeyEntry{
			CreationTime: time.Now(), PrivateKey: der, CertificateChain: []keystore.Certificate{c},
		}, []byte(keySecret))
	}
	var out bytes.Buffer
	if err == nil {
		err = store.Store(&out, []byte(storeSecret))
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// encryptedKeys are the key in PEM as OpenSSL encrypts it now, and as it did.
func encryptedKeys(t testing.TB, key any) (now, before []byte) {
	t.Helper()
	der, err := pkcs8.MarshalPrivateKey(key, []byte(keySecret), nil)
	if err != nil {
		t.Fatal(err)
	}
	now = pem.EncodeToMemory(&pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der})
	der, err = x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	block, err := x509.EncryptPEMBlock(strings.NewReader(strings.Repeat("r", 64)), "PRIVATE KEY", der, []byte(keySecret), x509.PEMCipherAES256) //nolint:staticcheck // old keys are encrypted like this
	if err != nil {
		t.Fatal(err)
	}
	return now, pem.EncodeToMemory(block)
}

// stores are all the files that the tests below name.
func stores(t testing.TB) (fs files, server *tls.Config) {
	t.Helper()
	serverCert, serverKey := certificate(t, "127.0.0.1")
	clientCert, clientKey := certificate(t, "me")
	ca, _ := parsed(t, serverCert, serverKey)
	own, key := parsed(t, clientCert, clientKey)
	trust, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{ca}, storeSecret)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := pkcs12.Modern.Encode(key, own, nil, storeSecret)
	if err != nil {
		t.Fatal(err)
	}
	now, before := encryptedKeys(t, key)
	server = serverTLS(t, serverCert, serverKey)
	server.ClientAuth, server.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
	server.ClientCAs.AddCert(own)
	return files{
		"ca.pem": serverCert, "ca.p12": trust, "ca.jks": jks(t, ca, nil),
		"me.pem": append(bytes.Clone(clientCert), now...), "me.p12": pair, "me.jks": jks(t, own, key),
		"cert.pem": clientCert, "key.pem": clientKey, "now.pem": now, "before.pem": before,
		"other.p12": trust, "other.jks": jks(t, ca, nil), "text": []byte("hunter2"), "der": {0x30, 1, 2},
	}, server
}

// TestStores logs in by the certificate of every kind of store.
func TestStores(t *testing.T) {
	fs, server := stores(t)
	_, c := startKfake(t, kfake.TLS(server))
	trusted := map[string][]string{
		"pem":  {"ssl.ca.location=ca.pem"},
		"p12":  {"ssl.truststore.location=ca.p12", "ssl.truststore.type=PKCS12", "ssl.truststore.password=" + storeSecret},
		"jks":  {"ssl.truststore.location=ca.jks", "ssl.truststore.password=" + storeSecret},
		"jks+": {"ssl.truststore.type=jks", "ssl.truststore.location=ca.jks", "ssl.truststore.password=" + storeSecret},
	}
	own := map[string][]string{
		"keystore pem": {"ssl.keystore.location=me.pem", "ssl.keystore.type=PEM", "ssl.key.password=" + keySecret},
		"keystore p12": {"ssl.keystore.location=me.p12", "ssl.keystore.password=" + storeSecret},
		"keystore jks": {"ssl.keystore.location=me.jks", "ssl.keystore.password=" + storeSecret, "ssl.key.password=" + keySecret},
		"pem":          {"ssl.certificate.location=cert.pem", "ssl.key.location=key.pem"},
		"pem now":      {"ssl.certificate.location=cert.pem", "ssl.key.location=now.pem", "ssl.key.password=" + keySecret},
		"pem before":   {"ssl.certificate.location=cert.pem", "ssl.key.location=before.pem", "ssl.key.password=" + keySecret},
		// What is given last counts, in whatever form.
		"last": {"ssl.keystore.location=me.jks", "ssl.certificate.location=cert.pem", "ssl.key.location=key.pem"},
	}
	connect := func(props ...string) {
		t.Helper()
		cfg, warnings, err := parseFlags(c.addrs[0], append(props, "security.protocol=ssl"), fs.read)
		if err != nil || len(warnings) > 0 {
			t.Errorf("-X %q: %v, %v", props, warnings, err)
			return
		}
		if _, err := c.open(t, cfg).Topics(t.Context()); err != nil {
			t.Errorf("-X %q: %v", props, err)
		}
	}
	for _, props := range trusted {
		connect(append(props, own["pem"]...)...)
	}
	for _, props := range own {
		connect(append(props, trusted["pem"]...)...)
	}
}

// TestStoreErrors name the property, and the one that has the password, and
// never a password.
func TestStoreErrors(t *testing.T) {
	fs, _ := stores(t)
	// A certificate without a key, as openssl pkcs12 -export -nokeys puts it.
	unmarked, err := os.ReadFile("testdata/unmarked.p12")
	if err != nil {
		t.Fatal(err)
	}
	fs["unmarked.p12"] = unmarked
	for _, test := range []struct {
		props []string
		says  []string
	}{
		{[]string{"ssl.truststore.location=ca.p12"}, []string{"-X ssl.truststore.location=ca.p12", "without ssl.truststore.password"}},
		{[]string{"ssl.truststore.location=ca.p12", "ssl.truststore.password=hunter2"}, []string{"cannot be read with the password of ssl.truststore.password"}},
		{[]string{"ssl.truststore.location=ca.jks"}, []string{"without ssl.truststore.password"}},
		{[]string{"ssl.ca.location=ca.jks", "ssl.truststore.password=hunter2"}, []string{"-X ssl.ca.location=ca.jks", "with the password of"}},
		{[]string{"ssl.ca.location=key.pem"}, []string{"no trusted certificate"}},
		{[]string{"ssl.truststore.location=unmarked.p12", "ssl.truststore.password=" + storeSecret}, []string{"-X ssl.truststore.location=unmarked.p12: its certificates do not have the mark of trusted ones", "keytool -importcert", "openssl pkcs12 -in FILE -nokeys"}},
		{[]string{"ssl.ca.location=text"}, []string{"no PEM, PKCS#12 or JKS file"}},
		{[]string{"ssl.ca.location=der", "ssl.truststore.password=hunter2"}, []string{"-X ssl.ca.location=der"}},
		{[]string{"ssl.keystore.location=me.p12", "ssl.keystore.password=hunter2"}, []string{"-X ssl.keystore.location=me.p12", "password of ssl.keystore.password"}},
		{[]string{"ssl.keystore.location=other.jks", "ssl.keystore.password=" + storeSecret}, []string{"no private key"}},
		{[]string{"ssl.keystore.location=me.jks", "ssl.keystore.password=" + storeSecret, "ssl.key.password=hunter2"}, []string{`the key "me"`}},
		{[]string{"ssl.keystore.location=text"}, []string{"no PEM, PKCS#12 or JKS file"}},
		{[]string{"ssl.keystore.location=me.pem"}, []string{"without ssl.key.password", "encrypted"}},
		{[]string{"ssl.certificate.location=cert.pem", "ssl.key.location=now.pem"}, []string{"-X ssl.key.location=now.pem", "without ssl.key.password"}},
		{[]string{"ssl.certificate.location=cert.pem", "ssl.key.location=before.pem", "ssl.key.password=hunter2"}, []string{"password of ssl.key.password"}},
		{[]string{"ssl.certificate.location=cert.pem"}, []string{"-X ssl.certificate.location=cert.pem", "ssl.key.location"}},
		{[]string{"ssl.key.location=key.pem"}, []string{"-X ssl.key.location=key.pem", "ssl.certificate.location"}},
	} {
		_, _, err := parseFlags("", append(test.props, "security.protocol=ssl"), fs.read)
		for _, want := range test.says {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("-X %q: %v, want it to say %q", test.props, err, want)
			}
		}
	}
}

// shortVector is an encrypted key with an initialisation vector of no bytes.
const shortVector = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiaDKTyb+ffQAICJxAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEAG1dRqJjbOzQd7Z2pqb/434EgZDc
5x93z635HNMVMFUoUg+MOnyghn4vO8uqeP5XHmF4x0lde8SvLJI8J9XPqbxVT9lO
+jwCOElf289ll5drZCCCCWGq+ENZI48hCLj2U2+gvER6cZfyr6W7bBXHUcxXOc7Q
2rnLGNh8KcL5WZh4SsUiE1WKanG8xD8rnQZtkbu1Haze9jdGIgQaxMLczNXzD7Y=
-----END ENCRYPTED PRIVATE KEY-----`

// TestDamagedKey: what a key lacks is an error, whatever the library makes of it.
func TestDamagedKey(t *testing.T) {
	_, err := keyPair([]byte(shortVector), storeSecret, keySecret)
	if err == nil || !strings.HasPrefix(err.Error(), "the encrypted key is damaged: ") || strings.Contains(err.Error(), keySecret) {
		t.Errorf("%v", err)
	}
}

func FuzzStores(f *testing.F) {
	f.Add([]byte(shortVector))
	fs, _ := stores(f)
	for _, data := range fs {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = trustedCertificates(data, storeSecret)
		_, _ = keyPair(data, storeSecret, keySecret)
		// A damaged file that was not told apart by its digest is another's work.
		if _, err := openJKS(append([]byte{0xfe, 0xed, 0xfe, 0xed}, data...), storeSecret); err == nil {
			t.Error("a damaged file was read")
		}
	})
}
