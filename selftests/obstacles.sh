#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# obstacles.sh - others switch off, or use, what the module works with
#
# What guide/interference.rst says of it: refused, or seen in /proc/tcpfsm_stat, and in
# either case each transition of a full socket is told.
#
# shellcheck disable=SC2317 # what check and wait_for call
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/lib.sh" || exit

ftrace=/proc/sys/kernel/ftrace_enabled
kprobes=/sys/kernel/debug/kprobes/enabled
tracing=/sys/kernel/tracing
own=tcpfsm_obstacle

silent()
{
	equal "kprobes_silent" "$(module_stat kprobes_silent)" "expected" "$1"
}

cannot_switch_off()
{
	! (echo 0 >"$ftrace") 2>/dev/null
	equal "ftrace_enabled" "$(<"$ftrace")" "expected" 1
}

# may_switch_kprobes - a kernel that is locked down lets nobody write there
may_switch_kprobes()
{
	(echo "$(<"$kprobes")" >"$kprobes") 2>/dev/null
}

check_kprobes_off()
{
	if ! may_switch_kprobes; then
		skip "kprobes switched off: it shows" "this kernel does not let kprobes be switched off"
		skip "a connection is recorded" "nothing has changed"
		skip "by the tracepoint" "nothing has changed"
		skip "and on again" "nothing has changed"
		return
	fi
	echo 0 >"$kprobes"
	check "kprobes switched off: it shows" silent 1
	check "a connection is recorded" records
	check "by the tracepoint" at_least "repaired" "$(hook_stat repaired tcp_set_state)" 2
	echo 1 >"$kprobes"
	check "and on again" silent 0
}

check_loaded()
{
	load_module
	check "at first, kprobes are heard" silent 0
	check "a connection is recorded" records
	check "ftrace cannot be switched off" cannot_switch_off
	check "a connection is recorded" records
	check_kprobes_off
	check "unload" unload_module
}

check_loading()
{
	local mark
	mark=$(log_lines)
	if (echo 0 >"$ftrace") 2>/dev/null; then
		load_module
		check "loaded without ftrace: it shows" silent 1
		check "and is said" said_since "$mark" "kprobes are switched off"
	else
		load_module
		skip "loaded without ftrace: it shows" "this kernel does not let ftrace be switched off"
		skip "and is said" "nor is there anything to say"
	fi
	check "a connection is recorded" records
	check "unload" unload_module
	echo 1 >"$ftrace"
	load_module
	check "loaded with ftrace again" silent 0
	check "a connection is recorded" records
}

events_hit()
{
	awk '{ n += $2 } END { print n + 0 }' $tracing/kprobe_profile
}

check_shared()
{
	local name
	for name in tcp_set_state tcp_fastopen_defer_connect inet_csk_listen_start; do
		echo "p:$own/$name $name" >>$tracing/kprobe_events
		echo 1 >"$tracing/events/$own/$name/enable"
	done
	check "others probe the same functions" records
	check "and are not disturbed" at_least "hits" "$(events_hit)" 2
	check "unload" unload_module
	load_module
	check "loaded after them" records
	echo 0 >"$tracing/events/$own/enable"
	: >"$tracing/kprobe_events"
	check "they are gone" records
	check "unload" unload_module
}

# load_with_kprobes - where there is no ftrace to be had, each hook is a kprobe
load_with_kprobes()
{
	insmod "$here/failcall/failcall.ko" function=register_ftrace_function error=-12 &&
		echo 1 >/sys/module/failcall/parameters/nth && insmod "$module" && rmmod failcall
}

# By a program that finds the module loaded, and leaves it so
sees_every_edge()
{
	TCPFSM_CAUSES=require "$here/../edges_close" >"$work/edges" && return
	grep -vE '^# +(RUN|OK)|^ok' "$work/edges"
	return 1
}

check_without_ftrace()
{
	local mark
	mark=$(log_lines)
	check "loaded where there is no ftrace" load_with_kprobes
	check "that is said" said_since "$mark" "kprobes instead"
	check "and every way to close is seen" sees_every_edge
	check "unload" unload_module
}

optimization=/proc/sys/debug/kprobes-optimization

