# SPDX-License-Identifier: GPL-2.0
# foreign-races.awk - the kernel's log, but for what KCSAN says of the kernel's own code: a
# report, between two lines of "=", in which neither access is made by a function of the module
# or by what it calls, or that calls: the first three of a stack. Further down the module is
# only who woke somebody, or who was interrupted.
# A console ends lines with a carriage return; not every awk knows {60}.

function flush() {
	if (report !~ /BUG: KCSAN:/ || ours)
		printf "%s", report
	report = ""
	ours = 0
}

/ ==========+\r?$/ {
	inside = !inside
	report = report $0 "\n"
	if (!inside)
		flush()
	next
}

inside {
	report = report $0 "\n"
	# "write to 0xffff888000000000 of 4 bytes by task 1 on cpu 0:", then who, and who called
	if (/ 0x[0-9a-f]+ of [0-9]+ bytes by /)
		frame = 0
	else if (/\+0x[0-9a-f]+\/0x/)
		frame++
	if (/\[tcpfsm\]/ && frame <= 3)
		ours = 1
	next
}

{ print }
END { flush() }
