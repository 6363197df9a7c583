#!/usr/bin/env bash
# ctest: quick
# A tw_deid cannot be made, copied or opened outside the gate: these programs must not compile, the first one must.
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=tests/support/tap.sh
. "$root/tests/support/tap.sh"
tap_dir

# compiles TEXT: one translation unit of a room behind the gate.
compiles()
{
    printf '#include "model/model.h"\n%s\n' "$1" > "$tap_tmp/try.c"
    "${CC:-cc}" -std=c17 -fsyntax-only -Werror=implicit-function-declaration -Werror=incompatible-pointer-types \
        -I"$root/src" "$tap_tmp/try.c"
}
refuses()
{
    ! compiles "$1"
}

tap_ok "a record may be read" compiles \
    'size_t f(const tw_deid *d); size_t f(const tw_deid *d) { return tw_deid_line(d).n; }'
tap_ok "a record cannot be defined" refuses 'tw_deid forged;'
tap_ok "a record cannot be measured" refuses 'size_t f(void); size_t f(void) { return sizeof(tw_deid); }'
tap_ok "a record cannot be copied" refuses \
    'void f(tw_deid *a, tw_deid *b); void f(tw_deid *a, tw_deid *b) { *a = *b; }'
tap_ok "a record has no visible members" refuses 'void f(tw_deid *a); void f(tw_deid *a) { a->line.n = 0; }'
tap_ok "the maker is not in the public header" refuses \
    'tw_deid *f(tw_ctx *c, tw_str s); tw_deid *f(tw_ctx *c, tw_str s) { return tw_deid_make(c, tw_bytes_of(s), 1, s); }'
tap_ok "an identifiable resource is no record" refuses \
    'size_t f(const tw_phi *p); size_t f(const tw_phi *p) { return tw_deid_line(p).n; }'
tap_done
