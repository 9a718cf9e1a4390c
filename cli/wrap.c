#include "cli/wrap.h"

#include <string.h>

enum { COLUMNS = 80 };

void wrap_print(FILE *file, const char *text, int column, int indent)
{
	while (*text) {
		int len = (int)strcspn(text, " ");

		if (column > indent && column + 1 + len > COLUMNS)
			column = fprintf(file, "\n%*s", indent, "") - 1;
		column += fprintf(file, " %.*s", len, text);
		text += len;
		text += strspn(text, " ");
	}
	fputc('\n', file);
}
