/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kofile.h - a kernel module's file, in memory
 */
#ifndef LOAD_KOFILE_H
#define LOAD_KOFILE_H

#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Return: the ELF header, and all that comes behind it; without one the program has ended. */
static inline const Elf64_Ehdr *map_module(const char *path)
{
	const Elf64_Ehdr *elf;
	struct stat st;
	int fd = open(path, O_RDONLY);

	if (fd < 0 || fstat(fd, &st))
		err(2, "%s", path);
	elf = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (elf == MAP_FAILED)
		err(2, "%s", path);
	if (st.st_size < (off_t)sizeof(*elf) || memcmp(elf->e_ident, ELFMAG, SELFMAG) ||
	    elf->e_ident[EI_CLASS] != ELFCLASS64)
		errx(2, "%s: not a 64 bit ELF file", path);
	return elf;
}

static inline const Elf64_Shdr *sections_of(const Elf64_Ehdr *elf)
{
	return (const void *)((const char *)elf + elf->e_shoff);
}

#endif /* LOAD_KOFILE_H */
