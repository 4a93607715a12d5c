# SPDX-License-Identifier: GPL-2.0
#
#   make             the module (for KDIR, by default the running kernel's headers), the tools
#   make run         a VM with the module, real TCP connections in it, and what is seen of them
#   make vm          a shell in that VM
#   make check       all tests and lints; the last line is "N passed, N failed, N skipped"
#   make bench       what watching costs, and how fast recordings are printed (half an hour)
#   make check-kernels    the kselftests on every kernel, as a table; KERNEL=5.10: on that one
#   make check-debug the kselftests in kernels with KASAN, lockdep, kmemleak, and with KCSAN
#   make check-arm64 those of them that are one program, on arm64
#   make screens     put fsmtop's screens of a run in the VM into Documentation/guide/fsmtop.rst
#   make lint        sparse, checkpatch, clang-format and shellcheck only
#   make load        load the module into this machine's kernel (PARAMS="ring_events=1024")
#   make unload      remove it
#   make install     module, tools and header (DESTDIR=, PREFIX=/usr/local)
#   make clean
#
# KERNEL=6.12 lets run and vm take that kernel.

PREFIX ?= /usr/local
KERNEL ?=
vm_kernel := $(or $(KERNEL),6.1)
VM := selftests/vm

# Without headers of the running kernel those of the default VM kernel show at least
# that the module compiles.
running_kdir := /lib/modules/$(shell uname -r)/build
vm_kdir := $(lastword $(shell ls -dv /usr/src/linux-headers-6.1.*-cloud-amd64 2>/dev/null))
KDIR ?= $(if $(wildcard $(running_kdir)/Makefile),$(running_kdir),$(vm_kdir))

as_root := $(if $(filter-out 0,$(shell id -u)),sudo)

all: module tools

module:
	@[ -n '$(KDIR)' ] || { echo 'no kernel headers found; to get them:' \
		'apt install linux-headers-cloud-amd64 (or linux-headers-$(shell uname -r))' >&2; exit 1; }
	$(MAKE) -C '$(KDIR)' M='$(CURDIR)' modules

tools:
	$(MAKE) -C tools

install: all
	$(MAKE) -C '$(KDIR)' M='$(CURDIR)' INSTALL_MOD_PATH='$(DESTDIR)' CONFIG_MODULE_SIG_ALL= \
		modules_install
	$(MAKE) -C tools install DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)'
	install -D -m 644 module/uapi/tcpfsm.h '$(DESTDIR)$(PREFIX)/include/tcpfsm.h'

load:
	@[ -e /proc/modules ] || \
		{ echo 'this kernel ($(shell uname -r)) cannot load modules; "make run" takes a VM' >&2; exit 1; }
	@[ -e '$(running_kdir)/Makefile' ] || \
		{ echo 'no headers of this kernel: apt install linux-headers-$(shell uname -r)' >&2; exit 1; }
	$(MAKE) module KDIR='$(running_kdir)'
	$(as_root) insmod module/tcpfsm.ko $(PARAMS)

unload:
	@[ -e /proc/modules ] || \
		{ echo 'this kernel ($(shell uname -r)) cannot load modules' >&2; exit 1; }
	$(as_root) rmmod tcpfsm

run:
	@stage=$$($(VM)/build --no-tests $(vm_kernel) | tail -n 1) && [ -n "$$stage" ] && \
		$(VM)/run --kernel $(vm_kernel) --stage "$$stage" --timeout 120 -- $(VM)/demo

vm:
	@$(VM)/shell $(vm_kernel)

screens:
	@$(VM)/screens $(vm_kernel)

check:
	@$(VM)/check

bench:
	@selftests/bench/decode.sh
	@selftests/bench/bench

check-kernels:
	@$(VM)/check --kernels $(KERNEL)

check-debug:
	@$(VM)/check debug kcsan

check-arm64:
	@$(VM)/check arm64

lint style:
	@$(VM)/lint

clean:
	$(if $(KDIR),$(MAKE) -C '$(KDIR)' M='$(CURDIR)' clean)
	$(MAKE) -C tools clean

.PHONY: all module tools install load unload run vm screens check bench check-kernels check-debug
.PHONY: check-arm64 lint style clean
