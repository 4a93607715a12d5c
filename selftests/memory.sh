#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# memory.sh - what the module takes, what it is refused, and CPUs that come later
#
# Memory goes by the CPUs that are online. Too much of it asked for is an error of
# insmod's, and harms nobody. A CPU that comes online for the first time with the module
# loaded has a ring by then, which streams that were open before read as well.
#
# It measures what machine there is. One that may grow a lot: in the VM, run's
# --cpus 16 --append "maxcpus=2 possible_cpus=256".
#
# To plug CPUs patches the kernel's text: in the VM it wants TCPFSM_QEMU_TCG=single.
#
# shellcheck disable=SC2317 # what check and wait_for call
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/lib.sh" || exit

fsmcat=$here/../../tools/fsmcat
cpus=/sys/devices/system/cpu
params=/sys/module/tcpfsm/parameters
record=160

# To make memory scarce takes most of it, which is left alone where there is much.
most_kib=$((3 * 1024 * 1024))

online()
{
	getconf _NPROCESSORS_ONLN
}

# before_load; taken_kib - what the module takes, with what it has of other allocators
before_load()
{
	settled
	slab=$(kib SUnreclaim)
	percpu=$(kib Percpu)
	mapped=$(mapped_kib)
}

taken_kib()
{
	local more_slab more_percpu
	settled
	more_slab=$(($(kib SUnreclaim) - slab))
	more_percpu=$(($(kib Percpu) - percpu))
	echo $(($(mapped_kib "[tcpfsm]") + (more_percpu > 0 ? more_percpu : 0) + (more_slab > 0 ? more_slab : 0)))
}

# nothing_left - for check, after before_load: a ring would be more than a MiB
nothing_left()
{
	settled
	at_most "KiB mapped by all" "$(mapped_kib)" $((mapped + 1024))
}

# modest NAME KIB - as many at most; what sanitizers and lock checking take is not ours
modest()
{
	case $(uname -r) in
	*-tcpfsm-*)	skip "$1" "this kernel's memory is instrumented" ;;
	*)		check "$1" at_most "KiB" "$taken" "$2" ;;
	esac
}

# default_is - ring_events on so many CPUs, if nothing is said: 64 MiB together
default_is()
{
	local page share events
	page=$(getconf PAGESIZE)
	share=$((64 * 1024 * 1024 / $1 / page * page))
	events=$((share / record - 1))
	equal "ring_events" "$(<"$params/ring_events")" "expected" \
		$((events < 8192 ? events : 8192))
}

check_defaults()
{
	local taken
	before_load
	load_module
	taken=$(taken_kib)
	say "possible CPUs: $(<"$cpus/possible"), online: $(<"$cpus/online"), KiB: $taken"
	check "ring_events has the default for the online CPUs" default_is "$(online)"
	check "each online CPU has a ring after load" at_least "KiB" "$taken" \
		$(($(<"$params/ring_events") * record * $(online) / 1024))
	modest "memory with default parameters is within 2 MiB an online CPU and 8 MiB" \
		$((2048 * $(online) + 8192))
	modest "memory with default parameters is within 96 MiB" $((96 * 1024))
	check "the module is unloaded with default parameters" unload_module
	check "no mapped memory is left of the module with default parameters" nothing_left
}

# Too much

# leave KIB - take memory until so much is available
leave()
{
	local rest=$(($(kib MemAvailable) - $1))
	mkdir -p "$work/hog" && mount -t tmpfs -o size=100% hog "$work/hog" || return
	((rest <= 0)) || fallocate -l "${rest}K" "$work/hog/file"
	settled
}

give_back()
{
	umount "$work/hog"
}

# unharmed LINE - for check: since then nobody was killed for want of memory
unharmed()
{
	kill -0 "$bystander" && ! log_since "$1" |
		grep -iE 'oom|out of memory|killed process|allocation failure|vmalloc error|Call Trace'
}

# refused PARAMETER=VALUE - for check: ENOMEM, a line that says how much, and that is all
refused()
{
	local mark status=0
	mark=$(log_lines)
	insmod "$module" "$1" 2>"$work/insmod" || status=$?
	cat "$work/insmod"
	log_since "$mark" | tee "$work/log"
	if ((status == 0)); then
		echo "it was loaded"
		rmmod tcpfsm
		return 1
	fi
	grep -q "Cannot allocate memory" "$work/insmod" &&
		equal "lines" "$(grep -c 'tcpfsm: ' "$work/log")" "expected" 1 &&
		grep -qE "tcpfsm: ${1%%=*}: .*${1#*=}.* take(s)? [0-9]+ MiB, this machine has [0-9]+ to spare" \
			"$work/log" &&
		unharmed "$mark" && nothing_left
}

