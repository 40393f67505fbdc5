package table

import (
	"bufio"
	"io"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// cells is a row of a page: one for each of its fields, cleaned.
type cells []string

// field is a column of a page, which is as wide as what stands in it.
type field struct {
	name  string
	right bool
	// rank is that of the column.
	rank int
	// least is how far the column gives way before others are left out, 0 for
	// not at all; most is how far it grows, 0 for any width.
	least, most int
	// optional columns are not there while nothing stands in them.
	optional bool
}

// pages draws rows page by page. Widths are those of the rows up to the page's
// last, so columns never shrink from one page to the next.
type pages struct {
	out    *bufio.Writer
	width  int // of the terminal, 0 for no bound
	fields []field
	// needed is the widest cell of each field so far, 0 for none.
	needed []int
	rows   []cells // of the page that is being filled
	size   int     // of a page, 0 for a single one
}

func newPages(w io.Writer, width, size int, fields []field) *pages {
	return &pages{out: bufio.NewWriter(w), width: width, size: size, fields: fields, needed: make([]int, len(fields))}
}

func (p *pages) write(row cells) error {
	p.rows = append(p.rows, row)
	for i, cell := range row {
		p.needed[i] = max(p.needed[i], ansi.StringWidth(cell))
	}
	if len(p.rows) == p.size {
		return p.draw()
	}
	return nil
}

// flush draws the page as far as it is filled.
func (p *pages) flush() error {
	if err := p.draw(); err != nil {
		return err
	}
	return p.out.Flush()
}

// draw draws the rows of the page below a header.
func (p *pages) draw() error {
	if len(p.rows) == 0 {
		return nil
	}
	cols := p.layout()
	err := p.line(cols, func(c *column[cells]) string { return c.name })
	for _, row := range p.rows {
		err = p.line(cols, func(c *column[cells]) string { return c.cell(row) })
	}
	p.rows = p.rows[:0]
	return err // a bufio.Writer keeps its first error
}

func (p *pages) line(cols []column[cells], cell func(*column[cells]) string) error {
	var b strings.Builder
	appendCells(&b, cols, cell)
	text := strings.TrimRight(b.String(), " ")
	if p.width > 0 {
		text = ansi.Truncate(text, p.width, "")
	}
	_, err := p.out.WriteString(text + "\n")
	return err
}

// layout chooses the columns. What is left of the width goes to those that gave
// way, from left to right.
func (p *pages) layout() []column[cells] {
	var cols []column[cells]
	for i, f := range p.fields {
		if f.optional && p.needed[i] == 0 {
			continue
		}
		wanted := max(p.needed[i], ansi.StringWidth(f.name))
		if f.most > 0 {
			wanted = min(wanted, f.most)
		}
		least := wanted
		if f.least > 0 {
			least = min(wanted, f.least)
		}
		cols = append(cols, column[cells]{
			name: f.name, width: least, wanted: wanted, right: f.right, rank: f.rank,
			cell: func(row cells) string { return row[i] },
		})
	}
	cols = narrow(cols, p.width)
	spare := p.width - total(cols)
	for i := range cols {
		c := &cols[i]
		more := c.wanted - c.width
		if p.width > 0 {
			more = min(more, max(spare, 0))
		}
		c.width += more
		spare -= more
	}
	return cols
}
