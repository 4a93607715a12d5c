#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lifecycle.sh - load and unload the module under traffic, again and again
#
# Connections come and go all the time. In each cycle the module is loaded, readers of all kinds
# open its files, some of them are killed, and the module is unloaded. Only an open stream may keep
# it loaded, and nothing of it may be left behind.
#
# TCPFSM_CYCLES: the number of cycles (as many as fit 40 s, at least five; with TCPFSM_SOAK 1000).
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

cycles=${TCPFSM_CYCLES:-${TCPFSM_SOAK:+1000}}
time_limit=40

# The size of a module that sanitizers have instrumented says nothing.
case $(uname -r) in
*-tcpfsm-*)	size_kib= ;;
*)		size_kib=112 ;;
esac

is_loaded()
{
	grep -q '^tcpfsm ' /proc/modules
}

# check_memory - measure the module at rest: vmalloc lists its memory by name, and the growth of
# per-CPU memory and of slabs is added
check_memory()
{
	local slab percpu limit
	limit=$((2048 * $(getconf _NPROCESSORS_ONLN) + 2048))
	settled
	slab=$(kib SUnreclaim)
	percpu=$(kib Percpu)
	load_module
	settled
	slab=$(($(kib SUnreclaim) - slab))
	percpu=$(($(kib Percpu) - percpu))
	say "KiB: vmalloc $(mapped_kib "[tcpfsm]"), per-CPU $percpu, slab $slab"
	"$here/modsize" "$module" >"$work/size"
	say "bytes: $(xargs <"$work/size")"
	if [[ $size_kib ]]; then
		check "memory with default parameters is within 2 MiB a CPU and 2 MiB" \
			at_most "KiB" \
			"$(($(mapped_kib "[tcpfsm]") + (percpu > 0 ? percpu : 0) + (slab > 0 ? slab : 0)))" \
			"$limit"
		check "the module's text and data are within $size_kib KiB" at_most "bytes" \
			"$(($(value "$work/size" text) + $(value "$work/size" data)))" \
			$((size_kib * 1024))
	else
		skip "memory with default parameters is within 2 MiB a CPU and 2 MiB" \
			"this kernel's locks are instrumented"
		skip "the module's text and data are within limits" \
			"this kernel's modules are instrumented"
	fi
	check "the module is unloaded after its memory was measured" unload_module
}

# refused - for check: is the module in use, so that rmmod fails?
refused()
{
	local said
	if said=$(LC_ALL=C rmmod tcpfsm 2>&1); then
		echo "it was unloaded"
		return 1
	fi
	echo "$said"
	[[ $said == *"in use"* ]] && is_loaded
}

check_pinned()
{
	load_module
	exec 5</proc/tcpfsm_raw
	check "the module is not unloaded while a stream is open" refused
	exec 5<&-
	check "the module is unloaded after the stream was closed" unload_module
}

# start_readers - start readers of all kinds; each is at another point when the module is unloaded
start_readers()
{
	"$here/chaincheck" -a -l -o "$work/counts" 2>>"$work/faults" &
	chaincheck=$!
	cat /proc/tcpfsm_raw >/dev/null &
	killed=("$!")
	(while cat /proc/tcpfsm /proc/tcpfsm_stat; do :; done) >/dev/null 2>&1 &
	killed+=("$!")
}

stop_readers()
{
	kill -TERM "$chaincheck"
	kill -KILL "${killed[@]}"
	wait "$chaincheck" || faults=$((faults + 1))
	wait "${killed[@]}"
}

microseconds()
{
	echo "${EPOCHREALTIME/./}"
}

# has_work - are there events, and is the stream read by a chaincheck that is ready for signals?
has_work()
{
	(($(module_stat recorded) >= 100 && $(module_stat readers) >= 2))
}

# cycle - load the module, read it, and unload it
cycle()
{
	local began
	insmod "$module" || return
	start_readers
	wait_for 10 has_work || return
	# The shell would report each process that was killed.
	stop_readers 2>/dev/null
	began=$(microseconds)
	unload_module || return
	echo $(($(microseconds) - began)) >>"$work/latency"
}

# go_on - is there another cycle to do?
go_on()
{
	if ((${cycles:-0})); then
		((done_cycles < cycles))
	else
		((SECONDS < deadline || done_cycles < 5))
	fi
}

run_cycles()
{
	local deadline=$((SECONDS + time_limit))
	done_cycles=0
	faults=0
	while go_on; do
		cycle || return
		done_cycles=$((done_cycles + 1))
	done
}

check_cycles()
{
	local traffic vmalloc percpu
	"${churn[@]}" -n 0 -p 2 "${paths[@]}" >"$work/did" &
	traffic=$!
	settled
	vmalloc=$(mapped_kib)
	percpu=$(kib Percpu)
	check "the module is loaded and unloaded under traffic, in cycles" run_cycles
	say "$done_cycles cycles; unload took $(sort -n "$work/latency" |
		awk '{ t[NR] = $1 } END { printf "%.1f ms (median), %.1f ms (most)",
			t[int((NR + 1) / 2)] / 1000, t[NR] / 1000 }')"
	check "at least five cycles were done" at_least "cycles" "$done_cycles" 5
	check "no reader found a fault in any cycle" no_faults
	check "the traffic still ran after the last cycle" kill -TERM "$traffic"
	check "the traffic ran without an error until it was stopped" exit_status "$traffic"
	settled
	check "the module is not loaded after the last cycle" not is_loaded
	check "no file of the module is in /proc after the last cycle" \
		not compgen -G "/proc/tcpfsm*"
	check "no memory is mapped by the module after the last cycle" \
		equal "KiB" "$(mapped_kib "[tcpfsm]")" "expected" 0
	# If each cycle left a ring behind, the growth would be megabytes.
	check "the kernel has not mapped more memory over the cycles" \
		at_most "KiB" "$(mapped_kib)" $((vmalloc + 1024))
	check "per-CPU memory has not grown over the cycles" \
		at_most "KiB" "$(kib Percpu)" $((percpu + 64))
}

no_faults()
{
	cat "$work/faults"
	equal "readers with faults" "$faults" "expected" 0
}

not()
{
	! "$@"
}

# complaints - for check: is the kernel log without a warning since the script began? It leaves out
# warnings about any module from outside the tree, and about clocks of a slow emulated machine.
complaints()
{
	! dmesg --level=emerg,alert,crit,err,warn | sed "1,${said_before}d" |
		awk -f "$here/foreign-races.awk" |
		grep -v 'module verification failed\|loading out-of-tree module\|hrtimer: interrupt took'
}

need_root
trap cleanup EXIT
begin 16
said_before=$(dmesg --level=emerg,alert,crit,err,warn | wc -l)
check_memory
make_net || give_up "no network"
check_pinned
check_cycles
check "the kernel log has no warning" complaints
finish
