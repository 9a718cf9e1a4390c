#include "plots/html.h"

#include "plots/label.h"

/* NULL for a character that means itself. */
static const char *entity_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(FILE *file, const char *text)
{
	while (*text) {
		const char *entity = entity_of(*text);
		size_t len = label_visible(text);

		if (entity) {
			fputs(entity, file);
		} else if (len) {
			fwrite(text, 1, len, file);
		} else {
			fprintf(file, "\\x%02x", (unsigned char)*text);
			len = 1;
		}
		text += len;
	}
}
