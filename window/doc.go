// Package window computes event-time windows over the partitions of a log. It
// is pure: no goroutine, no clock, no I/O; where time passes, now is a
// parameter. The same records in the same order within each partition give the
// same panes to the last bit, however the partitions interleave.
//
// # Windows
//
// A window is a half-open span [start, end) of event time, int64 milliseconds
// UTC. A [Spec] makes a family of them: [origin + k*hop, origin + k*hop + size)
// for every integer k, negative ones too. With hop = size each event lies in
// one window (tumbling); with hop < size it lies in size/hop of them,
// rounded down or up where hop does not divide size (hopping).
//
// # Watermark
//
// A partition's watermark W is the newest event time seen in it minus the
// out-of-orderness: no event with a time < W is expected any more. It never
// goes back. Size 8, hop 4, out-of-orderness 3, events in offset order at
// 2, 5, 4, 9, 11, 3, 6:
//
//	event time   0   2   4   6   8   10  12
//	             |---|---|---|---|---|---|--->
//	  [-4, 4)    ====|===|
//	  [ 0, 8)    |===|===|===|===|
//	  [ 4,12)    .   .   |===|===|===|===|
//	  [ 8,16)    .   .   .   .   |===|===|====
//
//	  event 2    .   *   .   .   .   .   .      W = -1
//	  event 5    .   .   . * .   .   .   .      W =  2
//	  event 4    .   .   *   .   .   .   .      W =  2   out of order
//	  event 9    .   .   .   .   . * .   .      W =  6   [-4, 4) freezes: 2
//	  event 11   .   .   .   .   .   . * .      W =  8   [ 0, 8) freezes: 2, 5, 4
//	  event 3    .   . * .   .   .   .   .      W =  8   late: lost 2 of 2
//	  event 6    .   .   .   *   .   .   .      W =  8   lost [0, 8), counts in [4,12)
//
// When W reaches a window's end the partition freezes its share of it, before
// it adds another record. A record that comes later counts in those of its
// windows that are still open; [Verdict] says how many it lost.
//
// The watermark of the whole is the minimum over the partitions that are not
// idle, unknown until each of them has spoken. When it reaches a window's end
// the [Assembler] merges the partitions' shares, in the order of partitions,
// into a [Pane].
//
// # A verdict is the partition's own affair
//
// Whether a record is late is decided by the watermark of its own partition,
// never by the watermark of the whole. Take tumbling windows of 10, no
// out-of-orderness, and
//
//	partition 0:  1  12  3
//	partition 1:  2  4  15
//
// Partition 0 has frozen [0, 10) at 12, so its 3 is late. If the whole decided,
// the window would be open as long as partition 1 is read slowly, and 3 would
// count or not by which broker answered first. A partition's order is fixed and
// the interleaving is not: this rule makes [0, 10) = {1, 2, 4} in every run.
// The price is that 3 is lost although the window is visibly open because of a
// slower partition. The watermark of the whole, a minimum, is never ahead of a
// partition that is not idle: no record counts in a window that has come out.
//
// # Idle partitions
//
// A partition that has nothing new at its end ([Partition.CaughtUp]) for the
// idle timeout would hold the watermark back for ever. It is told the watermark
// of the others ([Assembler.Chase], [Partition.Tell]), freezes up to it, and
// judges later records by it: [Verdict].AfterIdle. So a window is assembled
// only when every partition, idle or not, has handed in its share.
//
// # Slices and shares
//
// A record is stored once for each spec, in a slice: the span between two
// neighbouring edges of windows or steps, gcd(size, hop, step) long. A share is
// the merge of the slices of its window, by a binary tree over their absolute
// numbers: a function of the slices alone, not of the windows before. Slices
// that no open window needs are evicted; keys without slices are forgotten once
// they outnumber the others.
//
// # Files
//
//	time.go duration.go     instants and lengths, in milliseconds
//	spec.go                 families of windows: reading, checking, numbering
//	partition.go            one partition: watermark, idleness, adding, reporting
//	verdict.go              in how many windows a record counts
//	group.go slice.go       a key; its slices
//	tree.go                 the fold of a range of slices, and what windows share of it
//	freeze.go               from slices to shares when the watermark moves
//	aggregate.go            count, sum, deviation, extremes, lag: adding and merging
//	assembler.go            the minimum over partitions; from shares to panes
//	pane.go                 what comes out
package window
