package stream

// Group makes a live run resume where a consumer group stands, and tell it how
// far it has come.
//
// Every partition then has a watermark of its own: its windows close by its
// records alone, so a member that takes it over needs to know nothing of the
// others. Processing time is the record's Kafka timestamp and lines do not tell
// when they were emitted, so that a line that is printed again is the same line.
type Group struct {
	// Commits takes what may be committed.
	Commits Commits
	// Spec is the fingerprint of the run's windows. What was committed under
	// another one is of other windows.
	Spec Spec
}
