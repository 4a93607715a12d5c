#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# golden.sh - write the expected outputs anew, from what the tools print now
set -eu
cd "$(dirname "$0")"

gen=build/plain/gen
fsmcat=../../../tools/fsmcat

# Print a recording in all forms.
print_all() { # RECORDING NAME
	$fsmcat -r - <"$1" >"$2.txt" 2>"$2.err"
	$fsmcat -r "$1" --json >"$2.json" 2>/dev/null
	$fsmcat -r "$1" --csv >"$2.csv" 2>/dev/null
	LC_ALL=C.UTF-8 $fsmcat -r "$1" --ladder >"$2.ladder" 2>/dev/null
}

DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT
mkdir -p golden
for name in $($gen --list | grep -v '^bad-'); do
	$gen "$name" >"$DIR/$name"
	print_all "$DIR/$name" "golden/$name"
done
for name in fixtures/*.fsm; do
	print_all "$name" "${name%.fsm}"
done
LC_ALL=C $fsmcat -r fixtures/http.fsm --ladder >fixtures/http.ascii
awk -v n=10 -f stat.awk >"$DIR/stat"
TCPFSM_STAT=$DIR/stat ../../../tools/fsmstat --dot >golden/diagram.dot

# Print the views of fsmtop, and its screens.
. ./fsmtop.sh
FSMTOP=$PWD/../../../tools/fsmtop
$gen town 60 >"$DIR/town"
top_pictures >"$DIR/pictures"
while read -r name recording options; do
	# shellcheck disable=SC2086 # one word an option
	top_print "$name" "$recording" $options >"golden/$name.txt"
done <"$DIR/pictures"
LC_ALL=C "$FSMTOP" -b -r "$DIR/town" -d 55 -n 1 -s diagram >golden/top-ascii.txt

# A screen that is the same twice is complete.
top_settles() { # FILE
	sleep 0.5
	top_screen >"$1"
	until sleep 0.5 && top_screen | cmp -s - "$1"; do
		top_screen >"$1"
	done
}

for size in $top_sizes; do
	top_open "${size%x*}" "${size#*x}" -r "$DIR/town" --speed max
	sleep 1
	top_keys 2 Enter
	for key in $top_screens; do
		top_keys "$key"
		top_settles "golden/top-$size-$key.screen"
	done
done
TOP_ENV='env LC_ALL=C'
top_open 100 30 -r "$DIR/town" --speed max -s diagram
top_settles golden/top-ascii.screen
top_tmux kill-server
rm -rf "$DIR"

for name in $($gen --list | grep '^bad-'); do
	$gen "$name" | $fsmcat -r - >/dev/null 2>"golden/$name.err" || :
done
