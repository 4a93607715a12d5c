#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# unheard.sh - a hook that is placed and does not run is told of
#
# A compiler may put a function into one of its callers and keep the symbol. Here the module is
# given the name of another function, one that nothing calls, in the place of each that it
# hooks; traffic must show which one is not heard, and name that one only.
#
# shellcheck disable=SC2317 # what check and wait_for call
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/lib.sh" || exit

# Nothing calls it while tests run; and it is no longer than any of the names.
nobody=kernel_halt

hooks=(
	tcp_fastopen_defer_connect inet_csk_reqsk_queue_hash_add __inet_csk_reqsk_queue_drop
	inet_csk_reqsk_queue_add inet_twsk_hashdance tcp_time_wait tcp_timewait_state_process
	__inet_twsk_schedule inet_twsk_kill
)

zeros()
{
	printf '\\x00%.0s' $(seq "$1")
}

# deafen NAME - a module in $work that hooks $nobody instead, by whichever of its names
deafen()
{
	local name script=
	for name in "$1" "$1_schedule"; do
		script+="s/\\x00$name\\x00/\\x00$nobody$(zeros $((${#name} - ${#nobody} + 1)))/g;"
	done
	LC_ALL=C sed "$script" "$module" >"$work/deaf.ko"
	! cmp -s "$module" "$work/deaf.ko"
}

absent()
{
	sed -n 's/^hook_absent{hook="\([^"]*\)".*/\1/p' /proc/tcpfsm_stat
}

absent_is()
{
	[[ $(absent) == "$1" ]]
}

# half_open - handshakes that their clients give up: the kernel answers with a reset for hping3
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

# traffic SYNCOOKIES - 2: children come without request socks
traffic()
{
	make_net && ip netns exec "$B" sysctl -q -w net.ipv4.tcp_syncookies="$1" &&
		churn -n 240 && half_open
}

# told NAME - for check: the name that the module has in its place, and no other
told()
{
	deafen "$1" && insmod "$work/deaf.ko" || return
	traffic "$2" || return
	# Their timewait socks end with them.
	drop_net
	wait_for 20 absent_is "$nobody"
	echo "absent: $(absent)"
	absent_is "$nobody"
}

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
	# Only children without a request sock need this one.
	[[ $hook != inet_csk_reqsk_queue_add ]] || cookies=2
	check "the hook of $hook() is listed as absent if its function never runs" \
		told "$hook" "$cookies"
	drop_net
	unload_module
done
finish
