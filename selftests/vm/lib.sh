# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# lib.sh - what the scripts of this directory share: places, names, messages

vm_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
tree=$(cd -- "$vm_dir/../.." && pwd -P)
cache=${TCPFSM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tcpfsm}

# The kernels that "make check" covers; the first one is the default everywhere.
vm_kernels=(6.1 6.12)

# Those that are built here, and the one of another architecture, are like this one.
# shellcheck disable=SC2034 # for those who source this file
base_kernel=6.1

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	say "$@"
	exit 1
}

# kernel_meta KERNEL KIND - Debian's meta package of a kernel; KIND is image or headers
kernel_meta()
{
	case $1 in
	6.1)	echo "linux-$2-cloud-amd64" ;;
	6.12)	echo "linux-$2-6.12-cloud-amd64" ;;
	*)	die "unknown kernel '$1' (known: ${vm_kernels[*]})" ;;
	esac
}

# kernel_dir KERNEL - where setup put the image and the modules of a kernel
kernel_dir()
{
	echo "$cache/kernels/$1/current"
}

# kernel_release KERNEL - "uname -r" of the kernel that setup prepared
kernel_release()
{
	cat "$(kernel_dir "$1")/release"
}

# kernel_kdir KERNEL - the build directory of its headers
kernel_kdir()
{
	local own
	own=$(readlink -f "$(kernel_dir "$1")")/kdir
	if [[ -d $own ]]; then
		echo "$own"
	else
		echo "/usr/src/linux-headers-$(kernel_release "$1")"
	fi
}

# kernel_arch KERNEL - as the kernel calls it
kernel_arch()
{
	cat "$(kernel_dir "$1")/arch" 2>/dev/null || echo x86_64
}

# kernel_slowness KERNEL - how many times as slow as Debian's; what may take time may take longer
kernel_slowness()
{
	case $1 in
	debug | kcsan)	echo 10 ;;
	*)		echo 1 ;;
	esac
}

# The part of the kernel's source that tests and lint use; see setup.
ksrc=$cache/ksrc/current
# shellcheck disable=SC2034 # for those who source this file
ksft=$ksrc/tools/testing/selftests

# hash_of TEXT... - a short name for a list of settings
hash_of()
{
	printf '%s\n' "$@" | sha256sum | cut -c1-16
}

# tree_files - what belongs to the project, each name ended by a NUL
tree_files()
{
	cd "$tree" || return
	if [[ -e .git ]]; then
		git -c safe.directory='*' ls-files -z --cached --others --exclude-standard
	else
		find . -type f -printf '%P\0'
	fi | sort -zu | while read -r -d '' file; do
		if [[ -e $file ]]; then
			printf '%s\0' "$file"
		fi
	done
}

# lock_copy DIR - a copy has one user at a time; until this shell ends
lock_copy()
{
	mkdir -p "$1"
	exec 9>"$1/lock"
	flock 9
}

# copy_tree DIR - bring DIR/src up to date; sources come and go, objects made there stay
copy_tree()
{
	mkdir -p "$1/src"
	touch "$1/files"
	(tree_files) >"$1/files.new"
	comm -z -23 "$1/files" "$1/files.new" | (cd "$1/src" && xargs -0r rm -f)
	rsync -a --from0 --files-from="$1/files.new" "$tree/" "$1/src/"
	mv "$1/files.new" "$1/files"
}

# copy_dir NAME - where this checkout's copy NAME is; each checkout has its own
copy_dir()
{
	echo "$cache/build/$(hash_of "$tree")/$1"
}
