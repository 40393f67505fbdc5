package decode

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// timeCase is a --time field and the event time it gives.
type timeCase struct {
	unit   string
	kind   kind
	text   string
	want   window.Time
	reason stream.Reason
}

func checkReadTime(t *testing.T, tests []timeCase) {
	t.Helper()
	for _, tt := range tests {
		u, err := parseTimeUnit(tt.unit)
		if err != nil {
			t.Fatalf("unit %q: %v", tt.unit, err)
		}
		got, reason := u.read(field{kind: tt.kind, text: []byte(tt.text)})
		if got != tt.want || reason != tt.reason {
			t.Errorf("unit %q, %v %q: %d, %v; want %d, %v", tt.unit, tt.kind, tt.text, got, reason, tt.want, tt.reason)
		}
	}
}

func TestReadTime(t *testing.T) {
	const at = 1795327200123
	checkReadTime(t, []timeCase{
		// The units, as numbers and as numeric strings.
		{"s", number, "1795327200", 1795327200000, stream.OK},
		{"s", text, "1795327200.1239", at, stream.OK},
		{"s", number, "1.7953272001239e9", at, stream.OK},
		{"s", number, "-0.0001", -1, stream.OK},
		{"s", number, "-0.001", -1, stream.OK},
		{"s", number, "-0", 0, stream.OK},
		{"s", number, "-0e999999999999999999999", 0, stream.OK},
		{"ms", number, "1795327200123", at, stream.OK},
		{"ms", number, "1795327200123.999999999999999999", at, stream.OK},
		{"us", number, "1795327200123999", at, stream.OK},
		{"ns", number, "1795327200123999999", at, stream.OK},
		{"ns", number, "-1", -1, stream.OK},
		{"ns", number, "1e-999999999999999999999", 0, stream.OK},
		{"ns", number, "-1e-999999999999999999999", -1, stream.OK},
		// auto: on either side of each power of ten.
		{"auto", number, "99999999999", 99999999999000, stream.OK},
		{"auto", number, "100000000000", 100000000000, stream.OK},
		{"auto", number, "99999999999999", 99999999999999, stream.OK},
		{"auto", number, "100000000000000", 100000000000, stream.OK},
		{"auto", number, "99999999999999999", 99999999999999, stream.OK},
		{"auto", number, "100000000000000000", 100000000000, stream.OK},
		{"auto", number, "-100000000000", -100000000000, stream.OK},
		{"auto", number, "99999999999.9999", 99999999999999, stream.OK},
		{"auto", number, "0000001795327200", 1795327200000, stream.OK},
		{"auto", number, "0", 0, stream.OK},
		{"", text, "1795327200", 1795327200000, stream.OK},
		{"auto", text, "2026-11-22T06:00:00.123999Z", at, stream.OK},
		{"auto", text, "2026-11-22 07:00:00.123+01:00", at, stream.OK},
		{"auto", text, "2026-11-22T06:00:00.123", at, stream.OK},
		{"auto", text, "1969-12-31T23:59:59.9999Z", -1, stream.OK},
		// rfc3339 and layouts.
		{"rfc3339", text, "2026-11-22T06:00:00Z", 1795327200000, stream.OK},
		{"rfc3339", text, "2026-11-21T23:30:00-06:30", 1795327200000, stream.OK},
		{"2006-01-02 15:04:05", text, "2026-11-22 06:00:00.123", at, stream.OK},
		{"02/Jan/2006:15:04:05 -0700", text, "22/Nov/2026:07:00:00 +0100", 1795327200000, stream.OK},
		{time.RFC1123, text, "Sun, 22 Nov 2026 06:00:00 GMT", 1795327200000, stream.OK},
		{"20060102", number, "20261122", 1795305600000, stream.OK},
		{time.RFC1123, text, "Sun, 22 Nov 2026 06:00:00 CST", 0, stream.BadTime},
	})
}

// TestReadTimeBounds has what is refused, and what is just not.
func TestReadTimeBounds(t *testing.T) {
	checkReadTime(t, []timeCase{
		{"auto", missing, "", 0, stream.NoTime},
		{"auto", null, "", 0, stream.NoTime},
		{"auto", boolean, "true", 0, stream.BadTime},
		{"auto", object, "", 0, stream.BadTime},
		{"auto", text, "", 0, stream.BadTime},
		{"auto", text, "yesterday", 0, stream.BadTime},
		{"auto", text, "2026-02-29T00:00:00Z", 0, stream.BadTime},
		{"auto", text, "2026-11-22T24:00:00Z", 0, stream.BadTime},
		{"auto", text, "2026-11-22T06:00:60Z", 0, stream.BadTime},
		{"auto", text, "0000-12-31T00:00:00Z", 0, stream.BadTime},
		{"auto", text, "0001-01-01T00:00:00+00:01", 0, stream.BadTime},
		{"auto", text, "0001-01-01T00:00:00Z", window.MinEventTime, stream.OK},
		{"auto", text, "9999-12-31T23:59:59.9999Z", window.MaxEventTime, stream.OK},
		{"ms", number, "253402300799999", window.MaxEventTime, stream.OK},
		{"ms", number, "253402300800000", 0, stream.BadTime},
		{"ms", number, "-62135596800000", window.MinEventTime, stream.OK},
		{"ms", number, "-62135596800000.1", 0, stream.BadTime},
		{"ms", number, "99999999999999999999999999", 0, stream.BadTime},
		{"s", number, "1e400", 0, stream.BadTime},
		{"s", number, "1e999999999999999999999", 0, stream.BadTime},
		{"s", text, "2026-11-22T06:00:00Z", 0, stream.BadTime},
		{"rfc3339", number, "1795327200", 0, stream.BadTime},
	})
}

