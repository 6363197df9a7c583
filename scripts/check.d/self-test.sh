# shellcheck shell=bash
# Breaks every rule of scripts/check once, in a small tree of its own, and sees that the finding names file, line, rule.
# Sourced by scripts/check, whose `check_tree` and `tmp` it uses.
tmp=${tmp:?}

# put FILE: standard input becomes the file; folders are made.
put()
{
    mkdir -p "$(dirname "$tree/$1")"
    cat >"$tree/$1"
}

# good_tree: a tree without a finding.
good_tree()
{
    local room
    for room in base crypto model deid seal vault app; do
        put "src/$room/README.md" <<<"# $room"
        put "src/$room/$room.h" <<<"/** What $room is for. */"
    done
    put src/model/deid_make.h <<<'/** The one door. */'
    put src/deid/gate.c <<<'#include "deid/deid.h"

#include "model/deid_make.h"'
    put src/model/record.c <<<'#include "model/deid_make.h"'
    put src/base/memory.c <<<'void *p = malloc(1);'
    put docs/a.md <<<'[b](../src/base/base.h) and [c](https://example.org/x) and [d](#d)'
    put src/seal/seal.h <<<'/** Seals. */

/** Opens what tw_seal_add sealed. */
int tw_seal_open(int n);
int tw_seal_add(int n); /* the inverse */'
    put src/seal/seal.c <<<'/* "malloc(" in a comment: free(p), printf("x") */
#include "seal/seal.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/base.h"
#include "model/model.h"

static const int table[] = { 1, 2 };
static int f(int n);

int tw_seal_open(int n)
{
    const char *s = "free(s) // \" malloc(1)";
    self->free(self);
    snprintf(b, 1, s);
    abort(); /* one line */ tw_mem_free(s);
    qsort(p, 1, 1, f); /* a long comment
    that mentions rand() and goes on */
    return n;
}'
    put src/seal/test_seal.c <<<'#include "test.h"

#include "seal/seal.h"

static int calls;'
}

# expect RULE LINE FILE: the tree has this finding and no other.
expect()
{
    local rule=$1 line=$2 file=$3 code=0
    (check_tree "$tree" 0) >"$tmp/out" 2>&1 || code=$?
    cases=$((cases + 1))
    if [ "$code" = 1 ] && grep -qF "$file:$line: $rule: " "$tmp/out" && [ "$(wc -l <"$tmp/out")" = 2 ]; then
        printf 'ok %d - %s is found in %s\n' "$cases" "$rule" "$file"
    else
        bad=$((bad + 1))
        printf 'not ok %d - %s is found in %s, line %s, and nothing else\n' "$cases" "$rule" "$file" "$line"
        sed 's/^/# /' "$tmp/out"
    fi
}

# finds RULE LINE FILE: standard input becomes the file, which must be found; then the tree is as before.
finds()
{
    local kept=
    if [ -e "$tree/$3" ]; then
        kept=$tmp/kept
        cp "$tree/$3" "$kept"
    fi
    put "$3"
    expect "$@"
    if [ -n "$kept" ]; then
        cp "$kept" "$tree/$3"
    else
        rm -- "$tree/$3"
        find "$tree" -type d -empty -delete
    fi
}

# passes NAME: the tree as it is has no finding.
passes()
{
    cases=$((cases + 1))
    if (check_tree "$tree" 0) >"$tmp/out" 2>&1; then
        printf 'ok %d - %s\n' "$cases" "$1"
    else
        bad=$((bad + 1))
        printf 'not ok %d - %s\n' "$cases" "$1"
        sed 's/^/# /' "$tmp/out"
    fi
}

repeat()
{
    local i
    for ((i = 0; i < $1; i++)); do
        printf '%s\n' "$2"
    done
}

break_includes()
{
    finds floor 1 src/crypto/a.c <<<'#include "model/model.h"'
    finds floor 1 src/seal/a.c <<<'#include "deid/deid.h"'
    put src/attic/README.md <<<'# attic'
    finds floor 1 src/attic/a.c <<<'/* nothing */'
    rm -r "$tree/src/attic"
    finds public 1 src/app/a.c <<<'#include "seal/seal_internal.h"'
    finds public 1 tests/sim/test_a.c <<<'#include "seal/seal_internal.h"'
    finds public 1 src/seal/a.c <<<'#include "../base/base.h"'
    finds gate 1 src/app/a.c <<<'#include "model/deid_make.h"'
    finds gate 1 src/model/a.c <<<'#include "deid_make.h"'
    finds gate 1 tests/conform/test_a.c <<<'#include "model/deid_make.h"'
    finds gate 1 src/vault/a.c <<<'#include "model/seal_make.h"'
    finds order 2 src/seal/a.c <<<'#include <string.h>
#include "seal/seal.h"'
    finds order 4 src/seal/a.c <<<'#include "seal/seal.h"

#include <string.h>
#include <stdlib.h>'
    finds order 3 src/seal/a.c <<<'#include "seal/seal.h"
#include <sodium.h>
#include <string.h>'
    finds order 2 src/seal/test_a.c <<<'#include "base/base.h"
#include <string.h>'
    finds order 2 src/seal/a.cc <<<'#include <simdjson.h>
#include <cstring>'
}

