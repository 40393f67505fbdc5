package main

import (
	"context"
	"strings"

	"github.com/spf13/pflag"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/stream/decode"
)

// recordFlags say how to read a record.
type recordFlags struct {
	decode.Config
	schemaFlags
}

func (f *recordFlags) add(fs *pflag.FlagSet) {
	fs.StringVar(&f.Format, "format", "auto", "payload format: "+strings.Join(decode.Formats, ", ")+"; csv:NAME,NAME names the columns")
	f.schemaFlags.add(fs)
	fs.StringVar(&f.Time, "time", "", "path of the event time in the payload, or @header.NAME (default: the Kafka timestamp)")
	fs.StringVar(&f.TimeUnit, "time-unit", "auto", "unit of --time: auto, s, ms, us, ns, rfc3339 or a Go layout")
	fs.StringArrayVar(&f.Keys, "key", nil,
		"path of the grouping key in the payload, or @key, @header.NAME, @partition; repeatable; none for one group (default: the Kafka key)")
	fs.StringArrayVar(&f.Values, "value", nil,
		"numeric series as [NAME=]PATH, repeatable; none counts records (default: the first numeric field)")
	fs.StringVar(&f.Where, "where", "", "count only records for which this is true, e.g. 'temp > 20 && @partition == 0'")
}

// check checks the flags and opens what they name. c says where a registry is, if
// --schema-registry does not.
func (f *recordFlags) check(ctx context.Context, e *env, c *connectionFlags, notice func(stream.Notice)) error {
	var err error
	if f.Registry, f.Proto, err = f.openSchemas(ctx, e, c, notice); err != nil {
		return usageError{err}
	}
	if err := f.Validate(); err != nil {
		return usageError{err}
	}
	return nil
}
