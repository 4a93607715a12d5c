# SPDX-License-Identifier: GPL-2.0
# foreign.sh - act as other tools that hook the return of functions, or ask for cookies
#
# shellcheck shell=bash disable=SC2034,SC2154 # scripts use these variables, and lib.sh sets them
# Source this after lib.sh. A return hook puts its own address in place of the caller's on the
# stack, where the module looks for the call site. There are four kinds:
#
#	graph		the function_graph tracer
#	kretprobe	a kprobe event, "r:..."
#	fprobe		an fprobe event, "f:... %return"
#	fexit		a BPF program

tracing=/sys/kernel/tracing
foreign_group=tcpfsm_foreign
foreign_kinds=(graph kretprobe fprobe fexit)
declare -A foreign_agent=()
foreign_askers=()

# The functions that module/hooks/hooks.c hooks, and the call sites of module/core/callsite_names.h.
# Not all kernels have all of them.
foreign_hooked=(
	tcp_set_state inet_csk_listen_start tcp_fastopen_defer_connect tcp_done_with_error
	inet_csk_reqsk_queue_hash_add __inet_csk_reqsk_queue_drop reqsk_queue_unlink
	tcp_v4_reqsk_destructor tcp_v6_reqsk_destructor inet_csk_reqsk_queue_add
	inet_twsk_hashdance_schedule inet_twsk_hashdance tcp_time_wait inet_twsk_deschedule_put
	tcp_timewait_state_process __inet_twsk_schedule inet_twsk_kill
)
foreign_callers=(
	tcp_v4_connect tcp_v6_connect tcp_sendmsg_fastopen tcp_sendmsg_locked tcp_finish_connect
	tcp_rcv_state_process tcp_rcv_synsent_state_process tcp_fin tcp_shutdown __tcp_close
	tcp_close tcp_disconnect tcp_abort tcp_done tcp_reset tcp_write_err tcp_validate_incoming
	tcp_retransmit_timer tcp_fastopen_synack_timer tcp_write_timeout tcp_write_timer_handler
	tcp_write_timer tcp_probe_timer tcp_keepalive_timer tcp_out_of_resources tcp_v4_err
	tcp_v6_err tcp_req_err tcp_check_req reqsk_timer_handler inet_csk_reqsk_queue_drop
	inet_csk_reqsk_queue_drop_and_put inet_csk_complete_hashdance tcp_conn_request tcp_v4_rcv
	tcp_v6_rcv __inet_check_established __inet6_check_established __inet_hash_connect
	inet_twsk_purge call_timer_fn tw_timer_handler inet_sk_state_store inet_sk_set_state
)

# list_functions - write a file of the functions that ftrace can hook, with their line numbers. The
# kernel's list is long and slow to read, so it is read once.
list_functions()
{
	[[ -s $work/functions ]] ||
		awk '!seen[$1]++ { print $1, NR }' $tracing/available_filter_functions >"$work/functions"
}

# foreign_existing FUNCTION... - print those of them that ftrace can hook in this kernel
foreign_existing()
{
	list_functions
	awk 'NR == FNR { want[$1]; next } $1 in want { print $1 }' \
		<(printf '%s\n' "$@") "$work/functions"
}

# foreign_numbers FUNCTION... - print their numbers in the kernel's list. For each name it would
# look through the whole list.
foreign_numbers()
{
	list_functions
	awk 'NR == FNR { want[$1]; next } $1 in want { print $2 }' \
		<(printf '%s\n' "$@") "$work/functions"
}

# foreign_lacks KIND - print why this kernel has no such hooks, or nothing if it has them
foreign_lacks()
{
	case $1 in
	graph)
		grep -qw function_graph $tracing/available_tracers ||
			echo "this kernel has no function_graph tracer" ;;
	kretprobe)
		[[ -e $tracing/kprobe_events ]] || echo "this kernel has no kprobe events" ;;
	fprobe)
		grep -q '%return' <(grep -A 3 'f\[:' $tracing/README) ||
			echo "this kernel has no fprobe events" ;;
	fexit)
		if ! has_btf; then
			echo "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)"
		elif ! "$here/bpfagent" try tcp_set_state >/dev/null; then
			echo "this kernel does not let BPF programs hook functions"
		fi ;;
	esac
}

