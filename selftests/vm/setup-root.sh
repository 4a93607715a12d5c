# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what setup and lib.sh have set
# setup-root.sh - root file systems of Debian releases, to run in and to build in; sourced by setup

# What a guest's root has on top of Debian's minimal system.
guest_packages=(
	bpftool ca-certificates conntrack curl ethtool hping3 iperf3 iproute2 iputils-ping kmod
	libjson-c5 libmnl0 libncursesw6 ncat nftables nginx-light procps prometheus redis-server
	redis-tools socat strace tmux wrk
)

# The libraries whose packages are not called the same in all releases.
declare -A guest_libraries=(
	[bullseye]="libmicrohttpd12"
	[bookworm]="libmicrohttpd12"
	[trixie]="libmicrohttpd12t64"
)

# What the root of another Debian release has to build with, besides a kernel's headers.
build_packages=(
	build-essential kmod libjson-c-dev libmicrohttpd-dev libmnl-dev libncurses-dev pkg-config
)

# sources SUITE - where its packages are, for apt
sources()
{
	echo "deb $mirror $1 main"
	# What an old release had last of the others is not all kept.
	if [[ $1 != bullseye ]]; then
		echo "deb $mirror $1-updates main"
		echo "deb $security_mirror $1-security main"
	fi
}

# kernel_sources SUITE - where the newest of its kernels are
kernel_sources()
{
	case $1 in
	bullseye)	echo "deb $security_mirror $1-security main" ;;
	trixie)		echo "deb $mirror $1-backports main" ;;
	esac
}

mmdebstrap_mode()
{
	if [[ $(id -u) == 0 ]]; then
		echo root
	else
		echo unshare
	fi
}

# Seconds for a minimal system: a minute or two; beside other work 900 were once too few.
debootstrap_limit=2400

# debootstrap SUITE TARGET LOG PACKAGES ARGS... - a minimal system with these packages
debootstrap()
{
	local suite=$1 target=$2 log=$3 packages=$4 list status=0
	shift 4
	mapfile -t list < <(sources "$suite")
	timeout "$debootstrap_limit" mmdebstrap --quiet --mode="$(mmdebstrap_mode)" --variant=minbase \
		--include="${packages// /,}" \
		--aptopt='Apt::Install-Recommends "false"' \
		--aptopt='Acquire::Retries "3"' \
		--aptopt='Acquire::http::Timeout "30"' \
		--dpkgopt='force-unsafe-io' \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$@" "$suite" "$target" "${list[@]}" >"$log" 2>&1 </dev/null || status=$?
	[[ $status != 0 ]] || return 0
	tail -n 20 "$log" >&2
	if [[ $status == 124 ]]; then
		die "no root file system of Debian $suite within $debootstrap_limit s"
	fi
	die "could not make a root file system of Debian $suite"
}

# temporary_dir - a directory below the cache that goes away at the next setup at the latest
temporary_dir()
{
	local dir
	dir=$(mktemp -d "$cache/tmp.XXXXXX")
	# In its mode unshare mmdebstrap works as another user, who has to get in.
	chmod 755 "$dir"
	echo "$dir"
}

# pack_root TAR DIR IMAGE - runs under fakeroot, so that the owners of the tar's files get
# into the image
pack_root()
{
	mkdir "$2"
	tar -xf "$1" -C "$2" --exclude='./dev/*' --exclude='./var/cache/apt/*' \
		--exclude='./var/lib/apt/lists/*'
	mkdir "$2/work" "$2/out"
	make_image "$2" "$3" 32768
}

# setup_guest DIR SUITE PACKAGE... - a guest's root file system
setup_guest()
{
	local dir=$1 suite=$2 packages want tmp
	shift 2
	packages="${guest_packages[*]} ${guest_libraries[$suite]}${*:+ $*}"
	want=$(hash_of "$(sources "$suite")" "$packages" "$(declare -f make_image)").ext4
	mkdir -p "$dir"
	! is_published "$want" "$dir/current" || return 0
	# Checkouts that want different ones may take turns; what none has wanted for days, goes.
	find "$dir" -name '*.ext4' -mtime +3 -delete
	if [[ -e $dir/$want ]]; then
		touch "$dir/$want"
		publish "$want" "$dir/current"
		return
	fi

	say "making a guest's root file system (Debian $suite, half a minute)"
	tmp=$(temporary_dir)
	debootstrap "$suite" "$tmp/root.tar" "$tmp/log" "$packages"
	{
		declare -f make_image pack_root
		echo "pack_root $(printf '%q ' "$tmp/root.tar" "$tmp/root" "$tmp/image")"
	} | fakeroot bash -eu
	mv "$tmp/image" "$dir/$want"
	publish "$want" "$dir/current"
	rm -rf "$tmp"
}

# unpack_root TAR DIR SOURCES - the system of a release; nothing but kernels from SOURCES
unpack_root()
{
	mkdir "$2"
	tar -xf "$1" -C "$2" --numeric-owner --exclude='./dev/*'
	echo "$3" >"$2/etc/apt/sources.list.d/kernels.list"
	printf '%s\n' 'Package: *' 'Pin: release a=*-backports' 'Pin-Priority: -1' '' \
		'Package: *' 'Pin: release l=Debian-Security' 'Pin-Priority: -1' '' \
		'Package: linux-*' 'Pin: version *' 'Pin-Priority: 500' \
		>"$2/etc/apt/preferences.d/kernels"
	# A release that is kept for its kernel is not signed anew for ever.
	echo 'Acquire::Check-Valid-Until "false";' >"$2/etc/apt/apt.conf.d/old-release"
}

# setup_suite SUITE - the system of another Debian release, to build in
setup_suite()
{
	local dir=$cache/suite/$1 want tmp
	[[ $1 != "$home_suite" ]] || return 0
	want=$(hash_of "$(sources "$1"; kernel_sources "$1")" "${build_packages[@]}" \
		"$(declare -f unpack_root)")
	! is_published "$want" "$dir/current" || return 0

	in_namespaces true 2>/dev/null || die "building for Debian $1 takes a root file system of" \
		"its own: be root with CAP_SYS_ADMIN, or have user namespaces and lines in /etc/subuid" \
		"and /etc/subgid"
	say "making a system to build in (Debian $1, a minute)"
	tmp=$(temporary_dir)
	debootstrap "$1" "$tmp/root.tar" "$tmp/log" "${build_packages[*]}"
	in_namespaces bash -euc "$(declare -f unpack_root)"'; unpack_root "$@"' unpack_root \
		"$tmp/root.tar" "$tmp/root" "$(kernel_sources "$1")"
	mkdir -p "$dir"
	in_namespaces rm -rf "${dir:?}/$want"
	mv -T "$tmp/root" "$dir/$want"
	publish "$want" "$dir/current"
	update_lists "$1"
	in_namespaces find "$dir" -mindepth 1 -maxdepth 1 -type d ! -name "$want" \
		-exec rm -rf {} +
	rm -rf "$tmp"
}
