package ndjson

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// maxLine bounds one line: far above what a broker takes, base64 included.
const maxLine = 128 << 20

// byteOrderMark is what some programs write at the beginning of a text file.
const byteOrderMark = "\ufeff"

var errLongLine = errors.New("too long: a line may have 128 MiB")

// lineReader cuts a feed into lines.
type lineReader struct {
	feed feed
	rest []byte // what is left of the current chunk
	long []byte // the beginning of a line that spans chunks
	line []byte // the current line
	held bool   // the current line is to be returned once more
	most int    // the longest line that is not left out, in bytes
	// number is the number of the current line, from 1.
	number int64
}

func newLineReader(f feed) *lineReader { return &lineReader{feed: f, most: maxLine} }

// next returns the next line that is not blank, without its end and, if it is the
// first, without a byte-order mark; it is valid until the next call. It returns io.EOF at the end, errLongLine for a line
// that it left out, and other errors of the feed.
func (l *lineReader) next(ctx context.Context) ([]byte, error) {
	if l.held {
		l.held = false
		return l.line, nil
	}
	for {
		line, err := l.read(ctx)
		if err != nil {
			return nil, err
		}
		if l.number == 1 {
			line = bytes.TrimPrefix(line, []byte(byteOrderMark))
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			l.line = line
			return line, nil
		}
	}
}

// unread makes next return the current line again.
func (l *lineReader) unread() { l.held = true }

// buffered reports whether next can answer without waiting for the feed.
func (l *lineReader) buffered() bool {
	return l.held || bytes.IndexByte(l.rest, '\n') >= 0
}

// read returns the next line, or errLongLine in its place.
func (l *lineReader) read(ctx context.Context) ([]byte, error) {
	if cap(l.long) > keepScratch {
		l.long = nil
	}
	l.long = l.long[:0]
	tooLong := false
	for {
		n := bytes.IndexByte(l.rest, '\n')
		piece := l.rest
		if n >= 0 {
			piece, l.rest = l.rest[:n], l.rest[n+1:]
		}
		tooLong = tooLong || len(l.long)+len(piece) > l.most
		switch {
		case n >= 0 && tooLong:
			l.number++
			return nil, errLongLine
		case n >= 0 && len(l.long) == 0:
			l.number++
			return piece, nil
		case !tooLong:
			l.long = append(l.long, piece...)
		}
		if n >= 0 {
			l.number++
			return l.long, nil
		}
		var err error
		if l.rest, err = l.feed.next(ctx); err != nil {
			return l.last(err, tooLong)
		}
	}
}

// last returns what stands behind the last newline if err is the end.
func (l *lineReader) last(err error, tooLong bool) ([]byte, error) {
	if !errors.Is(err, io.EOF) || len(l.long) == 0 {
		return nil, err
	}
	l.number++
	if tooLong {
		return nil, errLongLine
	}
	return l.long, nil
}
