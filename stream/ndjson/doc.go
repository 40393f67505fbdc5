// Package ndjson reads and writes oriel's line formats: one JSON object a line,
// UTF-8, described by the JSON Schemas in docs/.
//
//	out  window lines    Writer, AppendLine
//	out  rejects         RejectLog, AppendReject
//	out  the summary     AppendSummary
//	both envelope lines  AppendHeader, AppendEnvelope; Input reads them back
//
// Every Append function appends one object without a newline. Fields are
// written in a fixed order, so equal values give equal bytes. Numbers are the
// shortest decimals that read back as the same float64, in the notation of
// encoding/json; NaN and infinities are null. Strings are escaped only where
// JSON demands it.
package ndjson
