# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # what setup and lib.sh have set
# setup-built.sh - the kernels that are built here, of Debian's source; sourced by setup
#
# kconfig/base.config and kconfig/KERNEL.config on top of the kernel's tinyconfig. What
# comes out is kept by the source's version and a hash of all that goes into it.

built_packages=(bc bison flex libelf-dev libssl-dev)
built_source=linux-source-6.1

# built_compiler KERNEL - packages of what compiles it besides; see kernel_make
built_compiler()
{
	case $1 in
	clang)	printf '%s\n' "clang-$llvm" "lld-$llvm" "llvm-$llvm" pahole ;;
	esac
}

# built_config KERNEL - its fragments; of an option that both name the second one's line
built_config()
{
	awk '
		match($0, /CONFIG_[A-Za-z0-9_]+/) && (/^CONFIG_/ || /is not set$/) {
			option[NR] = substr($0, RSTART, RLENGTH)
			last[option[NR]] = NR
		}
		{ line[NR] = $0 }
		END {
			for (i = 1; i <= NR; i++)
				if (!(i in option) || last[option[i]] == i)
					print line[i]
		}' "$vm_dir/kconfig/base.config" "$vm_dir/kconfig/$1.config"
}

# lost_options FILE KERNEL - what olddefconfig has dropped of what we ask for
lost_options()
{
	built_config "$2" | awk '
		FNR == NR && /^CONFIG_/ { have[$1] = $0 }
		FNR == NR { next }
		/^CONFIG_/ && have[$1] != $0 { print }
		/^# CONFIG_.* is not set/ && $2 in have { print }' FS='[= ]' "$1" -
}

# check_config FILE KERNEL - as we ask for it?
check_config()
{
	local lost
	lost=$(lost_options "$@")
	[[ -z $lost ]] || die "kernel $2 cannot have ${lost//$'\n'/, }"
}

# build_kernel KERNEL SOURCE BUILD - compile, in the directory BUILD
build_kernel()
{
	local make=(make -s -C "$2" "O=$3" ARCH=x86_64)
	mapfile -t -O "${#make[@]}" make < <(kernel_make "$1")
	mkdir -p "$3"
	# No configuration of its own: every x86 has it.
	[[ $1 != minimal ]] || sed -i '/select HAVE_OPTPROBES$/d' "$2/arch/x86/Kconfig"
	"${make[@]}" tinyconfig >"$3/log" 2>&1
	built_config "$1" >>"$3/.config"
	"${make[@]}" olddefconfig >>"$3/log" 2>&1
	check_config "$3/.config" "$1"
	if ! nice -n 10 "${make[@]}" -j"$(nproc)" >>"$3/log" 2>&1 </dev/null; then
		tail -n 20 "$3/log" >&2
		die "could not build kernel $1"
	fi
}

# pack_kdir SOURCE BUILD DIR - what it takes to build modules for it, as Debian's headers have it
pack_kdir()
{
	local part parts=(scripts include arch/x86/include)
	mkdir -p "$3/arch/x86" "$3/tools/objtool"
	cp "$1/Makefile" "$3/"
	cp "$1"/arch/x86/Makefile* "$3/arch/x86/"
	for part in "${parts[@]}"; do
		mkdir -p "$3/$part"
		rsync -a "$1/$part/" "$3/$part/"
		rsync -a --exclude='*.o' --exclude='.*.cmd' "$2/$part/" "$3/$part/"
	done
	cp "$2/.config" "$2/Module.symvers" "$3/"
	cp "$2/tools/objtool/objtool" "$3/tools/objtool/"
}

# pack_kernel SOURCE BUILD DIR - what run and build take
pack_kernel()
{
	local release modules
	release=$(<"$2/include/config/kernel.release")
	modules=$3/root/lib/modules
	mkdir -p "$3/boot" "$modules/$release"
	cp "$2/arch/x86/boot/bzImage" "$3/vmlinuz"
	cp "$2/.config" "$3/config"
	pack_kdir "$1" "$2" "$3/kdir"
	# Nothing to be loaded; modprobe finds that all is built in.
	: >"$3/boot/order"
	cp "$2"/modules.builtin{,.modinfo} "$modules/$release/"
	: >"$modules/$release/modules.order"
	depmod -b "$3/root" "$release"
	make_image "$modules" "$3/modules.ext4" 4096
	rm -r "$3/root"
	echo "$release" >"$3/release"
}

# setup_built KERNEL - unless it is there already
setup_built()
{
	local dir=$cache/kernels/$1 version name tmp
	version=$(apt-cache policy "$built_source" | sed -n 's/^ *Candidate: //p')
	name=$version-$(hash_of "$(built_config "$1")" "$(kernel_make "$1")" \
		"$(declare -f build_kernel pack_kernel pack_kdir)")
	[[ $(readlink "$dir/current" || :) != "$name" ]] || return 0
	# shellcheck disable=SC2046 # one word a package
	install_packages "$home_suite" "${built_packages[@]}" $(built_compiler "$1")
	say "building kernel $1 ($version), which takes a while"
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	download "$home_suite" "$tmp" "$built_source=$version"
	dpkg-deb -x "$tmp"/*.deb "$tmp/deb"
	mkdir "$tmp/source"
	tar -xJf "$tmp/deb/usr/src/$built_source.tar.xz" -C "$tmp/source" --strip-components=1
	build_kernel "$1" "$tmp/source" "$tmp/build"
	pack_kernel "$tmp/source" "$tmp/build" "$tmp/kernel"
	mkdir -p "$dir"
	mv -T "$tmp/kernel" "$dir/$name"
	publish "$name" "$dir/current"
	find "$dir" -mindepth 1 -maxdepth 1 -type d ! -name "$name" -exec rm -rf {} +
	rm -rf "$tmp"
}
