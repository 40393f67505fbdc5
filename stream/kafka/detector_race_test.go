//go:build race

package kafka

// raceDetector says whether tests run under it.
const raceDetector = true
