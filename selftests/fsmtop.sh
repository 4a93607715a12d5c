#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# fsmtop.sh - check that fsmtop counts what ss counts
#
# The counts are compared at rest, and while a thousand connections a second come and go. fsmtop
# must know connections that are older than the module from its first update on. selftests/host/cli
# tests its screens, and recordings, without a module.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

fsmtop=$here/../../tools/fsmtop

# counted_by_fsmtop FILE - print "STATE COUNT" lines of the last whole update in a file
counted_by_fsmtop()
{
	grep '}$' "$1" | tail -n 1 | grep -o '"[A-Z_0-9]*":{"count":[0-9]*' |
		sed 's/"\([A-Z_0-9]*\)".*:\([0-9]*\)/\1 \2/' | grep -v ' 0$' | sort
}

# counted_by_ss [FILTER...] - print the same from ss, for all namespaces
counted_by_ss()
{
	local ns
	{
		ss -tanH "$@"
		for ns in $(ip netns list | cut -d' ' -f1); do
			ip netns exec "$ns" ss -tanH "$@"
		done
	} | count_states
}

# once ARGS... - have fsmtop print one update, run by the command in "as" if there is one
as=()
once()
{
	timeout $((60 * ${TCPFSM_SLOWNESS:-1})) "${as[@]}" "$fsmtop" --json -n 1 "$@" >"$work/once"
}

# once_agrees - does a new fsmtop count what ss counts?
once_agrees()
{
	once && diff <(counted_by_fsmtop "$work/once") <(counted_by_ss)
}

# followed_agrees - does the fsmtop that has followed all the time count what ss counts?
followed_agrees()
{
	diff <(counted_by_fsmtop "$work/follow") <(counted_by_ss)
}

# agrees SECONDS COMMAND - for check: does the command succeed as soon as the connections rest?
agrees()
{
	wait_for "$1" "$2" >/dev/null || "$2"
	counted_by_ss
}

# hold - for check: have two processes hold 25 connections open. The server's input does not end,
# because it would close its connections then.
hold()
{
	ip netns exec "$B" ncat -lk 10.80.0.2 7000 <&5 >/dev/null 2>&1 &
	wait_for 10 holder_listens || return
	# shellcheck disable=SC2016 # the other shell expands this
	ip netns exec "$A" bash -c 'for ((i = 0; i < 25; i++)); do
		exec {fd}<>/dev/tcp/10.80.0.2/7000 || exit
	done
	exec sleep 3600' &
	holder=$!
	wait_for 20 are_held
}

holder_listens()
{
	ip netns exec "$B" ss -tlnH 'sport = :7000' | grep -q .
}

are_held()
{
	[[ $(counted_by_ss state established '( sport = :7000 or dport = :7000 )' |
		awk '{ n += $2 } END { print n + 0 }') == 50 ]]
}

# held_agree - does fsmtop count the held connections right? No other connection has their address,
# but others may have port 7000.
held_agree()
{
	once -f addr=10.80.0.2 &&
		diff <(counted_by_fsmtop "$work/once") <(printf 'ESTABLISHED 50\nLISTEN 1\n')
}

# says_what_it_misses - for check: does fsmtop say so if it may not enter the other namespaces?
says_what_it_misses()
{
	local as=(setpriv --bounding-set -sys_admin --inh-caps -sys_admin)
	once 2>"$work/once.err"
	cat "$work/once.err"
	grep -q "not all connections of before are known: /run/netns/.*: Operation not permitted" \
		"$work/once.err"
}

# held_agree_after_many - for check: does fsmtop know the held connections behind 25,000 events? It
# reads 20,000 events at once, and asks for older connections after it has read all.
held_agree_after_many()
{
	churn -n 4000 && at_least "events" "$(module_stat recorded)" 25000 && held_agree
}

# held_agree_meanwhile - for check: does fsmtop count them right ten times, while others come and
# go?
held_agree_meanwhile()
{
	local n
	for ((n = 0; n < 10; n++)); do
		held_agree && kill -0 "$loader" || return
	done
}

# owner_is - for check: does fsmtop know the listener's process, which is older than the module?
owner_is()
{
	once -f lport=7000 -s listeners
	grep -o '"comm":"ncat"' "$work/once"
}

# load_in_the_background - make connections until the file "enough" is there
load_in_the_background()
{
	while [[ ! -e $work/enough ]]; do
		churn -p 4 -n 1000 || return
	done &
	loader=$!
}

need_root
need_netns
trap cleanup EXIT
begin 14
make_net || give_up "no network"
mkfifo "$work/input"
exec 5<>"$work/input"

check "connections are held open before the module is loaded" hold
# The rings are large, so that no event is overwritten before it is read.
load_module ring_events=32768
check "fsmtop knows the held connections after more events than it reads at once" \
	held_agree_after_many
check "the module is unloaded after many events" unload_module
load_module
# Timewait socks may have to end first, which takes a minute.
check "fsmtop's first update counts what ss counts" agrees 75 once_agrees
check "fsmtop's first update counts the held connections by their address" held_agree
check "fsmtop knows the process behind the listener of the held connections" owner_is
check "fsmtop without CAP_SYS_ADMIN says that it does not know all connections" says_what_it_misses

"$fsmtop" --json -d 0.5 >"$work/follow" 2>"$work/follow.err" &
follower=$!
wait_for 10 readers_are 1 || give_up "the reader does not come up"
load_in_the_background
check "fsmtop counts the held connections right while others come and go" held_agree_meanwhile
touch "$work/enough"
check "all connections were made while fsmtop followed" exit_status "$loader"
check "fsmtop that followed counts what ss counts" agrees 100 followed_agrees
check "fsmtop that followed reported no error" test ! -s "$work/follow.err"
kill -TERM "$follower"
check "fsmtop ends on SIGTERM with success" exit_status "$follower"
check "a new fsmtop counts what ss counts, at rest" agrees 20 once_agrees
kill "$holder"
check "the module is unloaded at the end" unload_module
finish
