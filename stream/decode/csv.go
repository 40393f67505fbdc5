package decode

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// csvFormat is one line of comma separated cells, quoted as encoding/csv has
// it. Columns are found by their names, if there are any, and by their numbers
// from 0: [2] or 2. A cell is a number if it is written as one, null if it is
// empty, else text. header is a payload that is no record, nil for none.
func csvFormat(columns []string, header []byte) format {
	return format{
		name:      formatCSV,
		hasPaths:  true,
		newReader: func(paths []path) reader { return newCSVReader(columns, paths) },
		leaves: func(payload []byte, limit int) ([]leaf, bool) {
			cells, ok := new(csvLine).split(payload)
			if !ok {
				return nil, false
			}
			var leaves []leaf
			for i, cell := range cells[:min(len(cells), limit)] {
				st := step{index: i}
				if i < len(columns) && columns[i] != "" {
					st = step{name: columns[i]}
				}
				leaves = append(leaves, leaf{path{st}, cellField(cell).kind})
			}
			return leaves, true
		},
		skips: func(payload []byte) bool {
			return header != nil && bytes.Equal(withoutMark(payload), withoutMark(header))
		},
	}
}

// csvColumns are the names that --format csv:NAME,NAME gives the columns; none
// for csv alone. False if the format is another.
func csvColumns(name string) ([]string, bool) {
	word, names, _ := strings.Cut(name, ":")
	if word != formatCSV {
		return nil, false
	}
	if names == "" {
		return nil, word == name
	}
	columns, err := csv.NewReader(strings.NewReader(names)).Read()
	return columns, err == nil
}

// csvHeader takes the first sample for a header if that is plausible: its cells
// are distinct, none is empty or a number, and either a flag names one of them
// or another sample has a number in one of its columns.
func (s *spec) csvHeader(samples []Sample) (columns []string, header []byte) {
	i := slices.IndexFunc(samples, func(s Sample) bool { return len(s.Payload) > 0 })
	if i < 0 {
		return nil, nil
	}
	cells, ok := new(csvLine).split(samples[i].Payload)
	if !ok {
		return nil, nil
	}
	for _, cell := range cells {
		name := string(cell)
		if cellField(cell).kind != text || slices.Contains(columns, name) {
			return nil, nil
		}
		columns = append(columns, name)
	}
	if s.namesColumn(columns) || hasNumbers(samples[i+1:], len(columns)) {
		return columns, samples[i].Payload
	}
	return nil, nil
}

// tellHeader says which record is taken for a header, "" if none is.
func (s *spec) tellHeader(samples []Sample) string {
	columns, header := s.csvHeader(samples)
	if header == nil {
		return ""
	}
	for i := range columns {
		columns[i] = printable(columns[i])
	}
	i := slices.IndexFunc(samples, func(s Sample) bool { return len(s.Payload) > 0 })
	return fmt.Sprintf("format: csv (%v is the header and no record: %s)", samples[i], strings.Join(columns, ", "))
}

// namesColumn says that a flag names one of the columns.
func (s *spec) namesColumn(columns []string) bool {
	return slices.ContainsFunc(s.payloadPaths(), func(p path) bool {
		return len(p) == 1 && slices.Contains(columns, p[0].name)
	})
}

// hasNumbers says that one of the samples has that many cells and a number
// among them.
func hasNumbers(samples []Sample, columns int) bool {
	return slices.ContainsFunc(samples, func(s Sample) bool {
		cells, ok := new(csvLine).split(s.Payload)
		return ok && len(cells) == columns && slices.ContainsFunc(cells, func(cell []byte) bool {
			return cellField(cell).kind == number
		})
	})
}

// cellField is a cell with its type by its looks.
func cellField(cell []byte) field {
	trimmed := bytes.Trim(cell, " \t")
	switch _, isNumber := parseDecimal(trimmed); {
	case len(cell) == 0:
		return field{kind: null}
	case isNumber || isNotFinite(trimmed):
		return field{kind: number, text: trimmed}
	default:
		return field{kind: text, text: cell}
	}
}

// csvReader picks cells.
type csvReader struct {
	line    csvLine
	columns []int // by path; -1 for none
	cells   [][]byte
}

func newCSVReader(columns []string, paths []path) *csvReader {
	r := &csvReader{columns: make([]int, len(paths))}
	for i, p := range paths {
		r.columns[i] = columnOf(columns, p)
	}
	return r
}

// columnOf is the number of the column that a path leads to, or -1.
func columnOf(columns []string, p path) int {
	switch {
	case len(p) != 1:
		return -1
	case p[0].name == "":
		return p[0].index
	}
	if i := slices.Index(columns, p[0].name); i >= 0 {
		return i
	}
	if n, ok := plainInteger([]byte(p[0].name)); ok && len(p[0].name) <= maxIndexDigits {
		return int(n)
	}
	return -1
}

func (r *csvReader) read(payload []byte) stream.Reason {
	var ok bool
	if r.cells, ok = r.line.split(payload); !ok {
		return stream.Malformed
	}
	return stream.OK
}

func (r *csvReader) field(index int) field {
	column := r.columns[index]
	if column < 0 || column >= len(r.cells) {
		return field{}
	}
	return cellField(r.cells[column])
}

// csvLine splits payloads into cells. What it returns is valid until the next.
type csvLine struct {
	cells [][]byte
	// quoted reads lines with quotes; it is made for the first.
	quoted *csv.Reader
	source bytes.Reader
}

// byteOrderMark is what some programs write at the beginning of a text file.
const byteOrderMark = "\ufeff"

// withoutMark is a payload that may be the first line of a text file, without the
// byte-order mark that stands there.
func withoutMark(payload []byte) []byte { return bytes.TrimPrefix(payload, []byte(byteOrderMark)) }

// split returns the cells of the one line that a payload is; false if it is
// none, or several.
func (l *csvLine) split(payload []byte) ([][]byte, bool) {
	payload = withoutMark(payload)
	line := bytes.TrimSuffix(payload, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	l.cells = l.cells[:0]
	if len(line) == 0 || bytes.IndexByte(line, '"') >= 0 || bytes.IndexByte(line, '\n') >= 0 {
		return l.splitQuoted(payload)
	}
	for {
		i := bytes.IndexByte(line, ',')
		if i < 0 {
			l.cells = append(l.cells, line)
			return l.cells, true
		}
		l.cells = append(l.cells, line[:i])
		line = line[i+1:]
	}
}

// splitQuoted leaves it to encoding/csv, which keeps the cells in a string.
func (l *csvLine) splitQuoted(payload []byte) ([][]byte, bool) {
	l.source.Reset(payload)
	if l.quoted == nil {
		l.quoted = csv.NewReader(&l.source)
		l.quoted.FieldsPerRecord = -1
		l.quoted.ReuseRecord = true
	}
	cells, err := l.quoted.Read()
	if err != nil {
		l.quoted = nil // what it has buffered belongs to this payload
		return nil, false
	}
	for _, cell := range cells {
		l.cells = append(l.cells, []byte(cell))
	}
	if _, err = l.quoted.Read(); !errors.Is(err, io.EOF) {
		l.quoted = nil
		return nil, false
	}
	return l.cells, true
}
