#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# fsmcat.sh - fsmcat on the module's own stream
#
# The script compares what fsmcat prints and records with the module's own files. selftests/host/cli
# tests recordings of all kinds without a module.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh"

fsmcat=$here/../../tools/fsmcat
conns=150
patience=$((60 * ${TCPFSM_SLOWNESS:-1}))
nobody=65534

# traffic - for check: make connections of every kind, by one process. Their timewait socks are
# removed with the namespaces, so that no event can come later.
traffic()
{
	local status=0
	make_net || return
	churn -p 1 -n "$conns" || status=$?
	drop_net
	wait_for 60 at_rest || { stat_transitions; return 1; }
	return "$status"
}

# lines FILE - print how many lines it has
lines()
{
	wc -l <"$1"
}

# says_how_to_load - for check: is there a message of one line if the module is not loaded?
says_how_to_load()
{
	local status=0
	"$fsmcat" >"$work/out" 2>"$work/err" || status=$?
	cat "$work/err"
	[[ $status == 1 && ! -s $work/out && $(lines "$work/err") == 1 ]] &&
		grep -q 'tcpfsm_raw: no such file: is the module loaded' "$work/err"
}

# prints_what_the_module_prints - for check: does fsmcat print what /proc/tcpfsm has, to the byte?
# No event may come meanwhile.
prints_what_the_module_prints()
{
	cat /proc/tcpfsm >"$work/proc" &&
		"$fsmcat" --no-follow >"$work/out" &&
		diff "$work/proc" "$work/out" | head -n 10 && [[ ${PIPESTATUS[0]} == 0 ]] &&
		at_least "lines" "$(lines "$work/out")" 1000
}

# has_printed NAME LINES - has the reader printed so many lines?
has_printed()
{
	(($(lines "$work/$1") >= $2))
}

# start_reader NAME ARGS... - start an fsmcat that follows, with its output in a file of that name
start_reader()
{
	: >"$work/$1"
	"$fsmcat" "${@:2}" >"$work/$1" 2>"$work/$1.err" &
	reader[$1]=$!
}

# stop_reader NAME SIGNAL - for check: does the reader end with success, having read all?
stop_reader()
{
	kill -"$2" "${reader[$1]}" && wait "${reader[$1]}"
}

stop_all()
{
	stop_reader text INT && stop_reader json TERM && stop_reader csv INT &&
		stop_reader recorder INT
}

# told_by_the_recorder EVENTS - for check: does fsmcat -w say how many it recorded, and none lost?
told_by_the_recorder()
{
	sed 's/.*: //' "$work/recorder.err"
	[[ $(<"$work/recorder.err") == *": $1 events recorded, 0 lost" ]]
}

# replays_the_same - for check: does the recording print as the live streams did, in each format?
replays_the_same()
{
	"$fsmcat" -r "$work/recording" | cmp - "$work/text" &&
		"$fsmcat" -r "$work/recording" --json | cmp - "$work/json" &&
		"$fsmcat" -r "$work/recording" --csv | cmp - "$work/csv"
}

# have_all - have all four printed or written all events? An event that one of them has read is
# there for all of them, so none has to wait for a further one.
have_all()
{
	local recorded
	recorded=$(module_stat recorded)
	has_printed text $((recorded + 1)) && has_printed json "$recorded" &&
		has_printed csv $((recorded + 1)) &&
		(($(stat -c %s "$work/recording") == 184 + 160 * recorded))
}

check_followers()
{
	local recorded
	load_module
	start_reader text
	start_reader json --json
	start_reader csv --csv
	start_reader recorder -w "$work/recording"
	check "connections are made while four fsmcat follow" traffic
	recorded=$(module_stat recorded)
	check "all four fsmcat have all recorded events, without a further one" wait_for 10 have_all
	check "fsmcat ends on SIGINT and SIGTERM, with success" stop_all
	check "fsmcat -w says how many events it recorded" told_by_the_recorder "$recorded"
	check "fsmcat -r prints the recording as the live stream was printed" replays_the_same
	check "fsmcat --no-follow prints what /proc/tcpfsm has" prints_what_the_module_prints
}

