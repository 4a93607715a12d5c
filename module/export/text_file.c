// SPDX-License-Identifier: GPL-2.0
/*
 * text_file.c - implements /proc/tcpfsm: text, with a snapshot for each open
 */
#include <linux/capability.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>
#include "export/files.h"
#include "export/reader.h"
#include "export/text.h"
#include "record/rings.h"

/**
 * struct snapshot - one open of /proc/tcpfsm
 * @reader: its reader, whose horizon is taken at open and never again
 */
struct snapshot {
	struct tcpfsm_reader reader;
};

/* Stands for events that were overwritten and that follow the last one that could be shown. */
static const struct tcpfsm_event lost_tail;

static void *snapshot_here(struct snapshot *snapshot)
{
	const struct tcpfsm_event *event = tcpfsm_reader_peek(&snapshot->reader);

	if (!event && snapshot->reader.lost)
		event = &lost_tail;
	return (void *)event;
}

/* seq_file goes on where it was, or it goes back to 0 and forward from there. */
static void *snapshot_start(struct seq_file *m, loff_t *pos)
{
	struct snapshot *snapshot = m->private;

	if (*pos == 0) {
		tcpfsm_reader_rewind(&snapshot->reader);
		return SEQ_START_TOKEN;
	}
	return snapshot_here(snapshot);
}

static void *snapshot_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct snapshot *snapshot = m->private;

	++*pos;
	cond_resched();
	if (v == &lost_tail)
		return NULL;
	if (v != SEQ_START_TOKEN)
		tcpfsm_reader_consume(&snapshot->reader);
	return snapshot_here(snapshot);
}

static void snapshot_stop(struct seq_file *m, void *v)
{
}

static int snapshot_show(struct seq_file *m, void *v)
{
	struct snapshot *snapshot = m->private;
	struct tcpfsm_event event;

	if (v == SEQ_START_TOKEN) {
		tcpfsm_text_header(m);
		return 0;
	}
	if (snapshot->reader.lost)
		tcpfsm_text_lost(m, snapshot->reader.view.netns ? TCPFSM_LOST_UNKNOWN :
								  snapshot->reader.lost);
	if (v != &lost_tail) {
		event = *(const struct tcpfsm_event *)v;
		tcpfsm_view_name(&snapshot->reader.view, &event);
		tcpfsm_text_event(m, &event);
	}
	/* A line that did not fit is shown again later, with the loss before it. */
	if (!seq_has_overflowed(m))
		snapshot->reader.lost = 0;
	return 0;
}

static const struct seq_operations snapshot_ops = {
	.start = snapshot_start,
	.next = snapshot_next,
	.stop = snapshot_stop,
	.show = snapshot_show,
};

static int snapshot_open(struct inode *inode, struct file *file)
{
	struct snapshot *snapshot = __seq_open_private(file, &snapshot_ops, sizeof(*snapshot));
	int err;

	if (!snapshot)
		return -ENOMEM;
	err = tcpfsm_reader_init(&snapshot->reader, proc_pid_ns(inode->i_sb));
	if (err) {
		seq_release_private(inode, file);
		return err;
	}
	do {
		cond_resched();
		err = tcpfsm_reader_horizon(&snapshot->reader);
		if (err == -EAGAIN && fatal_signal_pending(current))
			err = -EINTR;
	} while (err == -EAGAIN);
	if (err) {
		tcpfsm_reader_exit(&snapshot->reader);
		seq_release_private(inode, file);
	}
	return err;
}

static int snapshot_release(struct inode *inode, struct file *file)
{
	struct snapshot *snapshot = ((struct seq_file *)file->private_data)->private;

	tcpfsm_reader_exit(&snapshot->reader);
	return seq_release_private(inode, file);
}

static ssize_t snapshot_write(struct file *file, const char __user *buf, size_t len, loff_t *ppos)
{
	char word[8] = "";

	if (!tcpfsm_view_is_all() || !capable(CAP_NET_ADMIN))
		return -EPERM;
	if (len >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, buf, len))
		return -EFAULT;
	if (strlen(word) != len || (strcmp(word, "clear") && strcmp(word, "clear\n")))
		return -EINVAL;
	tcpfsm_rings_clear();
	return len;
}

const struct proc_ops tcpfsm_text_file_ops = {
	.proc_open = snapshot_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_write = snapshot_write,
	.proc_release = snapshot_release,
};
