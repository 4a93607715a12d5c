# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# lib.sh - what the scripts of this directory share: places, names, messages

vm_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
tree=$(cd -- "$vm_dir/../.." && pwd -P)
cache=${TCPFSM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tcpfsm}

# The Debian release that all this runs on.
home_suite=bookworm

# The kernels: name, Debian release that has it, package of its image, tested by what. A pattern
# stands for the newest package that fits. The last ones are made here, see setup.
kernel_table='
6.1      bookworm  linux-image-cloud-amd64         check
6.12     bookworm  linux-image-6.12-cloud-amd64    check
5.10     bullseye  linux-image-cloud-amd64         check
newest   trixie    linux-image-cloud-amd64         check
6.12-rt  bookworm  linux-image-6.12-rt-amd64       check-kernels
6.18     trixie    linux-image-6.18.*-cloud-amd64  check-kernels
7.1      trixie    linux-image-7.1.*-cloud-amd64   check-kernels
clang    bookworm  -                               check-kernels
minimal  bookworm  -                               check-kernels
locked   bookworm  -                               check-kernels
smp16    bookworm  -                               check-kernels
debug    bookworm  -                               check-debug
kcsan    bookworm  -                               check-debug
arm64    bookworm  -                               check-arm64
arm64-6.12 bookworm -                              check-arm64
'
# The default everywhere; those that are made here, and those of another architecture, are like one
# of Debian's; locked and smp16 are the default one in another machine.
# shellcheck disable=SC2034 # for those who source this file
default_kernel=6.1

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	say "$@"
	exit 1
}

# kernels_for TARGET... - those that "make TARGET" covers
kernels_for()
{
	awk -v targets="$*" 'index(" " targets " ", " " $4 " ") { print $1 }' <<<"$kernel_table"
}

# kernel_row KERNEL - "SUITE PACKAGE"; one that is not in the table is looked for where
# Debian keeps its newest
kernel_row()
{
	local row
	row=$(awk -v kernel="$1" '$1 == kernel { print $2, $3 }' <<<"$kernel_table")
	if [[ -n $row ]]; then
		echo "$row"
	elif [[ $1 =~ ^[67]\.[0-9]+(-rt)?$ ]]; then
		case $1 in
		*-rt)	echo "trixie linux-image-${1%-rt}.*-rt-amd64" ;;
		*)	echo "trixie linux-image-$1.*-cloud-amd64" ;;
		esac
	else
		die "unknown kernel '$1' (known: $(awk '{ print $1 }' <<<"$kernel_table" | xargs))"
	fi
}

# kernel_suite KERNEL - the Debian release that it is from, and that it is built and run in
kernel_suite()
{
	local row
	row=$(kernel_row "$1") || exit
	echo "${row% *}"
}

# kernel_package KERNEL - Debian's package of its image, or a pattern
kernel_package()
{
	local row
	row=$(kernel_row "$1") || exit
	echo "${row#* }"
}

# kernel_like KERNEL - the one of the table that it is, or is like
kernel_like()
{
	case $1 in
	arm64-*)		echo "${1#arm64-}" ;;
	arm64 | locked | smp16)	echo "$default_kernel" ;;
	*)			echo "$1" ;;
	esac
}

# kernel_dir KERNEL - where setup put the image and the modules of a kernel
kernel_dir()
{
	case $1 in
	locked | smp16)	echo "$cache/kernels/$(kernel_like "$1")/current" ;;
	*)		echo "$cache/kernels/$1/current" ;;
	esac
}

# kernel_cpus KERNEL - how many its machine has
kernel_cpus()
{
	case $1 in
	minimal)	echo 1 ;;
	smp16)		echo 16 ;;
	*)		echo 2 ;;
	esac
}

# firmware_dir - of the machine of "locked": its firmware's variables, and a key which they trust
firmware_dir()
{
	echo "$cache/firmware/current"
}

# kernel_release KERNEL - "uname -r" of the kernel that setup prepared
kernel_release()
{
	cat "$(kernel_dir "$1")/release"
}

# kernel_kdir KERNEL - the build directory of its headers, in its Debian release
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
	# Of 16 emulated CPUs each has to wait for its turn.
	smp16)		echo 4 ;;
	*)		echo 1 ;;
	esac
}

# The version of Debian's clang that is taken: the first that knows what CONFIG_CFI_CLANG takes.
llvm=16

# kernel_make KERNEL - variables for make, one a line, for the kernel itself and for modules
kernel_make()
{
	case $1 in
	clang)	echo "LLVM=-$llvm" ;;
	esac
}

# guest_root SUITE - where the image of the guest's root file system is
guest_root()
{
	echo "$cache/guest/$1"
}

# build_root SUITE - where the system of another Debian release is, to build in
build_root()
{
	echo "$cache/suite/$1/current"
}

# in_namespaces COMMAND... - with mounts of its own, as root of a user namespace if need be
in_namespaces()
{
	local flags=(--mount --pid --fork --kill-child)
	[[ $(id -u) == 0 ]] || flags+=(--map-root-user --map-auto)
	unshare "${flags[@]}" -- "$@"
}

# in_suite SUITE COMMAND... - run a command in a Debian release: here, or in its root, where
# the cache directory is in the same place
in_suite()
{
	local root
	if [[ $1 == "$home_suite" ]]; then
		shift
		"$@"
		return
	fi
	root=$(readlink -f "$(build_root "$1")")
	shift
	# /proc: objtool wants it. The newest libc's programs want /dev. /tmp: two makes of the same
	# pid would make the same pipe there. The shell stays: make is not to be process 1, to
	# which whatever its children leave behind is given.
	# shellcheck disable=SC2016 # for that shell to expand
	in_namespaces bash -euc '
		root=$1 cache=$2 dir=$PWD
		shift 2
		mount -t tmpfs tmpfs "$root/tmp"
		mkdir -p "$root$cache"
		mount -t proc proc "$root/proc"
		mount --rbind /dev "$root/dev"
		mount --bind "$cache" "$root$cache"
		cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
		status=0
		chroot "$root" /bin/bash -c '\''cd "$0" 2>/dev/null || cd /; exec "$@"'\'' "$dir" "$@" || status=$?
		exit "$status"
	' in_suite "$root" "$cache" "$@"
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
