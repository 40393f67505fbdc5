package main

import (
	"encoding/binary"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/avro"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
	"github.com/vmihailenco/msgpack/v5"
)

const readingSchema = `{"type":"record","name":"R","fields":[{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},{"name":"host","type":"string"},{"name":"temp","type":"double"}]}`

// avroReading is a framed reading of schema 7.
func avroReading(t *testing.T, at int64, host string, temp float64) string {
	t.Helper()
	b, err := avro.MustParse(readingSchema).AppendEncode(binary.BigEndian.AppendUint32([]byte{0}, 7), map[string]any{"at": at, "host": host, "temp": temp})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func newRegistry(t *testing.T, options ...srfake.Option) *srfake.Registry {
	t.Helper()
	registry := srfake.New(options...)
	t.Cleanup(registry.Close)
	registry.SeedSchema("readings-value", 1, 7, sr.Schema{Schema: readingSchema})
	return registry
}

// TestReplayAvro: a topic of Avro with nothing but the address of the registry,
// by flag, by property and by the environment.
func TestReplayAvro(t *testing.T) {
	t.Parallel()
	registry := newRegistry(t, srfake.WithAuth("Basic dXNlcjpzZWNyZXQ="))
	withUser := strings.Replace(registry.URL(), "http://", "http://user:secret@", 1)
	addr := brokerWith(t, 1,
		number(epoch, "k", avroReading(t, epoch+500, "a", 1.5)), number(epoch, "k", avroReading(t, epoch+700, "b", 2)),
		number(epoch, "k", `{"temp":3}`))
	for _, access := range [][]string{
		{"--schema-registry", withUser},
		{"-X", "schema.registry.url=" + registry.URL(), "-X", "basic.auth.user.info=user:secret"},
	} {
		got := oriel(t, append([]string{"replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--time", "at", "--key", "host", "--where", `host != "z"`}, access...)...)
		lines := parse(t, got.lines()...)
		if got.code != exitDone || len(lines) != 2 || lines[0].Sum != 1.5 || lines[1].Sum != 2 {
			t.Fatalf("%+v", got)
		}
		if !strings.Contains(got.stderr, "format: avro (t/0 offset 0 has schema 7 of the registry); value: temp") ||
			!strings.Contains(got.stderr, "1 malformed") || strings.Contains(got.stderr, "unknown property") {
			t.Error(got.stderr)
		}
	}
	got := oriel(t, "peek", "t", "-b", addr, "--schema-registry", withUser)
	if !strings.Contains(got.stdout, `{"at":1795327200500,"host":"a","temp":1.5}`) {
		t.Errorf("%+v", got)
	}
	got = oriel(t, "replay", "t", "-b", addr, "-m", "none", "--format", "avro", "--schema-registry", registry.URL())
	if got.code != exitConnection || !strings.Contains(got.stderr, "the schema of t/0 offset 0 cannot be had: the registry refuses access") || strings.Count(got.stderr, "schema 7 cannot be used") != 1 {
		t.Errorf("%+v", got)
	}
	got = oriel(t, "replay", "t", "-b", addr, "-m", "none")
	if !strings.Contains(got.stderr, "looks like Avro or Protobuf behind the id of its schema, 7: --schema-registry http://HOST:8081 reads it") {
		t.Errorf("%+v", got)
	}
}

// TestRegistryOfAFile: the registry that a file of properties names, and a
// profile.
func TestRegistryOfAFile(t *testing.T) {
	t.Parallel()
	registry := newRegistry(t, srfake.WithAuth("Basic dXNlcjpodW50ZXIy"))
	addr := brokerWith(t, 1, number(epoch, "k", avroReading(t, epoch, "a", 1.5)))
	p := newHousehold(t, "profiles:\n  prod:\n    brokers: "+addr+"\n    properties: {schema.registry.url: \""+registry.URL()+"\", basic.auth.user.info: \"env:THE_USER\"}\n"+
		"  flag:\n    brokers: "+addr+"\n    schema-registry: "+strings.Replace(registry.URL(), "http://", "http://user:hunter2@", 1)+"\n")
	p.variables["THE_USER"] = "user:hunter2"
	file := filepath.Join(t.TempDir(), "client.properties")
	write(t, file, "bootstrap.servers="+addr+"\nschema.registry.url="+registry.URL()+"\nschema.registry.basic.auth.user.info=user:hunter2\n")
	for _, access := range [][]string{{"-F", file}, {"--profile", "prod"}, {"--profile", "flag"}} {
		got := p.run(t, append([]string{"replay", "t", "-w", "10s", "-m", "none"}, access...)...)
		if lines := parse(t, got.lines()...); got.code != exitDone || len(lines) != 1 || lines[0].Sum != 1.5 {
			t.Errorf("%q: %+v", access, got)
		}
	}
}

// TestRegistryAway: a registry that does not answer for a moment changes
// nothing; one that refuses a schema makes a run that another may not repeat.
func TestRegistryAway(t *testing.T) {
	t.Parallel()
	registry := newRegistry(t)
	registry.SeedSchema("readings-value", 2, 8, sr.Schema{Schema: readingSchema})
	later := []byte(avroReading(t, epoch, "a", 2))
	later[4] = 8
	addr := brokerWith(t, 1, number(epoch, "k", avroReading(t, epoch, "a", 1.5)), number(epoch, "k", string(later)))
	var code, left atomic.Int32
	registry.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/8") || left.Add(-1) < 0 {
			return false
		}
		w.WriteHeader(int(code.Load()))
		return true
	})
	for _, c := range []struct {
		code, times  int32 // the first time is when samples are looked at
		exit         int
		sum          float64
		reproducible string
		says         []string
	}{
		{http.StatusServiceUnavailable, 3, exitDone, 3.5, `"reproducible":true`, []string{"the schema registry does not answer: ", "the schema registry answers again"}},
		{http.StatusForbidden, 2, exitIncomplete, 1.5, `"reproducible":false`, []string{"schema 8 cannot be used, its records are no_schema: the registry refuses access", "1 no schema", "the registry of --schema-registry did not hand out the schemas of 1 record"}},
	} {
		code.Store(c.code)
		left.Store(c.times)
		summary, rejects := filepath.Join(t.TempDir(), "summary"), filepath.Join(t.TempDir(), "rejects")
		got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--schema-registry", registry.URL(), "--summary", summary, "--rejects", rejects)
		if lines := parse(t, got.lines()...); got.code != c.exit || len(lines) != 1 || lines[0].Sum != c.sum {
			t.Errorf("%+v", got)
		}
		for _, want := range c.says {
			if strings.Count(got.stderr, want) != 1 {
				t.Errorf("%q is not once in %s", want, got.stderr)
			}
		}
		if text := readFile(t, summary); !strings.Contains(text, c.reproducible) {
			t.Errorf("want %s: %s", c.reproducible, text)
		}
		if text := readFile(t, rejects); strings.Contains(text, `"reason":"no_schema","topic":"t","partition":0,"offset":1`) != (c.code == http.StatusForbidden) {
			t.Errorf("rejects: %s", text)
		}
	}
}

