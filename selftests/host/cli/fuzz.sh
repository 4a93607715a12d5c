# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# fuzz.sh - a short run of each fuzzer, beginning with the inputs of the other tests

test_no_input_breaks_the_reader() {
	mkdir "$DIR/seeds" "$DIR/corpus"
	cp build/plain/gen "$DIR/gen"
	for name in $("$DIR/gen" --list); do
		"$DIR/gen" "$name" | head -c 4096 >"$DIR/seeds/$name"
		"$DIR/gen" --swap "$name" | head -c 4096 >"$DIR/seeds/$name.swap"
	done
	# Keep what it finds, as crash-*.
	build/fuzz_reader -max_total_time="${FUZZ_SECONDS:-20}" -max_len=4096 -timeout=60 \
		-artifact_prefix=build/ -print_final_stats=1 "$DIR/corpus" "$DIR/seeds"
}

test_no_input_breaks_the_expression() {
	mkdir "$DIR/ways" "$DIR/way-corpus"
	n=0
	sed -n "s/.*'\([^']*>[^']*\)'.*/\1/p" expect.sh | while read -r way; do
		n=$((n + 1))
		{
			printf '%s\0' "$way"
			tail -c +345 fixtures/http.fsm
		} | head -c 1024 >"$DIR/ways/$n"
	done
	[ "$(find "$DIR/ways" -type f | wc -l)" -ge 20 ]
	build/fuzz_expect -max_total_time="${FUZZ_SECONDS:-20}" -max_len=1024 -timeout=60 \
		-artifact_prefix=build/ -print_final_stats=1 "$DIR/way-corpus" "$DIR/ways"
}
