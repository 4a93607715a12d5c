#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# bench_fsmtop.sh - what fsmtop costs with 1,000,000 live connections and 100,000 events/s
#
#	make bench_fsmtop [CONNS=1000000] [RATE=100000]
#
# fsmtop replays a synthetic recording as fast as it was, on a screen of 200x60 in tmux. The
# script measures processor time between two looks ten seconds apart, once the connections are
# there, and the most memory that fsmtop ever had. Then it measures how long each view takes to
# be drawn again at 300x100; by peer there are 65,536 groups.
#
# The limits are 25% of one core, 300 MB and 50 ms. The first drawing of a table is printed, but
# has no limit: it gets the memory, and looks at connections that are in no cache.
set -eu
cd "$(dirname "$0")"

conns=${CONNS:-1000000}
rate=${RATE:-100000}
seconds=18

DIR=$(mktemp -d "${TMPDIR:-/tmp}/bench_fsmtop.XXXXXX")
tmux="env -u TMUX LC_ALL=C.UTF-8 tmux -L bench-fsmtop-$$ -f /dev/null"
trap '$tmux kill-server 2>/dev/null || :; rm -rf "$DIR"' EXIT
failed=0

limit() { # WHAT VALUE LIMIT UNIT
	verdict=ok
	awk -v v="$2" -v l="$3" 'BEGIN { exit !(v <= l) }' || verdict="too much"
	[ "$verdict" = ok ] || failed=1
	printf '%-44s %8s %-4s at most %s: %s\n' "$1" "$2" "$4" "$3" "$verdict"
}

# Print the processor time of the process so far, in clock ticks.
ticks() {
	awk '{ print $14 + $15 }' "/proc/$pid/stat"
}

memory_mb() {
	awk '$1 == "VmHWM:" { printf "%d\n", $2 / 1000 }' "/proc/$pid/status"
}

# Return whether the screen shows that the first connections, and seconds, have been read.
is_under_way() {
	$tmux capture-pane -p -t top 2>/dev/null | grep -q "22:15:0[1-5]"
}

# Print the seconds of the clock on the screen, up to which events have been replayed.
replayed() {
	$tmux capture-pane -p -t top | sed -n '1s/.*22:15:0*\([0-9]*\) .*/\1/p'
}

build/plain/gen crowd "$conns" "$rate" "$seconds" >"$DIR/crowd"
echo "$conns connections, $rate events/s, $(nproc) CPUs: $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"

for screen in states connections; do
	$tmux new-session -d -s top -x 200 -y 60 \
		"env TZ=UTC ../../../tools/fsmtop -r '$DIR/crowd' -s $screen"
	until is_under_way; do
		sleep 0.1
	done
	pid=$(pgrep -P "$($tmux list-panes -t top -F '#{pane_pid}')" -x fsmtop ||
		$tmux list-panes -t top -F '#{pane_pid}')
	before=$(ticks)
	from=$(replayed)
	sleep 10
	used=$((($(ticks) - before) * 100 / $(getconf CLK_TCK) / 10))
	echo "$screen: $(($(replayed) - from)) s replayed in 10 s: $($tmux capture-pane -p -t top | head -n 1)"
	limit "$screen: processor" "$used" 25 %
	limit "$screen: memory" "$(memory_mb)" 300 MB
	$tmux kill-server
done

build/plain/redraw "$DIR/crowd" 10 >"$DIR/redraw"
while read -r screen first again; do
	[ "$screen" != "#" ] || continue
	limit "redraw: $screen (first $first)" "$again" 50 ms
done <"$DIR/redraw"
exit $failed
