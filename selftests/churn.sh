#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# churn.sh - make a hundred thousand connections; no transition may be lost or invented
#
# Eight processes make connections end in every ordinary way, over loopback and between two
# namespaces, with packet steering, while two readers follow the stream. Then the namespaces are
# removed with all timewait socks, and every connection must have ended. The events are compared
# with three things:
#
#	each other	the events of a connection form an unbroken path (chaincheck)
#	the kernel	BPF programs on its tracepoint count the same (oracle.awk)
#	the programs	there are as many events as connections that churn made
#
# The second part has rings that are far too small. A reader must then be told exactly how many
# events it has lost. The last test is about churn itself, which must not wait for ever.
#
# TCPFSM_CONNS: the number of connections (100000).
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

conns=${TCPFSM_CONNS:-100000}
small=$((conns < 5000 ? conns : 5000))

# edge OLD NEW - print how many events chaincheck read on that edge, from sockets of any kind
edge()
{
	awk -v old="$1" -v new="$2" '
		$1 == "edge" && $2 == old && $3 == new { n += $5 }
		END { print n + 0 }' "$work/counts"
}

# read_transitions - print "OLD NEW COUNT" for each edge, as chaincheck counted
read_transitions()
{
	sed -n 's/^edge \([^ ]*\) \([^ ]*\) [a-z]* \([0-9]*\)$/\1 \2 \3/p' "$work/counts" |
		sum_edges
}

same_transitions()
{
	diff <(stat_transitions) <(read_transitions)
}

# judge_recording - for check: does fsmcat's recording have the events that chaincheck read?
judge_recording()
{
	"$here/chaincheck" -o "$work/counts-file" "$work/recording" &&
		diff "$work/counts" "$work/counts-file"
}

# recording_complete - has fsmcat written all the events that chaincheck saw?
recording_complete()
{
	local header=184 record=160
	(($(stat -c %s "$work/recording") == header + record * $(counted events)))
}

check_doers()
{
	check "there are as many events CLOSE>SYN_SENT as calls of connect()" equal \
		"connects" "$(did connects)" "CLOSE -> SYN_SENT" "$(edge CLOSE SYN_SENT)"
	check "there are as many events SYN_SENT>ESTABLISHED as connections made" equal \
		"connected" "$(did connected)" "SYN_SENT -> ESTABLISHED" \
		"$(edge SYN_SENT ESTABLISHED)"
	check "there are as many events SYN_SENT>CLOSE as connections refused" equal \
		"refused" "$(did refused)" "SYN_SENT -> CLOSE" "$(edge SYN_SENT CLOSE)"
	check "there are as many events LISTEN>SYN_RECV as SYNs to listeners" equal \
		"SYNs" "$(($(did connected) + $(did syn_unanswered) + $(did syn_reset)))" \
		"LISTEN -> SYN_RECV" "$(edge LISTEN SYN_RECV)"
	check "there are as many events CLOSE>LISTEN as listeners" equal \
		"listened" "$(did listened)" "CLOSE -> LISTEN" "$(edge CLOSE LISTEN)"
}

run_all()
{
	local checker cat began
	# No reader may be overtaken in this part. The rings have room for the tens of thousands of
	# timewait socks that end at once with their namespace, and readers run before other tasks.
	# The table has room for all of them, too: if the compiler has inlined the function that
	# drops request socks, the module records the end only of those that it knows.
	load_module ring_events=65536 conns=$((conns + 65536))
	chrt -f 1 "$here/chaincheck" -w 60 -o "$work/counts" &
	checker=$!
	chrt -f 1 "$here/../../tools/fsmcat" -w "$work/recording" &
	cat=$!
	wait_for 10 readers_are 2 || give_up "the readers do not come up"
	oracle_start || give_up "cannot start the oracle"

	began=$EPOCHREALTIME
	check "all connections are made and ended, with rings that have room" churn -n "$conns"
	say "$(awk -v a="$began" -v b="$EPOCHREALTIME" -v n="$(did connections)" \
		'BEGIN { printf "%d connections in %.1f s", n, b - a }')"
	drop_net
	kill -TERM $checker
	check "no path of events is broken" exit_status $checker
	wait_for 10 recording_complete
	kill -INT $cat
	check "fsmcat records until it is interrupted, and succeeds" exit_status $cat
	say "$(counted events) events of $(counted connections) connections," \
	    "repaired: $(counted repaired)"

	check_chains
	check "fsmcat's recording holds the events that chaincheck read" judge_recording
	check "the module's counters of transitions equal the events read" same_transitions
	# A repaired handover to a timewait sock is not an event of its own.
	check "not more events are marked as repaired than were repaired" at_most \
		"marked" "$(counted repaired)" "$(hook_stat repaired tcp_set_state)"
	check "each event has its local port" equal "without" "$(counted portless)" "expected" 0
	check_doers
	oracle_stop
	check "the module is unloaded after rings that have room" unload_module
}

