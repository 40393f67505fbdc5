package table

import (
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// The header is repeated so that one is on the screen.
const rowsPerHeader = 40

// SGR sequences of the coloured parts. Colour only repeats what the text says.
const (
	bold   = "\x1b[1m"
	orange = "\x1b[38;5;208m"
	reset  = "\x1b[0m"
)

// row is a line as it is shown.
type row struct {
	*stream.Line
	millis bool // the end shows parts of a second
}

// The columns whose widths depend on what is there.
const (
	endColumn   = "end"
	keyColumn   = "key"
	notesColumn = "notes"

	endWidth, endMillisWidth = 8, 12
	keyWidth, keyWidest      = 8, 24
	notesWidth               = 11
	countWidth               = 8
	numberWidth              = 9
	maseWidth                = 5
)

// rateColumn is the name of the column of --agg rate.
const rateColumn = "rate"

// distinctColumn names the column of --agg distinct:PATH.
func distinctColumn(path string) string { return "distinct:" + path }

// askedRank lets what every line has give way to what was asked for, but for
// the notes.
const askedRank = 1

// askedColumns are the columns of --agg.
func askedColumns(names stream.Aggregates) []column[row] {
	var cols []column[row]
	add := func(name string, of func(p *window.Pane) float64) {
		width := max(numberWidth, min(ansi.StringWidth(clean(name)), keyWidest))
		cols = append(cols, column[row]{name: clean(name), width: width, right: true, rank: askedRank, cell: func(l row) string {
			return number(of(l.Pane), width)
		}})
	}
	for i, name := range names.Quantiles {
		add(name, func(p *window.Pane) float64 { return p.Quantiles[i] })
	}
	for i, path := range names.Distinct {
		add(distinctColumn(path), func(p *window.Pane) float64 { return float64(p.Distinct[i]) })
	}
	if names.Rate {
		add(rateColumn, (*window.Pane).Rate)
	}
	return cols
}

// columns returns all columns from left to right, with their least widths: all
// that matters most fits in 80 cells.
func columns(names stream.Aggregates) []column[row] {
	value := func(of func(p *window.Pane) float64) func(row) string {
		return func(l row) string {
			if !hasNumbers(l.Pane) {
				return noValue
			}
			return number(of(l.Pane), numberWidth)
		}
	}
	return slices.Concat([]column[row]{
		{name: endColumn, width: endWidth, cell: func(l row) string { return clock(l.End, l.millis) }},
		{name: keyColumn, width: keyWidth, cell: func(l row) string { return key(l.Key) }},
		{name: "series", width: 8, rank: 5, cell: func(l row) string { return series(l.Pane) }},
		{name: "span", width: 8, rank: 4, cell: func(l row) string { return span(l.Pane) }},
		{name: "count", width: countWidth, right: true, cell: func(l row) string { return number(float64(l.Count), countWidth) }},
		{name: "mean", width: numberWidth, right: true, cell: value(func(p *window.Pane) float64 { return p.Mean() })},
		{name: "min", width: numberWidth, right: true, rank: 7, cell: value(func(p *window.Pane) float64 { return p.Min })},
		{name: "max", width: numberWidth, right: true, rank: 6, cell: value(func(p *window.Pane) float64 { return p.Max })},
	}, askedColumns(names), []column[row]{
		{name: "lag", width: 7, right: true, rank: 3, cell: func(l row) string { return lag(l.Lag) }},
		{name: "forecast", width: 22, rank: 2, cell: func(l row) string { return forecast(l.Forecast) }},
		{name: "mase", width: maseWidth, right: true, rank: 8, cell: func(l row) string { return mase(l.Score) }},
		{name: notesColumn, width: notesWidth, rank: 1, cell: func(l row) string { return notes(l.Line) }},
	})
}

// Writer is a stream.Sink that draws a table, a row a window. The strings of
// records come out without anything that a terminal would obey.
type Writer struct {
	out   rowWriter
	width int
	color bool
	names stream.Aggregates

	millis  bool // ends show parts of a second
	columns []column[row]
	rows    int // since the last header
	text    strings.Builder
}

var _ stream.Sink = (*Writer)(nil)

// NewWriter returns a Writer of tables that are at most width cells wide to w,
// which it never closes. In a narrow terminal columns are left out, but for
// the end, the key, the count and the mean, which are cut; a width of 0 means
// no bound. With color the header is bold and the notes stand out. names are of
// what the panes have beyond what every pane has.
func NewWriter(w io.Writer, width int, color bool, names stream.Aggregates) *Writer {
	return &Writer{out: newRowWriter(w), width: width, color: color, names: names}
}

// Write adds a row, and a header above it when it is time for one.
func (w *Writer) Write(l *stream.Line) error {
	millis := w.millis || hasMillis(l.Pane)
	if w.columns == nil || millis != w.millis {
		w.millis = millis
		w.columns = layout(w.width, millis, w.names)
		w.rows = 0
	}
	if w.rows == 0 {
		if err := w.write(func(c *column[row]) string { return c.name }, bold, ""); err != nil {
			return err
		}
	}
	w.rows = (w.rows + 1) % rowsPerHeader
	return w.write(func(c *column[row]) string { return c.cell(row{l, millis}) }, "", orange)
}

// write writes one row. style applies to all of it, notes to the notes.
func (w *Writer) write(cell func(*column[row]) string, style, notes string) error {
	w.text.Reset()
	appendCells(&w.text, w.columns, cell)
	text := w.text.String()
	if w.width > 0 {
		text = ansi.Truncate(text, w.width, "")
	}
	return w.out.row([]byte(w.styled(strings.TrimRight(text, " "), style, notes) + "\n"))
}

// styled colours a row: all of it in style, the last column in notes.
func (w *Writer) styled(text, style, notes string) string {
	if !w.color {
		return text
	}
	if style != "" {
		return style + text + reset
	}
	before := 0
	for _, c := range w.columns[:len(w.columns)-1] {
		before += c.width + gap
	}
	head := ansi.Truncate(text, before, "")
	if tail := text[len(head):]; tail != "" && w.columns[len(w.columns)-1].name == notesColumn {
		return head + notes + tail + reset
	}
	return text
}

// Flush hands the rows to the underlying writer.
func (w *Writer) Flush() error { return w.out.Flush() }

// Close flushes. A table has no footer.
func (w *Writer) Close() error { return w.out.Flush() }

// layout chooses the columns for a width, 0 for any. What is left over goes to
// the key first and then to the notes.
func layout(width int, millis bool, names stream.Aggregates) []column[row] {
	cols := columns(names)
	if millis {
		cols[0].width = endMillisWidth
	}
	cols = narrow(cols, width)
	spare := width - total(cols)
	if width <= 0 {
		spare = 1 << 10
	}
	for i := range cols {
		switch c := &cols[i]; {
		case spare <= 0:
		case c.name == keyColumn:
			more := min(spare, keyWidest-keyWidth)
			c.width += more
			spare -= more
		case c.name == notesColumn:
			c.width += spare
		}
	}
	return cols
}
