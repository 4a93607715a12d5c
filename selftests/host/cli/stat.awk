# SPDX-License-Identifier: GPL-2.0
#
# stat.awk - a synthetic /proc/tcpfsm_stat: N client and N server ends of closed connections
#
#	awk -v n=10 -f stat.awk
function edges(walk, causes, state, cause, count, i) {
	count = split(walk, state, " ")
	split(causes, cause, " ")
	for (i = 1; i < count; i++) {
		printf "transitions{old=\"%s\",new=\"%s\",cause=\"%s\"} %d\n",
			state[i], state[i + 1], cause[i], n
	}
}
# All of them stayed for a time that needs BITS bits in microseconds.
function dwell(state, bits, b) {
	for (b = 0; b < 39; b++)
		printf "dwell_us_bucket{state=\"%s\",le=\"%d\"} %d\n", state, 2 ^ b - 1, b < bits ? 0 : n
	printf "dwell_us_bucket{state=\"%s\",le=\"+Inf\"} %d\n", state, n
	printf "dwell_us_sum{state=\"%s\"} %d\n", state, n * 2 ^ (bits - 1)
	printf "dwell_us_count{state=\"%s\"} %d\n", state, n
}
BEGIN {
	print "version 1"
	print "recorded " n * 11
	print "overwritten " n * 2
	print "filtered 0"
	print "kprobe_missed{hook=\"tcp_set_state\"} " n * 5
	print "repaired{hook=\"tcp_set_state\"} " n * 3
	print "missed{hook=\"tcp_set_state\"} " n * 3
	print "missed{hook=\"inet_twsk_kill\"} " n
	print "handed_over{hook=\"tcp_set_state\"} 0"
	print "hook_absent{hook=\"tcp_abort\",blind=\"causes, \\\"kill\\\" {1}\"} 1"
	print "illegal 0\ngaps 0\nrepeated 0\ndwell_unknown " n "\ncause_unknown 0"
	print "readers 1\nconns 65536\nconns_used " n "\nconns_refused 0"
	print "requests_created " n * 3 "\nrequests_completed " n "\nrequests_ended " n
	print "timewait_created " n "\ntimewait_ended 0"
	print "of_a_newer_module{x=\"y\"} 7"
	edges("CLOSE SYN_SENT ESTABLISHED FIN_WAIT1 FIN_WAIT2 TIME_WAIT CLOSE",
		"open rcv_synack close rcv_ack rcv_fin 2msl")
	edges("LISTEN SYN_RECV ESTABLISHED CLOSE_WAIT LAST_ACK CLOSE",
		"rcv_syn rcv_ack rcv_fin close rcv_ack")
	edges("SYN_SENT CLOSE", "rcv_rst")
	dwell("SYN_SENT", 5)
	dwell("TIME_WAIT", 26)
}
