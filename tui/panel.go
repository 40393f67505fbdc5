package tui

// panel is one part of the screen. Panels keep what the keys have changed (a
// cursor, an order) and draw the rest from the frame.
type panel interface {
	// title is the panel's name, and a note for its right.
	title(f *frame) (name, note string)
	// draw returns at most h lines of at most w cells.
	draw(f *frame, w, h int) []string
	// move moves the cursor by delta rows; farther than there are rows is to
	// the first or last. It reports whether the panel has rows.
	move(f *frame, delta int) bool
	// reset lets go of the cursor, and reports whether there was one.
	reset() bool
	// copied is what identifies the row under the cursor; empty for none.
	copied(f *frame) string
}

// noRows is what panels without rows have in common.
type noRows struct{}

func (noRows) move(*frame, int) bool { return false }
func (noRows) reset() bool           { return false }
func (noRows) copied(*frame) string  { return "" }
