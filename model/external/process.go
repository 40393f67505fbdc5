package external

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// process is one life of a program: it reads questions as lines and writes
// answers as lines.
type process struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	stdout  io.ReadCloser
	stderr  io.ReadCloser
	notices *notices

	// questions go to the program. There is room for all that are open.
	questions chan []byte
	open      *openQuestions
	// ended is closed when the program has ended and all it wrote was read; how
	// says how.
	ended chan struct{}
	how   error
	// mourned says that a question was lost by its end. Others were open with
	// it: all together they are one failure in a row.
	mourned atomic.Bool

	mu     sync.Mutex
	last   string // the newest line of its standard error
	killed bool
}

// startProcess starts a program, which lives longer than ctx: until kill.
func startProcess(ctx context.Context, words []string, n *notices, o *Options) (*process, error) {
	p := &process{
		notices: n, questions: make(chan []byte, o.Outstanding), open: newOpenQuestions(o.Outstanding), ended: make(chan struct{}),
	}
	p.command = exec.CommandContext(context.WithoutCancel(ctx), words[0], words[1:]...)
	p.command.Env = o.Env
	ownGroup(p.command)
	var err error
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	if p.stdout, err = p.command.StdoutPipe(); err != nil {
		return nil, err
	}
	if p.stderr, err = p.command.StderrPipe(); err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go p.run(o.Log)
	return p, nil
}

// run serves the pipes until the program has ended.
func (p *process) run(log func(string)) {
	var writing sync.WaitGroup
	stop, heard := make(chan struct{}), make(chan struct{})
	writing.Go(func() { p.write(stop) })
	go func() {
		defer close(heard)
		p.listen(log)
	}()
	p.read()
	p.kill() // it has closed its output, so it is of no more use
	p.hearOut(heard)
	p.how = p.command.Wait()
	close(stop)
	writing.Wait()
	close(p.ended)
}

// hearOut waits for the last of the standard error of a program that was killed,
// until heard is closed. A child that has left its process group may hold it
// open for ever: then it is closed here.
func (p *process) hearOut(heard <-chan struct{}) {
	patience := time.NewTimer(farewell)
	defer patience.Stop()
	select {
	case <-heard:
	case <-patience.C:
		_ = p.stderr.Close()
		<-heard
	}
}

// write sends questions.
func (p *process) write(stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		case line := <-p.questions:
			if _, err := p.stdin.Write(line); err != nil {
				return // it has ended, or will be killed
			}
		}
	}
}

// read takes answers until the program closes its output.
func (p *process) read() {
	r := bufio.NewReaderSize(p.stdout, 1<<12)
	for {
		line, whole, err := readLine(r, p.open.most)
		switch {
		case err != nil:
			return
		case !whole:
			p.fail(p.idOf(line), line, tooLarge)
		case len(line) > 0:
			p.take(line)
		}
	}
}

// readLine reads a line without its end. Of one longer than most only the
// beginning is kept: whole is false.
func readLine(r *bufio.Reader, most func() int) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := r.ReadSlice('\n')
		if whole = whole && len(line)+len(part) <= most(); whole {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err != nil:
			return nil, false, err
		default:
			return bytes.TrimRight(line, "\r\n"), whole, nil
		}
	}
}

// take looks at a line. What is no JSON object is no answer: libraries greet
// people on their standard output.
func (p *process) take(line []byte) {
	if line[0] != '{' {
		p.notices.once("stdout", "writes to its standard output what is no answer: "+excerpt(line))
		return
	}
	a, err := parseAnswer(line)
	switch {
	case err != nil:
		p.fail(p.idOf(line), line, func(*openQuestion) error { return err })
	case a.id() == "":
		p.fail("", line, func(q *openQuestion) error {
			return failed(WrongID, "the answer has no id; the question had %q", q.id)
		})
	default:
		p.answer(a, len(line)+1)
	}
}

// answer gives an answer, of a line of so many bytes with its end, to who waits
// for it. A second one to the same question, or one to a question that is not
// open, is dropped.
func (p *process) answer(a *answer, length int) {
	switch q := p.open.answered(a.id()); {
	case q == nil:
		p.unasked()
	case length > q.most: // and not longer than others that are open may have
		q.result <- result{err: tooLarge(q)}
	default:
		q.result <- result{a, a.refusal()}
	}
}

func (p *process) unasked() {
	p.notices.once("unknown", "answers what it was not asked: an id twice, or one that no open question has")
}

// fail gives a failure to who waits for the answer that a line would have been.
// id is what can be read of its id, "" for nothing: then it must be to the only
// open question, or it is dropped.
func (p *process) fail(id string, line []byte, why func(*openQuestion) error) {
	switch q := p.open.answered(id); {
	case q != nil:
		q.result <- result{err: why(q)}
	case id == "" && p.open.limit > 1:
		p.notices.once("nameless", "writes what is no answer to any of several open questions, for it has no id: "+excerpt(line))
	default:
		p.unasked()
	}
}

// idOf is the id in a line that is no answer, as far as it can be read. Where one
// question is open at a time nobody needs it.
func (p *process) idOf(line []byte) string {
	if p.open.limit == 1 {
		return ""
	}
	return idIn(line)
}

func tooLarge(q *openQuestion) error {
	return failed(TooLarge, "the answer has more than %d bytes", q.most)
}

// ask sends a question, of which the result comes unless the program ends.
func (p *process) ask(ctx context.Context, id string, line []byte, most int) *openQuestion {
	q := p.open.add(id, most)
	select {
	case p.questions <- line:
	case <-p.ended:
	case <-ctx.Done(): // it answers, or loses questions, before it has read
	}
	return q
}

// lastWords is the result of a question to a process that has ended: it may have
// answered before.
func (p *process) lastWords(q *openQuestion) (*answer, error) {
	select {
	case r := <-q.result:
		return r.answer, r.err
	default:
		return nil, p.crash()
	}
}

// hasEnded says that the program is gone.
func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// crash is the failure of a question that the program did not live to answer.
func (p *process) crash() *failure {
	how := "exit status 0"
	if p.how != nil {
		how = p.how.Error()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last != "" {
		return broken(Crashed, "its program ended (%s): %s", how, p.last)
	}
	return broken(Crashed, "its program ended (%s)", how)
}

// kill ends the program and its children now; run closes its standard error when
// it has been heard out. It may be called twice: what it has killed may have
// another program's number later.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return
	}
	p.killed = true
	killGroup(p.command)
	_ = p.stdin.Close()
	_ = p.stdout.Close()
}

// maxLogged is how many lines of its standard error a program may have logged
// in its life.
const maxLogged = 100

// listen logs what the program writes to its standard error.
func (p *process) listen(log func(string)) {
	r := bufio.NewReaderSize(p.stderr, 1<<12)
	for n, begun := 0, false; ; {
		line, more, err := r.ReadLine()
		if err != nil {
			return
		}
		goesOn := begun
		if begun = more; goesOn || len(line) == 0 {
			continue
		}
		text := excerpt(line)
		p.mu.Lock()
		p.last = text
		p.mu.Unlock()
		if n++; log == nil || n > maxLogged {
			continue
		}
		if n == maxLogged {
			text += " (and nothing more of what it writes is shown)"
		}
		log(text)
	}
}
