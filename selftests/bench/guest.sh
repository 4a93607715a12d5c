#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guest.sh - in the VM: what watching costs, one configuration after the other
#
# usage: guest.sh [-n CONNECTIONS] [-k ROUNDS] [CONFIGURATION...]
#        guest.sh -t
#
# -t is for a machine whose clock is one: connections in a second, and how long loading takes.
#
# Between two configurations, before the first and behind the last, the machine without
# any is measured. Prints, for report.awk:
#
#	round CONFIGURATION orderly|reset MADE TAKEN	instructions for each connection; see conns.c
#	events CONFIGURATION orderly|reset N CONNECTIONS
#	rate CONFIGURATION N				(-t) connections in a second
#	skip CONFIGURATION REASON
#	fact NAME VALUE
set -u
cd -- "$(dirname -- "$0")" || exit
module=../../module/tcpfsm.ko
fsmcat=../../tools/fsmcat
floor=floor/floor.ko
tracing=/sys/kernel/tracing
pid=

connections=500
rounds=3

# The buffers of the tools that read through perf's hold so many connections.
fits=100

# tcp_set_state() with what the kernel can get at by itself: struct sock_common is the same
# in all these kernels.
# shellcheck disable=SC2016 # the kernel's $
kprobe_event='p:bench tcp_set_state new=$arg2:s32 old=+18($arg1):u8 family=+16($arg1):u16'
# shellcheck disable=SC2016
kprobe_event+=' raddr=+0($arg1):x32 laddr=+4($arg1):x32 rport=+12($arg1):u16'
# shellcheck disable=SC2016
kprobe_event+=' lport=+14($arg1):u16 cookie=+88($arg1):x64'

bpftrace_program='tracepoint:sock:inet_sock_set_state {
	printf("%llu %llx %d %d %s:%d %s:%d %d %s\n", nsecs, (uint64)args->skaddr,
		args->oldstate, args->newstate, ntop(args->family, args->saddr), args->sport,
		ntop(args->family, args->daddr), args->dport, pid, comm) }'

# wait_for SECONDS COMMAND... - until the command succeeds, at most so long
wait_for()
{
	local deadline=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

# A reader that waits for events sleeps in one of these.
waits()
{
	[[ $(cat "/proc/$pid/wchan" 2>/dev/null) =~ ^(ep_poll|poll_schedule|do_sys_poll|do_epoll) ]]
}

# reader COMMAND... - start what reads, its output to nowhere
reader()
{
	"$@" >"${sink:-/dev/null}" 2>/tmp/reader.err &
	pid=$!
	wait_for 120 waits && return
	why="$1 did not come up: $(tail -n 1 /tmp/reader.err)"
	end_reader
	return 1
}

end_reader()
{
	if [[ -n $pid ]]; then
		kill -CONT "$pid" 2>/dev/null
		kill -INT "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		pid=
	fi
}

# installed NAME - or say why not
installed()
{
	command -v "$1" >/dev/null && return
	why="$1 is not installed"
	return 1
}

stat()
{
	awk -v name="$1" '$1 == name { print $2 }' /proc/tcpfsm_stat
}

# Each configuration: start_X, and what differs of stop_X and events_X. ${1} is the variant.

start_tcpfsm()
{
	insmod $module && [[ $1 == alone ]] && return
	case $1 in
	text)	reader $fsmcat ;;
	json)	reader $fsmcat --json ;;
	binary)	reader $fsmcat -w /dev/null ;;
	esac
}

stop_tcpfsm()
{
	end_reader
	rmmod tcpfsm
}

events_tcpfsm()
{
	seen=$(($(stat recorded) + $(stat filtered)))
}

start_filter()	{ insmod $module filter=port=1; }
stop_filter()	{ rmmod tcpfsm; }
events_filter()	{ events_tcpfsm; }

start_disabled()	{ insmod $module enabled=0; }
stop_disabled()		{ rmmod tcpfsm; }
events_disabled()	{ events_tcpfsm; }

start_floor()	{ insmod $floor kind="$1"; }
stop_floor()	{ rmmod floor; }
events_floor()	{ seen=$(</sys/module/floor/parameters/hits); }

# What the kernel's trace buffer has, and what it has overwritten
events_ftrace()
{
	seen=$(cat $tracing/per_cpu/cpu*/stats |
		awk '/^(entries|overrun):/ { n += $2 } END { print n }')
}

start_ftrace()
{
	echo >$tracing/trace
	case $1 in
	event)
		echo 1 >$tracing/events/sock/inet_sock_set_state/enable ;;
	kprobe)
		echo "$kprobe_event" >$tracing/kprobe_events &&
			echo 1 >$tracing/events/kprobes/bench/enable ;;
	esac
}

stop_ftrace()
{
	echo 0 >$tracing/events/enable
	echo >$tracing/kprobe_events
	echo >$tracing/trace
}

# The tools that read through perf buffers: what they printed, is what they recorded.

start_tool()
{
	local name=$1
	shift
	installed "$name" && reader "$@"
}

events_tool()
{
	end_reader
	seen=$(wc -l </tmp/events)
}

start_tcpstates()	{ start_tool tcpstates tcpstates; }
stop_tcpstates()	{ end_reader; }
events_tcpstates()	{ events_tool; }

