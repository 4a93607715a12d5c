# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# install.sh - what make install brings: programs, man pages, completion

needs() { # PROGRAM PACKAGE
	command -v "$1" >/dev/null && return
	skip "no $1; in Debian: apt-get install $2"
	return 1
}

pages() {
	ls ../../../Documentation/man/*.[48]
}

test_install_brings_programs_pages_and_completion() {
	make -s -C ../../../tools install DESTDIR="$DIR/dest" PREFIX=/opt
	for program in "$DIR"/dest/opt/bin/fsm*; do
		name=${program##*/}
		"$program" --version | grep -q "^$name "
		[ -s "$DIR/dest/opt/share/man/man8/$name.8" ]
		[ -s "$DIR/dest/opt/share/bash-completion/completions/$name" ]
	done
	[ -x "$DIR/dest/opt/bin/fsmcat" ]
	[ -x "$DIR/dest/opt/bin/fsmstat" ]
	[ -s "$DIR/dest/opt/share/man/man4/tcpfsm.4" ]
}

test_pages_are_clean_by_mandoc() {
	needs mandoc mandoc || return 0
	for page in $(pages); do
		# .TH has no date: the pages belong to the version that they came with.
		mandoc -T lint -W warning "$page" | grep -v 'missing date' >"$DIR/lint" || :
		is_empty "$DIR/lint"
	done
}

test_pages_are_clean_by_groff() {
	needs groff groff-base || return 0
	for page in $(pages); do
		groff -man -Tutf8 -ww -z "$page" >"$DIR/lint" 2>&1
		is_empty "$DIR/lint"
	done
}

test_pages_begin_with_examples_and_tell_the_overhead() {
	for page in $(pages); do
		grep -q '^\.SH OVERHEAD' "$page"
		# The section comes behind NAME, and behind SYNOPSIS if there is one.
		grep '^\.SH' "$page" | sed -n 2,3p | grep -qx '.SH EXAMPLES'
	done
}

# Check that each option of --help is in the page.
test_pages_have_every_option() {
	for program in "$FSMCAT" "$FSMSTAT"; do
		page=../../../Documentation/man/${program##*/}.8
		for option in $("$program" --help | sed -n 's/^ .*\(--[a-z][a-z-]*\).*  .*/\1/p'); do
			sed 's/\\//g' "$page" | grep -q -e "$option" || {
				echo "$page: no $option"
				return 1
			}
		done
	done
}

# completes WORDS... - complete as bash does, with the cursor behind the last word, to DIR/out
completes() {
	bash -c '
		set -eu
		PATH=$(dirname "$FSMCAT"):$PATH
		. ../../../tools/completion.bash
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_tcpfsm "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		[ ${#COMPREPLY[@]} -eq 0 ] || printf "%s\n" "${COMPREPLY[@]}"' \
		completes "$@" >"$DIR/out"
}

completed() { # EXPECTED
	[ "$(sort "$DIR/out" | xargs)" = "$1" ] && return
	echo "completed to '$(xargs <"$DIR/out")', not '$1'"
	return 1
}

test_bash_completes() {
	needs bash bash || return 0
	export FSMCAT
	completes fsmcat --
	for option in count filter no-follow json csv ladder expect timeout wall read write; do
		grep -qx -e "--$option" "$DIR/out"
	done
	completes fsmcat --lad
	completed --ladder
	completes fsmstat --open
	completed --openmetrics
	completes fsmcat -f st
	completed state=
	completes fsmcat -f state = CLOSE_
	completed CLOSE_WAIT
	completes fsmcat -f cause = close,rcv_d
	completed close,rcv_data
	completes fsmcat -f "'port=80 !sta"
	completed 'port=80 !state='
	completes fsmcat --expect "'LISTEN>SYN_R"
	completed 'LISTEN>SYN_RECV'
	completes fsmcat -r fixtures/htt
	grep -qx fixtures/http.fsm "$DIR/out"
	completes fsmstat --openmetrics = s
	completed strict
	completes fsmcat -n ''
	completed ''
}

# Check that its lists are those of the module.
test_bash_completes_all_states_and_causes() {
	needs bash bash || return 0
	export FSMCAT
	completes fsmcat -f state = ''
	[ "$(wc -l <"$DIR/out")" -eq "$(grep -c '^	X([A-Z_0-9]*)' ../../../module/core/states.h)" ]
	completes fsmcat -f cause = ''
	sed -n 's/^	X([A-Z_0-9]*,.*"\([a-z_0-9]*\)").*/\1/p' ../../../module/core/states.h | sort >"$DIR/expected"
	[ -s "$DIR/expected" ]
	sort "$DIR/out" | diff -u "$DIR/expected" -
}

# A compiler that has no header of libmnl.
write_compiler() { # FILE
	cat >"$1" <<-'END'
		#!/bin/sh
		for word; do
			[ "$word" != -E ] || ! grep libmnl || exit 1
		done
		exec cc "$@"
	END
	chmod +x "$1"
}

test_a_missing_library_leaves_out_one_program() {
	write_compiler "$DIR/cc"
	set -- make -C ../../../tools CC="$DIR/cc" BUILD="$DIR/built" BINDIR_BUILT="$DIR/built"
	exits 2 "$@" -s "$DIR/built/fsmtop"
	grep -q '^fsmtop is not built: it needs libmnl-dev; in Debian: apt-get install libmnl-dev$' \
		"$DIR/err"
	exits 0 "$@" -n
	grep -q ' -o [^ ]*/fsmcat ' "$DIR/out"
	grep -q ' -o [^ ]*/fsmstat ' "$DIR/out"
	! grep -q ' -o [^ ]*/fsmtop ' "$DIR/out"
}
