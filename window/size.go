package window

import (
	"math"
	"unsafe"
)

// What is stored of one slice and key, in bytes: their structs, with half as much
// again for the nodes of the tree and for chunks that are not full; the newest
// slice, which lies in the lane of its key, counts as a slice. It is too little
// for keys with few slices: BenchmarkOpen measures it.
const (
	sliceBytes = int64(unsafe.Sizeof(slice{})) * 3 / 2
	keyBytes   = int64(unsafe.Sizeof(group{})+unsafe.Sizeof(lane{})-2*unsafe.Sizeof(slice{})) + 100
)

// Bytes is about how much memory the partition's windows take.
func (p *Partition) Bytes() int64 {
	return int64(p.held)*(sliceBytes+p.sketched.bytes()) + int64(len(p.keys))*keyBytes
}

// Bytes is about how much memory the shares take that wait.
func (a *Assembler) Bytes() int64 { return a.bytes }

func (s partShares) bytes() int64 {
	n := int64(0)
	for i := range s.shares {
		n += int64(unsafe.Sizeof(Share{})) + int64(len(s.shares[i].Steps))*int64(unsafe.Sizeof(StepValue{}))
		n += s.shares[i].sketches.bytes()
	}
	return n
}

// Slices is how many slices one key and series of a spec holds when it has
// records all the time: those of a window, and those that wait for its end.
func (s Spec) Slices(c PartitionConfig) int64 {
	held := Time(s.Size).Add(s.Hop).Add(c.OutOfOrderness).Add(c.AllowedLateness)
	return int64(held) / int64(s.sliceWidth())
}

// SliceBytes is about how much memory a slice of one key takes, of all series.
func (c PartitionConfig) SliceBytes() int64 {
	return (sliceBytes + c.sketched().bytes()) * int64(max(1, len(c.Series)))
}

// ShareBytes is about how much memory the shares take of one key that has records
// all the time, of all windows that are open at a time.
func (c PartitionConfig) ShareBytes() float64 {
	n := 0.0
	for _, s := range c.Specs {
		each := unsafe.Sizeof(Share{})
		if s.Step > 0 {
			each += uintptr(s.Size/s.Step) * unsafe.Sizeof(StepValue{})
		}
		n += float64(float64(s.Size) / float64(s.Hop) * float64(each))
	}
	return n * float64(max(1, len(c.Series)))
}

// KeyBytes is about how much memory one key that has records all the time takes.
func (c PartitionConfig) KeyBytes() int64 {
	n := float64(keyBytes)
	for _, s := range c.Specs {
		n += float64(float64(s.Slices(c)) * float64(c.SliceBytes()))
	}
	if n >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(n)
}
