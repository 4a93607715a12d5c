# SPDX-License-Identifier: GPL-2.0
# report.awk - from what guest.sh printed to a table, JSON and a plot
#
#	awk -v form=table|json|svg -f report.awk MEASURED
#
# Added by a configuration: the median of its rounds minus the mean of the medians of the
# rounds without any right before and right after it.

# Rounds come in groups: base, a configuration, base, the next configuration, ...
$1 == "round" {
	if ($2 != group_label[nr_groups])
		group_label[++nr_groups] = $2
	n = ++count[nr_groups, $3]
	value[nr_groups, $3, n] = $4 + $5
	made[nr_groups, $3, n] = $4
	if ($5 == "-")
		without_end[nr_groups] = 1
}

$1 == "rate" {
	if (!($2 in rates))
		rate_order[++nr_rates] = $2
	rates[$2] = rates[$2] " " $3
}

$1 == "events" { events[$2, $3] = $4 / $5 }
$1 == "skip" {
	sub(/^skip /, "")
	skipped[++nr_skipped] = $0
}
$1 == "fact" {
	if (!($2 in facts))
		fact_order[++nr_facts] = $2
	facts[$2] = facts[$2] " " $3
}

function sorted(group, way, short, a,    n, i, j, t)
{
	n = count[group, way]
	for (i = 1; i <= n; i++) {
		t = short ? made[group, way, i] : value[group, way, i]
		for (j = i - 1; j >= 1 && a[j] > t; j--)
			a[j + 1] = a[j]
		a[j + 1] = t
	}
	return n
}

function median(group, way, short,    a, n)
{
	n = sorted(group, way, short, a)
	return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
}

function base_around(group, way, short)
{
	return (median(group - 1, way, short) + median(group + 1, way, short)) / 2
}

function spread(group, way, short, base, what,    a, n)
{
	n = sorted(group, way, short, a)
	return (what == "min" ? a[1] : a[n]) - base
}

function middle_fact(name)
{
	return middle(facts[name])
}

# middle LIST - the median of what was measured several times
function middle(list,    a, n, i, j, t)
{
	n = split(list, a, " ")
	for (i = 2; i <= n; i++) {
		t = a[i]
		for (j = i - 1; j >= 1 && a[j] + 0 > t + 0; j--)
			a[j + 1] = a[j]
		a[j + 1] = t
	}
	return a[int((n + 1) / 2)]
}

function add_row(group, way,    base, r, short)
{
	short = without_end[group]
	base = base_around(group, way, short)
	r = ++nr_rows
	row_label[r] = group_label[group]
	row_way[r] = way
	row_base[r] = base
	row_added[r] = median(group, way, short) - base
	row_min[r] = spread(group, way, short, base, "min")
	row_max[r] = spread(group, way, short, base, "max")
	row_events[r] = events[group_label[group], way] + 0
	# Half an event of a listener is none.
	row_each[r] = row_events[r] > 0.5 ? row_added[r] / row_events[r] : -1
}

function make_rows(    group, way, i, ways)
{
	split("orderly reset", ways, " ")
	for (i = 1; i <= 2; i++)
		for (group = 1; group <= nr_groups; group++)
			if (group_label[group] != "base")
				add_row(group, ways[i])
}

function table(    r, i)
{
	printf "%-20s %-8s %10s %10s %10s %8s %8s %8s\n", "configuration", "close", "added",
		"min", "max", "percent", "events", "each"
	for (r = 1; r <= nr_rows; r++)
		printf "%-20s %-8s %10d %10d %10d %8.1f %8.2f %8s\n", row_label[r], row_way[r],
			row_added[r], row_min[r], row_max[r],
			100 * row_added[r] / row_base[r], row_events[r],
			row_each[r] < 0 ? "-" : sprintf("%d", row_each[r])
	print ""
	for (i = 1; i <= nr_skipped; i++)
		print "skipped " skipped[i]
	for (i = 1; i <= nr_facts; i++)
		print fact_order[i], middle_fact(fact_order[i])
	for (i = 1; i <= nr_rates; i++)
		printf "connections a second, %s: %d, %.2f of base\n", rate_order[i],
			middle(rates[rate_order[i]]),
			middle(rates[rate_order[i]]) / middle(rates["base"])
	print "connection_orderly", int(median(1, "orderly", 1))
	print "connection_reset", int(median(1, "reset", 1))
}

