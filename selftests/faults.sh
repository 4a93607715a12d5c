#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# faults.sh - make calls fail at load and in use; the module is refused, or says what it misses
#
# A test module makes each call fail in turn that the module makes to a function that allocates or
# registers. On a kernel that can do it (CONFIG_FAILSLAB), so do the allocations that the kernel
# itself makes while it loads the module.
#
# TCPFSM_FAULTS: how many calls of a function fail, of which there may be a dozen alike (3; with
# TCPFSM_SOAK all). The kernel makes more than a thousand allocations of its own, and a load for
# each takes seconds. So every eleventh fails, and with TCPFSM_SOAK each of them.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

most=${TCPFSM_FAULTS:-${TCPFSM_SOAK:+100}}
most=${most:-3}
stride=${TCPFSM_SOAK:+1}
stride=${stride:-11}
params=/sys/module/tcpfsm/parameters
failing=/sys/module/failcall/parameters

# The functions that the module calls and that can fail, each with its result when it fails
declare -A gives=(
	[__alloc_pages]=0
	[__alloc_pages_nodemask]=0
	[__cpuhp_setup_state_cpuslocked]=-12
	[__kmalloc]=0
	[__kmalloc_cache]=0
	[__kvmalloc_node]=0
	[__seq_open_private]=0
	[__vmalloc]=0
	[alloc_pages_node]=0
	[enable_kprobe]=-12
	[ftrace_set_filter]=-12
	[ftrace_set_filter_ip]=-12
	[kmalloc_trace]=0
	[kmem_cache_alloc_trace]=0
	[kvmalloc_node]=0
	[proc_create]=0
	[register_ftrace_function]=-12
	[register_kprobe]=-12
	[register_kretprobe]=-12
	[register_pernet_subsys]=-12
	[single_open_size]=-12
	[tracepoint_probe_register]=-12
	[try_module_get]=0
	[vmap]=0
)

# bare NAME - print a name without the suffix of kernels with allocation profiling
bare()
{
	echo "${1%_noprof}"
}

# suspects - print the functions that the module imports and that can fail, judged by their names
suspects()
{
	"$here/imports" "$module" | sort -u |
		grep -E 'alloc|vmap|setup_state|register|create|enable_|open|filter|module_get' |
		grep -vE '^(unregister_|kmalloc_caches|tracepoint_probe_unregister|__asan_|__tsan_|kcsan_)'
}

# check_suspects - for check: does "gives" have each of the suspects?
check_suspects()
{
	local name status=0
	for name in $(suspects); do
		[[ ${gives[$(bare "$name")]:-} ]] && continue
		echo "$name is not among those that are made to fail"
		status=1
	done
	return "$status"
}

# arm NTH... - count calls from 0 again, and make the nth call of each function fail
arm()
{
	local IFS=,
	echo "${zeros[*]}" >"$failing/calls"
	echo "$*" >"$failing/nth"
}

# not_reached NTH - was the first function called fewer times than that?
not_reached()
{
	local calls
	IFS=, read -r calls _ <"$failing/calls"
	((calls < $1))
}

# absent - print how many hooks are absent
absent()
{
	grep -c '^hook_absent' /proc/tcpfsm_stat
}

# judge_load NAME NTH - load the module while the nth call of the function fails, and check the
# outcome; fail if there is no nth call
judge_load()
{
	local mark status=0 before after
	mark=$(log_lines)
	insmod "$module" ring_events=64 filter=port=1 2>"$work/insmod" || status=$?
	not_reached "$2" && return 1
	if ((status)); then
		refused=$((refused + 1))
		grep -q 'ERROR' "$work/insmod" || wrong "$1 $2: insmod fails without a word"
	else
		if (($(absent))) || said_since "$mark" 'tcpfsm: no ftrace' >/dev/null; then
			degraded=$((degraded + 1))
		else
			unharmed=$((unharmed + 1))
			echo "$1 $2: unharmed"
		fi
		before=$(module_stat recorded)
		connect_refused
		after=$(module_stat recorded)
		((after == before + 2)) || wrong "$1 $2: loaded, and does not record"
		rmmod tcpfsm || wrong "$1 $2: cannot be unloaded"
	fi
	is_clean >"$work/left" || wrong "$1 $2: $(<"$work/left")"
}

