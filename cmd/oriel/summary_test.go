package main

import (
	"encoding/json"
	"os"
	"testing"
)

// totals is what tests read of a summary.
type totals struct {
	Records       int64          `json:"records"`
	InTime        int64          `json:"in_time"`
	Late          int            `json:"late"`
	LateAfterIdle int            `json:"late_after_idle"`
	PartlyLate    int            `json:"partly_late"`
	AllowedLate   int            `json:"allowed_late"`
	PartlyUsable  int            `json:"partly_usable"`
	Filtered      int            `json:"filtered"`
	Rejects       map[string]int `json:"rejects"`
	Windows       int            `json:"windows"`
	Lines         int            `json:"lines"`
}

func readSummary(t testing.TB, path string) totals {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s totals
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}
