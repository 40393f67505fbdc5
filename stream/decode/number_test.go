package decode

import (
	"encoding/binary"
	"math"
	"strconv"
	"testing"
)

// FuzzExactFloat holds exactFloat to what strconv reads.
func FuzzExactFloat(f *testing.F) {
	for _, s := range []string{
		"0", "-0", "1", "-1", "21.54", "-21.54", "1795327200123", "999999999999999", "9999999999999999", "99999999999999.9", "9.99999999999999",
		".5", "5.", "-.5", "0.1", "0.000000000000001", "000000000000000", "0000000000000000", "0.00000000000000", "0.000000000000000",
		"", "-", ".", "-.", "..", "1.2.3", "--1", "+1", "1e3", "1_0", "0x1", "inf", "nan", "1 ", "123456789012345.", "123456789012345.6", ".123456789012345", ".1234567890123456",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := exactFloat([]byte(s))
		if !ok {
			return
		}
		if want, err := strconv.ParseFloat(s, 64); err != nil || math.Float64bits(got) != math.Float64bits(want) {
			t.Fatalf("%q: %v, want %v (%v)", s, got, want, err)
		}
	})
}

// TestExactFloat says which texts are read fast: a fuzz test would not see that
// none is.
func TestExactFloat(t *testing.T) {
	for s, want := range map[string]bool{
		"0": true, "-0": true, "21.54": true, "-21.54": true, "999999999999999": true, "9.99999999999999": true, "0.00000000000001": true,
		"9999999999999999": false, "1.000000000000000": false, "1e3": false, "": false, "-": false, ".": false, "1.2.3": false,
	} {
		if _, ok := exactFloat([]byte(s)); ok != want {
			t.Errorf("%q: %v, want %v", s, ok, want)
		}
	}
}

// FuzzPlainInteger holds plainInteger to what strconv reads of digits alone.
func FuzzPlainInteger(f *testing.F) {
	for _, s := range []string{"", "0", "7", "12345678", "99999999", "123456789", "1795327200123", "999999999999999999", "1000000000000000000", "1234567:", "/2345678", "+1", "1234567é", "12345678x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := plainInteger([]byte(s))
		want, err := strconv.ParseUint(s, 10, 63)
		if ok != (err == nil && len(s) <= maxPlainDigits) || ok && got != int64(want) {
			t.Fatalf("%q: %d, %v, want %d (%v)", s, got, ok, want, err)
		}
	})
}

// TestEightDigits puts every byte at every place.
func TestEightDigits(t *testing.T) {
	for at := range 8 {
		for c := range 256 {
			digits := []byte("90817263")
			digits[at] = byte(c)
			want, err := strconv.ParseUint(string(digits), 10, 63)
			got, ok := eightDigits(binary.LittleEndian.Uint64(digits))
			if ok != (err == nil) || ok && got != int64(want) {
				t.Errorf("%q: %d, %v, want %d (%v)", digits, got, ok, want, err)
			}
		}
	}
}
