#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# returns.sh - hook the return of the functions whose callers the module looks for
#
# There are four kinds of return hooks (helpers/foreign.sh). Each is placed on tcp_set_state() alone
# and on all functions that the module hooks or knows as call sites, before the module is loaded and
# after. While such hooks are there, a cause is right or unknown. After their removal, each cause is
# right again. No path of events may be broken, and no event may be lost.
#
# TCPFSM_JUDGED: the number of connections at a time (180).
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/foreign.sh" || exit

conns=${TCPFSM_JUDGED:-180}

# while_hooked WHAT - make connections while hooks are placed, and check their causes
while_hooked()
{
	check "no cause is wrong with $1" "$here/causes" -u -n "$conns"
}

# when_gone WHAT - make connections after the hooks were removed, and check their causes
when_gone()
{
	check "each cause is right after the removal of $1" "$here/causes" -n "$conns"
}

# begin_reading - load the module, and start chaincheck
begin_reading()
{
	load_module
	"$here/chaincheck" -a -o "$work/counts" &
	checker=$!
	wait_for 10 readers_are 1 || give_up "the reader does not come up"
}

# end_reading WHAT - check the paths that chaincheck has read, and unload the module
end_reading()
{
	kill -TERM "$checker"
	check "no path of events is broken by $1" exit_status "$checker"
	check "the module is unloaded after $1" unload_module
}

# run_kind KIND - test one kind of hooks. The kernel takes seconds to place or remove many hooks, so
# those on all functions are placed once, and serve two tests.
run_kind()
{
	local kind=$1
	begin_reading
	foreign_on "$kind" "${functions[@]}" || give_up "cannot place $kind"
	while_hooked "$kind on all functions, placed after load"
	end_reading "$kind on all functions, placed after load"
	begin_reading
	while_hooked "$kind on all functions, placed before load"
	foreign_off "$kind"
	when_gone "$kind on all functions, placed before load"
	foreign_on "$kind" tcp_set_state || give_up "cannot place $kind"
	while_hooked "$kind on tcp_set_state(), placed after load"
	foreign_off "$kind"
	when_gone "$kind on tcp_set_state(), placed after load"
	end_reading "$kind on all functions, then on tcp_set_state()"
	foreign_on "$kind" tcp_set_state || give_up "cannot place $kind"
	begin_reading
	while_hooked "$kind on tcp_set_state(), placed before load"
	foreign_off "$kind"
	when_gone "$kind on tcp_set_state(), placed before load"
	end_reading "$kind on tcp_set_state(), placed before load"
}
per_kind=13

skip_kind()
{
	local i
	for ((i = 1; i <= per_kind; i++)); do
		skip "hooks of the kind $1, test $i of $per_kind" "$2"
	done
}

# sees_all PROGRAM CAUSES - for check: does an edges program pass, which checks the cause of each
# event? It finds the module loaded. CAUSES says which causes it accepts.
sees_all()
{
	local status=0
	TCPFSM_CAUSES=$2 "$here/../$1" >"$work/edges" 2>&1 || status=$?
	grep 'unknown causes' "$work/edges" | awk '{ n += $NF } END { print "unknown causes: " n + 0 }'
	((status)) || return 0
	grep -vE '^# +(RUN|OK)|^ok' "$work/edges"
	return 1
}

# run_together - place all kinds at once on the functions that are on the stack most often. One hook
# then puts its address in place of another hook's.
run_together()
{
	local kind
	mapfile -t functions < <(foreign_existing tcp_set_state tcp_done tcp_done_with_error \
		tcp_reset tcp_rcv_state_process tcp_v4_rcv inet_twsk_kill inet_twsk_deschedule_put)
	load_module
	for kind in "${present[@]}"; do
		foreign_on "$kind" "${functions[@]}" || give_up "cannot place $kind"
	done
	check "edges_close finds no wrong cause with all kinds at once" sees_all edges_close foreign
	while_hooked "all kinds at once"
	foreign_all_off
	when_gone "all kinds at once"
	check "the module is unloaded after all kinds at once" unload_module
}

undo()
{
	foreign_all_off
	as_many_timewaits
	cleanup
}

need_root
[[ -e $tracing/dynamic_events ]] || skip_all "this kernel has no tracing of functions"
trap undo EXIT
more_timewaits
begin $((per_kind * ${#foreign_kinds[@]} + 4))
mapfile -t functions < <(foreign_existing "${foreign_hooked[@]}" "${foreign_callers[@]}")
say "${#functions[@]} functions"
present=()
for kind in "${foreign_kinds[@]}"; do
	why=$(foreign_lacks "$kind")
	if [[ $why ]]; then
		skip_kind "$kind" "$why"
	else
		present+=("$kind")
		run_kind "$kind"
	fi
done
run_together
finish
