package main

import (
	"fmt"
	"math"
	"time"

	"github.com/oriel-stream/oriel/window"
)

// duration is a flag in Go's notation with days.
type duration window.Duration

// String is the default in a help text, which leaves out a plain 0.
func (d *duration) String() string {
	if *d == 0 {
		return "0"
	}
	return window.Duration(*d).String()
}

func (d *duration) Type() string { return "duration" }

func (d *duration) Set(s string) error {
	v, err := window.ParseDuration(s)
	*d = duration(v)
	return err
}

// positive is a duration flag of which 0 stands for the default and cannot be
// given.
type positive duration

func (d *positive) String() string { return (*duration)(d).String() }

func (d *positive) Type() string { return "duration" }

func (d *positive) Set(s string) error {
	v, err := window.ParseDuration(s)
	if err == nil && v <= 0 {
		return fmt.Errorf("%q is not positive: leave it out for the default", s)
	}
	*d = positive(v)
	return err
}

// std is the duration as the standard library's, which goes as far as 292 years:
// longer ones are as good as for ever.
func (d duration) std() time.Duration {
	const most = math.MaxInt64 / time.Millisecond
	return max(-most, min(time.Duration(d), most)) * time.Millisecond
}
