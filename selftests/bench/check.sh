#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# check.sh - the recorder must not become dearer unnoticed; prints TAP
#
# "committed" has what an event costs, in instructions, with nobody reading, for orderly
# connections on the first of the VM's kernels; a tenth more fails. Whoever makes it
# cheaper, or has to make it dearer, commits the new figure.
set -euo pipefail
# shellcheck source=../vm/lib.sh
. "$(dirname -- "$0")/../vm/lib.sh"
bench_dir=$tree/selftests/bench

kernel=$default_kernel
committed=$(<"$bench_dir/committed")
out=$(copy_dir bench)

echo "TAP version 13"
echo "1..1"
"$bench_dir/bench" --quick --out "$out" "$kernel" | sed 's/^/# /'
measured=$(awk '$1 == "tcpfsm/alone" && $2 == "orderly" { print $NF }' "$out/$kernel.txt")
name="an event costs $measured instructions, committed are $committed"
if [[ $measured =~ ^[0-9]+$ ]] && ((measured * 10 <= committed * 11)); then
	echo "ok 1 - $name"
else
	echo "not ok 1 - $name"
	exit 1
fi
