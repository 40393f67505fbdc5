package window

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scripts state the rules of time in a form that people can read: settings,
// then what happens and what must come of it. A file is one scene, or several
// that begin with "scene NAME"; it starts with comments that say what it shows.
// "#" starts a comment, also behind a line. Times T are durations since the
// epoch, or RFC 3339; durations D are Go's plus d.
//
// Settings; what is not set is as on the command line:
//
//	windows SPEC...             required; SIZE or SIZE/HOP
//	time-domain event|processing
//	event-time payload|create   where t is from: the payload, or the create time, whose leaps wait
//	origin D, step D            of all of them
//	out-of-orderness D, allowed-lateness D, idle-timeout D, max-future D
//	emit on-time|final|updates
//	empty N                     empty windows, for keys seen in one of the last N
//	max-keys N                  of each partition
//	values NAME...|none         the series; one, called v, if not set
//	partitions N                p0 to p(N-1), read from the beginning to the end; 1 if not set
//	cut pN start|end|both [before=T]
//	                            where records lie that are not read; T is what is known of those before
//	reports by-hand             partitions report when the script says so
//	interleavings all           run in every order in which the partitions can be read
//
// Actions:
//
//	event pN t=T [k=KEY] [v=X | NAME=X...] [kafka=T] [clock=append|create]
//	                            without k the key is null; t=none cannot be read; v=none cannot
//	                            be used, or is filtered; kafka is the Kafka timestamp; in processing
//	                            time a record's time is the clock, and t is optional
//	caught-up pN...             fetches at the end return nothing, until the next record
//	now T | now +D              the clock goes on, a second at a time; it starts at 0s
//	appears pN [cut=start]      a partition that the topic is given later
//	report [pN...]              see reports; all partitions without a name
//	finish [pN...]              the range ends
//
// Expectations. Every pane that comes out must be expected before the next
// action, in order, and so must every verdict but a plain in-time. A field that
// is not mentioned has the value in brackets, or any if there is none:
//
//	expect pane [START,END) count=N   and k(none) series size hop revision(0) final(true) hidden(false)
//	                            firing closed_by(watermark) incomplete(no) late(0) sum mean min max stddev
//	                            first last lag_min lag_mean lag_max lag_clock offsets(=P:FIRST-LAST,...)
//	                            steps(means, - for an empty one)
//	expect verdict WORD [lost=N] [late=N] [of=N] [offset=N]    lost(0) late(0); WORD is one of in-time
//	                            partly-late late late-after-idle key-limit future no-time no-value waits
//	expect nothing              no pane has come out
//	expect watermark [pN] T     or unknown, or end
//	expect holds pN...          the partitions that hold the watermark where it is
//	expect idle pN..., expect not-idle pN...

// scene is one script.
type scene struct {
	name string
	line int    // of its first line
	text string // as the file has it

	cfg           PartitionConfig
	cuts          []cut // of the partitions that are there from the beginning
	origin, step  Duration
	processing    bool // windows are of processing time
	createTime    bool // event time is the create time
	byHand        bool
	interleavings bool

	steps []step
}

// cut says where records of a partition lie that are not read, and the time that
// those before the range are not past.
type cut struct {
	sides  Incomplete
	before Time
}

// step is one line that does or expects something.
type step struct {
	line int
	word string
	kind stepKind
	part int // of a record; -1 for what is not one
	run  func(*stage) error
}

type stepKind uint8

const (
	act stepKind = iota
	expectOfRecord
	expectOfRun
)

// lineError is an error with the line that it is about.
type lineError struct {
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("%d: %v", e.line, e.err) }

const sceneWord = "scene "

