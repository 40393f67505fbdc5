package decode

import (
	"fmt"
	"strings"
	"testing"
)

// many are n records whose id is unique and whose site is one of three.
func many(n int) (payloads []string) {
	for i := range n {
		payloads = append(payloads, fmt.Sprintf(`{"id":"r-%d","site":"s%d","name":"x","v":%d,"@timestamp":5,"in":{"temp":1,"hum":2}}`, i, i%3, i))
	}
	return payloads
}

func TestHints(t *testing.T) {
	const unique = "; each of the 20 records looked at has another key: --key none makes one group of them, --key site 3"
	for _, tt := range []struct {
		name     string
		config   Config
		payloads []string
		want     string // after the reason; "" for no hint
	}{
		{"unique key", Config{Keys: []string{"id"}}, many(20), unique},
		{"unique pair", Config{Keys: []string{"site", "v"}}, many(20), unique},
		{"too few to tell", Config{Keys: []string{"id"}}, many(minKeys - 1), ""},
		{"a good key", Config{Keys: []string{"site"}}, many(20), ""},
		{"one group", Config{Keys: []string{"none"}}, many(20), ""},
		{"no Kafka key", Config{}, many(20), ""},
		{"nothing better", Config{Keys: []string{"a"}}, strings.Fields(`{"a":1} {"a":2} {"a":3} {"a":4} {"a":5} {"a":6} {"a":7} {"a":8} {"a":9} {"a":10} {"a":11} {"a":12} {"a":13} {"a":14} {"a":15} {"a":16}`), "; each of the 16 records looked at has another key: --key none makes one group of them"},

		{"one of two values", Config{Values: []string{"v", "in.tmep"}}, many(2), "; none of the 2 records looked at has in.tmep (--value), but in is there, with in.temp, in.hum, did you mean in.temp?"},
		{"both values", Config{Values: []string{"v", "in.temp"}}, many(2), ""},

		{"time of the record", Config{Time: "@timestamp"}, many(2), `; @timestamp is that of the Kafka record, for the field of the payload write '\@timestamp'`},
		{"time of the payload", Config{Time: `\@timestamp`}, many(2), ""},
		{"key of the record", Config{Keys: []string{"@key", "site"}}, []string{`{"@key":1,"site":2,"v":3}`}, `; @key is that of the Kafka record, for the field of the payload write '\@key'`},

		{"columns", Config{}, []string{"a,1,x", "b,2,y"}, "; they look like 3 columns: --format csv reads them"},
		{"no columns", Config{}, []string{"hello, world", "one, two, 3"}, ""},
		{"text", Config{Format: "text"}, []string{"a,1"}, ""},

		{"byte-order marks", Config{}, []string{"\ufeff{\"a\":1}", "\ufeff[2]"}, "; they are JSON behind a byte-order mark, which JSON does not allow: whoever writes them should leave it out"},
		{"not all of them", Config{}, []string{"\ufeff{\"a\":1}", "x"}, ""},
		{"no number", Config{}, []string{`{"a":"1","b":{"c":true}}`}, "; its fields are a (text), b.c (boolean): --value PATH names a number that only other records have"},
		{"empty", Config{}, []string{`{}`}, ""},
	} {
		p := mustResolve(t, tt.config, tt.payloads...)
		_, hint, _ := strings.Cut(p.Reason, "; ")
		if hint != strings.TrimPrefix(tt.want, "; ") {
			t.Errorf("%s: %s\nwant %s", tt.name, p.Reason, tt.want)
		}
	}
}

// TestUniqueKafkaKeys: the default key may be the wrong one.
func TestUniqueKafkaKeys(t *testing.T) {
	all := samples(many(20)...)
	for i := range all {
		all[i].Key = fmt.Appendf(nil, "k%d", i)
	}
	p, err := Config{}.Resolve(all)
	if err != nil || !strings.Contains(p.Reason, "each of the 20 records looked at has another key") {
		t.Errorf("%v, %v", p, err)
	}
	all[19].Key = []byte("k0")
	if p, err = (Config{}).Resolve(all); err != nil || strings.Contains(p.Reason, "another key") {
		t.Errorf("%v, %v", p, err)
	}
}

// TestPathThatLeadsPartWay is explained by what is there.
func TestPathThatLeadsPartWay(t *testing.T) {
	p := mustResolve(t, Config{Values: []string{"in.pressure"}}, many(1)...)
	if got := p.Explain(samples(many(1)...)); !strings.Contains(got, "no field in.pressure (--value), but in is there, with in.temp, in.hum; the fields") {
		t.Error(got)
	}
}