# taken_and_given_back PARAMETER=VALUE - for check: much, but it is there
taken_and_given_back()
{
	local mark status=0
	mark=$(log_lines)
	insmod "$module" "$1" || status=$?
	log_since "$mark"
	((status == 0)) || return
	say "KiB: $(mapped_kib "[tcpfsm]")"
	records && rmmod tcpfsm && unharmed "$mark" && nothing_left
}

# events_for KIB - what makes rings of so much, on all CPUs together
events_for()
{
	echo $(($1 * 1024 / $(online) / record))
}

check_limits()
{
	local name names=(
		"the largest ring_events is refused where memory is short"
		"a ring_events for nearly all free memory is refused"
		"a ring_events for half of the free memory is granted and given back"
		"the largest conns is refused where memory is short"
		"a conns for half of the free memory is granted and given back"
	)
	if (($(kib MemAvailable) > most_kib)); then
		for name in "${names[@]}"; do
			skip "$name" "this machine has too much memory for that"
		done
		return
	fi
	leave $((500 * 1024)) || give_up "cannot make memory scarce"
	before_load
	sleep 1000 &
	bystander=$!
	check "${names[0]}" refused ring_events=4194304
	check "${names[1]}" refused \
		"ring_events=$(events_for $(($(kib MemAvailable) * 19 / 20)))"
	check "${names[2]}" taken_and_given_back \
		"ring_events=$(events_for $(($(kib MemAvailable) / 2)))"
	check "${names[3]}" refused conns=16777216
	check "${names[4]}" taken_and_given_back "conns=$(($(kib MemAvailable) * 1024 / 2 / 80))"
	kill "$bystander"
	give_back
}

# CPUs that come and go

# pluggable - numbers of the CPUs that can be taken away and brought
pluggable()
{
	local file
	for file in "$cpus"/cpu[1-9]*/online; do
		[[ -w $file ]] || continue
		file=${file%/online}
		echo "${file#"$cpus"/cpu}"
	done | sort -n
}

# plug CPU 0|1
plug()
{
	[[ $(<"$cpus/cpu$1/online") == "$2" ]] || echo "$2" >"$cpus/cpu$1/online"
}

plug_all()
{
	local cpu
	for cpu in $(pluggable); do
		plug "$cpu" "$1" || return
	done
}

# connect_on CPU - two events there
connect_on()
{
	taskset -c "$1" bash -c 'exec 9<>/dev/tcp/127.0.0.1/1' 2>/dev/null
	return 0
}

# records_of FILE CPU - how many there are of its
records_of()
{
	od -An -v -tu2 -w"$record" "$1" | awk -v cpu="$2" '$72 == cpu { n++ } END { print n + 0 }'
}

raw_has()
{
	(($(records_of "$work/raw" "$1") >= $2))
}

text_has()
{
	(($(grep -c 'SYN_SENT' "$work/text") >= $1))
}

# kept - records of a CPU that a stream finds which is opened now
kept()
{
	# What there is, and no more: reading without waiting ends with EAGAIN.
	dd if=/proc/tcpfsm_raw iflag=nonblock bs=64K status=none 2>/dev/null >"$work/now"
	records_of "$work/now" "$1"
}

# comes CPU - for check: it comes online, and readers that waited before read what it records
comes()
{
	local before
	before=$(mapped_kib "[tcpfsm]")
	plug "$1" 1 || return
	at_least "KiB" "$(mapped_kib "[tcpfsm]")" $((before + 100)) || return
	connect_on "$1"
	wait_for 10 raw_has "$1" 2 || { echo "read() does not give its events"; return 1; }
	wait_for 10 text_has 2 || { echo "poll() does not tell of its events"; return 1; }
}

goes_and_comes()
{
	local before
	plug "$1" 0 || return
	equal "events kept of one that has gone" "$(kept "$1")" "expected" 2 || return
	before=$(mapped_kib "[tcpfsm]")
	plug "$1" 1 || return
	equal "KiB" "$(mapped_kib "[tcpfsm]")" "expected" "$before" || return
	connect_on "$1"
	wait_for 10 raw_has "$1" 4 || { echo "no more events of CPU $1"; return 1; }
	equal "events kept" "$(kept "$1")" "expected" 4 &&
		equal "recorded" "$(module_stat recorded)" "read" "$(($(stat -c %s "$work/raw") / record))"
}

