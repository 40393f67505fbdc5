package stream

import "github.com/oriel-stream/oriel/window"

// Notice is a sentence for a person who looks at a run: something has happened,
// or a trouble begins or is over.
type Notice struct {
	// Text is the sentence. It may be empty where a trouble is over and nobody
	// needs to hear of it.
	Text string
	// Trouble is what begins, or is Over; the zero Trouble where something has
	// merely happened. One that has begun may begin again, with other words.
	Trouble Trouble
	Over    bool
}

// Trouble names something that is wrong for as long as it lasts. Whoever says that
// it begins says when it is over, too.
type Trouble struct {
	Kind TroubleKind
	// Source tells troubles of a kind apart: an address, a topic, a partition.
	Source string
}

// TroubleKind says what is wrong. The most urgent come first: those by which
// nothing is read, then those by which records are lost, then the others.
type TroubleKind uint8

// The kinds.
const (
	// NoTrouble: nothing is wrong.
	NoTrouble TroubleKind = iota
	// NoAnswer: what is read from has not answered yet.
	NoAnswer
	// TopicLost: a topic was deleted.
	TopicLost
	// BrokerLost: the leader of partitions does not answer.
	BrokerLost
	// GroupLost: the coordinator of the group does not answer, or what it gave
	// cannot be begun.
	GroupLost
	// RegistryLost: the schema registry does not answer, or refuses.
	RegistryLost
	// OpenTransaction: a transaction holds records of a partition back.
	OpenTransaction
	// ModelLost: an external model fails, and is left alone for a while.
	ModelLost
	// NoRecord: there is no record yet that tells how to read them.
	NoRecord
)

const numTroubleKinds = int(NoRecord) + 1

// NoticeView is a notice on the screen: At is when it came, or the trouble began.
type NoticeView struct {
	Text string
	At   window.Time
}