// parseScript reads the scenes of a file.
func parseScript(text string) ([]*scene, error) {
	head, scenes := splitScenes(text)
	if !strings.HasPrefix(text, "# ") {
		return nil, &lineError{1, errors.New("the file must start with a comment that says what it shows")}
	}
	if len(scenes) == 0 {
		scenes = []*scene{head}
	} else if i := firstCode(head.text); i >= 0 {
		return nil, &lineError{1 + i, errors.New("only comments stand before the first scene")}
	}
	for _, s := range scenes {
		if err := s.parse(); err != nil {
			return nil, err
		}
	}
	return scenes, nil
}

// splitScenes returns what stands before the first scene, and the scenes.
func splitScenes(text string) (head *scene, scenes []*scene) {
	head = &scene{line: 1}
	present := head
	for i, line := range strings.SplitAfter(text, "\n") {
		if name, ok := strings.CutPrefix(line, sceneWord); ok {
			present = &scene{line: i + 1, name: strings.TrimSpace(name)}
			scenes = append(scenes, present)
		}
		present.text += line
	}
	return head, scenes
}

func firstCode(text string) int {
	return slices.IndexFunc(strings.Split(text, "\n"), func(line string) bool { return len(wordsOf(line).rest) > 0 })
}

func (s *scene) parse() error {
	s.cfg = PartitionConfig{
		Series: []string{"v"}, OutOfOrderness: 2000, IdleTimeout: 30_000, MaxFuture: 300_000, History: 30,
	}
	s.cuts = make([]cut, 1)
	for i, line := range strings.Split(s.text, "\n") {
		w := wordsOf(line)
		if len(w.rest) == 0 || strings.HasPrefix(line, sceneWord) {
			continue
		}
		if err := s.parseLine(s.line+i, w); err != nil {
			return &lineError{s.line + i, err}
		}
	}
	return s.check()
}

func (s *scene) parseLine(line int, w *words) error {
	word := w.next("word")
	if set, ok := settings[word]; ok {
		if len(s.steps) > 0 {
			return fmt.Errorf("%s is a setting and stands before the first action", word)
		}
		set(s, w)
		return w.end()
	}
	parse, ok := actions[word]
	kind := act
	if word == "expect" {
		what := w.next("what is expected")
		word, kind = word+" "+what, expectOfRun
		if what == "verdict" {
			kind = expectOfRecord
		}
		parse, ok = expectations[what]
	}
	if !ok {
		return fmt.Errorf("unknown: %s", word)
	}
	part, run := parse(s, w)
	s.steps = append(s.steps, step{line: line, word: word, kind: kind, part: part, run: run})
	return w.end()
}

// check completes the scene and refuses one that shows nothing.
func (s *scene) check() error {
	for i := range s.cfg.Specs {
		s.cfg.Specs[i].Origin, s.cfg.Specs[i].Step = s.origin, s.step
	}
	err := s.cfg.Validate()
	switch {
	case len(s.cfg.Specs) == 0:
		err = errors.New("windows are missing")
	case !slices.ContainsFunc(s.steps, func(x step) bool { return x.kind != act }):
		err = errors.New("nothing is expected")
	}
	if err != nil {
		return &lineError{s.line, err}
	}
	return nil
}

