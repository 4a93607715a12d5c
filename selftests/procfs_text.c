// SPDX-License-Identifier: GPL-2.0
/*
 * procfs_text.c - /proc/tcpfsm, which gives a snapshot as text for each open
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "core/states.h"
#define FIXTURE_NAME text
#include "procfs.h"

#define NR_COLUMNS 11
#define READERS	   3

static const char *const names[NR_COLUMNS] = {
	"TIME", "ID", "OLD", "NEW", "CAUSE", "DWELL_US", "LOCAL", "REMOTE", "UID", "PID", "COMM",
};

/* Cut off and return the next line of a text. Return NULL after the last one. */
static char *next_line(char **text)
{
	return strsep(text, "\n");
}

/* Cut a line into words. Return how many there are. */
static int split(char *line, char *words[], int max)
{
	char *word;
	int nr = 0;

	for (word = strtok(line, " \t"); word; word = strtok(NULL, " \t"))
		if (nr++ < max)
			words[nr - 1] = word;
	return nr;
}

/* Return the lines of a text that have this ID, each followed by a newline. */
static char *lines_of(const char *text, const char *id)
{
	char *copy = strdup(text), *rest = copy, *line, *found = strdup("");
	char *words[2] = { "", "" }, *word;

	while ((line = next_line(&rest))) {
		word = strdup(line);
		words[1] = "";
		split(word, words, 2);
		if (line[0] != '#' && !strcmp(words[1], id)) {
			found = realloc(found, strlen(found) + strlen(line) + 2);
			strcat(strcat(found, line), "\n");
		}
		free(word);
	}
	free(copy);
	return found;
}

static int count_lines(const char *text)
{
	int nr = 0;

	for (; *text; text++)
		nr += *text == '\n';
	return nr;
}

static int count_of(const char *text, uint64_t id)
{
	char word[32], *lines;
	int nr;

	snprintf(word, sizeof(word), "%llx", (unsigned long long)id);
	lines = lines_of(text, word);
	nr = count_lines(lines);
	free(lines);
	return nr;
}

TEST_F(text, header)
{
	char *text = read_file(TEXT_PATH), *rest = text, *line, *words[32];
	int i, nr, column = 0;

	ASSERT_NE(NULL, text);
	line = next_line(&rest);
	ASSERT_EQ('#', line[0]);
	nr = split(line + 1, words, 32);
	/* There may be more columns one day, before the last one. */
	for (i = 0; i < nr; i++)
		if (column < NR_COLUMNS && !strcmp(words[i], names[column]))
			column++;
	ASSERT_EQ(NR_COLUMNS, column);
	ASSERT_STREQ("COMM", words[nr - 1]);
	free(text);
}

static void describe_address(char *text, size_t size, const struct tcpfsm_event *event,
			     const uint8_t *addr, uint16_t port)
{
	char buf[INET6_ADDRSTRLEN];

	inet_ntop(event->family, addr, buf, sizeof(buf));
	snprintf(text, size, event->family == AF_INET ? "%s:%u" : "[%s]:%u", buf, port);
}

static void describe_number(char *text, size_t size, bool known, uint64_t number)
{
	if (known)
		snprintf(text, size, "%llu", (unsigned long long)number);
	else
		snprintf(text, size, "-");
}

static bool same(struct world *world, const char *column, const char *is, const char *should)
{
	return !strcmp(is, should) ||
	       world_fail(world, "%s is '%s', should be '%s'", column, is, should);
}

