#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# locked.sh - a kernel that is locked down, and one that wants signatures
#
# Once set, neither can be taken back: the last of the tests.
#
# shellcheck disable=SC2317 # what check and wait_for call
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/lib.sh" || exit

lockdown=/sys/kernel/security/lockdown
enforce=/sys/module/module/parameters/sig_enforce

# refused TEXT - for check: insmod fails with it
refused()
{
	local said
	if said=$(LC_ALL=C insmod "$module" 2>&1); then
		echo "it was loaded"
		return 1
	fi
	echo "$said"
	[[ $said == *"$1"* ]] && [[ ! -e /proc/tcpfsm ]]
}

need_root
mountpoint -q /sys/kernel/security || mount -t securityfs none /sys/kernel/security 2>/dev/null
[[ -w $lockdown && $(<$lockdown) == "[none]"* && -w $enforce && $(<$enforce) == N ]] ||
	skip_all "this kernel has no lockdown or no signatures, or they are on already"
[[ ${TCPFSM_LOCK:-} ]] ||
	skip_all "only undone by a reboot: TCPFSM_LOCK=1 does it all the same"
trap cleanup EXIT
begin 6
load_module
echo integrity >$lockdown
check "what is loaded goes on under lockdown=integrity" records
check "and can be switched off" eval 'echo 0 >/sys/module/tcpfsm/parameters/enabled'
check "and on" eval 'echo 1 >/sys/module/tcpfsm/parameters/enabled'
check "and is unloaded" unload_module
check "what is not signed is not loaded" refused "Operation not permitted"
echo 1 >$enforce
check "nor with sig_enforce" refused "Key was rejected"
finish
