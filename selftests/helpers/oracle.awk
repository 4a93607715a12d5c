# SPDX-License-Identifier: GPL-2.0
# oracle.awk - are the module's events those that the kernel's tracepoint tells of?
#
# usage: awk -f oracle.awk [-v fin_wait2=N] ORACLE CHAINS
#
# ORACLE has lines "oracle OLD NEW N": state changes that inet_sock_set_state
# reported. CHAINS is what chaincheck prints of the same time; its lines
# "edge OLD NEW OBJECT N" tell from which kernel object each event was read.
# fin_wait2: timewait socks now in FIN_WAIT2.
#
# Exact, edge by edge. For every edge that is not named below:
#
#	oracle(OLD NEW) = sock(OLD NEW)
#
# since tracepoint and module see the same stores to the same full socks. They
# differ where a connection changes its kernel object:
#
#	CLOSING -> CLOSE	oracle = sock + sock(CLOSING TIME_WAIT)
#
#		Becoming a timewait sock is TIME_WAIT for the connection, but the
#		full sock that is left over goes to CLOSE.
#
#	FIN_WAIT2 -> CLOSE	oracle = sock + sock(FIN_WAIT2 TIME_WAIT)
#				       + timewait(FIN_WAIT2 TIME_WAIT)
#				       + timewait(FIN_WAIT2 CLOSE) + fin_wait2
#
#		Likewise, and a full sock can also hand FIN_WAIT2 itself to a timewait
#		sock. That is no event; but every such timewait sock has left FIN_WAIT2
#		since, one way or the other, or is still in it.
#
#	LISTEN -> SYN_RECV	oracle + oracle(CLOSE SYN_RECV)
#					= sock + request + stillborn
#					- request(SYN_RECV CLOSE) - open requests
#	SYN_RECV -> CLOSE	oracle	= sock + stillborn
#
#		The tracepoint tells of a child, when the handshake is complete; the
#		module of the request, when the SYN comes (of the child for syncookies
#		and fast open, which have no request). The child is a copy of its
#		listener, state and all: of a closed one, if the user was quick. A
#		child is stillborn if another CPU has completed the handshake meanwhile
#		or dropped the request: it never is in a table, and so never is the
#		connection. The number is not known from elsewhere, but must be the
#		same, and not negative, in both equations.
#
#	CLOSE -> LISTEN		oracle = sock + refused
#	LISTEN -> CLOSE		oracle = sock + refused
#
#		A listen() that fails was LISTEN for a moment. Again one number.

function bad(old, new, want, got)
{
	printf "%s -> %s: the oracle has %d, the events give %d\n", old, new, want, got
	status = 1
}

function equal(old, new, sum)
{
	if (oracle[old, new] + 0 != sum)
		bad(old, new, oracle[old, new], sum)
	settled[old, new] = 1
}

function sock(old, new)
{
	return edge[old, new, "sock"] + 0
}

# Both edges must exceed their sums by the same number, returned.
function excess(old, new, sum, old2, new2, sum2,	n)
{
	n = oracle[old, new] - sum
	if (n < 0)
		bad(old, new, oracle[old, new], sum)
	equal(old2, new2, sum2 + n)
	settled[old, new] = 1
	return n
}

$1 == "oracle" {
	oracle[$2, $3] = $4
	seen[$2, $3] = 1
	total += $4
}

$1 == "edge" {
	edge[$2, $3, $4] = $5
	# Of timewait socks the tracepoint tells nothing, of requests only the birth.
	if ($4 == "sock" && $3 != "TIME_WAIT")
		seen[$2, $3] = 1
}

$1 == "open_in" && $2 == "SYN_RECV" && $3 == "request" {
	requests = $4
}

END {
	equal("CLOSING", "CLOSE", sock("CLOSING", "CLOSE") + sock("CLOSING", "TIME_WAIT"))

	sum = sock("FIN_WAIT2", "CLOSE") + sock("FIN_WAIT2", "TIME_WAIT") + fin_wait2
	sum += edge["FIN_WAIT2", "TIME_WAIT", "timewait"]
	sum += edge["FIN_WAIT2", "CLOSE", "timewait"]
	equal("FIN_WAIT2", "CLOSE", sum)

	sum = sock("LISTEN", "SYN_RECV") + edge["LISTEN", "SYN_RECV", "request"]
	sum -= edge["SYN_RECV", "CLOSE", "request"] + requests
	oracle["LISTEN", "SYN_RECV"] += oracle["CLOSE", "SYN_RECV"]
	oracle["CLOSE", "SYN_RECV"] = 0
	stillborn = excess("LISTEN", "SYN_RECV", sum,
			   "SYN_RECV", "CLOSE", sock("SYN_RECV", "CLOSE"))

	refused = excess("CLOSE", "LISTEN", sock("CLOSE", "LISTEN"),
			 "LISTEN", "CLOSE", sock("LISTEN", "CLOSE"))

	for (i in seen) {
		split(i, e, SUBSEP)
		if (!((e[1], e[2]) in settled))
			equal(e[1], e[2], sock(e[1], e[2]))
	}
	if (!total) {
		print "the oracle has seen nothing"
		status = 1
	}
	printf "%d state changes, %d stillborn children, %d failed listen()s\n",
	       total, stillborn, refused
	exit status
}
