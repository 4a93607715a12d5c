#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# decode.sh - how fast recordings are printed, next to "perf script"
#
# usage: decode.sh [EVENTS [PERF_EVENTS]]
#
# fsmcat prints a recording of 10,000,000 events to /dev/null, on one CPU. perf prints
# 1,000,000 events of sock:inet_sock_set_state, recorded on this machine while connections
# were made, likewise; fewer, for it takes its time. What counts is the CPU time an event,
# so that what else runs on the machine does not matter much; the best of three runs.
#
# Exit status 1 if fsmcat is slower than it shall be. Without perf or the right to
# record, it alone is measured, and that is said.
set -euo pipefail
export LC_ALL=C
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
tree=$here/../..
events=${1:-10000000}
perf_events=${2:-1000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/tcpfsm-decode.XXXXXX")
trap 'rm -rf "$work"' EXIT
failed=0

# events per second of CPU time that are wanted
declare -A wanted=([text]=3000000 [JSON]=1500000)

say()
{
	printf 'decode.sh: %s\n' "$*" >&2
}

# cpu_seconds COMMAND... - user and system time of the best of three runs, on one CPU
cpu_seconds()
{
	local TIMEFORMAT='%U %S'
	for _ in 1 2 3; do
		{ time taskset -c 0 "$@" >/dev/null 2>"$work/err"; } 2>&1 ||
			{ cat "$work/err" >&2; return 1; }
	done | awk '{ s = $1 + $2; if (NR == 1 || s < best) best = s } END { print best }'
}

# row NAME EVENTS SECONDS [WANTED] - a line of the table
row()
{
	awk -v name="$1" -v n="$2" -v s="$3" -v wanted="${4:-0}" 'BEGIN {
		rate = n / (s > 0 ? s : 0.001)
		printf "%-24s %10d %8.2f %8.0f %12d", name, n, s, s / n * 1e9, rate
		if (wanted)
			printf " %12d%s", wanted, rate < wanted ? "  TOO SLOW" : ""
		print ""
		exit rate < wanted
	}' || failed=1
}

measure_fsmcat()
{
	local form
	local -A options=([text]='' [JSON]=--json [CSV]=--csv)
	make -s -C "$tree/tools" >&2
	make -s -C "$tree/selftests/host/cli" build/plain/gen >&2
	"$tree/selftests/host/cli/build/plain/gen" many "$events" >"$work/recording"
	for form in text JSON CSV; do
		# shellcheck disable=SC2086 # no option is no argument
		row "fsmcat -r, $form" "$events" "$(cpu_seconds \
			"$tree/tools/fsmcat" -r "$work/recording" ${options[$form]})" \
			"${wanted[$form]:-}"
	done
	rm "$work/recording"
}

# record_perf - in a name space of its own, should tracefs have to be mounted
record_perf()
{
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m bash -c '
		[[ -e /sys/kernel/tracing/events ]] || mount -t tracefs tracefs /sys/kernel/tracing
		exec perf record -q -a -m 4096 -e sock:inet_sock_set_state -o "$0" -- "$@"' \
		"$work/perf.data" "$work/connect" "$((perf_events / 6 + 1))" >"$work/perf.log" 2>&1
}

# Connections come from few ports and the machine has others: what was recorded is counted.
measure_perf()
{
	local recorded
	if ! command -v perf >/dev/null; then
		say "perf is not measured: not installed; in Debian: apt-get install linux-perf"
		return
	fi
	"${CC:-cc}" -O2 -Wall -o "$work/connect" "$here/connect.c"
	if ! record_perf; then
		say "perf is not measured: it cannot record here: $(tail -n 1 "$work/perf.log")"
		return
	fi
	recorded=$(perf script -i "$work/perf.data" 2>/dev/null | wc -l)
	row "perf script" "$recorded" "$(cpu_seconds perf script -i "$work/perf.data")"
}

printf '%-24s %10s %8s %8s %12s %12s\n' "to /dev/null, one CPU" events "CPU s" ns/event events/s wanted
measure_fsmcat
measure_perf
exit "$failed"
