package table

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

const (
	// maxShown bounds the bytes of a key, a header or a payload that are
	// looked at.
	maxShown = 4096
	// nameWidest is how wide the name of a series may be.
	nameWidest = 24
)

// Records draws records as they lie in the log, beside what a decoder made of
// them: a row a record. The strings of records come out without anything that
// a terminal would obey, and cut; ndjson has them whole.
type Records struct {
	pages  *pages
	topics bool
	series []string
}

// NewRecords returns a table of records that is at most width cells wide to w;
// a width of 0 means no bound. In a narrow terminal columns are left out, but
// for the partition, the offset and the event time. topics says that records
// are of several topics; series are the names of the decoder's series.
func NewRecords(w io.Writer, width int, topics bool, series []string) *Records {
	value := "value"
	if len(series) == 1 {
		value = cut(clean(series[0]), nameWidest)
	}
	fields := []field{
		{name: "part", right: true},
		{name: "offset", right: true},
		{name: "event time (UTC)"},
		{name: "lag", right: true, rank: 4, optional: true},
		{name: "key", rank: 1, least: keyWidth, most: keyWidest},
		{name: value, rank: 2, least: 12, most: 40},
		{name: "headers", rank: 5, least: 12, most: 40, optional: true},
		{name: "payload", rank: 3, least: 12},
	}
	if topics {
		fields = append([]field{{name: "topic", least: 12}}, fields...)
	}
	return &Records{pages: newPages(w, width, rowsPerHeader, fields), topics: topics, series: series}
}

// Write adds a row. It keeps nothing of r and e.
func (t *Records) Write(id window.PartitionID, r *stream.Record, e *stream.Event) error {
	row := make(cells, 0, len(t.pages.fields))
	if t.topics {
		row = append(row, clean(id.Topic))
	}
	return t.pages.write(append(row,
		strconv.Itoa(int(id.Partition)),
		strconv.FormatInt(r.Offset, 10),
		eventTime(e),
		recordLag(r, e),
		shown(e.Key),
		t.value(e),
		headers(r.Headers),
		shown(r.Value),
	))
}

// Flush hands the rows to the underlying writer.
func (t *Records) Flush() error { return t.pages.flush() }

func eventTime(e *stream.Event) string {
	if e.TimeReason != stream.OK {
		return e.TimeReason.String()
	}
	return dateAndClock(e.Time)
}

// dateAndClock is t to the millisecond, UTC.
func dateAndClock(t window.Time) string {
	return time.UnixMilli(int64(t)).UTC().Format("2006-01-02 15:04:05.000")
}

// recordLag is the Kafka timestamp minus the event time; empty where they are
// the same thing.
func recordLag(r *stream.Record, e *stream.Event) string {
	if !e.FromPayload || e.TimeReason != stream.OK || r.Timestamp == -1 {
		return ""
	}
	var l window.Lag
	l.Add(window.Duration(r.Timestamp - int64(e.Time)))
	return lag(l)
}

// value is what the decoder read: the number of each series, or the reason why
// the record cannot be used.
func (t *Records) value(e *stream.Event) string {
	switch {
	case e.Filtered:
		return "filtered"
	case e.Reason != stream.OK:
		return e.Reason.String()
	case len(e.Values) == 0:
		return noValue
	case len(e.Values) == 1:
		return exact(e.Values[0].Number)
	}
	var parts []string
	for i, v := range e.Values {
		text := v.Reason.String()
		if v.Reason == stream.OK {
			text = exact(v.Number)
		}
		parts = append(parts, cut(clean(t.series[i]), nameWidest)+"="+text)
	}
	return strings.Join(parts, " ")
}

func headers(hs []stream.Header) string {
	var parts []string
	for _, h := range hs {
		parts = append(parts, shown(h.Key)+"="+shown(h.Value))
	}
	return strings.Join(parts, " ")
}

// shown is the beginning of some bytes on one line.
func shown(b []byte) string {
	if b == nil {
		return noValue
	}
	more := ""
	if len(b) > maxShown {
		b, more = b[:maxShown], "…"
	}
	return clean(oneLine(string(b))) + more
}

// oneLine puts a space where lines or tabs keep words apart.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\n\t") {
		return s
	}
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.ReplaceAll(strings.Join(lines, " "), "\t", " ")
}

// cut cuts s to width cells.
func cut(s string, width int) string { return strings.TrimRight(fit(s, width, false), " ") }
