# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# fsmtop.sh - fsmtop: what it prints, what it refuses, its screen in a terminal of tmux

TZ=UTC
export TZ

# golden.sh prints these, and so does the test: name, recording, options.
top_pictures() {
	cat <<-END
		top-states town -d 55 -n 1
		top-states-60 town -d 55 -n 1 -w 60
		top-states-200 town -d 20 -n 3 -w 200
		top-connections town -d 55 -n 1 -s connections
		top-connections-60 town -d 30 -n 1 -s connections -w 60
		top-connections-200 town -d 30 -n 1 -s connections -w 200 -f lport=8080
		top-process town -d 55 -n 1 -g process
		top-cgroup town -d 55 -n 1 -g cgroup
		top-peer town -d 55 -n 1 -g peer -w 70
		top-diagram town -d 55 -n 1 -s diagram
		top-diagram-80 town -d 55 -n 1 -s diagram -w 80
		top-listeners town -d 55 -n 1 -s listeners
		top-life lifecycle -d 2 -i 1a
		top-life-unknown lifecycle -i dead
		top-filter town -d 55 -n 1 -f state=CLOSE_WAIT,SYN_SENT
		top-odd-states states -d 1
		top-odd-causes causes -d 1
		top-odd-addresses addresses -d 1 -s connections
		top-odd-comms comms -d 1 -s connections
		top-odd-extremes extremes -d 3600 -s connections -w 300
		top-odd-flags flags -d 1 -s diagram
		top-odd-times times --json -d 3600 -n 3
		top-odd-unknown unknown -d 1 -s connections
		top-lost lost -d 1
		top-nothing nothing -d 1
		top-json town --json -d 20
		top-json-listeners town --json -d 55 -n 1 -s listeners
		top-json-connections lifecycle --json -d 0.5 -n 3 -s connections
	END
}

# All are in UTF-8, and one is also in ASCII.
top_print() { # NAME RECORDING OPTIONS...
	recording=$2
	shift 2
	LC_ALL=C.UTF-8 "$FSMTOP" -b -r "$DIR/$recording" "$@"
}

test_top_prints_what_it_printed() {
	top_pictures >"$DIR/pictures"
	while read -r name recording options; do
		# shellcheck disable=SC2086 # one word an option
		top_print "$name" "$recording" $options >"$DIR/out" 2>"$DIR/err"
		diff -u "golden/$name.txt" "$DIR/out"
		is_empty "$DIR/err"
	done <"$DIR/pictures"
}

test_top_prints_the_same_of_the_other_byte_order() {
	for name in lifecycle flags addresses; do
		"$FSMTOP" -b -r "$DIR/$name" -s connections >"$DIR/expected"
		"$FSMTOP" -b -r "$DIR/$name.swap" -s connections | diff -u "$DIR/expected" -
		"$FSMTOP" -b -r "$DIR/$name.tail" -s connections | diff -u "$DIR/expected" -
		"$FSMTOP" -b -r - -s connections <"$DIR/$name" | diff -u "$DIR/expected" -
	done
}

test_top_prints_ascii() {
	LC_ALL=C "$FSMTOP" -b -r "$DIR/town" -d 55 -n 1 -s diagram >"$DIR/out"
	diff -u golden/top-ascii.txt "$DIR/out"
	LC_ALL=C.UTF-8 "$FSMTOP" -b -r "$DIR/town" -d 55 -n 1 -s diagram --ascii |
		diff -u "$DIR/out" -
	for screen in states connections listeners; do
		LC_ALL=C "$FSMTOP" -b -r "$DIR/town" -s "$screen" -d 55 -n 1 >"$DIR/out"
		! LC_ALL=C grep -q '[^ -~]' "$DIR/out"
	done
}

test_top_keeps_within_its_width() {
	for width in 60 80 100 123 300; do
		for screen in states connections listeners diagram; do
			"$FSMTOP" -b -r "$DIR/town" -n 1 -d 55 -w $width -s $screen >"$DIR/out"
			[ "$(LC_ALL=C.UTF-8 wc -L <"$DIR/out")" -le $width ]
		done
	done
}

