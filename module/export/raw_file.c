// SPDX-License-Identifier: GPL-2.0
/*
 * raw_file.c - implements /proc/tcpfsm_raw: a stream of records, with a cursor for each open
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include "export/files.h"
#include "export/reader.h"
#include "record/rings.h"
#include "record/wakeup.h"

static atomic_t readers = ATOMIC_INIT(0);

/**
 * tcpfsm_raw_file_readers() - count the raw streams that are open
 *
 * Context: any.
 */
unsigned int tcpfsm_raw_file_readers(void)
{
	return atomic_read(&readers);
}

/**
 * struct stream - one open of /proc/tcpfsm_raw
 * @lock: makes readers of one open file take turns
 * @reader: the reader of this stream
 */
struct stream {
	struct mutex lock; /* guards @reader */
	struct tcpfsm_reader reader;
};

static int stream_open_one(struct inode *inode, struct file *file)
{
	struct stream *stream;
	int err;

	/*
	 * An open stream pins the module. rmmod fails with EBUSY and does not cut the stream off.
	 */
	if (!try_module_get(THIS_MODULE))
		return -ENODEV;
	stream = kzalloc(sizeof(*stream), GFP_KERNEL_ACCOUNT);
	if (!stream) {
		err = -ENOMEM;
		goto err_module;
	}
	mutex_init(&stream->lock);
	err = tcpfsm_reader_init(&stream->reader, proc_pid_ns(inode->i_sb));
	if (err)
		goto err_stream;
	file->private_data = stream;
	atomic_inc(&readers);
	/*
	 * The file has no offset to guard. A thread that blocks in read() must not keep others from
	 * lseek().
	 */
	file->f_mode &= ~FMODE_ATOMIC_POS;
	return 0;

err_stream:
	kfree(stream);
err_module:
	module_put(THIS_MODULE);
	return err;
}

static int stream_release(struct inode *inode, struct file *file)
{
	struct stream *stream = file->private_data;

	atomic_dec(&readers);
	tcpfsm_reader_exit(&stream->reader);
	kfree(stream);
	module_put(THIS_MODULE);
	return 0;
}

static int put_record(const struct tcpfsm_event *event, char __user *buf)
{
	return copy_to_user(buf, event, sizeof(*event)) ? -EFAULT : 0;
}

static int put_event(const struct tcpfsm_reader *reader, const struct tcpfsm_event *event,
		     char __user *buf)
{
	struct tcpfsm_event record = *event;

	tcpfsm_view_name(&reader->view, &record);
	return put_record(&record, buf);
}

static int put_lost(const struct tcpfsm_reader *reader, char __user *buf)
{
	struct tcpfsm_event record = {
		.size = sizeof(record),
		.version = TCPFSM_ABI_VERSION,
		.type = TCPFSM_REC_LOST,
		.time_ns = ktime_get_ns(),
		/* The number would tell a container about everybody's connections. */
		.lost = reader->view.netns ? TCPFSM_LOST_UNKNOWN : reader->lost,
	};

	return put_record(&record, buf);
}

/* Copy at once the events that follow in the same ring. Return the number of bytes copied. */
static ssize_t copy_run(struct tcpfsm_reader *reader, char __user *buf, size_t len)
{
	const struct tcpfsm_event *events;
	u32 n = tcpfsm_reader_run(reader, &events);

	n = min_t(size_t, n, len / sizeof(*events));
	if (!n)
		return 0;
	/* The writer may overwrite the events meanwhile. tcpfsm_reader_take() shows that. */
	if (data_race(copy_to_user(buf, events, n * sizeof(*events))))
		return -EFAULT;
	return tcpfsm_reader_take(reader, n) ? n * sizeof(*events) : 0;
}

/* Copy one record. Return the number of bytes copied, or 0 if there is nothing to copy. */
static ssize_t copy_one(struct tcpfsm_reader *reader, char __user *buf)
{
	const struct tcpfsm_event *event = tcpfsm_reader_peek(reader);

	if (reader->lost) {
		if (put_lost(reader, buf))
			return -EFAULT;
		reader->lost = 0;
	} else if (event) {
		if (put_event(reader, event, buf))
			return -EFAULT;
		tcpfsm_reader_consume(reader);
	} else {
		return 0;
	}
	return sizeof(*event);
}

