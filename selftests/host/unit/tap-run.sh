#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# tap-run.sh PROGRAM... - run programs that print TAP, print one TAP stream for all
#
# A program that crashes, hangs or runs fewer tests than it planned has failed,
# whatever it printed. Exits with 0 if every test of every program passed.

out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT
trap 'exit 1' INT TERM
number=0
failed=0

for program; do
	name=${program#./}
	name=${name#build/}
	timeout "${TAP_TIMEOUT:-300}" "$program" >"$out" 2>&1
	status=$?
	# The plan comes first or last; what is neither plan nor test is passed on.
	awk -v name="$name" -v number="$number" -v status="$status" '
		/^1\.\.[0-9]+$/ { plan = substr($0, 4) + 0; planned = 1; next }
		/^(not )?ok / {
			bad = /^not /
			seen++
			failures += bad
			sub(/^(not )?ok +[0-9]* *(- )?/, "")
			printf "%sok %d - %s: %s\n", bad ? "not " : "", ++number, name, $0
			next
		}
		/^#/ { print; next }
		{ print "# " $0 }
		END {
			if (!planned || seen != plan || (status && !failures))
				printf "not ok %d - %s: ended with status %d after %d of %s tests\n",
					++number, name, status, seen, planned ? plan : "unknown"
		}' "$out" >"$out.tap"
	cat "$out.tap"
	number=$((number + $(grep -c -E '^(not )?ok ' "$out.tap")))
	failed=$((failed + $(grep -c '^not ok ' "$out.tap")))
	rm -f "$out.tap"
done
echo "1..$number"
[ "$number" -gt 0 ] && [ "$failed" -eq 0 ]