# ends_with_its_reader - for check: does fsmcat end when its output is closed? The machine is idle,
# so no further event would make it write and fail.
ends_with_its_reader()
{
	local status
	# shellcheck disable=SC2016 # the shell with the time limit expands this
	status=$(timeout "$patience" bash -c '("$0"; echo $? >&2) | head -n 2 >/dev/null' "$fsmcat" 2>&1)
	equal "status" "$status" "SIGPIPE's" 141
}

# keeps_what_fits - for check: is a recording on a full disk readable up to its last whole event?
keeps_what_fits()
{
	local status=0
	mkdir "$work/small"
	mount -t tmpfs -o size=64k none "$work/small" || return
	"$fsmcat" --no-follow -w "$work/small/recording" 2>"$work/err" || status=$?
	cp "$work/small/recording" "$work/cut"
	umount "$work/small"
	cat "$work/err"
	equal "status" "$status" "error" 1 && [[ $(lines "$work/err") == 1 ]] &&
		grep -q 'No space left on device' "$work/err" &&
		"$fsmcat" -r "$work/cut" >"$work/out" 2>"$work/err" && [[ ! -s $work/err ]] &&
		at_least "events" "$(lines "$work/out")" $(((65536 - 184) / 160 - 1))
}

# as_nobody GID - run fsmcat as a user with no rights but those of a group
as_nobody()
{
	setpriv --reuid "$nobody" --regid "$1" --clear-groups "$fsmcat" --no-follow
}

says_who_may_read()
{
	as_nobody "$nobody" 2>"$work/err"
	cat "$work/err"
	[[ $(lines "$work/err") == 1 ]] && grep -q "permission denied.*parameter gid" "$work/err"
}

group_may_read()
{
	as_nobody 1 >"$work/out" && at_least "lines" "$(lines "$work/out")" 2
}

# check_overtaken - stop fsmcat while a ring of a few events is overwritten many times
check_overtaken()
{
	load_module ring_events=64 gid=1
	start_reader slow
	wait_for 10 has_printed slow 1
	kill -STOP "${reader[slow]}"
	check "connections are made while fsmcat is stopped" traffic
	kill -CONT "${reader[slow]}"
	check "fsmcat that was stopped says what it lost: recorded = shown + lost" \
		wait_for 10 accounts_for_all
	check "fsmcat that lost events ends with success" stop_reader slow INT
	check "fsmcat may read as a member of the group of the parameter gid" group_may_read
	check "fsmcat tells another user who may read" says_who_may_read
}

# accounts_for_all - are the events shown and those reported as lost all that were recorded?
accounts_for_all()
{
	awk -v recorded="$(module_stat recorded)" '
		/^# [0-9]+ events lost$/ { lost += $2 }
		!/^#/ { shown++ }
		END {
			print recorded " recorded, " shown " shown, " lost " lost"
			exit !(lost > 0 && shown > 0 && shown + lost == recorded)
		}' "$work/slow"
}

# listen PORT - for check: start a server that sends a line and closes, and wait until it listens
listen()
{
	socat "TCP-LISTEN:$1,bind=127.0.0.1,fork,reuseaddr" SYSTEM:'echo hello' &
	wait_for 20 listens "sport = :$1"
}

fetch()
{
	socat -u TCP:127.0.0.1:"$1" STDOUT
}

# expects STATUS PATTERN ARGS... - for check: does fsmcat exit with the status, and print the line?
expects()
{
	local wanted=$1 pattern=$2 status=0
	shift 2
	"$fsmcat" "$@" >"$work/out" 2>"$work/err" || status=$?
	cat "$work/err"
	equal "status" "$status" "wanted" "$wanted" && grep -q -- "$pattern" "$work/err"
}