function quoted(s)
{
	gsub(/["\\]/, "\\\\&", s)
	return "\"" s "\""
}

function json(    r, i, v)
{
	printf "{\"facts\":{"
	for (i = 1; i <= nr_facts; i++) {
		v = middle_fact(fact_order[i])
		printf "%s%s:%s", (i > 1 ? "," : ""), quoted(fact_order[i]),
			v ~ /^[0-9.]+$/ && v !~ /\..*\./ ? v : quoted(v)
	}
	printf "},\"connection\":{\"orderly\":%.1f,\"reset\":%.1f},\"rows\":[",
		median(1, "orderly", 1), median(1, "reset", 1)
	for (r = 1; r <= nr_rows; r++)
		printf "%s\n{\"configuration\":%s,\"close\":%s,\"added\":%.1f,\"min\":%.1f," \
			"\"max\":%.1f,\"events\":%.3f,\"each\":%s}", (r > 1 ? "," : ""),
			quoted(row_label[r]), quoted(row_way[r]), row_added[r], row_min[r],
			row_max[r], row_events[r],
			row_each[r] < 0 ? "null" : sprintf("%.1f", row_each[r])
	printf "],\n\"rates\":{"
	for (i = 1; i <= nr_rates; i++)
		printf "%s%s:%.1f", (i > 1 ? "," : ""), quoted(rate_order[i]),
			middle(rates[rate_order[i]])
	printf "},\n\"skipped\":["
	for (i = 1; i <= nr_skipped; i++)
		printf "%s%s", (i > 1 ? "," : ""), quoted(skipped[i])
	print "]}"
}

# Bars on a logarithmic scale: what is compared spans three orders of magnitude.
function x_of(v)
{
	return v < 10 ? 0 : 520 * log(v / 10) / log(10) / 3.4
}

function svg(    r, y, tick, colour)
{
	for (r = 1; r <= nr_rows; r++)
		if (row_way[r] == "orderly" && row_each[r] >= 0)
			y += 22
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"%d\" " \
		"font-family=\"sans-serif\" font-size=\"13\">\n", y + 70
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
	print "<text x=\"10\" y=\"20\">instructions added by each event, Linux " \
		middle_fact("kernel") ", orderly close</text>"
	for (tick = 10; tick <= 10000; tick *= 10) {
		printf "<line x1=\"%d\" x2=\"%d\" y1=\"34\" y2=\"%d\" stroke=\"#ccc\"/>\n",
			180 + x_of(tick), 180 + x_of(tick), y + 40
		printf "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%d</text>\n",
			180 + x_of(tick), y + 56, tick
	}
	y = 38
	for (r = 1; r <= nr_rows; r++) {
		if (row_way[r] != "orderly" || row_each[r] < 0)
			continue
		colour = "#b5651d"
		if (row_label[r] ~ /^(tcpfsm|filter)/)
			colour = "#2a7f4f"
		else if (row_label[r] ~ /^floor/)
			colour = "#aaaaaa"
		printf "<text x=\"172\" y=\"%d\" text-anchor=\"end\">%s</text>\n", y + 14,
			row_label[r]
		printf "<rect x=\"180\" y=\"%d\" width=\"%.0f\" height=\"16\" fill=\"%s\"/>\n",
			y + 1, x_of(row_each[r]), colour
		printf "<text x=\"%.0f\" y=\"%d\">%d</text>\n", 186 + x_of(row_each[r]), y + 14,
			row_each[r]
		y += 22
	}
	print "</svg>"
}

END {
	make_rows()
	if (form == "json")
		json()
	else if (form == "svg")
		svg()
	else
		table()
}
