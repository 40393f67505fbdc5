package kafka

import (
	"context"
	"fmt"
	"sync"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"

	"github.com/oriel-stream/oriel/stream"
	"github.com/oriel-stream/oriel/window"
)

// Membership is what a member of a consumer group reads, as a stream.Source, and
// what it commits, as stream.Commits.
//
// Run joins the group, assigns the partitions that the group gives to this
// member, each from its committed offset on, and follows the rebalances: a
// partition that stays is read on without a stop, one that goes to another member
// is Revoked. Nobody else is given it before the last Flushed of it is
// committed, or Config.RebalanceTimeout has passed, or the group has lost this
// member: then nothing more is committed of it.
//
// Partitions that nobody has committed anything of are read from where Join was
// told to, and those that a topic is given later from their beginning. Where the
// first of them begin is committed at once, without metadata.
//
// A run ends in this order: the context of Run is cancelled and Run returns;
// whatever was read is flushed, and Flushed says so; Close commits that and
// leaves the group. Until then the member is kept alive.
type Membership struct {
	client      *Client
	group       string
	topics      []string
	from        RangeSpec
	opts        Options
	coordinator *coordinator
	notices     *notices
	tenures     *tenures
	// there are the partitions that the topics have had from the first.
	there map[window.PartitionID]bool
	// begins are the offsets at which those of them begin that do not at from.
	begins map[window.PartitionID]int64
	// rejoin has a token when there may be a rebalance.
	rejoin signal
	// end stops the goroutines that keep the member alive; nil before Run.
	end func()

	mu      sync.Mutex
	session session
	// giveUp ends the round that joins the group; nil before the first.
	giveUp context.CancelFunc
}

// session is what the coordinator knows of a member.
type session struct {
	memberID string
	// generation is the one whose partitions the member has, noGeneration before
	// the first, and next the one that it takes part in making. joined says that
	// they are one.
	generation, next int32
	joined           bool
}

// noSession is that of whoever is no member.
var noSession = session{generation: noGeneration, next: noGeneration}

// Join makes ready to be a member of a group, which reads topics that must
// exist; where it has committed nothing, from the Start of begins on or, of a
// partition that begins does not have, from from on. The coordinator is asked
// for the group: a broker that denies it, or one that is no group of consumers of
// the kind spoken here, is a *ConnectError. Nothing is joined before Run. Of opts
// GiveUp and Follow mean nothing: partitions have no end, and new ones are found.
func (c *Client) Join(ctx context.Context, group string, topics []string, from Offsets, begins []stream.Assignment, opts Options) (*Membership, error) {
	opts = opts.withDefaults()
	m := &Membership{
		client: c, group: group, topics: topics, from: RangeSpec{From: from}, opts: opts,
		coordinator: newCoordinator(c, group), tenures: newTenures(), rejoin: newSignal(),
		notices: newNotices(opts.Notice),
		there:   map[window.PartitionID]bool{}, begins: map[window.PartitionID]int64{}, session: noSession,
	}
	for _, a := range begins {
		m.begins[a.ID] = a.Start
	}
	ctx, cancel := context.WithTimeout(ctx, groupsTimeout)
	defer cancel()
	l, err := c.layoutNow(ctx, topics)
	if err != nil {
		return nil, err
	}
	for _, t := range topics {
		if err := c.topicError(l, t); err != nil {
			return nil, err
		}
	}
	ids, err := m.from.choose(l)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		m.there[id] = true
	}
	if err := m.canJoin(ctx); err != nil {
		return nil, err
	}
	for _, text := range c.cfg.NotForGroups {
		opts.Notice(stream.Notice{Text: text})
	}
	return m, nil
}

// Run implements stream.Source. It fails with a *ConnectError when the group
// does not take this member, or another process has taken its place, and as the
// Run of a Source does.
func (m *Membership) Run(ctx context.Context, assign stream.AssignFunc) error {
	ctx, cancel := context.WithCancelCause(ctx)
	orders := make(chan order)
	r := newReading(&source{client: m.client, opts: m.opts, deletedAfter: deletedAfter, heldAfter: heldAfter}, assign, cancel)
	r.orders, r.keeper = orders, m.tenures
	m.keepAlive(ctx, cancel)
	var running sync.WaitGroup
	running.Go(func() { cancel(r.run(ctx)) })
	cancel(m.follow(ctx, orders))
	running.Wait()
	r.senders.Wait()
	r.notices.endAll()
	return context.Cause(ctx)
}

// keepAlive starts what outlives Run: heartbeats, and commits.
func (m *Membership) keepAlive(ctx context.Context, fail context.CancelCauseFunc) {
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	var alive sync.WaitGroup
	alive.Go(func() { m.beat(life, fail) })
	alive.Go(func() { m.commitAlways(life, fail) })
	m.end = func() {
		end()
		alive.Wait()
	}
}

