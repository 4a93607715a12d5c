# SPDX-License-Identifier: GPL-2.0
# lib.sh - the library of the shell tests: results, the module, two namespaces, the oracle
#
# shellcheck shell=bash disable=SC2317 # check and wait_for call functions by name
# selftests/*.sh source this. A function "for check" prints what it finds, and succeeds or fails.

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
module=$here/../../module/tcpfsm.ko
work=$(mktemp -d "${TMPDIR:-/tmp}/tcpfsm-load.XXXXXX")
bpf=/sys/fs/bpf/tcpfsm-oracle

# Results: tap.sh has the functions that host tests use as well

. "$here/tap.sh"

# begin TESTS - print the plan; finish checks it
begin()
{
	echo "TAP version 13"
	echo "1..$1"
	planned=$1
}

# check DESCRIPTION COMMAND... - report a test that passes if the command succeeds, and show its
# output. The command runs in this shell, so that a function can set variables.
check()
{
	local description=$1 status=0
	shift
	"$@" >"$work/said" 2>&1 || status=$?
	sed 's/^/# /' "$work/said"
	result "$status" "$description"
}

# skip DESCRIPTION REASON - report a test that cannot be done on this kernel or machine
skip()
{
	tests=$((tests + 1))
	echo "ok $tests - $1 # SKIP $2"
}

# equal NAME A NAME B - for check: are A and B equal numbers?
equal()
{
	echo "$1 $2, $3 $4"
	[[ $2 =~ ^[0-9]+$ && $2 == "$4" ]]
}

# at_most NAME A B - for check: is A a number, and at most B?
at_most()
{
	echo "$1 $2, at most $3"
	[[ $2 =~ ^[0-9]+$ ]] && (($2 <= $3))
}

# at_least NAME A B - for check: is A a number, and at least B?
at_least()
{
	echo "$1 $2, at least $3"
	[[ $2 =~ ^[0-9]+$ ]] && (($2 >= $3))
}

# skip_all REASON... - end the script, because none of its tests can be done here
skip_all()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# give_up REASON... - end the script, because the tests that are left would say nothing
give_up()
{
	echo "Bail out! $*"
	exit 1
}

# finish - end the script; fail if a test failed, or if the plan was wrong
finish()
{
	if ((tests != planned)); then
		say "$planned tests planned, $tests done"
		failures=$((failures + 1))
	fi
	exit $((failures ? 1 : 0))
}

# log_lines - print how many lines the kernel log has, for log_since and said_since
log_lines()
{
	dmesg | wc -l
}

# log_since LINE - print the lines that the kernel log got after this one
log_since()
{
	dmesg | sed "1,$1d"
}

# said_since LINE TEXT - for check: did the kernel log get a line with the text after this one?
said_since()
{
	log_since "$1" | grep -F "$2"
}

# value FILE NAME - print the value of the first line "NAME value", or "none"
value()
{
	awk -v name="$2" '$1 == name { print $2; found = 1; exit }
		END { if (!found) print "none" }' "$1"
}

# kib NAME - print a value of /proc/meminfo
kib()
{
	value /proc/meminfo "$1:"
}

# settled - have the kernel free its caches, so that measurements of memory can be compared
settled()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# mapped_kib [CALLER] - print how much memory vmalloc() and vmap() have given to all callers, or to
# this one. The kernel's list names a module only as long as it is loaded.
mapped_kib()
{
	awk -v who="${1:-}" '(!who || index($0, who)) && !/unpurged/ { n += $2 }
		END { print int(n / 1024) }' /proc/vmallocinfo
}

# exit_status PID - for check: did a job of this shell end with success?
exit_status()
{
	wait "$1"
}

# The module

# module_stat NAME - print a counter of /proc/tcpfsm_stat
module_stat()
{
	value /proc/tcpfsm_stat "$1"
}

# hook_stat NAME HOOK - print a counter of one hook
hook_stat()
{
	module_stat "$1{hook=\"$2\"}"
}

# listens FILTER - is there a listener for which ss has this filter, such as "sport = :80"?
listens()
{
	ss -tlnH "$1" | grep -q .
}

# count_states - turn what "ss -tanH" prints into lines "STATE COUNT" with the module's names
count_states()
{
	awk '
		{ gsub("-", "_", $1); sub("ESTAB$", "ESTABLISHED", $1); sub("WAIT_", "WAIT", $1) }
		{ n[$1]++ }
		END { for (s in n) print s, n[s] }' | sort
}

# connect_refused - make a connection that is refused, because nobody listens on port 1. It gives
# two events, CLOSE>SYN_SENT and SYN_SENT>CLOSE.
connect_refused()
{
	(exec 9<>/dev/tcp/127.0.0.1/1) 2>/dev/null
}