# wrong TEXT... - print and count a fault
wrong()
{
	echo "$@"
	faults=$((faults + 1))
}

# The ways to use the module that call functions that can fail
steps=(
	'head -c 1 /proc/tcpfsm'
	'dd if=/proc/tcpfsm_raw iflag=nonblock bs=4096 count=1 status=none'
	'cat /proc/tcpfsm_stat'
	"echo port=80 >$params/filter"
)

# use - use the module in all these ways, and return how many failed
use()
{
	local step failed=0
	connect_refused
	for step in "${steps[@]}"; do
		bash -c "$step" >/dev/null 2>>"$work/errors" || failed=$((failed + 1))
	done
	return "$failed"
}

# judge_use NAME NTH - use the module while the nth call of the function fails, and check the
# outcome; fail if there is no nth call
judge_use()
{
	local failed=0
	use || failed=$?
	not_reached "$2" && return 1
	((failed <= 1)) || wrong "$1 $2: $failed steps failed: $(tail -n 3 "$work/errors")"
	use_failed=$((use_failed + failed))
	arm 0
	use || wrong "$1 $2: after that it does not work: $(tail -n 1 "$work/errors")"
}

# with_failing NAME[,NAME...] COMMAND... - run a command while failcall.ko can fail these functions
with_failing()
{
	local names=$1 name errors=() status=0
	zeros=() others=()
	shift
	for name in ${names//,/ }; do
		errors+=("${gives[$(bare "$name")]}")
		zeros+=(0) others+=(1)
	done
	unset 'others[0]'
	insmod "$here/../kmods/failcall/failcall.ko" "function=$names" "error=$(IFS=,; echo "${errors[*]}")" ||
		{ wrong "$names: cannot be made to fail"; return 1; }
	"$@" || status=$?
	rmmod failcall
	return "$status"
}

# fail_loads NAME - load the module again and again, and each time a later call fails
fail_loads()
{
	local n
	for ((n = 1; n <= most; n++)); do
		# If there are other functions, they fail at their first call.
		arm "$n" "${others[@]}"
		judge_load "$1" "$n" || break
	done
	! [[ -e /sys/module/tcpfsm ]] || rmmod tcpfsm
}

# fail_uses NAME - use the module again and again, and each time a later call fails
fail_uses()
{
	local n
	arm 0
	insmod "$module" ring_events=64 || return
	for ((n = 1; n <= most; n++)); do
		arm "$n"
		judge_use "$1" "$n" || break
	done
	rmmod tcpfsm
	is_clean >"$work/left" || wrong "$1: $(<"$work/left")"
}

check_each()
{
	local name
	for name in $(suspects); do
		with_failing "$name" fail_loads "$name"
	done
	echo "loads: $refused refused, $degraded degraded, $unharmed unharmed, $SECONDS s"
	no_faults
}

# check_kprobes - for check: make kprobes fail that stand in for ftrace, which fails as well
check_kprobes()
{
	with_failing enable_kprobe,register_ftrace_function fail_loads enable_kprobe
	echo "loads: $refused refused, $degraded degraded, $unharmed unharmed, $SECONDS s"
	# The module is refused if the first kprobe fails and nothing can be recorded without it.
	no_faults && at_least "degraded" "$degraded" $((most < 3 ? most - 1 : 2))
}

check_uses()
{
	local name
	: >"$work/errors"
	# None of these uses calls a function that places hooks.
	for name in $(suspects | grep -vE 'register_|enable_|filter'); do
		with_failing "$name" fail_uses "$name"
	done
	echo "$SECONDS s; steps that failed, and then worked: $use_failed"
	no_faults && at_least "failed" "$use_failed" 4
}

# switch_on - for check: is enabled=1 refused while probes cannot be placed, and taken later?
switch_on()
{
	insmod "$module" enabled=0 || return
	arm 1
	if (echo 1 >"$params/enabled") 2>/dev/null; then
		echo "it could be switched on"
		return 1
	fi
	[[ $(<"$params/enabled") == N ]] || { echo "it says that it is on"; return 1; }
	arm 0
	echo 1 >"$params/enabled" || return
	connect_refused
	equal "recorded" "$(module_stat recorded)" "expected" 2 && rmmod tcpfsm && is_clean
}

# no_faults - for check: have there been no faults since the last call?
no_faults()
{
	local n=$faults
	faults=0
	equal "faults" "$n" "expected" 0
}

# no_hostage - for check: does a load that fails end, even if a reader waits in read()?
no_hostage()
{
	local reader status=0
	(
		until exec 5</proc/tcpfsm_raw; do
			:
		done
		cat <&5
	) >/dev/null 2>&1 &
	reader=$!
	arm 3
	echo 300 >"$failing/delay_ms"
	timeout $((60 * ${TCPFSM_SLOWNESS:-1})) insmod "$module" 2>"$work/insmod" || status=$?
	kill -KILL "$reader"
	wait "$reader" 2>/dev/null
	if ((status == 0)); then
		echo "the load did not fail"
		rmmod tcpfsm
		return 1
	fi
	equal "exit status of insmod" "$status" "expected" 1 && is_clean
}

# wrong_after_filter - for check: is a filter freed if the kernel takes it and then refuses another
# parameter? The module's init is never called then.
wrong_after_filter()
{
	local i
	for ((i = 0; i < 10; i++)); do
		! insmod "$module" filter=port=80 ring_events=0 2>/dev/null || return
	done
	is_clean
}

# fail_nth - for check: load the module again and again, and each time another allocation fails
fail_nth()
{
	local n loads=0 word status
	for ((n = 1; n < 5000; n += stride)); do
		status=0
		# The rings are small, because each page of a ring is one more allocation.
		word=$("$here/failnth" "$n" "$module" "ring_events=64 conns=64") || status=$?
		[[ $word != "all done"* ]] || break
		loads=$((loads + 1))
		if [[ $status == 0 ]]; then
			unharmed=$((unharmed + 1))
			rmmod tcpfsm || return
		else
			refused=$((refused + 1))
			[[ $word == *"Cannot allocate memory" ]] || echo "$n: $word"
		fi
		is_clean || return
	done
	echo "at most $n allocations, each ${stride}th failed: $loads loads, $refused refused, $unharmed not"
	[[ $word == "all done: Success" ]] && rmmod tcpfsm && is_clean &&
		at_least "refused" "$refused" $((40 / stride))
}

# set_failslab - have allocations of all kinds fail, without a message; fail if the kernel cannot
set_failslab()
{
	local dir
	for dir in /sys/kernel/debug/fail{slab,_page_alloc}; do
		[[ -d $dir ]] || return
		echo N >"$dir/ignore-gfp-wait"
		echo 0 >"$dir/verbose"
	done
	echo N >/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
}

# complaints - for check: is the kernel log without a warning? Messages about failed allocations are
# not warnings of a fault.
complaints()
{
	! log_since "$said_before" | awk -f "$here/foreign-races.awk" |
		grep -E 'BUG:|WARNING:|Oops|KASAN|UBSAN|ODEBUG|INFO: (task|rcu)|suspicious RCU'
}

need_root
trap 'cleanup; rmmod failcall 2>/dev/null; echo "$printk" >/proc/sys/kernel/printk' EXIT
printk=$(</proc/sys/kernel/printk)
begin 10
said_before=$(log_lines)
echo 4 >/proc/sys/kernel/printk
faults=0 refused=0 degraded=0 unharmed=0 use_failed=0
check "the test knows each imported function that can fail" check_suspects
check "each call at load fails: the module is refused, or says what it misses" check_each
check "at least eight loads with a failing call are refused" at_least "refused" "$refused" 8
degraded=0
name="each kprobe fails in place of ftrace: the module is refused, or says what it misses"
if [[ -e /proc/sys/kernel/ftrace_enabled ]]; then
	check "$name" check_kprobes
else
	skip "$name" "this kernel has no ftrace: they failed before"
fi
check "each call in use fails, and the same step works the next time" check_uses
check "switching the module on fails while kprobes fail, and works afterwards" \
	with_failing register_kprobe switch_on
check "a load that fails does not wait for a reader" with_failing proc_create no_hostage
check "a filter leaves nothing behind when a later parameter is wrong" wrong_after_filter
refused=0 unharmed=0 degraded=0
name="allocations of the kernel at load fail, and nothing is left behind"
if set_failslab; then
	check "$name" fail_nth
else
	skip "$name" "this kernel cannot do that (CONFIG_FAILSLAB)"
fi
say "after $SECONDS s"
check "the kernel log has no warning of a fault" complaints
finish