// Flushed implements stream.Commits.
func (m *Membership) Flushed(c stream.Commit, last bool) { m.tenures.flushed(c, last) }

// closeTimeout bounds Close.
const closeTimeout = 10 * time.Second

// Close commits what was flushed last and leaves the group, unless the member is
// a static one (group.instance.id): its place is kept for the session timeout, so
// that whoever takes it soon finds the partitions as they were. It must be called
// once Run has returned, and fails where something could not be committed: what
// was flushed since the last commit will be read again.
func (m *Membership) Close(ctx context.Context) error {
	if m.end == nil {
		return nil
	}
	m.end()
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	err := m.commitLast(ctx)
	m.leave(ctx)
	m.notices.endAll()
	return err
}

// leave tells the coordinator that the member is gone, again where that may help.
// One that does not hear it finds out by the session timeout.
func (m *Membership) leave(ctx context.Context) {
	s := m.current()
	if s.memberID == "" || m.client.cfg.GroupInstanceID != "" {
		return
	}
	for attempt := range placeAttempts {
		_, err := m.coordinator.ask(ctx, &leaveGroupRequest{GroupID: m.group, MemberID: s.memberID}, requestTimeout,
			func(a protocol.Message) int16 { return a.(*leaveGroupResponse).ErrorCode })
		if err == nil || !isTransient(err) || sleep(ctx, backoff(attempt)) != nil {
			return
		}
	}
}

func (m *Membership) current() session {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.session
}

func (m *Membership) become(s session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.session = s
}

// beat sends heartbeats, whatever the readers and their workers do, and also
// while the group makes a new generation: that can take long, and an answer may
// be lost.
func (m *Membership) beat(ctx context.Context, fail context.CancelCauseFunc) {
	ticks := time.NewTicker(m.client.cfg.HeartbeatInterval)
	defer ticks.Stop()
	doubted, doubts := noSession, 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
		s := m.current()
		if s.next == noGeneration {
			continue
		}
		_, err := m.coordinator.ask(ctx, &heartbeatRequest{
			GroupID: m.group, GenerationID: s.next, MemberID: s.memberID, GroupInstanceID: m.client.cfg.GroupInstanceID,
		}, requestTimeout, func(a protocol.Message) int16 { return a.(*heartbeatResponse).ErrorCode })
		if err := m.hear(ctx, s, err); err != nil {
			fail(err)
			return
		}
		if !isAny(err, []kafkago.Error{kafkago.IllegalGeneration}) || s.joined {
			continue
		}
		// Who waits to join, and hears twice that there is a later generation, waits
		// for an answer that was lost. Once asked anew, it may have to wait.
		if doubted != s {
			doubted, doubts = s, 0
		}
		if doubts++; doubts == 2 {
			m.giveUpRound(s)
		}
	}
}

// giveUpRound makes the member join again, if it still is where it was.
func (m *Membership) giveUpRound(s session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session == s && !s.joined {
		m.giveUp()
	}
}

// forget takes note that the group does not know the member any more.
func (m *Membership) forget(s session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session == s {
		m.session = noSession
		m.giveUp()
		m.rejoin.set()
	}
}

// round is the context of one attempt to join.
func (m *Membership) round(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.giveUp = cancel
	return ctx, cancel
}

// unknownErrors say that the group does not know the member, or the broker the
// group, as one that was started again without what it had.
var unknownErrors = []kafkago.Error{kafkago.UnknownMemberId, kafkago.GroupIdNotFound}

// rejoinErrors say that the group goes on, with this member or without it.
var rejoinErrors = []kafkago.Error{kafkago.RebalanceInProgress, kafkago.IllegalGeneration, kafkago.UnknownMemberId}

// hear deals with the answer to what a member asked in a session. It returns the
// errors that end the membership.
func (m *Membership) hear(ctx context.Context, s session, err error) error {
	switch {
	case ctx.Err() != nil:
	case err == nil:
		m.notices.back(stream.GroupLost, m.name())
	case isAny(err, unknownErrors):
		m.forget(s)
	case isAny(err, rejoinErrors):
		if s.joined && m.current() == s {
			m.rejoin.set()
		}
	case isTransient(err):
		m.notices.lose(stream.GroupLost, m.name(), plainWords(err))
	default:
		return m.refused(err)
	}
	return nil //nolint:nilerr // the others are dealt with
}

// name is what is lost when the coordinator is.
func (m *Membership) name() string { return fmt.Sprintf("the coordinator of group %q", m.group) }
