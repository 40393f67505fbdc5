// Package decode turns a record into an event: its event time, its grouping
// key and the numbers of its series.
//
// A Config holds the flags. Resolve looks at the first records of the topic,
// settles what the flags left open (the format, the value) and returns a Plan;
// each worker gets a decoder of its own from the Plan.
//
// # What is looked at, in which order
//
//  1. The payload: null is Null, no bytes is Empty, bytes that are not what
//     --format says are Malformed. It is checked even where nothing is read
//     from it: a record that is counted is a record that is well formed.
//     (--format text accepts any bytes; --format number says NotANumber.)
//  2. The event time. Without --time it is the Kafka timestamp and is judged by
//     that alone: a malformed payload still moves its partition's watermark.
//     With --time a payload that cannot be read is the reason for both.
//  3. The filter: where --where is false, or cannot be computed, the record is
//     filtered and nothing more is looked at. A payload that cannot be read is
//     a reject, unless --where speaks of metadata alone.
//  4. The key: a --key field that is missing, null, an object or an array is
//     NoField. Strings are their unescaped bytes, numbers their text exactly as
//     in the document, booleans true and false. Several are joined by '/'.
//  5. The values: missing is NoField, a string (also "12.5"), boolean, null,
//     object or array is NotANumber, beyond float64 is NotFinite. One usable
//     value makes the record usable.
//  6. What is counted as distinct: strings, numbers as they are written and
//     booleans; anything else is not counted, and makes no record unusable.
//
// A path that leads through something that is no object or array finds nothing:
// the field is missing.
//
// # Adding a format
//
// A format is a value of type format in a file of its own, a line in formatNamed
// (or formatOf, if samples or schemas are needed to make it) and a word in
// Formats. It says how a payload is read for a set of paths, which fields a
// payload has and, if it is binary, how people read it; metadata, times, keys,
// values, filters and choices are common to all. A format with binary numbers
// hands them on as shortest decimal text, which is exact, and one that knows
// times as RFC 3339.
package decode
