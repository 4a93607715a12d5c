#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# golden.sh - write the expected outputs anew, from what fsmcat prints now
set -eu
cd "$(dirname "$0")"

gen=build/plain/gen
fsmcat=../../tools/fsmcat

mkdir -p golden
for name in $($gen --list | grep -v '^bad-'); do
	$gen "$name" | $fsmcat -r - >"golden/$name.txt" 2>"golden/$name.err"
	$gen "$name" | $fsmcat -r - --json >"golden/$name.json" 2>/dev/null
	$gen "$name" | $fsmcat -r - --csv >"golden/$name.csv" 2>/dev/null
done
for name in $($gen --list | grep '^bad-'); do
	$gen "$name" | $fsmcat -r - >/dev/null 2>"golden/$name.err" || :
done
