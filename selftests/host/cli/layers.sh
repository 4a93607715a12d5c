# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# layers.sh - selftests/vm/layers: the check of who includes whom finds what is wrong

# tree_file PATH INCLUDE... - write a file of a small tree that includes others
tree_file() {
	mkdir -p "$DIR/tree/$(dirname "$1")"
	name=$DIR/tree/$1
	shift
	: >"$name"
	for include in "$@"; do
		echo "#include \"$include\"" >>"$name"
	done
}

small_tree() {
	rm -rf "$DIR/tree"
	tree_file module/uapi/tcpfsm.h
	tree_file tools/lib/base/digits.h
	tree_file tools/lib/in/source.h base/digits.h uapi/tcpfsm.h
	tree_file tools/lib/model/model.h in/source.h
	tree_file tools/cat/options.h model/model.h
	tree_file tools/cat/options.c options.h
}

test_layers_that_hold() {
	small_tree
	exits 0 ../../vm/layers "$DIR/tree"
	is_empty "$DIR/out"
	is_empty "$DIR/err"
}

test_layers_that_do_not_hold() {
	small_tree
	tree_file tools/lib/base/digits.c base/digits.h in/source.h
	exits 1 ../../vm/layers "$DIR/tree"
	one_line "$DIR/out" '^tools/lib/base/digits.c:2: includes tools/lib/in/source.h'
	small_tree
	tree_file tools/lib/model/model.c ../../cat/options.h
	exits 1 ../../vm/layers "$DIR/tree"
	one_line "$DIR/out" '^tools/lib/model/model.c:1: includes tools/cat/options.h'
	small_tree
	tree_file tools/lib/in/source.c in/sources.h
	exits 1 ../../vm/layers "$DIR/tree"
	one_line "$DIR/out" '^tools/lib/in/source.c:1: there is no in/sources.h'
	# The core of the module knows nothing of the kernel's side of it.
	small_tree
	tree_file module/record/record.h
	tree_file module/core/ring.c record/record.h
	exits 1 ../../vm/layers "$DIR/tree"
	one_line "$DIR/out" '^module/core/ring.c:1: includes module/record/record.h'
}

test_headers_in_a_circle() {
	small_tree
	tree_file tools/cat/sink.h options.h
	tree_file tools/cat/options.h sink.h
	exits 1 ../../vm/layers "$DIR/tree"
	one_line "$DIR/out" '^cycle: tools/cat/options.h > tools/cat/sink.h > tools/cat/options.h$'
}
