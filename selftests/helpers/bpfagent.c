// SPDX-License-Identifier: GPL-2.0
/*
 * bpfagent.c - the BPF programs that an agent on a host attaches, as far as others notice them
 *
 * The programs are a few instructions each and are written here as such: they need neither
 * a compiler nor a library, and one program serves every function of every kernel. Where
 * to attach is looked up in the kernel's own BTF. Attached as long as the process lives.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define BTF_FILE	  "/sys/kernel/btf/vmlinux"

static const char usage[] =
	"usage: bpfagent fexit FUNCTION...   when these functions of the kernel return\n"
	"       bpfagent result FUNCTION...  the same, and ask for the cookie of the socket returned\n"
	"       bpfagent cookies CGROUP      ask for the cookie of every socket of the cgroup\n"
	"       bpfagent try FUNCTION...     can fexit be had? Exit status 0 if so\n"
	"\n"
	"Says what it cannot attach to, then \"attached N\", and waits for a signal.\n";

/* Each returns a file descriptor, which keeps the program attached; or a negative errno. */
static int bpf(int cmd, union bpf_attr *attr)
{
	int fd = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return fd < 0 ? -errno : fd;
}

static int load(union bpf_attr *attr, const struct bpf_insn *insns, size_t nr)
{
	static const char license[] = "GPL";

	attr->insns = (uintptr_t)insns;
	attr->insn_cnt = nr;
	attr->license = (uintptr_t)license;
	return bpf(BPF_PROG_LOAD, attr);
}

/* ---- the kernel's BTF ---- */

static const struct btf_header *btf;
static uint32_t btf_size;

static void read_btf(void)
{
	int fd = open(BTF_FILE, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st))
		err(2, BTF_FILE);
	data = malloc(st.st_size);
	while (data && btf_size < st.st_size) {
		n = read(fd, data + btf_size, st.st_size - btf_size);
		if (n <= 0)
			err(2, BTF_FILE);
		btf_size += n;
	}
	btf = (const void *)data;
	close(fd);
	if (!btf || btf_size < sizeof(*btf) || btf->magic != BTF_MAGIC)
		errx(2, BTF_FILE ": not what it was");
}

static const char *name_of(const struct btf_type *type)
{
	return (const char *)btf + btf->hdr_len + btf->str_off + type->name_off;
}

/* What follows a type, by its kind; those with nothing behind are not named here. */
static size_t behind(const struct btf_type *type)
{
	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return BTF_INFO_VLEN(type->info) * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return BTF_INFO_VLEN(type->info) * sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return BTF_INFO_VLEN(type->info) * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return BTF_INFO_VLEN(type->info) * sizeof(struct btf_var_secinfo);
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case 17: /* BTF_KIND_DECL_TAG, of 5.16 */
		return sizeof(uint32_t);
	case 19: /* BTF_KIND_ENUM64, of 6.0 */
		return BTF_INFO_VLEN(type->info) * 3 * sizeof(uint32_t);
	default:
		return 0;
	}
}

/* Types are numbered from 1 in the order in which they are written down. */
static const struct btf_type *next_type(const struct btf_type *type)
{
	const char *at = (const char *)type;

	if (!type)
		return (const void *)((const char *)btf + btf->hdr_len + btf->type_off);
	at += sizeof(*type) + behind(type);
	if (at >= (const char *)btf + btf->hdr_len + btf->type_off + btf->type_len)
		return NULL;
	return (const void *)at;
}

static const struct btf_type *type_of(uint32_t id)
{
	const struct btf_type *type = next_type(NULL);

	while (type && --id)
		type = next_type(type);
	return type;
}

/* Returns 0 if there is no such function. */
static uint32_t find_function(const char *name, unsigned int *arguments)
{
	const struct btf_type *type = NULL;
	uint32_t id = 0;

	while ((type = next_type(type))) {
		id++;
		if (BTF_INFO_KIND(type->info) != BTF_KIND_FUNC || strcmp(name_of(type), name))
			continue;
		*arguments = BTF_INFO_VLEN(type_of(type->type)->info);
		return id;
	}
	return 0;
}

/* ---- programs ---- */

