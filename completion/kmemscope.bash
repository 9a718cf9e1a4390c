# bash completion of kmemscope(1)

_kmemscope_options()
{
	case $1 in
	record) echo "-o -d -b --filter --user-faults --boot --" ;;
	import) echo "-o -f --instance" ;;
	export) echo "--trace-dat -f" ;;
	stat)
		echo "--caller --by --alloc --cache --class --page --order" \
			"--task --cpu --cgroup --detail --vmlinux -s -l" \
			"--time --self --format"
		;;
	blame) echo "--at -l --format" ;;
	diff) echo "--threshold --format" ;;
	fails) echo "--order --model --set --format" ;;
	leaks) echo "-l --time --self --format" ;;
	advise) echo "-l --format" ;;
	replay | verify) echo "--model --set --start --spread --format" ;;
	waterfall) echo "--model --set --start --format" ;;
	plot) echo "-o" ;;
	report) echo "-o -f" ;;
	run) echo "-o --from --" ;;
	doctor) echo "--format" ;;
	esac
}

_kmemscope()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local command=${COMP_WORDS[1]} i
	local commands="doctor record import stat
		leaks
		fails
		diff
		replay verify waterfall blame advise plot
		report
		run export help"

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" \
			-- "$cur")
		return
	fi
	# Behind "--" stands a command of its own.
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then
			_command_offset $((i + 1)) 2>/dev/null
			return
		fi
	done
	case $prev in
	--format)
		mapfile -t COMPREPLY < <(compgen -W "text json csv" -- "$cur")
		return
		;;
	--by)
		mapfile -t COMPREPLY < <(compgen -W "function module file" -- "$cur")
		return
		;;
	--model)
		mapfile -t COMPREPLY < <(compgen -W "recorded slub slab slob" -- "$cur")
		return
		;;
	--start)
		mapfile -t COMPREPLY < <(compgen -W "trace snapshot" -- "$cur")
		return
		;;
	-d | -b | -l | -s | --filter | --instance | --at | --time | --set | --threshold | --order) return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$(_kmemscope_options "$command")" -- "$cur")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		compopt -o filenames 2>/dev/null
	fi
}

complete -F _kmemscope kmemscope
