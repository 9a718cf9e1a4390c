#!/bin/sh
# freed_canary.sh ARCHIVE KMEMSCOPE: freed.sh with a kmemscope whose freed bytes
# are wrong.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cat >"$tmp/kmemscope" <<EOF
#!/bin/sh
"$2" "\$@" | sed 's/^slab.bytes_freed,/&1/'
EOF
chmod +x "$tmp/kmemscope"
sh "$(dirname "$0")/freed.sh" "$1" "$tmp/kmemscope"
