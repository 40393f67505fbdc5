package ndjson

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// rejectBytes is the length at which stream.Reject cuts a payload.
const rejectBytes = 64

// AppendReject appends r as the object that docs/reject.schema.json describes.
// The payload is text in "bytes" if it is UTF-8; otherwise "bytes" is base64
// and "bytes_encoding" says so. A payload of 64 bytes that ends inside a rune
// was cut there: the rune is left out and the rest is text.
func AppendReject(dst []byte, r *stream.Reject) []byte {
	dst = append(dst, `{"v":1,"type":"reject","reason":`...)
	dst = appendString(dst, r.Reason.String())
	dst = appendString(appendName(dst, "topic"), r.ID.Topic)
	dst = appendInt(dst, "partition", int64(r.ID.Partition))
	dst = appendInt(dst, "offset", r.Offset)
	if r.Timestamp == -1 {
		dst = append(dst, `,"ts_ms":null`...)
	} else {
		dst = appendInt(dst, "ts_ms", r.Timestamp)
	}
	if r.HasEventTime {
		dst = appendInt(dst, "event_ms", int64(r.EventTime))
	} else {
		dst = append(dst, `,"event_ms":null`...)
	}
	if r.Reason.IsLate() && r.Watermark.IsEventTime() {
		dst = appendInt(dst, "watermark_ms", int64(r.Watermark))
	}
	dst = appendBytes(append(dst, ','), "key", r.Key)
	dst = appendPayload(dst, r.Payload)
	if r.Series != "" {
		dst = appendString(appendName(dst, "series"), r.Series)
	}
	dst = appendInt(dst, "windows", int64(r.Lost))
	dst = appendInt(dst, "of", int64(r.Of))
	return append(dst, '}')
}

func appendPayload(dst, payload []byte) []byte {
	dst = appendName(dst, "bytes")
	if payload == nil {
		return append(dst, "null"...)
	}
	if text := wholeRunes(payload); utf8.Valid(text) {
		return appendString(dst, text)
	}
	dst = appendBase64(dst, payload)
	return append(dst, `,"bytes_encoding":"base64"`...)
}

// wholeRunes drops the rune that the cut at rejectBytes went through, if any.
func wholeRunes(b []byte) []byte {
	if len(b) != rejectBytes {
		return b
	}
	for i := len(b) - 1; i > len(b)-utf8.UTFMax; i-- {
		if utf8.RuneStart(b[i]) {
			if !utf8.FullRune(b[i:]) {
				return b[:i]
			}
			break
		}
	}
	return b
}

// RejectLog is a stream.RejectLog that writes reject lines.
//
// Without spools a line is one Write, at once, in the order of arrival: what a
// live run wants. With spools every partition's lines are put aside and Close
// writes them in the order of (topic, partition), so that the bytes do not
// depend on how the partitions' workers were scheduled: what a bounded run
// wants.
type RejectLog struct {
	w     io.Writer
	spool func(window.PartitionID) (io.ReadWriteSeeker, error)

	mu     sync.Mutex // guards line and writes to w without spools, else spools
	line   []byte
	spools map[window.PartitionID]*rejectSpool
}

var _ stream.RejectLog = (*RejectLog)(nil)

// rejectSpool holds the lines of one partition. Only its worker writes to it.
type rejectSpool struct {
	file io.ReadWriteSeeker
	out  *bufio.Writer
	line []byte
}

// NewRejectLog returns a log that ends up in w. spool makes an empty spool for
// a partition when it loses its first record; nil for a live run. The log
// closes neither w nor the spools.
func NewRejectLog(w io.Writer, spool func(window.PartitionID) (io.ReadWriteSeeker, error)) *RejectLog {
	return &RejectLog{w: w, spool: spool, spools: make(map[window.PartitionID]*rejectSpool)}
}

// Reject writes one line. It may be called concurrently for different
// partitions.
func (l *RejectLog) Reject(r *stream.Reject) error {
	if l.spool == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.line = append(AppendReject(l.line[:0], r), '\n')
		_, err := l.w.Write(l.line)
		return err
	}
	s, err := l.spoolOf(r.ID)
	if err != nil {
		return err
	}
	s.line = append(AppendReject(s.line[:0], r), '\n')
	_, err = s.out.Write(s.line)
	return err
}

func (l *RejectLog) spoolOf(id window.PartitionID) (*rejectSpool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.spools[id]; s != nil {
		return s, nil
	}
	file, err := l.spool(id)
	if err != nil {
		return nil, fmt.Errorf("rejects of %s/%d: %w", id.Topic, id.Partition, err)
	}
	s := &rejectSpool{file: file, out: bufio.NewWriter(file)}
	l.spools[id] = s
	return s, nil
}

// Close writes the spools, if any, to the log's writer. Reject must not be
// called again.
func (l *RejectLog) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var errs []error
	for _, id := range slices.SortedFunc(maps.Keys(l.spools), comparePartitions) {
		if err := l.spools[id].copyTo(l.w); err != nil {
			errs = append(errs, fmt.Errorf("rejects of %s/%d: %w", id.Topic, id.Partition, err))
		}
	}
	return errors.Join(errs...)
}

func (s *rejectSpool) copyTo(w io.Writer) error {
	if err := s.out.Flush(); err != nil {
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(w, s.file)
	return err
}

// comparePartitions orders by topic, then by partition.
func comparePartitions(a, b window.PartitionID) int {
	if c := strings.Compare(a.Topic, b.Topic); c != 0 {
		return c
	}
	return cmp.Compare(a.Partition, b.Partition)
}