# refused_events - print the lines of /proc/tcpfsm about connections that connect_refused made
refused_events()
{
	grep -F ' 127.0.0.1:1 ' /proc/tcpfsm
}

# records - for check: are both transitions of a refused connection recorded? Only its own events
# count. Others may come at any time, because earlier tests may have left timewait socks.
records()
{
	refused_events >"$work/refused-before"
	connect_refused
	refused_events | grep -vxFf "$work/refused-before" >"$work/refused"
	cat "$work/refused"
	equal "recorded" "$(wc -l <"$work/refused")" "expected" 2
}

need_root()
{
	[[ $EUID == 0 ]] || skip_all "must be root"
}

# load_module [PARAMETER=VALUE...] - load the module, or give up
# shellcheck disable=SC2120 # not all callers pass arguments
load_module()
{
	insmod "$module" "$@" || give_up "cannot load the module"
}

# unload_module - for check: unload the module, as soon as no process has it open any more
unload_module()
{
	local status=0
	wait_for 10 rmmod tcpfsm 2>"$work/rmmod" || status=$?
	((status == 0)) || cat "$work/rmmod"
	return $status
}

# is_clean - for check: is nothing of the module left in the kernel?
is_clean()
{
	local file
	for file in /sys/module/tcpfsm /proc/tcpfsm /proc/tcpfsm_raw /proc/tcpfsm_stat; do
		[[ ! -e $file ]] || { echo "$file is still there"; return 1; }
	done
	! grep -sE 'tcpfsm|tcp_set_state|inet_twsk' /proc/vmallocinfo \
		/sys/kernel/debug/kprobes/list /sys/kernel/tracing/enabled_functions
}

# no_hook_is_absent - for check: has the module found each of its hooks?
no_hook_is_absent()
{
	! grep '^hook_absent' /proc/tcpfsm_stat
}

recorded_more_than()
{
	(($(module_stat recorded) > $1))
}

# some_more EVENTS - wait for so many, which shows that the traffic goes on
some_more()
{
	wait_for 60 recorded_more_than "$(($(module_stat recorded) + $1))" && return
	echo "no more events: $(module_stat recorded) recorded"
	return 1
}

# readers_are N - does the module count so many readers?
readers_are()
{
	[[ $(module_stat readers) == "$1" ]]
}

# counted NAME - print a number that chaincheck counted
counted()
{
	value "$work/counts" "$1"
}

# balanced - for check: do the module's counters balance, now that all connections have ended?
balanced()
{
	local status=0
	equal "requests created" "$(module_stat requests_created)" "completed or ended" \
		"$(($(module_stat requests_completed) + $(module_stat requests_ended)))" || status=1
	equal "timewait created" "$(module_stat timewait_created)" \
		"ended" "$(module_stat timewait_ended)" || status=1
	equal "gaps" "$(module_stat gaps)" "expected" 0 || status=1
	equal "repeated" "$(module_stat repeated)" "expected" 0 || status=1
	return $status
}

# sum_edges - add up lines "OLD NEW COUNT" by edge
sum_edges()
{
	awk '$3 { n[$1 " " $2] += $3 } END { for (e in n) print e, n[e] }' | sort
}

# stat_transitions - print "OLD NEW COUNT" for each edge, from the module's counters for all causes
stat_transitions()
{
	sed -n 's/^transitions{old="\([A-Z_0-9]*\)",new="\([A-Z_0-9]*\)".*} \([0-9]*\)$/\1 \2 \3/p' \
		/proc/tcpfsm_stat | sum_edges
}

# at_rest - has every connection that began ended, by the module's counters?
at_rest()
{
	stat_transitions | awk '
		{ from[$1] += $3; into[$2] += $3 }
		# A request that begins does not take its listener out of LISTEN.
		$1 == "LISTEN" && $2 == "SYN_RECV" { from["LISTEN"] -= $3 }
		END {
			for (s in into)
				if (s != "CLOSE" && into[s] != from[s])
					exit 1
			exit !into["CLOSE"]
		}'
}

# check_chains - compare what chaincheck counted with what the module counted; 9 tests
check_chains()
{
	check "no event is lost" equal "lost" "$(counted lost)" "expected" 0
	check "no connection is open at the end" equal "open" "$(counted open)" "expected" 0
	check "each connection was closed once" equal \
		"connections" "$(counted connections)" "closed" "$(counted closed)"
	check "all recorded events were read" equal \
		"recorded" "$(module_stat recorded)" "read" "$(counted events)"
	check "each event has a cause" equal \
		"causeless" "$(counted causeless)" "expected" 0
	check "the module's counters balance" balanced
	check "the tracepoint recorded each transition that the kprobe missed" equal \
		"missed" "$(hook_stat missed tcp_set_state)" \
		"repaired" "$(hook_stat repaired tcp_set_state)"
	ask_oracle "the BPF programs together missed no transition" oracle_sane
	ask_oracle "the BPF programs counted the same transitions as the module" \
		oracle_agrees "$work/counts"
}

