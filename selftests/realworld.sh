#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# realworld.sh - run servers and clients that were not written for this test
#
# The programs are nginx with curl and wrk, iperf3, and redis-server with redis-benchmark. After
# each of them, the module's counters must give as many connections in each state as ss shows. At
# the end, no path of events may be broken, and as many connections must be open as ss shows.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

# model - print "STATE COUNT" by the module's counters: the entries of a state less its exits
model()
{
	stat_transitions | awk '
		# A request that begins does not take its listener out of LISTEN.
		!($1 == "LISTEN" && $2 == "SYN_RECV") { n[$1] -= $3 }
		{ n[$2] += $3 }
		END { for (s in n) if (s != "CLOSE" && n[s]) print s, n[s] }' | sort
}

# found - print the same from ss
found()
{
	ss -tanH | count_states
}

agree()
{
	diff <(model) <(found)
}

# at_rest_agree - for check: do the counters agree with ss as soon as the connections rest?
at_rest_agree()
{
	wait_for 20 agree >/dev/null || agree
	model
}

# serve PORT COMMAND... - for check: start a server in the background, and wait until it listens
serve()
{
	local port=$1
	shift
	"$@" >/dev/null 2>&1 &
	wait_for 20 listens "sport = :$port"
}

# unknown_causes - for check: does no event have an unknown cause?
unknown_causes()
{
	grep '^cause_unknown' /proc/tcpfsm_stat
	equal "cause_unknown" "$(module_stat cause_unknown)" "expected" 0
}

has_ipv6()
{
	[[ -e /proc/net/if_inet6 ]]
}

# web_server - run Debian's nginx. Its site listens on IPv6 too, so a kernel without IPv6 needs
# another configuration.
web_server()
{
	local conf=/etc/nginx/nginx.conf
	if ! has_ipv6; then
		sed 's,include .*/sites-enabled/.*,server { listen 80; root /var/www/html; },' \
			"$conf" >"$work/nginx.conf"
		conf=$work/nginx.conf
	fi
	nginx -c "$conf" -g 'daemon off;'
}

curls()
{
	local i
	for ((i = 0; i < 50; i++)); do
		curl -s -o /dev/null http://127.0.0.1/ || return
		! has_ipv6 || curl -s -o /dev/null "http://[::1]/" || return
	done
}

need_root
trap cleanup EXIT
for program in nginx curl wrk iperf3 redis-server redis-benchmark; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
begin 17
ip link set lo up
drop_timewait || give_up "what earlier tests left does not end"
load_module
chrt -f 1 "$here/chaincheck" -o "$work/counts" &
checker=$!
wait_for 10 readers_are 1 || give_up "the reader does not come up"

check "nginx starts" serve 80 web_server
check "curl fetches over IPv4, and IPv6 if there is" curls
check "after curl, the counters give the states that ss shows" at_rest_agree
check "wrk ends with success" wrk -t 2 -c 20 -d 3 http://127.0.0.1:80/
check "after wrk, the counters give the states that ss shows" at_rest_agree
check "the server of iperf3 starts" serve 5201 iperf3 -s
check "the client of iperf3 ends with success" iperf3 -c 127.0.0.1 -P 4 -t 2
check "after iperf3, the counters give the states that ss shows" at_rest_agree
check "redis-server starts" serve 6379 redis-server --save '' --port 6379
check "redis-benchmark ends with success" redis-benchmark -q -n 2000 -c 50 -t ping,set,get
check "after redis-benchmark, the counters give the states that ss shows" at_rest_agree

# End the servers. Their timewait socks stay.
pkill -x nginx
pkill -x iperf3
pkill -x redis-server
check "after the servers have ended, the counters give the states that ss shows" at_rest_agree
remaining=$(ss -tanH | wc -l)
kill -TERM $checker
check "no path of events is broken" exit_status $checker
check "no event is lost" equal "lost" "$(counted lost)" "expected" 0
check "as many connections are open as ss shows" equal "open" "$(counted open)" "ss" "$remaining"
check "no event has an unknown cause" unknown_causes
check "no transition is illegal" equal "illegal" "$(module_stat illegal)" "expected" 0
finish
