/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sock.h - TCP sockets on the two hosts
 */
#ifndef TCPFSM_KSFT_SOCK_H
#define TCPFSM_KSFT_SOCK_H

#include "world.h"

/* The hosts have nothing else on them, so a listener has whatever port it likes. */
#define PORT 80

/**
 * struct ends - a connection, with the listener that it came through
 * @listener: socket that listens
 * @client: socket that connected
 * @server: socket that was accepted
 * @listener_id: cookie of each
 * @client_id: likewise
 * @server_id: likewise
 */
struct ends {
	int listener;
	int client;
	int server;
	uint64_t listener_id;
	uint64_t client_id;
	uint64_t server_id;
};

int sock_open(struct world *world, enum side side);
int sock_open_protocol(struct world *world, enum side side, int protocol);
void sock_close(struct world *world, int fd);
void sock_close_all(struct world *world, enum side side);
int sock_bind(struct world *world, int fd, uint16_t port);
int sock_listen(struct world *world, uint16_t port, int backlog);
int sock_connect(struct world *world, int fd, uint16_t port);
int sock_disconnect(int fd);
int sock_accept(struct world *world, int listener);
int sock_set(int fd, int level, int option, int value);
int sock_reset_on_close(int fd);
bool sock_fill(struct world *world, int fd);
bool sock_wait(int fd, short events);
int sock_error(int fd);
int sock_state(int fd);
int sock_retransmits(int fd);
uint64_t sock_id(int fd);
uint16_t sock_port(int fd);
bool sock_establish(struct world *world, struct ends *ends);
bool sock_mark(struct world *world, enum side side);

#endif /* TCPFSM_KSFT_SOCK_H */