/* Check that the words of a line agree with the binary record of the event. */
static bool check_line(struct world *world, char *words[], const struct tcpfsm_event *event)
{
	char expected[NR_COLUMNS][80];
	int i;

	snprintf(expected[0], sizeof(expected[0]), "%llu.%09llu",
		 (unsigned long long)(event->time_ns / NSEC_PER_SEC),
		 (unsigned long long)(event->time_ns % NSEC_PER_SEC));
	snprintf(expected[1], sizeof(expected[1]), event->gen > 1 ? "%llx/%u" : "%llx",
		 (unsigned long long)event->id, event->gen);
	snprintf(expected[2], sizeof(expected[2]), "%s", tcpfsm_state_name(event->old));
	snprintf(expected[3], sizeof(expected[3]), "%s", tcpfsm_state_name(event->new));
	snprintf(expected[4], sizeof(expected[4]), "%s", tcpfsm_cause_name(event->cause));
	describe_number(expected[5], sizeof(expected[5]), event->dwell_ns != TCPFSM_UNKNOWN_DWELL,
			event->dwell_ns / 1000);
	describe_address(expected[6], sizeof(expected[6]), event, event->laddr, event->lport);
	describe_address(expected[7], sizeof(expected[7]), event, event->raddr, event->rport);
	describe_number(expected[8], sizeof(expected[8]), event->uid != TCPFSM_UNKNOWN_UID,
			event->uid);
	describe_number(expected[9], sizeof(expected[9]), event->pid, event->pid);
	snprintf(expected[10], sizeof(expected[10]), "%s", *event->comm ? event->comm : "-");
	for (i = 0; i < NR_COLUMNS; i++)
		if (!same(world, names[i], words[i], expected[i]))
			return false;
	return true;
}

/* Check that the text has every event of the binary stream, in the same order. */
static bool check_text(struct world *world, char *text)
{
	char *line, *words[NR_COLUMNS];
	size_t i = 0;

	while ((line = next_line(&text)) && i < world->stream.nr) {
		if (line[0] == '#')
			continue;
		if (split(line, words, NR_COLUMNS) != NR_COLUMNS)
			return world_fail(world, "%d columns", split(line, words, NR_COLUMNS));
		/* The text may have events of other connections. */
		if (strtoull(words[1], NULL, 16) != world->stream.events[i].id)
			continue;
		if (!check_line(world, words, &world->stream.events[i++]))
			return false;
	}
	return i == world->stream.nr || world_fail(world, "events are missing");
}

/*
 * Make a few connections, with an ID that has several generations. All have ended at the
 * end, except for one in TIME_WAIT if the kernel does not destroy it.
 */
static bool some_connections(struct world *world)
{
	struct ends ends = { 0 };
	bool killed;
	uint32_t i;

	if (!sock_establish(world, &ends))
		return false;
	sock_close(world, ends.client);
	/* Otherwise the server's FIN may carry the acknowledgment of the client's FIN. */
	if (!chain_expect(world, ends.client_id, "CLOSE>SYN_SENT>ESTABLISHED>FIN_WAIT1>FIN_WAIT2"))
		return false;
	sock_close(world, ends.server);
	if (!chain_expect(world, ends.client_id, ">TIME_WAIT") ||
	    !chain_expect(world, ends.server_id,
			  "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT>LAST_ACK>CLOSE") ||
	    !world_try_kill(world, CLIENT, 1 << TCP_TIME_WAIT, &killed))
		return false;
	ends.client = sock_open(world, CLIENT);
	for (i = 0; i < 3; i++)
		if (sock_connect(world, ends.client, PORT) || sock_disconnect(ends.client))
			return world_fail(world, "connect: %s", strerror(errno));
	sock_close_all(world, CLIENT);
	sock_close_all(world, SERVER);
	return killed ? chain_all_closed(world) : chain_all_idle(world);
}

TEST_F(text, columns)
{
	static const struct family families[] = { FAMILY_V4, FAMILY_V6, FAMILY_MAPPED };
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		self->world.family = &families[i];
		DO(some_connections(&self->world));
	}
	ASSERT_LT(30, self->world.stream.nr);
	text = read_file(TEXT_PATH);
	ASSERT_NE(NULL, text);
	DO(check_text(&self->world, text));
	free(text);
}

