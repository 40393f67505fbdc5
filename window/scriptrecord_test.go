package window

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
)

// event is one record.
type event struct {
	part    int
	key     []byte // nil for null
	t       Time
	hasTime bool
	values  []float64
	usable  bool
	kafka   Time
	stamped bool
	clock   Clock
}

// record is an event where it stands in its partition.
type record struct {
	event
	at     Place
	waited bool // for others to say whether its time is believed
}

// said is what became of a record.
type said struct {
	word   string
	offset int64
	waited bool
	Verdict
}

// plain says that a record counts on time in all its windows, and at once.
func (v said) plain() bool { return v.word == "in-time" && v.Late == 0 && !v.waited }

func (v said) String() string {
	return fmt.Sprintf("%s lost=%d late=%d of=%d offset=%d", v.word, v.Lost, v.Late, v.Of, v.offset)
}

func parseEvent(sc *scene, w *words) (int, func(*stage) error) {
	e := event{part: w.part()}
	if t, ok := w.named("t"); ok && t != "none" {
		e.t, e.hasTime = w.time(t), true
	} else if !ok && !sc.processing {
		w.note(errors.New("t=TIME is missing"))
	}
	if k, ok := w.named("k"); ok {
		e.key = []byte(k)
	}
	if t, ok := w.named("kafka"); ok {
		e.kafka, e.stamped = w.time(t), true
	}
	if c, ok := w.named("clock"); ok {
		e.clock = map[string]Clock{"append": ClockAppend, "create": ClockCreate}[c]
		if e.clock == 0 {
			w.note(fmt.Errorf("clock=%s is neither append nor create", c))
		}
	}
	e.readValues(sc.cfg.Series, w)
	return e.part, e.play
}

// readValues reads a number for every series, NaN where there is none.
func (e *event) readValues(series []string, w *words) {
	e.usable = true
	none := 0
	for _, name := range series {
		text, ok := w.named(name)
		x, err := strconv.ParseFloat(text, 64)
		switch {
		case !ok || text == "none":
			x = math.NaN()
			none++
		case err != nil:
			w.note(err)
		}
		e.values = append(e.values, x)
	}
	if len(series) == 0 {
		_, none := w.named("v") // v=none: a record that a filter leaves out
		e.usable = !none
	} else {
		e.usable = none < len(series)
	}
}

// play does what a worker does with a record.
func (e *event) play(s *stage) error {
	p, err := s.player(e.part)
	if err != nil {
		return err
	}
	r := record{event: *e, at: Place{Offset: p.offset, Clock: e.clock}}
	p.offset++
	s.place(&r)
	s.take(p, r)
	s.settle()
	return nil
}

// place says how long a record was on its way, and which time counts.
func (s *stage) place(r *record) {
	arrived, known := r.kafka, r.stamped
	if s.processing {
		arrived, known = s.now, true
	}
	if r.at.HasLag = r.hasTime && known; r.at.HasLag {
		r.at.Lag = Duration(arrived - r.t)
	}
	if s.processing {
		r.t, r.hasTime = s.now, true
	}
}

func (s *stage) take(p *player, r record) {
	switch {
	case !r.hasTime:
		s.say(r, "no-time", Verdict{})
		return
	case !s.processing && r.stamped && IsFuture(r.t, int64(r.kafka), s.cfg.MaxFuture):
		s.say(r, "future", lostEverywhere(p.Judge(r.t)))
		return
	}
	p.quiet = false
	p.Speak()
	if !s.createTime {
		s.add(p, r)
		return
	}
	decided, pass := p.guard.Offer(r.t, func() record { r.waited = true; return r })
	s.decide(p, decided)
	itself := func(d Decided[record]) bool { return d.Record.at.Offset == r.at.Offset }
	switch {
	case pass:
		s.add(p, r)
	case !slices.ContainsFunc(decided, itself):
		s.say(r, "waits", Verdict{})
	}
}

// decide takes records that have waited.
func (s *stage) decide(p *player, decided []Decided[record]) {
	for _, d := range decided {
		if d.Refuted {
			s.say(d.Record, "future", lostEverywhere(p.Judge(d.Record.t)))
		} else {
			s.add(p, d.Record)
		}
	}
}

// add puts a record whose time is believed into the windows.
func (s *stage) add(p *player, r record) {
	p.Observe(r.t)
	if !r.usable {
		s.say(r, "no-value", lostEverywhere(p.Judge(r.t)))
		return
	}
	v := p.Add(r.key, r.t, &r.at, r.values)
	word := "partly-late"
	switch {
	case v.KeyLimit:
		word = "key-limit"
	case v.AfterIdle:
		word = "late-after-idle"
	case v.Lost == 0:
		word = "in-time"
	case v.Lost == v.Of:
		word = "late"
	}
	s.say(r, word, v)
}

func (s *stage) say(r record, word string, v Verdict) {
	s.said = append(s.said, said{word: word, offset: r.at.Offset, waited: r.waited, Verdict: v})
}

// lostEverywhere is the verdict on a record that cannot count.
func lostEverywhere(v Verdict) Verdict { return Verdict{Lost: v.Of, Of: v.Of} }