# ask_cgroup DESCRIPTION COMMAND... - check, or skip if the kernel has no cgroups for the command
ask_cgroup()
{
	if grep -qw cgroup2 /proc/filesystems; then
		check "$@"
	else
		skip "$1" "this kernel has no cgroups (CONFIG_CGROUPS)"
	fi
}

# check_expect - test --expect while others make connections, which are not the command's
check_expect()
{
	local others
	load_module
	check "a server listens for the tests of --expect" listen 7000
	while :; do fetch 7000; done >/dev/null 2>&1 &
	others=$!
	ask_cgroup "--expect: the connection of the command goes as expected" \
		expects 0 '^fsmcat: 1 connection as expected$' --timeout "$patience" \
		--expect 'CLOSE>SYN_SENT[open]>ESTABLISHED[rcv_synack]>CLOSE_WAIT[rcv_fin]>…' \
		-- socat -u TCP:127.0.0.1:7000 STDOUT
	ask_cgroup "--expect: the server's ends of the children's connections go as expected" \
		expects 0 '^fsmcat: 3 connections as expected$' --timeout "$patience" \
		--expect 'LISTEN>SYN_RECV>ESTABLISHED[rcv_ack]>FIN_WAIT1>…' \
		-- sh -c 'for i in 1 2 3; do sh -c "socat -u TCP:127.0.0.1:7000 STDOUT" & done; wait'
	ask_cgroup "--expect: a connection that does not go as expected is reported" \
		expects 1 '127.0.0.1:7001: after CLOSE>SYN_SENT\[open\] expected ESTABLISHED, CLOSE\[rcv_rst\] came$' \
		--expect 'CLOSE>SYN_SENT>ESTABLISHED>…' -- socat -u TCP:127.0.0.1:7001 STDOUT
	ask_cgroup "--expect: a command without connections is not a success" \
		expects 1 'there was no connection to judge' --expect … -- true
	kill "$others"
	wait "$others"
	pkill -x socat
	ask_cgroup "--expect: the cgroup of the command is removed" left_no_cgroup
	check "--ladder draws a connection with both of its ends" draws_both_ends
	check "--wall prints the time that the wall clock shows" has_the_time
	drop_timewait
	check "the module is unloaded after --expect" unload_module
}

# left_no_cgroup - for check: is no cgroup of fsmcat left?
left_no_cgroup()
{
	find /sys/fs/cgroup -name 'fsmcat-*' | tee "$work/out"
	[[ ! -s $work/out ]]
}

# draws_both_ends - for check: does the ladder have the segments, states and data of both ends?
draws_both_ends()
{
	"$fsmcat" --no-follow --ladder -f 'rport=7000 state=ESTABLISHED' -n 1 | tee "$work/out"
	[[ $(grep -c SYN "$work/out") -ge 3 ]] && grep -q 'SYN+ACK seq 0 ack 1 win' "$work/out" &&
		grep -q 'ESTABLISHED rcv_ack' "$work/out" && grep -q '6 bytes, seq 1:7' "$work/out"
}

# has_the_time - for check: is the event's time between the clock before it and the clock after it?
has_the_time()
{
	local before after at
	before=$(date +%s)
	fetch 7002 2>/dev/null
	at=$("$fsmcat" --no-follow --wall --json -f rport=7002 | tail -n 1 |
		sed 's/^{"time":\([0-9]*\).*/\1/')
	after=$(date +%s)
	at_least "event at" "$at" "$before" && at_most "event at" "$at" "$after"
}

need_root
trap cleanup EXIT
declare -A reader
begin 25
rmmod tcpfsm 2>/dev/null
check "without the module, fsmcat says how to load it" says_how_to_load
check_followers
check "fsmcat ends when nobody reads its output" ends_with_its_reader
check "a recording on a full disk keeps the events that are whole" keeps_what_fits
check "the module is unloaded after four fsmcat followed" unload_module
check_overtaken
check "the module is unloaded after fsmcat lost events" unload_module
check_expect
finish