#define INSN(c, dst, src, o, i)                                                         \
	{                                                                               \
		.code = (c), .dst_reg = (dst), .src_reg = (src), .off = (o), .imm = (i) \
	}
#define SET(reg, value)		INSN(BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, value)
#define LOAD(reg, from, offset) INSN(BPF_LDX | BPF_MEM | BPF_DW, reg, from, offset, 0)
#define CALL(helper)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, helper)
#define EXIT			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int attach_fexit(const char *function, bool ask)
{
	unsigned int arguments = 0;
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_TRACING,
				.expected_attach_type = BPF_TRACE_FEXIT,
				.attach_btf_id = find_function(function, &arguments) };
	/* The value returned comes behind the arguments. */
	struct bpf_insn asking[] = {
		LOAD(BPF_REG_1, BPF_REG_1, 0),
		CALL(BPF_FUNC_get_socket_cookie),
		SET(BPF_REG_0, 0),
		EXIT,
	};
	static const struct bpf_insn nothing[] = { SET(BPF_REG_0, 0), EXIT };
	int prog;

	asking[0].off = arguments * sizeof(uint64_t);
	if (!attr.attach_btf_id)
		return -ENOENT;
	if (ask)
		prog = load(&attr, asking, ARRAY_SIZE(asking));
	else
		prog = load(&attr, nothing, ARRAY_SIZE(nothing));
	if (prog < 0)
		return prog;
	attr = (union bpf_attr){ .raw_tracepoint.prog_fd = prog };
	return bpf(BPF_RAW_TRACEPOINT_OPEN, &attr);
}

/* Where in a cgroup cookies can be asked for. */
static const struct {
	const char *name;
	uint32_t program;
	uint32_t where;
} cgroup_hooks[] = {
	{ "sock_ops", BPF_PROG_TYPE_SOCK_OPS, BPF_CGROUP_SOCK_OPS },
	{ "sock_create", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE },
	{ "ingress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_INGRESS },
	{ "egress", BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS },
};

static int attach_cgroup(int cgroup, uint32_t program, uint32_t where)
{
	static const struct bpf_insn asking[] = {
		CALL(BPF_FUNC_get_socket_cookie),
		SET(BPF_REG_0, 1),
		EXIT,
	};
	union bpf_attr attr = { .prog_type = program, .expected_attach_type = where };
	int prog = load(&attr, asking, ARRAY_SIZE(asking));

	if (prog < 0)
		return prog;
	attr = (union bpf_attr){ 0 };
	attr.link_create.prog_fd = prog;
	attr.link_create.target_fd = cgroup;
	attr.link_create.attach_type = where;
	return bpf(BPF_LINK_CREATE, &attr);
}

static bool attached(const char *name, int fd)
{
	if (fd < 0)
		printf("not %s: %s\n", name, strerror(-fd));
	return fd >= 0;
}

static unsigned int attach_all(const char *how, char **names)
{
	unsigned int n = 0, i;
	int cgroup;

	if (strcmp(how, "cookies")) {
		read_btf();
		for (; *names; names++)
			n += attached(*names, attach_fexit(*names, !strcmp(how, "result")));
		return n;
	}
	cgroup = open(*names, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup < 0)
		err(2, "%s", *names);
	for (i = 0; i < ARRAY_SIZE(cgroup_hooks); i++)
		n += attached(cgroup_hooks[i].name, attach_cgroup(cgroup, cgroup_hooks[i].program,
								  cgroup_hooks[i].where));
	return n;
}

static bool is_mode(const char *word)
{
	return !strcmp(word, "fexit") || !strcmp(word, "result") || !strcmp(word, "cookies") ||
	       !strcmp(word, "try");
}

int main(int argc, char **argv)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	unsigned int n;

	if (argc < 3 || !is_mode(argv[1]))
		return fputs(usage, stderr), 2;
	/* Before 5.11 programs are charged as locked memory. */
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	n = attach_all(argv[1], argv + 2);
	if (!strcmp(argv[1], "try"))
		return n != (unsigned int)argc - 2;
	printf("attached %u\n", n);
	fflush(stdout);
	pause();
	return 0;
}
