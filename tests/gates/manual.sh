#!/bin/sh
# The manual has no mdoc errors, and tells of every command the options that its
# help tells, no more and no less. (The completion reads the help itself.)
set -eu
manual=${GATE_FILES:-man/kmemscope.1}
program=${GATE_PROGRAM:-build/kmemscope}
mandoc -T lint -W warning "$manual"
mkdir -p build
# told COMMAND: its options in help, a line each: "--line", or "-l --line".
told() {
	"$program" help "$1" | sed -n 's/^  \(-[a-z]\), \(--[a-z-]*\).*/\1 \2/p; t
		s/^  \(--[a-z-]*\).*/\1/p'
}
# described COMMAND: its options under COMMANDS, one a word. --format, which many
# have, is described once below them.
described() {
	awk -v command="$1" '
		/^\.Sh/ { inside = $2 == "COMMANDS" }
		/^\.Bl/ { depth++ }
		/^\.El/ { depth-- }
		inside && depth == 1 && /^\.It/ { ours = $3 == command }
		inside && ours && depth == 2 && /^\.It Fl/ {
			for (i = 3; i <= NF; i++)
				if ($(i - 1) ~ /^(Fl|,)$/ && $i ~ /^-?[a-z]/)
					print "-" $i
		}' "$manual"
}
# named COMMAND: those of its lines in the synopsis.
named() {
	awk -v command="$1" '
		/^\.Sh/ { inside = $2 == "SYNOPSIS" }
		/^\.Cm/ { ours = $2 == command }
		inside && ours {
			sub(/^\.Fl/, "Fl")
			for (i = 1; i < NF; i++)
				if ($i == "Fl" && $(i + 1) != "-")
					print "-" $(i + 1)
		}' "$manual"
}
status=0
for command in $("$program" help | sed -n 's/^  kmemscope \([a-z]*\).*/\1/p'); do
	told "$command" >build/manual.told
	tr ' ' '\n' <build/manual.told | grep -vx -e --format | sort \
		>build/manual.a || true
	described "$command" | sort -u >build/manual.b
	diff build/manual.a build/manual.b >build/manual.diff || {
		echo "$manual: $command: help (<) and COMMANDS (>) differ:"
		cat build/manual.diff
		status=1
	}
	cut -d' ' -f1 build/manual.told | sort >build/manual.a
	named "$command" | sort -u >build/manual.b
	diff build/manual.a build/manual.b >build/manual.diff || {
		echo "$manual: $command: help (<) and SYNOPSIS (>) differ:"
		cat build/manual.diff
		status=1
	}
done
[ $status = 0 ] || exit 1
echo "the manual is complete"
