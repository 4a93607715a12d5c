#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# params.sh - parameters, loading twice, and unloading a module that is in use
#
# TCPFSM_KO names the module, by default ../module/tcpfsm.ko. The script unloads the module at the
# beginning, and loads it again at the end if it was loaded.
#
# shellcheck disable=SC2317 # check calls functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

module=${TCPFSM_KO:-$module}
params=/sys/module/tcpfsm/parameters

# complain TEXT... - print the reason, and fail
complain()
{
	echo "$*"
	return 1
}

loaded()
{
	[[ -d /sys/module/tcpfsm ]]
}

# mark - skip all messages of the kernel so far
mark()
{
	log=$(dmesg)
}

# hear - put the kernel's messages since the last mark or hear into "messages"
hear()
{
	local now
	now=$(dmesg)
	# Cut by length, because the shell takes seconds to compare the texts.
	messages=${now:${#log}}
	log=$now
}

# calm - check that the messages have no complaint
calm()
{
	[[ $messages != *"Call Trace"* && $messages != *"BUG:"* && $messages != *"WARNING:"* ]] ||
		complain "$messages"
}

load()
{
	local output
	output=$(insmod "$module" "$@" 2>&1) || complain "$output"
}

unload()
{
	local output
	output=$(rmmod tcpfsm 2>&1) || complain "$output"
}

# works [PARAMETER...] - check that the module loads, records, and unloads without a trace
works()
{
	load "$@" || complain "does not load with '$*'" || return
	connect_refused
	[[ $(module_stat recorded) -ge 2 ]] || complain "nothing recorded" || return
	grep -q 'SYN_SENT' /proc/tcpfsm || complain "nothing shown" || return
	unload && is_clean
}

# refused PARAMETER=VALUE - check that the module does not load with it, and says why
refused()
{
	local output
	if output=$(insmod "$module" "$1" 2>&1); then
		unload
		complain "loads with $1"
		return
	fi
	hear
	[[ $messages == *"tcpfsm: ${1%%=*}: "* ]] ||
		complain "says '$output', '$messages'" || return
	calm && is_clean
}

# twice - check that a second load fails, and that the loaded module goes on
twice()
{
	local output
	load || return
	output=$(insmod "$module" 2>&1) && complain "loads twice"
	[[ $output == *"File exists"* ]] || complain "says '$output'" || return
	connect_refused
	grep -q SYN_SENT /proc/tcpfsm || complain "the first one does not work any more" || return
	unload && is_clean
}

# values - check that sysfs shows what was given, and that it cannot be changed
values()
{
	local ok=0
	load ring_events=100 conns=1000 gid=12 || return
	[[ $(<"$params/ring_events") == 100 ]] || complain "ring_events" || ok=1
	[[ $(<"$params/conns") == 1000 ]] || complain "conns" || ok=1
	[[ $(<"$params/gid") == 12 ]] || complain "gid" || ok=1
	[[ $(<"$params/enabled") == Y ]] || complain "enabled" || ok=1
	echo 200 2>/dev/null >"$params/ring_events" && complain "ring_events can be written"
	[[ $(<"$params/ring_events") == 100 ]] || complain "ring_events has changed" || ok=1
	[[ $(stat -c '%g %a' /proc/tcpfsm /proc/tcpfsm_raw /proc/tcpfsm_stat | sort -u) == "12 440" ]] ||
		complain "$(stat -c '%n %g %a' /proc/tcpfsm*)" || ok=1
	unload && is_clean && return "$ok"
}

# group - check that a member of the group may read, and another user may not
group()
{
	local ok=0 file
	load gid=12 || return
	for file in /proc/tcpfsm /proc/tcpfsm_raw /proc/tcpfsm_stat; do
		setpriv --reuid 65534 --regid 12 --clear-groups dd if="$file" count=0 status=none ||
			complain "the group cannot open $file" || ok=1
		! setpriv --reuid 65534 --regid 65534 --clear-groups dd if="$file" count=0 status=none 2>/dev/null ||
			complain "anybody can open $file" || ok=1
	done
	unload && is_clean && return "$ok"
}

# tiny_ring - check that each event is either in the ring of eight or counted as overwritten
tiny_ring()
{
	local i recorded overwritten shown
	load ring_events=8 || return
	for ((i = 0; i < 50; i++)); do
		connect_refused
	done
	recorded=$(module_stat recorded)
	overwritten=$(module_stat overwritten)
	shown=$(grep -cv '^#' /proc/tcpfsm)
	unload || return
	[[ $recorded -ge 100 && $overwritten -gt 0 && $shown -gt 0 &&
	   $recorded == $((overwritten + shown)) ]] ||
		complain "recorded $recorded, overwritten $overwritten, shown $shown"
}

# disabled - check that nothing is recorded until enabled becomes 1
disabled()
{
	load enabled=0 || return
	connect_refused
	[[ $(module_stat recorded) == 0 ]] || complain "recorded something" || { unload; return 1; }
	echo 1 >"$params/enabled"
	connect_refused
	[[ $(module_stat recorded) == 2 ]] || complain "did not begin to record" || { unload; return 1; }
	unload && is_clean
}

# busy - check that an open stream keeps the module loaded
busy()
{
	local output
	load || return
	exec 8</proc/tcpfsm_raw
	output=$(rmmod tcpfsm 2>&1) && complain "was removed"
	[[ $output == *"in use"* || $output == *"temporarily unavailable"* ]] ||
		complain "says '$output'" || return
	connect_refused
	dd bs=4096 count=1 status=none <&8 | wc -c | grep -qvx 0 || complain "the stream is dead" || return
	exec 8<&-
	unload && is_clean
}

# open_across - check that an open text file does not keep the module, and then gives EIO
open_across()
{
	local file ok=0
	for file in /proc/tcpfsm /proc/tcpfsm_stat; do
		load || return
		connect_refused
		exec 8<"$file"
		head -c 1 <&8 >/dev/null
		unload || complain "an open $file keeps the module" || return
		cat <&8 2>&1 >/dev/null | grep -q 'Input/output error' ||
			complain "$file can still be read" || ok=1
		exec 8<&-
	done
	hear
	calm && is_clean && return "$ok"
}

# open_across_reload - check that a file of an unloaded module does not read a new one
open_across_reload()
{
	load || return
	exec 8</proc/tcpfsm
	unload || return
	load || return
	cat <&8 2>&1 >/dev/null | grep -q 'Input/output error' || complain "reads the new one" || return
	exec 8<&-
	unload && is_clean
}

need_root
[[ -e /proc/modules ]] || skip_all "this kernel has no modules"
[[ -r $module ]] || skip_all "$module is not there"
was_loaded=
if loaded; then
	rmmod tcpfsm 2>/dev/null || skip_all "the module is in use"
	was_loaded=y
fi
trap 'rm -rf "$work"' EXIT
begin 32
mark
check "the module works with its default parameters" works
for value in 0 -1 abc "''" 4194305 99999999999999999999 0x 1.5; do
	check "ring_events=$value is refused" refused "ring_events=$value"
done
for value in 0 -1 abc 16777217; do
	check "conns=$value is refused" refused "conns=$value"
done
for value in maybe 2 -1; do
	check "enabled=$value is refused" refused "enabled=$value"
done
for value in -1 root 4294967296; do
	check "gid=$value is refused" refused "gid=$value"
done
check "the module works after all refused parameters" works
check "the module is loaded with ring_events=1" load ring_events=1
check "the module with ring_events=1 is unloaded" unload
check "the module works with conns=1" works conns=1
check "the module is not loaded twice" twice
check "sysfs shows the parameters, and ring_events cannot be changed" values
check "members of the group gid may read, and others may not" group
check "rings of 8 events: recorded = overwritten + shown" tiny_ring
check "the module records nothing until it is enabled" disabled
check "the module is not unloaded while a stream is open" busy
check "the module is unloaded while a text file is open" open_across
check "a text file that was opened before a reload stays without text" open_across_reload
check "the module works at the end" works
[[ -z $was_loaded ]] || load
finish
