#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# params.sh - parameters good and bad, loading twice, unloading what is in use
#
# TCPFSM_KO names the module, by default ../module/tcpfsm.ko beside this directory.
# The module is removed at the beginning, and loaded again in the end if it was loaded.

dir=$(cd -- "$(dirname -- "$0")" && pwd)
ko=${TCPFSM_KO:-$dir/../module/tcpfsm.ko}
params=/sys/module/tcpfsm/parameters

skip_all()
{
	echo "TAP version 13"
	echo "1..0 # SKIP $*"
	exit 4
}

tests=0
failed=0

# result NAME STATUS - report a test
result()
{
	tests=$((tests + 1))
	if [[ $2 == 0 ]]; then
		echo "ok $tests $1"
	else
		echo "not ok $tests $1"
		failed=$((failed + 1))
	fi
}

# try NAME COMMAND... - a test is a command that succeeds
try()
{
	local name=$1
	shift
	"$@"
	result "$name" $?
}

# complain TEXT... - say why, and be false
complain()
{
	echo "# $*"
	return 1
}

loaded()
{
	[[ -d /sys/module/tcpfsm ]]
}

# mark - forget what the kernel has said so far; hear - take what it has said since
mark()
{
	log=$(dmesg)
}

hear()
{
	local now
	now=$(dmesg)
	# By length: to have the shell compare them takes it seconds.
	messages=${now:${#log}}
	log=$now
}

# calm - the kernel has no complaint
calm()
{
	[[ $messages != *"Call Trace"* && $messages != *"BUG:"* && $messages != *"WARNING:"* ]] ||
		complain "${messages//$'\n'/$'\n'# }"
}

load()
{
	local output
	output=$(insmod "$ko" "$@" 2>&1) || complain "$output"
}

unload()
{
	local output
	output=$(rmmod tcpfsm 2>&1) || complain "$output"
}

# What the module leaves behind if it forgets something: memory, probes.
traces=(/proc/vmallocinfo)
for file in /sys/kernel/debug/kprobes/list /sys/kernel/tracing/enabled_functions; do
	[[ -r $file ]] && traces+=("$file")
done

# clean - nothing of the module is left in the kernel
clean()
{
	local file output
	! loaded || complain "the module is still loaded" || return
	for file in /proc/tcpfsm /proc/tcpfsm_raw /proc/tcpfsm_stat; do
		[[ ! -e $file ]] || complain "$file is still there" || return
	done
	output=$(grep -E 'tcpfsm|tcp_set_state' "${traces[@]}") || return 0
	complain "$output"
}

# works [PARAMETER...] - the module loads, records, and goes away without a trace
works()
{
	load "$@" || complain "does not load with '$*'" || return
	connect
	[[ $(stat_value recorded) -ge 2 ]] || complain "nothing recorded" || return
	grep -q 'SYN_SENT' /proc/tcpfsm || complain "nothing shown" || return
	unload && clean
}

# connect - two events, CLOSE>SYN_SENT>CLOSE: nobody listens there
connect()
{
	(exec 9<>/dev/tcp/127.0.0.1/1) 2>/dev/null
}

stat_value()
{
	awk -v name="$1" '$1 == name { print $2 }' /proc/tcpfsm_stat
}

# refused PARAMETER=VALUE - the module does not load with it, and says why
refused()
{
	local output
	if output=$(insmod "$ko" "$1" 2>&1); then
		unload
		complain "loads with $1"
		return
	fi
	hear
	[[ $messages == *"tcpfsm: ${1%%=*}: "* ]] || complain "says '$output', '$messages'" || return
	calm && clean
}

twice()
{
	local output
	load || return
	output=$(insmod "$ko" 2>&1) && complain "loads twice"
	[[ $output == *"File exists"* ]] || complain "says '$output'" || return
	connect
	grep -q SYN_SENT /proc/tcpfsm || complain "the first one does not work any more" || return
	unload && clean
}

# values - what was given is what sysfs shows, and cannot be changed afterwards
values()
{
	local ok=0
	load ring_events=100 conns=1000 gid=12 || return
	[[ $(<$params/ring_events) == 100 ]] || complain "ring_events" || ok=1
	[[ $(<$params/conns) == 1000 ]] || complain "conns" || ok=1
	[[ $(<$params/gid) == 12 ]] || complain "gid" || ok=1
	[[ $(<$params/enabled) == Y ]] || complain "enabled" || ok=1
	echo 200 2>/dev/null >$params/ring_events && complain "ring_events can be written"
	[[ $(<$params/ring_events) == 100 ]] || complain "ring_events has changed" || ok=1
	[[ $(stat -c '%g %a' /proc/tcpfsm /proc/tcpfsm_raw /proc/tcpfsm_stat | sort -u) == "12 440" ]] ||
		complain "$(stat -c '%n %g %a' /proc/tcpfsm*)" || ok=1
	unload && clean && return $ok
}

# A member of the group may read, another user may not.
group()
{
	local ok=0 file
	load gid=12 || return
	for file in /proc/tcpfsm /proc/tcpfsm_raw /proc/tcpfsm_stat; do
		setpriv --reuid 65534 --regid 12 --clear-groups dd if=$file count=0 status=none ||
			complain "the group cannot open $file" || ok=1
		! setpriv --reuid 65534 --regid 65534 --clear-groups dd if=$file count=0 status=none 2>/dev/null ||
			complain "anybody can open $file" || ok=1
	done
	unload && clean && return $ok
}

# With a ring of eight events: what was recorded is either there or counted as overwritten.
tiny_ring()
{
	local i recorded overwritten shown
	load ring_events=8 || return
	for ((i = 0; i < 50; i++)); do
		connect
	done
	recorded=$(stat_value recorded)
	overwritten=$(stat_value overwritten)
	shown=$(grep -cv '^#' /proc/tcpfsm)
	unload || return
	[[ $recorded -ge 100 && $overwritten -gt 0 && $shown -gt 0 &&
	   $recorded == $((overwritten + shown)) ]] ||
		complain "recorded $recorded, overwritten $overwritten, shown $shown"
}

disabled()
{
	load enabled=0 || return
	connect
	[[ $(stat_value recorded) == 0 ]] || complain "recorded something" || { unload; return 1; }
	echo 1 >$params/enabled
	connect
	[[ $(stat_value recorded) == 2 ]] || complain "did not begin to record" || { unload; return 1; }
	unload && clean
}

# A stream that is open keeps the module where it is.
busy()
{
	local output
	load || return
	exec 8</proc/tcpfsm_raw
	output=$(rmmod tcpfsm 2>&1) && complain "was removed"
	[[ $output == *"in use"* || $output == *"temporarily unavailable"* ]] ||
		complain "says '$output'" || return
	connect
	dd bs=4096 count=1 status=none <&8 | wc -c | grep -qvx 0 || complain "the stream is dead" || return
	exec 8<&-
	unload && clean
}

# Text that is open does not: it just has nothing more to give.
open_across()
{
	local file ok=0
	for file in /proc/tcpfsm /proc/tcpfsm_stat; do
		load || return
		connect
		exec 8<$file
		head -c 1 <&8 >/dev/null
		unload || complain "an open $file keeps the module" || return
		cat <&8 2>&1 >/dev/null | grep -q 'Input/output error' ||
			complain "$file can still be read" || ok=1
		exec 8<&-
	done
	hear
	calm && clean && return $ok
}

# The module is gone between open and read, and a new one is there: not the same file.
open_across_reload()
{
	load || return
	exec 8</proc/tcpfsm
	unload || return
	load || return
	cat <&8 2>&1 >/dev/null | grep -q 'Input/output error' || complain "reads the new one" || return
	exec 8<&-
	unload && clean
}

[[ $EUID == 0 ]] || skip_all "needs root"
[[ -e /proc/modules ]] || skip_all "this kernel has no modules"
[[ -r $ko ]] || skip_all "$ko is not there"
was_loaded=
if loaded; then
	rmmod tcpfsm 2>/dev/null || skip_all "the module is in use"
	was_loaded=y
fi

echo "TAP version 13"
mark
try "the module works with its default parameters" works
for value in 0 -1 abc "''" 4194305 99999999999999999999 0x 1.5; do
	try "ring_events=$value is refused" refused "ring_events=$value"
done
for value in 0 -1 abc 16777217; do
	try "conns=$value is refused" refused "conns=$value"
done
for value in maybe 2 -1; do
	try "enabled=$value is refused" refused "enabled=$value"
done
for value in -1 root 4294967296; do
	try "gid=$value is refused" refused "gid=$value"
done
try "the module works after all refused parameters" works
try "the module is loaded with ring_events=1" load ring_events=1
try "the module with ring_events=1 is unloaded" unload
try "the module works with conns=1" works conns=1
try "the module is not loaded twice" twice
try "sysfs shows the parameters, and ring_events cannot be changed" values
try "members of the group gid may read, and others may not" group
try "rings of 8 events: recorded = overwritten + shown" tiny_ring
try "the module records nothing until it is enabled" disabled
try "the module is not unloaded while a stream is open" busy
try "the module is unloaded while a text file is open" open_across
try "a text file that was opened before a reload stays without text" open_across_reload
try "the module works at the end" works
echo "1..$tests"

[[ -z $was_loaded ]] || load
[[ $failed == 0 ]]
