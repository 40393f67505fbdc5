package kafka

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var testNow = time.UnixMilli(1_795_327_200_000)

func TestParseOffsets(t *testing.T) {
	now := testNow.UnixMilli()
	for text, want := range map[string]bound{
		"start":                      {kind: atStart},
		"end":                        {kind: atEnd},
		"0":                          {kind: atOffset},
		"9223372036854775807":        {atOffset, 1<<63 - 1, ""},
		"+5":                         {afterStart, 5, ""},
		"-5":                         {beforeEnd, 5, ""},
		"-0":                         {kind: beforeEnd},
		"@1795327200":                {atTime, now, ""},
		"@1795327200000":             {atTime, now, ""},
		"@99999999999":               {atTime, 99_999_999_999_000, ""},
		"@100000000000":              {atTime, 100_000_000_000, ""},
		"@-15m":                      {atTime, now - 15*60_000, ""},
		"@-1d12h":                    {atTime, now - 36*3600_000, ""},
		"@-0s":                       {atTime, now, ""},
		"@-90000d":                   {kind: atTime}, // before 1970
		"@2026-11-22T06:00:00Z":      {atTime, now, ""},
		"@2026-11-22T07:00:00+01:00": {atTime, now, ""},
		"@2026-11-22T06:00:00.0001Z": {atTime, now + 1, ""},
	} {
		got, err := ParseOffsets(text, testNow)
		want.text = text
		if err != nil || got.other != want || len(got.by) > 0 {
			t.Errorf("ParseOffsets(%q) = %+v, %v; want %+v", text, got.other, err, want)
		}
	}
	for _, text := range []string{
		"", ",", "begin", "1.5", "+-5", "--5", "+", "-", "@", "@15m", "@+15m", "@-15", "@-15x", "@now",
		"@1795327200000000", "@1960-01-01T00:00:00Z", "@2026-11-22", "9223372036854775808",
		"0=", "=5", "a=5", "-1=5", "0=1,0=2", "start,end", "0=1,,1=2", "2147483648=1",
	} {
		if got, err := ParseOffsets(text, testNow); err == nil {
			t.Errorf("ParseOffsets(%q) = %+v, want an error", text, got)
		}
	}
}

func TestOffsetsPerPartition(t *testing.T) {
	parse := func(s string) Offsets {
		o, err := ParseOffsets(s, testNow)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	o := parse("0=100, 1=end, 3=@-15m")
	if o.at(0).n != 100 || o.at(1).kind != atEnd || o.at(3).kind != atTime || o.at(2).kind != notSet || o.IsZero() {
		t.Errorf("%+v", o)
	}
	if o = o.Or(parse("2=7,start")); o.at(0).n != 100 || o.at(2).n != 7 || o.at(9).kind != atStart {
		t.Errorf("with what another says: %+v", o)
	}
	if o = parse("5").Or(parse("2=7,start")); o.at(2).n != 5 {
		t.Errorf("what is said of all partitions gave way to %+v", o.at(2))
	}
	if o = (Offsets{}); !o.IsZero() || !o.Or(Offsets{}).IsZero() {
		t.Error("the zero Offsets says something")
	}
}

func TestParsePartitions(t *testing.T) {
	sel, err := ParsePartitions("0, 2-5,7-7")
	var has []int32
	for p := range int32(10) {
		if sel.Has(p) {
			has = append(has, p)
		}
	}
	if diff := cmp.Diff([]int32{0, 2, 3, 4, 5, 7}, has); diff != "" || err != nil || sel.All() {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if all, err := ParsePartitions(""); err != nil || !all.All() || !all.Has(99) {
		t.Errorf("the empty list: %+v, %v", all, err)
	}
	for _, s := range []string{"a", "-1", "1-", "5-2", "0,", "1-2-3", "+1", "2147483648", "0x1"} {
		if got, err := ParsePartitions(s); err == nil {
			t.Errorf("ParsePartitions(%q) = %+v, want an error", s, got)
		}
	}
}

func FuzzParseOffsets(f *testing.F) {
	for _, s := range []string{"start", "+5", "-5", "@-15m", "@1795327200", "0=100,1=end,start", "@2026-11-22T06:00:00Z"} {
		f.Add(s, int64(10), int64(20))
	}
	f.Fuzz(func(t *testing.T, s string, start, end int64) {
		o, err := ParseOffsets(s, testNow)
		if err != nil {
			if !strings.Contains(err.Error(), `"`) && !strings.Contains(err.Error(), "@") {
				t.Fatalf("error %q does not name the value", err)
			}
			return
		}
		again, err := ParseOffsets(s, testNow)
		if diff := cmp.Diff(o, again, cmp.AllowUnexported(Offsets{}, bound{}), cmpopts.EquateEmpty()); diff != "" || err != nil {
			t.Fatalf("read again: %v\n%s", err, diff)
		}
		if start < 0 || end < start {
			return
		}
		for p := range int32(4) {
			l, b := log{start, end}, o.at(p)
			from := b.from(l, -1)
			if from < 0 || from > end || from < start && b.kind != atOffset {
				t.Fatalf("--from %q of %+v is %d", s, l, from)
			}
			if to := b.to(l, -1, max(from, start)); to < 0 || to > end {
				t.Fatalf("--to %q of %+v is %d", s, l, to)
			}
		}
	})
}

func FuzzParsePartitions(f *testing.F) {
	for _, s := range []string{"", "0", "0,2-5", "5-2", "2147483647"} {
		f.Add(s, int32(3))
	}
	f.Fuzz(func(t *testing.T, s string, p int32) {
		sel, err := ParsePartitions(s)
		if err != nil || p < 0 {
			return
		}
		if sel.Has(p) && !sel.All() && p > sel.highest() {
			t.Fatalf("%q has %d, above the highest %d", s, p, sel.highest())
		}
	})
}

func TestNearest(t *testing.T) {
	topics := []Topic{{Name: "sensors"}, {Name: "sensors-raw"}, {Name: "orders"}, {Name: "__sensors"}, {Name: "sensor", Internal: true}}
	for name, want := range map[string][]string{
		"sensor":  {"sensors", "sensors-raw"},
		"senors":  {"sensors"},
		"Sensors": {"sensors", "sensors-raw"},
		"ordesr":  {"orders"},
		"zzz":     nil,
	} {
		if diff := cmp.Diff(want, unknownTopic(name, topics).Nearest); diff != "" {
			t.Errorf("nearest to %q: (-want +got)\n%s", name, diff)
		}
	}
}

func TestMatchTopics(t *testing.T) {
	topics := []Topic{{Name: "a1"}, {Name: "a2"}, {Name: "__a3"}, {Name: "a4", Internal: true}, {Name: "b1"}}
	got, err := matchTopics("*a?", topics)
	if diff := cmp.Diff([]string{"a1", "a2"}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}
