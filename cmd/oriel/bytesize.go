package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/dustin/go-humanize"
)

// byteSize is a flag in bytes, as in 512MiB.
type byteSize int64

func (b *byteSize) String() string {
	if *b == 0 {
		return "0"
	}
	return strings.ReplaceAll(humanize.IBytes(uint64(*b)), " ", "") // one word for a shell
}

// atLeast is n, rounded up so that what is printed of it is enough.
func atLeast(n int64) *byteSize {
	unit := int64(1)
	for n/unit >= 1024 {
		unit *= 1024
	}
	up := byteSize(n)
	switch {
	case unit == 1:
	case n < 10*unit: // printed with a decimal
		up = byteSize(math.Ceil(float64(n)*10/float64(unit)) / 10 * float64(unit))
	default:
		up = byteSize((n + unit - 1) / unit * unit)
	}
	return &up
}

func (b *byteSize) Type() string { return "size" }

func (b *byteSize) Set(s string) error {
	n, err := humanize.ParseBytes(s)
	if err != nil || n == 0 || n > math.MaxInt64 {
		return fmt.Errorf("%q is no positive size: use for example 512MiB or 2GB", s)
	}
	*b = byteSize(n)
	return nil
}
