#include "analysis/stat_rows.h"

#include <stdlib.h>

#include "analysis/stat_key.h"

/* Grows an array to hold count + 1 elements of the given size. */
int stat_reserve(void **array, size_t *cap, size_t count, size_t size)
{
	size_t bigger = *cap ? *cap * 2 : 64;
	void *grown;

	if (count < *cap)
		return 0;
	if (count >= NUMBER_NONE - 1)
		return ERR_LIMIT;
	grown = realloc(*array, bigger * size);
	if (!grown)
		return ERR_NOMEM;
	*array = grown;
	*cap = bigger;
	return 0;
}

static uint64_t row_hash(const struct row_key *key)
{
	return number_hash(
	    number_hash(key->call_site,
			key->kinds ^ (uint64_t)key->name << KEY_SELF_SHIFT),
	    key->bytes_each ^ (uint64_t)key->gfp_flags << 32);
}

static bool row_equal(const struct row_key *a, const struct row_key *b)
{
	return a->call_site == b->call_site && a->kinds == b->kinds &&
	       a->bytes_each == b->bytes_each && a->name == b->name &&
	       a->gfp_flags == b->gfp_flags;
}

static bool key_is_page(const struct row_key *key)
{
	return (uint8_t)key->kinds == EV_PAGE_ALLOC;
}

static bool key_is_self(const struct row_key *key)
{
	return key->kinds >> KEY_SELF_SHIFT & 1;
}

/* A row without counts. */
struct site_summary stat_row_of(const struct row_key *key)
{
	uint64_t kinds = key->kinds;

	return (struct site_summary){
	    .call_site = key->call_site,
	    .name = key->name,
	    .kind = (uint8_t)kinds,
	    .order = (uint8_t)(kinds >> KEY_ORDER_SHIFT),
	    .migratetype = (int8_t)(kinds >> KEY_TYPE_SHIFT),
	    .backing = (uint8_t)(kinds >> KEY_BACKING_SHIFT),
	    .gfp_flags = key->gfp_flags,
	    .self = key_is_self(key),
	    .large = kinds >> KEY_LARGE_SHIFT & 1,
	    .bytes_each = key->bytes_each,
	    .context = (uint32_t)(kinds >> KEY_CONTEXT_SHIFT),
	};
}

/* The part of a row's key that its line has too. */
static struct row_key line_key(const struct stat_rows *rows,
			       const struct row_key *key, bool fits)
{
	/* No kind of event: these share no line with rows that fit. */
	struct row_key line = {.call_site = key->call_site,
			       .kinds = fits ? 0 : UINT8_MAX};
	uint64_t self = 1ull << KEY_SELF_SHIFT;

	if (fits && stat_table_context(rows->table)) {
		line = (struct row_key){0};
		line.kinds = key->kinds >> KEY_CONTEXT_SHIFT
					       << KEY_CONTEXT_SHIFT;
	} else if (fits && rows->table == STAT_ORDER) {
		line.kinds = key->kinds & ((1ull << KEY_BACKING_SHIFT) - 1);
	} else if (key_is_page(key)) {
		line = *key;
	} else if (fits && rows->table == STAT_CACHE && key->name) {
		line = (struct row_key){.name = key->name};
	} else if (fits &&
		   (rows->table == STAT_CACHE || rows->table == STAT_CLASS)) {
		line = (struct row_key){.bytes_each = key->bytes_each};
		line.kinds = key->kinds & (0xff | 1ull << KEY_LARGE_SHIFT);
	}
	line.kinds &= ~self;
	if (!rows->self)
		line.kinds |= key->kinds & self;
	return line;
}

static int line_new(struct stat_rows *rows, const struct row_key *key,
		    bool detail, uint32_t *number)
{
	size_t cap = rows->line_cap, cap_keys = cap;
	struct stat_live line = {0};
	int ret;

	ret = stat_reserve((void **)&rows->line_keys, &cap_keys,
			   rows->line_count, sizeof(*rows->line_keys));
	if (!ret)
		ret = stat_reserve((void **)&rows->lines, &cap,
				   rows->line_count, sizeof(*rows->lines));
	if (ret)
		return ret;
	if (detail) {
		line.detail = calloc(1, sizeof(*line.detail));
		if (!line.detail)
			return ERR_NOMEM;
	}
	rows->line_cap = cap;
	*number = (uint32_t)rows->line_count++;
	rows->lines[*number] = line;
	rows->line_keys[*number] = *key;
	return 0;
}

/* The line of a new row. */
static int line_find(struct stat_rows *rows, const struct row_key *row,
		     uint32_t *number)
{
	struct site_summary sum = stat_row_of(row);
	bool fits = stat_row_fits(rows->table, &sum);
	struct row_key key = line_key(rows, row, fits);
	uint64_t hash = row_hash(&key);
	size_t at = SIZE_MAX;
	int ret;

	for (;;) {
		*number = number_index_next(&rows->line_index, hash, &at);
		if (*number == NUMBER_NONE)
			break;
		if (row_equal(&rows->line_keys[*number], &key))
			return 0;
	}
	ret = number_index_reserve(&rows->line_index);
	if (!ret)
		ret = line_new(
		    rows, &key,
		    rows->detail && fits && (rows->self || !sum.self), number);
	if (!ret)
		number_index_add(&rows->line_index, hash, *number);
	return ret;
}

static int row_new(struct stat_rows *rows, const struct row_key *key,
		   uint64_t hash, uint32_t *number)
{
	size_t cap = rows->row_cap, cap_lines = cap, cap_keys = cap;
	uint32_t line = 0;
	int ret;

	ret = stat_reserve((void **)&rows->line_of, &cap_lines, rows->row_count,
			   sizeof(*rows->line_of));
	if (!ret)
		ret = stat_reserve((void **)&rows->row_keys, &cap_keys,
				   rows->row_count, sizeof(*rows->row_keys));
	if (!ret)
		ret = stat_reserve((void **)&rows->rows, &cap, rows->row_count,
				   sizeof(*rows->rows));
	if (!ret)
		ret = number_index_reserve(&rows->row_index);
	if (!ret)
		ret = line_find(rows, key, &line);
	if (ret)
		return ret;
	rows->row_cap = cap;
	*number = (uint32_t)rows->row_count++;
	rows->rows[*number] = stat_row_of(key);
	rows->rows[*number].line = line;
	rows->row_keys[*number] = *key;
	rows->line_of[*number] = line;
	number_index_add(&rows->row_index, hash, *number);
	return 0;
}

int stat_rows_find(struct stat_rows *rows, const struct row_key *key,
		   uint32_t *number)
{
	uint64_t hash = row_hash(key);
	size_t at = SIZE_MAX;

	for (;;) {
		*number = number_index_next(&rows->row_index, hash, &at);
		if (*number == NUMBER_NONE)
			return row_new(rows, key, hash, number);
		if (row_equal(&rows->row_keys[*number], key))
			return 0;
	}
}

void stat_rows_fini(struct stat_rows *rows)
{
	for (size_t i = 0; i < rows->line_count; i++) {
		if (rows->lines[i].detail)
			free(rows->lines[i].detail->lives);
		free(rows->lines[i].detail);
	}
	number_index_fini(&rows->row_index);
	number_index_fini(&rows->line_index);
	free(rows->rows);
	free(rows->row_keys);
	free(rows->line_of);
	free(rows->lines);
	free(rows->line_keys);
	*rows = (struct stat_rows){0};
}
