package main

import (
	"strings"

	"github.com/muesli/termenv"
	"github.com/spf13/pflag"
)

// screenFlags say how the dashboard looks.
type screenFlags struct {
	color string
	ascii bool
}

func (f *screenFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.color, "color", "auto", "colours: auto, always or never; NO_COLOR is obeyed under auto")
	fs.BoolVar(&f.ascii, "ascii", false, "draw with ASCII characters only")
}

// check refuses what is no choice.
func (f *screenFlags) check() error {
	switch f.color {
	case "auto", "always", "never":
		return nil
	}
	return usagef("--color %q is unknown: use auto, always or never", f.color)
}

// profile is the range of colours to use, as the terminal says of itself.
func (f *screenFlags) profile(e *env) termenv.Profile {
	switch {
	case f.color == "never", f.color == "auto" && (e.getenv("NO_COLOR") != "" || e.getenv("TERM") == "dumb"):
		return termenv.Ascii
	case strings.Contains(e.getenv("COLORTERM"), "truecolor"), strings.Contains(e.getenv("COLORTERM"), "24bit"):
		return termenv.TrueColor
	case strings.Contains(e.getenv("TERM"), "256color"):
		return termenv.ANSI256
	default:
		return termenv.ANSI
	}
}
