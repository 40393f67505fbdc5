package decode

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		config Config
		want   []string // parts of the error; none if valid
	}{
		{config: Config{}},
		{config: Config{Format: "auto", TimeUnit: "auto"}},
		{config: Config{Format: "json", Time: "ts", TimeUnit: "ms", Keys: []string{"a", "b"}, Values: []string{"t=x", "y"}}},
		{config: Config{Format: "text", Keys: []string{"none"}, Values: []string{"none"}}},
		{config: Config{Format: "number", Values: []string{"none"}}},
		{config: Config{Values: []string{`a\=b`, "n=none", `\none`}}},

		{Config{Format: "xml"}, []string{`--format "xml"`, "not auto, json, number, text, csv", "--format json"}},
		{Config{Time: "a..b"}, []string{`--time "a..b"`, "a field name is empty", "--time data.temp"}},
		{config: Config{Time: "@timestamp"}},
		{config: Config{Format: "text", Time: "@header.ts", Keys: []string{"@key", "@partition"}, Values: []string{"@offset"}}},
		{Config{Time: "@time"}, []string{`--time "@time"`, `write \@time`, "--time @header.host"}},
		{Config{Time: "@timestamp", TimeUnit: "ms"}, []string{`--time-unit "ms"`, "--time ts"}},
		{Config{Keys: []string{"@header."}}, []string{"@header needs the name of a header"}},
		{Config{Keys: []string{"@key.id"}}, []string{"@key has no fields"}},
		{Config{Time: "ts", TimeUnit: "millis"}, []string{`--time-unit "millis"`, "Go layout", "--time-unit ms"}},
		{Config{TimeUnit: "ms"}, []string{`--time-unit "ms"`, "--time ts"}},
		{Config{Keys: []string{"a", "none"}}, []string{`--key "none"`, "stands alone"}},
		{Config{Keys: []string{""}}, []string{`--key ""`, "the path is empty"}},
		{Config{Values: []string{"a", "none"}}, []string{`--value "none"`, "stands alone"}},
		{Config{Values: []string{"=a"}}, []string{`--value "=a"`, "in front of = is empty"}},
		{Config{Values: []string{"a="}}, []string{`--value "a="`, "the path is empty"}},
		{Config{Values: []string{"x=a", "x=b"}}, []string{`--value "x=b"`, `two series are named "x"`}},
		{Config{Values: []string{"a", "a"}}, []string{`two series are named "a"`}},
		{Config{Values: []string{"\xff=a"}}, []string{"not valid UTF-8"}},
		{Config{Format: "text", Values: []string{"a"}}, []string{`--value "a"`, "payloads of --format text have no fields", "no --value"}},
		{Config{Format: "number", Keys: []string{"a"}}, []string{`--key "a"`, "--format number have no fields"}},
		{Config{Format: "text", Time: "a"}, []string{`--time "a"`, "have no fields"}},
		{config: Config{Distinct: []string{"user.id", `user\.id`, "a[0]"}}},
		{Config{Distinct: []string{"a..b"}}, []string{`--agg "distinct:a..b"`, "a field name is empty", "e.g. --agg distinct:temp, --agg distinct:data.temp"}},
		{Config{Distinct: []string{""}}, []string{`--agg "distinct:"`, "the path is empty"}},
		{Config{Distinct: []string{"@key"}}, nil},
		{Config{Distinct: []string{"@kee"}}, []string{`--agg "distinct:@kee"`, `write \@kee`}},
		{Config{Distinct: []string{"id", `\id`}}, []string{`--agg "distinct:\\id"`, "the field is given twice"}},
		{Config{Format: "number", Distinct: []string{"id"}}, []string{`--agg "distinct:id"`, "--format number have no fields"}},
		// All that is wrong is said at once.
		{Config{Format: "xml", Time: ".", Keys: []string{"["}, Values: []string{"]"}}, []string{"--format", "--time", "--key", "--value"}},
	}
	for _, tt := range tests {
		err := tt.config.Validate()
		if len(tt.want) == 0 {
			if err != nil {
				t.Errorf("%+v: %v", tt.config, err)
			}
			continue
		}
		for _, part := range tt.want {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%+v: error %v, want %q in it", tt.config, err, part)
			}
		}
		if _, resolved := tt.config.Resolve(nil); resolved == nil {
			t.Errorf("%+v: Resolve takes what Validate refuses", tt.config)
		}
	}
}