# Print the counts of the last view, worked out from nothing but the events.
test_top_counts_what_the_events_say() {
	"$FSMTOP" -b --json -r "$DIR/town" -d 3600 >"$DIR/out"
	[ "$(wc -l <"$DIR/out")" -eq 1 ]
	"$FSMCAT" -r "$DIR/town" --json | sed 's/.*"id":"\([0-9a-f]*\)".*"new":"\([A-Z_0-9]*\)".*/\1 \2/' |
		awk '{ state[$1] = $2 }
		END {
			for (id in state)
				n[state[id]]++
			for (s in n)
				if (s != "CLOSE")
					print s, n[s]
		}' | sort >"$DIR/expected"
	[ "$(wc -l <"$DIR/expected")" -ge 6 ]
	top_counts "$DIR/out" | diff "$DIR/expected" -
}

# Print "STATE COUNT" for each that is not 0, of the last whole view in a file.
top_counts() { # FILE
	grep '}$' "$1" | tail -n 1 | grep -o '"[A-Z_0-9]*":{"count":[0-9]*' |
		sed 's/"\([A-Z_0-9]*\)".*:\([0-9]*\)/\1 \2/' | grep -v ' 0$' | sort
}

# Print the hundredths of a second since the machine was started; nothing sets that clock.
uptime_cs() {
	sed 's/^0*\([0-9]*\)\.\([0-9]*\) .*/\1\2/' /proc/uptime
}

test_top_replays_at_the_speed_that_is_wanted() {
	start=$(uptime_cs)
	"$FSMTOP" -b -r "$DIR/town" --speed 20 -d 20 -n 2 >"$DIR/out"
	took=$(($(uptime_cs) - start))
	# 40 seconds of its time passed; the hundredth that had begun does not count.
	[ $took -ge 199 ]
	"$FSMTOP" -b -r "$DIR/town" --speed max -d 20 -n 2 | sed 's/max/20×/' | diff - "$DIR/out"
}

# ---- what it refuses ----

wrong_top() { # PATTERN ARGS...
	pattern=$1
	shift
	exits 2 "$FSMTOP" "$@"
	one_line "$DIR/err" "$pattern"
	is_empty "$DIR/out"
}

test_top_refuses_what_it_does_not_know() {
	wrong_top 'unrecognized option' --bogus
	wrong_top "invalid option -- 'x'" -x
	wrong_top 'unexpected argument: 5' 5
	for delay in 0 0.05 -1 x 1x 3601 "" nan; do
		wrong_top 'seconds from 0.1 to 3600' -d "$delay"
	done
	for count in 0 -1 x 1x "" 99999999999999999999; do
		wrong_top 'pictures from 1 on' -b -n "$count"
	done
	for width in 59 301 x; do
		wrong_top 'columns from 60 to 300' -b -w $width
	done
	for speed in 0 -1 fast ""; do
		wrong_top 'from 0.001 on or max' -r "$DIR/town" --speed "$speed"
	done
	wrong_top 'states, connections, diagram or listeners, not life' -s life
	wrong_top 'process, cgroup or peer, not uid' -g uid
	wrong_top 'an ID as fsmcat prints it' -i 0x1a
	wrong_top -- '-n is for -b' -n 1
	wrong_top -- '-w is for -b' -w 80
	wrong_top -- '--speed is for -r' --speed 2
}

test_top_points_at_what_is_wrong_with_a_filter() {
	exits 2 "$FSMTOP" -b -f 'port=80 stat=LISTEN'
	head -n 1 "$DIR/err" | grep -q '^fsmtop: -f: at character 9: not a key: port lport'
	cat >"$DIR/expected" <<-END
		  port=80 stat=LISTEN
		          ^
	END
	tail -n +2 "$DIR/err" | diff -u "$DIR/expected" -
	is_empty "$DIR/out"
}

