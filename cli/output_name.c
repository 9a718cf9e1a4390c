#include "cli/output_name.h"

#include <string.h>

/* Length of the input's name without the suffix of what it is. */
static size_t stem_length(const struct output_kind *kind, const char *input)
{
	static const char *const suffixes[] = {".db", ".kmem", ".dat", ".data"};
	size_t len = strlen(input);

	while (len && input[len - 1] == '/')
		len--;
	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		size_t suffix = strlen(suffixes[i]);

		if (strcmp(suffixes[i], kind->suffix) != 0 && len > suffix &&
		    !memcmp(input + len - suffix, suffixes[i], suffix))
			return len - suffix;
	}
	return len;
}

int output_name(const struct output_kind *kind, const char *input,
		const char *asked, char output[OUTPUT_NAME_MAX],
		struct err *err)
{
	size_t len;

	if (asked) {
		if (!*asked || strlen(asked) >= OUTPUT_NAME_MAX)
			return err_set(err, ERR_USAGE,
				       "%s: -o needs a name for the %s",
				       kind->command, kind->noun);
		strcpy(output, asked);
		return 0;
	}
	len = stem_length(kind, input);
	if (!len || input[len - 1] == '.' || input[len - 1] == '/')
		return err_set(err, ERR_USAGE,
			       "%s: %s gives the %s no name: use -o",
			       kind->command, input, kind->noun);
	if (len + strlen(kind->suffix) + 1 > OUTPUT_NAME_MAX)
		return err_set(err, ERR_LIMIT, "%s: the name is too long",
			       kind->command);
	memcpy(output, input, len);
	strcpy(output + len, kind->suffix);
	return 0;
}
