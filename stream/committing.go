package stream

import (
	"time"

	"github.com/oriel-stream/oriel/window"
)

// passed says that whatever was due by a checkpoint has been handed on.
type passed struct {
	id         window.PartitionID
	checkpoint Checkpoint
	// last says that it is the last of this assignment of the partition.
	last bool
}

// committing tells a group how far lines have come. It belongs to the last
// stage, which knows what is in all sinks.
type committing struct {
	commits Commits
	// unflushed are the newest checkpoints of which the lines have been written and
	// not all flushed.
	unflushed map[window.PartitionID]*passed
	// since is when the first of them came.
	since time.Time
	// soon says that somebody waits for one of them.
	soon bool
}

// newCommitting returns nil, which tells nobody, without a group.
func newCommitting(g *Group) *committing {
	if g == nil {
		return nil
	}
	return &committing{commits: g.Commits, unflushed: make(map[window.PartitionID]*passed)}
}

// wrote notes that the lines before a checkpoint have been written.
func (c *committing) wrote(p *passed) {
	if c == nil || p == nil {
		return
	}
	if len(c.unflushed) == 0 {
		c.since = time.Now()
	}
	c.unflushed[p.id] = p
	c.soon = c.soon || p.last
}

// maxUnflushed is how long lines may wait for a flush that are to be committed:
// of a busy run nothing is ever written so fast that nothing waits.
const maxUnflushed = time.Second

// mustFlush says that it is time to flush for the sake of commits.
func (c *committing) mustFlush() bool {
	return c != nil && len(c.unflushed) > 0 && (c.soon || time.Since(c.since) >= maxUnflushed)
}

// flushed tells the group what all sinks have.
func (c *committing) flushed() {
	if c == nil {
		return
	}
	for id, p := range c.unflushed {
		c.commits.Flushed(Commit{ID: id, Offset: p.checkpoint.Offset, Metadata: p.checkpoint.Metadata(), Cuts: p.checkpoint.Cuts}, p.last)
	}
	clear(c.unflushed)
	c.soon = false
}
