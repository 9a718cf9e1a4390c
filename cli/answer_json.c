#include <inttypes.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "cli/answer_forms.h"
#include "cli/cli_escape.h"

/* As raw text: cJSON keeps numbers as double and would round those > 2^53. */
static void add_int(cJSON *object, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	cJSON_AddRawToObject(object, name, text);
}

static void add_text(cJSON *object, const char *name, const char *text)
{
	char clean[4096];

	cJSON_AddStringToObject(object, name,
				escape_utf8(text, clean, sizeof(clean)));
}

static void add_cell(cJSON *object, const struct table *table, size_t row,
		     unsigned int column)
{
	const struct table_cell *cell = table_cell(table, row, column);
	const char *name = table->columns[column].name;
	char text[24];

	switch (cell->kind) {
	case CELL_NONE:
		cJSON_AddNullToObject(object, name);
		break;
	case CELL_INT:
		if (table->columns[column].unit != UNIT_ADDRESS) {
			add_int(object, name, cell->as.number);
			break;
		}
		snprintf(text, sizeof(text), "0x%" PRIx64,
			 (uint64_t)cell->as.number);
		cJSON_AddStringToObject(object, name, text);
		break;
	case CELL_REAL:
		cJSON_AddNumberToObject(object, name, cell->as.real);
		break;
	case CELL_TEXT:
		add_text(object, name, table_text_at(table, cell));
		break;
	}
}

static void add_recording(cJSON *root, const char *key, const char *input,
			  const struct trace *trace)
{
	cJSON *recording = cJSON_AddObjectToObject(root, key);
	cJSON *anomalies;

	add_text(recording, "input", input);
	add_text(recording, "release", trace->info.release);
	add_text(recording, "machine", trace->info.machine);
	add_int(recording, "page_size", trace->info.page_size);
	cJSON_AddBoolToObject(recording, "linked", trace->info.linked);
	add_text(recording, "link_reason", trace->info.link_reason);
	cJSON_AddBoolToObject(recording, "partial", trace->info.partial);
	add_text(recording, "partial_reason", trace->info.partial_reason);
	anomalies = cJSON_AddObjectToObject(recording, "anomalies");
	for (unsigned int id = 0; id < ANOMALY_COUNT; id++)
		add_int(anomalies, anomaly_word((enum anomaly)id),
			(int64_t)trace->anomalies.count[id]);
}

static void add_table(cJSON *root, const struct table *table, cJSON *notes)
{
	cJSON *rows = cJSON_AddArrayToObject(root, table->name);
	char clean[4096];

	for (size_t row = 0; row < table->row_count; row++) {
		cJSON *object = cJSON_CreateObject();

		for (unsigned int i = 0; i < table->column_count; i++)
			add_cell(object, table, row, i);
		cJSON_AddItemToArray(rows, object);
	}
	for (size_t i = 0; i < table->note_count; i++)
		cJSON_AddItemToArray(
		    notes, cJSON_CreateString(escape_utf8(
			       table_note_at(table, i), clean, sizeof(clean))));
}

int answer_json(const struct answer *answer, FILE *file, struct err *err)
{
	cJSON *root = cJSON_CreateObject(), *notes = cJSON_CreateArray();
	char *text;

	add_recording(root, "recording", answer->input, answer->trace);
	if (answer->other)
		add_recording(root, "other_recording", answer->other_input,
			      answer->other);
	for (size_t i = 0; i < answer->table_count; i++)
		add_table(root, &answer->tables[i], notes);
	cJSON_AddItemToObject(root, "notes", notes);
	text = cJSON_Print(root);
	cJSON_Delete(root);
	if (!text)
		return err_set(err, ERR_NOMEM,
			       "out of memory for JSON; use -l or csv");
	fputs(text, file);
	fputc('\n', file);
	free(text);
	return 0;
}