# foreign_events PREFIX SUFFIX FUNCTION... - place events on all functions at once. If the kernel
# refuses one of them, place those that it takes.
foreign_events()
{
	local prefix=$1 suffix=$2 name
	shift 2
	if ! (for name; do
		echo "$prefix:$foreign_group/$name $name$suffix"
	done | cat >>$tracing/dynamic_events) 2>/dev/null; then
		for name; do
			[[ -e $tracing/events/$foreign_group/$name ]] ||
				(echo "$prefix:$foreign_group/$name $name$suffix" \
					>>$tracing/dynamic_events) 2>/dev/null || say "not $name"
		done
	fi
	echo 1 >$tracing/events/$foreign_group/enable
}

# foreign_on KIND FUNCTION... - hook the return of these functions
foreign_on()
{
	local kind=$1
	shift
	case $kind in
	graph)
		foreign_numbers "$@" | xargs >$tracing/set_ftrace_filter &&
			echo function_graph >$tracing/current_tracer ;;
	kretprobe)
		foreign_events r "" "$@" ;;
	fprobe)
		foreign_events f %return "$@" ;;
	fexit)
		"$here/bpfagent" fexit "$@" >"$work/agent-fexit" &
		foreign_agent[fexit]=$!
		wait_for 60 grep -q '^attached [1-9]' "$work/agent-fexit" || return
		sed -n '/^not/s/^/# /p' "$work/agent-fexit" ;;
	esac
}

# foreign_off KIND - remove the hooks of this kind
foreign_off()
{
	case $1 in
	graph)
		echo nop >$tracing/current_tracer
		echo >$tracing/set_ftrace_filter ;;
	kretprobe | fprobe)
		[[ ! -e $tracing/events/$foreign_group ]] ||
			echo 0 >$tracing/events/$foreign_group/enable
		echo >$tracing/dynamic_events ;;
	fexit)
		[[ -n ${foreign_agent[fexit]:-} ]] || return 0
		kill "${foreign_agent[fexit]}"
		wait "${foreign_agent[fexit]}" 2>/dev/null
		unset "foreign_agent[fexit]" ;;
	esac
}

# foreign_all_off - remove all hooks, wherever the script has ended
foreign_all_off()
{
	local kind
	for kind in "${foreign_kinds[@]}"; do
		foreign_off "$kind" 2>/dev/null
	done
}

foreign_buckets=/proc/sys/net/ipv4/tcp_max_tw_buckets

# more_timewaits - have the kernel refuse no timewait sock: "causes" leaves thousands behind, and
# tw_overflow would be the right cause for a connection that was refused one
more_timewaits()
{
	foreign_buckets_before=$(<"$foreign_buckets")
	echo 1000000 >"$foreign_buckets"
}

# as_many_timewaits - undo more_timewaits()
as_many_timewaits()
{
	[[ -z ${foreign_buckets_before:-} ]] || echo "$foreign_buckets_before" >"$foreign_buckets"
}

# foreign_cgroup - print the root of cgroup v2 if there is one; a BPF program there sees all sockets
foreign_cgroup()
{
	awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts
}

# foreign_ask ARG... - attach BPF programs that ask for cookies; fail if none can be attached
foreign_ask()
{
	"$here/bpfagent" "$@" >"$work/asker" 2>&1 &
	foreign_askers+=($!)
	wait_for 60 grep -q '^attached' "$work/asker" || return
	sed -n '/^not/s/^/# /p' "$work/asker"
	! grep -q '^attached 0' "$work/asker"
}

# foreign_ask_no_more - end all processes that ask for cookies
foreign_ask_no_more()
{
	((${#foreign_askers[@]} == 0)) || kill "${foreign_askers[@]}" 2>/dev/null
	wait "${foreign_askers[@]}" 2>/dev/null
	foreign_askers=()
}