# Two namespaces
#
#	+------------- tcpfsm-a -------------+      +------------- tcpfsm-b -------------+
#	| lo    127.0.0.0/8                  |      | lo    local 10.81.0.0/16           |
#	|                                    |      |       local fd81::/64              |
#	| veth  10.80.0.1/16  fd80::1/64  ---+------+---  veth  10.80.0.2/16  fd80::2/64 |
#	|                                    |      | 10.82.0.0/16 via 10.80.0.1, which  |
#	|                                    |      | has no route and does not forward  |
#	+------------------------------------+      +------------------------------------+

A=tcpfsm-a
B=tcpfsm-b

has_netns()
{
	[[ -e /proc/self/ns/net ]]
}

need_netns()
{
	has_netns || skip_all "this kernel has no network namespaces (CONFIG_NET_NS)"
}

# in_netns NETNS COMMAND... - run a command there, or here if the kernel has no namespaces
in_netns()
{
	if has_netns; then
		ip netns exec "$@"
	else
		shift
		"$@"
	fi
}

# steer all|none - spread the devices' packets over all CPUs, or leave each where it was sent
steer()
{
	local ns device mask=0
	[[ $1 == none ]] || mask=$(printf '%x' $(((1 << $(nproc)) - 1)))
	for ns in $A $B; do
		for device in lo veth; do
			ip netns exec "$ns" sh -c \
				"echo $mask >/sys/class/net/$device/queues/rx-0/rps_cpus" || return
		done
	done
}

# tune NETNS - allow many connections and many timewait socks
tune()
{
	in_netns "$1" sysctl -q -w net.ipv4.tcp_max_tw_buckets=1000000 \
		net.ipv4.ip_local_port_range="2048 65535" net.ipv4.tcp_fin_timeout=2
}

# know_neighbour NETNS OTHER ADDRESS... - tell a namespace the link address of the other one. It
# then need not ask. Where segments are lost, the question would be lost too, and a connection
# would have no route.
know_neighbour()
{
	local ns=$1 addr mac
	mac=$(ip netns exec "$2" cat /sys/class/net/veth/address)
	shift 2
	for addr; do
		ip -n "$ns" neigh replace "$addr" lladdr "$mac" nud permanent dev veth
	done
}

# make_net - make the two namespaces, and wait until packets get from one to the other
make_net()
{
	local ns
	# A test that was stopped before its end may have left them.
	drop_net
	if ! has_netns; then
		tune here
		return
	fi
	ip netns add $A
	ip netns add $B
	ip link add veth netns $A type veth peer name veth netns $B
	for ns in $A $B; do
		tune "$ns"
		ip -n "$ns" link set lo up
		ip -n "$ns" link set veth up
	done
	steer all
	ip -n $A addr add 10.80.0.1/16 dev veth
	ip -n $B addr add 10.80.0.2/16 dev veth
	ip -n $A addr add fd80::1/64 dev veth nodad
	ip -n $B addr add fd80::2/64 dev veth nodad
	know_neighbour $A $B 10.80.0.2 fd80::2
	know_neighbour $B $A 10.80.0.1 fd80::1
	ip -n $B route add local 10.81.0.0/16 dev lo
	ip -n $B route add local fd81::/64 dev lo
	ip -n $A route add 10.81.0.0/16 via 10.80.0.2
	ip -n $A route add fd81::/64 via fd80::2
	ip -n $B route add 10.82.0.0/16 via 10.80.0.1
	wait_for 10 ip netns exec $A ping -q -c 1 -W 1 10.81.1.1 >/dev/null &&
		wait_for 10 ip netns exec $A ping -q -c 1 -W 1 fd81::1 >/dev/null
}

# has_no_request - have all requests ended, if the module is loaded to count them?
has_no_request()
{
	[[ ! -e /proc/tcpfsm_stat ]] || (($(module_stat requests_created) ==
		$(module_stat requests_completed) + $(module_stat requests_ended)))
}

# ends_timewait - destroy connections that only wait for their time. Have all others ended? ss does
# not list the requests of a listener that was closed, so the module's counters are asked.
ends_timewait()
{
	ss -tnK state time-wait state fin-wait-2 >/dev/null
	! ss -tanH exclude listening | grep -q . && has_no_request
}