// TestRunEndsWhileTheRegistryIsAway: what ends a run, the time or enough lines,
// does not wait for a registry, which is asked for 30 s, or for an answer of 10 s.
func TestRunEndsWhileTheRegistryIsAway(t *testing.T) {
	t.Parallel()
	registry := newRegistry(t)
	over := make(chan struct{})
	registry.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/8") {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		if strings.HasSuffix(r.URL.Path, "/9") {
			<-over
		}
		return false
	})
	t.Cleanup(func() { close(over) })
	for _, id := range []byte{8, 9} {
		later := []byte(avroReading(t, epoch, "a", 2))
		later[4] = id
		var messages []message
		for i := range int64(sampleSize) {
			messages = append(messages, number(epoch+1000*i, "k", avroReading(t, epoch, "a", 1.5)))
		}
		addr := brokerWith(t, 1, append(messages, number(epoch+100_000, "k", string(later)))...)
		for args, code := range map[string]int{
			"replay t -w 10s -m none --timeout 500ms":      exitIncomplete,
			"advise t --timeout 500ms":                     exitIncomplete,
			"peek t --all --value temp --timeout 500ms":    exitIncomplete,
			"replay t -w 10s -m none --limit 5":            exitDone,
			"tail t -w 10s -m none --limit 5 --from start": exitDone,
		} {
			begun := time.Now()
			got := oriel(t, append(strings.Fields(args), "-b", addr, "--schema-registry", registry.URL())...)
			if took := time.Since(begun); got.code != code || took > 8*time.Second {
				t.Errorf("%s, schema %d: after %v %+v", args, id, took, got)
			}
		}
	}
}

// TestRegistryByTLS: the certificate authority of a file is trusted, and no other.
func TestRegistryByTLS(t *testing.T) {
	t.Parallel()
	fake := srfake.NewRegistry(srfake.WithAuth("Bearer let-me-in"))
	fake.SeedSchema("readings-value", 1, 7, sr.Schema{Schema: readingSchema})
	server := httptest.NewTLSServer(fake.Handler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a handshake is to fail
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	addr := brokerWith(t, 1, number(epoch, "k", avroReading(t, epoch, "a", 1.5)))
	args := []string{"replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--format", "avro", "--schema-registry", server.URL, "-X", "bearer.auth.token=let-me-in"}
	got := oriel(t, append(args, "-X", "schema.registry.ssl.ca.location="+ca)...)
	if lines := parse(t, got.lines()...); got.code != exitDone || len(lines) != 1 || lines[0].Sum != 1.5 {
		t.Errorf("%+v", got)
	}
	if got := oriel(t, args...); got.code != exitConnection || !strings.Contains(got.stderr, "certificate") {
		t.Errorf("%+v", got)
	}
}

// TestAdviseLeavesOutTheHeader: a header has no time, and is no reject for it.
func TestAdviseLeavesOutTheHeader(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "at,temp"), number(epoch, "k", "1795327200,1"))
	got := oriel(t, "advise", "t", "-b", addr, "-w", "10s", "--format", "csv", "--time", "at", "-o", "json")
	if got.code != exitDone || strings.Contains(got.stdout, "bad_time\":1") {
		t.Errorf("%+v", got)
	}
}

