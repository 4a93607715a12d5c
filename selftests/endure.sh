#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# endure.sh - what a machine does to a module that stays loaded
#
# Connections come and go all the time; meanwhile CPUs are unplugged and plugged,
# segments are lost, memory becomes scarce, readers stall or are stopped and continued,
# namespaces are made and destroyed. No chain breaks, nothing is lost that was not
# counted, the books balance.
#
# TCPFSM_CONNS: connections for the readers that stall (3000; with TCPFSM_SOAK 220000,
# which make 2,000,000 transitions). TCPFSM_ROUNDS: of all the rest (3; 100).
#
# Unplugging a CPU patches the kernel's text: in the VM it wants TCPFSM_QEMU_TCG=single.
#
# shellcheck disable=SC2317 # what check and wait_for call
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/lib.sh" || exit

conns=${TCPFSM_CONNS:-${TCPFSM_SOAK:+220000}}
conns=${conns:-3000}
rounds=${TCPFSM_ROUNDS:-${TCPFSM_SOAK:+100}}
rounds=${rounds:-3}

# unpluggable - CPUs that can be taken away
unpluggable()
{
	local file
	for file in /sys/devices/system/cpu/cpu[1-9]*/online; do
		[[ ! -w $file ]] || echo "$file"
	done
}

# Packets stay where they are sent meanwhile: a CPU that goes between being chosen for one and
# being told so never looks at its queue again, which has nothing to do with the module.
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

# squeeze - take memory until the kernel has to look for some; give it back. The kernel shall keep
# it free: to fill it takes slow machines minutes.
squeeze()
{
	local kib left i status reserve=/proc/sys/vm/min_free_kbytes before
	before=$(<"$reserve")
	for ((i = 0; i < rounds; i++)); do
		kib=$(value /proc/meminfo MemAvailable:)
		# Half as much again is what it then tries to reach.
		echo $((kib * 6 / 10)) >"$reserve" || return
		left=$(value /proc/meminfo MemAvailable:)
		some_more 300
		status=$?
		echo "$before" >"$reserve"
		at_most "KiB available" "$left" $((kib / 2)) && ((status == 0)) && some_more 50 || return
	done
}

# In a namespace of its own: a connection, the end of which the namespace may not live to see
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

# Ten at a time: to make or destroy one the kernel waits for grace periods, seconds in a VM.
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

# stop_and_go - readers that are stopped in the middle and go on
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

# lose - two segments in a hundred do not arrive, either way
lose()
{
	local i
	for ((i = 0; i < rounds; i++)); do
		set_loss add && some_more 300 && set_loss del || return
	done
}

set_loss()
{
	local ns
	for ns in $A $B; do
		tc -n "$ns" qdisc "$1" dev veth root netem loss 2% || return
	done
}

# All of it while one reader checks every chain
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

# Readers that do not read, and one that is not there, while the rings go round
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
