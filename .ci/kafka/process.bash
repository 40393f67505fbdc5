# Sourced by kafka and mock: a process that outlives the script that started
# it, known by STATE/pid and by a word in its command line, because a number
# alone may by now be another process.

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# need COMMAND PACKAGE fails if the command is missing.
need() {
	command -v "$1" >/dev/null || die "$1 is missing (Debian package $2)"
}

# running STATE WORD says whether the process still runs.
running() {
	local pid command
	[ -s "$1/pid" ] || return 1
	pid=$(cat "$1/pid")
	if [ -d /proc/self ]; then
		command=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") || return 1
	else
		command=$(ps -ww -o command= -p "$pid") || return 1
	fi
	[[ $command == *"$2"* ]]
}

# end STATE WORD ends the process and returns when it is gone. What it holds is
# thrown away anyway, so it is not asked to close anything in order.
end() {
	if running "$1" "$2"; then
		kill -KILL "$(cat "$1/pid")" 2>/dev/null || true # it may end by itself meanwhile
		while running "$1" "$2"; do sleep 0.05; done
	fi
	rm -f "$1/pid"
}

# patience is how many seconds a broker may take to start. A JVM on a machine with
# other work may need a minute; one that fails ends, and is not waited for.
# shellcheck disable=SC2034 # for who sources this
patience=240

# await PID SECONDS CHECK... waits until CHECK succeeds. PID must be a child of
# this shell: its end ends the waiting.
await() {
	local pid=$1 seconds=$2 tenth
	shift 2
	for ((tenth = 0; tenth < seconds * 10; tenth++)); do
		if "$@"; then return; fi
		kill -0 "$pid" 2>/dev/null || die "the process ended while starting"
		sleep 0.1
	done
	die "not ready within $seconds s"
}
