# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# usage.sh - options, and the messages if the stream cannot be opened

# Check for one line, exit status 2, and nothing printed.
wrong() { # PATTERN ARGS...
	pattern=$1
	shift
	exits 2 "$FSMCAT" "$@"
	one_line "$DIR/err" "$pattern"
	is_empty "$DIR/out"
}

test_wrong_options_are_refused() {
	wrong "bogus" --bogus
	wrong "invalid option -- 'x'" -x
	wrong "requires an argument -- 'n'" -n
	wrong "unexpected argument: something" something
	wrong "exclude each other" --json --csv
	wrong "exclude each other" --json --ladder
	wrong "exclude each other" --ladder --expect ...
	for form in --json --csv --ladder --expect=... --wall; do
		wrong "no --json, --csv, --ladder, --expect, --wall" -w "$DIR/none" $form
	done
	[ ! -e "$DIR/none" ]
}

test_wrong_counts_are_refused() {
	for count in 0 -1 +1 x 1x "" " 1" 1.5 0x10 99999999999999999999; do
		wrong "number of events from 1 on, not $count" -n "$count"
	done
}

test_help_opens_with_examples() {
	exits 0 "$FSMCAT" --help
	sed -n 3p "$DIR/out" | grep -q '^Examples:'
	for option in count filter no-follow json csv ladder expect timeout ascii wall wide write read help \
		version; do
		grep -q -e "--$option" "$DIR/out"
	done
	# It fits a terminal.
	[ "$(wc -L <"$DIR/out")" -le 80 ]
	got=0
	"$FSMCAT" --help >/dev/full 2>"$DIR/err" || got=$?
	[ $got -eq 1 ]
	one_line "$DIR/err" "write error"
}

test_version() {
	exits 0 "$FSMCAT" --version
	# Module and tools are one release.
	version=$(sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' ../../../module/main.c)
	[ -n "$version" ]
	one_line "$DIR/out" "^fsmcat $version "
}

test_without_the_module_it_says_how_to_load_it() {
	TCPFSM_RAW=$DIR/missing
	export TCPFSM_RAW
	exits 1 "$FSMCAT"
	one_line "$DIR/err" \
		'^fsmcat: .*/missing: no such file: is the module loaded? (make load)$'
	is_empty "$DIR/out"
	unset TCPFSM_RAW
	[ -e /proc/tcpfsm_raw ] && return
	exits 1 "$FSMCAT"
	one_line "$DIR/err" '^fsmcat: /proc/tcpfsm_raw: no such file: is the module loaded'
}

# Run fsmcat as somebody who may not read the file.
denied() { # PATTERN
	if [ "$(id -u)" -eq 0 ]; then
		cp "$FSMCAT" "$DIR/fsmcat"
		exits 1 setpriv --reuid 65534 --regid 65534 --clear-groups "$DIR/fsmcat"
	else
		exits 1 "$FSMCAT"
	fi
	one_line "$DIR/err" "$1"
	is_empty "$DIR/out"
}

test_without_permission_it_says_who_may() {
	TCPFSM_RAW=$DIR/denied
	export TCPFSM_RAW
	: >"$TCPFSM_RAW"
	chmod 0400 "$TCPFSM_RAW"
	[ "$(id -u)" -eq 0 ] || chmod 0 "$TCPFSM_RAW"
	denied "permission denied: you are not root; the module's parameter gid names a group"
	# Only root can give a file to another group.
	[ "$(id -u)" -eq 0 ] || return 0
	chmod 0440 "$TCPFSM_RAW"
	chgrp daemon "$TCPFSM_RAW"
	denied "permission denied: you are neither root nor in group daemon (the module's parameter gid"
	chgrp 54321 "$TCPFSM_RAW"
	denied "permission denied: you are neither root nor in group 54321 (the module's parameter gid"
}
