package window

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// stage is where a scene is played: partitions and an assembler, driven as the
// workers and the engine drive them.
type stage struct {
	*scene
	asm   *Assembler
	parts []*player
	now   Time
	// panes are those that have come out and were not expected yet.
	panes []*Pane
	// said are the verdicts since the last action, until they are expected.
	said []said
}

// player is one partition on the stage.
type player struct {
	*Partition
	offset int64
	// quiet says that fetches at its end return nothing.
	quiet bool
	guard *Guard[record]
}

func newStage(s *scene) *stage {
	st := &stage{scene: s, asm: NewAssembler(s.cfg)}
	for _, c := range s.cuts {
		st.assign(c)
	}
	return st
}

func (s *stage) assign(c cut) *player {
	id := PartitionID{Topic: "t", Partition: int32(len(s.parts))}
	s.asm.Assign(id, c.sides&IncompleteStart == 0, c.sides&IncompleteEnd != 0)
	p := &player{Partition: NewPartition(s.cfg), guard: NewGuard[record](s.cfg.MaxFuture)}
	p.BoundBefore(c.before)
	s.parts = append(s.parts, p)
	return p
}

// seen fails if something has come out that was not expected.
func (s *stage) seen() error {
	if len(s.panes) > 0 {
		return fmt.Errorf("a pane has come out before that was not expected: %s", describe(s.panes[0]))
	}
	return s.heard()
}

// heard fails if there is a verdict that should have been expected.
func (s *stage) heard() error {
	for _, v := range s.said {
		if !v.plain() {
			return fmt.Errorf("a verdict was not expected: %v", v)
		}
	}
	s.said = nil
	return nil
}

func (s *stage) player(n int) (*player, error) {
	if n >= len(s.parts) {
		return nil, fmt.Errorf("there is no p%d", n)
	}
	return s.parts[n], nil
}

// players are those that are named, all if none is.
func (s *stage) players(numbers []int) ([]*player, error) {
	if len(numbers) == 0 {
		return s.parts, nil
	}
	var list []*player
	for _, n := range numbers {
		p, err := s.player(n)
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// settle delivers every report until nobody has anything to say, unless the
// script does that by hand.
func (s *stage) settle() {
	if s.byHand {
		return
	}
	for i := range s.parts {
		s.deliver(i)
	}
	s.asm.Tick(s.now, s.tell)
	s.panes = s.asm.Advance(s.panes)
}

// deliver hands over the report of one partition, and those of the idle ones
// that are chased by it.
func (s *stage) deliver(part int) {
	s.asm.Report(part, s.parts[part].Report())
	s.asm.Chase(s.tell)
	s.panes = s.asm.Advance(s.panes)
}

func (s *stage) tell(part int, watermark Time) {
	s.parts[part].Tell(watermark)
	s.asm.Report(part, s.parts[part].Report())
}

// actions read an action: the partition of a record, else -1, and what is done.
var actions = map[string]func(*scene, *words) (int, func(*stage) error){
	"event":     parseEvent,
	"now":       parseNow,
	"caught-up": eachPart(func(s *stage, p *player) { p.quiet = true; s.emptyFetch(p) }),
	"finish":    eachPart((*stage).finish),
	"report": func(_ *scene, w *words) (int, func(*stage) error) {
		numbers := w.parts()
		return -1, func(s *stage) error {
			if !s.byHand {
				return errors.New("report needs the setting: reports by-hand")
			}
			for i := range s.parts {
				if len(numbers) == 0 || slices.Contains(numbers, i) {
					s.deliver(i)
				}
			}
			return nil
		}
	},
	"appears": func(_ *scene, w *words) (int, func(*stage) error) {
		part, c := w.part(), cut{before: MaxTime}
		if _, ok := w.named("cut"); ok {
			c.sides = IncompleteStart
		}
		return -1, func(s *stage) error {
			if part != len(s.parts) {
				return fmt.Errorf("the next partition is p%d", len(s.parts))
			}
			s.assign(c).Tell(s.asm.Watermark())
			s.settle()
			return nil
		}
	},
}

// eachPart is an action on the partitions that are named, all if none is.
func eachPart(do func(*stage, *player)) func(*scene, *words) (int, func(*stage) error) {
	return func(_ *scene, w *words) (int, func(*stage) error) {
		numbers := w.parts()
		return -1, func(s *stage) error {
			list, err := s.players(numbers)
			if err != nil {
				return err
			}
			for _, p := range list {
				do(s, p)
			}
			s.settle()
			return nil
		}
	}
}

// parseNow reads how the clock goes on: a second at a time, as fetches return.
func parseNow(_ *scene, w *words) (int, func(*stage) error) {
	text, ahead := strings.CutPrefix(w.next("time"), "+")
	to := w.time(text)
	return -1, func(s *stage) error {
		until := to
		if ahead {
			until = s.now.Add(Duration(to))
		}
		if until < s.now {
			return fmt.Errorf("the clock stands at %s and does not go back to %s", clock(s.now), clock(until))
		}
		for s.now < until {
			s.now = min(s.now.Add(1000), until)
			for _, p := range s.parts {
				if p.quiet {
					s.emptyFetch(p)
				}
			}
			s.settle()
		}
		return nil
	}
}

// emptyFetch is a response that brought nothing at the end of a partition. In
// processing time that alone moves the watermark.
func (s *stage) emptyFetch(p *player) {
	if s.processing {
		p.Observe(s.now)
		return
	}
	if p.CaughtUp(s.now) {
		s.decide(p, p.guard.Settle())
	}
}

// finish ends the range of a partition.
func (s *stage) finish(p *player) {
	s.decide(p, p.guard.Settle())
	p.Finish()
}
