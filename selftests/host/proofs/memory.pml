/* SPDX-License-Identifier: GPL-2.0 */
/*
 * memory.pml - memory as weakly ordered CPUs see it
 *
 * A store goes to the buffer of its CPU and reaches memory later. Any store in the
 * buffer may go first, unless
 *   - an older store there has the same address,
 *   - it is a release, and there is an older store,
 *   - a barrier lies between it and an older store.
 * A full barrier waits until the buffer is empty. So a load may pass the older
 * stores of its CPU, but not a full barrier. Loads read memory, because no CPU here
 * reads back a store that is still in its buffer. A load may also be satisfied
 * before an older load. The models write that out as a choice of order.
 *
 * A model defines CPUS and ADDRESSES before it includes this file.
 */
#define BUFFERED 6

typedef Buffer {
	byte count;
	byte address[BUFFERED];
	byte value[BUFFERED];
	bool release[BUFFERED];
	bool barrier[BUFFERED];	/* a barrier lies just before this store */
	bool barrier_next;
};

Buffer buffer[CPUS];
byte memory[ADDRESSES];

inline put(cpu, where, what, is_release)
{
	atomic {
		buffer[cpu].count < BUFFERED ->
		d_step {
			buffer[cpu].address[buffer[cpu].count] = where;
			buffer[cpu].value[buffer[cpu].count] = what;
			buffer[cpu].release[buffer[cpu].count] = is_release;
			buffer[cpu].barrier[buffer[cpu].count] = buffer[cpu].barrier_next;
			buffer[cpu].barrier_next = false;
			buffer[cpu].count++;
		}
	}
}

#define WRITE_ONCE(cpu, where, what)	put(cpu, where, what, false)
#define store_release(cpu, where, what)	put(cpu, where, what, true)

inline smp_wmb(cpu)
{
	buffer[cpu].barrier_next = (buffer[cpu].count > 0)
}

inline smp_mb(cpu)
{
	(buffer[cpu].count == 0)
}

/* Move stores from one CPU's buffer to memory, in any order that is allowed. */
proctype drain(byte cpu)
{
	byte chosen, i;
	bool allowed;

end:
	do
	:: atomic {
		buffer[cpu].count > 0 ->
		do
		:: chosen + 1 < buffer[cpu].count -> chosen++
		:: break
		od;
		d_step {
			allowed = !(buffer[cpu].release[chosen] && chosen > 0);
			i = 0;
			do
			:: i < chosen ->
				if
				:: buffer[cpu].address[i] == buffer[cpu].address[chosen] ||
				   buffer[cpu].barrier[i + 1] -> allowed = false
				:: else
				fi;
				i++
			:: else -> break
			od;
			if
			:: allowed ->
				memory[buffer[cpu].address[chosen]] = buffer[cpu].value[chosen];
				buffer[cpu].count--;
				i = chosen;
				do
				:: i < buffer[cpu].count ->
					buffer[cpu].address[i] = buffer[cpu].address[i + 1];
					buffer[cpu].value[i] = buffer[cpu].value[i + 1];
					buffer[cpu].release[i] = buffer[cpu].release[i + 1];
					buffer[cpu].barrier[i] = buffer[cpu].barrier[i + 1];
					i++
				:: else -> break
				od;
				/* Make states equal that differ only in unused places. */
				buffer[cpu].address[i] = 0;
				buffer[cpu].value[i] = 0;
				buffer[cpu].release[i] = false;
				buffer[cpu].barrier[i] = false;
				buffer[cpu].barrier[0] = false;
				if
				:: buffer[cpu].count == 0 -> buffer[cpu].barrier_next = false
				:: else
				fi
			:: else
			fi;
			chosen = 0;
			i = 0;
			allowed = false
		}
	   }
	od
}
