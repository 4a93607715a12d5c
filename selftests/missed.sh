#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# missed.sh - check that no transition is lost when the kernel drops kprobes
#
# While a kprobe's handler runs on a CPU, the kernel drops every kprobe that an interrupt hits
# there. A test module with a slow handler makes that frequent. The tracepoint inside
# tcp_set_state() must record each transition that the kprobe on it missed. No path of events may be
# broken, and the BPF programs must count the same transitions.
#
# TCPFSM_CONNS: the number of connections (10000).
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

conns=${TCPFSM_CONNS:-10000}

# may_be_interrupted - can an interrupt come while the slow kprobe runs? It cannot if the kprobe is
# an exception.
may_be_interrupted()
{
	[[ ! -e /sys/kernel/debug/kprobes/list ]] ||
		grep -qE ' tcp_close\+0x[0-9a-f]+ .*\[(OPTIMIZED|FTRACE)\]' /sys/kernel/debug/kprobes/list
}

need_root
trap cleanup EXIT
begin 15
make_net || give_up "no network"
load_module
chrt -f 1 "$here/chaincheck" -w 60 -o "$work/counts" &
checker=$!
wait_for 10 readers_are 1 || give_up "the reader does not come up"
oracle_start || give_up "cannot start the oracle"
insmod "$here/../kmods/slowprobe/slowprobe.ko" spin_us=300 || give_up "no slow kprobe"

check "all connections are made and ended while a slow kprobe runs" churn -n "$conns"
check "the slow kprobe was hit a thousand times" at_least \
	"hits" "$(</sys/module/slowprobe/parameters/hits)" 1000
undisturbed=
if [[ $(cat /sys/kernel/realtime 2>/dev/null) == 1 ]]; then
	undisturbed="with PREEMPT_RT nothing comes in between a handler"
elif ! may_be_interrupted; then
	undisturbed="a kprobe is an exception here, and nothing comes in between a handler"
fi
check "the slow kprobe is removed" rmmod slowprobe
drop_net
kill -TERM $checker
check "no path of events is broken" exit_status $checker
say "$(counted events) events, missed: $(hook_stat missed tcp_set_state)"
if [[ $undisturbed ]]; then
	skip "the kernel dropped hits of the kprobe on tcp_set_state()" "$undisturbed"
else
	check "the kernel dropped hits of the kprobe on tcp_set_state()" at_least \
		"missed by the kernel's count" "$(hook_stat kprobe_missed tcp_set_state)" 10
fi
check_chains
oracle_stop
check "the module is unloaded after the slow kprobe" unload_module
finish
