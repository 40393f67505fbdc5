package decode

import (
	"slices"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
)

func TestResolve(t *testing.T) {
	tests := []struct {
		name     string
		config   Config
		payloads []string
		format   string
		series   []string
		reason   string
		open     bool
	}{
		{"object", Config{}, []string{`{"id":"a","d":{"temp":1},"x":2}`}, "json", []string{"d.temp"}, "value: d.temp (first numeric field of sensors/0 offset 10)", false},
		{"one object among text", Config{}, []string{"NULL", "", "x", "5", `{"a":1}`}, "json", []string{"value"}, "value: the payload (a number in sensors/0 offset 13)", false},
		{"array", Config{}, []string{`[{"a":1}]`}, "json", []string{"[0].a"}, "first numeric field", false},
		{"number", Config{}, []string{"hello", "5"}, "number", []string{"value"}, "value: the payload (a number in sensors/0 offset 11)", false},
		{"text", Config{}, []string{"hello", `"5"`}, "text", nil, "records are counted (payloads are text)", false},
		{"NaN is no JSON number", Config{}, []string{"NaN"}, "text", nil, "records are counted", false},
		{"no number", Config{}, []string{`{"a":"x"}`, `{"a":1}`}, "json", nil, "records are counted (no number in sensors/0 offset 10)", false},
		{"malformed first", Config{Format: "json"}, []string{`{"a":1`, `{"b":1}`}, "json", []string{"b"}, "value: b (first numeric field of sensors/0 offset 11)", false},
		{"time and key are no values", Config{Time: "ts", Keys: []string{"id"}}, []string{`{"ts":1,"id":2,"v":3}`}, "json", []string{"v"}, "value: v", false},
		{"only time", Config{Time: "ts"}, []string{`{"ts":1}`}, "json", nil, "no number in sensors/0 offset 10 besides --time and --key", false},
		{"last of equal names", Config{}, []string{`{"a":1,"b":2,"a":"x"}`}, "json", []string{"b"}, "value: b", false},
		{"names with dots", Config{}, []string{`{"@t.x":1}`}, "json", []string{`\@t\.x`}, `value: \@t\.x`, false},
		{"names with escapes are quoted", Config{}, []string{`{"\u001b[2J":1}`}, "json", []string{"\x1b\\[2J"}, `value: "\x1b\\[2J" (first`, false},
		{"fields without a name", Config{}, []string{`{"":{"a":1},"b":2}`}, "json", []string{"b"}, "value: b", false},
		{"given", Config{Values: []string{"t=a.b", "c"}}, []string{"hello"}, "json", []string{"t", "c"}, "value: t, c (--value)", false},
		{"counted", Config{Values: []string{"none"}}, []string{`{"a":1}`}, "json", nil, "(--value none)", false},
		{"format number", Config{Format: "number"}, nil, "number", []string{"value"}, "value: the payload (--format number)", false},
		{"format text", Config{Format: "text"}, nil, "text", nil, "records are counted", false},
		{"format json, number", Config{Format: "json"}, []string{"5"}, "json", []string{"value"}, "value: the payload", false},

		{"no sample", Config{}, nil, "auto", nil, "not chosen yet (no record has a payload)", true},
		{"tombstones", Config{}, []string{"NULL", ""}, "auto", nil, "not chosen yet", true},
		{"no sample, counted", Config{Values: []string{"none"}}, nil, "auto", nil, "not chosen yet", true},
		{"no sample, given", Config{Values: []string{"a"}}, nil, "json", []string{"a"}, "value: a (--value)", false},
		{"none can be decoded", Config{Format: "json"}, []string{"x"}, "json", nil, "not chosen yet (no record could be decoded as json)", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustResolve(t, tt.config, tt.payloads...)
			if p.Format != tt.format || !slices.Equal(p.Series, tt.series) || p.Open() != tt.open || !strings.Contains(p.Reason, tt.reason) {
				t.Errorf("format %s, series %q, open %v, %q", p.Format, p.Series, p.Open(), p.Reason)
			}
			d := p.NewDecoder()
			if !slices.Equal(d.Series(), tt.series) {
				t.Errorf("decoder's series: %q", d.Series())
			}
		})
	}
}

// TestChosenValueIsRead: whatever leaf is chosen or listed, a decoder given that
// path finds it.
func TestChosenValueIsRead(t *testing.T) {
	for _, doc := range append(jsonSeeds, `{"a.b[0]\\=":{"@x":[{"none":3}]}}`, `{"none":1}`) {
		p := mustResolve(t, Config{Format: "json"}, doc)
		if len(p.Series) == 0 {
			continue
		}
		if got := decode(p.NewDecoder(), doc); got.reason != stream.OK && got.reason != stream.NotFinite {
			t.Errorf("%q: chosen %q, then %v", doc, p.Series, got.reason)
		}
		if p.Series[0] == payloadSeries {
			continue
		}
		again := mustResolve(t, Config{Values: []string{p.Series[0]}}, doc)
		if got := decode(again.NewDecoder(), doc); got.reason != stream.OK && got.reason != stream.NotFinite {
			t.Errorf("%q: --value %s, then %v", doc, p.Series[0], got.reason)
		}
	}
}

