package external

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/oriel-stream/oriel/model"
)

// answer is what a model answered: an inference response of the Open Inference
// Protocol, or the error that may stand in its place.
type answer struct {
	// ID is that of the request, a string.
	ID      json.RawMessage `json:"id"`
	Outputs []tensor        `json:"outputs"`
	Error   json.RawMessage `json:"error"`
}

// tensor is an output.
type tensor struct {
	Name string `json:"name"`
	// Shape may be left out where Data says it.
	Shape []int `json:"shape"`
	// Data are numbers, flat in row-major order or nested.
	Data json.RawMessage `json:"data"`
}

// parseAnswer reads an answer. NaN and the infinities, which JSON does not have
// and some programs write, count as missing numbers.
func parseAnswer(text []byte) (*answer, error) {
	a := new(answer)
	if err := unmarshal(text, a); err != nil {
		return nil, failed(Malformed, "%v in the answer %s", err, excerpt(text))
	}
	return a, nil
}

// unmarshal is json.Unmarshal that reads NaN as null.
func unmarshal(text []byte, v any) error {
	err := json.Unmarshal(text, v)
	if err == nil || json.Valid(text) {
		return err
	}
	return json.Unmarshal(withoutNaN(text), v)
}

// withoutNaN puts null in the place of NaN and infinities outside of strings.
func withoutNaN(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); {
		n := 1
		switch c := text[i]; {
		case c == '"':
			n = stringLength(text[i:])
		case c == 'N' || c == 'I' || c == '-':
			if word := notANumber(text[i:]); word > 0 {
				out = append(out, "null"...)
				i += word
				continue
			}
		}
		out = append(out, text[i:i+n]...)
		i += n
	}
	return out
}

// stringLength is how many bytes the JSON string at the start of text has, with
// its quotes; all of text if it does not end.
func stringLength(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// notANumber is how many bytes of text are the word for a number that is none.
func notANumber(text []byte) int {
	for _, word := range []string{"NaN", "Infinity", "-Infinity", "-NaN", "Inf", "-Inf"} {
		if bytes.HasPrefix(text, []byte(word)) {
			return len(word)
		}
	}
	return 0
}

// id is the id of the answer, "" for none.
func (a *answer) id() string {
	var id string
	if json.Unmarshal(a.ID, &id) == nil {
		return id
	}
	return string(a.ID) // a number, perhaps
}

// refusal is the error that the model answered with, if it did.
func (a *answer) refusal() error {
	if len(a.Error) == 0 || string(a.Error) == "null" {
		return nil
	}
	text := []byte(a.Error)
	var sentence string
	if json.Unmarshal(text, &sentence) == nil {
		text = []byte(sentence)
	}
	return failed(Refused, "the model says: %s", excerpt(text))
}

// The outputs that mean something.
const (
	outputMean = "mean"
	outputSE   = "se"
)

// output returns the numbers of an output, Horizon for each row. Where the only
// output has a name that means nothing, it is taken for one that must be there.
// A number that is missing is NaN.
func (a *answer) output(name string, q *model.Question, must bool) ([]float64, error) {
	var found *tensor
	only := must && len(a.Outputs) == 1
	for i := range a.Outputs {
		switch t := &a.Outputs[i]; {
		case t.Name != name && (!only || t.Name == outputMean || t.Name == outputSE):
		case found != nil:
			return nil, failed(Malformed, "the answer has the output %q twice", name)
		default:
			found = t
		}
	}
	switch {
	case found != nil:
		return found.numbers(len(q.Rows), q.Horizon)
	case must:
		return nil, failed(Malformed, "the answer has no output %q", name)
	default:
		return nil, nil
	}
}

// numbers returns the numbers of a tensor of rows times columns.
func (t *tensor) numbers(rows, columns int) ([]float64, error) {
	values, inner, err := flatten(t.Data)
	switch {
	case err != nil:
		return nil, failed(Malformed, "the output %q: %v", excerpt([]byte(t.Name)), err)
	case len(values) != rows*columns:
		return nil, failed(WrongShape, "the output %q has %d numbers, asked for were %d x %d (--horizon)", excerpt([]byte(t.Name)), len(values), rows, columns)
	case inner != len(values) && inner != columns && inner != 1:
		return nil, failed(WrongShape, "the rows of the output %q are not of %d numbers each (--horizon)", excerpt([]byte(t.Name)), columns)
	case t.Shape != nil && !sameShape(t.Shape, rows, columns):
		return nil, failed(WrongShape, "the output %q has the shape %s, asked for was [%d,%d]", excerpt([]byte(t.Name)), shapeText(t.Shape), rows, columns)
	}
	return values, nil
}

// sameShape says that a shape is rows times columns, apart from ones.
func sameShape(shape []int, rows, columns int) bool {
	one := func(n int) bool { return n == 1 }
	return slices.Equal(slices.DeleteFunc(slices.Clone(shape), one), slices.DeleteFunc([]int{rows, columns}, one))
}

func shapeText(shape []int) string {
	text, _ := json.Marshal(shape)
	return excerpt(text)
}

// flatten returns the numbers of a valid JSON array, nested or not, and how many
// each innermost array has, -1 where they differ.
func flatten(data []byte) (values []float64, inner int, err error) {
	if len(data) == 0 || data[0] != '[' {
		return nil, 0, errors.New("data is no array")
	}
	count := 0 // in the array that is open
	for i := 0; i < len(data); {
		switch c := data[i]; c {
		case '[', ']':
			switch {
			case count == 0:
			case inner == 0:
				inner = count
			case inner != count:
				inner = -1
			}
			count = 0
			i++
		case ' ', '\t', '\r', '\n', ',':
			i++
		default:
			n := wordLength(data[i:])
			v, err := number(data[i : i+n])
			if err != nil {
				return nil, 0, err
			}
			values = append(values, v)
			count++
			i += n
		}
	}
	return values, inner, nil
}

// wordLength is how many bytes there are before the next separator.
func wordLength(data []byte) int {
	if n := bytes.IndexAny(data, " \t\r\n,]"); n > 0 {
		return n
	}
	return len(data)
}

// number reads a number, and NaN for null and for one that is too large.
func number(word []byte) (float64, error) {
	if string(word) == "null" {
		return math.NaN(), nil
	}
	if c := word[0]; c != '-' && (c < '0' || c > '9') {
		return 0, fmt.Errorf("%s is no number", excerpt(word))
	}
	if v, err := strconv.ParseFloat(string(word), 64); err == nil {
		return v, nil
	}
	return math.NaN(), nil // out of range: the JSON is valid
}
