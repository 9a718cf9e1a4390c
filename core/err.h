/*
 * err: what a fallible function returns, and the words that go with it.
 *
 * A fallible function returns 0 or one negative code of this table. The
 * sentence that names the thing, the reason and the way out is written into
 * the caller's struct err where the failure happened. Nothing is printed here.
 */
#ifndef CORE_ERR_H
#define CORE_ERR_H

#define ERR_TABLE(X)                                                           \
	X(ERR_NOMEM, "out of memory")                                          \
	X(ERR_IO, "read or write failed")                                      \
	X(ERR_MISSING, "something required is missing")                        \
	X(ERR_FORMAT, "not in the expected format")                            \
	X(ERR_LIMIT, "a size or count is beyond what is accepted")             \
	X(ERR_USAGE, "wrong arguments")                                        \
	X(ERR_PERM, "not permitted")                                           \
	X(ERR_EXISTS, "already exists")                                        \
	X(ERR_UNSUPPORTED, "not supported")                                    \
	X(ERR_INTERRUPTED, "interrupted")                                      \
	X(ERR_SQL, "database error")                                           \
	X(ERR_CHILD, "a child process failed")

enum err_code {
	ERR_OK = 0,
	ERR_BASE_ = -1000, /* codes count up from here, all negative */
#define X(code, text) code,
	ERR_TABLE(X)
#undef X
};

/* Text is cut, never overrun. Zero-initialise before use. */
struct err {
	int code;
	char text[512];
};

#define MUST_CHECK __attribute__((warn_unused_result))

/*
 * Records code and a formatted sentence; returns code, so that a failing
 * function ends with "return err_set(err, ERR_IO, ...)". err may be NULL.
 */
int err_set(struct err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the recorded text. Returns err->code. */
int err_prefix(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The fixed text of a code ("ok" for 0). Static storage. */
const char *err_code_text(int code);

#endif
