#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# addresses.sh - show no address of the kernel, even if the code at the address is gone
#
# If a function that the module does not know calls tcp_set_state(), /proc/tcpfsm_stat lists it by
# name. The name goes away when a module is unloaded or a BPF program is detached. Code that comes
# to the same address later must not be taken for the code that was there.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/foreign.sh" || exit

gid=4711
restrict=/proc/sys/kernel/kptr_restrict
restrict_before=$(<"$restrict")

# as_member COMMAND... - run a command as a user with no rights but those of the group that may read
as_member()
{
	setpriv --reuid=65534 --regid="$gid" --clear-groups --no-new-privs "$@"
}

# shows_no_address - for check: is every file that the group may read without an address? An address
# has more hexadecimal digits than any number or ID in these files.
shows_no_address()
{
	local file
	for file in /proc/tcpfsm_stat /proc/tcpfsm; do
		# The time limit ends the reading, because /proc/tcpfsm has no end.
		as_member timeout 2 cat "$file" >"$work/told"
		[[ -s $work/told ]] || { echo "$file cannot be read"; return 1; }
		! grep -E '0x[0-9a-f]|\b[89a-f][0-9a-f]{15}\b' "$work/told" || return
	done
}

# unknown_sites - print how often a call site was unknown
unknown_sites()
{
	awk '/^cause_unknown_site/ { n += $NF } END { print n + 0 }' /proc/tcpfsm_stat
}

# causes_of OLD NEW - print the causes of all events on that edge
causes_of()
{
	timeout 2 cat /proc/tcpfsm | awk -v old="$1" -v new="$2" '
		{ for (i = 1; i < NF; i++) if ($i == old && $(i + 1) == new) print $(i + 2) }'
}

# place MODULE - print the address of a loaded module's text
place()
{
	awk -v name="$1" '$1 == name { print $NF }' /proc/modules | tr -d '()'
}

# insert MODULE - load a module that calls tcp_set_state() by its address
insert()
{
	insmod "$here/../kmods/stranger/$1.ko" "set_state=0x$set_state"
}

check_module()
{
	load_module gid=$gid
	check "another module is loaded and changes a socket's state" insert stranger
	check "the other module's function is counted as an unknown call site" \
		at_least "unknown" "$(unknown_sites)" 1
	check "no file shows an address while the other module is loaded" shows_no_address
	check "the other module is unloaded while tcpfsm is loaded" rmmod stranger
	check "no file shows an address after the other module was unloaded" shows_no_address
	check "tcpfsm is unloaded after the other module" unload_module
}

# last_cause - print the cause of the last event from SYN_SENT to SYN_RECV
last_cause()
{
	causes_of SYN_SENT SYN_RECV | tail -n 1
}

is_unknown()
{
	echo "cause $1"
	[[ $1 == unknown ]]
}

# check_place - load two modules one after the other, which differ only in the name of a function
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
	check "no file shows an address after two modules at one address" shows_no_address
	check "tcpfsm is unloaded after two modules at one address" unload_module
}

# return_hooks KIND - test one kind of hook that stands between tcp_set_state() and its caller
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
	check "$name" shows_no_address
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
[[ -e $here/../kmods/stranger/stranger.ko ]] || skip_all "kmods/stranger is not built"
trap undo EXIT
begin $((6 + 3 + ${#foreign_kinds[@]} + 1))
# Let /proc/modules and /proc/kallsyms show addresses to this script.
echo 0 >"$restrict"
set_state=$(awk '$3 == "tcp_set_state" { print $1; exit }' /proc/kallsyms)
check_place
echo 2 >"$restrict"
check_module
check_returns
finish
