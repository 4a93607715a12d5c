#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# verify.sh - verify the models, check that each broken model is refuted, and print TAP
#
# Spin turns a model into a C program, pan, which visits every state.

cd "$(dirname "$0")" || exit 1
for tool in spin cpp "${CC:=cc}"; do
	if ! command -v "$tool" >/dev/null; then
		echo "Bail out! $tool is missing (Debian: apt-get install spin gcc)"
		exit 1
	fi
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
. ../../helpers/tap.sh

# report STATUS NAME - report a test, with the log of one that failed
report() {
	result "$1" "$2"
	[ "$1" -eq 0 ] || sed 's/^/# /' "$work/log"
}

# run MODEL DEFINES - run a model. $work/log gets the output of spin, the compiler and pan.
run() {
	rm -f "$work"/pan*
	# Spin writes to the current directory, and looks for includes there.
	cp ./*.pml "$work"
	# shellcheck disable=SC2086 # $2 has several words
	(cd "$work" && spin $2 -a "$1.pml" && "$CC" -w -O1 -DSAFETY -DMEMLIM=1800 -o pan pan.c &&
		./pan -w20 -m1000000) >"$work/log" 2>&1
}

# holds NAME MODEL DEFINES - check that no state violates an assertion, and that none was left out
holds() {
	run "$2" "$3"
	if grep -q 'errors: 0$' "$work/log" && grep -q '^Full statespace search' "$work/log" &&
		! grep -q -i -E 'too small|out of memory|memory limit|interrupted|truncated' "$work/log"; then
		report 0 "$2: $1 ($(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$work/log") states)"
	else
		report 1 "$2: $1"
	fi
}

# refuted KIND NAME MODEL DEFINES - check that a state violates an assertion, or is a dead end
refuted() {
	run "$3" "$4"
	if grep -q "^pan:1: $1" "$work/log"; then
		report 0 "$3: refuted: $2"
	else
		report 1 "$3: not refuted: $2"
	fi
}

torn() { refuted "assertion violated (word" "$1" ring "-DWRITES=5 $2"; }
holds "a ring of 1 gives whole slots only, got + lost = written" ring "-DEVENTS=1 -DWRITES=6"
holds "a ring of 2 gives whole slots only, got + lost = written" ring "-DEVENTS=2 -DWRITES=7"
holds "a ring of 3 gives whole slots only, got + lost = written" ring "-DEVENTS=3 -DWRITES=6"
torn "W1: no barrier" -DNO_W1
torn "W2: no release" -DNO_W2
torn "published before it is filled" -DPUBLISH_FIRST
torn "A: no acquire" -DNO_A
torn "B: no barrier" -DNO_B
torn "B: no second look at head" -DNO_AGAIN
torn "B: a slot too old is accepted" -DTOO_OLD
torn "no place to spare for the slot being written" -DPLACES=EVENTS
refuted "assertion violated  !((overtaken" "no reader is ever overtaken" ring -DCOVER_OVERTAKEN
refuted "assertion violated  !((retried" "no copy is ever refused" ring -DCOVER_RETRIED

small="-DWRITES=1 -DHORIZONS=1 -DTICKS=2"
unsorted() { refuted "assertion violated ((memory" "$1" horizon "$small $2"; }
holds "events come sorted, none older than a horizon comes after it, none is left out" horizon "-DHORIZONS=1 -DTICKS=3"
holds "events come sorted over three horizons" horizon "-DWRITES=1 -DHORIZONS=2 -DTICKS=3"
unsorted "W1: no barrier" -DNO_W1
unsorted "W1: a write barrier only" -DWMB_ONLY
unsorted "W1: the ring is not marked busy" -DNO_RESERVE
unsorted "the reader has no barrier after the clock" -DNO_READER_MB
unsorted "the reader does not wait while a ring is busy" -DNO_WAIT
unsorted "the reader notes the end before it waits" -DEND_FIRST
unsorted "the reader gives what is younger than the horizon" -DNO_BOUND
refuted "assertion violated ( !(again)" "nothing as old as a horizon comes after it" \
	horizon "$small -DSTRICT"
refuted "assertion violated (last" "nothing is ever given" horizon "$small -DCOVER"

forever() { refuted "invalid end state" "$1" sleep "$2"; }
holds "no wake-up is lost" sleep ""
forever "W1: no barrier" -DNO_W1
forever "W1: a write barrier only" -DWMB_ONLY
forever "W1: the ring is not marked busy" -DNO_RESERVE
forever "the reader has no barrier before it looks" -DNO_READER_MB
forever "the reader does not look whether a ring is busy" -DNO_BUSY
forever "a look at what is written, then one at busy" -DWRITTEN_THEN_BUSY
forever "the reader does not trigger the wakeup itself for a ring that stays busy" -DNO_AGAIN
refuted "assertion violated 0" "the reader never ends" sleep -DCOVER

echo "1..$tests"
[ "$failures" -eq 0 ]
