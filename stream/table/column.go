package table

import "strings"

// column is one column of a table of rows T. Widths are in terminal cells.
type column[T any] struct {
	name  string
	width int
	// wanted is how wide the column becomes where there is room; 0 for width.
	wanted int
	right  bool
	// rank says what gives way when the table is too wide: the highest first;
	// columns of rank 0 stay.
	rank int
	cell func(T) string
}

// gap is the number of spaces between columns.
const gap = 1

// total is the width of a row.
func total[T any](cols []column[T]) int {
	sum := -gap
	for _, c := range cols {
		sum += c.width + gap
	}
	return sum
}

// narrow leaves out columns until the rest is at most width wide, if that is
// possible; a width of 0 is no bound.
func narrow[T any](cols []column[T], width int) []column[T] {
	for width > 0 && total(cols) > width {
		least := 0
		for i, c := range cols {
			if c.rank > cols[least].rank {
				least = i
			}
		}
		if cols[least].rank == 0 {
			break
		}
		cols = append(cols[:least], cols[least+1:]...)
	}
	return cols
}

// appendCells appends a row: what cell says of each column, cut and padded to
// its width.
func appendCells[T any](b *strings.Builder, cols []column[T], cell func(*column[T]) string) {
	for i := range cols {
		c := &cols[i]
		if i > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		b.WriteString(fit(cell(c), c.width, c.right))
	}
}
