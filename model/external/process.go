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

	// questions go to the program. There is one at a time, so nobody waits.
	questions chan []byte
	// ended is closed when the program has ended and all it wrote was read; how
	// says how.
	ended chan struct{}
	how   error
	// answered says that it has ever answered: it has started.
	answered atomic.Bool

	mu      sync.Mutex
	pending *pending
	last    string // the newest line of its standard error
	killed  bool
}

// pending is the question that a program has not answered.
type pending struct {
	id   string
	most int
	// result receives one result.
	result chan result
}

type result struct {
	answer *answer
	err    error
}

// startProcess starts a program, which lives longer than ctx: until kill.
func startProcess(ctx context.Context, words, env []string, n *notices, log func(string)) (*process, error) {
	p := &process{notices: n, questions: make(chan []byte, 1), ended: make(chan struct{})}
	p.command = exec.CommandContext(context.WithoutCancel(ctx), words[0], words[1:]...)
	p.command.Env = env
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
	go p.run(log)
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
		line, whole, err := readLine(r, p.most)
		switch {
		case err != nil:
			return
		case !whole:
			p.resolve(nil, failed(TooLarge, "the answer has more than %d bytes", p.most()))
		case len(line) > 0:
			p.take(line)
		}
	}
}

// readLine reads a line without its end. Of one longer than most nothing is
// kept: whole is false.
func readLine(r *bufio.Reader, most func() int) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := r.ReadSlice('\n')
		if whole = whole && len(line)+len(part) <= most(); whole {
			line = append(line, part...)
		} else {
			line = nil
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

// most bounds the line that is read.
func (p *process) most() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending == nil {
		return 1 << 16
	}
	return p.pending.most
}

// take looks at a line. What is no JSON object is no answer: libraries greet
// people on their standard output.
func (p *process) take(line []byte) {
	if line[0] != '{' {
		p.notices.once("stdout", "writes to its standard output what is no answer: "+excerpt(line))
		return
	}
	a, err := parseAnswer(line)
	if err != nil {
		p.resolve(nil, err)
		return
	}
	p.resolve(a, nil)
}

// resolve gives a result to who waits for it. An answer must be to the question
// that is pending: a second one to the same question, or one to any other, is
// dropped.
func (p *process) resolve(a *answer, err error) {
	p.mu.Lock()
	w := p.pending
	if w != nil && a != nil && a.id() == "" {
		a, err = nil, failed(WrongID, "the answer has no id; the question had %q", w.id)
	}
	if w == nil || a != nil && a.id() != w.id {
		p.mu.Unlock()
		p.notices.once("unknown", "answers what it was not asked: an id twice, or one that no open question has")
		return
	}
	p.pending = nil
	p.mu.Unlock()
	p.answered.Store(true)
	if a != nil {
		err = a.refusal()
	}
	w.result <- result{a, err}
}

// ask sends a question, of which the result comes unless the program ends.
func (p *process) ask(ctx context.Context, id string, line []byte, most int) <-chan result {
	w := &pending{id: id, most: most, result: make(chan result, 1)}
	p.mu.Lock()
	p.pending = w
	p.mu.Unlock()
	select {
	case p.questions <- line:
	case <-ctx.Done(): // it answers before it has read
	}
	return w.result
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
