// SPDX-License-Identifier: GPL-2.0
/*
 * procfs_stat.c - /proc/tcpfsm_stat and the parameters: the counters, and who may read them
 */
#include <ctype.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/states.h"
#define FIXTURE_NAME stat
#include "procfs.h"

static const char *const paths[] = { TEXT_PATH, RAW_PATH, STAT_PATH };

static const char *skip_name(const char *text)
{
	if (!isalpha(*text) && *text != '_')
		return NULL;
	while (isalnum(*text) || *text == '_')
		text++;
	return text;
}

/* Skip label="value",... and the closing brace. No value here needs an escape. */
static const char *skip_labels(const char *text)
{
	do {
		text = skip_name(text);
		if (!text || text[0] != '=' || text[1] != '"')
			return NULL;
		text += 2 + strcspn(text + 2, "\"\n");
		if (*text++ != '"')
			return NULL;
	} while (*text++ == ',');
	return text[-1] == '}' ? text : NULL;
}

/* Return whether a line is "name value" or "name{labels} value". */
static bool is_counter(const char *line)
{
	const char *text = skip_name(line);

	if (text && *text == '{')
		text = skip_labels(text + 1);
	if (!text || *text++ != ' ' || !isdigit(*text))
		return false;
	while (isdigit(*text))
		text++;
	return *text == '\0';
}

/* Return the value of the line that begins with this name, or -1 if there is none. */
static long long value_of(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (; text; text = strchr(text, '\n'), text += !!text)
		if (!strncmp(text, name, len) && text[len] == ' ')
			return atoll(text + len);
	return -1;
}

static long long counter(const char *name)
{
	char *text = read_file(STAT_PATH);
	long long value = value_of(text, name);

	free(text);
	return value;
}

/* Return the number of transitions over an edge, for all causes. */
static long long transitions(uint8_t old, uint8_t new)
{
	char *text = read_file(STAT_PATH), *line, *rest = text, name[80];
	long long sum = 0;

	snprintf(name, sizeof(name), "transitions{old=\"%s\",new=\"%s\",", tcpfsm_state_name(old),
		 tcpfsm_state_name(new));
	while ((line = strsep(&rest, "\n")))
		if (!strncmp(line, name, strlen(name)))
			sum += atoll(strrchr(line, ' '));
	free(text);
	return sum;
}

TEST_F(stat, syntax)
{
	char *text = read_file(STAT_PATH), *line, *rest = text;

	ASSERT_NE(NULL, text);
	ASSERT_EQ('\n', text[strlen(text) - 1]);
	text[strlen(text) - 1] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		EXPECT_TRUE(is_counter(line))
		{
			TH_LOG("'%s'", line);
		}
	}
	free(text);
}

/* Each series occurs once. */
TEST_F(stat, no_duplicates)
{
	char *text = read_file(STAT_PATH), *line, *rest = strdup(text);

	while ((line = strsep(&rest, "\n")) && *line) {
		char *found, *end = strrchr(line, ' ');

		end[1] = '\0';
		found = strstr(text, line);
		/* The first one may be the end of a longer name. */
		while (found && found != text && found[-1] != '\n')
			found = strstr(found + 1, line);
		ASSERT_NE(NULL, found);
		for (found = strstr(found + 1, line); found; found = strstr(found + 1, line)) {
			EXPECT_NE('\n', found[-1])
			{
				TH_LOG("'%s' twice", line);
			}
		}
	}
}

TEST_F(stat, names)
{
	static const char *const names[] = {
		"version", "recorded", "overwritten", "filtered", "dwell_unknown", "cause_unknown",
	};
	char *text = read_file(STAT_PATH);
	size_t i;

	ASSERT_NE(NULL, text);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_LE(0, value_of(text, names[i]))
		{
			TH_LOG("no %s", names[i]);
		}
	}
	EXPECT_EQ(TCPFSM_ABI_VERSION, value_of(text, "version"));
	EXPECT_LE(0, value_of(text, "missed{hook=\"tcp_set_state\"}"));
	EXPECT_LE(0, value_of(text, "repaired{hook=\"tcp_set_state\"}"));
	free(text);
}

