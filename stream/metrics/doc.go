// Package metrics serves what a run counts to Prometheus: an adapter that turns
// pictures of a stream.Board into its text format.
//
// Pictures are taken twice a second and not by a scrape, so what is served is at
// most about a second old and costs the same however many scrape it. Labels are
// topics, partitions and reasons, never keys: the number of series is bounded.
package metrics
