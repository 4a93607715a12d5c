#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# memory.sh - measure the module's memory, ask for too much of it, and plug CPUs in later
#
# The module takes memory for each CPU that is online. If its parameters ask for too much, insmod
# fails, and no process is harmed. If a CPU comes online for the first time while the module is
# loaded, it gets a ring, and streams that were open before read that ring as well.
#
# The script takes the machine as it is. For one that may grow a lot, give selftests/vm/run
# --cpus 16 --append "maxcpus=2 possible_cpus=256".
#
# The kernel patches its text when CPUs are plugged, so a VM needs TCPFSM_QEMU_TCG=single.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

fsmcat=$here/../../tools/fsmcat
cpus=/sys/devices/system/cpu
params=/sys/module/tcpfsm/parameters
record=160

# The tests that make memory scarce take most of it. A machine with more than this is left alone.
most_kib=$((3 * 1024 * 1024))

# online - print how many CPUs are online
online()
{
	getconf _NPROCESSORS_ONLN
}

# before_load - note how much memory is in use, for taken_kib and nothing_left
before_load()
{
	settled
	slab=$(kib SUnreclaim)
	percpu=$(kib Percpu)
	mapped=$(mapped_kib)
}

# taken_kib - print how much memory the module takes, from vmalloc and from other allocators
taken_kib()
{
	local more_slab more_percpu
	settled
	more_slab=$(($(kib SUnreclaim) - slab))
	more_percpu=$(($(kib Percpu) - percpu))
	echo $(($(mapped_kib "[tcpfsm]") + (more_percpu > 0 ? more_percpu : 0) + (more_slab > 0 ? more_slab : 0)))
}

# nothing_left - for check: is all memory back since before_load? A ring is more than a MiB.
nothing_left()
{
	settled
	at_most "KiB mapped by all" "$(mapped_kib)" $((mapped + 1024))
}

# modest NAME KIB - check that the module takes so much at most; skip this where sanitizers and lock
# checking take memory, too
modest()
{
	case $(uname -r) in
	*-tcpfsm-*)	skip "$1" "this kernel's memory is instrumented" ;;
	*)		check "$1" at_most "KiB" "$taken" "$2" ;;
	esac
}

# default_is CPUS - for check: is ring_events the default, for which all rings take at most 64 MiB?
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

# Parameters that ask for too much

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

# unharmed LINE - for check: was no process killed for lack of memory after this line of the log?
unharmed()
{
	kill -0 "$bystander" && ! log_since "$1" |
		grep -iE 'oom|out of memory|killed process|allocation failure|vmalloc error|Call Trace'
}

# refused PARAMETER=VALUE - for check: does insmod fail with ENOMEM, and the log get one line that
# says how much memory is needed, and nothing else?
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

# taken_and_given_back PARAMETER=VALUE - for check: is a large request granted that the machine has?
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

# events_for KIB - print the ring_events for which all rings together take so much
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

# pluggable - print the numbers of the CPUs that can be plugged
pluggable()
{
	local file
	for file in "$cpus"/cpu[1-9]*/online; do
		[[ -w $file ]] || continue
		file=${file%/online}
		echo "${file#"$cpus"/cpu}"
	done | sort -n
}

# plug CPU 0|1 - take a CPU offline or bring it online
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

# connect_on CPU - make a connection that is refused, which gives two events on this CPU
connect_on()
{
	taskset -c "$1" bash -c 'exec 9<>/dev/tcp/127.0.0.1/1' 2>/dev/null
	return 0
}

# records_of FILE CPU - print how many records of this CPU the file has
records_of()
{
	od -An -v -tu2 -w"$record" "$1" | awk -v cpu="$2" '$72 == cpu { n++ } END { print n + 0 }'
}

# raw_has CPU RECORDS - has the reader of the raw stream got so many of this CPU?
raw_has()
{
	(($(records_of "$work/raw" "$1") >= $2))
}

# text_has LINES - has fsmcat printed so many lines?
text_has()
{
	(($(grep -c 'SYN_SENT' "$work/text") >= $1))
}

# kept CPU - print how many records of this CPU a stream has that is opened now
kept()
{
	# A read that does not wait ends with EAGAIN when there are no more records.
	dd if=/proc/tcpfsm_raw iflag=nonblock bs=64K status=none 2>/dev/null >"$work/now"
	records_of "$work/now" "$1"
}

# comes CPU - for check: does the CPU come online, and do open readers get its events?
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

# goes_and_comes CPU - for check: are the CPU's events kept while it is offline, and more read
# later?
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

# check_late CPU - plug a CPU while nothing else happens
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

# come_and_go - for check: plug CPUs while events keep coming
come_and_go()
{
	local cpu
	for cpu in $(pluggable | head -n 3); do
		plug "$cpu" 1 && some_more 100 && plug "$cpu" 0 && some_more 100 && plug "$cpu" 1 &&
			some_more 100 || return
	done
}

# check_traffic - plug CPUs while all of them have connections, and a stream is open
check_traffic()
{
	local checker traffic
	plug_all 0
	make_net || give_up "no network"
	# A packet that is steered to a CPU while it goes offline would be lost to its connection.
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

# check_grown - measure the memory after all CPUs have come online
check_grown()
{
	local mark taken
	plug_all 0
	before_load
	load_module
	mark=$(log_lines)
	check "all CPUs come online while the module is loaded" plug_all 1
	# A CPU that comes later may have a smaller ring, and the kernel log says so.
	log_since "$mark" | grep 'tcpfsm: ring_events: [0-9]* on CPU' | sed -n '1s/^/# /p; $s/^/# /p'
	taken=$(taken_kib)
	modest "memory with all CPUs online is within 2 MiB an online CPU and 8 MiB" \
		$((2048 * $(online) + 8192))
	modest "memory with all CPUs online is within 96 MiB" $((96 * 1024))
	check "the module is unloaded with all CPUs online" unload_module
}

# stays_offline CPU - for check: does a CPU stay offline if there is no memory for its ring?
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
