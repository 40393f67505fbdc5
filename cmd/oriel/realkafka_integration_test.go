//go:build integration

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestBytesOfARealKafka compares what replay prints from an Apache Kafka, whose
// address is in ORIEL_TEST_KAFKA, with what it prints from the embedded broker.
// Both have the same records under the same name.
func TestBytesOfARealKafka(t *testing.T) {
	addr := brokerVariable(t, "ORIEL_TEST_KAFKA")
	topic := fmt.Sprintf("oriel-bytes-%d", time.Now().UnixNano())
	got := bytesAt(t, addr, topic)
	want := bytesAt(t, newBroker(t).ListenAddrs()[0], topic)
	for name := range mixedCommands {
		same(t, name, got[name], want[name])
	}
}

// brokerVariable is what an environment variable says of a broker, which must be there.
func brokerVariable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: run make kafka-test", name)
	}
	return value
}

func bytesAt(t *testing.T, addr, topic string) map[string]printed {
	produceMixed(t, addr, topic)
	c := newClient(t, addr)
	defer c.deleteTopic(topic)
	return checkBytes(t, addr, topic)
}

// TestRefusedByARealKafka: what the embedded broker refuses, at the listener of
// a real one that wants a login.
func TestRefusedByARealKafka(t *testing.T) {
	_, addr, _ := strings.Cut(brokerVariable(t, "ORIEL_TEST_KAFKA_LISTENERS"), "LOGIN=")
	addr, _, _ = strings.Cut(addr, ",")
	checkRefused(t, addr)
}

// TestNothingIsWrittenToARealKafka: no group, no topic and no record comes of
// reading.
func TestNothingIsWrittenToARealKafka(t *testing.T) {
	checkReadOnly(t, brokerVariable(t, "ORIEL_TEST_KAFKA"), func(bool) {})
}

// TestSinksOfARealKafka: lines in its topics are those on stdout.
func TestSinksOfARealKafka(t *testing.T) {
	addr := brokerVariable(t, "ORIEL_TEST_KAFKA")
	topic := fmt.Sprintf("oriel-sink-%d", time.Now().UnixNano())
	checkSinks(t, addr, topic, topic+"-lines")
	c := newClient(t, addr)
	c.deleteTopic(topic)
	for i := range 3 {
		c.deleteTopic(fmt.Sprintf("%s-lines%d", topic, i))
	}
}

// TestGroupOfARealKafka: a static member is killed and started again, and what it
// prints is what it prints undisturbed.
func TestGroupOfARealKafka(t *testing.T) {
	addr := brokerVariable(t, "ORIEL_TEST_KAFKA")
	topic := fmt.Sprintf("oriel-group-%d", time.Now().UnixNano())
	c := newClient(t, addr)
	c.createTopic(topic, 3)
	defer c.deleteTopic(topic)
	f := feedTopic(t, addr, topic, 3, []string{"-X", "session.timeout.ms=10000", "-X", "auto.commit.interval.ms=50"})
	f.killAgainAndAgain(nil, []string{"-X", "group.instance.id=me"}, nothing)
}
