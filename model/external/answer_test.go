package external

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/oriel-stream/oriel/model"
)

// read fills replies for n rows from an answer over HTTP, as Ask does.
func read(text string, rows, horizon int) ([]model.Reply, error) {
	q := &query{Question: &model.Question{Horizon: horizon, Rows: make([]model.Row, rows)}, id: "7"}
	replies := make([]model.Reply, rows)
	a, err := readInference([]byte(text), q)
	if err == nil {
		err = fill(replies, a, q.Question)
	}
	return replies, err
}

// TestAnswersThatAreTaken: ways in which servers lay out two forecasts of three
// steps.
func TestAnswersThatAreTaken(t *testing.T) {
	want := []model.Reply{{Mean: []float64{1, 2, 3}}, {Mean: []float64{4, 5.5, -6}}}
	for name, text := range map[string]string{
		"flat":          `{"id":"7","outputs":[{"name":"mean","shape":[2,3],"datatype":"FP64","data":[1,2,3,4,5.5,-6]}]}`,
		"nested":        `{"id":"7","outputs":[{"name":"mean","shape":[2,3],"data":[[1,2,3],[4,5.5,-6]]}]}`,
		"deeper":        `{"outputs":[{"name":"mean","shape":[2,3,1],"data":[[[1],[2],[3]],[[4],[5.5],[-6]]]}]}`,
		"without shape": `{"outputs":[{"name":"mean","data":[1,2,3,4,5.5,-6]}]}`,
		"another name":  `{"id":"7","outputs":[{"name":"predict","shape":[2,3],"data":[1,2,3,4,5.5,-6]}]}`,
		"among others":  `{"id":"7","outputs":[{"name":"p","data":["x"]},{"name":"mean","data":[1,2,3,4,5.5,-6]}]}`,
		"spread out":    "{\n \"id\" : 7,\n \"error\": null, \"outputs\" : [ { \"name\":\"mean\", \"data\": [ 1 ,\t2,\n3, 4e0, 55e-1, -6 ] } ] }",
	} {
		got, err := read(text, 2, 3)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestStandardErrorsOfAnswers(t *testing.T) {
	got, err := read(`{"outputs":[{"name":"mean","data":[1,2,3,4]},{"name":"se","data":[0.5,1,0,7]}]}`, 2, 2)
	want := []model.Reply{{Mean: []float64{1, 2}, SE: []float64{0.5, 1}}, {Mean: []float64{3, 4}, SE: []float64{0, 7}}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestOneRowThatIsNotFinite costs that row's forecast only.
func TestOneRowThatIsNotFinite(t *testing.T) {
	for _, bad := range []string{"NaN", "null", "Infinity", "-Infinity", "1e400"} {
		got, err := read(`{"outputs":[{"name":"mean","data":[[1,2],[3,`+bad+`],[5,6]]}]}`, 3, 2)
		want := []model.Reply{{Mean: []float64{1, 2}}, {Err: NotFinite}, {Mean: []float64{5, 6}}}
		if f, ok := errors.AsType[*failure](got[1].Err); ok {
			got[1].Err = f.Lost
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateErrors()); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", bad, err, diff)
		}
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	output := func(rest string) string { return `{"id":"7","outputs":[{"name":"mean",` + rest + `}]}` }
	for text, want := range map[string]model.Lost{
		``:                                         Malformed,
		`null`:                                     Malformed,
		`[]`:                                       Malformed,
		`{"outputs":{}}`:                           Malformed,
		`{"outputs":[]}`:                           Malformed,
		`{"outputs":[{}]}`:                         Malformed,
		`{"error":"no"}`:                           Refused,
		`{"error":{"code":1}}`:                     Refused,
		`{"id":"8","outputs":[]}`:                  WrongID,
		output(`"data":null`):                      Malformed,
		output(`"data":7`):                         Malformed,
		output(`"data":"1234"`):                    Malformed,
		output(`"data":[1,2,3,""]`):                Malformed,
		output(`"data":[1,2,3,{}]`):                Malformed,
		output(`"data":[true,false,1,2]`):          Malformed,
		output(`"data":[]`):                        WrongShape,
		output(`"data":[1,2,3]`):                   WrongShape,
		output(`"data":[1,2,3,4,5]`):               WrongShape,
		output(`"data":[[1],[2,3,4]]`):             WrongShape,
		output(`"data":[[1,2,3],[4]]`):             WrongShape,
		output(`"data":[1,2,3,4],"shape":[4]`):     WrongShape,
		output(`"data":[1,2,3,4],"shape":[2,3]`):   WrongShape,
		output(`"data":[1,2,3,4],"shape":[-2,-2]`): WrongShape,
		output(`"data":[1,2,3,4]},{"name":"mean","data":[1,2,3,4]`):     Malformed,
		output(`"data":[1,2,3,4]},{"name":"se","data":[1,2]`):           WrongShape,
		`{"outputs":[{"name":"a","data":[1]},{"name":"b","data":[1]}]}`: Malformed,
		`{"outputs":[{"name":"se","data":[1,2,3,4]}]}`:                  Malformed,
	} {
		_, err := read(text, 2, 2)
		if f, ok := errors.AsType[*failure](err); !ok || f.Lost != want || strings.Count(f.Error(), string(want)) != 1 {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// FuzzAnswer: whatever comes is refused in a short word or gives finite numbers
// in the number asked for, and what encoding/json reads is read alike.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"id":"7","outputs":[{"name":"mean","shape":[2,2],"data":[[1,NaN],[-Infinity,4]]}]}`,
		`{"outputs":[{"name":"mean","data":[1,2,3,4]},{"name":"se","data":[1,2,3,4]}]}`,
		`{"predictions":[[1,2],[3,4]]}`, `{"error":"NaN \" NaN"}`, `{"id":"\`, "{\"a\":\"\\u001b\"",
	} {
		f.Add([]byte(seed), uint8(2), uint8(2))
	}
	f.Fuzz(func(t *testing.T, text []byte, rows, horizon uint8) {
		n, h := 1+int(rows%5), 1+int(horizon%5)
		replies, err := read(string(text), n, h)
		checkReplies(t, replies, err, h)
		q := &query{Question: &model.Question{Horizon: h, Rows: make([]model.Row, n)}}
		a, err := readInvocation(text, q)
		if err == nil {
			err = fill(replies, a, q.Question)
		}
		checkReplies(t, replies, err, h)
		if json.Valid(text) && !bytes.Equal(withoutNaN(text), text) {
			t.Errorf("valid JSON became %s", withoutNaN(text))
		}
	})
}

func checkReplies(t *testing.T, replies []model.Reply, err error, horizon int) {
	t.Helper()
	if err != nil {
		checkFailure(t, err)
		return
	}
	for _, r := range replies {
		if r.Err != nil {
			checkFailure(t, r.Err)
			continue
		}
		if len(r.Mean) != horizon || r.SE != nil && len(r.SE) != horizon {
			t.Fatalf("%d numbers for %d steps", len(r.Mean), horizon)
		}
		for _, v := range append(r.Mean, r.SE...) {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("%v in a forecast", r)
			}
		}
	}
}

func checkFailure(t *testing.T, err error) {
	t.Helper()
	f, ok := errors.AsType[*failure](err)
	if !ok || len(f.Lost) > 12 || strings.ContainsAny(f.Error(), "\x1b\n") || len(f.Error()) > 4*maxDetail {
		t.Fatalf("the failure %q", err)
	}
}

// FuzzFlatten compares with the nested arrays that encoding/json reads.
func FuzzFlatten(f *testing.F) {
	for _, seed := range []string{"[]", "[1,[2,3],null]", "[[1,2],[3,4]]", "[[[1]]]", `["]",{"a":[1]}]`, "[1e5,-0.5]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var nested []any
		if json.Unmarshal(data, &nested) != nil || nested == nil {
			return
		}
		want, ok := walk(nil, nested)
		got, _, err := flatten(bytes.TrimSpace(data))
		if ok != (err == nil) {
			t.Fatalf("%s: %v", data, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateEmpty()); ok && diff != "" {
			t.Errorf("%s (-want +got):\n%s", data, diff)
		}
	})
}

func walk(flat []float64, v any) ([]float64, bool) {
	switch v := v.(type) {
	case nil:
		return append(flat, math.NaN()), true
	case float64:
		return append(flat, v), true
	case []any:
		for _, e := range v {
			var ok bool
			if flat, ok = walk(flat, e); !ok {
				return nil, false
			}
		}
		return flat, true
	default:
		return nil, false
	}
}

// TestRequests: the objects that docs/external-models.md describes.
func TestRequests(t *testing.T) {
	two := about(5, "s-001", "")
	two.Rows[1].NullKey, two.Rows[1].Counted = true, true
	odd := about(1, "a\xff")
	for name, c := range map[string]struct {
		encode func(*query) ([]byte, error)
		q      *query
		want   string
	}{
		"inference": {
			encodeInference, &query{Question: two, id: "42", deadline: time.UnixMilli(1795327211000)},
			`{"id":"42","parameters":{"topic":"t","horizon":5,"step_ms":1000,"deadline_ms":1795327211000},"inputs":[` +
				`{"name":"y","shape":[2,3],"datatype":"FP64","data":[1,2.5,0,1,2.5,1]},` +
				`{"name":"t","shape":[2,3],"datatype":"INT64","data":[1000,2000,3000,1000,2000,3000]},` +
				`{"name":"key","shape":[2],"datatype":"BYTES","data":["s-001",null]},` +
				`{"name":"series","shape":[2],"datatype":"BYTES","data":["v",null]}]}`,
		},
		"a key that is no text": {
			encodeInference, &query{Question: odd, id: "1"},
			`{"id":"1","parameters":{"topic":"t","horizon":1,"step_ms":1000},"inputs":[` +
				`{"name":"y","shape":[1,3],"datatype":"FP64","data":[1,2.5,0]},` +
				`{"name":"t","shape":[1,3],"datatype":"INT64","data":[1000,2000,3000]},` +
				`{"name":"key","shape":[1],"datatype":"BYTES","parameters":{"content_type":"base64"},"data":["Yf8="]},` +
				`{"name":"series","shape":[1],"datatype":"BYTES","data":["v"]}]}`,
		},
		"invocation": {
			encodeInvocation, &query{Question: two, id: "42"},
			`{"inputs":[[1,2.5,0],[1,2.5,1]],"params":{"topic":"t","horizon":5,"step_ms":1000,"key":["s-001",null],"series":["v",null],"start_ms":[1000,1000]}}`,
		},
	} {
		got, err := c.encode(c.q)
		if diff := cmp.Diff(c.want, string(got)); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	two.Rows[0].Values[0] = math.Inf(1)
	if _, err := encodeInference(&query{Question: two}); err == nil || !strings.HasPrefix(err.Error(), string(NotFinite)) {
		t.Errorf("an infinite value: %v", err)
	}
}

func ExampleModel_Name() {
	m, _ := NewServer("http://someone:secret@host:8080/v2/models/holt/infer?token=x", Options{})
	fmt.Println(m.Name())
	// Output: http://host:8080/v2/models/holt/infer
}
