# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# replay.sh - recordings read back: what comes out, and what is refused

readable() {
	"$GEN" --list | grep -v '^bad-'
}

refused() {
	"$GEN" --list | grep '^bad-'
}

same() { # FILE EXPECTED
	diff -u "$2" "$1"
}

# All printed forms of a recording, and the messages, are as they were checked by eye.
as_looked_at() { # RECORDING EXPECTED
	"$FSMCAT" -r - <"$1" >"$DIR/out" 2>"$DIR/err"
	same "$DIR/out" "$2.txt"
	same "$DIR/err" "$2.err"
	"$FSMCAT" -r "$1" --json >"$DIR/out" 2>"$DIR/err"
	same "$DIR/out" "$2.json"
	"$FSMCAT" -r "$1" --csv >"$DIR/out" 2>"$DIR/err"
	same "$DIR/out" "$2.csv"
	LC_ALL=C.UTF-8 "$FSMCAT" -r "$1" --ladder >"$DIR/out" 2>"$DIR/err"
	same "$DIR/out" "$2.ladder"
}

golden() { # RECORDING NAME
	as_looked_at "$1" "golden/$2"
}

test_all_forms_are_as_expected() {
	for name in $(readable); do
		golden "$DIR/$name" "$name"
	done
}

test_all_forms_of_what_a_vm_recorded_are_as_expected() {
	[ "$(echo fixtures/*.fsm | wc -w)" -ge 9 ]
	for name in fixtures/*.fsm; do
		as_looked_at "$name" "${name%.fsm}"
	done
}

test_the_other_byte_order_reads_the_same() {
	for name in $(readable); do
		if cmp -s "$DIR/$name" "$DIR/$name.swap"; then
			echo "$name: both byte orders are alike"
			return 1
		fi
		golden "$DIR/$name.swap" "$name"
	done
}

test_longer_records_read_the_same() {
	for name in lifecycle flags comms extremes; do
		[ "$(wc -c <"$DIR/$name.tail")" -gt "$(wc -c <"$DIR/$name")" ]
		golden "$DIR/$name.tail" "$name"
	done
}

test_json_parses_back_to_the_recording() {
	for name in $(readable) many; do
		"$FSMCAT" -r "$DIR/$name" --json 2>"$DIR/err" | "$VERIFY" json "$DIR/$name"
	done
}

test_csv_parses_back_to_the_recording() {
	for name in $(readable) many; do
		"$FSMCAT" -r "$DIR/$name" --csv 2>"$DIR/err" | "$VERIFY" csv "$DIR/$name"
	done
}

test_text_has_its_columns_whatever_is_in_it() {
	for name in $(readable) many; do
		"$FSMCAT" -r "$DIR/$name" 2>"$DIR/err" |
			awk '!/^#/ && NF != 11 { print; bad = 1 } END { exit bad }'
	done
}

test_damaged_and_foreign_files_are_refused() {
	for name in $(refused); do
		exits 1 "$FSMCAT" -r - <"$DIR/$name"
		same "$DIR/err" "golden/$name.err"
		one_line "$DIR/err" '^fsmcat: stdin: '
		exits 1 "$FSMCAT" -r - <"$DIR/$name.swap"
		same "$DIR/err" "golden/$name.err"
	done
}

test_what_comes_before_the_damage_is_shown() {
	exits 1 "$FSMCAT" -r "$DIR/bad-size-zero"
	[ "$(grep -c SYN_SENT "$DIR/out")" -eq 1 ]
}

test_the_place_of_the_damage_is_told() {
	{
		cat "$DIR/many"
		head -c 160 /dev/zero
	} >"$DIR/bad-end"
	exits 1 "$FSMCAT" -r "$DIR/bad-end"
	one_line "$DIR/err" "damaged at byte $((184 + 20000 * 160)), in record 20001:"
}

test_files_that_cannot_be_read_are_refused() {
	: >"$DIR/empty"
	head -c 183 "$DIR/lifecycle" >"$DIR/short"
	for name in empty short; do
		exits 1 "$FSMCAT" -r "$DIR/$name"
		one_line "$DIR/err" "not a recording of fsmcat, or cut short"
	done
	exits 1 "$FSMCAT" -r "$DIR/missing"
	one_line "$DIR/err" "missing: No such file or directory"
	exits 1 "$FSMCAT" -r "$DIR"
	one_line "$DIR/err" "Is a directory"
	exits 1 "$FSMCAT" -r "$FSMCAT"
	one_line "$DIR/err" "not a recording of fsmcat"
	is_empty "$DIR/out"
}

test_a_cut_recording_is_read_as_far_as_it_is_whole() {
	head -c $((184 + 5 * 160 + 77)) "$DIR/lifecycle" >"$DIR/cut"
	exits 0 "$FSMCAT" -r "$DIR/cut"
	head -n 6 golden/lifecycle.txt | same "$DIR/out" -
	one_line "$DIR/err" "the last record is cut: 77 bytes"
}

test_count_stops_after_so_many_events() {
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" -n 4
	head -n 5 golden/lifecycle.txt | same "$DIR/out" -
	# A record of loss is not an event.
	exits 0 "$FSMCAT" -r "$DIR/lost" --count 2 --json
	head -n 4 golden/lost.json | same "$DIR/out" -
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" -n 1000
	same "$DIR/out" golden/lifecycle.txt
}

test_a_copy_is_the_original() {
	for name in $(readable); do
		for file in "$DIR/$name" "$DIR/$name.swap" "$DIR/$name.tail"; do
			exits 0 "$FSMCAT" -r "$file" -w "$DIR/copy"
			cmp "$file" "$DIR/copy"
			"$FSMCAT" -r "$file" -w - 2>"$DIR/err" | cmp "$file" -
		done
	done
}

test_a_copy_can_be_a_part() {
	exits 0 "$FSMCAT" -r "$DIR/lifecycle" -w "$DIR/copy" -n 3
	one_line "$DIR/err" "copy: 3 events recorded, 0 lost"
	head -c $((184 + 3 * 160)) "$DIR/lifecycle" | cmp "$DIR/copy" -
}

test_a_recording_is_not_copied_onto_itself() {
	cp "$DIR/lifecycle" "$DIR/same"
	ln -sf same "$DIR/same.link"
	for name in same same.link; do
		exits 1 "$FSMCAT" -r "$DIR/same" -w "$DIR/$name"
		one_line "$DIR/err" "is what is being read"
		cmp "$DIR/same" "$DIR/lifecycle"
	done
}

test_a_full_disk_keeps_what_is_whole() {
	(
		ulimit -f 100
		exits 1 "$FSMCAT" -r "$DIR/many" -w "$DIR/full"
	)
	one_line "$DIR/err" "full: File too large: what was recorded before is kept"
	size=$(wc -c <"$DIR/full")
	[ $(((size - 184) % 160)) -eq 0 ]
	[ "$size" -gt $((100 * 512 - 160)) ]
	exits 0 "$FSMCAT" -r "$DIR/full"
	is_empty "$DIR/err"
}

test_a_full_device_is_reported() {
	exits 1 "$FSMCAT" -r "$DIR/many" -w /dev/full
	one_line "$DIR/err" "/dev/full: No space left on device"
	for form in "" --json --csv; do
		got=0
		# shellcheck disable=SC2086 # no option is no argument
		"$FSMCAT" -r "$DIR/many" $form >/dev/full 2>"$DIR/err" || got=$?
		[ $got -eq 1 ]
		one_line "$DIR/err" "write error: No space left on device"
	done
}

test_a_closed_output_is_reported() {
	got=0
	"$FSMCAT" -r "$DIR/lifecycle" >&- 2>"$DIR/err" || got=$?
	[ $got -eq 1 ]
	one_line "$DIR/err" "write error: Bad file descriptor"
	# Messages must not get into a file that happens to have the number of stderr.
	"$FSMCAT" -r "$DIR/lifecycle" -w "$DIR/copy" 2>&-
	cmp "$DIR/lifecycle" "$DIR/copy"
}

# fsmcat is killed by SIGPIPE without a message, as cat is, even if the caller ignores SIGPIPE.
test_a_broken_pipe_ends_it_quietly() {
	for ignore in : "trap '' PIPE"; do
		for form in "" --json --csv; do
			rm -f "$DIR/status"
			(
				eval "$ignore"
				got=0
				# shellcheck disable=SC2086 # no option is no argument
				"$FSMCAT" -r "$DIR/many" $form 2>"$DIR/err" || got=$?
				echo $got >"$DIR/status"
			) | head -n 1 >"$DIR/out"
			wait_until test -s "$DIR/status"
			[ "$(cat "$DIR/status")" -eq 141 ]
			is_empty "$DIR/err"
		done
	done
}
