#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# guest.sh - measure in the VM how much watching costs, one configuration after the other
#
# usage: guest.sh [-n CONNECTIONS] [-k ROUNDS] [CONFIGURATION...]
#        guest.sh -t
#
# -t measures connections in a second, and how long loading takes. It needs a machine whose clock is
# not a count of instructions.
#
# The machine without any configuration is measured as well: before the first, between two, and
# after the last. The script prints for report.awk:
#
#	round CONFIGURATION orderly|reset MADE TAKEN	instructions for each connection; see conns.c
#	events CONFIGURATION orderly|reset N CONNECTIONS
#	rate CONFIGURATION N				(-t) connections in a second
#	skip CONFIGURATION REASON
#	fact NAME VALUE
set -u
cd -- "$(dirname -- "$0")" || exit
. ../helpers/tap.sh
module=../../module/tcpfsm.ko
fsmcat=../../tools/fsmcat
floor=floor/floor.ko
tracing=/sys/kernel/tracing
pid=

connections=500
rounds=3

# The buffers of the tools that read through perf buffers hold so many connections.
fits=100

# This event has all fields of tcp_set_state() that the kernel can fetch without a program. The
# offsets in struct sock_common are the same in all these kernels.
# shellcheck disable=SC2016 # the kernel reads these $
kprobe_event='p:bench tcp_set_state new=$arg2:s32 old=+18($arg1):u8 family=+16($arg1):u16'
# shellcheck disable=SC2016
kprobe_event+=' raddr=+0($arg1):x32 laddr=+4($arg1):x32 rport=+12($arg1):u16'
# shellcheck disable=SC2016
kprobe_event+=' lport=+14($arg1):u16 cookie=+88($arg1):x64'

bpftrace_program='tracepoint:sock:inet_sock_set_state {
	printf("%llu %llx %d %d %s:%d %s:%d %d %s\n", nsecs, (uint64)args->skaddr,
		args->oldstate, args->newstate, ntop(args->family, args->saddr), args->sport,
		ntop(args->family, args->daddr), args->dport, pid, comm) }'

# waits - does the reader wait for events? It then sleeps in one of these functions.
waits()
{
	[[ $(cat "/proc/$pid/wchan" 2>/dev/null) =~ ^(ep_poll|poll_schedule|do_sys_poll|do_epoll) ]]
}

# reader COMMAND... - start a reader with its output discarded, and wait until it waits for events
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

# installed NAME - is the program installed? If not, set the reason.
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

# Each configuration X has the functions start_X VARIANT, stop_X, and events_X, which sets "seen" to
# the number of events.

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

# events_ftrace - count the events in the kernel's trace buffer, and those that were overwritten
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

# These tools read through perf buffers. They have recorded as many events as they print.

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

# load WAY ARGS... - make connections that end in this way
load()
{
	local flag=
	[[ $1 == orderly ]] || flag=-r
	shift
	./conns $flag "$@"
}

# measure LABEL - print the rounds of a configuration
measure()
{
	local way
	for way in orderly reset; do
		load $way -n "$connections" -k "$rounds" | sed "s,^,round $1 $way ,"
	done
}

# measure_stopped LABEL - print the rounds while the reader is stopped. Its buffer is emptied before
# each round. None of these tools sees TIME_WAIT, so the cost of its end is left out.
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

# count LABEL - print how many events a configuration records. A tool prints them to a file here.
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

# configuration KIND/VARIANT - measure one configuration, and then the machine without any
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

# milliseconds COMMAND... - print how long the command takes
milliseconds()
{
	local begin=${EPOCHREALTIME/./}
	"$@"
	awk -v us=$((${EPOCHREALTIME/./} - begin)) 'BEGIN { printf "%.1f\n", us / 1000 }'
}

# mapped_with PARAMETERS... - print how many bytes the module has mapped, without guard pages
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

# rate LABEL - print how many connections the machine makes in a second
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
