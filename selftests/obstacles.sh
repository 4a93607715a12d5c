#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# obstacles.sh - switch off, use or patch the parts of the kernel that the module works with
#
# guide/interference.rst says what happens: the kernel refuses it, or /proc/tcpfsm_stat shows it. In
# either case each transition of a full socket is recorded.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

ftrace=/proc/sys/kernel/ftrace_enabled
kprobes=/sys/kernel/debug/kprobes/enabled
tracing=/sys/kernel/tracing
own=tcpfsm_obstacle

# silent 0|1 - for check: does the module count that its kprobes are silent?
silent()
{
	equal "kprobes_silent" "$(module_stat kprobes_silent)" "expected" "$1"
}

# cannot_switch_off - for check: does the kernel refuse to switch ftrace off?
cannot_switch_off()
{
	! (echo 0 >"$ftrace") 2>/dev/null
	equal "ftrace_enabled" "$(<"$ftrace")" "expected" 1
}

# may_switch_kprobes - may this script switch kprobes off? A locked down kernel does not allow it.
may_switch_kprobes()
{
	(echo "$(<"$kprobes")" >"$kprobes") 2>/dev/null
}

check_kprobes_off()
{
	if ! may_switch_kprobes; then
		skip "kprobes_silent is 1 while kprobes are switched off" \
			"this kernel does not let kprobes be switched off"
		skip "a connection is recorded while kprobes are switched off" "nothing has changed"
		skip "the tracepoint records the connection while kprobes are switched off" \
			"nothing has changed"
		skip "kprobes_silent is 0 after kprobes were switched on again" \
			"nothing has changed"
		return
	fi
	echo 0 >"$kprobes"
	check "kprobes_silent is 1 while kprobes are switched off" silent 1
	check "a connection is recorded while kprobes are switched off" records
	check "the tracepoint records the connection while kprobes are switched off" \
		at_least "repaired" "$(hook_stat repaired tcp_set_state)" 2
	echo 1 >"$kprobes"
	check "kprobes_silent is 0 after kprobes were switched on again" silent 0
}

check_loaded()
{
	load_module
	check "kprobes_silent is 0 after load" silent 0
	check "a connection is recorded after load" records
	check "ftrace cannot be switched off while the module is loaded" cannot_switch_off
	check "a connection is recorded after somebody tried to switch ftrace off" records
	check_kprobes_off
	check "the module is unloaded after kprobes were switched off and on" unload_module
}

check_loading()
{
	local mark names=(
		"kprobes_silent is 1 in a module that was loaded without ftrace"
		"the kernel log says at load that kprobes are switched off without ftrace"
	)
	mark=$(log_lines)
	if (echo 0 >"$ftrace") 2>/dev/null; then
		load_module
		check "${names[0]}" silent 1
		check "${names[1]}" said_since "$mark" "kprobes are switched off"
	else
		load_module
		skip "${names[0]}" "this kernel does not let ftrace be switched off"
		skip "${names[1]}" "nor is there anything to say"
	fi
	check "a connection is recorded by a module that was loaded without ftrace" records
	check "a module that was loaded without ftrace is unloaded" unload_module
	echo 1 >"$ftrace"
	load_module
	check "kprobes_silent is 0 in a module that was loaded with ftrace again" silent 0
	check "a connection is recorded by a module that was loaded with ftrace again" records
}

# events_hit - print how often the kprobe events were hit
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
	check "a connection is recorded while kprobe events are on the same functions" records
	check "kprobe events on the same functions are hit" at_least "hits" "$(events_hit)" 2
	check "the module is unloaded while kprobe events are on the same functions" unload_module
	load_module
	check "a connection is recorded by a module that was loaded after kprobe events" records
	echo 0 >"$tracing/events/$own/enable"
	: >"$tracing/kprobe_events"
	check "a connection is recorded after the kprobe events were removed" records
	check "the module is unloaded after the kprobe events were removed" unload_module
}

# load_with_kprobes - for check: load the module while ftrace fails, so that each hook is a kprobe
load_with_kprobes()
{
	insmod "$here/../kmods/failcall/failcall.ko" function=register_ftrace_function error=-12 &&
		echo 1 >/sys/module/failcall/parameters/nth && insmod "$module" && rmmod failcall
}

