# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# live.sh - the stream, played by a named pipe: follow, stop, record

# Descriptor 3 writes to a pipe that fsmcat takes for the stream of the module.
open_stream() {
	rm -f "$DIR/stream"
	mkfifo "$DIR/stream"
	exec 3<>"$DIR/stream"
	TCPFSM_RAW=$DIR/stream
	export TCPFSM_RAW
}

# Print the records of a recording, without its header.
records() { # NAME
	tail -c +185 "$DIR/$1"
}

# Run fsmcat in the background, as $pid, with a time limit if a test fails to end it.
start() { # ARGS...
	: >"$DIR/out"
	timeout -k 10 60 "$FSMCAT" "$@" >"$DIR/out" 2>"$DIR/err" 3>&- &
	timeout_pid=$!
	wait_until has_child
}

has_child() {
	pid=$(cat "/proc/$timeout_pid/task/$timeout_pid/children")
	pid=${pid% }
	# Wait until timeout has executed it: timeout itself would die of any signal.
	[ -n "$pid" ] && [ "$(cat "/proc/$pid/comm")" = fsmcat ]
}

ends_with() { # STATUS
	got=0
	wait "$timeout_pid" || got=$?
	[ $got -eq "$1" ] && return
	echo "exit status $got, not $1"
	cat "$DIR/err"
	return 1
}

has_lines() { # FILE NUMBER
	[ "$(wc -l <"$1")" -eq "$2" ]
}

has_size() { # FILE BYTES
	[ "$(wc -c <"$1")" -eq "$2" ]
}

test_follow_shows_each_event_at_once() {
	open_stream
	start
	records lifecycle | head -c $((3 * 160)) >&3
	wait_until has_lines "$DIR/out" 4
	records lifecycle | tail -c +$((3 * 160 + 1)) >&3
	wait_until has_lines "$DIR/out" 12
	diff -u golden/lifecycle.txt "$DIR/out"
	kill -INT "$pid"
	ends_with 0
	is_empty "$DIR/err"
}

test_follow_ends_with_success_on_sigterm() {
	open_stream
	start --json
	records lifecycle >&3
	wait_until has_lines "$DIR/out" 11
	kill -TERM "$pid"
	ends_with 0
	is_empty "$DIR/err"
}

test_follow_ends_on_a_signal_before_any_event() {
	open_stream
	start
	wait_until has_lines "$DIR/out" 1
	kill -INT "$pid"
	ends_with 0
}

test_follow_stops_after_a_count() {
	open_stream
	start -n 5
	records lifecycle >&3
	ends_with 0
	head -n 6 golden/lifecycle.txt | diff -u - "$DIR/out"
}

# fsmcat ends even on an idle machine, where no event comes that it could not print.
test_follow_ends_when_nobody_reads_any_more() {
	open_stream
	records lifecycle >&3
	rm -f "$DIR/status"
	(
		got=0
		timeout -k 10 60 "$FSMCAT" 2>"$DIR/err" 3>&- || got=$?
		echo $got >"$DIR/status"
	) | head -n 3 >"$DIR/out"
	wait_until test -s "$DIR/status"
	[ "$(cat "$DIR/status")" -eq 141 ]
	is_empty "$DIR/err"
}

test_no_follow_shows_what_there_is() {
	open_stream
	records generations >&3
	exits 0 "$FSMCAT" --no-follow
	diff -u golden/generations.txt "$DIR/out"
	is_empty "$DIR/err"
	exits 0 "$FSMCAT" --no-follow --json
	is_empty "$DIR/out"
}

test_no_follow_leaves_out_what_comes_later() {
	open_stream
	records generations >&3
	# These events are of the year 2554.
	records extremes >&3
	exits 0 "$FSMCAT" --no-follow
	diff -u golden/generations.txt "$DIR/out"
}

test_the_end_of_the_stream_is_an_error() {
	open_stream
	exec 3>&-
	exits 1 "$FSMCAT"
	one_line "$DIR/err" "the stream has ended: was the module unloaded?"
	# Memory at address 0, where nothing is mapped, cannot be read.
	TCPFSM_RAW=/proc/self/mem
	exits 1 "$FSMCAT"
	one_line "$DIR/err" "Input/output error: was the module unloaded?"
}

test_a_damaged_stream_is_an_error() {
	open_stream
	records bad-size-zero >&3
	exits 1 "$FSMCAT"
	one_line "$DIR/err" "damaged at byte 160, in record 2"
	[ "$(grep -c SYN_SENT "$DIR/out")" -eq 1 ]
}

test_a_recording_survives_sigint_whole() {
	open_stream
	start -w "$DIR/recording"
	records lifecycle >&3
	wait_until has_size "$DIR/recording" $((184 + 11 * 160))
	# This record is still under way.
	records lifecycle | head -c 100 >&3
	kill -INT "$pid"
	ends_with 0
	one_line "$DIR/err" "recording: 11 events recorded, 0 lost"
	is_empty "$DIR/out"
	exits 0 "$FSMCAT" -r "$DIR/recording"
	diff -u golden/lifecycle.txt "$DIR/out"
	is_empty "$DIR/err"
}

test_a_recording_counts_what_was_lost() {
	open_stream
	records lost | head -c $((160 + 160 + 24 + 160)) >&3
	exits 0 "$FSMCAT" -w "$DIR/recording" -n 2
	one_line "$DIR/err" "recording: 2 events recorded, 4 lost"
	exits 0 "$FSMCAT" -r "$DIR/recording"
	head -n 5 golden/lost.txt | diff -u - "$DIR/out"
	records lost | tail -c 160 >&3
	exits 0 "$FSMCAT" -w "$DIR/recording" --no-follow
	one_line "$DIR/err" "recording: 0 events recorded, 0 lost and more"
}

test_a_recording_without_events_is_one() {
	open_stream
	exits 0 "$FSMCAT" --no-follow -w "$DIR/recording"
	exits 0 "$FSMCAT" -r "$DIR/recording" --json
	is_empty "$DIR/out"
	is_empty "$DIR/err"
}

test_records_of_a_newer_module_are_kept_whole() {
	open_stream
	records newer >&3
	records strange >&3
	exits 0 "$FSMCAT" -w "$DIR/recording" --no-follow
	{
		records newer
		records strange
	} >"$DIR/expected"
	tail -c +185 "$DIR/recording" | cmp - "$DIR/expected"
}

test_a_replay_through_a_pipe_shows_each_event_at_once() {
	rm -f "$DIR/pipe"
	mkfifo "$DIR/pipe"
	exec 3<>"$DIR/pipe"
	start -r "$DIR/pipe"
	head -c $((184 + 3 * 160)) "$DIR/lifecycle" >&3
	wait_until has_lines "$DIR/out" 4
	tail -c +$((184 + 3 * 160 + 1)) "$DIR/lifecycle" >&3
	wait_until has_lines "$DIR/out" 12
	diff -u golden/lifecycle.txt "$DIR/out"
	# A run that is cut short is no success: it dies of the signal.
	kill -INT "$pid"
	ends_with 130
}
