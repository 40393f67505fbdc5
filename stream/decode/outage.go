package decode

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/oriel-stream/oriel/stream"
)

// RegistryError says that a schema registry cannot be used: it did not answer,
// or refused.
type RegistryError struct {
	// Sample is the record whose schema was asked for.
	Sample Sample
	Cause  error
}

func (e *RegistryError) Error() string {
	return fmt.Sprintf("the schema of %v cannot be had: %v", e.Sample, e.Cause)
}

func (e *RegistryError) Unwrap() error { return e.Cause }

// unavailableError says that a registry has not handed out what it may have.
type unavailableError struct {
	// final says that asking again at once is of no use.
	final bool
	// ofSchema says that it is an answer: others may be had all the same.
	ofSchema bool
	cause    error
}

func (e *unavailableError) Error() string { return e.cause.Error() }

func (e *unavailableError) Unwrap() error { return e.cause }

func isUnavailable(err error) bool {
	_, ok := errors.AsType[*unavailableError](err)
	return ok
}

const (
	// firstPause is between the first two requests; each pause after it is twice
	// as long, up to longestPause.
	firstPause   = 250 * time.Millisecond
	longestPause = 4 * time.Second
	// firstPatience is how long a registry is asked that has never answered: its
	// address may be wrong, and a person waits. patience is for one that has.
	firstPatience = 4 * time.Second
	patience      = 30 * time.Second
	// truce is how long nobody asks after that: for the schema that the registry
	// answers for and does not hand out, or for any if it does not answer.
	truce = 10 * time.Second
	// probeEvery is how long after that somebody asks whom nobody waits for, until
	// the registry answers again: a record that needs a schema may be long in coming.
	probeEvery = 4 * time.Second
)

// outageTrouble is what is wrong while a registry does not answer.
var outageTrouble = stream.Trouble{Kind: stream.RegistryLost}

// outage is the time in which a registry does not answer. Records wait for it,
// in bounds: a registry that is started again takes a moment, and what is read
// meanwhile should not depend on it.
type outage struct {
	first, longest             time.Duration
	firstPatience, thePatience time.Duration
	truce                      time.Duration
	probeEvery                 time.Duration // 0 for never

	mu       sync.Mutex
	answered bool      // ever
	refused  bool      // to hand out a schema, and has handed out none since
	begun    bool      // and not ended
	over     time.Time // when somebody may ask again, zero for now
	probed   bool      // a goroutine asks until the outage ends
}

func newOutage() outage {
	return outage{first: firstPause, longest: longestPause, firstPatience: firstPatience, thePatience: patience, truce: truce, probeEvery: probeEvery}
}

// mayAsk says that nobody has given up shortly before.
func (o *outage) mayAsk() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return !time.Now().Before(o.over)
}

// begin notes that there was no answer, and reports whether there had been so
// far.
func (o *outage) begin() (first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	first = !o.begun
	o.begun = true
	return first
}

// end notes an answer, and reports whether that is news.
func (o *outage) end() (was bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	was = o.begun
	o.begun, o.answered, o.refused, o.over = false, true, false, time.Time{}
	return was
}

// beginProbe reports whether nobody asks yet until the outage ends.
func (o *outage) beginProbe() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	first := !o.probed
	o.probed = true
	return first
}

// lasts says whether the outage does; if not, nobody asks any more.
func (o *outage) lasts() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.probed = o.begun
	return o.begun
}

// giveUp begins the truce, for one schema or for all.
func (o *outage) giveUp(e *registered, missing *unavailableError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if over := time.Now().Add(o.truce); missing.ofSchema {
		e.over, o.refused = over, true
	} else {
		o.over = over
	}
}

// patience is how long to go on asking. It is short while a registry answers
// without handing out anything: a long one for each schema would add up.
func (o *outage) patience() time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.answered && !o.refused {
		return o.thePatience
	}
	return o.firstPatience
}

var errTruce = &unavailableError{final: true, cause: errors.New("the registry has not answered for a while")}

// ask fetches a schema, again and again while the registry does not hand it
// out. One that was given up is asked for once, after its truce.
func (r *Registry) ask(id int, e *registered, onWait func()) (*schema, error) {
	switch {
	case !r.outage.mayAsk():
		return nil, errTruce
	case time.Now().Before(e.over):
		return nil, e.err
	}
	onWait()
	deadline := time.Now().Add(r.outage.patience())
	for pause := r.outage.first; ; pause = min(2*pause, r.outage.longest) {
		s, err := r.fetch(id)
		if err != nil && r.isOver() { // whatever it is, it says nothing about the schema
			return nil, &unavailableError{final: true, cause: err}
		}
		missing, ok := errors.AsType[*unavailableError](err)
		if !ok {
			r.answers()
			return s, err
		}
		hopeless := missing.final || missing.ofSchema && !e.over.IsZero()
		if !hopeless && r.outage.begin() {
			r.tell(stream.Notice{Text: fmt.Sprintf("the schema registry does not answer: %v; trying again", err), Trouble: outageTrouble})
		}
		if hopeless || time.Now().Add(pause).After(deadline) || !r.wait(pause) {
			r.outage.giveUp(e, missing)
			r.probeLater(id, missing)
			return nil, err
		}
	}
}

// answers takes note of an answer, and tells the end of an outage.
func (r *Registry) answers() {
	if r.outage.end() {
		r.tell(stream.Notice{Text: "the schema registry answers again", Trouble: outageTrouble, Over: true})
	}
}

// probeLater sees to it that somebody finds out when the registry answers again,
// for a schema that was given up.
func (r *Registry) probeLater(id int, missing *unavailableError) {
	if r.outage.probeEvery == 0 || missing.ofSchema && missing.final || !r.outage.beginProbe() {
		return
	}
	go r.probe(id)
}

// probe asks until the outage is over or the run ends.
func (r *Registry) probe(id int) {
	for r.wait(r.outage.probeEvery) && r.outage.lasts() {
		_, err := r.fetch(id)
		if missing, ok := errors.AsType[*unavailableError](err); !r.isOver() && (!ok || missing.ofSchema && missing.final) {
			r.answers()
		}
	}
}

// isOver says that the run has ended, and with it every request.
func (r *Registry) isOver() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// wait reports whether the run still goes on after so long.
func (r *Registry) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.done:
		return false
	}
}
