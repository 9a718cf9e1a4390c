/*
 * load: gets integers of either byte order from memory of any alignment.
 */
#ifndef PARSER_LOAD_H
#define PARSER_LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool load_swapped(bool big_endian)
{
	return big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

static inline uint16_t load_u16(const uint8_t *bytes, bool big_endian)
{
	uint16_t value;

	memcpy(&value, bytes, sizeof(value));
	return load_swapped(big_endian) ? __builtin_bswap16(value) : value;
}

static inline uint32_t load_u32(const uint8_t *bytes, bool big_endian)
{
	uint32_t value;

	memcpy(&value, bytes, sizeof(value));
	return load_swapped(big_endian) ? __builtin_bswap32(value) : value;
}

static inline uint64_t load_u64(const uint8_t *bytes, bool big_endian)
{
	uint64_t value;

	memcpy(&value, bytes, sizeof(value));
	return load_swapped(big_endian) ? __builtin_bswap64(value) : value;
}

#endif
