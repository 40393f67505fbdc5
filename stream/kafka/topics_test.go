package kafka

import (
	"errors"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
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

// TestResolveCreatesNoTopic: a broker that creates what it is asked for, and
// that cannot be told not to because it is old, is not asked.
func TestResolveCreatesNoTopic(t *testing.T) {
	for _, versions := range []*kversion.Versions{kversion.V0_10_1(), kversion.V4_0_0()} {
		_, c := startKfake(t, kfake.AllowAutoTopicCreation(), kfake.SeedTopics(1, "there"), kfake.MaxVersions(versions))
		client := c.open(t, c.config())
		if _, err := client.Resolve(t.Context(), []string{"there"}); err != nil {
			t.Error(err)
		}
		_, err := client.Resolve(t.Context(), []string{"nosuch"})
		if unknown, ok := errors.AsType[*UnknownTopicError](err); !ok || unknown.Topic != "nosuch" {
			t.Errorf("%v: Resolve: %v", versions, err)
		}
		topics, err := client.Topics(t.Context())
		if err != nil || len(topics) != 1 || topics[0].Name != "there" {
			t.Errorf("%v: topics %v, %v", versions, topics, err)
		}
	}
}
