# bash completion of kmemscope(1): commands, options and their values are those
# that "kmemscope help" tells.

# What follows the option $2 of the command $1: "text|json|csv", "FILE", "N".
_kmemscope_value()
{
	"${COMP_WORDS[0]}" help "$1" 2>/dev/null |
		sed -n 's/^  \(-.*\)/\1/; t left; d; : left
			s/   *.*//; s/\([a-z]\), /\1 /; p' |
		awk -v option="$2" '{
			for (i = 1; i < NF; i++)
				if ($i == option && $NF !~ /^-/)
					print $NF
		}'
}

_kmemscope_options()
{
	"${COMP_WORDS[0]}" help "$1" 2>/dev/null |
		sed -n 's/^  \(-[a-z]\), \(--[a-z-]*\).*/\1 \2/p; t
			s/^  \(--[a-z-]*\).*/\1/p'
}

_kmemscope_commands()
{
	"${COMP_WORDS[0]}" help 2>/dev/null |
		sed -n 's/^  kmemscope \([a-z]*\).*/\1/p'
}

_kmemscope_words()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_kmemscope()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} value="" i

	COMPREPLY=()
	if ((COMP_CWORD == 1)) || [[ $command == help ]]; then
		_kmemscope_words "$(_kmemscope_commands) help --help --version" \
			"$cur"
		return
	fi
	# Behind "--" stands a command of its own.
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			_command_offset $((i + 1)) 2>/dev/null
			return
		fi
	done
	[[ $prev != -* ]] || value=$(_kmemscope_value "$command" "$prev")
	case $value in
	"" | FILE* | DIR | NAME) ;;
	*[a-z][\|,][a-z]* | *\|[a-z]*)
		_kmemscope_words "$(sed 's/[|,]/ /g; s/[A-Z][A-Z]*//g' \
			<<<"$value")" "$cur"
		return
		;;
	*) return ;;
	esac
	if [[ $cur == -* ]]; then
		_kmemscope_words "$(_kmemscope_options "$command")" "$cur"
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames 2>/dev/null
	fi
}

complete -F _kmemscope kmemscope