// TestReplayProto: bare Protobuf by a .proto file.
func TestReplayProto(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "reading.proto")
	if err := os.WriteFile(file, []byte(`syntax = "proto3"; message R { string host = 1; int64 n = 2; } message S { R r = 1; }`), 0o600); err != nil {
		t.Fatal(err)
	}
	addr := brokerWith(t, 1, number(epoch, "k", "\x0a\x01a\x10\x05"), number(epoch, "k", "\x0a\x01a"))
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--key", "host", "--proto", file, "--proto-message", "R")
	if lines := parse(t, got.lines()...); got.code != exitDone || len(lines) != 1 || lines[0].Sum != 5 || lines[0].Count != 2 {
		t.Fatalf("%+v", got)
	}
	got = oriel(t, "peek", "t", "-b", addr, "--proto", file, "--proto-message", "R", "--value", "n")
	if !strings.Contains(got.stdout, `{"host":"a","n":"5"}`) || got.code != exitDone {
		t.Errorf("%+v", got)
	}
}

// TestReplayCSVAndMsgpack: the header is no record, and MessagePack is seen.
func TestReplayCSVAndMsgpack(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "host,temp"), number(epoch, "k", "a,1"), number(epoch, "k", "b,2"), number(epoch, "k", "host,temp"))
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--format", "csv", "--key", "host")
	if lines := parse(t, got.lines()...); got.code != exitDone || len(lines) != 2 || lines[0].Sum != 1 || !strings.Contains(got.stderr, "2 filtered") {
		t.Fatalf("%+v", got)
	}
	packed, err := msgpack.Marshal(map[string]any{"temp": 4})
	if err != nil {
		t.Fatal(err)
	}
	addr = brokerWith(t, 1, number(epoch, "k", string(packed)))
	got = oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none")
	if lines := parse(t, got.lines()...); got.code != exitDone || len(lines) != 1 || lines[0].Sum != 4 || !strings.Contains(got.stderr, "format: msgpack (t/0 offset 0 is a map of it)") {
		t.Fatalf("%+v", got)
	}
}

// TestMetadataKeys: windows by partition.
func TestMetadataKeys(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 2, message{0, epoch, []byte("x"), []byte("1")}, message{1, epoch, []byte("y"), []byte("2")}, message{1, epoch, []byte("z"), []byte("3")})
	got := oriel(t, "replay", "t", "-b", addr, "-w", "10s", "-m", "none", "--key", "@partition", "--agg", "distinct:@key")
	if lines := parse(t, got.lines()...); got.code != exitDone || len(lines) != 2 || lines[0].Sum != 1 || lines[1].Sum != 5 || !strings.Contains(got.stdout, `"distinct":{"@key":2}`) {
		t.Fatalf("%+v", got)
	}
}

// TestSchemaUsage: what is wrong with the schema is told before anything is
// opened, and no password with it.
func TestSchemaUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []complaint{
		{"replay t -b 127.0.0.1:1 --format avro", exitUsage, []string{`--format "avro"`, "none is named", "--schema-registry http"}},
		{"replay t -b 127.0.0.1:1 --format protobuf", exitUsage, []string{"no schema to read it by", "--proto"}},
		{"peek t -b 127.0.0.1:1 --schema-registry u:secret@host", exitUsage, []string{"--schema-registry", "no URL such as http://localhost:8081"}},
		{"peek t -b 127.0.0.1:1 -X schema.registry.url=ftp://u:secret@host", exitUsage, []string{"-X schema.registry.url=ftp://host:", "no URL"}},
		{"tail t -b 127.0.0.1:1 -X basic.auth.user.info=secret", exitUsage, []string{"USER:PASSWORD"}},
		{"advise t -b 127.0.0.1:1 --proto /nowhere.proto", exitUsage, []string{"--proto /nowhere.proto: "}},
		{"peek t -b 127.0.0.1:1 --proto-message X", exitUsage, []string{"add --proto FILE"}},
		{"peek t -b 127.0.0.1:1 -X schema.registry.ssl.ca.location=/nowhere", exitUsage, []string{"/nowhere"}},
	} {
		c.check(t)
		if got := oriel(t, strings.Fields(c.args)...); strings.Contains(got.stderr, "secret") {
			t.Errorf("%s tells a secret: %s", c.args, got.stderr)
		}
	}
}
