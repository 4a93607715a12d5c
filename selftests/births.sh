#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# births.sh - record the first event of a connection whose cookie was asked for before
#
# A connection by syncookie or fast open has no request in the hash table. The module records its
# first event when the child is queued. BPF programs and "ss -e" may look at the child before that,
# and so give it its cookie. A cookie does not mean that the module has seen the socket.
#
# TCPFSM_CONNS: the number of connections while "ss -e" runs (2000).
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/foreign.sh" || exit

conns=${TCPFSM_CONNS:-2000}
# Allow data in the SYN without a cookie, on all listeners (see ip-sysctl).
fastopen=0x607
declare -A before=()

# set_sysctl NAME VALUE - set a value until the end of the script
set_sysctl()
{
	: "${before[$1]=$(sysctl -n "$1")}"
	sysctl -q -w "$1=$2"
}

# list - ask for the cookies of all sockets, again and again
list()
{
	while :; do
		ss -tanHe >/dev/null
	done
}

# birth HOW WHO - print the name of a test
birth()
{
	echo "the first event of each connection by $1 is recorded while $2"
}

# begin_well HOW WHO ARG... - test connections that begin in one way while somebody asks for cookies
begin_well()
{
	local how=$1 who=$2
	shift 2
	check "$(birth "$how" "$who")" "$here/causes" "$@"
}

# each_way WHO ARG... - test the three ways to begin while somebody asks for cookies
each_way()
{
	local who=$1
	shift
	set_sysctl net.ipv4.tcp_syncookies 0
	begin_well "handshake" "$who" "$@"
	set_sysctl net.ipv4.tcp_syncookies 2
	begin_well "syncookie" "$who" -c "$@"
	set_sysctl net.ipv4.tcp_syncookies 0
	set_sysctl net.ipv4.tcp_fastopen $fastopen
	begin_well "fast open" "$who" -f "$@"
	set_sysctl net.ipv4.tcp_fastopen 1
}

# skip_ways WHO REASON - skip the three ways to begin
skip_ways()
{
	local how
	for how in "handshake" "syncookie" "fast open"; do
		skip "$(birth "$how" "$1")" "$2"
	done
}

run_cgroup()
{
	local cgroup who="BPF programs of a cgroup ask for cookies"
	cgroup=$(foreign_cgroup)
	if [[ -z $cgroup ]]; then
		skip_ways "$who" "there is no cgroup v2"
	elif foreign_ask cookies "$cgroup"; then
		each_way "$who"
	else
		skip_ways "$who" "this kernel has no BPF programs for cgroups"
	fi
	foreign_ask_no_more
}

# run_tracing - ask for the cookie as early as possible, when the child has just been made
run_tracing()
{
	local who="a BPF program asks for the cookie of each new child"
	if ! has_btf; then
		skip_ways "$who" "this kernel has no BTF (CONFIG_DEBUG_INFO_BTF)"
	elif foreign_ask result tcp_v4_syn_recv_sock; then
		each_way "$who"
	else
		skip_ways "$who" "there BPF programs cannot ask for cookies"
	fi
	foreign_ask_no_more
}

run_listing()
{
	list &
	foreign_askers=($!)
	list &
	foreign_askers+=($!)
	each_way "ss -e asks for cookies" -n "$conns"
	foreign_ask_no_more
}

undo()
{
	local name
	foreign_ask_no_more
	for name in "${!before[@]}"; do
		sysctl -q -w "$name=${before[$name]}"
	done
	cleanup
}

need_root
trap undo EXIT
begin 14
load_module
"$here/chaincheck" -a -o "$work/counts" &
checker=$!
wait_for 10 readers_are 1 || give_up "the reader does not come up"
each_way "nobody asks for cookies"
run_cgroup
run_tracing
run_listing
kill -TERM "$checker"
check "no path of events is broken" exit_status "$checker"
check "the module is unloaded at the end" unload_module
finish