# The kprobe is no jump then, but a breakpoint.
check_breakpoint()
{
	if [[ ! -w $optimization ]]; then
		for _ in {1..6}; do
			skip "kprobes without jumps" "this kernel makes no jumps of kprobes"
		done
		return
	fi
	load_module
	echo 0 >"$optimization"
	check "no jumps any more: a connection is recorded" records
	check "and every way to close is seen" sees_every_edge
	check "unload" unload_module
	load_module
	check "loaded without jumps: every way to close is seen" sees_every_edge
	echo 1 >"$optimization"
	check "jumps again: a connection is recorded" records
	check "unload" unload_module
}

patch=/sys/kernel/livepatch/patchstate

patch_is()
{
	[[ $(<"$patch/enabled") == "$1" && $(<"$patch/transition") == 0 ]]
}

apply_patch()
{
	insmod "$here/patchstate/patchstate.ko" && wait_for 60 patch_is 1
}

revert_patch()
{
	[[ ! -e $patch ]] || echo 0 >"$patch/enabled"
	# With its last user the directory goes.
	wait_for 60 rmmod patchstate 2>/dev/null
}

# told_in_spite_of_it - by whom depends on where the kprobe is: one in the old function, which
# nobody calls any more, is silent, and one at its entry that ftrace serves is not
told_in_spite_of_it()
{
	local repaired
	repaired=$(hook_stat repaired tcp_set_state)
	if grep -q ' tcp_set_state+0x0 .*\[FTRACE\]' /sys/kernel/debug/kprobes/list; then
		equal "repaired" "$repaired" "expected" 0
	else
		at_least "repaired" "$repaired" 2
	fi
}

check_patched()
{
	load_module
	if ! apply_patch 2>"$work/said"; then
		for _ in {1..7}; do
			skip "tcp_set_state() has a live patch" "$(<"$work/said")"
		done
		check "unload" unload_module
		return
	fi
	check "tcp_set_state() has a live patch: a connection is recorded" records
	check "by the tracepoint, unless ftrace has the kprobe" told_in_spite_of_it
	check "and every way to close is seen" sees_every_edge
	check "unload" unload_module
	load_module
	check "loaded after it: every way to close is seen" sees_every_edge
	check "the patch is reverted" revert_patch
	check "a connection is recorded" records
	check "unload" unload_module
}

# transitions - how many have been counted, of all kinds
transitions()
{
	awk '/^transitions\{/ { n += $2 } END { print n + 0 }' /proc/tcpfsm_stat
}

# ignores_odd_states [silently=1] - none of them is recorded, nor counted but as illegal
ignores_odd_states()
{
	local illegal recorded counted status=0
	illegal=$(module_stat illegal)
	recorded=$(module_stat recorded)
	counted=$(transitions)
	insmod "$here/oddstate/oddstate.ko" states=13,12,0,15,200 "$@" && rmmod oddstate || return
	equal "illegal" $(($(module_stat illegal) - illegal)) "expected" 6 || status=1
	equal "recorded" $(($(module_stat recorded) - recorded)) "expected" 0 || status=1
	equal "counted" $(($(transitions) - counted)) "expected" 0 || status=1
	return "$status"
}

exports()
{
	grep -q " __ksymtab_$1\$" /proc/kallsyms
}

check_odd_states()
{
	load_module
	if exports tcp_set_state; then
		check "states that TCP does not have" ignores_odd_states
	else
		skip "states that TCP does not have" "this kernel keeps tcp_set_state() to itself"
	fi
	check "the same, stored by other ways" ignores_odd_states silently=1
	check "a connection is recorded" records
	check "unload" unload_module
}

undo()
{
	echo 1 >"$ftrace"
	(echo 1 >"$kprobes") 2>/dev/null
	[[ ! -e $tracing/events/$own/enable ]] || echo 0 >"$tracing/events/$own/enable"
	: >"$tracing/kprobe_events"
	[[ ! -w $optimization ]] || echo 1 >"$optimization"
	! grep -q '^patchstate ' /proc/modules || revert_patch
	rmmod failcall 2>/dev/null
	cleanup
}

need_root
[[ -e $ftrace && -e $kprobes && -e $tracing/kprobe_events ]] ||
	skip_all "this kernel has no ftrace or no kprobe events"
trap undo EXIT
begin 43
check_loaded
check_loading
check_shared
check_without_ftrace
check_breakpoint
check_patched
check_odd_states
finish