test_top_refuses_other_files() {
	for name in $(refused); do
		exits 1 "$FSMTOP" -b -r "$DIR/$name"
		one_line "$DIR/err" "^fsmtop: $DIR/$name: "
	done
	exits 1 "$FSMTOP" -b -r "$DIR/missing"
	one_line "$DIR/err" 'missing: No such file or directory'
	is_empty "$DIR/out"
	# The events before the damage are shown, and the cut is reported.
	head -c $((184 + 5 * 160 + 77)) "$DIR/lifecycle" >"$DIR/cut"
	exits 0 "$FSMTOP" -b -r "$DIR/cut"
	one_line "$DIR/err" 'the last record is cut: 77 bytes'
	grep -q ESTABLISHED "$DIR/out"
}

test_top_needs_a_terminal() {
	exits 1 "$FSMTOP" -r "$DIR/town"
	one_line "$DIR/err" '^fsmtop: this is no terminal: -b prints text$'
	for term in dumb unheard-of ""; do
		got=0
		TERM=$term script -q -e -c "$FSMTOP -r $DIR/town" /dev/null </dev/null >"$DIR/out" ||
			got=$?
		[ $got -eq 1 ]
		one_line "$DIR/out" "a terminal of type '$term' shows no screen: -b prints text"
	done
}

test_top_needs_room() {
	top_open 59 15 -r "$DIR/town"
	top_ends 1
	one_line "$DIR/err" 'the terminal is too small: 59x15, at least 60x15 are needed'
}

test_top_without_the_module_says_how_to_load_it() {
	TCPFSM_RAW=$DIR/missing
	export TCPFSM_RAW
	for how in '-b' '--json' ''; do
		# shellcheck disable=SC2086 # one word, or none
		exits 1 "$FSMTOP" $how
		one_line "$DIR/err" 'missing: no such file: is the module loaded? (make load)$'
		is_empty "$DIR/out"
	done
}

test_top_ends_quietly_when_nobody_reads_any_more() {
	for ignore in : "trap '' PIPE"; do
		rm -f "$DIR/status"
		(
			eval "$ignore"
			got=0
			"$FSMTOP" -b -d 0.1 -r "$DIR/town" 2>"$DIR/err" || got=$?
			echo $got >"$DIR/status"
		) | head -n 1 >"$DIR/out"
		wait_until test -s "$DIR/status"
		[ "$(cat "$DIR/status")" -eq 141 ]
		is_empty "$DIR/err"
	done
	got=0
	"$FSMTOP" -b -d 0.1 -r "$DIR/town" >/dev/full 2>"$DIR/err" || got=$?
	[ $got -eq 1 ]
	one_line "$DIR/err" 'write error: No space left on device'
}

test_top_help_and_version() {
	exits 0 "$FSMTOP" --help
	sed -n 3p "$DIR/out" | grep -q '^Examples:'
	[ "$(wc -L <"$DIR/out")" -le 80 ]
	sed -n 's/.*{ "\([a-z]*\)", [a-z]*_argument.*/\1/p' ../../../tools/top/options.c \
		>"$DIR/options"
	[ "$(wc -l <"$DIR/options")" -ge 14 ]
	while read -r option; do
		grep -q -e "--$option" "$DIR/out"
		grep -q -F -e "\\-\\-$option" ../../../Documentation/man/fsmtop.8
	done <"$DIR/options"
	exits 0 "$FSMTOP" --version
	one_line "$DIR/out" '^fsmtop [0-9]'
}

# ---- live, the stream played by a named pipe ----

has_count() { # STATE COUNT
	top_counts "$DIR/out" | grep -qx "$1 $2"
}

