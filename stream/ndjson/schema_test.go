package ndjson

import (
	"bytes"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema compiles a schema of docs/.
func schema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t *testing.T, line []byte) map[string]any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

// TestSchemas validates every golden line, and finds that the schema minds
// every one of its fields: with a field left out, unless it is optional, and
// with a field of another type.
func TestSchemas(t *testing.T) {
	for _, c := range []struct {
		schema   string
		lines    []byte
		optional []string
	}{
		{"line.schema.json", goldenLineBytes(t), []string{"incomplete", "forecast", "score", "emitted_at"}},
		{"line.schema.json", askedLineBytes(t), []string{"forecast", "score", "quantiles", "distinct", "rate"}},
		{"reject.schema.json", goldenRejectBytes(), []string{"series", "bytes_encoding", "watermark_ms"}},
		{"summary.schema.json", goldenSummaryBytes(), []string{"split_keys", "undecided"}},
		{"advice.schema.json", goldenAdviceBytes(), nil},
		{"explanation.schema.json", goldenExplanationBytes(), nil},
		{"backtest.schema.json", goldenRankingBytes(), []string{"use", "lost"}},
	} {
		s := schema(t, c.schema)
		for line := range bytes.Lines(c.lines) {
			object := decode(t, line)
			if err := s.Validate(object); err != nil {
				t.Errorf("%s: %v\n%s", c.schema, err, line)
			}
			for _, name := range slices.Sorted(maps.Keys(object)) {
				broken := maps.Clone(object)
				broken[name] = map[string]any{"no": "such thing"}
				if s.Validate(broken) == nil {
					t.Errorf("%s accepts an object as %s", c.schema, name)
				}
				delete(broken, name)
				if err := s.Validate(broken); (err == nil) != slices.Contains(c.optional, name) {
					t.Errorf("%s without %s: %v\n%s", c.schema, name, err, line)
				}
			}
		}
	}
}