func TestParseTimeUnitRefuses(t *testing.T) {
	for _, s := range []string{"millis", "sec", "S", "15:04:05", "Jan 2", "YYYY-MM-DD", "2019", " "} {
		if u, err := parseTimeUnit(s); err == nil {
			t.Errorf("unit %q is taken for %+v", s, u)
		}
	}
}

// instant is the grammar: package time alone takes one digit for the hour, a
// comma for the point and offsets of a day or more.
var instant = regexp.MustCompile(`^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$`)

// FuzzRFC3339 compares with package time within the grammar.
func FuzzRFC3339(f *testing.F) {
	for _, s := range []string{
		"2026-11-22T06:00:00Z", "2026-11-22 06:00:00.123456789+01:00", "2024-02-29T23:59:59.9-23:59", "1900-02-29T00:00:00Z",
		"2026-11-22T06:00:00", "2026-11-22T6:00:00Z", "2026-11-22T06:00:00,5Z", "2026-11-22T06:00:00.Z", "0000-01-01T00:00:00Z",
		"2026-11-22T06:00:00+24:00", "2026-00-22T06:00:00Z", "2026-11-00T06:00:00Z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := parseRFC3339([]byte(s))
		form := instant.FindStringSubmatch(s)
		if form == nil {
			if ok {
				t.Fatalf("%q is accepted", s)
			}
			return
		}
		strict := s[:10] + "T" + s[11:]
		if form[2] == "" {
			strict += "Z"
		}
		want, err := time.Parse(time.RFC3339, strict)
		if ok != (err == nil) {
			t.Fatalf("%q: accepted is %v, but package time says %v", s, ok, err)
		}
		if ok && int64(got) != want.UnixMilli() {
			t.Fatalf("%q: %d, want %d", s, got, want.UnixMilli())
		}
	})
}

// FuzzDecimal compares with exact rational arithmetic.
func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.5", "+.5e3", "1.e-7", "123456789012345678901234567890e-20", "-0.0", "9223372036854775807", "-9223372036854775.808", "1e", "--1", ".", "00100"} {
		for _, scale := range []int8{scaleSeconds, scaleMillis, scaleMicros, scaleNanos} {
			f.Add(s, scale)
		}
	}
	f.Fuzz(func(t *testing.T, s string, scale int8) {
		scale %= 10
		d, ok := parseDecimal([]byte(s))
		if e := d.exponent; !ok || e > 1000 || e < -1000 || len(s) > 100 {
			return // big.Rat would spend a minute on 1e999999999
		}
		x, known := new(big.Rat).SetString(strings.TrimPrefix(s, "+"))
		if !known {
			t.Fatalf("%q is accepted and no number", s)
		}
		ten := new(big.Rat).SetInt64(10)
		if n := d.magnitude(); x.Sign() != 0 {
			if low := power(ten, n-1); new(big.Rat).Abs(x).Cmp(low) < 0 || new(big.Rat).Abs(x).Cmp(low.Mul(low, ten)) >= 0 {
				t.Fatalf("magnitude of %q: %d", s, n)
			}
		}
		x.Mul(x, power(ten, int64(scale)))
		floor := new(big.Int).Div(x.Num(), x.Denom()) // Euclidean: floors, the denominator is positive
		got, ok := d.floor(int64(scale))
		if ok && floor.Cmp(big.NewInt(got)) != 0 {
			t.Fatalf("%q e%d: %d, want %v", s, scale, got, floor)
		}
		if !ok && floor.BitLen() < 60 {
			t.Fatalf("%q e%d: refused, though it is %v", s, scale, floor)
		}
	})
}

func power(base *big.Rat, n int64) *big.Rat {
	p := new(big.Rat).SetInt64(1)
	for range max(n, -n) {
		p.Mul(p, base)
	}
	if n < 0 {
		p.Inv(p)
	}
	return p
}

// TestPlainIntegers: the short way for whole numbers says what the exact
// decimal says, at the edges of every unit.
func TestPlainIntegers(t *testing.T) {
	edges := []int64{0, 1, 999, 1e11, 1e14, 1e17, 253402300799, 253402300799999, 999999999999999999}
	for _, form := range []timeUnit{
		{form: auto},
		{form: epoch, scale: scaleSeconds},
		{form: epoch, scale: scaleMillis},
		{form: epoch, scale: scaleMicros},
		{form: epoch, scale: scaleNanos},
	} {
		for _, edge := range edges {
			for n := max(0, edge-2); n <= edge+2 && n < 1e18; n++ {
				text := []byte(strconv.FormatInt(n, 10))
				got, ok := form.parseEpoch(text)
				want, wantOK := form.parseEpoch(append(text, ".0"...))
				if ok != wantOK || ok && got != want {
					t.Errorf("%+v: %s is %v %v, and with .0 %v %v", form, text, got, ok, want, wantOK)
				}
			}
		}
	}
}
