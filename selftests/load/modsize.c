// SPDX-License-Identifier: GPL-2.0
/*
 * modsize.c - text and data of a kernel module, as they are once it is loaded
 *
 * Prints the sum of its allocated sections, less those that the kernel throws
 * away after init or only reads while loading. What /sys/module/NAME/coresize
 * says is rounded to pages for each kind of memory, and has the symbol table.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool stays(const char *section)
{
	static const char *const gone[] = { ".init", ".modinfo", "__versions", ".BTF" };

	for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++)
		if (!strncmp(section, gone[i], strlen(gone[i])))
			return false;
	return true;
}

static unsigned long sum(const char *file)
{
	const Elf64_Ehdr *elf = (const void *)file;
	const Elf64_Shdr *section = (const void *)(file + elf->e_shoff);
	const char *names = file + section[elf->e_shstrndx].sh_offset;
	unsigned long bytes = 0;

	for (int i = 0; i < elf->e_shnum; i++)
		if (section[i].sh_flags & SHF_ALLOC && stays(names + section[i].sh_name))
			bytes += section[i].sh_size;
	return bytes;
}

int main(int argc, char **argv)
{
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
	printf("%lu\n", sum(file));
	return 0;
}
