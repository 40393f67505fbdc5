package main

import (
	"encoding/json"
	"io"

	"github.com/oriel-stream/oriel/stream/kafka"
)

// groupLine is a group as JSON, as docs/groups.schema.json describes; null is
// what is not known or not there.
type groupLine struct {
	V            int             `json:"v"`
	Type         string          `json:"type"`
	Group        string          `json:"group"`
	State        *string         `json:"state"`
	GroupType    *string         `json:"group_type"`
	ProtocolType *string         `json:"protocol_type"`
	Protocol     *string         `json:"protocol"`
	Coordinator  int32           `json:"coordinator"`
	Members      []memberLine    `json:"members"` // null where they are not known
	Topics       *int64          `json:"topics"`
	Committed    *int64          `json:"committed"`
	Lag          *int64          `json:"lag"`
	Most         *mostLagLine    `json:"most"`
	Error        *string         `json:"error"`
	Partitions   []committedLine `json:"partitions"`
}

// memberLine is a member of a groupLine.
type memberLine struct {
	Member   string  `json:"member_id"`
	Instance *string `json:"instance_id"`
	Client   string  `json:"client_id"`
	Host     string  `json:"host"`
}

// mostLagLine is the partition of a groupLine that lags most.
type mostLagLine struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Lag       int64  `json:"lag"`
}

// committedLine is a partition of a groupLine.
type committedLine struct {
	Topic     string  `json:"topic"`
	Partition int32   `json:"partition"`
	Committed *int64  `json:"committed"`
	Start     *int64  `json:"start"`
	End       *int64  `json:"end"`
	Lag       *int64  `json:"lag"`
	Mark      *string `json:"mark"`
	Metadata  *string `json:"metadata"`
	Member    *string `json:"member_id"`
	Client    *string `json:"client_id"`
	Host      *string `json:"host"`
}

func writeGroupLines(w io.Writer, states []kafka.GroupState) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range states {
		if err := enc.Encode(lineOfGroup(&states[i])); err != nil {
			return err
		}
	}
	return nil
}

func lineOfGroup(s *kafka.GroupState) groupLine {
	t := totalOf(s)
	line := groupLine{
		V: 1, Type: "group", Group: s.Name, State: unlessEmpty(s.State), GroupType: unlessEmpty(s.Type),
		ProtocolType: unlessEmpty(s.ProtocolType), Protocol: unlessEmpty(s.Protocol), Coordinator: s.Coordinator,
		Topics: unlessNegative(int64(t.topics)), Committed: unlessNegative(int64(t.committed)),
		Lag: unlessNegative(t.lag), Partitions: []committedLine{},
	}
	if t.members >= 0 {
		line.Members = []memberLine{}
	}
	for _, m := range s.Members {
		line.Members = append(line.Members, memberLine{Member: m.ID, Instance: unlessEmpty(m.InstanceID), Client: m.ClientID, Host: m.Host})
	}
	if t.mostLag > 0 {
		line.Most = &mostLagLine{t.most.Topic, t.most.Partition, t.mostLag}
	}
	switch {
	case s.Err != nil:
		line.Error = new(s.Err.Error())
	case s.MembersError != nil:
		line.Error = new(s.MembersError.Error())
	}
	for i := range s.Partitions {
		line.Partitions = append(line.Partitions, lineOfCommitted(&s.Partitions[i]))
	}
	return line
}

func lineOfCommitted(p *kafka.GroupPartition) committedLine {
	line := committedLine{
		Topic: p.ID.Topic, Partition: p.ID.Partition, Committed: unlessNegative(p.Committed),
		Start: unlessNegative(p.Start), End: unlessNegative(p.End), Lag: unlessNegative(p.Lag()),
		Mark: unlessEmpty(string(p.Mark)),
	}
	if p.Committed >= 0 {
		line.Metadata = &p.Metadata
	}
	if m := p.Member; m != nil {
		line.Member, line.Client, line.Host = &m.ID, &m.ClientID, &m.Host
	}
	return line
}

// unlessEmpty is nil for what is not known or not there.
func unlessEmpty(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
