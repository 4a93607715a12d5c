# SPDX-License-Identifier: GPL-2.0
# tap.awk - count the results in a log of TAP
#
# usage: awk -v strict=0 -f tap.awk LOG
#
# Results inside of a test program (behind "# " from kselftest's runner, or indented)
# are the ones that count; the program's own line counts when it had none, or when it
# tells of a failure that none of them does. Results that were announced and never came
# are failures. With strict=1 so is a test skipped because something is missing.
#
# Prints a line "failed NAME" for each failure, "program NAME PASSED FAILED SKIPPED" for each
# test program, then "count PASSED FAILED SKIPPED".

function fail(name)
{
	failed++
	print "failed " name
}

# result(LINE) - count one line "[not ]ok N - NAME [# SKIP REASON]"; 1 if it failed
function result(line,	bad, name)
{
	bad = line ~ /^not ok/
	name = line
	sub(/^(not )?ok [0-9]+ *(- *)?/, "", name)
	if (bad) {
		fail(name)
	} else if (toupper(line) ~ /# *SKIP/) {
		if (strict && tolower(line) ~ /missing|not installed|not found/) {
			fail(name)
			return 1
		}
		skipped++
	} else {
		passed++
	}
	return bad
}

# end_program(LINE) - the program's own line has come
function end_program(line)
{
	sub(/ *#.*/, "", line)
	sub(/.*[ :]/, "", line)
	printf "program %s %d %d %d\n", line, passed - before_passed, failed - before_failed,
		skipped - before_skipped
	before_passed = passed
	before_failed = failed
	before_skipped = skipped
	inner_plan = inner_seen = inner_failed = 0
	running = ""
}

# abandoned() - the machine ended, with a program in the middle of its results
function abandoned()
{
	if (!inner_seen)
		return
	fail((running == "" ? "the last program" : running) ": it ended after " inner_seen " of " \
		(inner_plan ? inner_plan : "its") " results")
	end_program(running)
}

# Each machine's log begins anew.
/^TAP version/ {
	abandoned()
}

# What kselftest's runner says before it starts a program
/^# selftests: / {
	running = $NF
}

/^(# |    )1\.\.[0-9]+/ {
	sub(/^(# |    )1\.\./, "")
	inner_plan += $1
	next
}

/^(# |    )(not )?ok [0-9]+/ {
	sub(/^(# |    )/, "")
	inner_seen++
	inner_failed += result($0)
	next
}

/^1\.\.[0-9]+/ {
	if (toupper($0) ~ /# *SKIP/)
		result("ok 1 - " $0)
	else
		plan += substr($1, 4)
	next
}

/^(not )?ok [0-9]+/ {
	seen++
	if (!inner_seen)
		result($0)
	else if (inner_seen < inner_plan)
		fail($0 ": " inner_plan - inner_seen " of its results never came")
	else if (/^not ok/ && !inner_failed)
		result($0)
	end_program($0)
}

/^Bail out!/ {
	fail($0)
}

END {
	abandoned()
	if (seen < plan)
		fail(plan - seen " tests never ran")
	printf "count %d %d %d\n", passed, failed, skipped
}
