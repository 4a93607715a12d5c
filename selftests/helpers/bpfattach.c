// SPDX-License-Identifier: GPL-2.0
/*
 * bpfattach.c - attach a pinned tracing program
 *
 * What "bpftool prog load ... autoattach" does from version 7.2 on; Debian 12
 * has 7.1, which loads and pins only. The pinned link keeps the program
 * attached; removing the file detaches it.
 */
#include <err.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

int main(int argc, char **argv)
{
	union bpf_attr attr = { 0 };
	int prog, link;

	if (argc != 3)
		errx(2, "usage: bpfattach PINNED_PROGRAM LINK_TO_PIN");
	attr.pathname = (uintptr_t)argv[1];
	prog = bpf(BPF_OBJ_GET, &attr);
	if (prog < 0)
		err(1, "%s", argv[1]);

	/* Where to is in the program already: the loader found it by its section. */
	attr = (union bpf_attr){ 0 };
	attr.raw_tracepoint.prog_fd = prog;
	link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
	if (link < 0)
		err(1, "attaching %s", argv[1]);

	attr = (union bpf_attr){ 0 };
	attr.pathname = (uintptr_t)argv[2];
	attr.bpf_fd = link;
	if (bpf(BPF_OBJ_PIN, &attr))
		err(1, "pinning %s", argv[2]);
	return 0;
}
