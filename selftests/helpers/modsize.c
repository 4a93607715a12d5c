// SPDX-License-Identifier: GPL-2.0
/*
 * modsize.c - what of a kernel module stays in memory once it is loaded
 *
 * Prints "text N", code and constants, "data N", variables, and "tables N", what
 * the kernel has about the code: for unwinding, patching and the like. Left out
 * is what is thrown away after init or is only read while loading. (coresize in
 * /sys/module is rounded to pages for each kind, and has the symbol table.)
 */
#include <stdbool.h>
#include <stdio.h>

#include "kofile.h"

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

static void sum(const Elf64_Ehdr *elf, unsigned long *bytes)
{
	const Elf64_Shdr *section = sections_of(elf);
	const char *names = (const char *)elf + section[elf->e_shstrndx].sh_offset;

	for (int i = 0; i < elf->e_shnum; i++)
		if (section[i].sh_flags & SHF_ALLOC)
			bytes[kind_of(names + section[i].sh_name)] += section[i].sh_size;
}

int main(int argc, char **argv)
{
	unsigned long bytes[GONE + 1] = { 0 };

	if (argc != 2)
		errx(2, "usage: modsize MODULE.ko");
	sum(map_module(argv[1]), bytes);
	printf("text %lu\ndata %lu\ntables %lu\n", bytes[TEXT], bytes[DATA], bytes[TABLES]);
	return 0;
}
