# SPDX-License-Identifier: GPL-2.0
# tap.sh - report results in the Test Anything Protocol, and wait for a condition
#
# shellcheck shell=sh disable=SC3043 # bash and dash have local
# All scripts that report results source this, in a VM and on the host. It needs no kernel.

tests=0
failures=0

# say TEXT... - print comments, one line each
say()
{
	printf '# %s\n' "$@"
}

# result STATUS NAME - report a test, which passed if STATUS is 0
result()
{
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		failures=$((failures + 1))
		echo "not ok $tests - $2"
	fi
}

# wait_for SECONDS COMMAND... - wait until the command succeeds, and fail after the time limit
#
# The limit is half a minute longer than SECONDS, because the machine may have other work. It is
# multiplied by TCPFSM_SLOWNESS on a kernel that is slow. Only a test that fails waits this long.
wait_for()
{
	local deadline
	deadline=$(($(date +%s) + ($1 + 30) * ${TCPFSM_SLOWNESS:-1}))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}
