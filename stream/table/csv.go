package table

import (
	"encoding/base64"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// csvColumns are the columns of a CSV, in order; they are only ever added to,
// at the end. They mean what the members of a JSON line mean, and a cell is
// empty where the member is null or absent. What differs:
//
//	key, key_base64                    at most one is filled; the empty key is
//	                                   "" with its quotes, and of the null key
//	                                   there is nothing, as in PostgreSQL's CSV
//	lag_min_ms, lag_mean_ms, lag_max_ms  the members of lag_ms
//	offsets                            partition:first-last, joined by ";"
//	forecast_model, forecast_error,
//	forecast_origin, forecast_step_ms,
//	forecast_filled                    the members of forecast
//	forecast_mean                      the means joined by ";", an empty one
//	                                   where it is null
//
// Numbers are written as in a JSON line. Intervals, members and scores are left
// out. What --agg asks for has columns behind these, in the order of a JSON line:
// quantiles by their names, as p50, distinct counts as distinct:PATH, and rate.
var csvColumns = [...]string{
	"topic", "key", "key_base64", "series", "start", "end", "start_ms", "end_ms", "size_ms", "hop_ms",
	"revision", "final", "closed_by", "incomplete",
	"count", "sum", "mean", "min", "max", "stddev", "first", "last", "late",
	"lag_min_ms", "lag_mean_ms", "lag_max_ms", "lag_clock", "offsets",
	"forecast_model", "forecast_error", "forecast_origin", "forecast_step_ms", "forecast_filled", "forecast_mean",
	"emitted_at",
}

// CSV is a stream.Sink that writes comma-separated values (RFC 4180 with bare
// newlines) under a line of column names. Strings are data for programs: they
// are quoted, and cleaned only for people.
type CSV struct {
	out     rowWriter
	names   stream.Aggregates
	started bool
	shown   bool   // on a terminal
	row     []byte // as far as it is made
}

var _ stream.Sink = (*CSV)(nil)

// NewCSV returns a CSV sink to w, which it never closes. shown says that w is a
// terminal: control sequences do not reach it. names are of what the panes have
// beyond what every pane has.
func NewCSV(w io.Writer, shown bool, names stream.Aggregates) *CSV {
	return &CSV{out: newRowWriter(w), shown: shown, names: names}
}

// start writes the column names, once.
func (c *CSV) start() error {
	if c.started {
		return nil
	}
	c.started = true
	names := append(csvColumns[:len(csvColumns):len(csvColumns)], c.names.Quantiles...)
	for _, path := range c.names.Distinct {
		names = append(names, distinctColumn(path))
	}
	if c.names.Rate {
		names = append(names, rateColumn)
	}
	c.add(names...)
	return c.end()
}

// Write writes one row.
func (c *CSV) Write(l *stream.Line) error {
	if err := c.start(); err != nil {
		return err
	}
	c.identity(l.Pane)
	c.numbers(l.Pane)
	c.lag(l.Lag)
	c.add(offsets(l.Offsets))
	c.forecast(l.Forecast)
	if l.EmittedAt == window.MinTime {
		c.add("")
	} else {
		c.time(l.EmittedAt)
	}
	c.asked(l.Pane)
	return c.end()
}

// Flush hands the rows to the underlying writer.
func (c *CSV) Flush() error { return c.out.Flush() }

// Close writes the column names if there was no row, and flushes.
func (c *CSV) Close() error {
	if err := c.start(); err != nil {
		return err
	}
	return c.Flush()
}

// add appends cells to the row, in quotes where a reader needs them.
func (c *CSV) add(cells ...string) {
	for _, cell := range cells {
		if c.shown {
			cell = clean(cell)
		}
		first, _ := utf8.DecodeRuneInString(cell)
		if cell != "" && (unicode.IsSpace(first) || strings.ContainsAny(cell, ",\"\r\n")) {
			c.quoted(cell)
		} else {
			c.row = append(append(c.row, cell...), ',')
		}
	}
}

// quoted appends a cell in quotes.
func (c *CSV) quoted(cell string) {
	c.row = append(c.row, '"')
	c.row = append(c.row, strings.ReplaceAll(cell, `"`, `""`)...)
	c.row = append(c.row, '"', ',')
}

// end writes the row; the last cell has a newline instead of a comma.
func (c *CSV) end() error {
	c.row[len(c.row)-1] = '\n'
	err := c.out.row(c.row)
	c.row = c.row[:0]
	return err
}

func (c *CSV) int(v int64) { c.add(strconv.FormatInt(v, 10)) }

func (c *CSV) time(t window.Time) { c.add(string(t.AppendFormat(nil))) }

func (c *CSV) identity(p *window.Pane) {
	text, encoded := p.Key.Bytes, ""
	if !utf8.ValidString(text) {
		text, encoded = "", base64.StdEncoding.EncodeToString([]byte(text))
	}
	c.add(p.Topic)
	if text == "" && encoded == "" && !p.Key.Null {
		c.quoted("")
	} else {
		c.add(text)
	}
	c.add(encoded, p.Series)
	c.time(p.Start)
	c.time(p.End)
	c.int(int64(p.Start))
	c.int(int64(p.End))
	c.int(int64(p.Size))
	c.int(int64(p.Hop))
	c.int(int64(p.Revision))
	c.add(strconv.FormatBool(p.Final), p.ClosedBy.String(), p.Incomplete.String())
}

func (c *CSV) numbers(p *window.Pane) {
	c.int(p.Count)
	switch {
	case p.Counted:
		c.add("", "", "", "", "", "", "")
	case p.Count == 0:
		c.add(decimal(p.Sum()), "", "", "", "", "", "")
	default:
		c.add(decimal(p.Sum()), decimal(p.Mean()), decimal(p.Min), decimal(p.Max), decimal(p.Stddev()),
			decimal(p.First.Value), decimal(p.Last.Value))
	}
	c.int(p.Late)
}

// asked adds what not every line has.
func (c *CSV) asked(p *window.Pane) {
	for i := range c.names.Quantiles {
		c.add(decimal(p.Quantiles[i]))
	}
	for i := range c.names.Distinct {
		c.int(p.Distinct[i])
	}
	if c.names.Rate {
		c.add(decimal(p.Rate()))
	}
}

func (c *CSV) lag(l window.Lag) {
	if l.Count == 0 {
		c.add("", "", "")
	} else {
		c.int(int64(l.Min))
		c.add(decimal(l.Mean()))
		c.int(int64(l.Max))
	}
	c.add(l.Clock.String())
}

func (c *CSV) forecast(f *stream.Forecast) {
	switch {
	case f == nil:
		c.add("", "", "", "", "", "")
	case f.Error != "":
		c.add(f.Model, f.Error, "", "", "", "")
	default:
		c.add(f.Model, "")
		c.time(f.Origin)
		c.int(int64(f.Step))
		c.int(int64(f.Filled))
		means := make([]string, len(f.Mean))
		for i, v := range f.Mean {
			means[i] = decimal(v)
		}
		c.add(strings.Join(means, ";"))
	}
}

func offsets(ranges []window.OffsetRange) string {
	var b []byte
	for i, r := range ranges {
		if i > 0 {
			b = append(b, ';')
		}
		b = strconv.AppendInt(b, int64(r.Partition), 10)
		b = strconv.AppendInt(append(b, ':'), r.First, 10)
		b = strconv.AppendInt(append(b, '-'), r.Last, 10)
	}
	return string(b)
}

// decimal is v as a JSON line has it; empty for NaN and infinities.
func decimal(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return ""
	}
	return exact(v)
}
