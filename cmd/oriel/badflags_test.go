package main

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// complaint is a command line that must not work: its exit code, and what its
// message must say: the value, the rule, an example or the flag to change.
type complaint struct {
	args string // split at spaces
	code int
	says []string
}

func (c complaint) check(t *testing.T, more ...string) {
	t.Helper()
	got := oriel(t, append(strings.Fields(c.args), more...)...)
	if got.code != c.code {
		t.Errorf("%s: exit code %d, want %d: %s", c.args, got.code, c.code, got.stderr)
	}
	if got.stdout != "" || !strings.HasPrefix(got.stderr, "oriel: ") || strings.Contains(got.stderr, "strconv") {
		t.Errorf("%s: stdout %q, stderr %q", c.args, got.stdout, got.stderr)
	}
	for _, want := range c.says {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%s: %q is not in: %s", c.args, want, got.stderr)
		}
	}
}

// TestUsageErrors are found before anything is opened: nothing listens on the
// broker's address.
func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []complaint{
		{"replay t -w 10s/0s", exitUsage, []string{`--window "10s/0s"`, "the hop 0s is not positive", "for example 10s or 10s/1s"}},
		{"replay t -w 0s", exitUsage, []string{`"0s"`, "the size 0s is not positive", "for example 10s"}},
		{"replay t -w 10s/20s", exitUsage, []string{`"10s/20s"`, "the hop 20s is longer than the size 10s", "use a hop of at most 10s", "10s alone"}},
		{"replay t -w -5s", exitUsage, []string{`"-5s"`, "not positive", "for example 10s"}},
		{"replay t -w 10s/3s/1s", exitUsage, []string{`"10s/3s/1s" has 3 parts`, "SIZE/HOP", "for example 10s or 10s/1s"}},
		{"replay t -w banana", exitUsage, []string{`--window "banana"`, "not a duration", "for example 10s"}},
		{"replay t -w 10", exitUsage, []string{`--window "10"`, "not a duration", "for example 10s"}},
		{"replay t -w 10s/1us", exitUsage, []string{`"10s/1us"`, "finer than 1ms"}},
		{"replay t -w 10s -w 10s", exitUsage, []string{"--window 10s and --window 10s are the same", "once"}},
		{"replay t -w 10s -w 10s/10s", exitUsage, []string{"--window 10s and --window 10s/10s are the same"}},
		{"replay t -w 1m/1s -w 60s/1000ms", exitUsage, []string{"--window 1m/1s and --window 60s/1000ms are the same"}},
		{"replay t -w 10s --step 3s", exitUsage, []string{"--window 10s", "the step 3s does not divide the size 10s", "for example a step of 1s"}},
		{"replay t --step -1s", exitUsage, []string{`--step: "-1s" is not positive`, "leave it out for the default"}},
		{"tail t --step 0s", exitUsage, []string{`--step: "0s" is not positive`, "leave it out for the default"}},
		{"backtest t --step 0", exitUsage, []string{`--step: "0" is not positive`}},
		{"replay t --max-drift 0s", exitUsage, []string{`--max-drift: "0s" is not positive`, "leave it out for the default"}},
		{"watch t --max-drift -1m", exitUsage, []string{`--max-drift: "-1m" is not positive`}},
		{"replay t --out-of-orderness -1s", exitUsage, []string{"--out-of-orderness -1s is negative", "0s or more"}},
		{"replay t --max-future -1s", exitUsage, []string{"--max-future -1s is negative"}},
		{"tail t --idle-timeout -1s", exitUsage, []string{"--idle-timeout -1s is negative"}},
		{"replay t --idle-timeout 1s", exitUsage, []string{"unknown flag: --idle-timeout", "oriel replay --help"}},
		{"replay t --agg p101", exitUsage, []string{`--agg "p101"`, "p0 to p100, distinct:PATH or rate", "--agg p50,p99.9"}},
		{"replay t --agg p50,p-1", exitUsage, []string{`--agg "p-1"`, "p0 to p100"}},
		{"replay t --agg p", exitUsage, []string{`--agg "p"`, "p0 to p100"}},
		{"replay t --agg p99.", exitUsage, []string{`--agg "p99."`, "p0 to p100"}},
		{"replay t --agg p1e1", exitUsage, []string{`--agg "p1e1"`, "p0 to p100"}},
		{"replay t --agg p50,", exitUsage, []string{`--agg ""`, "p0 to p100"}},
		{"replay t --agg median", exitUsage, []string{`--agg "median"`, "as in --agg p50"}},
		{"replay t --agg max", exitUsage, []string{`--agg "max"`, "in every line: leave it out"}},
		{"replay t --agg p50 --agg p50", exitUsage, []string{`--agg "p50"`, "the same as p50: give it once"}},
		{"tail t --agg p50,p050.0", exitUsage, []string{`--agg "p050.0"`, "the same as p50: give it once"}},
		{"watch t --agg rate,rate", exitUsage, []string{`--agg "rate"`, "given twice"}},
		{"replay t --agg distinct:a,distinct:a", exitUsage, []string{`--agg "distinct:a"`, "the field is given twice"}},
		{"replay t --agg distinct:", exitUsage, []string{`--agg "distinct:"`, "the path is empty", "--agg distinct:temp"}},
		{"replay t --agg distinct:a..b", exitUsage, []string{`--agg "distinct:a..b"`, "a field name is empty"}},
		{"replay t --agg distinct:@kee", exitUsage, []string{`--agg "distinct:@kee"`, `write \@kee`}},
		{"replay t --format text --agg distinct:a", exitUsage, []string{`--agg "distinct:a"`, "--format text have no fields"}},
		{"replay t --workers 0", exitUsage, []string{"--workers 0", "1 to 1024"}},
		{"replay t --workers 1025", exitUsage, []string{"--workers 1025", "1 to 1024"}},
		{"replay t --workers many", exitUsage, []string{`--workers: "many" is not a whole number`, "oriel replay --help"}},
		{"replay t --workers 99999999999999999999", exitUsage, []string{"--workers", "out of range"}},
		{"replay t --horizon 0", exitUsage, []string{"--horizon 0", "1 to 1000"}},
		{"replay t --horizon 1001", exitUsage, []string{"--horizon 1001", "1 to 1000"}},
		{"replay t --level 101", exitUsage, []string{`--level "101"`, "between 0 and 100", "for example 95 or 80,95"}},
		{"replay t --level 100", exitUsage, []string{`--level "100"`, "between 0 and 100"}},
		{"replay t --level 80,", exitUsage, []string{`--level "80,"`, "for example"}},
		{"replay t --level NaN", exitUsage, []string{`--level "NaN"`, "no percentage"}},
		{"replay t --limit -1", exitUsage, []string{"--limit -1 is negative", "1 or more"}},
		{"replay t --limit 1.5", exitUsage, []string{`--limit: "1.5" is not a whole number`}},
		{"replay --input x --timeout -1s", exitUsage, []string{"--timeout -1s is negative"}},
		{"tail t --group g --key site", exitUsage, []string{"--key site does not go with --group g", "the Kafka keys"}},
		{"watch t --group g --key none", exitUsage, []string{"--key none does not go with --group g"}},
		{"tail t --group g --time-domain processing", exitUsage, []string{"--time-domain processing does not go with --group g", "event time"}},
		{"tail --input - --group g", exitUsage, []string{"--input - does not go with --group g"}},
		{"watch t --group g --warmup 1m", exitUsage, []string{"--warmup 1m0s does not go with --group g", "reads again what its windows need"}},
		{"tail t --group g --partitions 0", exitUsage, []string{"--partitions 0 does not go with --group g", "share all partitions"}},
		{"tail t --group g --to end", exitUsage, []string{"--to end does not go with --group g"}},
		{"tail t --group=", exitUsage, []string{`--group "" is no name`, "--group alerts"}},
		{"tail t --warmup -1s", exitUsage, []string{"--warmup -1s is negative"}},
		{"replay --input x --warmup 1s", exitUsage, []string{"--warmup does not go with --input x"}},
		{"replay t --between 2026-11-22T06:00:00Z,2026-11-22T07:00:00Z --warmup 1s", exitUsage, []string{"--warmup does not go with --between"}},
		{"tail --input x --limit -1", exitUsage, []string{"--limit -1 is negative"}},
		{"replay t --timeout -1s", exitUsage, []string{"--timeout -1s is negative", "for example 30s"}},
		{"replay t --timeout 30", exitUsage, []string{`--timeout: "30" is not a duration`, "10s"}},
		{"replay t --quiet=maybe", exitUsage, []string{`--quiet: "maybe" is not true or false`}},
		{"replay t --from banana", exitUsage, []string{`--from offset "banana"`, "start, end, N", "@-15m"}},
		{"replay t --from 1,2", exitUsage, []string{`--from`, `"1" and "2"`}},
		{"replay t --to @nonsense", exitUsage, []string{"--to", "@nonsense", "RFC 3339 (2026-11-22T06:00:00Z)"}},
		{"replay t --to @1969-12-31T23:59:59Z", exitUsage, []string{"--to", "1970 or later"}},
		{"replay t --partitions x", exitUsage, []string{`--partitions "x"`, "such as 0,2-5"}},
		{"replay t --partitions 5-2", exitUsage, []string{`--partitions`, `"5-2"`, "5 is above 2"}},
		{"backtest t -m exec:true --forecast-input raw", exitUsage, []string{"--forecast-input raw", "use steps or aggregates"}},
		{"replay t -m holt --forecast-input raw", exitUsage, []string{"--forecast-input raw needs an external model", "exec:'python3 model.py'"}},
		{"replay t -m exec:", exitUsage, []string{`--model "exec:" names no program`, "exec:'python3 model.py'"}},
		{"replay t -m exec:'a", exitUsage, []string{`"exec:'a"`, "unterminated single-quoted string"}},
		{"replay t -m exec:no-such-program", exitUsage, []string{`"no-such-program"`, "not found"}},
		{"replay t -m http://u:secret@host", exitUsage, []string{`--model "http://host"`, "names no model", "http://HOST/v2/models/NAME"}},
		{"replay t -m http://host/v2/models/", exitUsage, []string{`--model "http://host/v2/models/"`, "names no model"}},
		{"tail t --model-timeout 0s", exitUsage, []string{"--model-timeout 0s is not positive", "for example 1s"}},
		{"tail t --model-batch 0", exitUsage, []string{"--model-batch 0 is out of range", "1 to 64"}},
		{"tail t --model-batch 65", exitUsage, []string{"--model-batch 65 is out of range", "1 to 64"}},
		{"tail t --model-outstanding 0", exitUsage, []string{"--model-outstanding 0 is out of range", "1 to 256"}},
		{"replay t -m holt --model-outstanding 257", exitUsage, []string{"--model-outstanding 257 is out of range", "1 to 256"}},
		{"backtest t -m exec:true --model-outstanding -1", exitUsage, []string{"--model-outstanding -1 is out of range", "1 to 256"}},
		{"replay t -m http://host/v2/models/m --workers 1024 --model-outstanding 17", exitUsage, []string{"--workers 1024 with --model-outstanding 17 are 17408 calls", "at most 16384"}},
		{"backtest t -m exec:true --workers -1", exitUsage, []string{"--workers -1 is out of range", "1 to 1024"}},
		{"tail t --model-env 1A=x", exitUsage, []string{`--model-env "1A=x" names no variable`, "NAME=VALUE"}},
		{"replay t -o xml", exitUsage, []string{`--output "xml"`, "json, csv, table or none"}},
		{"replay t --format xml", exitUsage, []string{`--format "xml"`, "json, number, text, csv", "--format json"}},
		{"replay t --time-unit ms", exitUsage, []string{"--time-unit", "--time ts --time-unit ms"}},
		{"replay t --time ts --time-unit fortnights", exitUsage, []string{`--time-unit "fortnights"`}},
		{"replay t --value a..b", exitUsage, []string{`--value "a..b"`, "--value data.temp"}},
		{"replay t --value temp --value none", exitUsage, []string{`--value "none"`, "stands alone"}},
		{"replay t -m nosuch", exitUsage, []string{`unknown model "nosuch"; known: auto, naive,`, "holt", "--model"}},
		{"replay t -m hold", exitUsage, []string{`"hold"`, "did you mean holt?"}},
		{"replay t -m holt:beta=2", exitUsage, []string{"beta=2 is out of range", "0.0001 to 0.9999", "--model"}},
		{"replay t -m holt:gamma=0.5", exitUsage, []string{`unknown parameter "gamma"`, "known: alpha, beta"}},
		{"replay t --bogus", exitUsage, []string{"unknown flag: --bogus", "oriel replay --help"}},
		{"replay t --window", exitUsage, []string{"flag needs an argument: --window"}},
		{"replay t -X bad", exitUsage, []string{"-X bad: want key=value"}},
		{"replay t -X fetch.max.bytes=lots", exitUsage, []string{"-X fetch.max.bytes=lots", "whole number from 1"}},
		{"replay t -X sasl.mechanism=KERBEROS", exitUsage, []string{"-X sasl.mechanism=KERBEROS", "want one of"}},
		{"replay t --brokers=", exitUsage, []string{`-b : "" names no broker`, "want host:port"}},
		{"replay t -b a:b:c", exitUsage, []string{`-b a:b:c`, "not host:port"}},
		{"replay t -b 127.0.0.1:99999", exitUsage, []string{`port "99999"`, "1 to 65535"}},
		{"replay --input x -b 127.0.0.1:1", exitUsage, []string{"--brokers does not go with --input x", "leave one out"}},
		{"tail --input x --from start", exitUsage, []string{"--from does not go with --input x"}},
		{"replay --input x -X client.id=a", exitUsage, []string{"--property does not go with --input x"}},
		{"replay --input badflags_test.go [", exitUsage, []string{`topic "["`, "syntax error in pattern"}},
		{"replay --input /", exitUsage, []string{"--input: open /: is a directory"}},
		{"replay --input /nowhere/at/all", exitUsage, []string{"--input", "/nowhere/at/all", "no such file"}},
		{"replay", exitUsage, []string{"name a topic", "oriel replay TOPIC", "--input FILE"}},
		{"tail", exitUsage, []string{"name a topic", "oriel tail TOPIC"}},
		{"tial t", exitUsage, []string{`unknown command "tial"`, "did you mean tail?", "oriel --help"}},
		{"demo extra", exitUsage, []string{`use oriel demo, not "extra"`, "oriel demo --help"}},
		{"diff a b c", exitUsage, []string{`use oriel diff FILE FILE, not "a" "b" "c"`}},
		{"config show prod", exitUsage, []string{`use oriel config show, not "prod"`, "oriel config show --help"}},
		{"demo --rate 0", exitUsage, []string{"rate 0", "--rate"}},
		{"demo --port 70000", exitUsage, []string{"port 70000", "65535", "--port"}},
		{"demo --sensors 2 --partitions 4", exitUsage, []string{"2 sensors", "4 partitions", "--sensors"}},
		{"demo --seed -1", exitUsage, []string{`--seed: "-1" is not a whole number from 0 on`}},
	} {
		c.check(t)
	}
}

