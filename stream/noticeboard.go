package stream

import (
	"slices"

	"github.com/oriel-stream/oriel/window"
)

// noticeBoard holds what is wrong for as long as it lasts, and what has happened
// for a minute. Both are bounded; the slices are copied and never changed, for
// pictures show them.
type noticeBoard struct {
	// lasting are the most urgent troubles, views their words, in the same order:
	// that of their kinds, and of the moments in which they began.
	lasting []Trouble
	views   []NoticeView
	// others counts the troubles of each kind that last beside them.
	others [numTroubleKinds]int
	// happened is the newest last.
	happened []NoticeView
}

const (
	// maxTroubles bounds the troubles that are held with their words, maxHappened
	// what has happened.
	maxTroubles = 100
	maxHappened = 10
	// noteTime is how long what has happened is shown.
	noteTime window.Duration = 60_000
)

// post takes a notice.
func (b *noticeBoard) post(n Notice, now window.Time) {
	switch {
	case n.Trouble.Kind == NoTrouble:
		b.note(n.Text, now)
	case !n.Over:
		b.begin(n, now)
	case b.end(n.Trouble) && n.Text != "":
		b.note(n.Text, now)
	}
}

// note holds for a minute what has happened.
func (b *noticeBoard) note(text string, now window.Time) {
	kept := b.happened[max(0, len(b.happened)+1-maxHappened):]
	b.happened = append(slices.Clone(kept), NoticeView{Text: text, At: now})
}

// notes are what has happened in the last minute, the newest first.
func (b *noticeBoard) notes(now window.Time) []NoticeView {
	var recent []NoticeView
	for _, n := range slices.Backward(b.happened) {
		if now < n.At.Add(noteTime) {
			recent = append(recent, n)
		}
	}
	return recent
}

// begin holds a trouble, or gives one that is held other words.
func (b *noticeBoard) begin(n Notice, now window.Time) {
	view := NoticeView{Text: n.Text, At: now}
	if i := slices.Index(b.lasting, n.Trouble); i >= 0 {
		view.At = b.views[i].At
		b.views = slices.Clone(b.views)
		b.views[i] = view
		return
	}
	i, _ := slices.BinarySearchFunc(b.lasting, n.Trouble.Kind+1, func(t Trouble, k TroubleKind) int { return int(t.Kind) - int(k) })
	b.lasting = slices.Insert(b.lasting, i, n.Trouble)
	b.views = slices.Insert(slices.Clone(b.views), i, view)
	if last := len(b.lasting) - 1; last == maxTroubles {
		b.others[b.lasting[last].Kind]++
		b.lasting, b.views = b.lasting[:last], b.views[:last]
	}
}

// end lets go of a trouble, and reports whether it lasted.
func (b *noticeBoard) end(t Trouble) bool {
	i := slices.Index(b.lasting, t)
	if i < 0 {
		lasted := b.others[t.Kind] > 0
		if lasted {
			b.others[t.Kind]--
		}
		return lasted
	}
	b.lasting = slices.Delete(b.lasting, i, i+1)
	b.views = slices.Delete(slices.Clone(b.views), i, i+1)
	return true
}

// more is how many troubles last beside those that are held.
func (b *noticeBoard) more() int {
	n := 0
	for _, others := range b.others {
		n += others
	}
	return n
}
