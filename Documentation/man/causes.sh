#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# causes.sh - make tcpfsm-causes.7 and the tables of reference/causes.rst of causes.txt
#
# usage: causes.sh [--check]
#
# --check changes nothing. It prints how the two files differ from what they should be, and fails
# if they do. The causes of causes.txt have to be those of the module's list.
set -eu
cd "$(dirname "$0")"
list=../../module/core/states.h
page=tcpfsm-causes.7
tables=../reference/causes.rst
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT

# Print the causes of the module's list, one a line.
causes_of_module()
{
	sed -n '/#define TCPFSM_CAUSES/,/^$/s/.*X([A-Z0-9_]*,.*"\(.*\)").*/\1/p' "$list"
}

# parse - print causes.txt as lines of fields, separated by tabs: "group NAME" and
# "cause NAME WHAT DO"
parse()
{
	awk '
	function flush()
	{
		if (name != "")
			printf "cause\t%s\t%s\t%s\n", name, text["what"], text["do"]
		name = text["what"] = text["do"] = ""
	}
	/^#/ || /^$/ { next }
	/^group / { flush(); sub(/^group /, ""); print "group\t" $0; next }
	/^(what|do)$/ { part = $0; next }
	/^\t/ { sub(/^\t/, ""); text[part] = text[part] (text[part] == "" ? "" : " ") $0; next }
	{ flush(); name = $0 }
	END { flush() }' causes.txt
}

# make_page - the man page
make_page()
{
	cat <<-'END'
	.\" SPDX-License-Identifier: GPL-2.0
	.\" Made of causes.txt by causes.sh: change it there.
	.TH TCPFSM\-CAUSES 7 2026-11-29 tcpfsm "Miscellaneous Information"
	.SH NAME
	tcpfsm\-causes \- why TCP connections change their state
	.SH EXAMPLES
	.TP
	.B fsmcat \-f \(aqcause=abort,rcv_rst,rcv_data,kill\(aq
	Print the transitions by which connections are reset.
	.TP
	.B grep \(aqcause=\(dqaccept_overflow\(dq\(aq /proc/tcpfsm_stat
	Count the connections that a full accept queue ended.
	.SH DESCRIPTION
	The kernel module
	.B tcpfsm
	gives each transition of a TCP connection exactly one cause.
	It decides from the place in the kernel that changed the state,
	and from the state of the socket at that time.
	It never guesses from timing.
	.PP
	The first paragraph of each entry says what the kernel saw.
	The second one says what you can do about it.
	END
	awk -F '\t' '
	# One line a sentence, and none longer than 80.
	function say(text,	n, i, word, line)
	{
		gsub(/\\/, "\\e", text)
		gsub(/-/, "\\-", text)
		gsub(/"/, "\\(dq", text)
		n = split(text, word, " ")
		for (i = 1; i <= n; i++) {
			if (line != "" && length(line " " word[i]) > 72) {
				print bold(line)
				line = ""
			}
			line = line (line == "" ? "" : " ") word[i]
			if (word[i] ~ /[.:]$/) {
				print bold(line)
				line = ""
			}
		}
		if (line != "")
			print bold(line)
	}
	function bold(line)
	{
		while (sub(/``/, "\\fB", line) && sub(/``/, "\\fP", line))
			;
		if (line ~ /^[.\047]/)
			line = "\\&" line
		return line
	}
	$1 == "group" { print ".SS " $2 }
	$1 == "cause" {
		print ".TP\n.B " $2
		say($3)
		print ".sp"
		say($4)
	}' "$new/parsed"
	cat <<-'END'
	.SH OVERHEAD
	The module decides most causes by comparing integers.
	It walks the stack only for what the socket and the call do not show.
	.SH NOTES
	If both
	.B net.ipv4.tcp_abort_on_overflow
	is set and the accept queue is full,
	a RST for a half\-open connection looks like the overflow.
	The cause is then
	.BR accept_overflow .
	.PP
	Linux answers a SYN inside the window of a half\-open connection with a RST.
	This looks like a RST that came, and the cause is
	.BR rcv_rst .
	.SH SEE ALSO
	.BR tcpfsm (4),
	.BR fsmcat (8),
	.BR fsmstat (8),
	.BR fsmtop (8),
	.BR tcp (7)
	END
}

# make_tables - reference/causes.rst with new tables between its two marks
make_tables()
{
	awk -F '\t' -v parsed="$new/parsed" '
	function rule(	i, s)
	{
		s = "===============  "
		for (i = 0; i < 40; i++)
			s = s "="
		s = s "  "
		for (i = 0; i < 40; i++)
			s = s "="
		return s
	}
	# wrap TEXT LINES - split a text into lines of 40, literals whole; how many there are
	function wrap(text, lines,	n, i, word, k)
	{
		n = split(text, word, " ")
		k = 1
		lines[1] = ""
		for (i = 1; i <= n; i++) {
			while (word[i] ~ /^[^`]*``[^`]*$/ && i < n) {
				word[i + 1] = word[i] " " word[i + 1]
				i++
			}
			if (lines[k] != "" && length(lines[k] " " word[i]) > 40)
				lines[++k] = ""
			lines[k] = lines[k] (lines[k] == "" ? "" : " ") word[i]
		}
		return k
	}
	function row(name, what, todo,	a, b, na, nb, i)
	{
		na = wrap(what, a)
		nb = wrap(todo, b)
		for (i = 1; i <= na || i <= nb; i++) {
			line = sprintf("%-15s  %-40s  %s", i == 1 ? name : "",
				i <= na ? a[i] : "", i <= nb ? b[i] : "")
			sub(/ *$/, "", line)
			print line
		}
	}
	function tables(	field, n, open)
	{
		while ((getline line < parsed) > 0) {
			n = split(line, field, "\t")
			if (field[1] == "group") {
				if (open)
					print rule()
				print "\n" field[2]
				gsub(/./, "=", field[2])
				print field[2] "\n\n" rule()
				row("cause", "what it means", "what to do")
				print rule()
				open = 1
			} else {
				row(field[2], field[3], field[4])
			}
		}
		print rule() "\n"
	}
	/^\.\. causes.sh: begin/ { print; tables(); skip = 1 }
	/^\.\. causes.sh: end/ { skip = 0 }
	!skip { print }' "$tables"
}

parse >"$new/parsed"
awk -F '\t' '$1 == "cause" && (!$3 || !$4) {
		print "causes.txt: " $2 ": what or do is missing"
		bad = 1
	}
	END { exit bad }' "$new/parsed" >&2
causes_of_module >"$new/module"
awk -F '\t' '$1 == "cause" { print $2 }' "$new/parsed" |
	diff -u --label "$list" --label causes.txt "$new/module" - || {
	echo "causes.sh: causes.txt has not the causes of the module" >&2
	exit 1
}

make_page >"$new/page"
make_tables >"$new/tables"
if [ "${1:-}" = --check ]; then
	status=0
	diff -u "$page" "$new/page" || status=1
	diff -u "$tables" "$new/tables" || status=1
	[ $status = 0 ] || echo "to bring them up to date: Documentation/man/causes.sh" >&2
	exit $status
fi
cat "$new/page" >"$page"
cat "$new/tables" >"$tables"
