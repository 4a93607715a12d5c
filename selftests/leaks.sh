#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# leaks.sh - look for memory that the tests before this one have leaked, by kmemleak
#
# kmemleak takes an object for lost if no pointer to it is left.
#
# shellcheck disable=SC2317 # check calls functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

kmemleak=/sys/kernel/debug/kmemleak

# load_use_unload - for check: load the module, read its files, record, and unload it
load_use_unload()
{
	load_module filter=port=1
	cat /proc/tcpfsm /proc/tcpfsm_stat >/dev/null
	connect_refused
	unload_module
}

# nothing_lost - for check: does kmemleak report nothing? It leaves out objects that are younger
# than five seconds.
nothing_lost()
{
	sleep 6
	echo scan >"$kmemleak"
	echo scan >"$kmemleak"
	! grep . "$kmemleak"
}

need_root
[[ -w $kmemleak ]] || skip_all "this kernel cannot tell (CONFIG_DEBUG_KMEMLEAK)"
trap cleanup EXIT
begin 2
check "the module is loaded, used and unloaded" load_use_unload
check "kmemleak finds no object that nothing points to" nothing_lost
finish