// TestUsageErrorsOfACluster need a broker to be seen.
func TestUsageErrorsOfACluster(t *testing.T) {
	t.Parallel()
	addr := newBrokerWithTopics(t, "sensors", "sensors-raw", "orders")
	for _, c := range []complaint{
		{"replay sensor", exitUsage, []string{`unknown topic "sensor"`, "did you mean sensors, sensors-raw?"}},
		{"tail Orders", exitUsage, []string{`unknown topic "Orders"`, "did you mean orders?"}},
		{"replay nothing-like-it", exitUsage, []string{`unknown topic "nothing-like-it"; there are orders, sensors, sensors-raw`}},
		{"replay [", exitUsage, []string{`topic "[" is not a valid glob`}},
		{"replay zensor*", exitUsage, []string{`no topic matches "zensor*"`, "did you mean sensors"}},
		{"replay sensors --partitions 99", exitUsage, []string{"partition 99 does not exist: the topics have partitions 0 to 1 (--partitions)"}},
		{"tail sensors --partitions 0-2", exitUsage, []string{"partition 2 does not exist", "--partitions"}},
		{"replay sensors --from 7=start", exitUsage, []string{"partition 7 does not exist", "--from"}},
		{"replay sensors --to 0=1,7=3", exitUsage, []string{"partition 7 does not exist", "--to"}},
	} {
		c.check(t, "-b", addr)
	}
}

