# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# fsmstat.sh - the counters: lines, exposition, diagram

# Let fsmstat read the counters of N connections.
counters() { # N
	awk -v n="$1" -f stat.awk >"$DIR/stat.new"
	mv "$DIR/stat.new" "$DIR/stat"
	TCPFSM_STAT=$DIR/stat
	export TCPFSM_STAT
}

# Check that a line of numbers is like PATTERN, whatever its blanks are.
has_line() { # NUMBERS
	tr -s ' ' <"$DIR/out" | grep -qx " $1" && return
	echo "no line $1 in:"
	cat "$DIR/out"
	return 1
}

test_counters_since_load() {
	counters 10
	exits 0 "$FSMSTAT"
	[ "$(wc -l <"$DIR/out")" -eq 3 ]
	has_line "120 10 10 30 10 10 20 10 10 10 10"
	grep -q 'since load' "$DIR/out"
	[ "$(wc -L <"$DIR/out")" -le 100 ]
	is_empty "$DIR/err"
}

test_counters_per_interval() {
	counters 1000
	timeout -k 10 60 "$FSMSTAT" 0.5 >"$DIR/out" 2>"$DIR/err" &
	timeout_pid=$!
	# Do not leave it running, whatever goes wrong.
	trap 'kill $timeout_pid 2>/dev/null || :' EXIT
	wait_until has_line "12000 1000 1000 3000 1000 1000 2000 1000 1000 1000 1000"
	# Nothing happens, then something, then the module is loaded anew.
	wait_until has_line "0 0 0 0 0 0 0 0 1000 1000 1000"
	counters 2000
	wait_until grep -q ' 2000 *2000 *2000$' "$DIR/out"
	# There are 12000 and 1000 in half a second, or what a busy machine makes of that.
	awk '$11 == 2000 && $1 > 0 { exit !($1 > 11.9 * $2 && $1 < 12.1 * $2) }' "$DIR/out"
	counters 5
	wait_until has_line "60 5 5 15 5 5 10 5 5 5 5"
	[ "$(grep -c 'since load' "$DIR/out")" -eq 2 ]
	rm "$DIR/stat"
	wait_until grep -q 'waiting until the module is loaded' "$DIR/err"
	counters 6
	wait_until has_line "72 6 6 18 6 6 12 6 6 6 6"
	[ "$(wc -l <"$DIR/err")" -eq 1 ]
	kill "$timeout_pid"
	wait "$timeout_pid" || :
	trap - EXIT
}

test_a_count_ends_the_lines() {
	counters 1
	exits 0 "$FSMSTAT" 0.01 25
	[ "$(grep -vc '^#' "$DIR/out")" -eq 25 ]
	[ "$(grep -c '^#.*TRANS' "$DIR/out")" -eq 3 ]
}

# Check that every number of the file is in the exposition, with its labels.
test_openmetrics_holds_all_counters() {
	counters 10
	exits 0 "$FSMSTAT" --openmetrics
	[ "$(tail -n 1 "$DIR/out")" = "# EOF" ]
	grep -qx 'tcpfsm_recorded_total 110' "$DIR/out"
	grep -qx 'tcpfsm_missed_total{hook="inet_twsk_kill"} 10' "$DIR/out"
	grep -qxF 'tcpfsm_hook_absent{hook="tcp_abort",blind="causes, \"kill\" {1}"} 1' "$DIR/out"
	grep -qx 'tcpfsm_dwell_seconds_bucket{state="SYN_SENT",le="0.000016"} 0' "$DIR/out"
	grep -qx 'tcpfsm_dwell_seconds_bucket{state="SYN_SENT",le="0.000032"} 10' "$DIR/out"
	grep -qx 'tcpfsm_dwell_seconds_bucket{state="TIME_WAIT",le="67.108864"} 10' "$DIR/out"
	grep -qx 'tcpfsm_dwell_seconds_sum{state="TIME_WAIT"} 335.54432' "$DIR/out"
	grep -qx '# UNIT tcpfsm_dwell_seconds seconds' "$DIR/out"
	[ "$(grep -c '^tcpfsm_transitions_total{' "$DIR/out")" -eq \
		"$(grep -c '^transitions{' "$DIR/stat")" ]
	[ "$(grep -vc '^#' "$DIR/out")" -eq "$(grep -vc newer "$DIR/stat")" ]
}

test_openmetrics_to_the_letter() {
	counters 10
	exits 0 "$FSMSTAT" --openmetrics=strict
	[ "$(tail -n 1 "$DIR/out")" = "# EOF" ]
	# Check families and samples by the rules of the format, in one pass.
	awk '
	/^# EOF$/ { next }
	/^# (TYPE|HELP|UNIT) tcpfsm_[a-z_]+ ./ {
		if ($2 == "TYPE") {
			if (seen[$3]++) exit bad = 1
			family = $3; type = $4
		}
		if ($3 != family || $3 ~ /_total$/) exit bad = 1
		next
	}
	{
		name = $1; sub(/[{].*/, "", name)
		suffix = substr(name, length(family) + 1)
		if (index(name, family) != 1) exit bad = 1
		if (type == "counter" && suffix != "_total") exit bad = 1
		if (type == "gauge" && suffix != "") exit bad = 1
		if (type == "histogram" && suffix !~ /^_(bucket|sum|count)$/) exit bad = 1
	}
	END { if (bad) { print "wrong: " $0; exit 1 } }' "$DIR/out"
}

test_promtool_accepts_the_metrics() {
	if ! command -v promtool >/dev/null; then
		skip "no promtool; in Debian: apt-get install prometheus"
		return
	fi
	counters 10
	"$FSMSTAT" --openmetrics >"$DIR/out"
	promtool check metrics <"$DIR/out"
	# The check finds a fault if there is one.
	! grep -v 'HELP tcpfsm_recorded' "$DIR/out" | promtool check metrics
}

