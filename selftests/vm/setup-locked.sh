# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what setup and lib.sh have set
# setup-locked.sh - a machine with Secure Boot; sourced by setup
#
# OVMF comes with variables in which the key of a test, whose secret half it comes with too, is the
# platform's. With them in place Debian's kernel finds Secure Boot to be on, takes the keys of the
# firmware for its own, and wants a signature of modules. (QEMU's -kernel does not ask whether the
# kernel itself is signed; that is not what is tested.)

firmware_packages=(openssl ovmf)

# make_firmware DIR
make_firmware()
{
	local test_key=/usr/share/ovmf/PkKek-1-snakeoil
	cp /usr/share/OVMF/OVMF_CODE_4M.fd "$1/code.fd"
	cp /usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd "$1/vars.fd"
	openssl rsa -in "$test_key.key" -passin pass:snakeoil -out "$1/key.pem" 2>/dev/null
	openssl x509 -in "$test_key.pem" -outform DER -out "$1/key.der"
}

# setup_firmware - unless it is there already
setup_firmware()
{
	local name tmp
	install_packages "$home_suite" "${firmware_packages[@]}"
	name=$(hash_of "$(dpkg-query -W ovmf)" "$(declare -f make_firmware)")
	[[ $(readlink "$(firmware_dir)" || :) != "$name" ]] || return 0
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	make_firmware "$tmp"
	mkdir -p "$cache/firmware"
	rm -rf "${cache:?}/firmware/$name"
	mv -T "$tmp" "$cache/firmware/$name"
	publish "$name" "$(firmware_dir)"
}