start_tcplife()		{ start_tool tcplife tcplife; }
stop_tcplife()		{ end_reader; }
events_tcplife()	{ events_tool; }

start_bpftrace()	{ start_tool bpftrace bpftrace -e "$bpftrace_program"; }
stop_bpftrace()		{ end_reader; }
events_bpftrace()	{ events_tool; }

start_perf()
{
	start_tool perf perf record -q -a -e sock:inet_sock_set_state -o /tmp/perf.data
}

stop_perf()
{
	end_reader
	rm -f /tmp/perf.data
}

events_perf()
{
	end_reader
	seen=$(perf script -i /tmp/perf.data 2>/dev/null | wc -l)
}

all=(tcpfsm/alone tcpfsm/binary tcpfsm/text tcpfsm/json filter/drops-all disabled/idle
	ftrace/event ftrace/kprobe perf/stopped perf/running tcpstates/stopped tcpstates/running
	tcplife/stopped tcplife/running bpftrace/stopped bpftrace/running
	floor/tracepoint floor/ftrace floor/kprobe)

# load WAY ARGS... - connections of that way
load()
{
	local flag=
	[[ $1 == orderly ]] || flag=-r
	shift
	./conns $flag "$@"
}

# measure LABEL
measure()
{
	local way
	for way in orderly reset; do
		load $way -n "$connections" -k "$rounds" | sed "s,^,round $1 $way ,"
	done
}

# A reader that is stopped gets its buffer emptied before each round; and since none of these
# tools sees TIME_WAIT, its end is left out.
measure_stopped()
{
	local way round
	for way in orderly reset; do
		for ((round = 0; round < rounds; round++)); do
			kill -CONT "$pid"
			wait_for 60 waits
			kill -STOP "$pid"
			load $way -n $fits -k 1 | sed "s,^\\([^ ]*\\).*,round $1 $way \\1 -,"
		done
	done
}

is_tool()
{
	[[ $kind =~ ^(tcpstates|tcplife|bpftrace|perf)$ ]]
}

# What a configuration records of some connections; a tool prints them to a file for once.
count()
{
	local way before=0
	for way in orderly reset; do
		if is_tool; then
			sink=/tmp/events "start_$kind" count || return
		else
			"events_$kind"
			before=$seen
		fi
		load $way -n $((fits / 2)) -k 1 >/dev/null
		"events_$kind"
		echo "events $1 $way $((seen - before)) $fits"
	done
}

configuration()
{
	kind=${1%/*} variant=${1#*/} why="it did not start"
	if ! "start_$kind" "$variant" 2>/tmp/start.err; then
		echo "skip $1 $why $(head -n 1 /tmp/start.err)"
		return
	fi
	case $variant in
	stopped)	measure_stopped "$1" ;;
	*)		measure "$1" ;;
	esac
	if is_tool; then
		"stop_$kind"
		count "$1"
	else
		count "$1"
		"stop_$kind"
	fi
	measure base
}

# milliseconds COMMAND...
milliseconds()
{
	local begin=${EPOCHREALTIME/./}
	"$@"
	awk -v us=$((${EPOCHREALTIME/./} - begin)) 'BEGIN { printf "%.1f\n", us / 1000 }'
}

# mapped_with PARAMETERS... - bytes that the module has mapped, guard pages not counted
mapped_with()
{
	insmod $module "$@"
	awk '/\[tcpfsm\]/ { sum += $2 - 4096 } END { print sum + 0 }' /proc/vmallocinfo
	rmmod tcpfsm
}

memory()
{
	local all
	all=$(mapped_with)
	echo "fact ring_bytes_per_cpu $(((all - $(mapped_with ring_events=1)) / $(nproc) + 4096))"
	echo "fact table_bytes $((all - $(mapped_with conns=1)))"
}

load_times()
{
	local round
	for ((round = 0; round < 5; round++)); do
		echo "fact insmod_ms $(milliseconds insmod $module)"
		echo "fact rmmod_ms $(milliseconds rmmod tcpfsm)"
	done
}

# rate LABEL
rate()
{
	echo "rate $1 $(./conns -s 3)"
}

throughput()
{
	local round
	for ((round = 0; round < 3; round++)); do
		for configuration in tcpfsm/alone tcpfsm/binary tcpstates/running; do
			kind=${configuration%/*} variant=${configuration#*/}
			rate base
			if "start_$kind" "$variant"; then
				rate "$configuration"
				"stop_$kind"
			else
				echo "skip $configuration $why"
			fi
		done
	done
}

timed=no
while getopts n:k:t option; do
	case $option in
	t)	timed=yes ;;
	n)	connections=$OPTARG ;;
	k)	rounds=$OPTARG ;;
	*)	exit 2 ;;
	esac
done
shift $((OPTIND - 1))

sysctl -q -w net.ipv4.tcp_max_tw_buckets=1000000 net.ipv4.ip_local_port_range="2048 65535" \
	net.core.somaxconn=4096
echo "fact kernel $(uname -r)"
if [[ $timed == yes ]]; then
	load_times
	throughput
	exit
fi
measure base
for configuration in "${@:-${all[@]}}"; do
	configuration "$configuration"
done
memory
