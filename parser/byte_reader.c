#include "parser/byte_reader.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parser/load.h"

void byte_reader_file(struct byte_reader *reader, int fd, uint64_t size,
		      const char *name)
{
	assert(reader && name);
	reader->at = 0;
	reader->end = size;
	reader->big_endian = false;
	reader->name = name;
	reader->what = "its header";
	reader->memory = NULL;
	reader->fd = fd;
	reader->buffer_at = 0;
	reader->buffer_len = 0;
}

void byte_reader_memory(struct byte_reader *reader, const void *bytes,
			uint64_t size, const char *name)
{
	byte_reader_file(reader, -1, size, name);
	reader->memory = bytes;
}

uint64_t byte_reader_left(const struct byte_reader *reader)
{
	return reader->end - reader->at;
}

bool byte_reader_seek(struct byte_reader *reader, uint64_t at)
{
	if (at > reader->end)
		return false;
	reader->at = at;
	return true;
}

bool byte_reader_skip(struct byte_reader *reader, uint64_t len)
{
	return len <= byte_reader_left(reader) &&
	       byte_reader_seek(reader, reader->at + len);
}

static bool read_file(const struct byte_reader *reader, uint8_t *to, size_t len,
		      uint64_t at, size_t *got)
{
	*got = 0;
	while (*got < len) {
		ssize_t n = pread(reader->fd, to + *got, len - *got,
				  (off_t)(at + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		*got += (size_t)n;
	}
	return true;
}

/* The byte at reader->at is in the buffer after this. */
static bool fill(struct byte_reader *reader)
{
	size_t len = BYTE_READER_BUFFER;

	if (reader->at >= reader->buffer_at &&
	    reader->at - reader->buffer_at < reader->buffer_len)
		return true;
	if (len > byte_reader_left(reader))
		len = (size_t)byte_reader_left(reader);
	reader->buffer_at = reader->at;
	return read_file(reader, reader->buffer, len, reader->at,
			 &reader->buffer_len) &&
	       reader->buffer_len;
}

bool byte_reader_get(struct byte_reader *reader, void *to, size_t len)
{
	uint8_t *bytes = to;

	if (len > byte_reader_left(reader))
		return false;
	if (reader->memory) {
		if (len)
			memcpy(to, reader->memory + reader->at, len);
		reader->at += len;
		return true;
	}
	if (len > BYTE_READER_BUFFER) {
		size_t got;

		if (!read_file(reader, bytes, len, reader->at, &got) ||
		    got < len)
			return false;
		reader->at += len;
		return true;
	}
	while (len) {
		size_t from, part;

		if (!fill(reader))
			return false;
		from = (size_t)(reader->at - reader->buffer_at);
		part = reader->buffer_len - from;
		if (part > len)
			part = len;
		memcpy(bytes, reader->buffer + from, part);
		bytes += part;
		len -= part;
		reader->at += part;
	}
	return true;
}

bool byte_reader_u16(struct byte_reader *reader, uint16_t *value)
{
	uint8_t bytes[2];

	if (!byte_reader_get(reader, bytes, sizeof(bytes)))
		return false;
	*value = load_u16(bytes, reader->big_endian);
	return true;
}

bool byte_reader_u32(struct byte_reader *reader, uint32_t *value)
{
	uint8_t bytes[4];

	if (!byte_reader_get(reader, bytes, sizeof(bytes)))
		return false;
	*value = load_u32(bytes, reader->big_endian);
	return true;
}

bool byte_reader_u64(struct byte_reader *reader, uint64_t *value)
{
	uint8_t bytes[8];

	if (!byte_reader_get(reader, bytes, sizeof(bytes)))
		return false;
	*value = load_u64(bytes, reader->big_endian);
	return true;
}

bool byte_reader_string(struct byte_reader *reader, char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (!byte_reader_get(reader, &text[i], 1))
			return false;
		if (!text[i])
			return true;
	}
	return false;
}

bool byte_reader_expect(struct byte_reader *reader, const char *bytes,
			size_t len)
{
	char got[64];

	assert(len <= sizeof(got));
	return byte_reader_get(reader, got, len) && !memcmp(got, bytes, len);
}

int byte_reader_text(struct byte_reader *reader, uint64_t len, uint64_t most,
		     struct file_text *text, struct err *err)
{
	char *bytes;

	if (len > most)
		return err_set(err, ERR_LIMIT,
			       "%s: %" PRIu64 " bytes of %s at byte %" PRIu64
			       " are more than there can be (%" PRIu64 ")",
			       reader->name, len, reader->what, reader->at,
			       most);
	if (len > byte_reader_left(reader))
		return byte_reader_cut(reader, err);
	bytes = malloc((size_t)len + 1);
	if (!bytes)
		return err_set(err, ERR_NOMEM, "%s: no memory for %s",
			       reader->name, reader->what);
	if (!byte_reader_get(reader, bytes, (size_t)len)) {
		free(bytes);
		return err_set(err, ERR_IO, "%s: cannot read %s: %s",
			       reader->name, reader->what, strerror(errno));
	}
	bytes[len] = '\0';
	*text = (struct file_text){bytes, (size_t)len};
	return 0;
}

int byte_reader_cut(const struct byte_reader *reader, struct err *err)
{
	return err_set(err, ERR_FORMAT,
		       "%s: damaged or cut short: no %s at byte %" PRIu64
		       " of %" PRIu64,
		       reader->name, reader->what, reader->at, reader->end);
}
