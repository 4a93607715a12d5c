// SPDX-License-Identifier: GPL-2.0
/*
 * modsize.c - what of a kernel module stays in memory once it is loaded
 *
 * Prints "text N", code and constants, "data N", variables, and "tables N", what
 * the kernel has about the code: for unwinding, patching and the like. Left out
 * is what is thrown away after init or is only read while loading. (coresize in
 * /sys/module is rounded to pages for each kind, and has the symbol table.)
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

enum kind {
	TEXT,
	DATA,
	TABLES,
	GONE
};

static bool begins_with_any(const char *s, const char *const *prefix)
{
	for (; *prefix; prefix++)
		if (!strncmp(s, *prefix, strlen(*prefix)))
			return true;
	return false;
}

static enum kind kind_of(const char *section)
{
	static const char *const text[] = { ".text", ".exit.text", ".rodata", "__param", NULL };
	static const char *const data[] = { ".data", ".bss", ".gnu.linkonce.this_module", NULL };
	static const char *const gone[] = { ".init", ".modinfo", "__versions", ".BTF", NULL };

	if (begins_with_any(section, text))
		return TEXT;
	if (begins_with_any(section, data))
		return DATA;
	return begins_with_any(section, gone) ? GONE : TABLES;
}

static void sum(const char *file, unsigned long *bytes)
{
	const Elf64_Ehdr *elf = (const void *)file;
	const Elf64_Shdr *section = (const void *)(file + elf->e_shoff);
	const char *names = file + section[elf->e_shstrndx].sh_offset;

	for (int i = 0; i < elf->e_shnum; i++)
		if (section[i].sh_flags & SHF_ALLOC)
			bytes[kind_of(names + section[i].sh_name)] += section[i].sh_size;
}

int main(int argc, char **argv)
{
	unsigned long bytes[GONE + 1] = { 0 };
	struct stat st;
	void *file;
	int fd;

	if (argc != 2)
		errx(2, "usage: modsize MODULE.ko");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		err(2, "%s", argv[1]);
	file = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		err(2, "%s", argv[1]);
	if (st.st_size < (off_t)sizeof(Elf64_Ehdr) || memcmp(file, ELFMAG, SELFMAG) ||
	    ((char *)file)[EI_CLASS] != ELFCLASS64)
		errx(2, "%s: not a 64 bit ELF file", argv[1]);
	sum(file, bytes);
	printf("text %lu\ndata %lu\ntables %lu\n", bytes[TEXT], bytes[DATA], bytes[TABLES]);
	return 0;
}
