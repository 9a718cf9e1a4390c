#!/bin/sh
# The manual has no mdoc errors and names every command of the program.
set -eu
mandoc -T lint -W warning man/kmemscope.1
for command in $(build/kmemscope help | sed -n 's/^  kmemscope \([a-z]*\).*/\1/p'); do
	grep -q "$command" man/kmemscope.1 ||
		{ echo "man/kmemscope.1 lacks the command $command"; exit 1; }
	grep -q "$command" completion/kmemscope.bash ||
		{ echo "the completion lacks the command $command"; exit 1; }
done
echo "the manual is complete"