var settings = map[string]func(*scene, *words){
	"windows": func(s *scene, w *words) {
		for more := true; more; more = len(w.rest) > 0 {
			spec, err := ParseSpec(w.next("window"))
			w.note(err)
			s.cfg.Specs = append(s.cfg.Specs, spec)
		}
	},
	"origin":           func(s *scene, w *words) { s.origin = w.duration() },
	"step":             func(s *scene, w *words) { s.step = w.duration() },
	"out-of-orderness": func(s *scene, w *words) { s.cfg.OutOfOrderness = w.duration() },
	"allowed-lateness": func(s *scene, w *words) { s.cfg.AllowedLateness = w.duration() },
	"idle-timeout":     func(s *scene, w *words) { s.cfg.IdleTimeout = w.duration() },
	"max-future":       func(s *scene, w *words) { s.cfg.MaxFuture = w.duration() },
	"max-keys":         func(s *scene, w *words) { s.cfg.MaxKeys = w.number() },
	"empty":            func(s *scene, w *words) { s.cfg.Empty, s.cfg.History = true, w.number() },
	"partitions":       func(s *scene, w *words) { s.cuts = make([]cut, w.number()) },
	"reports":          func(s *scene, w *words) { s.byHand = w.only("by-hand") },
	"interleavings":    func(s *scene, w *words) { s.interleavings = w.only("all") },
	"time-domain": func(s *scene, w *words) {
		if s.processing = w.choice("event", "processing") == 1; s.processing {
			s.cfg.OutOfOrderness = 0
		}
	},
	"event-time": func(s *scene, w *words) { s.createTime = w.choice("payload", "create") == 1 },
	"emit": func(s *scene, w *words) {
		s.cfg.Emit = Emit(w.choice(EmitOnTime.String(), EmitFinal.String(), EmitUpdates.String()))
	},
	"cut": func(s *scene, w *words) {
		part, c := w.part(), cut{before: MaxTime}
		if text, ok := w.named("before"); ok {
			c.before = w.time(text)
		}
		c.sides = Incomplete(w.choice("", "start", "end", "both"))
		if part >= len(s.cuts) {
			w.note(fmt.Errorf("there is no p%d", part))
			return
		}
		s.cuts[part] = c
	},
	"values": func(s *scene, w *words) {
		if s.cfg.Series = w.rest; slices.Equal(w.rest, []string{"none"}) {
			s.cfg.Series = nil
		}
		w.rest = nil
	},
}

// words are what is left of a line, and the first error in it.
type words struct {
	rest []string
	err  error
}

func wordsOf(line string) *words {
	line, _, _ = strings.Cut(" "+line, " #")
	return &words{rest: strings.Fields(line)}
}

func (w *words) note(err error) {
	if w.err == nil {
		w.err = err
	}
}

// end is the error of a line that has been read.
func (w *words) end() error {
	if len(w.rest) > 0 {
		w.note(fmt.Errorf("unknown: %s", strings.Join(w.rest, " ")))
	}
	return w.err
}

func (w *words) next(what string) string {
	if len(w.rest) == 0 {
		w.note(fmt.Errorf("the %s is missing", what))
		return ""
	}
	word := w.rest[0]
	w.rest = w.rest[1:]
	return word
}

// named takes NAME=VALUE from anywhere in the line.
func (w *words) named(name string) (value string, ok bool) {
	for i, word := range w.rest {
		if value, ok = strings.CutPrefix(word, name+"="); ok {
			w.rest = slices.Delete(slices.Clone(w.rest), i, i+1)
			return value, true
		}
	}
	return "", false
}

func (w *words) choice(among ...string) int {
	word := w.next("choice")
	i := slices.Index(among, word)
	if i < 0 {
		w.note(fmt.Errorf("%q is none of %s", word, strings.Join(among, " ")))
	}
	return max(0, i)
}

func (w *words) only(word string) bool { return w.choice(word) == 0 }

func (w *words) number() int {
	n, err := strconv.Atoi(w.next("number"))
	w.note(err)
	return n
}

func (w *words) duration() Duration {
	d, err := ParseDuration(w.next("duration"))
	w.note(err)
	return d
}

func (w *words) time(text string) Time {
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return Time(t.UnixMilli())
	}
	d, err := ParseDuration(text)
	w.note(err)
	return Time(d)
}

func (w *words) part() int {
	word := w.next("partition")
	n, err := strconv.Atoi(strings.TrimPrefix(word, "p"))
	if err != nil || n < 0 || word != fmt.Sprintf("p%d", n) {
		w.note(fmt.Errorf("%q is no partition: p0, p1, ...", word))
		return 0
	}
	return n
}

func (w *words) parts() []int {
	var list []int
	for len(w.rest) > 0 {
		list = append(list, w.part())
	}
	return list
}
