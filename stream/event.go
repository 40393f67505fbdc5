package stream

import "github.com/oriel-stream/oriel/window"

// Reason says why a record is in no window, or in fewer than it belongs to.
type Reason uint8

// The reasons, in the order in which they are looked for.
const (
	// OK is no reason at all.
	OK Reason = iota
	// Malformed: the payload is not what --format says.
	Malformed
	// NoSchema: the payload needs a schema that its registry did not hand out
	// when it was read. Another time it may.
	NoSchema
	// Empty: the payload has no bytes.
	Empty
	// Null: the payload is null (a tombstone).
	Null
	// NoTime: no event time: the field is missing, or Kafka's timestamp is -1.
	NoTime
	// BadTime: an event time that cannot be read or lies outside the years
	// 0001 to 9999.
	BadTime
	// Future: event time too far ahead of the record's Kafka timestamp.
	Future
	// NoField: a --key or --value field is missing.
	NoField
	// NotANumber: the value is there and is no number.
	NotANumber
	// NotFinite: the value is a number that float64 cannot hold (1e400), NaN
	// or an infinity.
	NotFinite
	// KeyLimit: one key too many.
	KeyLimit
	// Late: every window of the record, or some, had been frozen.
	Late
	// LateAfterIdle: late only because the partition was idle meanwhile.
	LateAfterIdle
	// NumReasons is the number of reasons, for arrays indexed by Reason.
	NumReasons
)

var reasonNames = [NumReasons]string{
	"ok", "malformed", "no_schema", "empty", "null", "no_time", "bad_time", "future", "no_field",
	"not_a_number", "not_finite", "key_limit", "late", "late_after_idle",
}

func (r Reason) String() string { return reasonNames[r] }

// Event is what a Decoder makes of a Record. The worker reuses one Event, so
// its slices are valid until the next Decode.
type Event struct {
	// Time is the event time if TimeReason is OK. FromPayload says that it was
	// read from the payload and not from the record's Kafka timestamp.
	Time        window.Time
	TimeReason  Reason // OK, Malformed, NoSchema, Empty, Null, NoTime or BadTime
	FromPayload bool

	// Reason is OK if Key and at least one of Values can be used.
	Reason Reason
	// Filtered says that the record is none of those that are asked for: it
	// moves the watermark and is counted, but never a reject. Its key and
	// values are not read.
	Filtered bool
	// Usable says of a filtered record that it, or one that was filtered before
	// it, could have been used: who sees nothing has the filter to thank for it.
	Usable bool

	// Key is the grouping key; nil for none.
	Key []byte
	// Values has one entry for each numeric series, in the decoder's order;
	// it is empty where records are counted.
	Values []Value
	// Distinct has one entry for each field whose distinct values are counted:
	// bytes that differ for different values, nil where the record has none.
	Distinct [][]byte
}

// Value is the number of one series, if Reason is OK.
type Value struct {
	Number float64
	Reason Reason // OK, NoField, NotANumber or NotFinite
}

// Decoder turns a record into an event. A decoder keeps scratch memory: each
// worker has its own.
type Decoder interface {
	// Decode overwrites *e with what r holds. It never fails: a record that
	// cannot be used says why in the event's reasons. It does not allocate in
	// steady state.
	Decode(r *Record, e *Event)
	// Series are the names of the numeric series; none if records are counted.
	Series() []string
}

// Waiter is a Decoder that may wait long for something from elsewhere.
type Waiter interface {
	Decoder
	// OnWait has f called, in Decode, before it waits. It is called before the
	// first record.
	OnWait(f func())
}

// Reject is a record that lost windows, copied out of its batch.
type Reject struct {
	ID        window.PartitionID
	Offset    int64
	Timestamp int64 // the Kafka timestamp in ms, -1 for none
	Reason    Reason
	// Series names the numeric series that could not be read, where others of
	// the same record could.
	Series string
	// EventTime is set if HasEventTime.
	EventTime    window.Time
	HasEventTime bool
	// Key is the grouping key if it was read, else the Kafka key; nil for null.
	Key []byte
	// Payload holds at most the first 64 bytes; nil for null.
	Payload []byte
	// Lost and Of count windows: Lost of the Of windows that the record's
	// event time lies in; both 0 without a readable event time.
	Lost, Of int
	// Watermark is the partition's own, or what it was told while idle, by which
	// a Late or LateAfterIdle record was judged; not set for other reasons.
	Watermark window.Time
}

// IsLate says whether the record came too late, after an idle spell or not.
func (r Reason) IsLate() bool { return r == Late || r == LateAfterIdle }

// RejectLog lists rejected records. Reject is called by the partition's worker:
// concurrently for different partitions, in offset order within one. The
// Reject is only valid during the call.
type RejectLog interface {
	Reject(r *Reject) error
}

// rejectLogs lists a reject in each of them; nil ones are passed over.
type rejectLogs []RejectLog

func (l rejectLogs) Reject(r *Reject) error {
	for _, log := range l {
		if log == nil {
			continue
		}
		if err := log.Reject(r); err != nil {
			return err
		}
	}
	return nil
}
