// SPDX-License-Identifier: GPL-2.0
/*
 * imports.c - what a kernel module takes from the kernel, one name a line
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

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
	struct stat st;
	char *file;
	int fd, i;

	if (argc != 2)
		errx(2, "usage: imports MODULE.ko");
	fd = open(argv[1], O_RDONLY);
	if (fd < 0 || fstat(fd, &st))
		err(2, "%s", argv[1]);
	file = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		err(2, "%s", argv[1]);
	elf = (const void *)file;
	if (st.st_size < (off_t)sizeof(*elf) || memcmp(file, ELFMAG, SELFMAG) ||
	    file[EI_CLASS] != ELFCLASS64)
		errx(2, "%s: not a 64 bit ELF file", argv[1]);
	section = (const void *)(file + elf->e_shoff);
	for (i = 0; i < elf->e_shnum; i++)
		if (section[i].sh_type == SHT_SYMTAB)
			list(file, &section[i], file + section[section[i].sh_link].sh_offset);
	return 0;
}
