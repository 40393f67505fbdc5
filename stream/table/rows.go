package table

import (
	"bufio"
	"io"
)

// rowWriter collects rows, and hands the underlying writer whole ones only: what
// else is written there, as rejected records may be, stands between two rows.
type rowWriter struct{ *bufio.Writer }

func newRowWriter(w io.Writer) rowWriter { return rowWriter{bufio.NewWriter(w)} }

// row writes a row, its newline with it.
func (w rowWriter) row(row []byte) error {
	if len(row) > w.Available() {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	_, err := w.Write(row)
	return err
}
