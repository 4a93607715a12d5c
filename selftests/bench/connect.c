// SPDX-License-Identifier: GPL-2.0
/*
 * connect.c - makes connections to itself and aborts them
 *
 *	connect NUMBER
 *
 * Each is six transitions of full sockets: opened, established at both ends, and reset, so
 * that no TIME_WAIT takes its port away.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int check(int result, const char *what)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static void connect_once(int server, const struct sockaddr_in *addr)
{
	struct linger none = { .l_onoff = 1 };
	int client = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
	int accepted;

	check(connect(client, (const struct sockaddr *)addr, sizeof(*addr)), "connect");
	accepted = check(accept(server, NULL, NULL), "accept");
	check(setsockopt(client, SOL_SOCKET, SO_LINGER, &none, sizeof(none)), "SO_LINGER");
	close(client);
	close(accepted);
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	long left = argc > 1 ? atol(argv[1]) : 1;
	int server = check(socket(AF_INET, SOCK_STREAM, 0), "socket");

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	check(bind(server, (const struct sockaddr *)&addr, sizeof(addr)), "bind");
	check(listen(server, 16), "listen");
	check(getsockname(server, (struct sockaddr *)&addr, &len), "getsockname");
	while (left-- > 0)
		connect_once(server, &addr);
	return 0;
}
