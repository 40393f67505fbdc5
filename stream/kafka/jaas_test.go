package kafka

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseJAAS(t *testing.T) {
	type options = map[string]string
	for text, want := range map[string]jaasEntry{
		`org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="a;b=c d";`: {"PlainLoginModule", options{"username": "alice", "password": "a;b=c d"}},
		"x.ScramLoginModule REQUIRED\n\tusername = 'a\"b'\r\n password=\"\\\"\\\\\\t\\101\\0\" ;\n":             {"ScramLoginModule", options{"username": `a"b`, "password": "\"\\\tA\x00"}},
		`M required /* a comment */ a=1 // another` + "\n" + ` b="//x";`:                                        {"M", options{"a": "1", "b": "//x"}},
		`M required;`:                    {"M", options{}},
		`M optional a="é\351\377\400x";`: {"M", options{"a": "éé\u00ff 0x"}},
	} {
		got, err := parseJAAS(text)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(jaasEntry{})); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", text, err, diff)
		}
	}
}

func TestParseJAASErrors(t *testing.T) {
	for text, says := range map[string]string{
		"":                          "the name of a login module",
		"M":                         "required",
		"M password":                "required",
		`M required a="hunter2"`:    "; at the end",
		`M required a "hunter2";`:   "= behind the option a",
		`M required a=;`:            "a value for the option a",
		`M required a="hunter2;`:    "does not end",
		"M required a=\"hunter2\n;": "does not end on its line",
		`M required a=b; N required password="hunter2";`: "nothing behind",
		`M required password:hunter2;`:                   "= behind the option password",
	} {
		_, err := parseJAAS(text)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want it to say %q", text, err, says)
		}
	}
}

func FuzzParseJAAS(f *testing.F) {
	f.Add(`M required a="b\"\101" c='d' /* e */ f=g; // h`, "plain")
	f.Fuzz(func(t *testing.T, text, value string) {
		_, _ = parseJAAS(text)
		if strings.ContainsAny(value, "\r\n") {
			return
		}
		// Whatever a value is, it comes back as it was quoted.
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		got, err := parseJAAS("M required a=" + quoted + " b=c;")
		if err != nil || got.options["a"] != value || got.options["b"] != "c" {
			t.Errorf("%q: %+v, %v", value, got, err)
		}
	})
}

// TestJAASMechanisms: which mechanism a login module stands for.
func TestJAASMechanisms(t *testing.T) {
	const (
		plain = `sasl.jaas.config=o.PlainLoginModule required username="u" password="hunter2";`
		scram = `sasl.jaas.config=o.ScramLoginModule required username="u" password="hunter2";`
		oauth = `sasl.jaas.config=o.OAuthBearerLoginModule required clientId="u" clientSecret="hunter2" scope="s" extension_logicalCluster="lkc-1";`
		url   = "sasl.oauthbearer.token.endpoint.url=https://id.example/token"
	)
	for _, test := range []struct {
		props []string
		name  string
		says  []string
	}{
		{[]string{plain}, "PLAIN", nil},
		{[]string{plain, "sasl.mechanism=PLAIN"}, "PLAIN", nil},
		{[]string{scram, "sasl.mechanism=SCRAM-SHA-512"}, "SCRAM-SHA-512", nil},
		{[]string{oauth, url}, "OAUTHBEARER", nil},
		{[]string{oauth, url, "sasl.mechanism=OAUTHBEARER"}, "OAUTHBEARER", nil},
		{[]string{"sasl.mechanism=AWS_MSK_IAM", "sasl.jaas.config=software.amazon.msk.auth.iam.IAMLoginModule required;"}, "AWS_MSK_IAM", nil},
		{[]string{"sasl.mechanism=OAUTHBEARER", "sasl.oauthbearer.token=abc"}, "OAUTHBEARER", nil},
		{[]string{"sasl.mechanism=OAUTHBEARER", "sasl.oauthbearer.config=principal=me"}, "OAUTHBEARER", nil},

		{[]string{scram}, "", []string{"-X sasl.jaas.config", "sasl.mechanism", "SCRAM-SHA-256 or SCRAM-SHA-512"}},
		{[]string{plain, "sasl.mechanism=SCRAM-SHA-512"}, "", []string{"PlainLoginModule", "SCRAM-SHA-512", "ScramLoginModule"}},
		{[]string{"sasl.jaas.config=com.sun.Krb5LoginModule required useKeyTab=true;"}, "", []string{"Kerberos", "GSSAPI"}},
		{[]string{"sasl.jaas.config=o.LdapLoginModule required;"}, "", []string{"LdapLoginModule", "PlainLoginModule"}},
		{[]string{"sasl.jaas.config=o.PlainLoginModule required username=u;"}, "", []string{"PLAIN", "sasl.password"}},
		{[]string{oauth}, "", []string{"sasl.oauthbearer.token.endpoint.url"}},
		{[]string{"sasl.mechanism=OAUTHBEARER", url}, "", []string{"clientSecret", "sasl.oauthbearer.client.secret"}},
		{[]string{oauth, "sasl.oauthbearer.token.endpoint.url=id.example"}, "", []string{"token.endpoint.url", "https://HOST/PATH"}},
		{[]string{`sasl.jaas.config=o.OAuthBearerLoginModule required extension_auth="x";`}, "", []string{`"auth"`}},
		{[]string{"sasl.oauthbearer.extensions=a1=x"}, "", []string{`"a1"`, "letters"}},
		{[]string{"sasl.jaas.config=o.IAMLoginModule required awsRoleArn=x;"}, "", []string{"awsRoleArn", "awsProfileName"}},
	} {
		cfg, warnings, err := parseFlags("", append(test.props, "security.protocol=sasl_ssl"), nil)
		if test.says == nil && (err != nil || len(warnings) > 0 || cfg.SASL.Name() != test.name) {
			t.Errorf("%q: %v, %v", test.props, warnings, err)
		}
		for _, want := range test.says {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q: %v, want it to say %q", test.props, err, want)
			}
		}
	}
}
