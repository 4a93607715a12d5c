# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# filter.sh - fsmcat -f: the filter language of the module, for one reader
#
# shellcheck disable=SC2016 # awk expands what is in single quotes

# Check that a filter lets through the events of a recording that awk finds.
filtered() { # RECORDING EXPR AWK-CONDITION
	exits 0 "$FSMCAT" -r "$DIR/$1" -f "$2"
	"$FSMCAT" -r "$DIR/$1" | awk "/^#/ || ($3)" >"$DIR/expected"
	# All or nothing would prove little.
	grep -qv '^#' "$DIR/expected"
	[ "$(wc -l <"$DIR/expected")" -lt "$("$FSMCAT" -r "$DIR/$1" | wc -l)" ]
	diff -u "$DIR/expected" "$DIR/out"
}

# awk numbers the columns: 2 ID, 3 OLD, 4 NEW, 5 CAUSE, 7 LOCAL, 8 REMOTE, 9 UID.
test_a_filter_shows_what_it_wants() {
	filtered lifecycle state=TIME_WAIT '$3 == "TIME_WAIT" || $4 == "TIME_WAIT"'
	filtered lifecycle lport=8080 '$7 ~ /:8080$/'
	filtered lifecycle 'uid=33 !cause=close' '$9 == 33 && $5 != "close"'
	filtered lifecycle cause=rcv_fin,2msl '$5 == "rcv_fin" || $5 == "2msl"'
	filtered addresses family=inet '$7 ~ /^[0-9]/'
	filtered addresses laddr=2001:db8::/32 '$7 ~ /^\[2001:db8:/'
	filtered many state=SYN_SENT '$3 == "SYN_SENT" || $4 == "SYN_SENT"'
}

test_a_filter_works_on_json_csv_and_recordings() {
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" -f lport=8080 --json
	[ "$(wc -l <"$DIR/out")" -eq 5 ]
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" --filter lport=8080 --csv
	[ "$(wc -l <"$DIR/out")" -eq 6 ]
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" -f lport=8080 -w "$DIR/recording"
	one_line "$DIR/err" "5 events recorded"
	exits 0 "$FSMCAT" -r "$DIR/lifecycle.swap" -f lport=8080
	cp "$DIR/out" "$DIR/expected"
	exits 0 "$FSMCAT" -r "$DIR/recording"
	diff -u "$DIR/expected" "$DIR/out"
}

test_the_count_is_of_what_the_filter_wants() {
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" -f lport=8080 -n 2
	"$FSMCAT" -r "$DIR/lifecycle" -f lport=8080 | head -n 3 | diff -u - "$DIR/out"
}

test_loss_passes_every_filter() {
	exits 0 "$FSMCAT" -r "$DIR/lost" -f port=1
	"$FSMCAT" -r "$DIR/lost" | grep '^#' | diff -u - "$DIR/out"
	[ "$(grep -c 'events lost' "$DIR/out")" -ge 2 ]
}

test_an_empty_filter_wants_everything() {
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" -f ''
	diff -u golden/lifecycle.txt "$DIR/out"
}

test_a_bad_filter_is_refused_and_the_place_told() {
	wrong '^fsmcat: -f: at character 1: not a key' -f foo=1
	wrong '^fsmcat: -f: at character 9: not a key' -f 'port=80 foo=1'
	wrong '^fsmcat: -f: at character 6: ' -f port=x
	wrong '^fsmcat: -f: at character 7: not a state' -f state=SYN_SNT
	wrong '^fsmcat: -f: at character 5: = is needed' -f port
	wrong "requires an argument -- 'f'" -f
	terms=
	for _ in 1 2 3 4 5 6 7 8; do terms="$terms uid=1 uid=2 uid=3 uid=4"; done
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" -f "$terms"
	wrong 'too many terms: at most 32' -r "$DIR/lifecycle" -f "$terms uid=5"
	wrong 'too long: at most 1024' -r "$DIR/lifecycle" -f "$(printf '%1100s' port=1)"
}
