// SPDX-License-Identifier: GPL-2.0
/*
 * impostor.c - the same, with a function that is called as one of the kernel's own is
 */
#define STRANGER tcp_rcv_synsent_state_process
#include "stranger.c"
