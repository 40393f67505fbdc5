//go:build integration

package main

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// TestBytesOfARealKafka compares what replay prints from an Apache Kafka, whose
// address is in ORIEL_TEST_KAFKA, with what it prints from the embedded broker.
// Both have the same records under the same name.
func TestBytesOfARealKafka(t *testing.T) {
	addr := os.Getenv("ORIEL_TEST_KAFKA")
	if addr == "" {
		t.Fatal("ORIEL_TEST_KAFKA is not set to the address of a Kafka broker: run make kafka-test")
	}
	topic := fmt.Sprintf("oriel-bytes-%d", time.Now().UnixNano())
	got := bytesAt(t, addr, topic)
	want := bytesAt(t, newBroker(t).ListenAddrs()[0], topic)
	for name := range mixedCommands {
		same(t, name, got[name], want[name])
	}
}

func bytesAt(t *testing.T, addr, topic string) map[string]printed {
	produceMixed(t, addr, topic)
	c := newClient(t, addr)
	defer c.deleteTopic(topic)
	return checkBytes(t, addr, topic)
}

// TestNothingIsWrittenToARealKafka: no group, no topic and no record comes of
// reading.
func TestNothingIsWrittenToARealKafka(t *testing.T) {
	addr := os.Getenv("ORIEL_TEST_KAFKA")
	if addr == "" {
		t.Fatal("ORIEL_TEST_KAFKA is not set to the address of a Kafka broker: run make kafka-test")
	}
	checkReadOnly(t, addr, func(bool) {})
}
