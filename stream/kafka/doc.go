// Package kafka reads Kafka topics for the pipeline, and writes to those that are
// asked for: it moves batches, offsets and strings, and knows no windows.
//
// kafka-go is the client: its Transport does TLS, SASL, version choice and
// connections. What it does with records is not used: this package fetches
// record sets as raw bytes and walks the batches itself, which is faster and
// sees what kafka-go hides (LogAppendTime, aborted transactions, control
// records, checksums, the offset behind a compacted batch).
//
// The way of the bytes: a fetch loop asks the leader of some partitions for
// what comes next, scans the headers of the answer for the next offset, and
// hands the record set to the partition's channel. The worker that receives it
// checks, decompresses and walks it by calling Batch.Next, and gives the memory
// back by Release.
//
// A Producer sends what waits when it is told to, one batch of a partition at a
// time, and returns when the leaders have answered.
//
// Importing this package changes how kafka-go decodes two kinds of responses,
// for the whole process: kafka-go's Client.Fetch must not be used beside it.
package kafka
