#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# fuzz.sh - run the fuzzers (see Makefile), print TAP
#
# usage: fuzz.sh check | long
set -u
cd "$(dirname "$0")" || exit 1
build=${BUILD:-build}
. ../../helpers/tap.sh

has_libfuzzer() {
	echo 'int LLVMFuzzerTestOneInput(const char *data, long size) { return !data && size; }' |
		${CLANG:-clang} -fsanitize=fuzzer -x c -o /dev/null - 2>/dev/null
}

# run NAME ARGS... - one run of a fuzzer; its log is $log, what it found is in the log
run() {
	name=$1
	shift
	log=$build/$name.log
	"$build/${name}_fuzz" -timeout=60 -max_len=2048 -dict="$name.dict" \
		-artifact_prefix="$build/" -print_final_stats=1 "$@" >"$log" 2>&1 && return
	sed 's/^/# /' "$log" | tail -n 60
	return 1
}

# figure NAME - a number from the last log's statistics
figure() {
	sed -n "s/^stat::$1: *//p" "$log"
}

# Edges of the program's code that were covered by then, and how many there are, the
# fuzzer's own checks included.
covered() {
	sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1 | grep . || echo no
}

counters() {
	sed -n 's/^INFO: Loaded .* modules *(\([0-9]*\) inline.*/\1/p' "$log"
}

# Every seed, as it is: they are cases that were thought of, or once went wrong.
run_seeds() { # FUZZER
	run "$1" "seeds-$1"/*
	result $? "$1: $(find "seeds-$1" -type f | wc -l) seeds"
}

# fuzz FUZZER INPUTS CORPUS ARGS... - go on from the seeds and what is in CORPUS
fuzz() {
	fuzzer=$1
	inputs=$2
	corpus=$3
	shift 3
	mkdir -p "$corpus"
	start=$(date +%s)
	run "$fuzzer" -runs="$inputs" "$@" "$corpus" "seeds-$fuzzer"
	status=$?
	seconds=$(($(date +%s) - start))
	tried=$(figure number_of_executed_units)
	echo "# $fuzzer: ${tried:-no} inputs, $seconds s, $(covered) of $(counters) edges covered"
	[ "$status" -eq 0 ] && [ "${tried:-0}" -gt 0 ]
	result $? "$fuzzer: nothing found in a run of at most $inputs inputs"
}

short_run() { # FUZZER
	dir=$(mktemp -d) || exit 1
	# The same seed each time: a run that fails can be repeated.
	fuzz "$1" "${FUZZ_INPUTS:-100000}" "$dir" -seed=1 -max_total_time="${FUZZ_SECONDS:-15}"
	rm -rf "$dir"
}

long_run() { # FUZZER
	fuzz "$1" "${LONG_INPUTS:-5000000}" "$build/corpus-$1" -use_value_profile=1
}

main() {
	if ! has_libfuzzer; then
		echo "1..0 # SKIP libFuzzer is missing: apt install clang"
		exit 0
	fi
	if ! make -s fuzzers >&2; then
		echo "Bail out! The fuzzers do not compile"
		exit 1
	fi
	run_seeds filter
	"$1_run" filter
	echo "1..$tests"
	[ "$failures" -eq 0 ]
}

case ${1:-} in
check) main short ;;
long) main long ;;
*)
	echo "usage: fuzz.sh check | long" >&2
	exit 2
	;;
esac