# accounts_for_all READER - for check: are the events that it read and lost all that were recorded?
accounts_for_all()
{
	local counts=$work/counts-$1
	equal "recorded" "$recorded" "read + lost" \
		"$(($(value "$counts" events) + $(value "$counts" lost)))"
}

run_small()
{
	local i readers=()
	load_module ring_events=8
	for i in 1 2; do
		"$here/chaincheck" -l -o "$work/counts-$i" &
		readers+=($!)
	done
	# The third reader sleeps all the time.
	"$here/chaincheck" -l -p -o "$work/counts-3" &
	readers+=($!)
	wait_for 10 readers_are 3 || give_up "the readers do not come up"
	check "all connections are made and ended, with rings of 8 events" churn -n "$small"
	drop_net
	check "all connections have ended after the traffic, with rings of 8 events" \
		wait_for 60 at_rest
	kill -TERM "${readers[@]}"
	for i in 1 2 3; do
		check "reader $i of rings of 8 events finds no fault" \
			exit_status "${readers[i - 1]}"
	done
	recorded=$(module_stat recorded)
	for i in 1 2 3; do
		check "reader $i of rings of 8 events: recorded = read + lost" accounts_for_all $i
	done
	say "lost: $(for i in 1 2 3; do value "$work/counts-$i" lost; done | xargs)"
	# poll() may have taken the first event of each CPU out of the ring for the reader.
	check "the reader that slept lost not more than was overwritten" at_most \
		"lost" "$(value "$work/counts-3" lost)" "$(module_stat overwritten)"
	check "the reader that slept lost all that was overwritten, but one event a CPU" at_least \
		"lost" "$(value "$work/counts-3" lost)" $(($(module_stat overwritten) - $(nproc)))
	"$here/chaincheck" -n -a -o "$work/counts-4"
	check "rings of 8 events: recorded = overwritten + kept" equal "recorded" "$recorded" \
		"sum" "$(($(module_stat overwritten) + $(value "$work/counts-4" events)))"
	check "rings of 8 events keep at most 8 events each" at_most \
		"kept" "$(value "$work/counts-4" events)" $((8 * $(nproc)))
	check "the module is unloaded after rings of 8 events" unload_module
}

# told_of_a_reset - for check: does churn report a connection that was reset, and not wait for it?
# The firewall answers the last segment of each handshake with RST, and the listener never gets it.
told_of_a_reset()
{
	local status=0
	ip netns exec "$B" nft -f - <<-END || return
	table inet handshakes {
		chain input {
			type filter hook input priority 0
			tcp flags & (fin|syn|rst|psh|ack) == ack reject with tcp reset
		}
	}
	END
	"${churn[@]}" -p 1 -n 160 "${paths[1]}" >/dev/null 2>"$work/err" || status=$?
	head -n 1 "$work/err"
	equal "status" "$status" "failure" 2 &&
		grep -q '^churn: client [0-9]* has ended, .*: Connection reset by peer$' "$work/err"
}

need_root
trap cleanup EXIT
begin 36
make_net || give_up "no network"
run_all
make_net || give_up "no network"
run_small
make_net || give_up "no network"
check "churn reports a client whose connection was reset, and does not wait" told_of_a_reset
finish