test_the_counters_are_served() {
	counters 10
	"$FSMSTAT" --listen 0 2>"$DIR/err" &
	server=$!
	# Do not leave it running, whatever goes wrong.
	trap 'kill $server 2>/dev/null || :' EXIT
	wait_until grep -q 'http://127.0.0.1:' "$DIR/err"
	url=$(sed -n 's,.*\(http://.*/metrics\).*,\1,p' "$DIR/err")
	"$FSMSTAT" --openmetrics >"$DIR/expected"
	curl -sSf "$url" | diff - "$DIR/expected"
	"$FSMSTAT" --openmetrics=strict >"$DIR/expected"
	curl -sSf -H 'Accept: application/openmetrics-text;version=1.0.0' -D "$DIR/head" "$url" |
		diff - "$DIR/expected"
	grep -qi '^content-type: application/openmetrics-text; version=1.0.0' "$DIR/head"
	[ "$(curl -s -o "$DIR/out" -w '%{http_code}' "${url%metrics}other")" -eq 404 ]
	[ "$(curl -s -o "$DIR/out" -w '%{http_code}' -d x "$url")" -eq 405 ]
	rm "$DIR/stat"
	[ "$(curl -s -o "$DIR/out" -w '%{http_code}' "$url")" -eq 503 ]
	one_line "$DIR/out" 'is the module loaded'
	kill -TERM $server
	wait $server
	trap - EXIT
}

test_the_diagram_has_every_edge() {
	counters 10
	exits 0 "$FSMSTAT" --dot
	diff -u golden/diagram.dot "$DIR/out"
	[ "$(grep -c ' -> ' "$DIR/out")" -eq "$(grep -c '"[0-9.]*[ ,].*")' ../../../module/core/states.h)" ]
	grep -q 'CLOSE -> SYN_SENT \[label="10\\nopen"' "$DIR/out"
	grep -q 'CLOSE -> LISTEN \[style=dotted' "$DIR/out"
	grep -q 'SYN_SENT \[label="SYN_SENT\\n10\\nmedian < 32 us"' "$DIR/out"
	grep -q 'TIME_WAIT \[label="TIME_WAIT\\n10\\nmedian < 67 s"' "$DIR/out"
	got=0
	env PATH=/nonexistent "$FSMSTAT" --svg >"$DIR/out" 2>"$DIR/err" || got=$?
	[ $got -eq 1 ]
	one_line "$DIR/err" '^fsmstat: --svg needs dot; in Debian: apt-get install graphviz$'
}

test_the_diagram_is_drawn() {
	if ! command -v dot >/dev/null; then
		skip "no dot; in Debian: apt-get install graphviz"
		return
	fi
	counters 10
	exits 0 "$FSMSTAT" --svg
	grep -q '<svg' "$DIR/out"
	for state in CLOSE LISTEN SYN_SENT ESTABLISHED CLOSING LAST_ACK; do
		grep -q ">$state<" "$DIR/out"
	done
}

wrong_stat() { # PATTERN ARGS...
	pattern=$1
	shift
	exits 2 "$FSMSTAT" "$@"
	one_line "$DIR/err" "$pattern"
	is_empty "$DIR/out"
}

test_fsmstat_refuses_what_it_does_not_know() {
	counters 1
	wrong_stat 'unrecognized option' --bogus
	for interval in 0 -1 x 1x 1e3 nan inf ""; do
		wrong_stat 'interval is in seconds\|invalid option' "$interval"
	done
	for number in 0 x 1x "" 99999999999999999999; do
		wrong_stat 'count is a number from 1 on' 1 "$number"
	done
	wrong_stat 'unexpected argument: 3' 1 2 3
	wrong_stat 'only one of' --dot --svg
	wrong_stat 'can be strict, not lax' --openmetrics=lax
	for where in x 70000 1.2.3.4 1.2.3.4: ::1:80 '[::1]' 'localhost:80' :80; do
		wrong_stat 'wants PORT, ADDR:PORT' --listen "$where"
	done
}

test_fsmstat_refuses_other_files() {
	TCPFSM_STAT=$DIR/missing
	export TCPFSM_STAT
	exits 1 "$FSMSTAT"
	one_line "$DIR/err" 'missing: no such file: is the module loaded? (make load)$'
	TCPFSM_STAT=$DIR/other
	for text in '' 'x' 'version' 'recorded 1' 'version 1\nx{a} 1' 'version 1\nx{a="b} 1' \
		'version 1\nx{a="b"} -1' 'version 1\nx{a="b"}1' 'version 1\nx 1\0\n' \
		'version 99999999999999999999' 'version 1\nx{a="b",} 1' 'version 1\n{a="b"} 1'; do
		printf '%b\n' "$text" >"$TCPFSM_STAT"
		exits 1 "$FSMSTAT"
		one_line "$DIR/err" '^fsmstat: .*other: '
		exits 1 "$FSMSTAT" --openmetrics
		is_empty "$DIR/out"
	done
}

test_fsmstat_help_and_version() {
	exits 0 "$FSMSTAT" --help
	sed -n 3p "$DIR/out" | grep -q '^Examples:'
	[ "$(wc -L <"$DIR/out")" -le 80 ]
	exits 0 "$FSMSTAT" --version
	one_line "$DIR/out" '^fsmstat [0-9]'
	got=0
	"$FSMSTAT" --help >/dev/full 2>"$DIR/err" || got=$?
	[ $got -eq 1 ]
	one_line "$DIR/err" 'write error'
}
