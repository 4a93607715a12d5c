#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# fsmstat.sh - fsmstat on the module's own counters, and a real Prometheus that scrapes it
#
# selftests/host/cli tests counters of all kinds without a module.
#
# shellcheck disable=SC2317 # check and wait_for call functions by name
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname -- "$0")/helpers/lib.sh" || exit

fsmstat=$here/../../tools/fsmstat
exporter=127.0.0.1:9817
prometheus=127.0.0.1:9090
refused_conns=37

# Prometheus's own connections do not change this counter.
refused='transitions{old="SYN_SENT",new="CLOSE",cause="rcv_rst"}'
metric=${refused/\{/_total\{}

# says_how_to_load - for check: is there a message of one line if the module is not loaded?
says_how_to_load()
{
	local status=0
	"$fsmstat" >"$work/out" 2>"$work/err" || status=$?
	cat "$work/err"
	[[ $status == 1 && ! -s $work/out && $(wc -l <"$work/err") == 1 ]] &&
		grep -q 'tcpfsm_stat: no such file: is the module loaded' "$work/err"
}

# refuse N - make connections to a port where nobody listens
refuse()
{
	local i
	for ((i = 0; i < $1; i++)); do
		(exec 3<>/dev/tcp/127.0.0.1/1) 2>/dev/null && return 1
	done
	return 0
}

# exposes_all - for check: is there a sample for each counter of the module? A new edge adds a line,
# so the module's lines are counted first.
exposes_all()
{
	local lines
	lines=$(wc -l </proc/tcpfsm_stat)
	"$fsmstat" --openmetrics >"$work/exposed" || return
	at_least "samples" "$(grep -vc '^#' "$work/exposed")" "$lines" &&
		equal "refused" "$(module_stat "$refused")" "made" "$refused_conns" &&
		equal "exposed" "$(value "$work/exposed" "tcpfsm_$metric")" "made" "$refused_conns"
}

# listens_here_only - for check: does fsmstat listen on the loopback address, and nowhere else?
listens_here_only()
{
	ss -tlnH 'sport = :9817'
	[[ $(ss -tlnH 'sport = :9817' | wc -l) == 1 ]] && listens "src = $exporter"
}

# start_prometheus - for check: start a Prometheus that scrapes fsmstat every second
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
	wait_for 120 listens "src = $prometheus" || { cat "$work/prometheus"; return 1; }
}

# query EXPRESSION - print the value that Prometheus has, or "none"
query()
{
	local value
	value=$(curl -sS --get --data-urlencode "query=$1" "http://$prometheus/api/v1/query" |
		sed -n 's/.*"value":\[[0-9.]*,"\([^"]*\)"\].*/\1/p')
	echo "${value:-none}"
}

# prometheus_has EXPRESSION NUMBER - is this the value that Prometheus has?
prometheus_has()
{
	[[ $(query "tcpfsm_$1") == "$2" ]]
}

# knows EXPRESSION NUMBER - for check: does Prometheus have this value after a scrape?
knows()
{
	wait_for 60 prometheus_has "$1" "$2" && return
	equal "Prometheus: $1" "$(query "tcpfsm_$1")" "the module" "$2"
}

# is_up - did the last scrape end in time before the next one?
is_up()
{
	[[ $(query up) == 1 ]]
}

# counts_what_comes_later - for check: does Prometheus learn of further connections?
counts_what_comes_later()
{
	refuse 5 && knows "$metric" "$(module_stat "$refused")"
}

# has_dwell_times - does Prometheus make a median of the dwell times? It checks the form of a
# histogram when it does. The queries make connections, too, so the counter goes on rising.
has_dwell_times()
{
	local p50 count
	p50=$(query 'histogram_quantile(0.5, tcpfsm_dwell_seconds_bucket{state="SYN_SENT"})')
	count=$(query 'tcpfsm_dwell_seconds_count{state="SYN_SENT"}')
	echo "median in SYN_SENT: $p50 s"
	[[ $p50 =~ ^[0-9.e-]+$ ]] && at_least "SYN_SENT left" "$count" "$refused_conns" &&
		at_most "SYN_SENT left" "$count" "$(module_stat 'dwell_us_count{state="SYN_SENT"}')"
}

# knows_dwell_times - for check: wait for the dwell times. If a scrape took too long, Prometheus has
# nothing until the next one.
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
check "fsmstat --listen accepts connections" wait_for 20 listens "src = $exporter"
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
