package decode

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/oriel-stream/oriel/stream"
)

// lookUp finds a path as encoding/json sees the document.
func lookUp(doc any, p path) field {
	for _, st := range p {
		switch v := doc.(type) {
		case map[string]any:
			member, ok := v[st.name]
			if st.name == "" || !ok {
				return field{}
			}
			doc = member
		case []any:
			if st.name != "" || st.index >= len(v) {
				return field{}
			}
			doc = v[st.index]
		default:
			return field{}
		}
	}
	switch v := doc.(type) {
	case map[string]any:
		return field{kind: object}
	case []any:
		return field{kind: array}
	case string:
		return field{kind: text, text: []byte(v)}
	case json.Number:
		return field{kind: number, text: []byte(v)}
	case bool:
		return field{kind: boolean, text: strconv.AppendBool(nil, v)}
	default:
		return field{kind: null}
	}
}

func unmarshal(doc string) (any, error) {
	d := json.NewDecoder(strings.NewReader(doc))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

// jsonSeeds are the places where JSON readers differ.
var jsonSeeds = []string{
	`{"a":1}`, `{"a":1,"a":"x"}`, `{"a":{"b":1},"a":{"c":2}}`, `{"a":[1,2],"a":[3]}`, `{"a":{"b":1},"a":null}`,
	`{"\u0061":1}`, `{"a":1,"\u0061":2}`, `{"b\"":"\u00e9\n\/"}`, `{"a":"\ud83d\ude00"}`, `{"a":"\ud83dx"}`, `{"a":"\ud83d\ud83d\ude00"}`,
	`{"a":"\udc00\ud800"}`, `{"a":"\ud800\u0041"}`, "{\"a\":\"\xff\"}", "{\"\xff\":1}", "{\"\xef\xbf\xbd\":1,\"\xff\":2}", "{\"a\":\"\u2028é\"}",
	`{"a":NaN}`, `{"a":nan}`, `{"a":-inf}`, `{"a":1e400}`, `{"a":-0}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":+1}`, `{"a":1e}`, `{"a":1e+}`, `{"a":--1}`,
	`{"a":12345678901234567890123456789012345678901234567890}`, `{"a":4.9e-324}`, `{"a":1e-400}`,
	"{\"a\":\"\x01\"}", "{\"a\x1f\":1}", `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\u12g4"}`, `{"a":"`, `{"a":"\`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{a:1}`, `{"a" 1}`,
	`[1,2`, `[1,]`, `[,]`, `[1 2]`, `[[1],[2,{"b":3}]]`, `[]`, `{}`, ` {} `, `{}{}`, `{} x`, ``, ` `, `"x"`, `"x`, `12`, `-`, `true`, `tru`, `truex`, `null`, `nul`, `falsehood`,
	"\ufeff{}", "\v1", "{\"a\":\t1\r\n}", `{"":{"b":1}}`, `{"a":{"":1,"b":2}}`, `{"b":[{"b":1},{"b":2},3]}`,
	"{\"a\":1\x00}", `{"a":"0123456\"89abcdef\\"}`, `{"abcdefghijklmnop":"q"}`,
}

// FuzzJSONAgainstStdlib compares verdict, kind, text and number of every field
// with encoding/json, and the leaves that are offered with the fields read.
func FuzzJSONAgainstStdlib(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add(s)
	}
	var paths []path
	for _, s := range []string{"a", "a.b", "a.c", "b", "b[0]", "b[1].b", `b\"`, "[0]", "[1][1].b", "\ufffd", "a[0]", "a[1]"} {
		p, err := parsePath(s)
		if err != nil {
			f.Fatal(err)
		}
		paths = append(paths, p)
	}
	paths = append(paths, path{})
	r := newJSONReader(paths)
	var single []*jsonReader
	for _, p := range paths {
		single = append(single, newJSONReader([]path{p}))
	}
	f.Fuzz(func(t *testing.T, s string) {
		ok := r.read([]byte(s)) == stream.OK
		if ok != json.Valid([]byte(s)) {
			t.Fatalf("%q: valid is %v, encoding/json differs", s, ok)
		}
		leaves, decodable := jsonLeaves([]byte(s), 1000)
		if decodable != ok {
			t.Fatalf("%q: leaves are found: %v", s, decodable)
		}
		if !ok {
			return
		}
		doc, err := unmarshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range paths {
			want := lookUp(doc, p)
			compareField(t, s, p, r.field(i), want)
			single[i].read([]byte(s))
			compareField(t, s, p, single[i].field(0), want)
		}
		for _, l := range leaves {
			if got := lookUp(doc, l.path).kind; got != l.kind {
				t.Fatalf("%q: leaf %v is %v, want %v", s, l.path, l.kind, got)
			}
		}
	})
}

func compareField(t *testing.T, doc string, p path, got, want field) {
	t.Helper()
	if got.kind != want.kind || string(got.text) != string(want.text) {
		t.Fatalf("%q at %v: %v %q, want %v %q", doc, p, got.kind, got.text, want.kind, want.text)
	}
	if got.kind != number {
		return
	}
	var x float64
	err := json.Unmarshal(want.text, &x)
	switch v := got.value(); {
	case err != nil && v.Reason != stream.NotFinite:
		t.Fatalf("%q at %v: %v, but encoding/json says %v", doc, p, v, err)
	case err == nil && (v.Reason != stream.OK || math.Float64bits(v.Number) != math.Float64bits(x)):
		t.Fatalf("%q at %v: %v, want %v", doc, p, v, x)
	}
}

