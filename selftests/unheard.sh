#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# unheard.sh - check that the module lists a hook that is placed and never runs
#
# A compiler may inline a function into one of its callers and keep the symbol. A hook on it is then
# placed, and never runs. To act like that, this script puts the name of a function that nobody
# calls in place of each name that the module hooks. After some traffic, /proc/tcpfsm_stat must list
# that hook as absent, and no other.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

# Nobody calls this function while tests run, and its name is not longer than any hooked name.
nobody=kernel_halt

hooks=(
	tcp_fastopen_defer_connect inet_csk_reqsk_queue_hash_add __inet_csk_reqsk_queue_drop
	inet_csk_reqsk_queue_add inet_twsk_hashdance tcp_time_wait tcp_timewait_state_process
	__inet_twsk_schedule inet_twsk_kill
)

# zeros N - print so many zero bytes, as sed wants them
zeros()
{
	printf '\\x00%.0s' $(seq "$1")
}

# deafen NAME - make a module in $work that hooks $nobody instead, whichever name the kernel has
deafen()
{
	local name script=
	for name in "$1" "$1_schedule"; do
		script+="s/\\x00$name\\x00/\\x00$nobody$(zeros $((${#name} - ${#nobody} + 1)))/g;"
	done
	LC_ALL=C sed "$script" "$module" >"$work/deaf.ko"
	! cmp -s "$module" "$work/deaf.ko"
}

# absent - print the hooks that are listed as absent
absent()
{
	sed -n 's/^hook_absent{hook="\([^"]*\)".*/\1/p' /proc/tcpfsm_stat
}

absent_is()
{
	[[ $(absent) == "$1" ]]
}

# half_open - make handshakes that their client gives up. hping3 has no socket, so its kernel
# answers each SYN+ACK with a reset.
half_open()
{
	local status=0 listener
	ip netns exec "$B" ncat -lk 10.80.0.2 7 &
	listener=$!
	wait_for 10 ip netns exec "$B" bash -c 'ss -tlnH sport = 7 | grep -q .' &&
		ip netns exec "$A" hping3 -q -c 60 -i u2000 -S -p 7 10.80.0.2 >"$work/hping" 2>&1 ||
		status=$?
	kill "$listener"
	wait "$listener" 2>/dev/null
	return "$status"
}

# traffic SYNCOOKIES - make connections of all kinds. With 2, children come without request socks.
traffic()
{
	make_net && ip netns exec "$B" sysctl -q -w net.ipv4.tcp_syncookies="$1" &&
		churn -n 240 && half_open
}

# is_listed HOOK SYNCOOKIES - for check: is the hook that never runs listed as absent, and no other?
is_listed()
{
	deafen "$1" && insmod "$work/deaf.ko" || return
	traffic "$2" || return
	# The timewait socks end with their namespaces.
	drop_net
	wait_for 20 absent_is "$nobody"
	echo "absent: $(absent)"
	absent_is "$nobody"
}

# all_heard - for check: is no hook listed as absent after traffic?
all_heard()
{
	load_module
	traffic 1 || return
	drop_net
	wait_for 20 at_rest
	echo "absent: $(absent)"
	absent_is ""
}

need_root
[[ -e /sys/kernel/tracing/available_filter_functions ]] || mount -t tracefs none /sys/kernel/tracing
grep -qx "$nobody" /sys/kernel/tracing/available_filter_functions ||
	skip_all "this kernel cannot trace $nobody()"
! grep -q '\[\(integrity\|confidentiality\)\]' /sys/kernel/security/lockdown 2>/dev/null ||
	skip_all "a changed module cannot be loaded under lockdown"
trap cleanup EXIT
begin $((${#hooks[@]} + 1))
check "no hook is listed as absent if each is on its function" all_heard
unload_module
for hook in "${hooks[@]}"; do
	cookies=1
	# Only children without a request sock run into this hook.
	[[ $hook != inet_csk_reqsk_queue_add ]] || cookies=2
	check "the hook of $hook() is listed as absent if its function never runs" \
		is_listed "$hook" "$cookies"
	drop_net
	unload_module
done
finish
