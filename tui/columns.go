package tui

import "strings"

// column is one column of a table. Panels number theirs; the numbers say what
// a cell holds.
type column struct {
	id    int
	title string
	width int
	right bool
	// rank says what goes first where there is no room: the highest.
	rank int
	// grows says that the column takes the room that is left, if no other does
	// behind it.
	grows bool
}

// columnGap is what lies between two columns.
const columnGap = 2

// fitColumns picks the columns for which w cells suffice, and lets one grow.
func fitColumns(columns []column, w int) []column {
	picked := append([]column(nil), columns...)
	for len(picked) > 1 && tableWidth(picked) > w {
		last := 0
		for i, c := range picked {
			if c.rank > picked[last].rank {
				last = i
			}
		}
		picked = append(picked[:last], picked[last+1:]...)
	}
	free := w - tableWidth(picked)
	for i := len(picked) - 1; i >= 0 && free > 0; i-- {
		if picked[i].grows {
			picked[i].width += free
			break
		}
	}
	return picked
}

// nameCells is how many cells names have in a table of w: what the longest needs, and
// no more than leaves most of it to others.
func nameCells(longest, w int) int { return min(longest, max(24, w/3)) }

func tableWidth(columns []column) int {
	w := -columnGap
	for _, c := range columns {
		w += c.width + columnGap
	}
	return w
}

// titles is the table's first line.
func titles(columns []column) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(blank(columnGap))
		}
		b.WriteString(fit(c.title, c.width, c.right))
	}
	return b.String()
}

// row joins the cells that cell returns for each column.
func row(columns []column, cell func(column) string) string {
	var b strings.Builder
	for i, c := range columns {
		if i > 0 {
			b.WriteString(blank(columnGap))
		}
		b.WriteString(cell(c))
	}
	return b.String()
}