// TestOpenDecoder: until a plan is settled records are counted.
func TestOpenDecoder(t *testing.T) {
	d := mustResolve(t, Config{}).NewDecoder()
	for payload, want := range map[string]stream.Reason{"x": stream.OK, "": stream.Empty, "NULL": stream.Null} {
		if got := decode(d, payload); got.reason != want || len(got.values) != 0 {
			t.Errorf("%q: %+v, want %v", payload, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	tests := []struct {
		config   Config
		payloads []string
		want     string
	}{
		{
			Config{Values: []string{"tmep"}},
			[]string{`{"ts":5,"temp":1,"tags":["a"]}`, `{"temp":2}`},
			"no record had a usable value: no field tmep (--value, did you mean temp?); " +
				"the fields of sensors/0 offset 10 are ts (number), temp (number), tags[0] (text)",
		},
		{
			Config{Time: "when", Keys: []string{"host"}, Values: []string{"v"}},
			[]string{"NULL", `{"v":"12.5","when":"soon"}`},
			"no record had a usable value: --time when is text (\"soon\") and cannot be read as a time (--time-unit); no field host (--key); " +
				"--value v is text and cannot be read as a value; the fields of sensors/0 offset 11 are v (text), when (text)",
		},
		{
			Config{Values: []string{"v"}},
			[]string{"\x1b[2J{", ""},
			`no record had a usable value: sensors/0 offset 10 cannot be read as json, it begins "\x1b[2J{"`,
		},
		{
			Config{Format: "json", Values: []string{"v"}},
			[]string{`{"\u001b[2J":1}`},
			`no record had a usable value: no field v (--value); the fields of sensors/0 offset 10 are "\x1b\\[2J" (number)`,
		},
		{Config{Format: "number"}, []string{"NaN"}, "no record had a usable value: the payload (number) is not a finite number"},
		{Config{Format: "number"}, []string{"abc"}, `no record had a usable value: sensors/0 offset 10 cannot be read as number, it begins "abc"`},
		{Config{Format: "text"}, []string{"NULL"}, "no record had a usable value: none of the 1 looked at, from sensors/0 offset 10 on, has a payload"},
		{Config{}, nil, "no record had a usable value: there was none"},
		{
			Config{Values: []string{"v"}},
			[]string{`{"v":1}`},
			"no record had a usable value: the 1 looked at can be read, so others or their times are at fault: --rejects FILE lists each; " +
				"the fields of sensors/0 offset 10 are v (number)",
		},
	}
	for _, tt := range tests {
		p := mustResolve(t, tt.config, tt.payloads...)
		if got := p.Explain(samples(tt.payloads...)); got != tt.want {
			t.Errorf("%+v %q:\n got %s\nwant %s", tt.config, tt.payloads, got, tt.want)
		}
	}
}

func TestDescribe(t *testing.T) {
	fields := func(payload string) []string {
		leaves, _ := jsonLeaves([]byte(payload), maxFields)
		return describe(leaves)
	}
	got := fields(`{"a":{"b":1,"c":[true,null]},"d":"x","a":{"e":2},"":5,"f":{}}`)
	if want := []string{"d (text)", "a.e (number)"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if got := fields(`[` + strings.Repeat("1,", 99) + `1]`); len(got) != maxFields || got[49] != "[49] (number)" {
		t.Errorf("%d fields, %q", len(got), got)
	}
	for _, s := range []string{"", "{", "5", `"x"`} {
		if got := fields(s); len(got) != 0 {
			t.Errorf("%q has fields %q", s, got)
		}
	}
}

func TestNearest(t *testing.T) {
	all := []string{"ts", "data.temp", "temp", "humidity", "Pressure"}
	for path, want := range map[string]string{
		"tmep": "temp", "temps": "temp", "tmp": "temp", "humdity": "humidity", "pressure": "Pressure", "tsx": "ts",
		"d.humidity": "humidity", "voltage": "", "x": "", "temp": "temp",
	} {
		if got, ok := Nearest(path, all); got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %v; want %q", path, got, ok, want)
		}
	}
	if got, _ := Nearest("temp", []string{"hum", "data.temp"}); got != "data.temp" {
		t.Errorf("a field further in is not found: %q", got)
	}
}
