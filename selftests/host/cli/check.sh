#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# check.sh - run all tests of the tools, plain and under the sanitizers (TAP)
#
# A test is a function test_* of one of the files below; it passes if no command in it
# fails. FSMCAT, FSMSTAT, FSMTOP, GEN and VERIFY are the programs, and DIR is a directory of its
# own. TESTS=REGEX runs only the functions with such a name, BUILDS=plain only one of the two
# builds.
set -u
cd "$(dirname "$0")" || exit 1

. ../../helpers/tap.sh

DIR=$(mktemp -d) || exit 1
trap 'rm -rf "$DIR"' EXIT
# A test gives up its rights, and must still reach the programs.
chmod 755 "$DIR"
# script(1) runs its command with this shell: let it be the same for everybody.
SHELL=/bin/sh
export SHELL

# End a test, and say why it cannot be run here; within CI that is a failure.
skip() { # WHY
	echo "$1" >"$DIR/skip"
	[ "${CI:-}" != true ]
}

# Run a function, and show its output if it failed. Do not run it as a condition: "set -e" has
# no effect within one.
run_test() { # FUNCTION
	(
		set -eu
		"$1"
	) >"$DIR/log" 2>&1
	status=$?
	[ $status -eq 0 ] || sed 's/^/# /' "$DIR/log"
	why=
	[ ! -e "$DIR/skip" ] || why=" # SKIP $(cat "$DIR/skip")"
	rm -f "$DIR/skip"
	result $status "$BUILD: $(echo "${1#test_}" | tr _ ' ')$why"
}

# Run a program that prints results itself, without numbers.
run_program() { # PROGRAM ARGS...
	"$@" >"$DIR/log" 2>&1
	status=$?
	ended=$status
	while IFS= read -r line; do
		case $line in
		"ok - "*) result 0 "$BUILD: ${line#ok - }" ;;
		"not ok - "*)
			result 1 "$BUILD: ${line#not ok - }"
			ended=0
			;;
		*) echo "# $line" ;;
		esac
	done <"$DIR/log"
	# If the program failed and no test did, it crashed.
	[ $ended -eq 0 ] || result $ended "$BUILD: $(basename "$1") (exit status $status)"
}

wait_until() { # COMMAND...
	wait_for 0 "$@" && return
	echo "gave up waiting until: $*"
	return 1
}

# Run a command, with its output in DIR/out and DIR/err; fail unless it exits with STATUS.
exits() { # STATUS COMMAND...
	wanted=$1
	shift
	got=0
	timeout -k 10 60 "$@" >"$DIR/out" 2>"$DIR/err" || got=$?
	[ $got -eq "$wanted" ] && return
	echo "exit status $got, not $wanted: $*"
	cat "$DIR/err"
	return 1
}

is_empty() { # FILE
	[ ! -s "$1" ] && return
	echo "not empty:"
	cat "$1"
	return 1
}

one_line() { # FILE PATTERN
	[ "$(wc -l <"$1")" -eq 1 ] && grep -q -e "$2" "$1" && return
	echo "not one line like $2:"
	cat "$1"
	return 1
}

. ./replay.sh
. ./live.sh
. ./usage.sh
. ./filter.sh
. ./ladder.sh
. ./expect.sh
. ./fsmstat.sh
. ./install.sh
. ./layers.sh
. ./fsmtop.sh

functions=$(sed -n 's/^\(test_[a-z_0-9]*\)() {.*/\1/p' replay.sh live.sh usage.sh filter.sh \
	ladder.sh expect.sh fsmstat.sh install.sh layers.sh fsmtop.sh | grep -E "${TESTS:-.}")

echo "TAP version 13"
for BUILD in ${BUILDS:-plain sanitize}; do
	GEN=$PWD/build/$BUILD/gen
	VERIFY=$PWD/build/$BUILD/verify
	case $BUILD in
	plain) bin=$PWD/../../../tools ;;
	sanitize) bin=$PWD/../../../tools/build/sanitize ;;
	esac
	FSMCAT=$bin/fsmcat
	FSMSTAT=$bin/fsmstat
	FSMTOP=$bin/fsmtop
	for name in $("$GEN" --list); do
		"$GEN" "$name" >"$DIR/$name"
		"$GEN" --swap "$name" >"$DIR/$name.swap"
		"$GEN" --tail 40 "$name" >"$DIR/$name.tail"
	done
	"$GEN" many 20000 >"$DIR/many"
	"$GEN" town 60 >"$DIR/town"
	for test in *_test.c; do
		[ -n "${TESTS:-}" ] || run_program "build/$BUILD/${test%.c}" "$DIR"
	done
	for test in $functions; do
		run_test "$test"
	done
done

BUILD=fuzz
. ./fuzz.sh
for test in test_no_input_breaks_the_reader test_no_input_breaks_the_expression; do
	[ -n "${TESTS:-}" ] || run_test $test
done

echo "1..$tests"
[ "$failures" -eq 0 ]
