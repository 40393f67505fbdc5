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
// # Allowed lateness
//
// A window is open until W reaches its end, closed after that, and final when W
// reaches its end plus the allowed lateness. It has two contents, and of both
// the partition takes a share, each at its moment. Window [0, 10), allowed
// lateness 5, no out-of-orderness, events at 3, 12, 7, 15, 8:
//
//	                  0         10   15
//	                  |---------|----|--->  W
//	[ 0,10)           open      closed    final
//	event 3           *         .    .     open: in both contents
//	event 12          .         | *  .     the on-time share is taken: 3
//	event 7           .       * |    .     closed: in the final content alone
//	event 15          .         .    |     the final share is taken: 3, 7
//	event 8           .        *.    |     final: lost
//
// The Assembler fires the window when the watermark of the whole reaches the
// same two moments: on time, and once more if late records have changed it.
// [Emit] says which of the firings come out. Without allowed lateness the two
// are one.
//
// # Idle partitions and the idle clock
//
// A partition that has nothing new at its end ([Partition.CaughtUp]) for the
// idle timeout would hold the watermark back for ever. It is told the watermark
// of the others ([Assembler.Chase], [Partition.Tell]), freezes up to it, and
// judges later records by it: [Verdict].AfterIdle. So a window is assembled
// only when every partition, idle or not, has handed in its share.
//
// When the last one is idle no record is left that could close the last
// windows, and the wall clock carries the watermark on ([Assembler.Tick]), by as
// much as has passed since, never beyond now minus the out-of-orderness. With
// an out-of-orderness of 2 and an idle timeout of 30:
//
//	now          15          45       53
//	             |-----------|--------|--->
//	partition    14          idle
//	watermark    12 -------- 12 ----> 20      [10, 20) closes: ByIdleClock
//
// # The future
//
// An event time that cannot be believed must not close windows. One from the
// payload is compared with the record's Kafka timestamp ([IsFuture]). A create
// time is compared with those around it: a leap ahead waits in a [Guard] until
// the records behind it have refuted or believed it. Neither reads a clock.
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
// # Scripts
//
// testdata/scripts has a script for every rule, for people to read and for the
// tests to run.
//
// # Files
//
//	time.go         instants, in milliseconds
//	duration.go     lengths of time: reading them
//	spec.go         families of windows: reading, checking, numbering
//	config.go       what the windows of a run are computed by
//	partition.go    one partition: its watermark, and what it keeps
//	add.go          a record on its way into the slices
//	verdict.go      in how many windows a record counts
//	guard.go        times too far ahead to be believed
//	before.go       what may lie before the range that is read
//	idle.go         when a partition is idle, and what it is told then
//	group.go        a key, and the limit on keys
//	slice.go        what a record is stored in
//	lane.go         the slices of a key, in the order of time
//	tree.go         the fold of a range of slices, and what windows share of it
//	aggregate.go    count, sum, deviation, extremes, lag: adding and merging
//	sketch.go       quantiles and distinct counts, if asked for: adding and merging
//	quantile.go     the sketch of quantiles
//	distinct.go     the sketch of distinct counts
//	freeze.go       from slices to shares when the watermark moves
//	pass.go         many windows are frozen in one go over the keys
//	steps.go        what forecasters see of windows that overlap
//	truth.go        where the value of a step is found that was forecast
//	provisional.go  shares of windows that late records have changed, at once
//	recycle.go      memory that is used again
//	report.go       what a partition tells the Assembler
//	assembler.go    the minimum over partitions, and what closed a window
//	idleclock.go    the wall clock carries the watermark on
//	pending.go      windows that wait for the watermark
//	fire.go         from shares to panes
//	empty.go        panes of windows without records
//	within.go       the windows of a range of event time alone
//	pane.go         what comes out
//	open.go         open and waiting windows, for people to look at
//	size.go         how much memory windows take
//	resume.go       what another partition must know to go on from here
//	disorder.go     how far records are out of order, and what each bound would drop
//	histogram.go    lengths of time, counted
package window
