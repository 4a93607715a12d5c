#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# leaks.sh - what all that has run so far has left behind in memory, by kmemleak
#
# The last of the tests: an object counts as lost when nothing points to it any more.
#
# shellcheck disable=SC2317 # what check calls
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/lib.sh" || exit

kmemleak=/sys/kernel/debug/kmemleak

load_use_unload()
{
	load_module filter=port=1
	cat /proc/tcpfsm /proc/tcpfsm_stat >/dev/null
	connect_refused
	unload_module
}

# Of an object that is younger than five seconds kmemleak says nothing.
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
