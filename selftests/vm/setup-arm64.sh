# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what setup and lib.sh have set
# setup-arm64.sh - another architecture: Debian's arm64 kernel, and a guest; sourced by setup
#
# Packages of arm64 are unpacked and not installed: nothing of them can run here. The
# programs that come with its headers are replaced by this machine's own.

arm64_host_packages=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm)
arm64_packages=(
	bash busybox-static coreutils gawk grep iproute2 kmod libc-bin libc6 mount nftables perl-base
	procps sed tar util-linux
)

# arm64_kernel KERNEL - "linux-image-NAME" and "linux-headers-NAME" are its packages
arm64_kernel()
{
	local like
	like=$(kernel_package "$(kernel_like "$1")")
	like=${like#linux-image-}
	echo "${like%amd64}arm64"
}

# unpack_arm64 KERNEL DIR - all the packages, one on top of the other
unpack_arm64()
{
	local kernel
	kernel=$(arm64_kernel "$1")
	debootstrap "$home_suite" "$2" "$2.log" \
		"${arm64_packages[*]} linux-image-$kernel linux-headers-$kernel" \
		--architectures=arm64 --variant=extract
}

# arm64_kdir ROOT RELEASE DIR FINAL - its headers in DIR, which is to become FINAL, made to work here
arm64_kdir()
{
	local src=$1/usr/src/linux-headers version=${2%-cloud-arm64} tools part
	# linux-headers-6.1.0-56-common takes linux-kbuild-6.1, as this machine's headers do.
	tools=$(readlink -f "/usr/src/linux-headers-$version-common/scripts") ||
		die "the kernel of arm64 is $version, for which this machine has no headers"
	mkdir -p "$3"
	cp -a "$src-$2" "$3/kdir"
	cp -a "$src-$version-common" "$3/common"
	for part in kdir common; do
		rm -f "$3/$part/scripts" "$3/$part/tools"
		ln -s "$tools" "$3/$part/scripts"
		ln -s "${tools%/*}/tools" "$3/$part/tools"
	done
	echo "include $4/common/Makefile" >"$3/kdir/Makefile"
}

# make_arm64_root ROOT IMAGE - what is left of it is the guest's
make_arm64_root()
{
	rm -rf "${1:?}"/{boot,usr/src,lib/modules,usr/lib/linux-kbuild-*}
	mkdir -p "$1/work" "$1/out" "$1/lib/modules" "$1/boot"
	# Nobody ran the scripts that make these.
	printf 'root:x:0:0:root:/root:/bin/bash\n' >"$1/etc/passwd"
	printf 'root:x:0:\n' >"$1/etc/group"
	ln -sfn bash "$1/bin/sh"
	ln -sfn gawk "$1/usr/bin/awk"
	make_image "$1" "$2" 32768
}

# make_arm64 KERNEL DIR FINAL - in DIR/kernel, which is to become FINAL
make_arm64()
{
	local root=$2/root dir=$2/kernel final=$3 release
	unpack_arm64 "$1" "$root"
	release=$(basename "$root"/lib/modules/*)
	arm64_kdir "$root" "$release" "$dir" "$final"
	pack_image_package "$root" "$release" "$dir"
	echo arm64 >"$dir/arch"
	cp "$root/bin/busybox" "$dir/busybox"
	make_arm64_root "$root" "$dir/root.ext4"
}

# setup_arm64 KERNEL - unless it is there already
setup_arm64()
{
	local dir=$cache/kernels/$1 like name tmp
	like=linux-headers-$(arm64_kernel "$1")
	name=$(hash_of "${arm64_packages[@]}" "$(apt-cache policy "${like%arm64}amd64" |
		sed -n 's/^ *Candidate: //p')" "$(declare -f make_arm64 arm64_kdir make_arm64_root)")
	[[ $(readlink "$dir/current" || :) != "$name" ]] || return 0
	install_packages "$home_suite" "${arm64_host_packages[@]}"
	say "fetching the kernel $1 and a guest (a few minutes)"
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	chmod 755 "$tmp"
	mkdir -p "$dir"
	make_arm64 "$1" "$tmp" "$dir/$name"
	rm -rf "${dir:?}/$name"
	mv -T "$tmp/kernel" "$dir/$name"
	publish "$name" "$dir/current"
	find "$dir" -mindepth 1 -maxdepth 1 -type d ! -name "$name" -exec rm -rf {} +
	rm -rf "$tmp"
}
