package decode

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParsePath(t *testing.T) {
	name := func(s string) step { return step{name: s} }
	at := func(i int) step { return step{index: i} }
	tests := []struct {
		text string
		want path
		err  string
	}{
		{text: "temp", want: path{name("temp")}},
		{text: "data.temp", want: path{name("data"), name("temp")}},
		{text: "a[0].b[12][3]", want: path{name("a"), at(0), name("b"), at(12), at(3)}},
		{text: "[1].x", want: path{at(1), name("x")}},
		{text: `host\.name.cpu`, want: path{name("host.name"), name("cpu")}},
		{text: `\@timestamp`, want: path{name("@timestamp")}},
		{text: "a.@b", want: path{name("a"), name("@b")}},
		{text: `a\[0\]`, want: path{name("a[0]")}},
		{text: `a\\b`, want: path{name(`a\b`)}},
		{text: `\none`, want: path{name("none")}},
		{text: "température", want: path{name("température")}},
		{text: "0", want: path{name("0")}},

		{text: "", err: "the path is empty"},
		{text: "@key", want: path{{meta: metaKey}}},
		{text: "@partition", want: path{{meta: metaPartition}}},
		{text: "@header.trace.id[0]", want: path{{meta: metaHeader, name: "trace.id[0]"}}},
		{text: `@header.a\=b\\`, want: path{{meta: metaHeader, name: `a=b\`}}},
		{text: "@part", err: `write \@part`},
		{text: "@", err: `write \@`},
		{text: "@header", err: "needs the name"},
		{text: `@header.a\`, err: "a backslash ends the path"},
		{text: "@offset.x", err: "@offset has no fields"},
		{text: "a..b", err: "a field name is empty, in the step at byte 2"},
		{text: ".a", err: "a field name is empty"},
		{text: "a.", err: "a dot ends the path"},
		{text: "a.[0]", err: "no dot may stand before ["},
		{text: "a[0", err: "[ has no ]"},
		{text: "a[x]", err: "[x] is not the index"},
		{text: "a[-1]", err: "[-1] is not the index"},
		{text: "a[]", err: "[] is not the index"},
		{text: "a[9999999999]", err: "is not the index"},
		{text: "a[0]b", err: "a dot or [ must follow ]"},
		{text: "a]", err: "] has no ["},
		{text: `a\`, err: "a backslash ends the path"},
		{text: "\xff", err: "not valid UTF-8"},
	}
	for _, tt := range tests {
		got, err := parsePath(tt.text)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("parsePath(%q): error %v, want %q in it", tt.text, err, tt.err)
			}
			continue
		}
		if err != nil || !cmp.Equal(got, tt.want, cmp.AllowUnexported(step{})) {
			t.Errorf("parsePath(%q) = %v, %v; want %v", tt.text, got, err, tt.want)
		}
	}
}

// FuzzPath: whatever is accepted is spelled so that it is read again as the
// same path, and every name can be spelled.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"a.b", "a[0].b", `\@x`, `\none`, `a\.b\\`, "none", "[0][1]", "a=b", "@x", "@key", "@header.a.b", `@header.a\=b`, "é.\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := parsePath(s); err == nil {
			again, err := parsePath(p.String())
			if err != nil || !again.equal(p) {
				t.Fatalf("%q is spelled %q, which reads %v, %v", s, p, again, err)
			}
		}
		if s == "" || s != strings.ToValidUTF8(s, "") {
			return
		}
		p := path{{name: s}}
		spelled := p.String()
		again, err := parsePath(spelled)
		if err != nil || !again.equal(p) || spelled == none {
			t.Fatalf("the name %q is spelled %q, which reads %v, %v", s, spelled, again, err)
		}
		if name, text := cutName(spelled); name != spelled || text != spelled {
			t.Fatalf("the path %q is taken for NAME=PATH", spelled)
		}
	})
}
