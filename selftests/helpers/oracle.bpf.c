// SPDX-License-Identifier: GPL-2.0
/*
 * oracle.bpf.c - count the kernel's own state changes, by old and new state
 *
 * A second opinion that shares nothing with the module: the BPF machine reads
 * the tracepoint, bpftool loads the programs and prints the maps, oracle.awk
 * compares.
 *
 * The few fields of the kernel's that it needs are declared here and found in
 * the running kernel's BTF: one object file serves every kernel.
 *
 * Why several programs: the kernel does not run a program that already runs on the
 * CPU, so what an interrupt does in the middle of one would not be counted; nor, where
 * tracepoints may be preempted (7.3), what another task does. All see each event, one
 * right after the other, and whoever comes in between is in the middle of one of them,
 * or by bad luck of two. The first counts and leaves a mark; each of the others counts
 * what it finds without one, and marks it. As a proof that this works, what the others
 * count must equal the kernel's own figure of the times the first did not run
 * (recursion_misses).
 *
 * A mark is of a socket and an edge, and stays: the next time that a socket, or another
 * one in its place, takes an edge, it has taken a different one before.
 *
 * There are two object files, made from this one with -DFIRST and without: an old bpftool
 * calls programs by what they are attached to. The others, which are all the same, are
 * loaded with the maps of the first.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define IPPROTO_TCP 6
#define STATES	    16 /* a power of two above the kernel's TCP_MAX_STATES */
#define EDGES	    (STATES * STATES)
#define MARK_BITS   22 /* so many that two sockets hardly ever share one */

struct sock {
	__u16 sk_protocol;
} __attribute__((preserve_access_index));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, EDGES);
	__type(key, __u32);
	__type(value, __u64);
} edges SEC(".maps");

/* One value: the events of any kind that the first program did not see. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} unmarked SEC(".maps");

/* By socket; for all CPUs, since in between the programs a task may change to another. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1 << MARK_BITS);
	__type(key, __u32);
	__type(value, __u64);
} marks SEC(".maps");

char LICENSE[] SEC("license") = "GPL";

/* The arguments of the tracepoint: (const struct sock *sk, int old, int new) */
static __u32 edge_of(const __u64 *ctx)
{
	return (ctx[1] & (STATES - 1)) * STATES + (ctx[2] & (STATES - 1));
}

/*
 * The socket as a number, the same in all programs. With a pointer the verifier allows no
 * arithmetic but to subtract another one, here that of a map which they share. (To read the
 * pointer's bytes takes bpf_probe_read_kernel(), which lockdown=confidentiality refuses.)
 */
static __u64 number_of(const __u64 *ctx)
{
	__u64 *fixed = bpf_map_lookup_elem(&unmarked, &(__u32){ 0 });
	__u64 sk = ctx[0];

	if (!fixed)
		return 0;
	/* The compiler is not to know that it may distribute what follows over the difference. */
	asm("%0 -= %1" : "+r"(sk) : "r"(fixed));
	return sk;
}

static __u64 *mark_of(__u64 sk)
{
	/* Multiplicative hashing: the first and last bits of all sockets are alike. */
	__u32 slot = sk * 0x9e3779b97f4a7c15ull >> (64 - MARK_BITS);

	return bpf_map_lookup_elem(&marks, &slot);
}

static void add_one(void *map, __u32 key)
{
	__u64 *n = bpf_map_lookup_elem(map, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
}

static void tally(const __u64 *ctx)
{
	const struct sock *sk = (const struct sock *)ctx[0];

	if (sk->sk_protocol == IPPROTO_TCP && (__u32)ctx[1] != (__u32)ctx[2])
		add_one(&edges, edge_of(ctx));
}

#ifdef FIRST
SEC("tp_btf/inet_sock_set_state")
int first(__u64 *ctx)
{
	__u64 sk = number_of(ctx);
	__u64 *mark = mark_of(sk);

	if (mark)
		*mark = sk ^ edge_of(ctx);
	tally(ctx);
	return 0;
}
#else
SEC("tp_btf/inet_sock_set_state")
int other(__u64 *ctx)
{
	__u64 sk = number_of(ctx);
	__u64 *mark = mark_of(sk);

	if (!mark || *mark == (sk ^ edge_of(ctx)))
		return 0;
	*mark = sk ^ edge_of(ctx);
	add_one(&unmarked, 0);
	tally(ctx);
	return 0;
}
#endif