# sees_every_edge - for check: does edges_close pass? It finds the module loaded, and leaves it
# loaded.
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
	check "the module is loaded where registering with ftrace fails" load_with_kprobes
	check "the kernel log says that kprobes stand in for ftrace" \
		said_since "$mark" "kprobes instead"
	check "every way to close is recorded while kprobes stand in for ftrace" sees_every_edge
	check "the module whose kprobes stood in for ftrace is unloaded" unload_module
}

optimization=/proc/sys/debug/kprobes-optimization

# check_breakpoint - switch jumps off, which makes the kprobe a breakpoint
check_breakpoint()
{
	local i
	if [[ ! -w $optimization ]]; then
		for i in {1..6}; do
			skip "kprobes that are not jumps, test $i of 6" \
				"this kernel makes no jumps of kprobes"
		done
		return
	fi
	load_module
	echo 0 >"$optimization"
	check "a connection is recorded after kprobes ceased to be jumps" records
	check "every way to close is recorded after kprobes ceased to be jumps" sees_every_edge
	check "the module is unloaded after kprobes ceased to be jumps" unload_module
	load_module
	check "every way to close is recorded by a module that was loaded without jumps" \
		sees_every_edge
	echo 1 >"$optimization"
	check "a connection is recorded after kprobes may be jumps again" records
	check "the module is unloaded after kprobes may be jumps again" unload_module
}

patch=/sys/kernel/livepatch/patchstate

# patch_is 0|1 - is the live patch off or on, and the transition complete?
patch_is()
{
	[[ $(<"$patch/enabled") == "$1" && $(<"$patch/transition") == 0 ]]
}

apply_patch()
{
	insmod "$here/../kmods/patchstate/patchstate.ko" && wait_for 60 patch_is 1
}

revert_patch()
{
	[[ ! -e $patch ]] || echo 0 >"$patch/enabled"
	# rmmod works as soon as no task uses the patched function.
	wait_for 60 rmmod patchstate 2>/dev/null
}

# recorded_despite_patch - for check: did the right hook record the connection? A kprobe inside the
# old function is silent, because nobody calls it any more. A kprobe at its entry that ftrace serves
# runs.
recorded_despite_patch()
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
	local i
	load_module
	if ! apply_patch 2>"$work/said"; then
		for i in {1..7}; do
			skip "tcp_set_state() with a live patch, test $i of 7" "$(<"$work/said")"
		done
		check "the module is unloaded after the live patch was refused" unload_module
		return
	fi
	check "a connection is recorded while tcp_set_state() has a live patch" records
	check "the tracepoint records it despite the live patch, unless ftrace has the kprobe" \
		recorded_despite_patch
	check "every way to close is recorded while tcp_set_state() has a live patch" \
		sees_every_edge
	check "the module is unloaded while tcp_set_state() has a live patch" unload_module
	load_module
	check "every way to close is recorded by a module that was loaded after the patch" \
		sees_every_edge
	check "the live patch is reverted while the module is loaded" revert_patch
	check "a connection is recorded after the live patch was reverted" records
	check "the module is unloaded after the live patch was reverted" unload_module
}

# transitions - print how many transitions the module has counted
transitions()
{
	awk '/^transitions\{/ { n += $2 } END { print n + 0 }' /proc/tcpfsm_stat
}

# ignores_odd_states [silently=1] - for check: are transitions to states that TCP does not have only
# counted as illegal, and not recorded?
ignores_odd_states()
{
	local illegal recorded counted status=0
	illegal=$(module_stat illegal)
	recorded=$(module_stat recorded)
	counted=$(transitions)
	insmod "$here/../kmods/oddstate/oddstate.ko" states=13,12,0,15,200 "$@" && rmmod oddstate || return
	equal "illegal" $(($(module_stat illegal) - illegal)) "expected" 6 || status=1
	equal "recorded" $(($(module_stat recorded) - recorded)) "expected" 0 || status=1
	equal "counted" $(($(transitions) - counted)) "expected" 0 || status=1
	return "$status"
}

# exports FUNCTION - does the kernel export it to modules?
exports()
{
	grep -q " __ksymtab_$1\$" /proc/kallsyms
}

check_odd_states()
{
	local name="states that TCP does not have are ignored if tcp_set_state() sets them"
	load_module
	if exports tcp_set_state; then
		check "$name" ignores_odd_states
	else
		skip "$name" "this kernel keeps tcp_set_state() to itself"
	fi
	check "states that TCP does not have are ignored if only the tracepoint tells" \
		ignores_odd_states silently=1
	check "a connection is recorded after states that TCP does not have" records
	check "the module is unloaded after states that TCP does not have" unload_module
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
