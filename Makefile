# SPDX-License-Identifier: GPL-2.0
#
# "make help" prints the lines that begin with "#   ".
#
#   On a fresh Debian 12 machine (each target installs what it needs):
#
#   make run            boot a VM, load the module, make connections, show what it saw
#   make check          run all tests; the last line is "N passed, N failed, N skipped"
#
#   On this machine's own kernel:
#
#   make                build the module and the tools (KDIR= for another kernel's headers)
#   make load           load the module (PARAMS="ring_events=1024")
#   make unload         remove it
#   make install        install module, tools, man pages and header (DESTDIR=, PREFIX=/usr/local)
#   make uninstall      remove what "make install" installed, with the same variables
#   make clean          remove what "make" built
#
#   For developers:
#
#   make vm             start a shell in the VM (KERNEL=6.12)
#   make check SUITES="unit cli"   run these suites only
#   make check-kernels  run the kselftests on every kernel, print a table (KERNEL=5.10: on one)
#   make check-debug    run them with KASAN, lockdep, kmemleak, and with KCSAN
#   make check-arm64    run those that are one program on arm64 (KERNEL=arm64-6.12)
#   make bench          measure the cost of an event in VMs, and fsmcat's speed (half an hour)
#   make lint           run sparse, checkpatch, clang-format, shellcheck, mandoc and sphinx
#   make docs           build Documentation/ as HTML in Documentation/build/html
#   make screens        renew the screens in Documentation/guide/fsmtop.rst from a run in the VM
#
#   KERNEL=NAME works with run, vm, screens, bench, check-kernels, check-debug and check-arm64.

PREFIX ?= /usr/local
KERNEL ?=
vm_kernel := $(or $(KERNEL),6.1)
VM := selftests/vm

# Without headers of the running kernel, those of the default VM kernel at least show that the
# module compiles. The running kernel refuses that module, so "make" says so as its last word.
running_kdir := /lib/modules/$(shell uname -r)/build
vm_kdir := $(lastword $(shell ls -dv /usr/src/linux-headers-6.1.*-cloud-amd64 2>/dev/null))
KDIR ?= $(if $(wildcard $(running_kdir)/Makefile),$(running_kdir),$(vm_kdir))
# Debian's kernel.release is another number than uname's.
utsrelease = $(KDIR)/include/generated/utsrelease.h
release = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)".*/\1/p' '$(utsrelease)' 2>/dev/null)

as_root := $(if $(filter-out 0,$(shell id -u)),sudo)

define say_kernel
@echo 'module/tcpfsm.ko is for Linux $(release) ($(KDIR))'
@[ '$(release)' = "$$(uname -r)" ] || [ '$(origin KDIR)' != file ] || printf '%s\n' \
	"*** WARNING: the running kernel is $$(uname -r) and will refuse this module." \
	"*** Its headers are missing: apt install linux-headers-$$(uname -r), or give KDIR=." >&2
endef

all: module tools
	$(say_kernel)

module:
	@[ -n '$(KDIR)' ] || { echo 'no kernel headers found; to get them:' \
		'apt install linux-headers-cloud-amd64 (or linux-headers-$(shell uname -r))' >&2; exit 1; }
	$(MAKE) -C '$(KDIR)' M='$(CURDIR)' modules
	$(if $(filter module,$(MAKECMDGOALS)),$(say_kernel))

tools:
	$(MAKE) -C tools

# Debian's headers have no System.map, and without it modules_install does not run depmod.
install: all
	$(MAKE) -C '$(KDIR)' M='$(CURDIR)' INSTALL_MOD_PATH='$(DESTDIR)' CONFIG_MODULE_SIG_ALL= \
		modules_install
	$(if $(DESTDIR),,depmod -a '$(release)')
	$(MAKE) -C tools install DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)'
	install -D -m 644 module/uapi/tcpfsm.h '$(DESTDIR)$(PREFIX)/include/tcpfsm.h'

# Kernels differ in the directory that they install other people's modules in.
uninstall:
	rm -f $(foreach dir,extra updates, \
		'$(DESTDIR)/lib/modules/$(release)/$(dir)/module/tcpfsm.ko' \
		'$(DESTDIR)/lib/modules/$(release)/$(dir)/tcpfsm.ko')
	$(if $(DESTDIR),,depmod -a '$(release)')
	$(MAKE) -C tools uninstall DESTDIR='$(DESTDIR)' PREFIX='$(PREFIX)'
	rm -f '$(DESTDIR)$(PREFIX)/include/tcpfsm.h'

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
	$(if $(filter command,$(word 1,$(origin KERNEL))),$(error "make check" takes no KERNEL: \
		it tests several kernels. For one: make check-kernels KERNEL=$(KERNEL)))
	@$(VM)/check $(SUITES)

bench:
	@echo 'make bench: this boots VMs and takes half an hour' >&2
	@selftests/bench/decode.sh
	@selftests/bench/bench $(KERNEL)

check-kernels:
	@$(VM)/check --kernels $(KERNEL)

check-debug:
	@$(VM)/check $(or $(KERNEL),debug kcsan)

check-arm64:
	@$(VM)/check $(or $(KERNEL),arm64)

lint style:
	@$(VM)/lint

docs:
	@command -v sphinx-build >/dev/null || \
		{ echo 'sphinx is missing; in Debian: apt install python3-sphinx' >&2; exit 1; }
	sphinx-build -q -W -n --keep-going -b html Documentation Documentation/build/html

help:
	@sed -n '/^#   /,/^$$/s/^# \{0,3\}//p' Makefile

clean:
	$(if $(KDIR),$(MAKE) -C '$(KDIR)' M='$(CURDIR)' clean)
	$(MAKE) -C tools clean
	rm -rf Documentation/build

.PHONY: all module tools install uninstall load unload run vm screens check bench check-kernels
.PHONY: check-debug check-arm64 lint style docs help clean
