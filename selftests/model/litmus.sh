#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# litmus.sh - run litmus/*.litmus on the kernel's memory model, compare with the result
# that each file states. Prints TAP. HERD: the program; LKMM: tools/memory-model of a
# kernel's source.

cd "$(dirname "$0")" || exit 1
tests=$PWD/litmus
if ! command -v "${HERD:=herd7}" >/dev/null; then
	echo "Bail out! $HERD not found: it comes with herdtools7, which Debian 12 does not have"
	exit 1
fi
if ! cd "${LKMM:?folder tools/memory-model of the kernel source}"; then
	exit 1
fi
number=0
failed=0

for file in "$tests"/*.litmus; do
	name=$(basename "$file" .litmus)
	want=$(sed -n 's/^ \* Result: //p' "$file")
	# shellcheck disable=SC2086 # HERD_FLAGS are several words
	out=$("$HERD" $HERD_FLAGS -conf linux-kernel.cfg "$file" 2>&1)
	got=$(echo "$out" | sed -n "s/^Observation $name \([A-Za-z]*\) .*/\1/p")
	number=$((number + 1))
	if [ -n "$want" ] && [ "$got" = "$want" ]; then
		echo "ok $number - $name: $got"
	else
		echo "$out" | sed 's/^/# /'
		echo "not ok $number - $name: ${got:-no result}, should be ${want:-stated}"
		failed=$((failed + 1))
	fi
done
echo "1..$number"
[ "$number" -gt 0 ] && [ "$failed" -eq 0 ]
