# SPDX-License-Identifier: GPL-2.0
# foreign-races.awk - the kernel's log, but for what KCSAN says of the kernel's own code: a
# report, between two lines of "=", in which no function of the module is named.

function flush() {
	if (report !~ /BUG: KCSAN:/ || report ~ /\[tcpfsm\]/)
		printf "%s", report
	report = ""
}

# A console ends lines with a carriage return; not every awk knows {60}.
/ ==========+\r?$/ {
	inside = !inside
	report = report $0 "\n"
	if (!inside)
		flush()
	next
}

inside { report = report $0 "\n"; next }
{ print }
END { flush() }