test_top_follows_the_stream() {
	open_stream
	records lifecycle | head -c $((3 * 160)) >&3
	timeout -k 10 60 "$FSMTOP" --json -d 0.1 >"$DIR/out" 2>"$DIR/err" 3>&- &
	timeout_pid=$!
	wait_until has_count SYN_RECV 1
	[ "$(top_counts "$DIR/out")" = "ESTABLISHED 1
SYN_RECV 1" ]
	records lifecycle | tail -c +$((3 * 160 + 1)) | head -c $((4 * 160)) >&3
	wait_until has_count FIN_WAIT2 1
	has_count CLOSE_WAIT 1
	kill "$timeout_pid"
	got=0
	wait "$timeout_pid" || got=$?
	# timeout passes the signal on, and says so; fsmtop itself exits with 0.
	[ $got -eq 124 ] || [ $got -eq 143 ] || [ $got -eq 0 ]
	is_empty "$DIR/err"
}

test_top_waits_for_a_module_that_has_gone() {
	open_stream
	timeout -k 10 60 "$FSMTOP" --json -d 0.1 >"$DIR/out" 2>"$DIR/err" 3>&- &
	timeout_pid=$!
	records lifecycle | head -c $((3 * 160)) >&3
	wait_until has_count SYN_RECV 1
	rm "$DIR/stream"
	exec 3>&-
	wait_until grep -q 'gone; waiting until the module is loaded (make load)' "$DIR/err"
	lines=$(wc -l <"$DIR/out")
	open_stream
	records lifecycle | head -c 160 >&3
	# Everything that was known before is forgotten.
	wait_until test "$(wc -l <"$DIR/out")" -ge "$lines"
	wait_until has_count SYN_SENT 1
	[ "$(top_counts "$DIR/out")" = "SYN_SENT 1" ]
	[ "$(wc -l <"$DIR/err")" -eq 1 ]
	kill "$timeout_pid"
	wait "$timeout_pid" || :
}

# ---- the screen ----

top_tmux() { # ARGS...
	env -u TMUX LC_ALL=C.UTF-8 tmux -S "$top_socket" -f /dev/null "$@"
}

# Run fsmtop in a terminal of WIDTH x HEIGHT; DIR/status gets its exit status.
top_open() { # WIDTH HEIGHT ARGS...
	width=$1
	height=$2
	shift 2
	rm -f "$DIR/status"
	: >"$DIR/err"
	# A server that is ending would take the new session with it, so each has its own.
	[ -z "${top_socket:-}" ] || top_tmux kill-server 2>/dev/null || :
	top_socket=$(mktemp -u "$DIR/tmux.XXXXXX")
	top_tmux new-session -d -s top -x "$width" -y "$height" \
		"${TOP_ENV:-env} '$FSMTOP' $* 2>'$DIR/err'; echo \$? >'$DIR/status'; sleep 60"
	trap 'top_tmux kill-server 2>/dev/null || :' EXIT
}

top_keys() { # KEYS...
	top_tmux send-keys -t top "$@"
}

top_screen() {
	top_tmux capture-pane -p -t top
}

top_shows() { # PATTERN
	top_screen | grep -q -e "$1"
}

top_is() { # FILE
	top_screen | cmp -s - "$1"
}

# Wait until the screen is like FILE, or fail with the difference.
top_becomes() { # FILE
	wait_until top_is "$1" && return
	top_screen | diff -u "$1" -
}

top_ends() { # STATUS
	wait_until test -s "$DIR/status"
	[ "$(cat "$DIR/status")" -eq "$1" ] && return
	cat "$DIR/status" "$DIR/err"
	return 1
}

top_sizes="60x15 80x24 100x30 200x60"
top_screens="1 2 3 4 5 ?"

top_has_tmux() {
	command -v tmux >/dev/null && return
	skip "no tmux; in Debian: apt-get install tmux"
	return 1
}

test_top_screens_at_all_sizes() {
	top_has_tmux || return 0
	for size in $top_sizes; do
		top_open "${size%x*}" "${size#*x}" -r "$DIR/town" --speed max
		wait_until top_shows '▶ end'
		top_keys 2 Enter
		for key in $top_screens; do
			top_keys "$key"
			top_becomes "golden/top-$size-$key.screen"
		done
		top_keys q
		top_ends 0
	done
}

test_top_follows_the_size_of_its_terminal() {
	top_has_tmux || return 0
	top_open 80 24 -r "$DIR/town" --speed max
	wait_until top_shows '▶ end'
	top_keys 2 Enter
	for size in 200x60 60x15 100x30; do
		top_tmux resize-window -t top -x "${size%x*}" -y "${size#*x}"
		for key in 1 3; do
			top_keys "$key"
			top_becomes "golden/top-$size-$key.screen"
		done
	done
	top_tmux resize-window -t top -x 59 -y 15
	wait_until top_shows '59x15: fsmtop wants'
	top_tmux resize-window -t top -x 10 -y 3
	wait_until top_shows '10x3'
	top_tmux resize-window -t top -x 300 -y 100
	wait_until top_shows 'RFC 9293'
	top_keys q
	top_ends 0
}

test_top_keys() {
	top_has_tmux || return 0
	top_open 100 30 -r "$DIR/town" --speed max
	wait_until top_shows '▶ end'
	# Go back in time, and forth, and pause.
	top_keys Left
	wait_until top_shows 'PAUSED -1s'
	top_keys '{'
	wait_until top_shows 'PAUSED -31s'
	top_keys '}' Right
	wait_until top_shows 'PAUSED '
	top_keys Space
	wait_until top_shows '▶ end'
	# Type a filter, a wrong one, and the old one again.
	top_keys f 'lport=8080x' Enter
	wait_until top_shows '          ▼ this does not belong to a number'
	top_keys BSpace Enter
	wait_until top_shows 'filter: lport=8080'
	top_keys f C-u Enter
	wait_until top_shows 'Listeners *$'
	# Sort, turn round, group, look into a group, and come back.
	top_keys 2 s
	wait_until top_shows 'STATE▼'
	top_keys r
	wait_until top_shows 'STATE▲'
	top_keys S g
	wait_until top_shows '^PROCESS'
	top_keys Enter
	wait_until top_shows '^PROCESS report/977'
	top_keys Down Down Enter
	wait_until top_shows '→ 203.0.113.99:5432'
	top_keys Escape
	wait_until top_shows '^PROCESS report/977'
	top_keys Escape
	wait_until top_shows '^PROCESS .*CONNS'
	top_keys g
	wait_until top_shows '^CGROUP'
	top_keys g
	wait_until top_shows '^PEER'
	top_keys Tab
	wait_until top_shows 'RFC 9293'
	top_keys '?'
	wait_until top_shows '^KEYS'
	top_keys Escape
	wait_until top_shows 'RFC 9293'
	top_keys F10
	top_ends 0
	is_empty "$DIR/err"
}

# Go to both ends of a list that is longer than the screen.
test_top_scrolls() {
	top_has_tmux || return 0
	top_open 60 15 -r "$DIR/town" --speed max
	wait_until top_shows '▶ end'
	top_keys '?'
	wait_until top_shows 'this text'
	top_keys End
	wait_until top_shows 'paint the screen anew'
	top_keys Home
	wait_until top_shows 'this text'
	top_keys q
	top_ends 0
	is_empty "$DIR/err"
}

# Send SGR mouse reports, as a terminal does.
top_click() { # COLUMN LINE
	top_tmux send-keys -t top -l "$(printf '\033[<0;%d;%dM\033[<0;%d;%dm' "$1" "$2" "$1" "$2")"
}

# Return whether a line has the cursor: black on cyan.
top_is_chosen() { # LINE
	top_tmux capture-pane -p -e -t top | sed -n "$1p" | grep -q '46m'
}

test_top_mouse() {
	top_has_tmux || return 0
	TOP_ENV='env TERM=xterm-256color'
	top_open 100 30 -r "$DIR/town" --speed max
	wait_until top_shows '▶ end'
	top_click 14 2
	wait_until top_shows '^STATE *TIME▼'
	top_click 22 3
	wait_until top_shows 'CAUSE▼'
	top_click 22 3
	wait_until top_shows 'CAUSE▲'
	# Two clicks that come at once are one double click to ncurses.
	top_click 5 10
	wait_until top_is_chosen 10
	top_click 5 10
	wait_until top_shows ' → '
	top_click 3 30
	wait_until top_shows '^KEYS'
	top_click 8 30
	top_ends 0
}

# The screen has colours, unless the user does not want them.
test_top_colours() {
	top_has_tmux || return 0
	for no_color in '' 1; do
		TOP_ENV="env TERM=screen-256color NO_COLOR=$no_color"
		top_open 80 24 -r "$DIR/town" --speed max
		wait_until top_shows '▶ end'
		top_keys 1
		top_becomes golden/top-80x24-1.screen
		got=0
		top_tmux capture-pane -e -p -t top |
			grep -q "$(printf '\033')\\[[0-9;]*[34][0-7]" || got=$?
		[ $got -eq ${no_color:-0} ]
		top_keys q
		top_ends 0
	done
}

test_top_screen_in_ascii() {
	top_has_tmux || return 0
	TOP_ENV='env LC_ALL=C'
	top_open 100 30 -r "$DIR/town" --speed max -s diagram
	wait_until top_shows '> end'
	top_becomes golden/top-ascii.screen
	top_keys q
	top_ends 0
}

# Print how often it has waited for the time of the next update.
top_waited() {
	awk '$1 == "voluntary_ctxt_switches:" { print $2 }' "/proc/$pid/status"
}

top_has_waited() { # TIMES
	[ "$(top_waited)" -ge "$1" ]
}

# The terminal is sent nothing that it shows already.
test_top_does_not_flicker() {
	rm -f "$DIR/typescript"
	top_command="env TERM=xterm $FSMTOP -d 0.2 -r $DIR/town --speed max"
	timeout -k 10 120 script -q -f \
		-c "stty rows 24 cols 80; echo \$\$ >'$DIR/pid'; exec $top_command" \
		"$DIR/typescript" </dev/null >/dev/null &
	script_pid=$!
	wait_until grep -q LISTEN "$DIR/typescript"
	pid=$(cat "$DIR/pid")
	wait_until top_has_waited $(($(top_waited) + 12))
	kill "$pid"
	wait "$script_pid" || :
	# The whole screen is sent once; a dozen updates of it change nothing.
	[ "$(wc -c <"$DIR/typescript")" -lt 12000 ]
	[ "$(grep -c 'LISTEN' "$DIR/typescript")" -eq 1 ]
}

test_top_ends_on_signals_and_leaves_the_terminal_as_it_was() {
	top_has_tmux || return 0
	for signal in INT TERM HUP; do
		top_open 80 24 -r "$DIR/town"
		wait_until top_shows 'STATE'
		pid=$(top_tmux list-panes -t top -F '#{pane_pid}')
		pkill -"$signal" -P "$pid" -x fsmtop
		top_ends 0
	done
}

test_top_says_that_the_module_has_gone_before_its_first_picture() {
	top_has_tmux || return 0
	TOP_ENV="env TCPFSM_RAW=/dev/null"
	top_open 80 24 -d 0.1
	wait_until top_shows 'gone; waiting until the module'
	top_keys q
	top_ends 0
}

test_top_waits_on_its_screen_for_a_module_that_has_gone() {
	top_has_tmux || return 0
	open_stream
	TOP_ENV="env TCPFSM_RAW=$DIR/stream"
	top_open 80 24 -d 0.1 3>&-
	records lifecycle | head -c $((3 * 160)) >&3
	wait_until top_shows '^SYN_RECV  *1 '
	rm "$DIR/stream"
	exec 3>&-
	wait_until top_shows 'gone; waiting until the module'
	open_stream
	records lifecycle | head -c 160 >&3
	wait_until top_shows '^SYN_SENT  *1 '
	top_shows '^SYN_RECV  *0 '
	! top_shows 'gone; waiting'
	top_keys q
	top_ends 0
}
