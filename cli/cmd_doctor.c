/*
 * kmemscope doctor: what this machine can record.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "collector/doctor.h"

enum { COLUMNS = 80, NAME_WIDTH = 42, STATE_WIDTH = 8, REMEDY_INDENT = 4 };

/* Prints a space and text after column at; further lines begin below it. */
static void print_wrapped(const char *text, int at)
{
	int column = at;

	while (*text) {
		int len = (int)strcspn(text, " ");

		if (column > at && column + 1 + len > COLUMNS) {
			printf("\n%*s", at, "");
			column = at;
		}
		printf(" %.*s", len, text);
		column += 1 + len;
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void print_table(const struct doctor *doctor)
{
	size_t missing = 0;

	printf("%-*s %-*s %s\n", NAME_WIDTH, "WHAT", STATE_WIDTH, "STATE",
	       "FOUND");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_check *check = &doctor->checks[i];

		printf("%-*s %-*s", NAME_WIDTH, check->name, STATE_WIDTH,
		       doctor_state_word(check->state));
		print_wrapped(check->finding, NAME_WIDTH + 1 + STATE_WIDTH);
		if (!check->remedy[0])
			continue;
		missing++;
		printf("%*s->", REMEDY_INDENT, "");
		print_wrapped(check->remedy, REMEDY_INDENT + 2);
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

static int print_json(const struct doctor *doctor)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(root, "checks");
	struct err err = {.code = ERR_NOMEM};
	char *text = NULL;
	bool ok = list && cJSON_AddBoolToObject(root, "can_record",
						doctor_can_record(doctor));

	for (size_t i = 0; ok && i < doctor->count; i++)
		ok = add_check(list, &doctor->checks[i]);
	if (ok)
		text = cJSON_Print(root);
	cJSON_Delete(root);
	if (!text)
		return cli_fail(&err);
	puts(text);
	cJSON_free(text);
	return EXIT_OK;
}

/* A CSV field in quotes, its own quotes doubled (RFC 4180). */
static void print_field(const char *text, char end)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
	putchar(end);
}

static void print_csv(const struct doctor *doctor)
{
	puts("name,state,important,finding,remedy");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct doctor_check *check = &doctor->checks[i];

		print_field(check->name, ',');
		printf("%s,%s,", doctor_state_word(check->state),
		       check->important ? "true" : "false");
		print_field(check->finding, ',');
		print_field(check->remedy, '\n');
	}
}

static int print_doctor(const struct doctor *doctor, enum cli_format format)
{
	int status = EXIT_OK;

	if (format == CLI_TEXT)
		print_table(doctor);
	else if (format == CLI_CSV)
		print_csv(doctor);
	else
		status = print_json(doctor);
	if (status)
		return status;
	return doctor_can_record(doctor) ? EXIT_OK : EXIT_NO;
}

int cmd_doctor(int argc, char **argv)
{
	static const struct option long_options[] = {
	    {"format", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	enum cli_format format = CLI_TEXT;
	struct doctor doctor;
	int option, status;

	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) !=
	       -1) {
		if (option != 'f')
			return cli_usage("doctor [--format text|json|csv]");
		if (cli_format_parse(optarg, &format))
			return cli_usage("--format %s: text, json or csv",
					 optarg);
	}
	if (optind < argc)
		return cli_usage("doctor [--format text|json|csv]");
	if (doctor_run(".", &doctor)) {
		struct err err = {.code = ERR_NOMEM};

		return cli_fail(&err);
	}
	status = print_doctor(&doctor, format);
	doctor_fini(&doctor);
	return status;
}
