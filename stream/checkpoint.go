package stream

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/oriel-stream/oriel/window"
)

// Checkpoint is where the reading of a partition can go on, and what must be
// known of the records before so that it goes on as if it had never stopped.
type Checkpoint struct {
	// Offset is that of the next record. No window that was due behind the
	// Frontier holds a record before it.
	Offset int64
	// Spec tells the windows apart: see SpecOf.
	Spec Spec
	// Frontier is the event time up to which whatever was due is in all sinks,
	// window.MinTime for none.
	Frontier window.Time
	// State is what the records before Offset have made known of time, and Guard
	// the newest create time that counts among them; window.MinTime for none.
	State window.PartitionState
	Guard window.Time
	// Idle is the highest watermark that the partition was told while idle, also
	// behind Offset: what closed by it may close on other content when it is read
	// again.
	Idle window.Time
	// Whole says that no record lies before the first that was read.
	Whole bool
	// Cuts is Commit.Cuts, which is not part of the metadata.
	Cuts int
}

// Spec is a fingerprint of everything but the records that decides on what
// windows hold.
type Spec [8]byte

// SpecOf returns the fingerprint of a description.
func SpecOf(description string) Spec {
	sum := sha256.Sum256([]byte(description))
	return Spec(sum[:])
}

func (s Spec) String() string { return hex.EncodeToString(s[:]) }

// maxMetadata is how many bytes the metadata of a commit may have.
const maxMetadata = 256

// checkpointVersion is the first word of metadata. It changes with their format.
const checkpointVersion = "oriel1"

// unknownTime stands for window.MinTime, and wholeLog for Whole.
const (
	unknownTime = "-"
	wholeLog    = "whole"
	cutLog      = "cut"
)

// Metadata is the checkpoint, but for its offset, as a consumer group keeps it:
// words that a person can read, at most 256 bytes.
//
//	oriel1 5b7e0c91d2f4a683 frontier=1795327230000 newest=1795327232100 told=- guard=- first=1795327200000 idle=- whole
func (c *Checkpoint) Metadata() string {
	b := make([]byte, 0, maxMetadata)
	b = append(append(b, checkpointVersion+" "...), c.Spec.String()...)
	for _, f := range c.times() {
		b = append(append(append(b, ' '), f.name...), '=')
		if *f.at == window.MinTime {
			b = append(b, unknownTime...)
		} else {
			b = strconv.AppendInt(b, int64(*f.at), 10)
		}
	}
	if c.Whole {
		return string(append(b, " "+wholeLog...))
	}
	return string(append(b, " "+cutLog...))
}

// namedTime is a time of a checkpoint.
type namedTime struct {
	name string
	at   *window.Time
}

// times are the times of a checkpoint, in the order in which they are written.
func (c *Checkpoint) times() [6]namedTime {
	return [...]namedTime{
		{"frontier", &c.Frontier},
		{"newest", &c.State.Newest},
		{"told", &c.State.Told},
		{"guard", &c.Guard},
		{"first", &c.State.First},
		{"idle", &c.Idle},
	}
}

// ParseCheckpoint reads the checkpoint of a commit. Whatever Metadata does not
// write is an error, which says in words for a person what is wrong.
func ParseCheckpoint(c *Commit) (Checkpoint, error) {
	cp := Checkpoint{Offset: c.Offset}
	words := strings.Split(c.Metadata, " ")
	switch {
	case c.Offset < 0:
		return cp, fmt.Errorf("the offset %d is negative", c.Offset)
	case c.Metadata == "":
		return cp, errors.New("there is no metadata, so another program has committed it, or a member that had read nothing yet")
	case !strings.HasPrefix(c.Metadata, "oriel"):
		return cp, errors.New("the metadata is not of oriel, so another program has committed it")
	case words[0] != checkpointVersion:
		return cp, fmt.Errorf("the metadata is of %.20q, another version of oriel: this one writes %q", words[0], checkpointVersion)
	}
	if !cp.parse(words[1:]) || cp.Metadata() != c.Metadata {
		return cp, errors.New("the metadata is damaged")
	}
	return cp, nil
}

// parse reads the words behind the version and reports whether it could. What is
// written in another way than Metadata does is found by writing it again.
func (c *Checkpoint) parse(words []string) bool {
	times := c.times()
	if len(words) != 2+len(times) {
		return false
	}
	if n, err := hex.Decode(c.Spec[:], []byte(words[0][:min(len(words[0]), 2*len(c.Spec))])); err != nil || n != len(c.Spec) {
		return false
	}
	for i, f := range times {
		text, ok := strings.CutPrefix(words[1+i], f.name+"=")
		if !ok || !parseTime(text, f.at) {
			return false
		}
	}
	c.Whole = words[len(words)-1] == wholeLog
	return true
}

// parseTime reads a time and reports whether it could. None is later than an
// event time can be: a frontier there would hide every window to come.
func parseTime(text string, at *window.Time) bool {
	if text == unknownTime {
		*at = window.MinTime
		return true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	*at = window.Time(n)
	return err == nil && *at <= window.MaxEventTime && *at > window.MinTime
}
