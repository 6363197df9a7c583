/** Values that must not be anywhere: what the generator planted, and what stands in the Synthea files. */
#ifndef TW_TEST_PLANTED_H
#define TW_TEST_PLANTED_H

#include "leakscan.h"
#include "test_app.h"

#define SHOWN_MAX 20

typedef struct {
    size_t shown;
} output;

static TW_UNUSED void show(void *arg, const char *file, size_t offset, const char *kind, const char *how, size_t line)
{
    output *o = arg;
    if (o->shown++ < SHOWN_MAX)
        print_error("%s:%zu: %s (value %zu) %s\n", file, offset, kind, line - 1, how);
}

static TW_UNUSED leakscan *planted_of(const world *w)
{
    tw_bytes tsv;
    leakscan *s = leakscan_new();
    assert_ok(tw_file_read(cx, &tsv, tw_path(cx, w->dir, "in/planted.tsv"), 16 * TW_MIB));
    assert_true(leakscan_add_planted(s, tw_str_of_bytes(tsv)) > 50);
    leakscan_build(s);
    return s;
}

static TW_UNUSED uint64_t hits_below(const leakscan *s, const char *path, bool shown)
{
    leakscan_total t = { .hits = 0 };
    output o = { .shown = shown ? 0 : SHOWN_MAX };
    assert_true(leakscan_tree(&t, s, path, show, &o));
    assert_true(t.files > 0 && t.bytes > 0);
    return t.hits;
}

/* Columns of a CSV file of Synthea by their names, separated by blanks. */
static TW_UNUSED void add_columns(leakscan *s, const char *file, const char *columns)
{
    tw_str rest = tw_test_read(tw_strf(cx->arena, "sources/csv/%s", file).p);
    tw_str header;
    tw_str line;
    assert_true(tw_str_split(&header, &rest, '\n'));
    while (tw_str_split(&line, &rest, '\n')) {
        tw_str names = tw_str_trim(header);
        tw_str cells = tw_str_trim(line);
        tw_str name;
        tw_str cell;
        while (tw_str_split(&name, &names, ',') && tw_str_split(&cell, &cells, ',')) {
            tw_str want = tw_str_of(columns);
            tw_str one;
            cell = tw_str_trim(cell);
            while (tw_str_split(&one, &want, ' '))
                if (tw_str_eq(one, name) && cell.n)
                    leakscan_add(s, name, cell);
        }
    }
}

/* Synthea writes nines for a number that it does not make up; shapes of values are nines, too. */
static TW_UNUSED bool all_nines(tw_str value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] != '9')
            return false;
    return true;
}

static TW_UNUSED void add_identifiers(leakscan *s, const char *file)
{
    tw_json d;
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_str text = tw_test_read(tw_strf(cx->arena, "sources/fhir/%s", file).p);
    assert_ok(tw_json_parse(cx, &d, text, NULL));
    for (uint32_t i = 0; i + 1 < d.n; i++) {
        if (!d.tok[i].is_key || !tw_json_is(&d, i, "identifier"))
            continue;
        uint32_t v = i + 1;
        bool list = d.tok[v].type == TW_JSON_ARRAY;
        for (uint32_t at = list ? tw_json_first(&d, v) : v; at != TW_JSON_NONE;
             at = list ? tw_json_next(&d, v, at) : TW_JSON_NONE) {
            tw_str value = tw_json_member_text(cx, &d, at, "value");
            if (!all_nines(value))
                leakscan_add(s, TW_STR("identifier.value"), value);
        }
    }
    tw_arena_back(cx->arena, mark);
}

static TW_UNUSED leakscan *synthea_values(void)
{
    tw_str *name;
    size_t count;
    leakscan *s = leakscan_new();
    add_columns(s, "patients.csv",
                "BIRTHDATE SSN DRIVERS PASSPORT FIRST MIDDLE LAST MAIDEN ADDRESS ZIP");
    add_columns(s, "providers.csv", "NAME ADDRESS");
    add_columns(s, "organizations.csv", "NAME ADDRESS PHONE");
    assert_ok(tw_dir_list(cx, &name, &count, tw_path(cx, tw_test_data(), "sources/fhir")));
    for (size_t i = 0; i < count; i++)
        if (tw_str_ends(name[i], ".json"))
            add_identifiers(s, name[i].p);
    leakscan_build(s);
    return s;
}

#endif
