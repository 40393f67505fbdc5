package tui

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

func TestClean(t *testing.T) {
	for _, tc := range []struct{ in, want, ascii string }{
		{"s-004", "s-004", "s-004"},
		{"a\nb", "a␊b", "a?b"},
		{"\x1b[2J", "␛[2J", "?[2J"},
		{"\u009b2J", "\ufffd2J", "?2J"},
		{"\x7f", "␡", "?"},
		{"\u202eabc", "\ufffdabc", "?abc"},
		{"a\u200bb", "a\ufffdb", "a?b"},
		{"a\ufe0f", "a\ufffd", "a?"},
		{"\xff\xfe", "\ufffd\ufffd", "??"},
		{"köln 温度", "köln 温度", "k?ln ??"},
		{"a\u00a0b", "a b", "a?b"},
		{"e\u0301\u0301\u0301\u0301", "e\u0301\u0301\ufffd\ufffd", "e????"},
		{"\u0301x", "\ufffdx", "?x"},
		{"\u3164", "\ufffd", "?"},
	} {
		if got := clean(tc.in, false); got != tc.want {
			t.Errorf("clean(%q) = %q, want %q", tc.in, got, tc.want)
		}
		if got := clean(tc.in, true); got != tc.ascii {
			t.Errorf("clean(%q) in ASCII = %q, want %q", tc.in, got, tc.ascii)
		}
	}
	if got := clean(strings.Repeat("x", 1<<20), false); len(got) > maxShown+len("…") {
		t.Errorf("a long string keeps %d bytes", len(got))
	}
}

// TestWidth holds that what is counted by hand is counted as x/ansi does.
func TestWidth(t *testing.T) {
	for r := rune(0x80); r < 0x3000; r++ {
		if s := string(r); narrow(r) && ansi.StringWidth(s) != 1 {
			t.Errorf("%U is %d cells wide", r, ansi.StringWidth(s))
		}
	}
	for _, s := range []string{"", "abc", "\x1b[1;38;5;33m●\x1b[0m x", "温度", "●\u0301x", "\x1b[", "─\ufe0f"} {
		if got, want := width(s), ansi.StringWidth(s); got != want {
			t.Errorf("width(%q) = %d, want %d", s, got, want)
		}
	}
}

// FuzzHostile puts hostile keys, payloads and names into every panel: nothing
// that a terminal would obey reaches the screen, and no line is too wide.
func FuzzHostile(f *testing.F) {
	f.Add("\x1b]0;title\a", "\x00\x1b[31m", false)
	f.Add("\u202e\u2066", "\xff\xc0\x80", false)
	f.Add("\u009b31m\r\n", strings.Repeat("\u0301", 40), true)
	f.Add("👩\u200d👩\u200d👧🇩🇪", "a\u034f\U000e0001", true)
	f.Add("ｗｉｄｅ한글", "\t\v\b", false)
	f.Fuzz(func(t *testing.T, name, payload string, ascii bool) {
		snap := inspected()
		snap.Topics = []string{name, payload}
		snap.Cluster, snap.Troubles, snap.Notes = name, told(storyNow, payload, name), told(storyNow, name)
		snap.Series = []string{"temp", name}
		for i := range snap.Keys[:8] {
			snap.Keys[i].Key = window.Key{Bytes: name + payload}
			snap.Keys[i].Topic = name
		}
		snap.Focus.Key.Bytes, snap.Focus.Topic, snap.Focus.Series = name, payload, name
		snap.Hold.ID.Topic, snap.Partitions[3].ID.Topic = name, name
		for i := range snap.Ledger {
			snap.Ledger[i].Payload, snap.Ledger[i].Key.Bytes = payload, name
		}
		for i := range snap.Focus.Records {
			r := &snap.Focus.Records[i]
			r.ID.Topic, r.Payload, r.Size = name, payload, len(payload)
			r.Headers = []stream.HeaderView{{Key: name, Value: payload}}
		}
		snap.Focus.Records[0].Payload += strings.Repeat(name, 40)
		last := &snap.Focus.Closed[len(snap.Focus.Closed)-1]
		last.Model, last.Error = name, payload
		s := newScreen(t, termenv.Ascii, 200, 60, snap)
		s.cfg.ASCII = ascii
		for _, keys := range [][]string{{"1"}, {"3", "j"}, {"4", "j"}, {"y"}, {"7"}, {"8"}, {"9"}, {"5", "e"}, {"6", "j"}, {"9", "j"}, {"G"}} {
			s.press(keys...)
			checkView(t, s, ascii)
		}
	})
}

// checkView holds what is true of every screen without colours.
func checkView(t *testing.T, s *screen, ascii bool) {
	t.Helper()
	view := s.View()
	lines := strings.Split(view, "\n")
	if len(lines) > s.height {
		t.Fatalf("%dx%d: %d lines", s.width, s.height, len(lines))
	}
	for _, line := range lines {
		if n := width(line); n != s.width {
			t.Fatalf("%dx%d: a line of %d cells: %q", s.width, s.height, n, line)
		}
		if !utf8.ValidString(line) {
			t.Fatalf("not UTF-8: %q", line)
		}
		for _, r := range line {
			if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || ascii && r > '~' {
				t.Fatalf("%U reaches the screen: %q", r, line)
			}
		}
	}
}

// TestNoCharacterJoinsTheColumns: whatever clean lets through is as wide beside
// the spaces that fill a column as alone.
func TestNoCharacterJoinsTheColumns(t *testing.T) {
	t.Parallel()
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		got := clean(string(r), false)
		alone := ansi.StringWidth(got)
		if behind, before := ansi.StringWidth(got+" "), ansi.StringWidth(" "+got); behind != alone+1 || before != alone+1 {
			t.Errorf("%U is %d cells wide alone, with a space behind %d and before %d", r, alone, behind, before)
		}
	}
}

// FuzzClean holds what clean promises of any string, and that what it returns
// can be fitted into columns.
func FuzzClean(f *testing.F) {
	for _, s := range []string{"s-004", "\x1b[2J", "\u202e", "\xff", "e\u0301\u0301\u0301", "🇩🇪👩\u200d👧", "温", "0\U00011a87", strings.Repeat("\u00e9", 400)} {
		f.Add(s, uint8(20))
	}
	f.Fuzz(func(t *testing.T, s string, w uint8) {
		for _, ascii := range []bool{false, true} {
			got := clean(s, ascii)
			if !utf8.ValidString(got) {
				t.Fatalf("clean(%q) = %q is not UTF-8", s, got)
			}
			for _, r := range got {
				if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || ascii && (r < ' ' || r > '~') {
					t.Fatalf("clean(%q, %v) keeps %U", s, ascii, r)
				}
			}
			for _, right := range []bool{false, true} {
				if n := width(fit(got, int(w), right)); n != int(w) {
					t.Fatalf("%q fitted into %d cells takes %d (right: %v)", got, w, n, right)
				}
			}
		}
	})
}
