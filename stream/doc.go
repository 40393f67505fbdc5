// Package stream is the engine: it carries a record from a Source to the
// Sinks.
//
// The way of one record, without turning back:
//
//	Source      fetches batches of a partition, undecoded        its goroutines
//	worker      walks, decodes, judges, adds to slices,          one a partition
//	            freezes shares
//	engine      moves the watermark, merges due windows,         one
//	            in the order of lines
//	point       forecasts from what a window brings, any order   --workers, or as
//	                                                             many questions
//	                                                             as may be open
//	settle      in line order: scores, intervals                 one
//	write       lines to the sinks                               one
//
// Who closes what: Run starts the Source and closes the workers' channels when
// the Source has returned; it starts the workers and closes the engine's inbox
// when the last worker has returned; the engine feeds the pool and closes it
// when its inbox is closed; settle ends when the pool's results are closed, and
// closes what write takes.
// Every stage drains its input to the end, also after an error, so nobody
// waits for a stage that has gone. Everything between stages is bounded: a slow
// terminal slows the fetch. The context is the only cancel.
//
// The engine speaks to an idle partition's worker through an atomic time and a
// wake-up channel of one place, never by a blocking send, because that worker
// may be waiting for the engine.
package stream