/* A line has its columns, whatever the name of the process. */
TEST_F(text, strange_name)
{
	static const char *const strange[] = {
		"a b", " ", "\n#\n", "\t-\t", "\\x", "\x01\xff", "",
	};
	char *text, *lines, *words[NR_COLUMNS], *rest, *line, id[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(strange); i++) {
		ASSERT_EQ(0, prctl(PR_SET_NAME, strange[i]));
		snprintf(id, sizeof(id), "%llx", (unsigned long long)two_events(&self->world));
		text = read_file(TEXT_PATH);
		ASSERT_NE(NULL, text);
		lines = lines_of(text, id);
		ASSERT_EQ(2, count_lines(lines));
		for (rest = lines; (line = next_line(&rest)) && *line;) {
			ASSERT_EQ(NR_COLUMNS, split(line, words, NR_COLUMNS))
			{
				TH_LOG("name '%s'", strange[i]);
			}
			ASSERT_EQ(getpid(), atoi(words[NR_COLUMNS - 2]));
		}
		free(lines);
		free(text);
	}
}

/* Become another program, which closes the sockets that close on exec. */
static int exec_true(void *name)
{
	static char *const argv[] = { "true", NULL };

	prctl(PR_SET_NAME, name);
	execve("/bin/true", argv, argv + 1);
	_exit(1);
}

#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

/* Start a process with a listener and a connection, which becomes another program. */
static pid_t exec_connected(struct world *world, bool in_thread, struct ends *shared)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_NAME, "before");
	if (!sock_establish(world, shared))
		_exit(1);
	if (!in_thread)
		exec_true("before");
	/* All other threads end with the program, including this one. */
	if (clone(exec_true, stack + sizeof(stack), THREAD, "before") >= 0)
		for (;;)
			pause();
	_exit(1);
}

/* Check that sockets closed by exec() give no name. The task had the new name already. */
static bool check_exec_names(struct world *world, pid_t pid)
{
	const struct tcpfsm_event *event = world->stream.events;
	const struct tcpfsm_event *end = event + world->stream.nr;
	unsigned int opened = 0, closed = 0;

	for (; event < end; event++) {
		bool opens = event->old == TCPFSM_CLOSE || event->old == TCPFSM_SYN_SENT;

		if (event->pid != (uint32_t)pid)
			continue;
		if (strcmp(event->comm, opens ? "before" : ""))
			return world_fail(world, "%s>%s by '%s'", tcpfsm_state_name(event->old),
					  tcpfsm_state_name(event->new), event->comm);
		opened += opens;
		closed += !opens;
	}
	/* No call opened the server's end, so two opened, and three closed. */
	return (opened >= 2 && closed >= 3) ||
	       world_fail(world, "%u opened, %u closed", opened, closed);
}

static bool exec_in(struct world *world, bool in_thread, struct ends *shared)
{
	pid_t pid = exec_connected(world, in_thread, shared);
	char *text;
	bool same;
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return world_fail(world, "the program did not run");
	world->helper = pid;
	if (!chain_expect(world, shared->listener_id, "CLOSE>LISTEN>CLOSE") ||
	    !chain_all_idle(world) || !check_exec_names(world, pid))
		return false;
	text = read_file(TEXT_PATH);
	same = text && check_text(world, text);
	free(text);
	return same;
}

TEST_F(text, closed_by_exec)
{
	struct ends *shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int in_thread;

	ASSERT_NE(MAP_FAILED, shared);
	for (in_thread = 0; in_thread < 2; in_thread++) {
		memset(shared, 0, sizeof(*shared));
		DO(exec_in(&self->world, in_thread, shared));
	}
	munmap(shared, sizeof(*shared));
}

