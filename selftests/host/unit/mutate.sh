#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# mutate.sh - are the tests any good? Break the code under test, one element at a
# time, in a copy, and demand that a test fails. Prints TAP.
#
# A pattern that no longer changes anything has failed: it has to follow the code.

cd "$(dirname "$0")" || exit 1
module=$(cd ../../../module && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM
number=0
failed=0

report() { # OK-OR-NOT NAME
	number=$((number + 1))
	echo "$1 $number - $2"
	[ "$1" = ok ] || failed=$((failed + 1))
}

# mutant FILE TESTS NAME SED-SCRIPT: one of TESTS must fail when FILE is changed so, built
# as $variant.
variant=plain
limit=3 # seconds of processor time
mutant() {
	rm -rf "$work/module" "$work/build"
	cp -r "$module" "$work/module"
	sed "$4" "$module/$1" >"$work/module/$1"
	if cmp -s "$module/$1" "$work/module/$1"; then
		report "not ok" "$3: the pattern matches nothing in $1"
		return
	fi
	for test in $2; do
		if ! make -s FLAGS_plain=-O0 MODULE="$work/module" BUILD="$work/build" \
			VARIANTS="$variant" "$work/build/$variant/$test" >"$work/log" 2>&1; then
			sed 's/^/# /' "$work/log"
			report "not ok" "$3: does not compile"
			return
		fi
		# Some mutants make a reader loop for ever. What counts is its own time: on a busy
		# machine a test that takes long has not found anything.
		# shellcheck disable=SC2016 # for the shell with the limit
		if ! TSAN_OPTIONS=halt_on_error=1 timeout 600 sh -c 'ulimit -t "$0"; exec "$1"' \
			"$limit" "$work/build/$variant/$test" >"$work/log" 2>&1; then
			report ok "$3: $test fails"
			return
		fi
	done
	report "not ok" "$3: no test fails"
}

ring() { mutant core/ring.c "ring_test ring_weak_test" "$@"; }

begin='/^void \*tcpfsm_ring_begin/,/^}/'
commit='/^void tcpfsm_ring_commit/,/^}/'
abandon='/^void tcpfsm_ring_abandon/,/^}/'
oldest='/^u64 tcpfsm_ring_oldest/,/^}/'
read='/^bool tcpfsm_ring_read/,/^}/'
intact='/^bool tcpfsm_ring_intact/,/^}/'
span='/^u32 tcpfsm_ring_span/,/^}/'
clear='/^void tcpfsm_ring_clear/,/^}/'

ring "W1: the slot is not reserved before it is filled" \
	"$begin s/ring->head + 1/ring->head/; $commit s/ring->head + 1/ring->head + 2/; \
	 $abandon s/ring->head - 1/ring->head/"
ring "W1: no release" "$begin s/smp_store_release(&ring->head,/WRITE_ONCE(ring->head,/"
ring "W1: no barrier" "$begin s/smp_mb();//"
ring "W2: no release" "$commit s/smp_store_release(&ring->head,/WRITE_ONCE(ring->head,/"
ring "W2: published before it is filled" \
	"$begin s/ring->head + 1/ring->head + 2/; $commit s/ring->head + 1/ring->head/"
ring "A: no acquire" "$read s/smp_load_acquire(&ring->head)/READ_ONCE(ring->head)/"
ring "B: no barrier" "$intact s/smp_rmb();//"
ring "B: no second look at head" "$read s/!tcpfsm_ring_intact(ring, n)/0/"
ring "B: a slot too old is accepted" "$intact s/n >= written/n + 1 >= written/"
ring "B: the oldest slot is refused" "$intact s/n >= written/n > written/"
ring "a span goes beyond the last place" "$span s/end - next < to_wrap/end - next < 2 * to_wrap/"
ring "a span goes beyond what is written" "$span s/end > written/0/"
ring "a span has slots that were overwritten" "$span s/next < written - ring->events/0/"
ring "a span begins too late" "$span s/next % (ring->events + 1)/(next + 1) % (ring->events + 1)/"
ring "no place to spare for the slot being written" \
	"s/ring->pos == ring->events/ring->pos + 1 == ring->events/; \
	 s/(ring->events + 1)/ring->events/"
ring "reader and writer disagree on the place" "s/(ring->events + 1)/(ring->events + 2)/"
ring "one slot too many is thought to be kept" \
	"$read s/? written - ring->events :/? written - ring->events - 1 :/"
ring "losses are not counted" "$read s/\*lost += to - n;/*lost += 0;/"
ring "losses replace those before" "$read s/\*lost += to - n;/*lost = to - n;/"
ring "losses are counted beyond the end" "$read s/oldest < end ? oldest : end/oldest/"
ring "the end is not respected" "$read s/n >= end || n >= written/n >= written/"
ring "abandon publishes" "$abandon s/ring->head - 1/ring->head + 1/"
ring "abandon uses up a place" "$abandon s/smp_store/ring->pos++; smp_store/"
ring "oldest ignores clear" "$oldest s/base > oldest/0/"
ring "oldest is off by one" "$oldest s/written - ring->events :/written - ring->events + 1 :/"
ring "clear hides a slot too many" \
	"$clear s/tcpfsm_ring_written(ring)/tcpfsm_ring_written(ring) + 1/"

dwell() { mutant core/conntable.c conntable_test "$@"; }

alloc='/^static u32 node_alloc/,/^}/'
add='/^static void node_add/,/^}/'
part='/tcpfsm_conntable_part(/,/^}/'

dwell "no room for closed sockets" "s/nr_nodes = conns + closed_count(conns)/nr_nodes = conns/"
dwell "a repeated transition counts" "s/if (unlikely(verdict == TCPFSM_STEP_REPEATED)) {/if (0) {/"
dwell "a gap is not noticed" "s/: TCPFSM_STEP_GAP/: TCPFSM_STEP_OK/"
dwell "a closed socket is forgotten by its first turn" "s/ \&\& gen_in(conn->owner) == closed->gen//"
dwell "a living socket is forgotten" \
	"s/state_in(conn->stamp) == TCPFSM_CLOSE \&\& gen_in(conn->owner) == closed->gen/1/"
dwell "generation 0" "s/gen == 0xffff ? 1 : //"
dwell "flags outlive their connection" \
	"s/return step_birth(conn, step->new);/{ step->flags |= flags_in(stamp); return step_birth(conn, step->new); }/"
dwell "the clock may not pass 56 bits" "s/return ((now << .*/return now - (stamp >> SINCE_SHIFT);/"
dwell "state and flags are borrowed from" "s/ | (STATE_MASK | FLAGS_MASK)) - stamp/) - stamp/"
dwell "a birth takes the last one's owner" \
	"s/conn->uid = step.known ? step.uid : TCPFSM_UNKNOWN_UID;/if (step.known) conn->uid = step.uid;/"
dwell "used is not counted down" "s/table->used -= alive;/table->used -= 0 * alive;/"
dwell "closed sockets count as alive" "s/table->used -= ended;/table->used -= 0 * ended;/"
dwell "a socket opened again does not count" "s/table->used++;//"
dwell "a birth that was missed does not count" "s/verdict == TCPFSM_STEP_GAP || //"
dwell "a timewait sock leaves its connection to the socket" \
	"s/conn->stamp |= CONN_TIMEWAIT;//"
dwell "timewait socks of one socket are mixed up" \
	"s/timewait \&\& table->timewait\[\*link\] == timewait/timewait/"
dwell "a timewait sock takes the socket's connection" \
	"s/timewait \&\& table->nodes\[\*shared\].stamp \& CONN_PARTED/0/"
dwell "a socket forgets that it has parted" "s/step->flags |= stamp \& CONN_APART;//"
dwell "the generation is lost at parting" "$part s/gen = gen_in(conn->owner);//"
dwell "a timewait sock unknown to the table shares" "s/step.flags |= CONN_TIMEWAIT;//"
dwell "what has parted is counted for ever" "s/count_apart(table, -1);//"

cause() { mutant core/cause.c cause_test "$@"; }

cause "the short cut asks for no fact" "s/hint.voided_by |= rule->need;//"
cause "the short cut cares for no caller" \
	"s/hint.voided_by |= TCPFSM_FACT_ANYTHING;/hint.voided_by |= 0;/"
cause "the short cut takes the last rule" "s/^\t\t\tbreak;//"

marks() { mutant core/marks.c marks_test "$@"; }

marks "an address is a negative number" "s/home_of(unsigned long/home_of(long/"
marks "strays are not counted" "s/atomic_inc(&strays);//"
marks "what is at home is counted as a stray" "s/if (i != home_of(entry))//"
marks "who has migrated is not looked for" "s/(long)sk, 0) == (long)sk/(long)sk, 0) == 1/"

variant=tsan
limit=60
mutant core/ring.c ring_threads_test "the copy is not marked as a race" "s/data_race(\(.*\));/\1;/"
mutant core/conntable.c conntable_threads_test "no lock in the pool" "$alloc s/tcpfsm_\(un\)*lock(.*);//"
mutant core/conntable.c conntable_threads_test "no lock to add to a bucket" "$add s/tcpfsm_\(un\)*lock(.*);//"

echo "1..$number"
[ "$failed" -eq 0 ]
