// SPDX-License-Identifier: GPL-2.0
/*
 * wakeup.c - wakes the readers that wait for an event
 */
#include <linux/hrtimer.h>
#include <linux/irq_work.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>
#include "compat.h"
#include "record/wakeup.h"

static DECLARE_WAIT_QUEUE_HEAD(waiting);

/*
 * Readers are woken at most once in this time, so that at a high rate one wake-up serves many
 * events.
 */
#define WAKEUP_INTERVAL_NS (5 * NSEC_PER_MSEC)

/*
 * True while a wake-up is on its way. A writer that publishes meanwhile need not ask for another.
 */
static bool pending;
static u64 last_ns;
static struct hrtimer wakeup_timer;

static void wake_readers(void)
{
	last_ns = ktime_get_ns();
	WRITE_ONCE(pending, false);
	/*
	 * This barrier comes before the readers look at the rings. A writer that published and saw
	 * the wake-up pending had marked its ring busy before (tcpfsm_ring_begin()). So the readers
	 * find that ring busy or written.
	 */
	smp_mb();
	wake_up_all(&waiting);
}

static enum hrtimer_restart wakeup_timeout(struct hrtimer *timer)
{
	wake_readers();
	return HRTIMER_NORESTART;
}

static void wakeup_run(struct irq_work *work)
{
	u64 since = ktime_get_ns() - last_ns;

	if (since >= WAKEUP_INTERVAL_NS)
		wake_readers();
	else
		hrtimer_start(&wakeup_timer, ns_to_ktime(WAKEUP_INTERVAL_NS - since),
			      HRTIMER_MODE_REL_SOFT);
}

static DEFINE_IRQ_WORK(wakeup_work, wakeup_run);

/**
 * tcpfsm_wakeup_init() - prepare to wake readers
 *
 * Context: process, at load.
 */
void __cold tcpfsm_wakeup_init(void)
{
	tcpfsm_hrtimer_setup(&wakeup_timer, wakeup_timeout, HRTIMER_MODE_REL_SOFT);
}

/**
 * tcpfsm_wakeup_exit() - wait for the last wake-up
 *
 * Context: process; no hook is left.
 */
void __cold tcpfsm_wakeup_exit(void)
{
	irq_work_sync(&wakeup_work);
	hrtimer_cancel(&wakeup_timer);
}

/**
 * tcpfsm_wakeup() - wake the readers that wait for an event
 *
 * The wake-up itself takes locks that the interrupted code may hold. Therefore it is left to an
 * interrupt, which puts it off if there was a wake-up just now.
 *
 * A waiter enters the queue, then has a full barrier, then looks at the rings. This function looks
 * at the queue after the full barrier in tcpfsm_ring_begin(). So either this function sees the
 * waiter, or the waiter sees a ring busy or written. If the ring is written, the waiter takes the
 * event. If the ring stays busy, the waiter itself asks for a wake-up, in order to look again: see
 * tcpfsm_reader_look().
 *
 * Context: any but NMI; after tcpfsm_ring_commit(), or in a waiter that has entered the queue.
 */
void tcpfsm_wakeup(void)
{
	/* The full barrier for this is in tcpfsm_ring_begin(), see above. */
	if (likely(!waitqueue_active(&waiting)) || READ_ONCE(pending))
		return;
	WRITE_ONCE(pending, true);
	irq_work_queue(&wakeup_work);
}

/**
 * tcpfsm_wakeup_queue() - get the queue of the readers that wait
 *
 * A waiter needs a full barrier between entering the queue and looking at the rings.
 */
wait_queue_head_t *tcpfsm_wakeup_queue(void)
{
	return &waiting;
}
