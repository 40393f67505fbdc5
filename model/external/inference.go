package external

import (
	"encoding/json"
	"unicode/utf8"
)

// inferenceRequest is a question as the Open Inference Protocol has it, version
// 2, JSON.
type inferenceRequest struct {
	ID         string     `json:"id"`
	Parameters parameters `json:"parameters"`
	Inputs     []input    `json:"inputs"`
}

// parameters say what is the same for all rows.
type parameters struct {
	Topic   string `json:"topic"`
	Horizon int    `json:"horizon"`
	StepMS  int64  `json:"step_ms"`
	// DeadlineMS is when the answer is of no more use, in milliseconds since the
	// epoch.
	DeadlineMS int64 `json:"deadline_ms,omitempty"`
}

// input is a tensor of a request.
type input struct {
	Name       string            `json:"name"`
	Shape      []int             `json:"shape"`
	Datatype   string            `json:"datatype"`
	Parameters map[string]string `json:"parameters,omitempty"`
	Data       any               `json:"data"`
}

// encodeInference returns the request of a question.
func encodeInference(q *query) ([]byte, error) {
	rows, columns := len(q.Rows), len(q.Rows[0].Values)
	values, times := make([]float64, 0, rows*columns), make([]int64, 0, rows*columns)
	for i := range q.Rows {
		values = append(values, q.Rows[i].Values...)
		times = append(times, q.Rows[i].Times...)
	}
	text, err := json.Marshal(inferenceRequest{
		ID:         q.id,
		Parameters: parametersOf(q),
		Inputs: []input{
			{Name: "y", Shape: []int{rows, columns}, Datatype: "FP64", Data: values},
			{Name: "t", Shape: []int{rows, columns}, Datatype: "INT64", Data: times},
			keys(q),
			{Name: "series", Shape: []int{rows}, Datatype: "BYTES", Data: seriesNames(q)},
		},
	})
	if err != nil {
		return nil, failed(NotFinite, "the values of the windows: %v", err)
	}
	return text, nil
}

func parametersOf(q *query) parameters {
	p := parameters{Topic: q.Topic, Horizon: q.Horizon, StepMS: q.Step}
	if !q.deadline.IsZero() {
		p.DeadlineMS = q.deadline.UnixMilli()
	}
	return p
}

// keys are the keys of the rows, null for none. If one of them is no UTF-8 all
// are base64, and the tensor says so as MLServer's codecs do.
func keys(q *query) input {
	in := input{Name: "key", Shape: []int{len(q.Rows)}, Datatype: "BYTES"}
	text := true
	for i := range q.Rows {
		text = text && utf8.ValidString(q.Rows[i].Key)
	}
	data := make([]any, len(q.Rows))
	for i := range q.Rows {
		switch r := &q.Rows[i]; {
		case r.NullKey:
		case text:
			data[i] = r.Key
		default:
			data[i] = []byte(r.Key) // which encoding/json writes as base64
		}
	}
	if !text {
		in.Parameters = map[string]string{"content_type": "base64"}
	}
	in.Data = data
	return in
}

// seriesNames are the series of the rows, null where records are counted.
func seriesNames(q *query) []any {
	names := make([]any, len(q.Rows))
	for i := range q.Rows {
		if !q.Rows[i].Counted {
			names[i] = q.Rows[i].Series
		}
	}
	return names
}

// readInference reads an answer over HTTP. A server may leave the id out.
func readInference(text []byte, q *query) (*answer, error) {
	a, err := parseAnswer(text)
	if err != nil {
		return nil, err
	}
	if id := a.id(); id != "" && id != q.id {
		return nil, failed(WrongID, "the answer is to %q, asked was %q", excerpt([]byte(id)), q.id)
	}
	if err := a.refusal(); err != nil {
		return nil, err
	}
	return a, nil
}

// encodeInvocation returns the request of a question to MLflow's /invocations.
func encodeInvocation(q *query) ([]byte, error) {
	inputs, starts := make([][]float64, len(q.Rows)), make([]int64, len(q.Rows))
	for i := range q.Rows {
		inputs[i], starts[i] = q.Rows[i].Values, q.Rows[i].Times[0]
	}
	type params struct {
		parameters
		Key     any     `json:"key"`
		Series  any     `json:"series"`
		StartMS []int64 `json:"start_ms"`
	}
	text, err := json.Marshal(struct {
		Inputs [][]float64 `json:"inputs"`
		Params params      `json:"params"`
	}{inputs, params{parametersOf(q), keys(q).Data, seriesNames(q), starts}})
	if err != nil {
		return nil, failed(NotFinite, "the values of the windows: %v", err)
	}
	return text, nil
}

// readInvocation reads what MLflow predicts: numbers, a row for each window.
func readInvocation(text []byte, _ *query) (*answer, error) {
	var body struct {
		Predictions json.RawMessage `json:"predictions"`
	}
	if err := unmarshal(text, &body); err != nil {
		return nil, failed(Malformed, "%v in the answer %s", err, excerpt(text))
	}
	if body.Predictions == nil {
		return nil, failed(Malformed, "the answer has no predictions: %s", excerpt(text))
	}
	return &answer{Outputs: []tensor{{Name: "predictions", Data: body.Predictions}}}, nil
}
