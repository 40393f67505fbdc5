package kafka

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// TestUnknownTopic: what is offered is similar; else a few of the topics that
// there are.
func TestUnknownTopic(t *testing.T) {
	many := []Topic{{Name: "__consumer_offsets", Internal: true}, {Name: "__state"}}
	for _, name := range []string{"alpha", "beta", "delta", "epsilon", "gamma", "zeta", "theta"} {
		many = append(many, Topic{Name: name})
	}
	for _, c := range []struct {
		name   string
		topics []Topic
		want   string
	}{
		{"gama", many, `unknown topic "gama"; did you mean gamma?`},
		{"x", many, `unknown topic "x"; there are alpha, beta, delta, epsilon, gamma and 2 more`},
		{"x*", many[2:5], `no topic matches "x*"; there are alpha, beta, delta`},
		{"x", many[:3], `unknown topic "x"; there is only alpha`},
		{"x", many[:2], `unknown topic "x"; there is no topic that this user may see`},
	} {
		if got := unknownTopic(c.name, c.topics).Error(); got != c.want {
			t.Errorf("%s among %d topics:\n got %s\nwant %s", c.name, len(c.topics), got, c.want)
		}
	}
}

// TestResolveCreatesNoTopic: before version 4 of the request a broker that
// creates topics creates what it is asked for, so an old one is not asked. A
// newer one is, and told not to.
func TestResolveCreatesNoTopic(t *testing.T) {
	for _, c := range []struct {
		versions *kversion.Versions
		asked    bool
	}{{kversion.V0_10_1(), false}, {kversion.V4_0_0(), true}} {
		cluster, tc := startKfake(t, kfake.SeedTopics(1, "there"), kfake.MaxVersions(c.versions))
		var asked, creates atomic.Bool
		cluster.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
			cluster.KeepControl()
			m := req.(*kmsg.MetadataRequest)
			for _, topic := range m.Topics {
				if *topic.Topic == "nosuch" {
					asked.Store(true)
					creates.Store(m.Version < 4 || m.AllowAutoTopicCreation)
				}
			}
			return nil, nil, false
		})
		_, err := tc.open(t, tc.config()).Resolve(t.Context(), []string{"there", "nosuch"})
		if unknown, ok := errors.AsType[*UnknownTopicError](err); !ok || unknown.Topic != "nosuch" {
			t.Errorf("%v: %v", c.versions, err)
		}
		if asked.Load() != c.asked || creates.Load() {
			t.Errorf("%v: asked for the topic %v, want %v; in a way that creates it: %v", c.versions, asked.Load(), c.asked, creates.Load())
		}
	}
}
