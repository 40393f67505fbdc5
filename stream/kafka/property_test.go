package kafka

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseProperty(t *testing.T) {
	p, err := ParseProperty(" client.id = a=b ", "-X")
	if want := (Property{"client.id", "a=b", "-X"}); err != nil || p != want {
		t.Errorf("%+v, %v", p, err)
	}
	for _, text := range []string{"", "=x", "sasl.password:hunter2", "sasl.password hunter2"} {
		_, err := ParseProperty(text, "-X")
		if err == nil || !strings.Contains(err.Error(), "key=value") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestSecrets: which values are never shown.
func TestSecrets(t *testing.T) {
	for _, key := range []string{
		"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.truststore.password", "ssl.keystore.key", "ssl.key.pem",
		"sasl.jaas.config", "sasl.oauthbearer.client.secret", "sasl.oauthbearer.client.credentials.client.secret",
		"sasl.oauthbearer.token", "basic.auth.user.info", "my.own.Password", "sasl.pasword", "bearer.auth.tokn", "ssl.key.pm",
	} {
		p := Property{key, "hunter2", "-X"}
		if !p.IsSecret() || p.Shown() != Mask || p.String() != "-X "+key {
			t.Errorf("%s is shown: %s", key, p)
		}
	}
	for _, key := range []string{"sasl.username", "ssl.key.location", "sasl.oauthbearer.token.endpoint.url", "client.id", "clientid", "of.somebody.else"} {
		p := Property{key, "open", "-F x"}
		if p.IsSecret() || p.String() != "-F x "+key+"=open" {
			t.Errorf("%s is not shown: %s", key, p)
		}
	}
	for _, url := range []string{"https://me:hunter2@host/token", "https://me:hunter2@["} {
		p := Property{"sasl.oauthbearer.token.endpoint.url", url, "-X"}
		if strings.Contains(p.String(), "hunter2") {
			t.Error(p)
		}
	}
}

func TestEffective(t *testing.T) {
	got := Effective([]Property{
		{"metadata.broker.list", "a", "profile"}, {"client.id", "b", "profile"}, {"other", "c", "-F"}, {"bootstrap.servers", "d", "-b"}, {"other", "e", "-X"},
	})
	want := []Property{{"client.id", "b", "profile"}, {"bootstrap.servers", "d", "-b"}, {"other", "e", "-X"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSharedFile: a file that a team shares between its programs says nothing.
func TestSharedFile(t *testing.T) {
	props, err := ParseFile([]byte(`
# consumer
group.id=team
auto.offset.reset=earliest
enable.auto.commit=false
key.deserializer=org.apache.kafka.common.serialization.StringDeserializer
value.deserializer: io.confluent.kafka.serializers.KafkaAvroDeserializer
session.timeout.ms=45000
max.poll.records = 500
schema.registry.url=http://registry:8081
basic.auth.user.info=me:secret
client.dns.lookup=use_all_dns_ips
request.timeout.ms=30000
! producer
acks=all
linger.ms=5
compression.type=zstd
log_level=6
debug=broker
socket.keepalive.enable=true
ssl.enabled.protocols=TLSv1.2,TLSv1.3
sasl.kerberos.service.name=kafka
sasl.login.refresh.window.factor=0.8
security.protocol=PLAINTEXT
`), "-F shared")
	if err != nil {
		t.Fatal(err)
	}
	cfg, warnings, err := ParseConfig(props, nil)
	if err != nil || len(warnings) > 0 || cfg.TLS != nil {
		t.Errorf("%v, %v", warnings, err)
	}
}

func TestParseFile(t *testing.T) {
	got, err := ParseFile([]byte("\ufeffbootstrap.servers = a\\:1,\\\n   b:2\n!x\n#y\nclient.id:${me} \n\nssl.ca.pem=1\\n2\nempty\n"), "-F f")
	want := []Property{
		{"bootstrap.servers", "a:1,b:2", "-F f"}, {"client.id", "${me}", "-F f"}, {"ssl.ca.pem", "1\n2", "-F f"}, {"empty", "", "-F f"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	_, err = ParseFile([]byte("sasl.password=hunter2\\u12"), "-F f")
	if err == nil || !strings.Contains(err.Error(), "-F f") || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func TestParseKcatFile(t *testing.T) {
	got, err := ParseKcatFile([]byte("\ufeff# x\n\n  bootstrap.servers=a:1\nssl.key.password=a\\b#c\ntopic.auto.offset.reset=smallest\n"), "-F @kcat")
	want := []Property{
		{"bootstrap.servers", "a:1", "-F @kcat"}, {"ssl.key.password", `a\b#c`, "-F @kcat"}, {"auto.offset.reset", "smallest", "-F @kcat"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	_, err = ParseKcatFile([]byte("a=b\nsasl.password hunter2\n"), "-F @kcat")
	if err == nil || !strings.Contains(err.Error(), "-F @kcat:2 sasl.password: want key=value") || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

func FuzzParseFile(f *testing.F) {
	f.Add([]byte("a=b\nc\\\n  d:e\n!f\n\\u0041=1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, parse := range []func([]byte, string) ([]Property, error){ParseFile, ParseKcatFile} {
			props, err := parse(data, "-F f")
			if err == nil {
				_, _, _ = ParseConfig(props, files{}.read)
			}
		}
	})
}

// TestDocumentedProperties: docs/connecting.md names every property that is
// understood, and none that is not.
func TestDocumentedProperties(t *testing.T) {
	page, err := os.ReadFile("../../docs/connecting.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "| Java | librdkafka")
	table, _, _ = strings.Cut(table, "\n\n")
	documented := map[string]bool{}
	for row := range strings.Lines(table) {
		cells := strings.Split(row, "|")
		if len(cells) < 4 {
			continue
		}
		for _, m := range regexp.MustCompile("`([a-z.]+)`").FindAllStringSubmatch(cells[1]+cells[2], -1) {
			documented[m[1]] = true
			if findProperty(m[1]) == nil {
				t.Errorf("%s is documented and not understood", m[1])
			}
		}
	}
	for _, p := range properties {
		for _, name := range p.names {
			if !documented[name] {
				t.Errorf("%s is understood and not documented", name)
			}
		}
	}
}
