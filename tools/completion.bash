# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# completion.bash - completion of fsmcat, fsmtop and fsmstat for bash
#
# The options are those that --help shows. It needs nothing but bash.

_tcpfsm_states='CLOSE LISTEN SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT1 FIN_WAIT2 CLOSE_WAIT CLOSING
	LAST_ACK TIME_WAIT'
_tcpfsm_causes='open listen close abort rcv_syn rcv_synack rcv_ack rcv_fin rcv_rst rcv_data rto
	zero_window keepalive fin_timeout 2msl synack_timeout icmp kill listener_closed oom tw_overflow
	reuse accept_overflow netns_exit open_failed repair mptcp unknown'
_tcpfsm_keys='port= lport= rport= addr= laddr= raddr= family= netns= uid= state= cause='

# _tcpfsm_values PREFIX WORDS - what begins as the part of the word behind the prefix does
_tcpfsm_values()
{
	local word
	COMPREPLY=()
	# shellcheck disable=SC2207 # words without blanks
	for word in $(compgen -W "$2" -- "${cur#"$1"}"); do
		COMPREPLY+=("$1$word")
	done
}

# A filter's word is broken at "=": the key comes before it, values may follow each other.
_tcpfsm_filter()
{
	local behind=
	[[ $cur != *,* ]] || behind=${cur%,*},
	case $1 in
	state)	_tcpfsm_values "$behind" "$_tcpfsm_states" ;;
	cause)	_tcpfsm_values "$behind" "$_tcpfsm_causes" ;;
	family)	_tcpfsm_values "$behind" 'inet inet6' ;;
	esac
}

_tcpfsm_keys()
{
	local behind=
	# in quotes there may be terms before
	[[ $cur != *[\ !]* ]] || behind=${cur%"${cur##*[ !]}"}
	_tcpfsm_values "$behind" "$_tcpfsm_keys"
	compopt -o nospace 2>/dev/null || :
}

# A way of states is always in quotes, for ">" means something to the shell.
_tcpfsm_way()
{
	local behind=
	[[ $cur != *[\>\|]* ]] || behind=${cur%"${cur##*[>|]}"}
	_tcpfsm_values "$behind" "$_tcpfsm_states ..."
	compopt -o nospace 2>/dev/null || :
}

_tcpfsm_ids()
{
	awk '!/^#/ && !seen[$2]++ { print $2 }' /proc/tcpfsm 2>/dev/null
}

# An option's line begins with it; what it does comes behind some columns.
_tcpfsm_options()
{
	"$1" --help 2>/dev/null | grep -E '^ +-' | cut -c 1-24 | grep -oE -- '--?[a-zA-Z][a-z-]*'
}

_tcpfsm()
{
	local cur=${2#[\"\']} prev=$3 key=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	# "key=" and "key=value" are words of their own to readline
	if [[ $key == '=' ]]; then
		key=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $cur == '=' ]]; then
		cur=
	else
		key=
	fi
	case ${key:-$prev} in
	-r | --read | -w | --write)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	-f | --filter)		_tcpfsm_keys ;;
	state | cause | family)	_tcpfsm_filter "$key" ;;
	\!state | \!cause)	_tcpfsm_filter "${key#!}" ;;
	--expect)		_tcpfsm_way ;;
	--ladder)		_tcpfsm_values '' "$(_tcpfsm_ids)" ;;
	--openmetrics)		[[ -z $key ]] || _tcpfsm_values '' strict ;;
	-n | --count | --timeout | --listen) ;;
	*)
		[[ $cur != -* ]] || _tcpfsm_values '' "$(_tcpfsm_options "$1")" ;;
	esac
}

complete -F _tcpfsm -o default fsmcat fsmtop fsmstat
