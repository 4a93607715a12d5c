# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# expect.sh - fsmcat --expect: the way through the states, and the exit status

# as_expected NUMBER RECORDING WAY... - check that so many connections were judged, all right
as_expected() {
	number=$1
	file=$2
	shift 2
	for way; do
		exits 0 "$FSMCAT" -r "$file" --expect "$way"
		is_empty "$DIR/out"
		one_line "$DIR/err" "^fsmcat: $number connections\{0,1\} as expected$"
	done
}

# not_as_expected RECORDING WAY WHAT - check that one connection is reported as wrong, and where
not_as_expected() {
	exits 1 "$FSMCAT" -r "$1" --expect "$2"
	is_empty "$DIR/out"
	head -n 1 "$DIR/err" >"$DIR/first"
	grep -qF -e "$3" "$DIR/first" || {
		cat "$DIR/err"
		return 1
	}
	tail -n 1 "$DIR/err" | grep -q '^fsmcat: 1 of . connections\{0,1\} not as expected$'
}

test_the_way_is_the_whole_way() {
	as_expected 1 fixtures/http.fsm \
		'CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2>TIME_WAIT>CLOSE' \
		'LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE' \
		'LISTEN>SYN_RECV[rcv_syn]>ESTABLISHED[rcv_ack]>CLOSE_WAIT[rcv_fin]>LAST_ACK[close]>CLOSE[rcv_ack]'
	not_as_expected fixtures/http.fsm 'LISTEN>SYN_RECV>ESTABLISHED' \
		'fsmcat: 4 127.0.0.1:80 127.0.0.1:51054: after LISTEN>SYN_RECV[rcv_syn]>ESTABLISHED[rcv_ack] expected the end, CLOSE_WAIT[rcv_fin] came'
	not_as_expected fixtures/refused.fsm 'CLOSE>SYN_SENT>ESTABLISHED' \
		'fsmcat: 7 127.0.0.1:58960 127.0.0.1:81: after CLOSE>SYN_SENT[open] expected ESTABLISHED, CLOSE[rcv_rst] came'
	not_as_expected fixtures/http.fsm 'LISTEN>SYN_RECV>ESTABLISHED[rcv_syn]>...' \
		'after LISTEN>SYN_RECV[rcv_syn] expected ESTABLISHED[rcv_syn], ESTABLISHED[rcv_ack] came'
	not_as_expected fixtures/killed.fsm 'CLOSE>SYN_SENT>...>TIME_WAIT>CLOSE' \
		'FIN_WAIT2[rcv_ack]>CLOSE[kill] expected TIME_WAIT, it was the end'
}

test_dots_are_any_states_and_none() {
	for dots in ... …; do
		as_expected 1 fixtures/http.fsm "CLOSE>$dots" "CLOSE>$dots>CLOSE" \
			"CLOSE>$dots>SYN_SENT>$dots>$dots>CLOSE>$dots" \
			"LISTEN>SYN_RECV>$dots>CLOSE_WAIT>LAST_ACK>CLOSE" \
			"CLOSE>$dots>TIME_WAIT[finack]>CLOSE[2msl]" \
			" CLOSE > $dots > TIME_WAIT [ rcv_fin , finack ] > CLOSE "
		# A way that says nothing of the beginning is about both ends.
		as_expected 2 fixtures/http.fsm "$dots" "$dots>CLOSE" "$dots>ESTABLISHED>$dots"
	done
	not_as_expected fixtures/http.fsm '...>FIN_WAIT1>...' 'fsmcat: 4 127.0.0.1:80 '
}

test_alternatives() {
	as_expected 1 fixtures/refused.fsm 'CLOSE>SYN_SENT>ESTABLISHED|CLOSE'
	as_expected 1 fixtures/refused.fsm 'CLOSE>SYN_SENT>CLOSE[rto|rcv_rst|icmp]'
	not_as_expected fixtures/refused.fsm 'CLOSE>SYN_SENT>CLOSE[rto|icmp]' \
		'expected CLOSE[rto|icmp], CLOSE[rcv_rst] came'
	as_expected 2 fixtures/simultaneous.fsm \
		'CLOSE>SYN_SENT>SYN_RECV>ESTABLISHED>FIN_WAIT1>CLOSING>TIME_WAIT>CLOSE'
}

test_what_has_not_ended_is_judged_as_it_is() {
	exits 0 "$FSMCAT" -r fixtures/killed.fsm -n 7 -w "$DIR/part"
	as_expected 1 "$DIR/part" 'CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2' \
		'LISTEN>...>CLOSE_WAIT'
	not_as_expected "$DIR/part" 'CLOSE>SYN_SENT>...>CLOSE' 'expected CLOSE, nothing more came'
}

test_a_filter_chooses_connections_to_judge() {
	cat fixtures/http.fsm >"$DIR/two"
	tail -c +185 fixtures/refused.fsm >>"$DIR/two"
	not_as_expected "$DIR/two" 'CLOSE>SYN_SENT>ESTABLISHED>...' 'fsmcat: 7 '
	exits 0 "$FSMCAT" -r "$DIR/two" -f rport=80 --expect 'CLOSE>SYN_SENT>ESTABLISHED>...'
	one_line "$DIR/err" '^fsmcat: 1 connection as expected$'
}

test_nothing_to_judge_is_no_success() {
	exits 1 "$FSMCAT" -r fixtures/refused.fsm --expect 'LISTEN>...'
	one_line "$DIR/err" '^fsmcat: there was no connection to judge$'
	exits 1 "$FSMCAT" -r "$DIR/nothing" --expect ...
	one_line "$DIR/err" 'no connection to judge'
}

