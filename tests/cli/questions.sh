#!/bin/sh
# questions.sh KMEMSCOPE: every command of docs/questions.md prints what stands
# below it there. UPDATE_GOLDEN=1 writes what they print into the document.
set -eu
kmemscope=$(realpath "$1")
doc=docs/questions.md
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin"
ln -s "$kmemscope" "$tmp/bin/kmemscope"
# As ~/.sqliterc has it, which sqlite3 looks for in passwd, not in HOME.
printf '#!/bin/sh\nexec %s -column -header "$@"\n' "$(command -v sqlite3)" \
	>"$tmp/bin/sqlite3"
chmod +x "$tmp/bin/sqlite3"
for name in mixed-slub mixed-slab debian61-boot-kmalloc groups perf-kmem; do
	tar --zstd -xf "tests/data/$name.tar.zst" -C "$tmp"
done
(
	cd "$tmp"
	bin/kmemscope import -o mixed.db mixed-slub
	bin/kmemscope replay mixed.db
	bin/kmemscope import -o slab.db mixed-slab
	bin/kmemscope import -o boot.db debian61-boot-kmalloc
	bin/kmemscope import -o groups.db groups
	bin/kmemscope import -o perf.db perf-kmem/perf.data
) >/dev/null 2>&1

# Lines from "$ " on are a command, its continuations begin with "> ".
awk -v dir="$tmp" '
function run() {
	if (command == "") return
	print command >(dir "/command")
	close(dir "/command")
	while (("cd " dir " && PATH=" dir "/bin:$PATH " \
		"sh command 2>&1 | sed \"s/ *$//\"" | getline line) > 0)
		print line
	close("cd " dir " && PATH=" dir "/bin:$PATH " \
		"sh command 2>&1 | sed \"s/ *$//\"")
	command = ""
	commands++
}
$0 == "```console" { inside = 1; print; next }
inside && $0 == "```" { run(); inside = 0; print; next }
inside && /^\$ / { run(); command = substr($0, 3); print; next }
inside && /^> / { command = command "\n" substr($0, 3); print; next }
inside { next }
/^## [0-9]/ { questions++ }
{ print }
END { print questions, commands >(dir "/counts") }
' "$doc" >"$tmp/doc"
if [ "${UPDATE_GOLDEN:-}" = 1 ]; then
	cat "$tmp/doc" >"$doc"
fi
read -r questions commands <"$tmp/counts"
if [ "$questions" -lt 20 ] || [ "$commands" -lt 20 ]; then
	echo "only $questions questions and $commands commands were found"
	exit 1
fi
diff -u "$doc" "$tmp/doc"
awk '/^```console/ { inside = 1 } /^```$/ { inside = 0 }
	inside && length($0) > 80 { print FILENAME ": wider than 80: " $0; bad = 1 }
	END { exit bad }' "$doc"
