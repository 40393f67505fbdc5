# Sourced by kafka and pair: what every Apache Kafka of the tests has in common.
# The jars are resolved by Maven once, into ${XDG_CACHE_HOME:-~/.cache}/oriel-kafka.

cluster_id=b3JpZWwtdGVzdC1rYWZrYQ # 16 bytes in base64; any will do

# jars prints the directory of the broker's jars. It is named after the pom, so
# another version never mixes with this one, and appears only when complete.
jars() (
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/oriel-kafka
	dir=$cache/$(cksum <"$here/pom.xml" | cut -d' ' -f1)
	if [ ! -d "$dir" ]; then
		need mvn maven
		mkdir -p "$cache"
		part=$(mktemp -d "$cache/part.XXXXXX")
		trap 'rm -rf "$part"' EXIT
		mvn --batch-mode --quiet --file "$here/pom.xml" dependency:copy-dependencies \
			-DincludeScope=runtime -DoutputDirectory="$part" >&2
		mv "$part" "$dir"
	fi
	echo "$dir"
)

listening() { (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_ports prints so many different ones, below those that systems hand out to
# clients.
free_ports() {
	local port found=
	for _ in {1..200}; do
		port=$((20000 + RANDOM % 12000))
		if [[ $found != *" $port"* ]] && ! listening "$port"; then
			found+=" $port"
			if [ "$(wc -w <<<"$found")" = "$1" ]; then
				echo "$found"
				return
			fi
		fi
	done
	die "no $1 free ports between 20000 and 31999"
}

# as_written prints settings by which a test sees what it wrote: no default
# partition count, timestamp bound or retention may come between.
as_written() {
	cat <<-END
		auto.create.topics.enable=false
		default.replication.factor=1
		min.insync.replicas=1
		offsets.topic.num.partitions=1
		offsets.topic.replication.factor=1
		transaction.state.log.num.partitions=1
		transaction.state.log.replication.factor=1
		transaction.state.log.min.isr=1
		share.coordinator.state.topic.num.partitions=1
		share.coordinator.state.topic.replication.factor=1
		share.coordinator.state.topic.min.isr=1

		# Groups form at once, and a dead member is noticed within a test.
		group.initial.rebalance.delay.ms=0
		group.min.session.timeout.ms=1000

		# Event times in tests lie anywhere between 1970 and 9999.
		log.message.timestamp.before.max.ms=9223372036854775807
		log.message.timestamp.after.max.ms=9223372036854775807

		# Nothing expires unless a topic asks for it; then it goes quickly.
		log.retention.ms=-1
		log.retention.check.interval.ms=200
		log.initial.task.delay.ms=100
		log.cleaner.backoff.ms=100
		log.cleaner.threads=1
		log.cleaner.dedupe.buffer.size=8388608

		controlled.shutdown.enable=false
	END
}

# java_kafka is a JVM with the broker's classes; its log goes to stderr. heap may
# be set before. The optimising compiler is off: a broker that lives for a minute
# starts sooner.
java_kafka=(
	java "-Xmx${heap:-512m}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1
	-Dorg.slf4j.simpleLogger.defaultLogLevel=info
)

# started says whether the broker has registered itself and serves clients.
started() { grep -qF 'Kafka Server started' "$1"; }

# storage DIRECTORY OPTION... prepares a broker's directory.
storage() {
	"${java_kafka[@]}" -cp "$(jars)/*" kafka.tools.StorageTool format "${@:2}" \
		--cluster-id "$cluster_id" --config "$1/server.properties" >>"$1/log" 2>&1
}

# launch STATE DIRECTORY starts the broker of a directory. It outlives this shell
# and the terminal's Ctrl-C.
launch() {
	local libs
	libs=$(jars)
	(
		trap '' HUP INT
		exec "${java_kafka[@]}" -cp "$libs/*" kafka.Kafka "$2/server.properties"
	) </dev/null >>"$2/log" 2>&1 &
	echo $! >"$1/pid"
}

# abandon cleans up after a start that failed, and shows why.
abandon() {
	local dir
	dir=$(cat "$1/dir")
	cat "$dir"{,/*}/log 2>/dev/null | grep -m 10 -E 'ERROR|Error|Exception' >&2 || true
	stop "$1"
}
