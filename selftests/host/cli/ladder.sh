# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# ladder.sh - fsmcat --ladder, --wall, colours; what it looks like is in golden and fixtures
#
# shellcheck disable=SC2154 # start in live.sh sets pid

# Run a command as on a terminal, COLUMNS wide, with its output in DIR/out.
on_terminal() { # COMMAND...
	script -q -e -c "$*" /dev/null </dev/null >"$DIR/raw" 2>&1
	tr -d '\r' <"$DIR/raw" >"$DIR/out"
}

test_a_ladder_in_ascii() {
	LC_ALL=C exits 0 "$FSMCAT" -r fixtures/http.fsm --ladder
	diff -u fixtures/http.ascii "$DIR/out"
	LC_ALL=C.UTF-8 exits 0 "$FSMCAT" -r fixtures/http.fsm --ladder --ascii
	diff -u fixtures/http.ascii "$DIR/out"
}

test_no_ladder_is_wider_than_100_columns() {
	for file in golden/*.ladder fixtures/*.ladder fixtures/*.ascii; do
		[ "$(LC_ALL=C.UTF-8 wc -L <"$file")" -le 100 ]
	done
}

# The id of one end, as in the text, finds both ends; and 1a is not 1a/2.
test_a_ladder_of_one_connection() {
	for id in 3 4; do
		LC_ALL=C.UTF-8 exits 0 "$FSMCAT" -r fixtures/http.fsm --ladder $id
		diff -u fixtures/http.ladder "$DIR/out"
	done
	exits 0 "$FSMCAT" -r fixtures/again.fsm --ladder 102b/3
	[ "$(grep -c '^began at' "$DIR/out")" -eq 1 ]
	grep -q '^102b/3  ' "$DIR/out"
	exits 0 "$FSMCAT" -r fixtures/again.fsm --ladder=102b
	[ "$(grep -c '^began at' "$DIR/out")" -eq 1 ]
	grep -q '^102b  ' "$DIR/out"
	exits 0 "$FSMCAT" -r fixtures/again.fsm --ladder
	[ "$(grep -c '^began at' "$DIR/out")" -eq 4 ]
}

test_a_ladder_of_nothing_says_so() {
	exits 0 "$FSMCAT" -r fixtures/http.fsm --ladder 999
	is_empty "$DIR/out"
	one_line "$DIR/err" 'no connection 999'
	for id in x 1a/ 1a/0 /1 1a/x 1a/-1 0x1a 11112222333344445 1a/4294967296 ""; do
		wrong 'wants an ID as the column ID has it' -r fixtures/http.fsm "--ladder=$id"
	done
}

# A filter that wants one event gets the whole connection, with both ends.
test_a_filter_takes_whole_connections() {
	cat fixtures/killed.fsm >"$DIR/two"
	tail -c +185 fixtures/refused.fsm >>"$DIR/two"
	exits 0 "$FSMCAT" -r "$DIR/two" --ladder
	[ "$(grep -c '^began at' "$DIR/out")" -eq 2 ]
	exits 0 "$FSMCAT" -r "$DIR/two" --ladder -f state=CLOSE_WAIT
	cp "$DIR/out" "$DIR/expected"
	exits 0 "$FSMCAT" -r fixtures/killed.fsm --ladder
	diff -u "$DIR/expected" "$DIR/out"
	exits 0 "$FSMCAT" -r "$DIR/two" --ladder -n 1
	diff -u "$DIR/expected" "$DIR/out"
}

test_what_has_not_ended_is_drawn_at_the_end() {
	exits 0 "$FSMCAT" -r fixtures/http.fsm -n 6 -w "$DIR/part"
	exits 0 "$FSMCAT" -r "$DIR/part" --ladder
	grep -q 'has not ended here' "$DIR/out"
	grep -q 'CLOSE_WAIT' "$DIR/out"
	! grep -q 'LAST_ACK' "$DIR/out"
}

test_what_was_not_seen_is_marked() {
	exits 0 "$FSMCAT" -r fixtures/http.fsm -f '!cause=close' -w "$DIR/holes"
	exits 0 "$FSMCAT" -r "$DIR/holes" --ladder
	grep -q 'FIN_WAIT1 .*(not seen)' "$DIR/out"
	grep -q 'LAST_ACK .*(not seen)' "$DIR/out"
}

test_a_live_ladder_comes_when_the_connection_has_ended() {
	open_stream
	LC_ALL=C.UTF-8
	export LC_ALL
	start --ladder
	tail -c +185 fixtures/http.fsm | head -c $((10 * 160)) >&3
	tail -c +185 fixtures/refused.fsm >&3
	# The second connection has ended, the first one has not.
	wait_until grep -q rcv_rst "$DIR/out"
	[ "$(grep -c '^began at' "$DIR/out")" -eq 1 ]
	tail -c 160 fixtures/http.fsm >&3
	wait_until grep -q 2msl "$DIR/out"
	tail -n +9 "$DIR/out" | diff -u fixtures/http.ladder -
	kill -INT "$pid"
	ends_with 0
}

test_the_wall_clock() {
	TZ=Europe/Berlin
	export TZ
	# The header of the recording has both clocks, at 2026-11-25 20:43:21 UTC.
	exits 0 "$FSMCAT" -r fixtures/http.fsm --wall
	sed -n 2p "$DIR/out" | grep -q '^2026-11-25T21:43:[0-9][0-9]\.[0-9]\{9\}+01:00 '
	awk '!/^#/ && NF != 11 { print; bad = 1 } END { exit bad }' "$DIR/out"
	exits 0 "$FSMCAT" -r fixtures/http.fsm --wall --json
	head -n 1 "$DIR/out" | grep -q '^{"time":17956[0-9]*\.[0-9]\{9\},"id":"3",'
	exits 0 "$FSMCAT" -r fixtures/http.fsm --wall --ladder
	grep -q '^began at 2026-11-25T21:43:' "$DIR/out"
	# The seconds since 1970 show that it is the same moment, whatever the zone.
	at=$("$FSMCAT" -r fixtures/http.fsm --wall --csv | sed -n '2s/,.*//p')
	[ "$(TZ=UTC "$FSMCAT" -r fixtures/http.fsm --wall | sed -n '2s/+00:00.*//p')" = \
		"$(TZ=UTC date -d "@$at" +%Y-%m-%dT%H:%M:%S.%N)" ]
}