/* A snapshot has no events after its open, and the next one has the old events as well. */
TEST_F(text, snapshot)
{
	uint64_t before = two_events(&self->world), after;
	int fd = open(TEXT_PATH, O_RDONLY | O_CLOEXEC);
	char *text, *later;

	ASSERT_LE(0, fd);
	after = two_events(&self->world);
	text = read_all(fd, 4096);
	ASSERT_NE(NULL, text);
	ASSERT_EQ(2, count_of(text, before));
	ASSERT_EQ(0, count_of(text, after));
	/* The file is still at its end. */
	ASSERT_EQ(0, read(fd, text, 1));
	later = read_file(TEXT_PATH);
	ASSERT_NE(NULL, later);
	ASSERT_EQ(2, count_of(later, before));
	ASSERT_EQ(2, count_of(later, after));
	/* The new text begins with the old one. */
	ASSERT_EQ(0, strncmp(text, later, strlen(text)));
	free(later);
	free(text);
	close(fd);
}

static bool in_order(char *text)
{
	unsigned long long time = 0, sec, nsec;
	char *line;

	while ((line = next_line(&text)) && *line) {
		if (*line == '#')
			continue;
		if (sscanf(line, " %llu.%9llu ", &sec, &nsec) != 2 ||
		    sec * NSEC_PER_SEC + nsec < time)
			return false;
		time = sec * NSEC_PER_SEC + nsec;
	}
	return true;
}

TEST_F(text, oldest_first)
{
	char *text;

	ASSERT_TRUE(many_events(&self->world, 400));
	text = read_file(TEXT_PATH);
	ASSERT_NE(NULL, text);
	ASSERT_LE(401, count_lines(text));
	ASSERT_TRUE(in_order(text));
	free(text);
}

/* Read the whole file into shared memory, and exit with 0 if that worked. */
static void read_into(char *shared, size_t size, size_t step)
{
	char *text = NULL;
	int fd = open(TEXT_PATH, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		text = read_all(fd, step);
	if (!text || strlen(text) >= size)
		_exit(1);
	strcpy(shared, text);
	_exit(0);
}

TEST_F(text, three_readers_at_once)
{
	const size_t size = 4 << 20;
	char *shared = mmap(NULL, READERS * size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t id = 0;
	int i, status;

	ASSERT_NE(MAP_FAILED, shared);
	for (i = 0; i < 100; i++)
		id = two_events(&self->world);
	for (i = 0; i < READERS; i++) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (pid == 0)
			read_into(shared + i * size, size, 1000 + i);
	}
	for (i = 0; i < READERS; i++) {
		ASSERT_LT(0, wait(&status));
		ASSERT_EQ(0, status);
	}
	ASSERT_EQ(2, count_of(shared, id));
	ASSERT_STREQ(shared, shared + size);
	ASSERT_STREQ(shared, shared + 2 * size);
	munmap(shared, READERS * size);
}

TEST_F(text, seek)
{
	uint64_t id = two_events(&self->world);
	int fd = open(TEXT_PATH, O_RDONLY | O_CLOEXEC);
	char *text = read_all(fd, 4096), *again;
	size_t len;

	ASSERT_NE(NULL, text);
	len = strlen(text);
	ASSERT_EQ(2, count_of(text, id));
	ASSERT_NE(0, two_events(&self->world));
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	again = read_all(fd, 333);
	ASSERT_NE(NULL, again);
	ASSERT_STREQ(text, again);
	free(again);
	ASSERT_EQ((off_t)len / 2, lseek(fd, len / 2, SEEK_SET));
	again = read_all(fd, 4096);
	ASSERT_NE(NULL, again);
	ASSERT_STREQ(text + len / 2, again);
	free(again);
	free(text);
	close(fd);
}

TEST_F(text, seek_beyond_the_end)
{
	char *text = read_file(TEXT_PATH), buf[64];
	int fd = open(TEXT_PATH, O_RDONLY | O_CLOEXEC);
	off_t len;

	ASSERT_NE(NULL, text);
	len = strlen(text);
	ASSERT_LE(0, fd);
	/* The seek is refused or comes to the end of file, never to another part of the text. */
	ASSERT_TRUE(lseek(fd, len + 1000000, SEEK_SET) < 0 ? errno == EINVAL :
							     read(fd, buf, sizeof(buf)) == 0);
	ASSERT_EQ(-1, lseek(fd, -1, SEEK_SET));
	ASSERT_EQ(EINVAL, errno);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	free(text);
	text = read_all(fd, 4096);
	ASSERT_NE(NULL, text);
	ASSERT_LE(len, (off_t)strlen(text));
	free(text);
	close(fd);
}

TEST_F(text, tiny_reads)
{
	char *text, *bytes, c = 'x';
	int fd[2], i;

	/* Reading byte by byte is slow, so keep the text short. */
	ASSERT_EQ(0, write_file(TEXT_PATH, "clear", 5));
	ASSERT_TRUE(many_events(&self->world, 20));
	for (i = 0; i < 2; i++) {
		fd[i] = open(TEXT_PATH, O_RDONLY | O_CLOEXEC);
		ASSERT_LE(0, fd[i]);
	}
	ASSERT_EQ(0, read(fd[0], &c, 0));
	ASSERT_EQ('x', c);
	bytes = read_all(fd[0], 1);
	text = read_all(fd[1], 4096);
	ASSERT_NE(NULL, bytes);
	ASSERT_NE(NULL, text);
	ASSERT_STREQ(text, bytes);
	ASSERT_EQ(21, count_lines(text));
	free(bytes);
	free(text);
}

TEST_F(text, clear)
{
	static const char *const words[] = { "clear", "clear\n" };
	uint64_t before, after;
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		before = two_events(&self->world);
		ASSERT_EQ(0, write_file(TEXT_PATH, words[i], strlen(words[i])));
		text = read_file(TEXT_PATH);
		ASSERT_NE(NULL, text);
		ASSERT_EQ(0, count_of(text, before));
		ASSERT_EQ(1, count_lines(text));
		ASSERT_EQ('#', text[0]);
		free(text);
		after = two_events(&self->world);
		text = read_file(TEXT_PATH);
		ASSERT_NE(NULL, text);
		ASSERT_EQ(0, count_of(text, before));
		ASSERT_EQ(2, count_of(text, after));
		free(text);
	}
}

