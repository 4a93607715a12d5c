#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# agents.sh - keep the module loaded while tracing agents on the host come and go
#
# Connections come and go all the time, and BPF programs ask for the cookie of each. Meanwhile the
# script places and removes return hooks (helpers/foreign.sh), one kind after the other, on
# tcp_set_state() alone and on all functions in turn. No event may be lost, and no path of events
# may be broken. Each cause must be right. While there are return hooks, it may also be unknown.
#
# TCPFSM_SECONDS: the time limit (60; with TCPFSM_SOAK an hour). Each kind has at least one turn.
# TCPFSM_JUDGED: the number of connections whose causes are checked in each turn (90).
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/foreign.sh" || exit

duration=${TCPFSM_SECONDS:-${TCPFSM_SOAK:+3600}}
duration=${duration:-60}
conns=${TCPFSM_JUDGED:-90}

turns=0
judged=0
right=0
unknown=0

# judge ARG... - make connections, check their causes, and add up the results
judge()
{
	local status=0
	"$here/causes" "$@" -n "$conns" >"$work/judged" 2>&1 || status=$?
	((status == 0)) || cat "$work/judged"
	((status < 2)) || return
	((judged += $(value "$work/judged" connections)))
	((right += $(value "$work/judged" right)))
	((unknown += $(value "$work/judged" unknown)))
	return "$status"
}

# turn KIND FUNCTION... - place hooks of one kind, make some connections, and remove the hooks
turn()
{
	local kind=$1
	foreign_on "$@" || { echo "cannot place $kind"; return 1; }
	judge -u || { echo "with $kind on $# functions"; return 1; }
	foreign_off "$kind"
	judge || { echo "after $kind on $# functions"; return 1; }
	turns=$((turns + 1))
}

# round - give each kind of hooks two turns
round()
{
	local kind
	for kind in "${present[@]}"; do
		turn "$kind" tcp_set_state && turn "$kind" "${functions[@]}" || return
	done
}

# come_and_go - for check: repeat rounds until the time is over; is no cause wrong?
come_and_go()
{
	local deadline=$((SECONDS + duration)) status=0
	until ((status != 0 || (turns > 0 && SECONDS >= deadline))); do
		round || status=$?
	done
	echo "hooks came and went $turns times in $((SECONDS - deadline + duration)) s"
	echo "connections $judged, causes right $right, unknown $unknown"
	return "$status"
}

# ask - have BPF programs ask for cookies, where the kernel can
ask()
{
	local cgroup name="BPF programs are attached that ask for the cookie of each socket"
	cgroup=$(foreign_cgroup)
	if [[ -z $cgroup ]]; then
		skip "$name" "there is no cgroup v2"
	elif foreign_ask cookies "$cgroup"; then
		check "$name" true
	else
		skip "$name" "this kernel has no BPF programs for cgroups"
	fi
}

nothing_to_complain_of()
{
	! log_since "$log" | grep -E 'BUG|WARNING|Oops|RIP:|Call Trace|soft lockup|hung task'
}

undo()
{
	foreign_all_off
	foreign_ask_no_more
	as_many_timewaits
	cleanup
}

need_root
need_netns
[[ -e $tracing/dynamic_events ]] || skip_all "this kernel has no tracing of functions"
trap undo EXIT
more_timewaits
begin 11
mapfile -t functions < <(foreign_existing "${foreign_hooked[@]}" "${foreign_callers[@]}")
present=()
for kind in "${foreign_kinds[@]}"; do
	why=$(foreign_lacks "$kind")
	[[ $why ]] && say "$kind: $why" || present+=("$kind")
done
log=$(log_lines)
make_net || give_up "no network"
load_module ring_events=65536
chrt -f 1 "$here/chaincheck" -a -m $((4000000 + 2000 * duration)) -w 60 -o "$work/counts" &
checker=$!
wait_for 10 readers_are 1 || give_up "the reader does not come up"
ask
"${churn[@]}" -l -n 0 -p 4 "${paths[@]}" >"$work/did" &
traffic=$!
check "no cause is wrong while return hooks come and go" come_and_go
kill -TERM $traffic
check "the traffic ran without an error until it was stopped" exit_status $traffic
foreign_ask_no_more
drop_net
check "all connections end after the traffic was stopped" wait_for 120 at_rest
kill -TERM $checker
check "no path of events is broken" exit_status $checker
say "$(counted events) events of $(counted connections) connections"
check "no event is lost" equal "lost" "$(counted lost)" "expected" 0
check "all recorded events were read" \
	equal "recorded" "$(module_stat recorded)" "read" "$(counted events)"
check "the module's counters balance" balanced
check "no hook of the module is absent" no_hook_is_absent
check "the module is unloaded at the end" unload_module
check "the kernel log has no warning of a fault" nothing_to_complain_of
finish
