// SPDX-License-Identifier: GPL-2.0
/*
 * stat_file.c - implements /proc/tcpfsm_stat: counters
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include "export/files.h"
#include "export/text.h"
#include "export/view.h"

static int stat_show(struct seq_file *m, void *v)
{
	return tcpfsm_text_stat(m, tcpfsm_raw_file_readers());
}

/* The counters are for all namespaces together, so a container must not see them. */
static int stat_open(struct inode *inode, struct file *file)
{
	if (!tcpfsm_view_is_all())
		return -EPERM;
	return single_open_size(file, stat_show, NULL, 4 * PAGE_SIZE);
}

const struct proc_ops tcpfsm_stat_file_ops = {
	.proc_open = stat_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