break_calls()
{
    local word
    for word in malloc calloc realloc free strcpy strcat sprintf strtok atoi strtod gmtime localtime rand system \
        printf; do
        finds banned 1 src/app/a.c <<<"    x = $word (p);"
    done
    finds banned 2 src/app/a.c <<<'/* a comment
that ends */ std::free(p);'
    finds banned 1 src/seal/test_a.c <<<'    x = atoi("1");'
    finds pure 1 src/seal/a.c <<<'    x = time(NULL);'
    finds pure 1 src/seal/a.c <<<'    crypto_box_keypair(pk, sk);'
    finds pure 1 src/seal/a.c <<<'    x = stderr;'
    finds pure 1 src/seal/a.c <<<'static int calls;'
    finds pure 1 src/crypto/a.c <<<'int calls = 0;'
    finds pure 1 src/seal/a.c <<<'#include <unistd.h>'
    finds escape 1 src/app/a.c <<<'    x = p; /* check: allow free: once it was needed */'
    finds escape 1 src/app/a.c <<<'    free(p); /* check: allow free */'
    put src/app/a.c <<<'    free(p); /* check: allow free: the library hands it over */'
    passes "a reason lifts a ban on its line"
    rm "$tree/src/app/a.c"
}

break_shapes()
{
    finds function 2 src/app/a.c <<<"int f(void)
{
$(repeat 69 '    g();')
}"
    put src/app/a.c <<<"int f(void)
{
$(repeat 68 '    g();')
}"
    passes "70 lines are allowed"
    rm "$tree/src/app/a.c"
    finds function 2 src/app/a.c <<<'int f(void)
{
    g();'
    finds brace 1 src/app/a.c <<<'int f(void) {
    g();
}'
    finds file 1001 src/app/a.c < <(repeat 1001 '/* */')
    finds file 1001 scripts/long.sh < <(
        echo '# shellcheck shell=bash'
        repeat 1001 ':'
    )
    finds file 1 src/app/a.c <<<'/* generated by scripts/not-there */'
    finds columns 1 src/app/a.c <<<"/* $(printf '%0115d' 0) */"
    finds columns 1 tools/wide.py <<<"# $(printf '%0120d' 0)"
    put src/app/a.c <<<"/* $(printf '%0113dé' 0) */"
    passes "a letter of two bytes is one column"
    rm "$tree/src/app/a.c"
}

# The words are put together here so that this file may stand in the tree it checks.
break_words()
{
    local word
    finds licence 1 third_party/a.txt <<<'text'
    finds licence 1 src/seal/vendor/a.txt <<<'text'
    finds licence 1 src/app/a.c <<<"/* Copy""right (c) 2020 Somebody Else */"
    finds licence 1 src/app/a.c <<<"/* SPDX-License-Identi""fier: MIT */"
    finds licence 1 src/app/a.c <<<"/* SPDX-License-Identi""fier: Apache-2.0-or-later */"
    put src/app/a.c <<<"/* Copy""right 2026 The twinward authors. SPDX-License-Identi""fier: Apache-2.0 */"
    passes "our own licence lines are fine"
    rm "$tree/src/app/a.c"
    for word in "/wo""rk/main" "issue"" #3" "deb.de""bian.org" "an L""LM" "coding"" agent" "sub""agent" \
        "generated by ""AI" "in an earlier ses""sion" "a$(printf '\342\200\224')b" "helper"" session"; do
        finds words 3 docs/b.md <<<"# Text

On $word it says:"
    done
    finds words 1 docs/b.json <<<"\"/wo""rk/x\""
}

break_documents()
{
    rm "$tree/src/seal/README.md"
    expect room 1 src/seal
    put src/seal/README.md <<<'# seal'
    finds document 3 src/app/app.h <<<'/** What app is for. */

int tw_app_run(int n);'
    finds document 5 src/app/app.h <<<'/** What app is for. */

/* ---------------------- running */

int tw_app_run(int n);'
    finds link 1 docs/b.md <<<'see [a](../docs/none.md#top)'
    if command -v shellcheck >/dev/null; then
        # shellcheck disable=SC2016
        finds shell 2 scripts/tool <<<'#!/bin/bash
echo $1'
    fi
}

self_test()
{
    local tree=$tmp/tree cases=0 bad=0
    good_tree
    passes "a good tree has no finding"
    break_includes
    break_calls
    break_shapes
    break_words
    break_documents
    printf '1..%d\n' "$cases"
    [ "$bad" = 0 ]
}