test_colours_on_a_terminal_only() {
	for form in "" --ladder; do
		command="TERM=xterm $FSMCAT -r fixtures/reset.fsm $form"
		on_terminal "$command"
		grep -q "$(printf '\033\[31m')" "$DIR/out"
		sed "s/$(printf '\033')\[[0-9]*m//g" "$DIR/out" >"$DIR/plain"
		for plain in "NO_COLOR=1 $command" "TERM=dumb ${command#TERM=xterm }"; do
			on_terminal "$plain"
			! grep -q "$(printf '\033')" "$DIR/out"
			diff -u "$DIR/plain" "$DIR/out"
		done
		eval "$command" >"$DIR/out"
		! grep -q "$(printf '\033')" "$DIR/out"
	done
}

# If stdout is no terminal, the lines are those of /proc/tcpfsm.
test_lines_fit_a_terminal() {
	on_terminal "TERM=dumb $FSMCAT -r fixtures/http.fsm"
	[ "$(wc -l <"$DIR/out")" -eq 12 ]
	[ "$(wc -L <"$DIR/out")" -le 100 ]
	for column in TIME ID OLD NEW CAUSE DWELL_US LOCAL REMOTE COMM; do
		sed -n 1p "$DIR/out" | grep -qw $column
	done
	on_terminal "TERM=dumb $FSMCAT -r fixtures/http.fsm --wall"
	[ "$(wc -L <"$DIR/out")" -le 105 ]
	on_terminal "TERM=dumb $FSMCAT -r fixtures/http.fsm --wide"
	diff -u fixtures/http.txt "$DIR/out"
}

test_a_ladder_fits_a_narrow_terminal() {
	on_terminal "stty cols 90; TERM=dumb LC_ALL=C $FSMCAT -r fixtures/http.fsm --ladder"
	[ "$(wc -L <"$DIR/out")" -le 90 ] && [ "$(wc -L <"$DIR/out")" -gt 80 ]
	grep -q 'SYN+ACK seq 0 ack 1' "$DIR/out"
	# States, causes and a little of the arrows need 80 columns.
	on_terminal "stty cols 20; TERM=dumb LC_ALL=C $FSMCAT -r fixtures/http.fsm --ladder"
	[ "$(wc -L <"$DIR/out")" -le 80 ] && [ "$(wc -L <"$DIR/out")" -gt 60 ]
	grep -q 'ESTABLISHED rcv_ack' "$DIR/out"
}
