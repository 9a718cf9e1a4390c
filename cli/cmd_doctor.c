/*
 * kmemscope doctor: what this machine can record.
 */
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cli/cli_escape.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/words.h"
#include "cli/wrap.h"
#include "collector/doctor.h"

enum {
	NAME_WIDTH = 42,
	STATE_WIDTH = 8,
	FINDING = NAME_WIDTH + 1 + STATE_WIDTH, /* its column */
	REMEDY_INDENT = 4,
};

static void print_table(const struct doctor *doctor)
{
	size_t missing = 0;

	printf("%-*s %-*s %s\n", NAME_WIDTH, "WHAT", STATE_WIDTH, "STATE",
	       "FOUND");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_check *check = &doctor->checks[i];

		printf("%-*s %-*s", NAME_WIDTH, check->name, STATE_WIDTH,
		       doctor_state_word(check->state));
		wrap_print(stdout, check->finding, FINDING, FINDING);
		if (!check->remedy[0])
			continue;
		missing++;
		printf("%*s->", REMEDY_INDENT, "");
		wrap_print(stdout, check->remedy, REMEDY_INDENT + 2,
			   REMEDY_INDENT + 2);
	}
	if (!doctor_can_record(doctor))
		puts("\nThis machine cannot record: see what is missing.");
	else if (missing)
		printf("\nRecording works, with %zu thing%s missing.\n",
		       missing, missing == 1 ? "" : "s");
	else
		puts("\nRecording works, nothing is missing.");
}

static bool add_check(cJSON *list, const struct doctor_check *check)
{
	cJSON *row = cJSON_CreateObject();

	return cJSON_AddItemToArray(list, row) &&
	       cJSON_AddStringToObject(row, "name", check->name) &&
	       cJSON_AddStringToObject(row, "state",
				       doctor_state_word(check->state)) &&
	       cJSON_AddBoolToObject(row, "important", check->important) &&
	       cJSON_AddStringToObject(row, "finding", check->finding) &&
	       cJSON_AddStringToObject(row, "remedy", check->remedy);
}

static int print_json(const struct doctor *doctor, struct err *err)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(root, "checks");
	char *text = NULL;
	bool ok = list && cJSON_AddBoolToObject(root, "can_record",
						doctor_can_record(doctor));

	for (size_t i = 0; ok && i < doctor->count; i++)
		ok = add_check(list, &doctor->checks[i]);
	if (ok)
		text = cJSON_Print(root);
	cJSON_Delete(root);
	if (!text)
		return err_set(err, ERR_NOMEM, "doctor: out of memory");
	puts(text);
	cJSON_free(text);
	return 0;
}

static void print_csv(const struct doctor *doctor)
{
	puts("name,state,important,finding,remedy");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_check *check = &doctor->checks[i];

		escape_csv(stdout, check->name);
		printf(",%s,%s,", doctor_state_word(check->state),
		       check->important ? "true" : "false");
		escape_csv(stdout, check->finding);
		putchar(',');
		escape_csv(stdout, check->remedy);
		putchar('\n');
	}
}

static int print_doctor(const struct doctor *doctor, enum answer_format format,
			struct err *err)
{
	int ret = 0;

	if (format == ANSWER_TEXT)
		print_table(doctor);
	else if (format == ANSWER_CSV)
		print_csv(doctor);
	else
		ret = print_json(doctor, err);
	if (ret)
		return ret;
	return doctor_can_record(doctor) ? EXIT_OK : EXIT_NO;
}

static const struct command_option known_options[] = {
    WORDS_FORMAT,
    {0},
};

static int take_option(int option, const char *value, void *format,
		       struct err *err)
{
	(void)option;
	return words_format(value, format, err);
}

static int run(int argc, char **argv, struct err *err)
{
	enum answer_format format = ANSWER_TEXT;
	struct doctor doctor;
	int ret = command_line_options(&command_doctor, argc, argv, take_option,
				       &format, err);

	if (ret)
		return ret;
	if (optind < argc)
		return err_set(err, ERR_USAGE, "doctor: %.40s is no option",
			       argv[optind]);
	if (doctor_run(".", &doctor))
		return err_set(err, ERR_NOMEM, "doctor: out of memory");
	ret = print_doctor(&doctor, format, err);
	doctor_fini(&doctor);
	return ret;
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "[--format text|json|csv]",
    .summary = "what this machine can record, what is missing, how to get it",
    .options = known_options,
    .run = run,
};