// TestJSONDepth holds the reader to the depth at which encoding/json stops.
func TestJSONDepth(t *testing.T) {
	r := newJSONReader([]path{{{name: "a"}}, {}})
	for _, brackets := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
		for _, depth := range []int{299, 301, maxDepth, maxDepth + 1, 1_000_000} {
			doc := strings.Repeat(brackets[0], depth) + "1" + strings.Repeat(brackets[1], depth)
			if got, want := r.read([]byte(doc)) == stream.OK, json.Valid([]byte(doc)); got != want {
				t.Errorf("%d times %s: valid is %v, want %v", depth, brackets[0], got, want)
			}
			if got := r.read([]byte(doc[:depth])); got != stream.Malformed {
				t.Errorf("%d bytes of %s: %v, want malformed", depth, brackets[0], got)
			}
		}
	}
}

// naiveScanString is scanString, byte by byte.
func naiveScanString(d []byte, i int) (end int, escaped bool) {
	for ; i < len(d); i++ {
		switch {
		case d[i] == '"':
			return i, escaped
		case d[i] < ' ':
			return malformed, false
		case d[i] != '\\':
		case i+1 == len(d):
			return malformed, false
		case d[i+1] == 'u':
			if i+6 > len(d) || strings.Trim(string(d[i+2:i+6]), "0123456789abcdefABCDEF") != "" {
				return malformed, false
			}
			i, escaped = i+5, true
		case strings.IndexByte(`"\/bfnrt`, d[i+1]) >= 0:
			i, escaped = i+1, true
		default:
			return malformed, false
		}
	}
	return malformed, false
}

// TestScanString puts every byte at every place of a word and behind it, before
// strings that end in several ways.
func TestScanString(t *testing.T) {
	for _, tail := range []string{`"`, `abcdefgh"`, `\"`, `"\`, `\u00e9"`, "", "\x1f\""} {
		for n := range 20 {
			for at := range n {
				for c := range 256 {
					d := []byte(strings.Repeat("é", n)[:n] + tail)
					d[at] = byte(c)
					end, escaped := scanString(d, 0)
					if wantEnd, want := naiveScanString(d, 0); end != wantEnd || escaped != want {
						t.Fatalf("%q: %d, %v, want %d, %v", d, end, escaped, wantEnd, want)
					}
				}
			}
		}
	}
}

// TestNumbers tries every sequence of what numbers are made of.
func TestNumbers(t *testing.T) {
	r := newJSONReader([]path{{}})
	var try func(text []byte, left int)
	try = func(text []byte, left int) {
		if got, want := r.read(text) == stream.OK, json.Valid(text); got != want {
			t.Fatalf("%s: valid is %v, want %v", text, got, want)
		}
		if left == 0 {
			return
		}
		for _, c := range []byte("019.-+eE") {
			try(append(text, c), left-1)
		}
	}
	try(nil, 6)
}

// TestOrderOfMembers reads records that are mostly, but not always, like the one
// before, with one reader that remembers.
func TestOrderOfMembers(t *testing.T) {
	names := []string{"a", "ab", "b", "", `\u0061`, "temperature", "temperature_c", "temperature_ce", "temperature_cel", "temperature_celsius", "temperature_celsiuT", "é"}
	var paths []path
	for _, name := range []string{"a", "b", "temperature", "temperature_c", "temperature_ce", "temperature_celsius", "é"} {
		paths = append(paths, path{{name: name}}, path{{name: name}, {name: "a"}})
	}
	r, random := newJSONReader(paths), rand.New(rand.NewPCG(1, 2))
	var layout []string
	for range 20_000 {
		if len(layout) == 0 || random.IntN(3) == 0 {
			layout = layout[:0]
			for range random.IntN(8) {
				layout = append(layout, names[random.IntN(len(names))])
			}
		}
		var members []string
		for _, name := range layout {
			value := []string{"1", `"x"`, `{"a":2}`, `{"a":{"a":3}, "ab":4}`, "[]"}[random.IntN(5)]
			colon := []string{":", ":", ":", " :", ": "}[random.IntN(5)]
			members = append(members, `"`+name+`"`+colon+value)
		}
		doc := "{" + strings.Join(members, ",") + "}" + strings.Repeat(" ", random.IntN(20))
		tree, err := unmarshal(doc)
		if err != nil || r.read([]byte(doc)) != stream.OK {
			t.Fatalf("%s: %v", doc, err)
		}
		for i, p := range paths {
			compareField(t, doc, p, r.field(i), lookUp(tree, p))
		}
	}
}

// TestOrderIsBounded: objects with ever other names take no memory for ever.
func TestOrderIsBounded(t *testing.T) {
	r := newJSONReader([]path{{{name: "a"}}})
	for i := range 1000 {
		r.read([]byte("{" + strings.Repeat(fmt.Sprintf(`"n%d":1,`, i), i) + `"a":1}`))
		if r.field(0).kind != number {
			t.Fatal("the last member is not found")
		}
	}
	if n := len(r.root.order); n != maxExpected {
		t.Errorf("%d names are remembered, want %d", n, maxExpected)
	}
}
