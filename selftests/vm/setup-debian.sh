# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what setup and lib.sh have set
# setup-debian.sh - the kernels that Debian's releases have as packages; sourced by setup

# Modules that a guest needs to find its root.
boot_modules=(virtio_pci virtio_blk virtio_console ext4 overlay)

# newest_package SUITE PACKAGE - the newest that fits a pattern, or the name itself
newest_package()
{
	local name
	[[ $2 == *[*]* ]] || { echo "$2"; return; }
	in_suite "$1" apt-cache pkgnames "${2%%[*]*}" | while read -r name; do
		# shellcheck disable=SC2053 # a pattern
		[[ $name != $2 ]] || echo "$name"
	done | sort -V | tail -n 1
}

# offered_kernels KERNEL - "RELEASE VERSION" of all that apt offers, the newest first
offered_kernels()
{
	local suite name
	suite=$(kernel_suite "$1")
	name=$(newest_package "$suite" "$(kernel_package "$1")")
	[[ -n $name ]] || return 0
	# A meta package names the image.
	{ in_suite "$suite" apt-cache show "$name" 2>/dev/null || :; } | sed -n -E \
		-e 's/^Depends:.*linux-image-([^ ]+) \(= ([^)]+)\).*/meta \1 \2/p' \
		-e 's/^Package: linux-image-(.*)/release \1/p' -e 's/^Version: /version /p' \
		-e 's/^$/end/p' -e '$s/.*/end/p' | awk '
		{ value[$1] = $2 }
		$1 == "meta" { of = $3 }
		$1 == "end" && value["meta"] { print value["meta"], of }
		$1 == "end" && !value["meta"] && value["release"] { print value["release"], value["version"] }
		$1 == "end" { delete value }' | awk '!seen[$0]++'
}

# image_parts SUITE RELEASE VERSION - the packages that an image consists of: on newer
# kernels the one of that name is empty
image_parts()
{
	printf '%s=%s\n' "linux-image-$2" "$3"
	in_suite "$1" apt-cache show "linux-image-$2=$3" | sed -n 's/^Depends: //p' | tr ',' '\n' |
		awk -v release="$2" -v version="$3" \
			'$1 ~ "^linux-(base|binary|modules)-" && index($1, release) { print $1 "=" version }'
}

# is_offered SUITE PACKAGE=VERSION - by apt's lists
is_offered()
{
	[[ -n $(in_suite "$1" apt-cache show "$2" 2>/dev/null) ]]
}

# from_pool DIR NAME_VERSION_ARCH... - the .debs into DIR. Debian drops the parts of an older
# backport from its lists and keeps them where they were; by https, as no list vouches for them.
from_pool()
{
	local dir=$1 file
	shift
	for file; do
		curl -fsS --retry 3 --connect-timeout 30 --max-time 300 -o "$dir/$file.deb" \
			"$pool/$file.deb" || return
	done
}

# fetch_parts SUITE DIR NAME=VERSION... - by apt's lists, or without
fetch_parts()
{
	local suite=$1 dir=$2 part
	shift 2
	for part; do
		if is_offered "$suite" "$part"; then
			download "$suite" "$dir" "$part" || return
		else
			from_pool "$dir" "${part/=/_}_amd64" || return
		fi
	done
}

