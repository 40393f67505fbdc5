package ndjson

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/oriel-stream/oriel/window"
)

func TestString(t *testing.T) {
	for in, want := range map[string]string{
		"":                    `""`,
		"plain":               `"plain"`,
		`a"b\c`:               `"a\"b\\c"`,
		"\b\f\n\r\t\x00\x1f":  `"\b\f\n\r\t\u0000\u001f"`,
		"<a>&'/\u2028\u2029é": "\"<a>&'/\u2028\u2029é\"",
		"\x7f":                "\"\x7f\"",
		"a\xffb\xe2\x82":      "\"a\ufffdb\ufffd\ufffd\"",
		"😀":                   `"😀"`,
	} {
		if got := string(appendString(nil, in)); got != want {
			t.Errorf("appendString(%q) = %s, want %s", in, got, want)
		}
		if got := string(appendString(nil, []byte(in))); got != want {
			t.Errorf("appendString([]byte(%q)) = %s, want %s", in, got, want)
		}
	}
}

func FuzzString(f *testing.F) {
	for _, s := range []string{"", "a", `"\`, "\x00\x1f\x7f", "é\u2028😀", "<>&", "\xff", "a\xc3", "\u0080[\u009b31m\u009f\u00a0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := appendString(nil, s)
		if bytes.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\x7f' }) {
			t.Errorf("%q has controls", text)
		}
		var got string
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		want := s
		if !utf8.ValidString(s) {
			want = string([]rune(s)) // a conversion replaces what is not UTF-8
		}
		if got != want {
			t.Errorf("%q came back as %q", s, got)
		}
	})
}

func FuzzFloat(f *testing.F) {
	for _, v := range []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 21.54, 1e-6, 9.99e-7, 1e-9, 1e-10, 1e20, 1e21, 1e22, -1e21, 1e100, 1e-300,
		1 << 53, 1<<53 - 1, -(1 << 53), math.MaxFloat64, math.SmallestNonzeroFloat64, math.Pi,
	} {
		f.Add(v)
	}
	f.Fuzz(checkFloat)
}

// checkFloat holds a number to what encoding/json writes.
func checkFloat(t *testing.T, v float64) {
	got := string(appendFloat(nil, v))
	if math.IsNaN(v) || math.IsInf(v, 0) {
		if got != "null" {
			t.Errorf("appendFloat(%v) = %s, want null", v, got)
		}
		return
	}
	want, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("appendFloat(%v) = %s, encoding/json writes %s", v, got, want)
	}
}

// Decimals of all lengths, and the numbers next to them.
func TestDecimals(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 15))
	for range 20_000 {
		v := float64(rng.Int64N(1<<rng.IntN(54)+1)-rng.Int64N(1<<30)) / math.Pow10(rng.IntN(8))
		checkFloat(t, v)
		checkFloat(t, math.Nextafter(v, math.Inf(1)))
		checkFloat(t, math.Nextafter(v, math.Inf(-1)))
	}
}

func TestFloatNotFinite(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := string(appendFloat(nil, v)); got != "null" {
			t.Errorf("appendFloat(%v) = %s, want null", v, got)
		}
	}
}

func FuzzTime(f *testing.F) {
	for _, ms := range []int64{
		0, -1, 1, 999, 1000, -1000, -999, 1795327200000, 951782400000, 4107542399999, -62167219200000,
		int64(window.MinEventTime), int64(window.MaxEventTime), int64(window.MinEventTime) - 1, int64(window.MaxEventTime) + 1,
	} {
		f.Add(ms)
	}
	f.Fuzz(func(t *testing.T, ms int64) {
		want := `"` + string(window.Time(ms).AppendFormat(nil)) + `"`
		if got := string(appendTime(nil, window.Time(ms))); got != want {
			t.Errorf("appendTime(%d) = %s, want %s", ms, got, want)
		}
	})
}