test_loss_is_no_success() {
	{
		cat fixtures/refused.fsm
		tail -c +185 "$DIR/lost" | head -c 160
	} >"$DIR/gone"
	exits 1 "$FSMCAT" -r "$DIR/gone" --expect 'CLOSE>SYN_SENT>CLOSE'
	grep -q '3 events lost' "$DIR/err"
}

test_a_bad_way_is_refused_and_the_place_told() {
	wrong '--expect: at character 1: a state is missing' --expect ''
	wrong '--expect: at character 1: not a state' --expect CLOSED
	wrong '--expect: at character 7: not a state' --expect 'CLOSE>SYN_SEND'
	wrong '--expect: at character 7: a state is missing' --expect 'CLOSE>'
	wrong '--expect: at character 3: not a state' --expect '…>x'
	wrong '--expect: at character 6: nothing has led to the first state' --expect 'CLOSE[open]'
	wrong '--expect: at character 16: neither a cause nor a flag' --expect 'CLOSE>SYN_SENT[opened]'
	wrong '--expect: at character 16: a cause or a flag is missing' --expect 'CLOSE>SYN_SENT[]'
	wrong '--expect: at character 21: a second cause' --expect 'CLOSE>SYN_SENT[open,close]'
	wrong '--expect: at character 20: \] is missing' --expect 'CLOSE>SYN_SENT[open'
	wrong '--expect: at character 9: > or the end is missing' --expect '... > … CLOSE'
	wrong '--expect: at character 8: no edge leads there' --expect 'LISTEN>ESTABLISHED'
	way=...
	for _ in 1 2 3 4 5 6 7 8; do way="$way>...>...>...>..."; done
	wrong 'too many steps: at most 32' --expect "$way"
	for timeout in 0 -1 x 1x "" inf 1e3; do
		wrong '--timeout wants seconds' --expect ... "--timeout=$timeout"
	done
	wrong '--timeout is for --expect' --timeout 1
	wrong 'a command leaves no room' -r "$DIR/lifecycle" --expect ... -- true
}

# The first wrong connection ends the run, and so do so many right ones.
test_live_it_ends_when_it_is_known() {
	open_stream
	tail -c +185 fixtures/http.fsm >&3
	exits 0 "$FSMCAT" --expect 'CLOSE>SYN_SENT>ESTABLISHED>...' -n 1
	tail -c +185 fixtures/refused.fsm >&3
	exits 1 "$FSMCAT" --expect 'CLOSE>SYN_SENT>ESTABLISHED>...'
	grep -q 'expected ESTABLISHED, CLOSE\[rcv_rst\] came' "$DIR/err"
	tail -c +185 fixtures/http.fsm | head -c 800 >&3
	exits 0 "$FSMCAT" --expect 'CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1' --timeout 0.3
	tail -c +185 fixtures/http.fsm | head -c 800 >&3
	exits 1 "$FSMCAT" --expect 'CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>...>CLOSE' --timeout 0.3
	grep -q 'nothing more came' "$DIR/err"
}

# Run fsmcat with a command, if a cgroup can be made.
with_command() { # STATUS ARGS...
	if ! grep -q ' - cgroup2 ' /proc/self/mountinfo || [ "$(id -u)" -ne 0 ]; then
		skip "no cgroup can be made here"
		return 1
	fi
	wanted_status=$1
	shift
	open_stream
	exits "$wanted_status" "$FSMCAT" "$@"
	left_no_cgroup
}

# Leave the cgroup of an fsmcat that is running alone: it is not ours.
left_no_cgroup() {
	find /sys/fs/cgroup -name 'fsmcat-*' | while read -r cgroup; do
		[ -d "/proc/${cgroup##*-}" ] || echo "$cgroup"
	done >"$DIR/left"
	is_empty "$DIR/left"
}

# Run a command whose socket, as the stream has it, is in its cgroup, or in another one.
cat_lifecycle() { # [CGROUP]
	cat <<'END'
dir=$(sed -n 's/^0:://p' /proc/self/cgroup)
mount=$(sed -n 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\).* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -n 1)
"$GEN" --cgroup "${1:-$(stat -c %i "$mount$dir")}" lifecycle | tail -c +185 >"$TCPFSM_RAW"
exit 3
END
}

test_a_command_is_judged_by_its_own_connections() {
	export GEN
	with_command 0 --expect '...>CLOSE' -- sh -c "$(cat_lifecycle)" || return 0
	grep -qx 'fsmcat: sh ended with exit status 3' "$DIR/err"
	grep -qx 'fsmcat: 2 connections as expected' "$DIR/err"
	with_command 1 --expect 'CLOSE>SYN_SENT>CLOSE' --timeout 20 -- sh -c "$(cat_lifecycle)"
	grep -q 'expected CLOSE, ESTABLISHED\[rcv_synack\] came' "$DIR/err"
	with_command 1 --expect '...>CLOSE' -- sh -c "$(cat_lifecycle)" sh 4321
	grep -qx 'fsmcat: there was no connection to judge' "$DIR/err"
}

test_a_command_that_cannot_be_run_or_does_not_end() {
	with_command 1 --expect ... -- /nonexistent/command || return 0
	one_line "$DIR/err" '^fsmcat: /nonexistent/command: No such file or directory$'
	with_command 1 --expect ... --timeout 0.3 -- sleep 1000
	grep -qx 'fsmcat: sleep had not ended and was killed' "$DIR/err"
	with_command 1 --expect ... -- sh -c 'kill -9 $$'
	grep -qx 'fsmcat: sh was killed by signal 9' "$DIR/err"
	# A process that goes on in the background is left alone.
	with_command 1 --expect ... -- sh -c 'sleep 1000 >/dev/null & echo $!'
	kill "$(cat "$DIR/out")"
}
