package kafka

import "testing"

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
