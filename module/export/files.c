// SPDX-License-Identifier: GPL-2.0
/*
 * files.c - creates the files in /proc, with their names, mode and owner
 */
#include <linux/proc_fs.h>
#include "export/files.h"

#define FILE_MODE 0440

static const struct {
	const char *name;
	const struct proc_ops *ops;
} files[] = {
	{ "tcpfsm", &tcpfsm_text_file_ops },
	{ "tcpfsm_stat", &tcpfsm_stat_file_ops },
	/* This file is the last one, because removing it waits for readers that wait for events. */
	{ "tcpfsm_raw", &tcpfsm_raw_file_ops },
};

/**
 * tcpfsm_files_init() - create the files
 * @gid: group that may read them
 *
 * Context: process, when everything that they show is ready.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_files_init(kgid_t gid)
{
	struct proc_dir_entry *entry;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		entry = proc_create(files[i].name, FILE_MODE, NULL, files[i].ops);
		if (!entry) {
			tcpfsm_files_exit();
			return -ENOMEM;
		}
		proc_set_user(entry, GLOBAL_ROOT_UID, gid);
	}
	return 0;
}

/**
 * tcpfsm_files_exit() - remove the files
 *
 * This waits for calls that are under way. A file that is still open then returns EIO.
 *
 * Context: process.
 */
void tcpfsm_files_exit(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		remove_proc_subtree(files[i].name, NULL);
}