func TestUnknownPropertyWarns(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "1"))
	got := oriel(t, "replay", "t", "-b", addr, "-X", "nothing.known=5", "-m", "none")
	if got.code != exitDone || len(got.lines()) == 0 || !strings.Contains(got.stderr, "oriel: -X nothing.known: unknown property, ignored\n") {
		t.Errorf("%+v", got)
	}
}

// TestMisspeltPropertyIsWhatIsMissing: the warning stands before the error that
// it explains.
func TestMisspeltPropertyIsWhatIsMissing(t *testing.T) {
	t.Parallel()
	got := oriel(t, "replay", "t", "-b", "127.0.0.1:1", "-X", "security.protocol=sasl_plaintext", "-X", "sasl.mechanism=PLAIN",
		"-X", "sasl.username=me", "-X", "sasl.pasword=hunter2")
	if got.code != exitUsage || !strings.HasPrefix(got.stderr, "oriel: -X sasl.pasword: unknown property, ignored; did you mean sasl.password?\n") ||
		!strings.Contains(got.stderr, "want sasl.username and sasl.password") || strings.Contains(got.stderr, "hunter2") {
		t.Errorf("%+v", got)
	}
	got = oriel(t, "replay", "t", "-b", "127.0.0.1:1", "-X", "sasl.username=me", "-X", "sasl.password=x")
	if got.code != exitUsage || !strings.Contains(got.stderr, `security.protocol is "plaintext"`) {
		t.Errorf("%+v", got)
	}
}

