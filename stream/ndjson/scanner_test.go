package ndjson

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzScanner compares with encoding/json: what is JSON, and what a string
// stands for.
func FuzzScanner(f *testing.F) {
	for _, s := range []string{
		`{}`, `[]`, ` {"a" : [1, -0.5e+3, true, false, null, "x"] , "b":{}} `, `"\u00e9\ud83d\ude00\ud83d\u0041\udc00"`, `"\/\b\f\n\r\t\"\\"`,
		`01`, `1.`, `-`, `1e`, `.5`, `+1`, `tru`, `nul`, `"\x"`, `"\u12g4"`, `"a`, "\"\x01\"", `[1,]`, `{"a":1,}`, `{,}`, `[`, `{"a"`, `1 2`, ``, "\"\xff\"",
		strings.Repeat("[", 200) + strings.Repeat("]", 200), `"\`, `"\u123`, `"\ud83d\u"`, `"\ud83d\ud83d\ude00"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := scanner{b: b}
		v, ok := s.value(0)
		ok = ok && s.atEnd()
		if ok != json.Valid(b) {
			t.Fatalf("%q is JSON: %v, encoding/json says %v", b, ok, json.Valid(b))
		}
		if !ok || v.kind != text || !utf8.Valid(b) {
			return
		}
		var want string
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if got := string(appendUnescaped(nil, v.raw)); got != want {
			t.Errorf("%s is %q, want %q", b, got, want)
		}
	})
}

func TestScannerDepth(t *testing.T) {
	for _, c := range []struct {
		depth int
		want  bool
	}{{maxDepth, true}, {maxDepth + 1, false}} {
		text := strings.Repeat("[", c.depth) + strings.Repeat("]", c.depth)
		s := scanner{b: []byte(text)}
		if _, ok := s.value(1); ok != c.want {
			t.Errorf("%d arrays: %v, want %v", c.depth, ok, c.want)
		}
	}
}