/* Copy records as copy_records() does, but only up to the present horizon. */
static ssize_t copy_within(struct tcpfsm_reader *reader, char __user *buf, size_t len)
{
	size_t done = 0;
	ssize_t n = 0;

	while (len - done >= sizeof(struct tcpfsm_event)) {
		n = copy_run(reader, buf + done, len - done) ?: copy_one(reader, buf + done);
		if (n <= 0)
			break;
		done += n;
		cond_resched();
	}
	return done ?: n;
}

/* Copy records. Return the number of bytes copied. If it is 0, the next event wakes this reader. */
static ssize_t copy_records(struct tcpfsm_reader *reader, char __user *buf, size_t len)
{
	ssize_t n;
	int err;

	do {
		err = tcpfsm_reader_look(reader);
		if (err)
			return err == -EAGAIN ? 0 : err;
		n = copy_within(reader, buf, len);
	} while (!n && tcpfsm_reader_holds(reader));
	return n;
}

static ssize_t stream_try(struct stream *stream, char __user *buf, size_t len)
{
	ssize_t n;

	if (mutex_lock_interruptible(&stream->lock))
		return -ERESTARTSYS;
	n = copy_records(&stream->reader, buf, len);
	mutex_unlock(&stream->lock);
	return n;
}

static ssize_t stream_wait(struct stream *stream, char __user *buf, size_t len)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	ssize_t n;

	add_wait_queue(tcpfsm_wakeup_queue(), &wait);
	for (;;) {
		/* The full barrier that tcpfsm_wakeup() asks for is in tcpfsm_reader_horizon(). */
		n = stream_try(stream, buf, len);
		if (n)
			break;
		if (signal_pending(current)) {
			n = -ERESTARTSYS;
			break;
		}
		wait_woken(&wait, TASK_INTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	}
	remove_wait_queue(tcpfsm_wakeup_queue(), &wait);
	return n;
}

static ssize_t stream_read(struct file *file, char __user *buf, size_t len, loff_t *ppos)
{
	struct stream *stream = file->private_data;
	ssize_t n;

	if (len < sizeof(struct tcpfsm_event))
		return -EINVAL;
	n = stream_try(stream, buf, len);
	if (n)
		return n;
	if (file->f_flags & O_NONBLOCK)
		return -EAGAIN;
	return stream_wait(stream, buf, len);
}

static __poll_t stream_poll(struct file *file, poll_table *wait)
{
	struct stream *stream = file->private_data;
	bool ready;

	poll_wait(file, tcpfsm_wakeup_queue(), wait);
	/* The full barrier that tcpfsm_wakeup() asks for is in tcpfsm_reader_horizon(). */
	mutex_lock(&stream->lock);
	ready = tcpfsm_reader_ready(&stream->reader);
	mutex_unlock(&stream->lock);
	return ready ? EPOLLIN | EPOLLRDNORM : 0;
}

/* A reader may go to the oldest event (SEEK_SET), or behind the newest event (SEEK_END). */
static loff_t stream_lseek(struct file *file, loff_t offset, int whence)
{
	struct stream *stream = file->private_data;
	int err;

	if (offset || (whence != SEEK_SET && whence != SEEK_END))
		return -EINVAL;
	if (mutex_lock_interruptible(&stream->lock))
		return -EINTR;
	if (whence == SEEK_SET)
		err = tcpfsm_reader_to_oldest(&stream->reader);
	else
		err = tcpfsm_reader_to_newest(&stream->reader);
	mutex_unlock(&stream->lock);
	return err;
}

const struct proc_ops tcpfsm_raw_file_ops = {
	.proc_open = stream_open_one,
	.proc_read = stream_read,
	.proc_poll = stream_poll,
	.proc_lseek = stream_lseek,
	.proc_release = stream_release,
};
