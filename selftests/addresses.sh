#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# addresses.sh - code that changed a socket's state has gone: no address of the kernel is told
#
# Whoever called tcp_set_state() and is no function that the module knows is listed in
# /proc/tcpfsm_stat by name. The name goes when a module is unloaded or a BPF program
# detached; and what comes to the same place next must not be taken for what was there.
#
# shellcheck disable=SC2317 # what check and wait_for call
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/lib.sh" || exit
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/foreign.sh" || exit

gid=4711
restrict=/proc/sys/kernel/kptr_restrict
restrict_before=$(<"$restrict")

# as_member COMMAND... - as a user who is nothing but a member of the group that may read
as_member()
{
	setpriv --reuid=65534 --regid="$gid" --clear-groups --no-new-privs "$@"
}

# tells_no_address - no file that the group may read has one: hexadecimal digits of that many are
# none of its numbers, and IDs are shorter
tells_no_address()
{
	local file
	for file in /proc/tcpfsm_stat /proc/tcpfsm; do
		# What there is now; the one file has no end.
		as_member timeout 2 cat "$file" >"$work/told"
		[[ -s $work/told ]] || { echo "$file cannot be read"; return 1; }
		! grep -E '0x[0-9a-f]|\b[89a-f][0-9a-f]{15}\b' "$work/told" || return
	done
}

unknown_sites()
{
	awk '/^cause_unknown_site/ { n += $NF } END { print n + 0 }' /proc/tcpfsm_stat
}

# causes_of OLD NEW - of all events on that edge
causes_of()
{
	timeout 2 cat /proc/tcpfsm | awk -v old="$1" -v new="$2" '
		{ for (i = 1; i < NF; i++) if ($i == old && $(i + 1) == new) print $(i + 2) }'
}

# place MODULE - where the module that is loaded has its text
place()
{
	awk -v name="$1" '$1 == name { print $NF }' /proc/modules | tr -d '()'
}

insert()
{
	insmod "$here/stranger/$1.ko" "set_state=0x$set_state"
}

check_module()
{
	load_module gid=$gid
	check "another module is loaded and changes a socket's state" insert stranger
	check "the other module's function is counted as an unknown call site" \
		at_least "unknown" "$(unknown_sites)" 1
	check "no file shows an address while the other module is loaded" tells_no_address
	check "the other module is unloaded while tcpfsm is loaded" rmmod stranger
	check "no file shows an address after the other module was unloaded" tells_no_address
	check "tcpfsm is unloaded after the other module" unload_module
}

# last_cause - of the last time that somebody went from SYN_SENT to SYN_RECV
last_cause()
{
	causes_of SYN_SENT SYN_RECV | tail -n 1
}

is_unknown()
{
	echo "cause $1"
	[[ $1 == unknown ]]
}

# Two modules that have the same text but for a name, one after the other
check_place()
{
	local first second cause
	local name="a module at the address of one that was unloaded is not taken for it"
	load_module gid=$gid
	insert impostor || give_up "cannot load impostor"
	first=$(place impostor)
	rmmod impostor
	insert stranger || give_up "cannot load stranger"
	second=$(place stranger)
	cause=$(last_cause)
	if [[ $first == "$second" ]]; then
		check "$name" is_unknown "$cause"
	else
		skip "$name" "the second one was loaded elsewhere"
	fi
	rmmod stranger
	check "no file shows an address after two modules at one address" tells_no_address
	check "tcpfsm is unloaded after two modules at one address" unload_module
}

# return_hooks KIND - what puts itself between tcp_set_state() and its caller, and goes
return_hooks()
{
	local why name="no file shows an address after $1 hooked the return of tcp_set_state()"
	why=$(foreign_lacks "$1")
	if [[ $why ]]; then
		skip "$name" "$why"
		return
	fi
	foreign_on "$1" tcp_set_state || give_up "cannot place $1"
	"$here/causes" -u >"$work/did" || :
	foreign_off "$1"
	check "$name" tells_no_address
}

check_returns()
{
	local kind
	load_module gid=$gid
	for kind in "${foreign_kinds[@]}"; do
		return_hooks "$kind"
	done
	check "tcpfsm is unloaded after all return hooks" unload_module
}

undo()
{
	echo "$restrict_before" >"$restrict"
	foreign_all_off
	rmmod stranger impostor 2>/dev/null
	cleanup
}

need_root
[[ -e $here/stranger/stranger.ko ]] || skip_all "load/stranger is not built"
trap undo EXIT
begin $((6 + 3 + ${#foreign_kinds[@]} + 1))
# For /proc/modules and /proc/kallsyms; the module may go by it or not.
echo 0 >"$restrict"
set_state=$(awk '$3 == "tcp_set_state" { print $1; exit }' /proc/kallsyms)
check_place
echo 2 >"$restrict"
check_module
check_returns
finish
