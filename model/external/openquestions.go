package external

import "sync"

// openQuestions are the questions that a process has not answered, by id, at
// most limit. Whoever takes one out of them, and nobody else, may send its
// result; so there is one result at most.
type openQuestions struct {
	limit int

	mu   sync.Mutex
	byID map[string]*openQuestion
	// answers counts the questions that were answered, well or badly.
	answers int64
}

// openQuestion is a question that a process has not answered.
type openQuestion struct {
	id   string
	most int
	// before is how many questions the process had answered when this one came.
	before int64
	// result has room for the one result.
	result chan result
}

type result struct {
	answer *answer
	err    error
}

func newOpenQuestions(limit int) *openQuestions {
	return &openQuestions{limit: limit, byID: make(map[string]*openQuestion, limit)}
}

// add opens a question. The caller has a slot for it.
func (o *openQuestions) add(id string, most int) *openQuestion {
	q := &openQuestion{id: id, most: most, result: make(chan result, 1)}
	o.mu.Lock()
	defer o.mu.Unlock()
	q.before = o.answers
	o.byID[id] = q
	return q
}

// answered takes out the question that something was said to: the one with the
// id, or without an id the only one. nil says that there is none.
func (o *openQuestions) answered(id string) *openQuestion {
	o.mu.Lock()
	defer o.mu.Unlock()
	q := o.byID[id]
	if id == "" {
		q = o.only()
	}
	if q != nil {
		delete(o.byID, q.id)
		o.answers++
	}
	return q
}

// only is the only question, nil where there are none or several.
func (o *openQuestions) only() *openQuestion {
	if len(o.byID) == 1 {
		for _, q := range o.byID {
			return q
		}
	}
	return nil
}

// fate is what became of a question that nobody has waited for any longer.
type fate uint8

const (
	unheard   fate = iota // the process has answered nothing since it came
	overtaken             // it has answered others
	settled               // it has answered this one, just now
)

// lose takes out a question that is not waited for any longer, unless the process
// has said nothing at all.
func (o *openQuestions) lose(q *openQuestion) fate {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case o.byID[q.id] != q:
		return settled
	case o.answers == q.before:
		return unheard
	}
	delete(o.byID, q.id)
	return overtaken
}

// hasAnswered says that a question was ever answered: the program has started.
func (o *openQuestions) hasAnswered() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.answers > 0
}

// most bounds a line: by the longest answer that is waited for.
func (o *openQuestions) most() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	most := 1 << 16
	for _, q := range o.byID {
		most = max(most, q.most)
	}
	return most
}
