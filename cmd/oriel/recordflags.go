package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream/decode"
)

// recordFlags say how to read a record.
type recordFlags struct {
	decode.Config
}

func (f *recordFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.Format, "format", "auto", "payload format: "+strings.Join(decode.Formats, ", "))
	fs.StringVar(&f.Time, "time", "", "path of the event time in the payload (default: the Kafka timestamp)")
	fs.StringVar(&f.TimeUnit, "time-unit", "auto", "unit of --time: auto, s, ms, us, ns, rfc3339 or a Go layout")
	fs.StringArrayVar(&f.Keys, "key", nil,
		"path of the grouping key in the payload, repeatable; none for one group (default: the Kafka key)")
	fs.StringArrayVar(&f.Values, "value", nil,
		"numeric series as [NAME=]PATH, repeatable; none counts records (default: the first numeric field)")
	fs.StringVar(&f.Where, "where", "", "count only records for which this is true, e.g. 'temp > 20 && @partition == 0'")
}

func (f *recordFlags) check() error {
	if err := f.Validate(); err != nil {
		return usageError{err}
	}
	return nil
}
