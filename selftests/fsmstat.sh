#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# fsmstat.sh - fsmstat on the module's own counters, and a real Prometheus that scrapes it
#
# How it deals with counters of all kinds is tested without a module, in selftests/tools.
#
# shellcheck disable=SC2317 # what check and wait_for call
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/load/lib.sh" || exit

fsmstat=$here/../../tools/fsmstat
exporter=127.0.0.1:9817
prometheus=127.0.0.1:9090
refused_conns=37

# This counter Prometheus's own connections leave alone, so that it stands still.
refused='transitions{old="SYN_SENT",new="CLOSE",cause="rcv_rst"}'
metric=${refused/\{/_total\{}

says_how_to_load()
{
	local status=0
	"$fsmstat" >"$work/out" 2>"$work/err" || status=$?
	cat "$work/err"
	[[ $status == 1 && ! -s $work/out && $(wc -l <"$work/err") == 1 ]] &&
		grep -q 'tcpfsm_stat: no such file: is the module loaded' "$work/err"
}

# refuse N - connections to a port where nobody listens
refuse()
{
	local i
	for ((i = 0; i < $1; i++)); do
		(exec 3<>/dev/tcp/127.0.0.1/1) 2>/dev/null && return 1
	done
	return 0
}

# Every number of the module's, whatever the exposition calls it. Each new edge is a line more:
# look at the module first.
exposes_all()
{
	local lines
	lines=$(wc -l </proc/tcpfsm_stat)
	"$fsmstat" --openmetrics >"$work/exposed" || return
	at_least "samples" "$(grep -vc '^#' "$work/exposed")" "$lines" &&
		equal "refused" "$(module_stat "$refused")" "made" "$refused_conns" &&
		equal "exposed" "$(value "$work/exposed" "tcpfsm_$metric")" "made" "$refused_conns"
}

listens()
{
	ss -tlnH "src = $1" | grep -q .
}

# Nobody outside of this machine unless told so.
listens_here_only()
{
	ss -tlnH 'sport = :9817'
	[[ $(ss -tlnH 'sport = :9817' | wc -l) == 1 ]] && listens "$exporter"
}

start_prometheus()
{
	cat >"$work/prometheus.yml" <<-END
	global:
	  scrape_interval: 1s
	scrape_configs:
	  - job_name: tcpfsm
	    static_configs:
	      - targets: ['$exporter']
	END
	prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
		--web.listen-address="$prometheus" --log.level=warn >"$work/prometheus" 2>&1 &
	wait_for 120 listens "$prometheus" || { cat "$work/prometheus"; return 1; }
}

# query EXPRESSION - the value that Prometheus has, "none" if it has none
query()
{
	local value
	value=$(curl -sS --get --data-urlencode "query=$1" "http://$prometheus/api/v1/query" |
		sed -n 's/.*"value":\[[0-9.]*,"\([^"]*\)"\].*/\1/p')
	echo "${value:-none}"
}

prometheus_has()
{
	[[ $(query "tcpfsm_$1") == "$2" ]]
}

# knows EXPRESSION NUMBER - for check: as soon as it has scraped that
knows()
{
	wait_for 60 prometheus_has "$1" "$2" && return
	equal "Prometheus: $1" "$(query "tcpfsm_$1")" "the module" "$2"
}

# is_up - the last scrape has not taken longer than there is time until the next one
is_up()
{
	[[ $(query up) == 1 ]]
}

counts_what_comes_later()
{
	refuse 5 && knows "$metric" "$(module_stat "$refused")"
}

# Prometheus checks a histogram's form when it makes a quantile of it. Those who ask it
# make connections, too, so that this counter does not stand still.
has_dwell_times()
{
	local p50 count
	p50=$(query 'histogram_quantile(0.5, tcpfsm_dwell_seconds_bucket{state="SYN_SENT"})')
	count=$(query 'tcpfsm_dwell_seconds_count{state="SYN_SENT"}')
	echo "median in SYN_SENT: $p50 s"
	[[ $p50 =~ ^[0-9.e-]+$ ]] && at_least "SYN_SENT left" "$count" "$refused_conns" &&
		at_most "SYN_SENT left" "$count" "$(module_stat 'dwell_us_count{state="SYN_SENT"}')"
}

# Of a scrape that took too long it has nothing until the next one.
knows_dwell_times()
{
	wait_for 60 has_dwell_times >"$work/dwell"
	local status=$?
	tail -n 3 "$work/dwell"
	return "$status"
}

need_root
trap cleanup EXIT
for program in prometheus curl; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
begin 10
ip link set lo up
rmmod tcpfsm 2>/dev/null
check "without the module, fsmstat says how to load it" says_how_to_load
load_module
check "connections to a port where nobody listens are refused" refuse "$refused_conns"
check "fsmstat --openmetrics exposes every counter of the module" exposes_all
"$fsmstat" --listen 9817 2>"$work/listen" &
check "fsmstat --listen accepts connections" wait_for 20 listens "$exporter"
check "fsmstat --listen accepts connections from this machine only" listens_here_only
check "Prometheus starts" start_prometheus
check "Prometheus has the module's count of refused connections" knows "$metric" "$refused_conns"
check "Prometheus has the module's count after five more refused connections" \
	counts_what_comes_later
check "Prometheus has the dwell times in SYN_SENT" knows_dwell_times
check "Prometheus says that its target is up" wait_for 60 is_up
pkill -x prometheus
drop_timewait
finish
