/* SPDX-License-Identifier: GPL-2.0 */
/*
 * edges.h - the fixture of the tests that take connections along the edges
 *
 * Every test runs once for each variant of the fixture below. A test does something to
 * its two hosts and names the chains of events that must follow. After the test, the
 * fixture checks that there was no other event, and that each connection ended once.
 *
 * A program defines FIXTURE_NAME before it includes this file. The name is the program's
 * without "edges_", so that fixture and case together identify a test.
 */
#ifndef TCPFSM_KSFT_EDGES_H
#define TCPFSM_KSFT_EDGES_H

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "lib/clock.h"
#include "lib/harness.h"
#include "lib/sock.h"
#include "lib/world.h"

/* The harness joins the names that it is given, so expand FIXTURE_NAME before it does. */
#define EXPAND(macro, ...) macro(__VA_ARGS__)

EXPAND(FIXTURE, FIXTURE_NAME)
{
	struct world world;
	struct ends ends;
	bool failed;
};

EXPAND(FIXTURE_VARIANT, FIXTURE_NAME)
{
	struct family family;
};

/* clang-format off */
EXPAND(FIXTURE_VARIANT_ADD, FIXTURE_NAME, v4)
{
	.family = FAMILY_V4,
};

EXPAND(FIXTURE_VARIANT_ADD, FIXTURE_NAME, v6)
{
	.family = FAMILY_V6,
};

EXPAND(FIXTURE_VARIANT_ADD, FIXTURE_NAME, mapped)
{
	.family = FAMILY_MAPPED,
};

/* clang-format on */

EXPAND(FIXTURE_SETUP, FIXTURE_NAME)
{
	if (world_missing())
		SKIP_FROM_SETUP("%s", world_missing());
	ASSERT_TRUE(world_begin(&self->world, &variant->family))
	{
		TH_LOG("%s", self->world.why);
	}
}

EXPAND(FIXTURE_TEARDOWN, FIXTURE_NAME)
{
	struct world *world = &self->world;
	bool seen, ended;

	if (!world->family || self->failed)
		return;
	seen = (world->netns[CLIENT] < 0 || sock_mark(world, CLIENT)) &&
	       (world->netns[SERVER] < 0 || sock_mark(world, SERVER)) && chain_all_seen(world);
	EXPECT_TRUE(seen);
	if (!seen)
		TH_LOG("at the end: %s", world->why);
	ended = world_end(world);
	EXPECT_TRUE(ended);
	if (!ended)
		TH_LOG("after the end: %s", world->why);
	if (world->unknown)
		TH_LOG("unknown causes: %u", world->unknown);
}

/* Do something that returns false if it fails, and then leaves the reason in the world. */
#define DO(action)                             \
	ASSERT_TRUE(action)                    \
	{                                      \
		TH_LOG("%s", self->world.why); \
		self->failed = true;           \
	}

#define CHAIN(id, spec) DO(chain_expect(&self->world, id, spec))

/* Most chains begin with one of these. */
#define LISTENING "CLOSE>LISTEN[listen]"
#define OPENED	  "CLOSE>SYN_SENT[open]>ESTABLISHED[rcv_synack]"
#define ACCEPTED  "LISTEN>SYN_RECV[rcv_syn]>ESTABLISHED[rcv_ack]"

/* Make a connection, and expect the chains of both of its ends. */
#define ESTABLISH()                                                    \
	do {                                                           \
		DO(sock_establish(&self->world, &self->ends));         \
		if (!chain_of(&self->world, self->ends.listener_id)) { \
			CHAIN(self->ends.listener_id, LISTENING);      \
		}                                                      \
		CHAIN(self->ends.client_id, OPENED);                   \
		CHAIN(self->ends.server_id, ACCEPTED);                 \
	} while (0)

#define TO_FIN_WAIT2 ">FIN_WAIT1[close]>FIN_WAIT2[rcv_ack]"

/* The client sends its FIN. Its end is then in FIN_WAIT2, the server's in CLOSE_WAIT. */
#define HALF_CLOSE()                                                 \
	do {                                                         \
		ASSERT_EQ(0, shutdown(self->ends.client, SHUT_WR));  \
		CHAIN(self->ends.client_id, TO_FIN_WAIT2);           \
		CHAIN(self->ends.server_id, ">CLOSE_WAIT[rcv_fin]"); \
	} while (0)

#endif /* TCPFSM_KSFT_EDGES_H */
