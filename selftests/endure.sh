#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# endure.sh - keep the module loaded while the machine changes under it
#
# Connections come and go all the time. Meanwhile CPUs are unplugged and plugged, segments are lost,
# memory becomes scarce, readers stall or are stopped and continued, and namespaces are made and
# destroyed. No path of events may be broken, each lost event must be counted, and the module's
# counters must balance.
#
# TCPFSM_CONNS: the number of connections for the readers that stall (3000; with TCPFSM_SOAK 220000,
# which make 2,000,000 transitions). TCPFSM_ROUNDS: the number of rounds of all the rest (3; 100).
#
# The kernel patches its text when a CPU is unplugged, so a VM needs TCPFSM_QEMU_TCG=single.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

conns=${TCPFSM_CONNS:-${TCPFSM_SOAK:+220000}}
conns=${conns:-3000}
rounds=${TCPFSM_ROUNDS:-${TCPFSM_SOAK:+100}}
rounds=${rounds:-3}

# unpluggable - print the files of the CPUs that can be unplugged
unpluggable()
{
	local file
	for file in /sys/devices/system/cpu/cpu[1-9]*/online; do
		[[ ! -w $file ]] || echo "$file"
	done
}

# plug_cpus - for check: unplug and plug each CPU. Packets are not steered meanwhile. A CPU that is
# unplugged after it was chosen for a packet, and before it was notified, never looks at its queue
# again. The module has no part in that.
plug_cpus()
{
	local i file
	steer none || return
	for ((i = 0; i < rounds; i++)); do
		for file in $(unpluggable); do
			echo 0 >"$file" || return
			some_more 50 || return
			echo 1 >"$file" || return
			some_more 50 || return
		done
	done
	steer all
}

# squeeze - for check: take memory until the kernel has to reclaim some, and give it back. The
# kernel is told to keep the memory free, because slow machines take minutes to fill it.
squeeze()
{
	local kib left i status reserve=/proc/sys/vm/min_free_kbytes before
	before=$(<"$reserve")
	for ((i = 0; i < rounds; i++)); do
		kib=$(value /proc/meminfo MemAvailable:)
		# The kernel then tries to reach half as much again.
		echo $((kib * 6 / 10)) >"$reserve" || return
		left=$(value /proc/meminfo MemAvailable:)
		some_more 300
		status=$?
		echo "$before" >"$reserve"
		at_most "KiB available" "$left" $((kib / 2)) && ((status == 0)) && some_more 50 || return
	done
}

# short_life - make connections in a new namespace, which may be gone before they end
short_life()
{
	unshare -n bash -c '
		ip link set lo up
		bash -c "exec 5<>/dev/tcp/127.0.0.1/1" 2>/dev/null
		ncat -l 127.0.0.1 80 </dev/null >/dev/null 2>&1 &
		for ((j = 0; j < 100; j++)); do
			(exec 5<>/dev/tcp/127.0.0.1/80) 2>/dev/null && exit
		done'
}

# short_lives - for check: make and destroy ten namespaces at a time. The kernel waits for grace
# periods to make or destroy one, which takes seconds in a VM.
short_lives()
{
	local i j lives
	for ((i = 0; i < rounds; i++)); do
		lives=()
		for ((j = 0; j < 10; j++)); do
			short_life &
			lives+=("$!")
		done
		wait "${lives[@]}"
	done
	some_more 50
}

# stop_and_go PID - for check: stop and continue a reader
stop_and_go()
{
	local i
	for ((i = 0; i < rounds; i++)); do
		kill -STOP "$1" || return
		some_more 50 || return
		kill -CONT "$1" || return
		some_more 50 || return
	done
}

# lose - for check: lose two segments in a hundred, in both directions
lose()
{
	local i
	for ((i = 0; i < rounds; i++)); do
		set_loss add && some_more 300 && set_loss del || return
	done
}

# set_loss add|del - begin or end the loss of segments
set_loss()
{
	local ns
	for ns in $A $B; do
		tc -n "$ns" qdisc "$1" dev veth root netem loss 2% || return
	done
}

# run_life - do all of this while one reader checks every path
run_life()
{
	local checker traffic
	load_module ring_events=65536
	"$here/chaincheck" -l -w 60 -o "$work/counts" &
	checker=$!
	wait_for 10 readers_are 1 || give_up "the reader does not come up"
	"${churn[@]}" -l -n 0 -p 4 "${paths[@]}" >"$work/did" &
	traffic=$!
	some_more 50 || give_up "no traffic"
	if [[ $(unpluggable) ]]; then
		check "events are recorded while CPUs are unplugged and plugged" plug_cpus
	else
		skip "events are recorded while CPUs are unplugged and plugged" \
			"there is one CPU only"
	fi
	check "events are recorded while segments are lost" lose
	check "events are recorded while memory is scarce" squeeze
	check "events are recorded while the reader is stopped and continued" stop_and_go $checker
	check "events are recorded while namespaces are made and destroyed" short_lives
	kill -TERM $traffic
	check "the traffic ran without an error until it was stopped" exit_status $traffic
	drop_net
	kill -TERM $checker
	check "no path of events is broken" exit_status $checker
	say "$(counted events) events of $(counted connections) connections, lost:" \
		"$(counted lost)"
	check "the reader that was stopped and continued: recorded = read + lost" \
		equal "recorded" "$(module_stat recorded)" \
		"read + lost" "$(($(counted events) + $(counted lost)))"
	check "the module's counters balance after the traffic" balanced
	check "the module is unloaded after the traffic" unload_module
}

# run_stalled - have two readers sleep and one stopped while the rings are overwritten
run_stalled()
{
	local stalled=() i recorded
	load_module ring_events=1024
	for i in 1 2 3; do
		"$here/chaincheck" -l -p -o "$work/counts-$i" &
		stalled+=($!)
	done
	wait_for 10 readers_are 3 || give_up "the readers do not come up"
	kill -STOP "${stalled[2]}"
	check "connections are made and ended while three readers are stalled" churn -n "$conns"
	drop_net
	check "all connections have ended while three readers are stalled" wait_for 60 at_rest
	kill -CONT "${stalled[2]}"
	kill -TERM "${stalled[@]}"
	for i in 1 2 3; do
		check "stalled reader $i finds no fault" exit_status "${stalled[i - 1]}"
	done
	recorded=$(module_stat recorded)
	for i in 1 2 3; do
		check "stalled reader $i: recorded = read + lost" \
			equal "recorded" "$recorded" "read + lost" \
			"$(($(value "$work/counts-$i" events) + $(value "$work/counts-$i" lost)))"
	done
	say "$recorded transitions, overwritten: $(module_stat overwritten)"
	check "the rings overwrote events behind the stalled readers" \
		at_least "overwritten" "$(module_stat overwritten)" 1024
	check "the module's counters balance after the stalled readers" balanced
	check "the module is unloaded after the stalled readers" unload_module
}

need_root
need_netns
trap cleanup EXIT
begin 21
make_net || give_up "no network"
run_life
make_net || give_up "no network"
run_stalled
finish
