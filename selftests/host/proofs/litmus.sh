#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# litmus.sh - run litmus/*.litmus on the kernel's memory model, and print TAP
#
# A test passes if its result is the one that the file states. HERD names the program, and LKMM
# the folder tools/memory-model of a kernel's source.

cd "$(dirname "$0")" || exit 1
. ../../helpers/tap.sh
folder=$PWD/litmus
if ! command -v "${HERD:=herd7}" >/dev/null; then
	echo "Bail out! $HERD not found: it comes with herdtools7, which Debian 12 does not have"
	exit 1
fi
if ! cd "${LKMM:?folder tools/memory-model of the kernel source}"; then
	exit 1
fi
for file in "$folder"/*.litmus; do
	name=$(basename "$file" .litmus)
	want=$(sed -n 's/^ \* Result: //p' "$file")
	# shellcheck disable=SC2086 # HERD_FLAGS has several words
	out=$("$HERD" $HERD_FLAGS -conf linux-kernel.cfg "$file" 2>&1)
	got=$(echo "$out" | sed -n "s/^Observation $name \([A-Za-z]*\) .*/\1/p")
	if [ -n "$want" ] && [ "$got" = "$want" ]; then
		result 0 "$name: $got"
	else
		echo "$out" | sed 's/^/# /'
		result 1 "$name: ${got:-no result}, should be ${want:-stated}"
	fi
done
echo "1..$tests"
[ "$tests" -gt 0 ] && [ "$failures" -eq 0 ]
