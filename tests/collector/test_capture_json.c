#include "collector/capture_json.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "tests/support/test.h"

static void expect_json_text(const cJSON *object, const char *name,
			     const char *want)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	assert_true(cJSON_IsString(item));
	expect_str_eq(item->valuestring, want);
}

static void expect_json_number(const cJSON *object, const char *name,
			       double want)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	assert_true(cJSON_IsNumber(item));
	expect_true(item->valuedouble >= want && item->valuedouble <= want);
}

static struct capture_json example(const struct unread *unread)
{
	static const struct cpu_record cpus[] = {
	    {0, {.entries = 10}},
	    {3, {.entries = 18446744073709551615u, .overrun = 7}},
	};
	static const pid_t self[] = {100, 101};

	return (struct capture_json){
	    .tool = "kmemscope 9",
	    .release = "6.18.44",
	    .machine = "x86_64",
	    .clock = "mono",
	    .page_size = 4096,
	    .long_size = 8,
	    .cpus = cpus,
	    .cpu_count = 2,
	    .markers = true,
	    .start = {.tv_sec = 1000000000},
	    .stop = {.tv_sec = 1000000001},
	    .start_ns = 5,
	    .stop_ns = 1000000005,
	    .buffer_kib = 1408,
	    .self_pids = self,
	    .self_count = 2,
	    .unread = unread,
	};
}

static void test_required(void **state)
{
	struct unread unread = {0};
	struct capture_json info = example(&unread);
	char *text;
	cJSON *root, *loss;

	(void)state;
	assert_int_equal(unread_add(&unread, "before/x", "because %d", 1), 0);
	assert_int_equal(unread_add(&unread, "before/x", "because %d", 2), 0);
	text = capture_json_text(&info);
	assert_non_null(text);
	/* A double would have rounded it. */
	assert_non_null(strstr(text, "18446744073709551615"));
	root = cJSON_Parse(text);
	assert_non_null(root);
	expect_json_number(root, "format", 1);
	expect_json_text(root, "release", "6.18.44");
	expect_json_text(root, "machine", "x86_64");
	expect_json_number(root, "page_size", 4096);
	expect_json_number(root, "long_size", 8);
	expect_json_text(root, "clock", "mono");
	expect_json_number(root, "cpus", 4);
	loss = cJSON_GetObjectItemCaseSensitive(root, "loss");
	expect_u64_eq((uint64_t)cJSON_GetArraySize(loss), 2);
	expect_json_number(cJSON_GetObjectItemCaseSensitive(loss, "3"),
			   "overrun", 7);
	expect_json_text(root, "start", "2001-09-09T01:46:40Z");
	expect_true(
	    cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(root, "filtered")));
	expect_true(!cJSON_HasObjectItem(root, "filters"));
	expect_true(!cJSON_HasObjectItem(root, "command"));
	expect_json_text(cJSON_GetObjectItemCaseSensitive(root, "unread"),
			 "before/x", "because 2");
	cJSON_Delete(root);
	free(text);
	unread_fini(&unread);
}

static void test_command_and_filters(void **state)
{
	char *const command[] = {"sh", "-c", "it's \xff \xc3\xa9", NULL};
	const struct event_filter filter = {recorded_event_find("kmalloc", 7),
					    "bytes_req>=1"};
	struct unread unread = {0};
	struct capture_json info = example(&unread);
	cJSON *root;
	char *text;

	(void)state;
	info.command = command;
	info.command_status = 3;
	info.filters = &filter;
	info.filter_count = 1;
	text = capture_json_text(&info);
	assert_non_null(text);
	root = cJSON_Parse(text);
	assert_non_null(root);
	expect_json_text(root, "command", "sh -c 'it'\\''s ? \xc3\xa9'");
	expect_json_number(root, "command_status", 3);
	expect_true(
	    cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(root, "filtered")));
	expect_json_text(cJSON_GetObjectItemCaseSensitive(root, "filters"),
			 "kmem/kmalloc", "bytes_req>=1");
	cJSON_Delete(root);
	free(text);
}

static void test_command_is_cut(void **state)
{
	char *const command[] = {"abc", "", "def", NULL};
	char line[9];

	(void)state;
	command_line_join(command, line, sizeof(line));
	expect_str_eq(line, "abc '' d");
	command_line_join(command, line, 1);
	expect_str_eq(line, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_required),
	    cmocka_unit_test(test_command_and_filters),
	    cmocka_unit_test(test_command_is_cut),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
