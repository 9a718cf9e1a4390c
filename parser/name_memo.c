#include "parser/name_memo.h"

int name_memo_add(struct name_memo_entry *entry,
		  const struct name_memo_entry *wanted, struct names *names,
		  const char *text, uint32_t *id)
{
	int ret = names_intern(names, text, wanted->len, id);

	if (ret || !wanted->len || wanted->len > NAME_MEMO_TEXT)
		return ret;
	*entry = *wanted;
	entry->id = *id;
	memcpy(entry->text, text, wanted->len);
	return 0;
}
