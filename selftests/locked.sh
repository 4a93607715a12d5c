#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# locked.sh - test the module on a kernel that is locked down, or that wants signatures
#
# Only a reboot takes either of them back, so this is the last of the tests. On a machine that was
# booted with Secure Boot and lockdown=confidentiality (selftests/vm calls it "locked"), the module
# is signed. There the script tests that the module does all it should, while others are refused.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

lockdown=/sys/kernel/security/lockdown
enforce=/sys/module/module/parameters/sig_enforce
enabled=/sys/module/tcpfsm/parameters/enabled
kprobes=/sys/kernel/debug/kprobes

# refused FILE TEXT - for check: does insmod fail with this text?
refused()
{
	local said
	if said=$(LC_ALL=C insmod "$1" 2>&1); then
		echo "it was loaded"
		return 1
	fi
	echo "$said"
	[[ $said == *"$2"* ]] && [[ ! -e /proc/tcpfsm ]]
}

# locks_down LEVEL - for check: does the kernel take this level of lockdown?
locks_down()
{
	echo "$1" >"$lockdown" && [[ $(<"$lockdown") == *"[$1]"* ]]
}

# check_from_now_on - lock the kernel down while the module is loaded
check_from_now_on()
{
	local level
	begin 11
	load_module
	for level in integrity confidentiality; do
		check "the kernel takes lockdown=$level" locks_down $level
		check "lockdown=$level: a loaded module records a connection" records
		check "lockdown=$level: a loaded module is switched off" eval "echo 0 >$enabled"
		check "lockdown=$level: a module that is switched on again records a connection" \
			eval "echo 1 >$enabled && records"
	done
	check "lockdown=confidentiality: a loaded module is unloaded" unload_module
	check "lockdown=confidentiality: a module without a signature is refused" \
		refused "$module" "Operation not permitted"
	echo 1 >$enforce
	check "sig_enforce=1: a module without a signature is refused" \
		refused "$module" "Key was rejected"
}

# unsigned - make a copy of the module without its signature, and print its name. 12 bytes follow
# the signature, of which the last four are its length, and then 28 bytes that mark the module as
# signed.
unsigned()
{
	local length
	length=$(tail -c 32 "$module" | head -c 4 | od -An -t u4 --endian=big)
	head -c -$((length + 40)) "$module" >"$work/unsigned.ko"
	echo "$work/unsigned.ko"
}

cannot_switch_off()
{
	! (echo 0 >"$kprobes"/enabled) && equal "kprobes_silent" "$(module_stat kprobes_silent)" "expected" 0
}

is_jump()
{
	grep -E ' tcp_set_state\+0x[0-9a-f]+ .*\[OPTIMIZED\]' "$kprobes"/list
}

has_no_files()
{
	[[ ! -e /sys/kernel/tracing/events && ! -e /sys/kernel/tracing/kprobe_events ]]
}

# check_locked - test on a machine that was booted locked down
check_locked()
{
	begin 11
	check "Secure Boot: a module without a signature is refused" \
		refused "$(unsigned)" "Key was rejected"
	check "Secure Boot: a module with a signature is loaded" load_module
	check "Secure Boot: a connection is recorded" records
	check "Secure Boot: no event has an unknown cause" \
		equal "cause_unknown" "$(module_stat cause_unknown)" "expected" 0
	check "Secure Boot: no hook of the module is absent" no_hook_is_absent
	check "Secure Boot: the kprobe on tcp_set_state() becomes a jump" wait_for 10 is_jump
	check "Secure Boot: the module is switched off" eval "echo 0 >$enabled"
	check "Secure Boot: the module that is switched on again records a connection" \
		eval "echo 1 >$enabled && records"
	check "Secure Boot: kprobes cannot be switched off" cannot_switch_off
	check "Secure Boot: tracefs has neither events nor kprobe_events" has_no_files
	check "Secure Boot: the module is unloaded" unload_module
}

need_root
mountpoint -q /sys/kernel/security || mount -t securityfs none /sys/kernel/security 2>/dev/null
[[ -w $lockdown && -w $enforce ]] ||
	skip_all "this kernel has no lockdown or no signatures"
trap cleanup EXIT
case $(<$lockdown)-$(<$enforce) in
*"[confidentiality]-Y")
	check_locked ;;
"[none]"*-N)
	[[ ${TCPFSM_LOCK:-} ]] ||
		skip_all "only undone by a reboot: TCPFSM_LOCK=1 does it all the same"
	check_from_now_on ;;
*)
	skip_all "lockdown or signatures are on already" ;;
esac
finish