# drop_net - remove the namespaces with all connections in them. Without namespaces, wait until the
# connections that churn left have ended.
drop_net()
{
	if has_netns; then
		ip netns del $A 2>/dev/null
		ip netns del $B 2>/dev/null
	else
		wait_for 75 ends_timewait
	fi
}

paths=(
	"client=$A,server=$A,to=127.1.0.0,own=127.0.0.1"
	"client=$A,server=$B,to=10.81.0.0,own=10.80.0.1,silent=10.82.0.0,mapped"
	"client=$A,server=$B,to=fd81::"
)
# Only this path is left without namespaces.
has_netns || paths=("to=127.1.0.0,own=127.0.0.1")

has_no_timewait()
{
	! ss -tnH state time-wait | grep -q .
}

# drop_timewait - end all timewait socks, so that the next test does not see them. On 5.10, ss -K
# does not destroy them, and the wait takes 2MSL, a minute.
drop_timewait()
{
	ss -tnK state time-wait >/dev/null
	wait_for 75 has_no_timewait
}

# The program churn with its time limit. A script that runs it in the background needs the words.
churn=("$here/churn" -w $((300 * ${TCPFSM_SLOWNESS:-1})))

# churn ARGS... - make connections over all paths. $work/did gets the numbers of what it did.
churn()
{
	"${churn[@]}" "$@" "${paths[@]}" >"$work/did"
}

# did NAME - print one of churn's numbers
did()
{
	value "$work/did" "$1"
}

# The oracle: BPF programs on the kernel's tracepoint, which count transitions without the module

has_btf()
{
	[[ -e /sys/kernel/btf/vmlinux ]]
}

# ask_oracle DESCRIPTION COMMAND... - check, or skip if the kernel cannot run the oracle
ask_oracle()
{
	if has_btf; then
		check "$@"
	else
		skip "$1" "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)"
	fi
}

# oracle_start - load and attach the programs. The kernel does not run a program that is already
# running on the CPU. Three others run right after the first, and count what it missed.
oracle_start()
{
	local program map maps=()
	has_btf || return 0
	for map in edges unmarked marks; do
		maps+=(map name "$map" pinned "$bpf/$map")
	done
	mkdir "$bpf" && bpftool prog load "$here/first.bpf" "$bpf/first" pinmaps "$bpf" || return
	for program in second third fourth; do
		bpftool prog load "$here/other.bpf" "$bpf/$program" "${maps[@]}" || return
	done
	for program in first second third fourth; do
		"$here/bpfattach" "$bpf/$program" "$bpf/$program-link" || return
	done
}

oracle_stop()
{
	rm -rf "$bpf"
}

# dump MAP - print "key value" for each entry of a map that is not 0
dump()
{
	bpftool map dump pinned "$bpf/$1" | awk '
		{ gsub(/[^0-9a-z]/, " ") }
		$1 == "key" { key = $2 }
		$1 == "value" && $2 { print key, $2 }'
}

# oracle_counts - print "oracle OLD NEW COUNT" for each edge
oracle_counts()
{
	dump edges | awk '
		BEGIN {
			split("ESTABLISHED SYN_SENT SYN_RECV FIN_WAIT1 FIN_WAIT2 TIME_WAIT " \
			      "CLOSE CLOSE_WAIT LAST_ACK LISTEN CLOSING NEW_SYN_RECV", name)
		}
		{ print "oracle", name[int($1 / 16)], name[$1 % 16], $2 }'
}

# oracle_missed - print how often the kernel did not run the first program
oracle_missed()
{
	bpftool prog show pinned "$bpf/first" | awk '
		{ for (i = 1; i < NF; i++) if ($i == "recursion_misses") n = $(i + 1) }
		END { print n + 0 }'
}

# oracle_caught - print how many of these transitions another program saw
oracle_caught()
{
	dump unmarked | awk '{ n = $2 } END { print n + 0 }'
}

# oracle_sane - for check: did the programs together miss nothing?
oracle_sane()
{
	equal "missed by the first program" "$(oracle_missed)" \
	      "caught by another" "$(oracle_caught)"
}

# oracle_agrees COUNTS - for check: did the oracle count the transitions that chaincheck counted?
oracle_agrees()
{
	oracle_counts >"$work/oracle"
	awk -f "$here/oracle.awk" "$work/oracle" "$1"
}

# cleanup - undo all that this library did, at the end of a script
cleanup()
{
	local pids
	pids=$(jobs -p)
	# shellcheck disable=SC2086 # each process is a word
	[[ -z $pids ]] || kill $pids 2>/dev/null
	wait
	oracle_stop
	drop_net
	rmmod slowprobe 2>/dev/null
	rmmod tcpfsm 2>/dev/null
	rm -rf "$work"
}
