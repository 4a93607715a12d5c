// SPDX-License-Identifier: GPL-2.0
/*
 * imports.c - what a kernel module takes from the kernel, one name a line
 */
#include <stdio.h>

#include "kofile.h"

static void list(const char *file, const Elf64_Shdr *symbols, const char *names)
{
	const Elf64_Sym *symbol = (const void *)(file + symbols->sh_offset);
	size_t i, n = symbols->sh_size / sizeof(*symbol);

	/* The first one stands for none. */
	for (i = 1; i < n; i++)
		if (symbol[i].st_shndx == SHN_UNDEF)
			puts(names + symbol[i].st_name);
}

int main(int argc, char **argv)
{
	const Elf64_Shdr *section;
	const Elf64_Ehdr *elf;
	const char *file;
	int i;

	if (argc != 2)
		errx(2, "usage: imports MODULE.ko");
	elf = map_module(argv[1]);
	file = (const char *)elf;
	section = sections_of(elf);
	for (i = 0; i < elf->e_shnum; i++)
		if (section[i].sh_type == SHT_SYMTAB)
			list(file, &section[i], file + section[section[i].sh_link].sh_offset);
	return 0;
}