# install_headers SUITE RELEASE VERSION - where kernel_kdir finds them
install_headers()
{
	local common=${2%-*-*} tmp deb
	if is_offered "$1" "linux-headers-$2=$3"; then
		install_packages "$1" "linux-headers-$2"
		return
	fi
	! in_suite "$1" test -d "/usr/src/linux-headers-$2" || return 0
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	from_pool "$tmp" "linux-headers-$2_$3_amd64" "linux-headers-${common}-common_$3_all" \
		"linux-kbuild-${common}_$3_amd64" || return
	for deb in "$tmp"/*.deb; do
		in_suite "$1" dpkg-deb -x "$deb" / || return
	done
	rm -rf "$tmp"
}

# take_boot_file ROOT RELEASE NAME FILE - from where older kernels have it, or newer ones
take_boot_file()
{
	mv "$1/boot/$3-$2" "$4" 2>/dev/null || mv "$1/lib/modules/$2/$3" "$4"
}

# pack_image_package ROOT RELEASE DIR - the image, its modules, and those for the first steps
pack_image_package()
{
	local root=$1 release=$2 dir=$3 name
	[[ -e $root/lib ]] || ln -s usr/lib "$root/lib"
	# Uncompressed, because the guest's CPU is slow.
	find "$root/lib/modules/" -name '*.ko.xz' -exec xz -d {} +
	depmod -b "$root" "$release"

	mkdir -p "$dir/boot"
	for name in "${boot_modules[@]}"; do
		modprobe -d "$root" -S "$release" -D "$name" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++' >"$dir/order"
	while read -r name; do
		cp "$name" "$dir/boot/"
		echo "${name##*/}"
	done <"$dir/order" >"$dir/boot/order"
	rm "$dir/order"
	take_boot_file "$root" "$release" vmlinuz "$dir/vmlinuz"
	take_boot_file "$root" "$release" config "$dir/config"
	make_image "$root/lib/modules/" "$dir/modules.ext4" 16384
	echo "$release" >"$dir/release"
}

# make_kernel SUITE RELEASE VERSION DIR - of Debian's packages
make_kernel()
{
	local suite=$1 release=$2 version=$3 dir=$4 tmp deb parts
	say "fetching kernel $release ($version)"
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	mapfile -t parts < <(image_parts "$suite" "$release" "$version")
	fetch_parts "$suite" "$tmp" "${parts[@]}" || return
	for deb in "$tmp"/*.deb; do
		dpkg-deb -x "$deb" "$tmp/root" || return
	done
	pack_image_package "$tmp/root" "$release" "$tmp/kernel" || return
	mv -T "$tmp/kernel" "$dir"
	rm -rf "$tmp"
}

# take_kernel SUITE RELEASE VERSION DIR - let it be the current one
take_kernel()
{
	local name=$2-$3
	{ [[ -e $4/$name/release ]] || make_kernel "$1" "$2" "$3" "$4/$name"; } &&
		install_headers "$1" "$2" "$3" || return
	publish "$name" "$4/current"
	find "$4" -mindepth 1 -maxdepth 1 -type d ! -name "$name" -exec rm -rf {} +
}

# take_offered KERNEL SUITE DIR - the newest that apt offers and can fetch: what an old release had
# last is at times announced and not to be had. The one we have, if there is none.
take_offered()
{
	local release version
	while read -r release version; do
		if is_published "$release-$version" "$3/current" ||
			take_kernel "$2" "$release" "$version" "$3" </dev/null; then
			return
		fi
		if [[ -e $3/current/release ]]; then
			say "staying with kernel $(kernel_release "$1")"
			return
		fi
	done < <(offered_kernels "$1")
	die "no $(kernel_package "$1") to be had from Debian $2"
}

# kernel_version KERNEL - Debian's, of the one we have
kernel_version()
{
	local name
	name=$(readlink "$cache/kernels/$1/current")
	echo "${name#"$(kernel_release "$1")-"}"
}

# setup_kernel KERNEL - its image and its headers
setup_kernel()
{
	local dir=$cache/kernels/$1 suite
	suite=$(kernel_suite "$1")
	mkdir -p "$dir"
	if [[ ! -e $dir/current/release && -z $(offered_kernels "$1") ]]; then
		update_lists "$suite"
	fi
	[[ -e $dir/current/release && -z $(offered_kernels "$1") ]] || take_offered "$1" "$suite" "$dir"
	install_headers "$suite" "$(kernel_release "$1")" "$(kernel_version "$1")"
}