# With nothing else happening
check_late()
{
	local readers=()
	plug_all 0 || give_up "CPUs cannot be unplugged"
	load_module
	cat /proc/tcpfsm_raw >"$work/raw" &
	readers+=("$!")
	"$fsmcat" >"$work/text" &
	readers+=("$!")
	wait_for 10 readers_are 2 || give_up "the readers do not come up"
	check "a CPU comes online for the first time, and open streams have its events" comes "$1"
	check "a CPU goes offline and comes again: its events stay, and more follow" \
		goes_and_comes "$1"
	kill "${readers[@]}"
	wait "${readers[@]}" 2>/dev/null
	check "the module is unloaded after a CPU came, went and came" unload_module
}

come_and_go()
{
	local cpu
	for cpu in $(pluggable | head -n 3); do
		plug "$cpu" 1 && some_more 100 && plug "$cpu" 0 && some_more 100 && plug "$cpu" 1 &&
			some_more 100 || return
	done
}

# With connections on all CPUs that there are, and a stream that was open before
check_traffic()
{
	local checker traffic
	plug_all 0
	make_net || give_up "no network"
	# What is on its way to a CPU that goes would be lost to the connection.
	steer none
	load_module ring_events=65536
	"$here/chaincheck" -l -w 60 -o "$work/counts" &
	checker=$!
	wait_for 10 readers_are 1 || give_up "the reader does not come up"
	"${churn[@]}" -l -n 0 -p 4 "${paths[@]}" >"$work/did" &
	traffic=$!
	check "events are recorded while CPUs come and go under traffic" come_and_go
	kill -TERM $traffic
	check "the traffic ran without an error until it was stopped" exit_status $traffic
	drop_net
	kill -TERM $checker
	check "no path of events is broken after CPUs came and went" exit_status $checker
	check "no event is lost after CPUs came and went" \
		equal "lost" "$(counted lost)" "expected" 0
	check "all recorded events were read after CPUs came and went" \
		equal "recorded" "$(module_stat recorded)" \
		"read" "$(counted events)"
	check "the module's counters balance after CPUs came and went" balanced
	check "the module is unloaded after CPUs came and went under traffic" unload_module
}

check_grown()
{
	local mark taken
	plug_all 0
	before_load
	load_module
	mark=$(log_lines)
	check "all CPUs come online while the module is loaded" plug_all 1
	# Those that come later may have smaller rings, which is said.
	log_since "$mark" | grep 'tcpfsm: ring_events: [0-9]* on CPU' | sed -n '1s/^/# /p; $s/^/# /p'
	taken=$(taken_kib)
	modest "memory with all CPUs online is within 2 MiB an online CPU and 8 MiB" \
		$((2048 * $(online) + 8192))
	modest "memory with all CPUs online is within 96 MiB" $((96 * 1024))
	check "the module is unloaded with all CPUs online" unload_module
}

# stays_offline CPU - for check: there is memory for one ring, and not for another
stays_offline()
{
	local mark status=0
	load_module "ring_events=$(events_for $(($(kib MemAvailable) * 6 / 10)))"
	mark=$(log_lines)
	(plug "$1" 1) 2>"$work/error" || status=$?
	cat "$work/error"
	log_since "$mark" | tee "$work/log"
	rmmod tcpfsm
	((status)) && grep -q 'Cannot allocate memory' "$work/error" &&
		equal "online" "$(<"$cpus/cpu$1/online")" "expected" 0 &&
		equal "lines" "$(grep -c 'tcpfsm: ' "$work/log")" "expected" 1 &&
		grep -q "tcpfsm: CPU $1 stays offline: [0-9]* KiB for its ring" "$work/log" &&
		unharmed "$mark"
}

check_no_room()
{
	if (($(kib MemAvailable) > most_kib)); then
		skip "a CPU for which there is no memory stays offline" \
			"this machine has too much memory for that"
	else
		leave $((500 * 1024)) || give_up "cannot make memory scarce"
		sleep 1000 &
		bystander=$!
		plug_all 0
		check "a CPU for which there is no memory stays offline" stays_offline "$1"
		kill "$bystander"
		give_back
	fi
	check "a CPU that stayed offline comes online without the module" plug "$1" 1
}

restore()
{
	local each
	! mountpoint -q "$work/hog" || give_back
	rmmod tcpfsm 2>/dev/null
	for each in $was_online; do
		plug "$each" 1
	done
	cleanup
}

need_root
cpu=$(pluggable | head -n 1)
was_online=$(for each in $(pluggable); do
	[[ $(<"$cpus/cpu$each/online") == 0 ]] || echo "$each"
done)
trap restore EXIT
if [[ $cpu ]]; then
	begin 27
else
	begin 12
fi
check_defaults
check_limits
if [[ $cpu ]]; then
	check_late "$cpu"
	check_traffic
	check_grown
	check_no_room "$cpu"
else
	skip "CPUs come and go" "there is one CPU only"
fi
finish
