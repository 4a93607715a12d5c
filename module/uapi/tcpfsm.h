/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * tcpfsm.h - the binary interface of /proc/tcpfsm_raw
 *
 * A read returns whole records and nothing else. Every record starts with the same eight bytes:
 * size, version, type, flags. A reader steps from record to record by @size, never by sizeof(). So
 * it can read the longer records of a newer module. Fields are only ever added at the end. @version
 * grows when a field changes its meaning. All numbers are in the byte order of the machine that
 * recorded them. Addresses are in network byte order.
 */
#ifndef _UAPI_TCPFSM_H
#define _UAPI_TCPFSM_H

#include <linux/types.h>

#define TCPFSM_ABI_VERSION 1
#define TCPFSM_COMM_LEN	   16

/**
 * enum tcpfsm_state - states of RFC 9293, section 3.3.2, as the kernel numbers them
 *
 * A request sock (the kernel's TCP_NEW_SYN_RECV) is in SYN_RECV. A timewait sock whose substate is
 * FIN_WAIT2 is in FIN_WAIT2.
 */
enum tcpfsm_state {
	TCPFSM_ESTABLISHED = 1,
	TCPFSM_SYN_SENT,
	TCPFSM_SYN_RECV,
	TCPFSM_FIN_WAIT1,
	TCPFSM_FIN_WAIT2,
	TCPFSM_TIME_WAIT,
	TCPFSM_CLOSE,
	TCPFSM_CLOSE_WAIT,
	TCPFSM_LAST_ACK,
	TCPFSM_LISTEN,
	TCPFSM_CLOSING,
	TCPFSM_NR_STATES /* one more than the largest state */
};

/**
 * enum tcpfsm_type - kinds of records
 * @TCPFSM_REC_EVENT: one transition of one connection
 * @TCPFSM_REC_LOST: this reader was overtaken. tcpfsm_event.lost is the number of transitions that
 *	the reader will never see. It is TCPFSM_LOST_UNKNOWN for a reader outside the initial
 *	network namespace, which must not learn how busy others are. None of the lost transitions is
 *	younger than @time_ns. Older events of other CPUs may still follow. Only the first eight
 *	bytes, @time_ns and @lost mean something.
 */
enum tcpfsm_type {
	TCPFSM_REC_EVENT = 1,
	TCPFSM_REC_LOST = 2,
};

/* tcpfsm_event.flags */
#define TCPFSM_F_SYNCOOKIE (1u << 0)  /* the listener had answered with a syncookie */
#define TCPFSM_F_FASTOPEN  (1u << 1)  /* TCP Fast Open (RFC 7413) */
#define TCPFSM_F_FINACK	   (1u << 2)  /* FIN and the ACK of our FIN in one segment: */
				      /* RFC 9293's FIN_WAIT1 -> TIME_WAIT */
#define TCPFSM_F_ILLEGAL   (1u << 3)  /* not an edge of the diagram */
#define TCPFSM_F_REPAIRED  (1u << 4)  /* the kprobe missed it, the tracepoint recorded it */
#define TCPFSM_F_MAPPED	   (1u << 5)  /* IPv4 on an IPv6 socket */
#define TCPFSM_F_SOFTIRQ   (1u << 6)  /* ran in softirq, and without this flag in a task */
#define TCPFSM_F_TIMEWAIT  (1u << 7)  /* read from a timewait sock */
#define TCPFSM_F_REQUEST   (1u << 8)  /* read from a request sock */
#define TCPFSM_F_NOSEQ	   (1u << 9)  /* snd_una ... rcv_wnd are unknown */
#define TCPFSM_F_NOSTATS   (1u << 10) /* srtt_us ... bytes_received are unknown */

#define TCPFSM_UNKNOWN_DWELL (~0ULL)
#define TCPFSM_UNKNOWN_UID   (~0U)
#define TCPFSM_LOST_UNKNOWN  (~0ULL)

/**
 * struct tcpfsm_event - one record of /proc/tcpfsm_raw
 * @size: bytes of this record, this field included
 * @version: TCPFSM_ABI_VERSION of the module that wrote it
 * @type: enum tcpfsm_type
 * @flags: TCPFSM_F_*
 * @time_ns: CLOCK_MONOTONIC, nanoseconds
 * @id: socket cookie, as SO_COOKIE and "ss -e" show it; the same from the SYN to the end of 2MSL
 * @lost: (TCPFSM_REC_LOST) number of transitions that this reader lost
 * @dwell_ns: time spent in @old, or TCPFSM_UNKNOWN_DWELL
 * @cgroup: cgroup v2 id of the socket's owner, 0 if unknown
 * @bytes_sent: payload bytes handed to the network, retransmissions included
 * @bytes_received: payload bytes received in order; the kernel counts a FIN as one byte, too
 * @gen: number of the connection among those of this socket, from 1. A socket can be connected
 *	again after connect(AF_UNSPEC).
 * @netns: inode number of the network namespace
 * @uid: owner of the socket in the initial user namespace, or TCPFSM_UNKNOWN_UID
 * @pid: process (thread group) id in the pid namespace of the reader's /proc, if the transition ran
 *	in the owner's own system call. It is 0 otherwise, or if the process is not in that
 *	namespace or has gone. The initial pid namespace also shows processes that have gone.
 * @laddr: local address; only the first four bytes if @family is AF_INET
 * @raddr: remote address, in the same form; zero for a listener
 * @lport: local port, host byte order
 * @rport: remote port, host byte order; 0 for a listener
 * @family: AF_INET or AF_INET6; AF_INET for an IPv4-mapped address
 * @old: state before, enum tcpfsm_state
 * @new: state after
 * @cause: enum tcpfsm_cause (module/core/states.h); 0 if the cause was not determined
 * @snd_una: RFC 9293 SND.UNA; for a request sock the ISS
 * @snd_nxt: SND.NXT
 * @rcv_nxt: RCV.NXT
 * @snd_wnd: SND.WND, bytes
 * @rcv_wnd: RCV.WND, bytes
 * @srtt_us: smoothed round trip time, microseconds (RFC 6298)
 * @retrans: number of segments that the connection has retransmitted
 * @err: sk_err when the transition ran, a positive errno, or 0
 * @cpu: CPU that the transition ran on
 * @comm: name of the task, NUL padded. It is empty if @pid is 0. It is also empty if execve()
 *	closes the socket, because the task has the next program's name already.
 */
struct tcpfsm_event {
	__u16 size;
	__u16 version;
	__u16 type;
	__u16 flags;
	__u64 time_ns;
	union {
		__u64 id;
		__u64 lost;
	};
	__u64 dwell_ns;
	__u64 cgroup;
	__u64 bytes_sent;
	__u64 bytes_received;
	__u32 gen;
	__u32 netns;
	__u32 uid;
	__u32 pid;
	__u8 laddr[16];
	__u8 raddr[16];
	__u16 lport;
	__u16 rport;
	__u8 family;
	__u8 old;
	__u8 new;
	__u8 cause;
	__u32 snd_una;
	__u32 snd_nxt;
	__u32 rcv_nxt;
	__u32 snd_wnd;
	__u32 rcv_wnd;
	__u32 srtt_us;
	__u32 retrans;
	__s16 err;
	__u16 cpu;
	char comm[TCPFSM_COMM_LEN];
};

#endif /* _UAPI_TCPFSM_H */
