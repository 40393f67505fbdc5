package kafka

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

// recordSetOf declares a size and has these bytes.
func recordSetOf(size int, b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(size)), b...)
}

// TestRecordSetsArriveWhole: what is read is what was sent, whatever its size
// and however it is cut.
func TestRecordSetsArriveWhole(t *testing.T) {
	sent := make([]byte, 4*firstRoom+1)
	for i := range sent {
		sent[i] = byte(i * 7 >> 3)
	}
	for _, size := range []int{1, 1 << minBufferBits, firstRoom - 1, firstRoom, firstRoom + 1, 2 * firstRoom, 3*firstRoom + 5, len(sent)} {
		for name, cut := range map[string]func(io.Reader) io.Reader{
			"at once":    func(r io.Reader) io.Reader { return r },
			"in pieces":  func(r io.Reader) io.Reader { return &pieces{r, 0} },
			"with more ": func(r io.Reader) io.Reader { return io.MultiReader(r, bytes.NewReader(make([]byte, 100))) },
		} {
			var set rawRecords
			n, err := set.ReadFrom(cut(bytes.NewReader(recordSetOf(size, sent[:size]))))
			if err != nil || n != int64(4+size) || !bytes.Equal(set.buf.b, sent[:size]) {
				t.Fatalf("%d bytes %s: %d read, %v", size, name, n, err)
			}
			set.buf.release()
		}
	}
}

// pieces reads in pieces of up to 64 KiB and one byte.
type pieces struct {
	from io.Reader
	n    int
}

func (p *pieces) Read(b []byte) (int, error) {
	p.n++
	return p.from.Read(b[:min(len(b), 1+p.n%2<<16)])
}

// TestADeclaredSizeIsNotBelieved: memory is taken for what has arrived, and not
// for what is said to come.
func TestADeclaredSizeIsNotBelieved(t *testing.T) {
	for _, arrived := range []int{0, 1, firstRoom, firstRoom + 1, 3 * firstRoom} {
		in := recordSetOf(maxRecordSet, make([]byte, arrived))
		var set rawRecords
		var n int64
		var err error
		taken := allocatedBytes(func() { n, err = set.ReadFrom(bytes.NewReader(in)) })
		if n != int64(len(in)) || !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) || set.buf != nil {
			t.Errorf("%d bytes of a gigabyte: %d read, %v", arrived, n, err)
		}
		if taken > uint64(2*firstRoom+4*arrived) {
			t.Errorf("%d bytes of a gigabyte take %d bytes of memory", arrived, taken)
		}
	}
}
