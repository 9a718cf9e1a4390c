#include "cli/stat_place.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser/load.h"

extern char **environ;

enum { SEGMENTS_MAX = 64 };

const char *place_by_word(enum place_by by)
{
	static const char *const words[] = {
	    [PLACE_FUNCTION] = "function",
	    [PLACE_MODULE] = "module",
	    [PLACE_FILE] = "source file",
	};

	return words[by];
}

/* The lowest address of a segment that is loaded and run; 0: none. */
static uint64_t text_segment(const uint8_t *list, size_t count, size_t size,
			     bool wide, bool be)
{
	uint64_t lowest = 0;

	for (size_t i = 0; i < count; i++) {
		const uint8_t *entry = list + i * size;
		uint32_t type = load_u32(entry, be);
		uint32_t flags =
		    load_u32(entry + (wide ? offsetof(Elf64_Phdr, p_flags)
					   : offsetof(Elf32_Phdr, p_flags)),
			     be);
		uint64_t addr =
		    wide ? load_u64(entry + offsetof(Elf64_Phdr, p_vaddr), be)
			 : load_u32(entry + offsetof(Elf32_Phdr, p_vaddr), be);

		if (type == PT_LOAD && flags & PF_X &&
		    (!lowest || addr < lowest))
			lowest = addr;
	}
	return lowest;
}

/* Where a vmlinux puts its code, 0 if it is no ELF program. */
static uint64_t text_of(int fd)
{
	uint8_t head[sizeof(Elf64_Ehdr)];
	uint8_t list[SEGMENTS_MAX * sizeof(Elf64_Phdr)];
	bool wide, be;
	size_t size, count, bytes;
	uint64_t at;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    memcmp(head, ELFMAG, SELFMAG) != 0)
		return 0;
	wide = head[EI_CLASS] == ELFCLASS64;
	be = head[EI_DATA] == ELFDATA2MSB;
	at = wide ? load_u64(head + offsetof(Elf64_Ehdr, e_phoff), be)
		  : load_u32(head + offsetof(Elf32_Ehdr, e_phoff), be);
	size = load_u16(head + (wide ? offsetof(Elf64_Ehdr, e_phentsize)
				     : offsetof(Elf32_Ehdr, e_phentsize)),
			be);
	count = load_u16(head + (wide ? offsetof(Elf64_Ehdr, e_phnum)
				      : offsetof(Elf32_Ehdr, e_phnum)),
			 be);
	bytes = size * count;
	if (size < (wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) ||
	    bytes > sizeof(list) || at > INT64_MAX ||
	    pread(fd, list, bytes, (off_t)at) != (ssize_t)bytes)
		return 0;
	return text_segment(list, count, size, wide, be);
}

static int find_shift(struct place_finder *finder, const char *vmlinux,
		      struct err *err)
{
	int fd = open(vmlinux, O_RDONLY | O_CLOEXEC);
	uint64_t text, start, end;

	if (fd < 0)
		return err_set(
		    err, ERR_IO,
		    "%s: %s; --vmlinux FILE names the vmlinux of the "
		    "recorded kernel, with debugging information",
		    vmlinux, strerror(errno));
	text = text_of(fd);
	close(fd);
	if (!text)
		return err_set(err, ERR_FORMAT, "%s: not a vmlinux (ELF)",
			       vmlinux);
	if (!symbols_range(finder->symbols, "_text", &start, &end))
		return err_set(err, ERR_FORMAT,
			       "--by file: the recorded symbols have no _text, "
			       "so where the kernel lay is not known");
	finder->moved = start - text;
	return 0;
}