// TestBootstrapServersProperty: the default of --brokers does not override a
// property.
func TestBootstrapServersProperty(t *testing.T) {
	t.Parallel()
	addr := brokerWith(t, 1, number(epoch, "k", "1"))
	if got := oriel(t, "replay", "t", "-X", "bootstrap.servers="+addr, "-m", "none"); got.code != exitDone || len(got.lines()) == 0 {
		t.Errorf("%+v", got)
	}
}

// TestNoBroker: within five seconds of an idle machine, which address, what was tried, which flag.
func TestNoBroker(t *testing.T) {
	t.Parallel()
	const refusing = "127.0.0.1:1"
	mute := muteListener(t)
	for _, command := range []string{"replay", "tail"} {
		for _, c := range []struct {
			name, brokers string
			says          []string
		}{
			{"refused", refusing, []string{refusing, "connection refused"}},
			{"mute", mute, []string{mute, "no answer in time"}},
			{"both", refusing + "," + mute, []string{refusing}},
		} {
			t.Run(command+" "+c.name, func(t *testing.T) {
				t.Parallel()
				begun := time.Now()
				says := slices.Concat(c.says, []string{"cannot reach a broker at", "plaintext", "-b"})
				complaint{command + " t -b " + c.brokers, exitConnection, says}.check(t)
				// Clients that try for ever, or for the half minute they do
				// later, take longer on any machine.
				if took := time.Since(begun); took > 25*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		}
	}
}

// muteListener is the address of a listener that takes connections and never
// answers.
func muteListener(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String() // its backlog takes them
}