/* Each transition is counted once, under its edge. */
TEST_F(stat, exact)
{
	/* The listener, the client and the server take these edges, and no end takes the last. */
	static const struct {
		uint8_t old, new;
		int times;
	} edges[] = {
		{ TCPFSM_CLOSE, TCPFSM_LISTEN, 1 },
		{ TCPFSM_CLOSE, TCPFSM_SYN_SENT, 1 },
		{ TCPFSM_SYN_SENT, TCPFSM_ESTABLISHED, 1 },
		{ TCPFSM_ESTABLISHED, TCPFSM_FIN_WAIT1, 1 },
		{ TCPFSM_FIN_WAIT1, TCPFSM_FIN_WAIT2, 1 },
		{ TCPFSM_FIN_WAIT2, TCPFSM_TIME_WAIT, 1 },
		{ TCPFSM_LISTEN, TCPFSM_SYN_RECV, 1 },
		{ TCPFSM_SYN_RECV, TCPFSM_ESTABLISHED, 1 },
		{ TCPFSM_ESTABLISHED, TCPFSM_CLOSE_WAIT, 1 },
		{ TCPFSM_CLOSE_WAIT, TCPFSM_LAST_ACK, 1 },
		{ TCPFSM_LAST_ACK, TCPFSM_CLOSE, 1 },
		{ TCPFSM_ESTABLISHED, TCPFSM_CLOSE, 0 },
	};
	long long before[ARRAY_SIZE(edges)], recorded = counter("recorded");
	struct ends ends = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(edges); i++)
		before[i] = transitions(edges[i].old, edges[i].new);
	DO(sock_establish(&self->world, &ends));
	DO(chain_expect(&self->world, ends.client_id, "CLOSE>SYN_SENT>ESTABLISHED"));
	sock_close(&self->world, ends.client);
	DO(chain_expect(&self->world, ends.client_id, ">FIN_WAIT1>FIN_WAIT2"));
	DO(chain_expect(&self->world, ends.server_id, "LISTEN>SYN_RECV>ESTABLISHED>CLOSE_WAIT"));
	sock_close(&self->world, ends.server);
	DO(chain_expect(&self->world, ends.server_id, ">LAST_ACK>CLOSE"));
	DO(chain_expect(&self->world, ends.client_id, ">TIME_WAIT"));
	ASSERT_EQ(recorded + ARRAY_SIZE(edges) - 1, counter("recorded"));
	for (i = 0; i < ARRAY_SIZE(edges); i++) {
		EXPECT_EQ(before[i] + edges[i].times, transitions(edges[i].old, edges[i].new))
		{
			TH_LOG("%s>%s", tcpfsm_state_name(edges[i].old),
			       tcpfsm_state_name(edges[i].new));
		}
	}
	ASSERT_EQ(0, counter("cause_unknown"));
}

/* The counters keep their values when the ring is emptied. */
TEST_F(stat, clear_keeps_counters)
{
	long long recorded;

	ASSERT_NE(0, two_events(&self->world));
	recorded = counter("recorded");
	ASSERT_LE(2, recorded);
	ASSERT_EQ(0, write_file(TEXT_PATH, "clear", 5));
	ASSERT_EQ(recorded, counter("recorded"));
}

static int set_enabled(const char *text)
{
	return write_file(PARAM_PATH "enabled", text, strlen(text));
}

TEST_F(stat, enabled)
{
	int fd = sock_listen(&self->world, PORT, 1);
	uint64_t id = sock_id(fd), unseen;
	long long recorded;
	char *text;

	DO(chain_expect(&self->world, id, "CLOSE>LISTEN"));
	ASSERT_EQ(0, set_enabled("0"));
	recorded = counter("recorded");
	sock_close(&self->world, fd);
	unseen = two_events(&self->world);
	ASSERT_EQ(0, set_enabled("1"));
	ASSERT_EQ(recorded, counter("recorded"));
	text = read_file(PARAM_PATH "enabled");
	ASSERT_NE(NULL, text);
	ASSERT_STREQ("Y\n", text);
	free(text);
	DO(sock_mark(&self->world, SERVER));
	DO(chain_none_of(&self->world, unseen));
	ASSERT_EQ(recorded + 2, counter("recorded"));
	/* The end of this chain was not recorded, so do not expect it. */
	self->world.nr_chains = 0;
	self->world.stream.nr = 0;
}

TEST_F(stat, enabled_nonsense)
{
	static const char *const bad[] = { "maybe", "2", "-1", "\n" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, set_enabled(bad[i]))
		{
			TH_LOG("'%s'", bad[i]);
		}
	}
	/* Setting the same value again does no harm. */
	ASSERT_EQ(0, set_enabled("1"));
	ASSERT_EQ(0, set_enabled("Y"));
	ASSERT_NE(0, two_events(&self->world));
	DO(sock_mark(&self->world, SERVER));
}

TEST_F(stat, mode)
{
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(paths); i++) {
		ASSERT_EQ(0, stat(paths[i], &st));
		EXPECT_EQ(S_IFREG | 0440, st.st_mode);
		EXPECT_EQ(0, st.st_uid);
	}
}

/* Open the files as a user without rights, and exit with 0 if none can be opened. */
static void try_as_nobody(void)
{
	size_t i;
	int ret = 0;

	if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		_exit(2);
	for (i = 0; i < ARRAY_SIZE(paths); i++)
		if (open(paths[i], O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES ||
		    open(paths[i], O_WRONLY | O_CLOEXEC) >= 0 || errno != EACCES)
			ret = 1;
	_exit(ret);
}

TEST_F(stat, unprivileged)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		try_as_nobody();
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
}

/* The counters add up all namespaces, so a process that sees only one may not read them. */
TEST_F(stat, other_namespace)
{
	uint64_t id = two_events(&self->world);
	char *text, word[32];
	int fd;

	DO(world_enter(&self->world, CLIENT));
	fd = open(STAT_PATH, O_RDONLY | O_CLOEXEC);
	text = read_file(TEXT_PATH);
	EXPECT_NE(0, write_file(TEXT_PATH, "clear", 5));
	DO(world_return(&self->world));
	EXPECT_GT(0, fd);
	ASSERT_NE(NULL, text);
	snprintf(word, sizeof(word), " %llx ", (unsigned long long)id);
	EXPECT_EQ(NULL, strstr(text, word));
	free(text);
	/* The other namespace has not emptied the ring. */
	text = read_file(TEXT_PATH);
	ASSERT_NE(NULL, text);
	ASSERT_NE(NULL, strstr(text, word));
	free(text);
}

TEST_HARNESS_MAIN