static int start_child(struct place_finder *finder, const char *vmlinux,
		       int ask, int answer)
{
	char program[] = "addr2line", option[] = "-e";
	char *arguments[] = {program, option, (char *)vmlinux, NULL};
	posix_spawn_file_actions_t actions;
	int ret = posix_spawn_file_actions_init(&actions);

	if (ret)
		return ret;
	ret = posix_spawn_file_actions_adddup2(&actions, ask, 0);
	if (!ret)
		ret = posix_spawn_file_actions_adddup2(&actions, answer, 1);
	if (!ret)
		ret = posix_spawnp(&finder->child, program, &actions, NULL,
				   arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	return ret;
}

static int open_child(struct place_finder *finder, const char *vmlinux,
		      struct err *err)
{
	int to[2], from[2], ret;

	if (pipe2(to, O_CLOEXEC))
		return err_set(err, ERR_IO, "addr2line: %m");
	if (pipe2(from, O_CLOEXEC)) {
		err_set(err, ERR_IO, "addr2line: %m");
		close(to[0]);
		close(to[1]);
		return ERR_IO;
	}
	ret = start_child(finder, vmlinux, to[0], from[1]);
	close(to[0]);
	close(from[1]);
	finder->ask = fdopen(to[1], "w");
	finder->answer = fdopen(from[0], "r");
	if (ret)
		return err_set(err, ERR_IO,
			       "addr2line: %s; it is in the package binutils",
			       strerror(ret));
	if (!finder->ask || !finder->answer)
		return err_set(err, ERR_NOMEM, "addr2line: out of memory");
	return 0;
}

int place_finder_open(struct place_finder *finder, enum place_by by,
		      const struct symbols *symbols, const char *vmlinux,
		      const char *release, struct err *err)
{
	char installed[256];
	int ret;

	*finder = (struct place_finder){.by = by, .symbols = symbols};
	if (by != PLACE_FILE)
		return 0;
	/* Where Debian and Fedora put the debugging information. */
	if (!vmlinux) {
		snprintf(installed, sizeof(installed),
			 "/usr/lib/debug/boot/vmlinux-%s", release);
		if (access(installed, R_OK))
			snprintf(installed, sizeof(installed),
				 "/usr/lib/debug/lib/modules/%s/vmlinux",
				 release);
		vmlinux = installed;
	}
	ret = find_shift(finder, vmlinux, err);
	if (ret)
		return ret;
	/* A child that dies is an answer that does not come. */
	signal(SIGPIPE, SIG_IGN);
	return open_child(finder, vmlinux, err);
}

int place_finder_close(struct place_finder *finder, struct err *err)
{
	bool broken = finder->broken;

	if (finder->ask)
		fclose(finder->ask);
	if (finder->answer)
		fclose(finder->answer);
	if (finder->child)
		waitpid(finder->child, NULL, 0);
	*finder = (struct place_finder){0};
	if (!broken)
		return 0;
	return err_set(err, ERR_IO, "addr2line ended before it answered");
}

/* "file:12 (discriminator 3)\n" becomes "file". */
static void file_text(struct place_finder *finder, uint64_t addr, char *text,
		      size_t size)
{
	char line[4096], *colon;

	text[0] = '\0';
	if (finder->broken)
		return;
	/* A call site is where the call returns to. */
	fprintf(finder->ask, "0x%llx\n",
		(unsigned long long)(addr - 1 - finder->moved));
	if (fflush(finder->ask) || !fgets(line, sizeof(line), finder->answer)) {
		finder->broken = true;
		return;
	}
	colon = strrchr(line, ':');
	if (colon)
		*colon = '\0';
	if (strcmp(line, "??") != 0)
		snprintf(text, size, "%s", line);
}

void place_finder_text(void *argument, uint64_t call_site, char *text,
		       size_t size)
{
	struct place_finder *finder = argument;
	const char *module = NULL;
	uint64_t offset;
	const char *name =
	    symbols_find(finder->symbols, call_site, &offset, &module);

	if (finder->by == PLACE_FUNCTION)
		snprintf(text, size, "%s", name ? name : "");
	else if (module)
		snprintf(text, size, "[%s]", module);
	else if (finder->by == PLACE_MODULE)
		snprintf(text, size, "%s", name ? "[kernel]" : "");
	else
		file_text(finder, call_site, text, size);
}
