#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# golden.sh - write the expected outputs anew, from what the tools print now
set -eu
cd "$(dirname "$0")"

gen=build/plain/gen
fsmcat=../../tools/fsmcat

# All printed forms of a recording.
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
TCPFSM_STAT=$DIR/stat ../../tools/fsmstat --dot >golden/diagram.dot
for name in $($gen --list | grep '^bad-'); do
	$gen "$name" | $fsmcat -r - >/dev/null 2>"golden/$name.err" || :
done
