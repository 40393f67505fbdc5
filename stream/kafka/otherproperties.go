package kafka

import (
	"slices"
	"strings"

	"github.com/oriel-stream/oriel/stream"
)

// foreign are the keys, or beginnings of keys that end in a dot, of what oriel
// does not do: producing, admin, serialisers, tuning of sockets and of other
// consumers. They stand in files that people share between programs, and nobody
// wants to be told.
var foreign = strings.Fields(`
	group.id group.protocol group.protocol.type group.remote.assignor
	auto.offset.reset auto.commit.enable enable.auto.offset.store
	offset.store. allow.auto.create.topics max.poll.records coordinator.query.interval.ms exclude.internal.topics
	default.api.timeout.ms request.timeout.ms check.crcs consume.callback.max.messages client.rack client.dns.lookup
	enable.partition.eof queued.min.messages queued.max.messages.kbytes fetch.error.backoff.ms fetch.queue.backoff.ms
	key.deserializer value.deserializer key.serializer value.serializer key.deserializer. value.deserializer.
	interceptor.classes metric.reporters metrics. auto.include.jmx.reporter enable.metrics.push
	confluent. schema.registry. basic.auth. bearer.auth. use.latest.version auto.register.schemas specific.avro.reader
	acks request.required.acks retries message.send.max.retries linger.ms queue.buffering. batch.size
	batch.num.messages compression.level compression. buffer.memory max.block.ms
	max.request.size max.in.flight max.in.flight.requests.per.connection
	enable.idempotence enable.gapless.guarantee transactional.id transaction.timeout.ms partitioner partitioner.
	sticky.partitioning.linger.ms delivery.report.only.error dr_cb dr_msg_cb msg_order_cmp produce. message.copy.max.bytes
	message.max.bytes receive.message.max.bytes send.buffer.bytes receive.buffer.bytes socket. broker.address. broker.version.fallback
	connections.max.idle.ms reconnect.backoff.ms reconnect.backoff.max.ms reconnect.backoff.jitter.ms retry.backoff.ms
	retry.backoff.max.ms retries.max topic.metadata. metadata.max.idle.ms metadata.recovery. metadata.request.timeout.ms
	api.version. log_level log.queue log.thread.name log.connection.close debug statistics.interval.ms
	error_cb log_cb stats_cb throttle_cb rebalance_cb offset_commit_cb background_event_cb event_cb socket_cb connect_cb
	opaque enabled_events enable.random.seed internal.termination.signal builtin.features plugin.
	topic.blacklist test. security.providers bootstrap.controllers
	ssl.protocol ssl.enabled.protocols ssl.cipher.suites ssl.provider ssl.secure.random.implementation
	ssl.keymanager.algorithm ssl.trustmanager.algorithm
	sasl.kerberos. sasl.login. sasl.client.callback.handler.class sasl.oauthbearer.jwks. sasl.oauthbearer.expected.
	sasl.oauthbearer.clock.skew.seconds sasl.oauthbearer.jwt. sasl.oauthbearer.sub.claim.name sasl.oauthbearer.scope.claim.name
`)

// unsupported are keys that would make a connection safer or another
// one, and that do not do so here.
var unsupported = strings.Fields(`
	ssl.crl.location ssl.engine. ssl.curves.list ssl.sigalgs.list ssl.providers ssl.ca.certificate.stores
	ssl_engine_callback_data sasl.oauthbearer.assertion. sasl.oauthbearer.grant.type sasl.oauthbearer.metadata.
`)

// isOneOf looks key up in a list of keys and beginnings of keys.
func isOneOf(list []string, key string) bool {
	return slices.ContainsFunc(list, func(k string) bool {
		return k == key || strings.HasSuffix(k, ".") && strings.HasPrefix(key, k)
	})
}

// IsForeign says that the key is one of other clients, and means nothing here.
func (p Property) IsForeign() bool { return findProperty(p.Key) == nil && isOneOf(foreign, p.Key) }

// warning is what to tell of a key that is not understood; it may be nothing.
func (p Property) warning() string {
	switch {
	case p.IsForeign():
		return ""
	case isOneOf(unsupported, p.Key):
		return p.From + " " + p.Key + ": not supported, ignored"
	}
	text := p.From + " " + p.Key + ": unknown property, ignored"
	if near := nearestProperty(p.Key); near != "" {
		text += "; did you mean " + near + "?"
	}
	return text
}

// misspelt are the warnings of keys that are nearly known. Others are not to be
// told beside an error: in a file that is none of properties a secret may stand
// where they would.
func misspelt(props []Property) []string {
	var warnings []string
	for _, p := range Effective(props) {
		if !p.IsUsed() && nearestProperty(p.Key) != "" {
			if w := p.warning(); w != "" {
				warnings = append(warnings, w)
			}
		}
	}
	return warnings
}

// nearestProperty is the known key that differs from key by the fewest slips of
// the finger, empty if that is too many.
func nearestProperty(key string) string {
	limit := 2 + len(key)/6
	nearest, fewest := "", limit
	for _, p := range properties {
		for _, name := range p.names {
			if n := stream.Slips(key, name, limit); n < fewest {
				nearest, fewest = name, n
			}
		}
	}
	return nearest
}