/* "clear" does not take the events of a snapshot that is open, or of a stream. */
TEST_F(text, clear_while_read)
{
	uint64_t id = two_events(&self->world);
	int fd = open(TEXT_PATH, O_RDONLY | O_CLOEXEC);
	char *text;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, write_file(TEXT_PATH, "clear", 5));
	text = read_all(fd, 4096);
	ASSERT_NE(NULL, text);
	ASSERT_EQ('#', text[0]);
	free(text);
	close(fd);
	DO(chain_expect(&self->world, id, "CLOSE>LISTEN>CLOSE"));
	ASSERT_EQ(0, self->world.stream.lost);
}

TEST_F(text, unknown_words)
{
	static const char *const words[] = {
		"",	  "\n",	   "c",	    "cle", "clear ",	     " clear", "clear\n\n",
		"clearx", "CLEAR", "reset", "0",   "clear\nclear\n", "\xff",
	};
	uint64_t id = two_events(&self->world);
	static char page[70000];
	char *text;
	size_t i;

	memset(page, 'c', sizeof(page));
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		EXPECT_EQ(-EINVAL, write_file(TEXT_PATH, words[i], strlen(words[i])))
		{
			TH_LOG("'%s'", words[i]);
		}
	}
	EXPECT_EQ(-EINVAL, write_file(TEXT_PATH, "clear\0", 6));
	EXPECT_EQ(-EINVAL, write_file(TEXT_PATH, page, 4096));
	EXPECT_EQ(-EINVAL, write_file(TEXT_PATH, page, sizeof(page)));
	text = read_file(TEXT_PATH);
	ASSERT_NE(NULL, text);
	ASSERT_EQ(2, count_of(text, id));
	free(text);
}

TEST_HARNESS_MAIN
