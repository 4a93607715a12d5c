// SPDX-License-Identifier: GPL-2.0
/*
 * http.c - fsmstat --listen
 */
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out/openmetrics.h"

#define OPENMETRICS_TYPE "application/openmetrics-text"

/* A scraper connects every few seconds; more than that is not scraping. */
#define CONNECTIONS_MAX 16
#define TIMEOUT_SECONDS 30

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned int status,
			      const char *type, char *text, size_t len)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, text, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (!response) {
		free(text);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_line(struct MHD_Connection *connection, unsigned int status,
				   const char *line)
{
	char *text;
	int len = asprintf(&text, "%s\n", line);

	return len < 0 ? MHD_NO :
			 answer(connection, status, "text/plain; charset=utf-8", text, (size_t)len);
}

static enum MHD_Result answer_counters(struct MHD_Connection *connection, const char *stat_path)
{
	const char *accept =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	bool strict = accept && strstr(accept, OPENMETRICS_TYPE);
	struct fsm_counters stat;
	char error[256];
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (fsm_counters_read(&stat, stat_path, error, sizeof(error)))
		return answer_line(connection, MHD_HTTP_SERVICE_UNAVAILABLE, error);
	out = open_memstream(&text, &len);
	if (!out) {
		fsm_counters_free(&stat);
		return MHD_NO;
	}
	fsm_openmetrics(out, &stat, strict);
	fsm_counters_free(&stat);
	if (fclose(out)) {
		free(text);
		return MHD_NO;
	}
	return answer(connection, MHD_HTTP_OK,
		      strict ? OPENMETRICS_TYPE "; version=1.0.0; charset=utf-8" :
			       "text/plain; version=0.0.4; charset=utf-8",
		      text, len);
}

static enum MHD_Result on_request(void *stat_path, struct MHD_Connection *connection,
				  const char *url, const char *method, const char *version,
				  const char *upload, size_t *upload_len, void **state)
{
	static int seen;

	(void)version;
	(void)upload;
	/* The first call comes with the head of the request, others with what it uploads. */
	if (!*state) {
		*state = &seen;
		return MHD_YES;
	}
	if (*upload_len) {
		*upload_len = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_line(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET or HEAD only");
	if (strcmp(url, "/metrics"))
		return answer_line(connection, MHD_HTTP_NOT_FOUND, "only /metrics is here");
	return answer_counters(connection, stat_path);
}

/* Parse "9100" (loopback), "192.0.2.1:9100" or "[::1]:9100". */
static struct addrinfo *parse_where(const char *where)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	char host[64] = "127.0.0.1";
	const char *colon = strrchr(where, ':');
	const char *port = colon ? colon + 1 : where;
	struct addrinfo *list = NULL;
	size_t len;

	if (colon) {
		bool brackets = where[0] == '[' && colon > where + 1 && colon[-1] == ']';

		len = (size_t)(colon - where) - (brackets ? 2 : 0);
		if (!len || len >= sizeof(host) || (!brackets && memchr(where, ':', len)))
			return NULL;
		memcpy(host, where + (brackets ? 1 : 0), len);
		host[len] = '\0';
	}
	len = strlen(port);
	if (!len || len > 5 || strspn(port, "0123456789") != len || atoi(port) > 65535)
		return NULL;
	return getaddrinfo(host, port, &hints, &list) ? NULL : list;
}

static int open_socket(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, CONNECTIONS_MAX)) {
		int err = errno;

		close(fd);
		errno = err;
		return -1;
	}
	return fd;
}

static void say_where(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	char host[64], port[8];
	bool v6;

	if (getsockname(fd, (struct sockaddr *)&addr, &len) ||
	    getnameinfo((struct sockaddr *)&addr, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		return;
	v6 = addr.ss_family == AF_INET6;
	fprintf(stderr, "fsmstat: http://%s%s%s:%s/metrics, until ^C\n", v6 ? "[" : "", host,
		v6 ? "]" : "", port);
}

/**
 * fsm_http_serve() - serve until a signal comes
 * @where: address and port, or a port of the loopback address
 * @stat_path: FSM_STAT_PATH
 *
 * Return: exit status.
 */
int fsm_http_serve(const char *where, const char *stat_path)
{
	struct addrinfo *ai = parse_where(where);
	struct MHD_Daemon *daemon;
	sigset_t stoppers;
	int fd, got;

	if (!ai) {
		fprintf(stderr, "fsmstat: --listen wants PORT, ADDR:PORT or [ADDR]:PORT, not %s\n",
			where);
		return 2;
	}
	fd = open_socket(ai);
	freeaddrinfo(ai);
	if (fd < 0) {
		fprintf(stderr, "fsmstat: %s: %s\n", where, strerror(errno));
		return 1;
	}
	/* Block the signals before there are threads, so that no thread gets one. */
	sigemptyset(&stoppers);
	sigaddset(&stoppers, SIGINT);
	sigaddset(&stoppers, SIGTERM);
	sigprocmask(SIG_BLOCK, &stoppers, NULL);
	signal(SIGPIPE, SIG_IGN);

	daemon = MHD_start_daemon(MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
				  on_request, (void *)stat_path, MHD_OPTION_LISTEN_SOCKET, fd,
				  MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX,
				  MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_SECONDS, MHD_OPTION_END);
	if (!daemon) {
		fprintf(stderr, "fsmstat: %s: cannot start the server\n", where);
		return 1;
	}
	say_where(fd);
	sigwait(&stoppers, &got);
	MHD_stop_daemon(daemon);
	return 0;
}