// TestSchemasBelow breaks what lies deeper.
func TestSchemasBelow(t *testing.T) {
	for _, c := range []struct{ schema, old, broken string }{
		{"line.schema.json", `"by":"analytic"`, `"by":7`},
		{"line.schema.json", `"by":"analytic"`, `"by":"magic"`},
		{"line.schema.json", `"resolved":5`, `"resolved":-5`},
		{"line.schema.json", `"covered":4`, `"covered":"4"`},
		{"line.schema.json", `"n":500`, `"n":501`},
		{"line.schema.json", `"coverage":0.948`, `"coverage":94.8`},
		{"line.schema.json", `"mase":0.83`, `"maze":0.83`},
		{"line.schema.json", `"surprise":3.0792`, `"surprise":-1`},
		{"line.schema.json", `"anomaly":true`, `"anomaly":1`},
		{"line.schema.json", `"level":95`, `"level":"95"`},
		{"line.schema.json", `"step_ms":1000`, `"step_ms":0`},
		{"line.schema.json", `"model":"holt"`, `"modell":"holt"`},
		{"line.schema.json", `"mean":[22.213`, `"mean":["22.213"`},
		{"line.schema.json", `"lag_ms":{"min":12`, `"lag_ms":{"min":1.2`},
		{"line.schema.json", `"first":120`, `"first":-1`},
		{"line.schema.json", `"key":"s-001"`, `"key":"s","key_base64":"cw=="`},
		{"line.schema.json", `"start":"2026-11-22T06:00:00.000Z"`, `"start":"2026-11-22 06:00:00"`},
		{"line.schema.json", `"closed_by":"watermark"`, `"closed_by":"magic"`},
		{"line.schema.json", `"v":1`, `"v":2`},
		{"asked", `"p50":21.5`, `"p50":"21.5"`},
		{"asked", `"p50":21.5`, `"median":21.5`},
		{"asked", `"p99.9"`, `"p99.9.9"`},
		{"asked", `"user.id":123`, `"user.id":12.3`},
		{"asked", `"user.id":123`, `"user.id":-1`},
		{"asked", `"rate":0.5`, `"rate":-0.5`},
		{"asked", `"rate":0.5`, `"rate":null`},
		{"reject.schema.json", `"reason":"malformed"`, `"reason":"ok"`},
		{"reject.schema.json", `"offset":1,`, `"offset":1.5,`},
		{"summary.schema.json", `"read_to":5120`, `"readto":5120`},
		{"summary.schema.json", `"no_field":80`, `"no_field":-1`},
		{"summary.schema.json", `"shed":1`, `"shed":null`},
		{"summary.schema.json", `"reason":"retention"`, `"why":"retention"`},
		{"advice.schema.json", `"partition":3`, `"partition":-3`},
		{"advice.schema.json", `"hop_ms":1000`, `"hop_ms":0`},
		{"advice.schema.json", `"p99.9":`, `"p999":`},
		{"advice.schema.json", `"out_of_orderness_ms":0`, `"out_of_orderness_ms":null`},
		{"advice.schema.json", `"future":2`, `"future":-2`},
		{"advice.schema.json", `"by_ms":null`, `"by":null`},
		{"advice.schema.json", `"from":null`, `"from":"unknown"`},
		{"advice.schema.json", `"believed":true`, `"believed":1`},
		{"backtest.schema.json", `"of":"key"`, `"of":"all"`},
		{"backtest.schema.json", `"level":80`, `"level":100`},
		{"backtest.schema.json", `"coverage":0.81`, `"coverage":81`},
		{"backtest.schema.json", `"unbounded":590`, `"unbounded":null`},
		{"backtest.schema.json", `"mase":0.5`, `"mase":-0.5`},
		{"explanation.schema.json", `"type":"window"`, `"type":"windows"`},
		{"explanation.schema.json", `"differ":["mean"`, `"differ":[7`},
		{"explanation.schema.json", `"on_time":{"offset":163`, `"on_time":{"offset":"163"`},
		{"explanation.schema.json", `"final":{"offset":190`, `"final":{"at":190`},
		{"explanation.schema.json", `"first_offset":120`, `"offset":120`},
		{"explanation.schema.json", `"watermark_ms":null`, `"watermark_ms":"unknown"`},
		{"explanation.schema.json", `"counted":"late"`, `"counted":"maybe"`},
		{"explanation.schema.json", `"reason":"malformed"`, `"reason":"bad"`},
		{"explanation.schema.json", `"out_of_order":true`, `"out_of_order":1`},
		{"explanation.schema.json", `"filled":true`, `"filled":"yes"`},
	} {
		lines := map[string][]byte{
			"line.schema.json": goldenLineBytes(t), "asked": askedLineBytes(t), "reject.schema.json": goldenRejectBytes(),
			"summary.schema.json": goldenSummaryBytes(), "advice.schema.json": goldenAdviceBytes(),
			"explanation.schema.json": goldenExplanationBytes(),
			"backtest.schema.json":    goldenRankingBytes(),
		}[c.schema]
		line, _, _ := bytes.Cut(lines, []byte("\n"))
		broken := bytes.Replace(line, []byte(c.old), []byte(c.broken), 1)
		if bytes.Equal(broken, line) || !json.Valid(broken) {
			t.Fatalf("no %s to break in %s", c.old, line)
		}
		if c.schema == "asked" {
			c.schema = "line.schema.json"
		}
		if schema(t, c.schema).Validate(decode(t, broken)) == nil {
			t.Errorf("%s accepts %s", c.schema, c.broken)
		}
	}
}

// TestSchemasAllowMore: fields are only ever added.
func TestSchemasAllowMore(t *testing.T) {
	line, _, _ := bytes.Cut(goldenLineBytes(t), []byte("\n"))
	object := decode(t, line)
	object["later"] = map[string]any{"p50": json.Number("21.5")}
	if err := schema(t, "line.schema.json").Validate(object); err != nil {
		t.Error(err)
	}
}
