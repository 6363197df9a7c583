#include "test.h"

#include <dirent.h>

#include "sources/sources.h"

/* ---- a disk of a few files in memory */

#define FILES_MAX 64
static struct {
    const char *name;
    tw_str data;
} stored[FILES_MAX];
static size_t stored_count;
static size_t read_calls;
static size_t fail_read_at; /* 0: never */

struct tw_file {
    size_t at;
};
static struct tw_file handles[FILES_MAX];

static tw_status m_open(TW_UNUSED void *self, tw_file **out, const char *path, TW_UNUSED tw_open_mode mode)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    for (size_t i = 0; i < stored_count; i++)
        if (strcmp(stored[i].name, base) == 0) {
            handles[i].at = i;
            *out = &handles[i];
            return TW_OK;
        }
    return TW_ENOTFOUND;
}

static tw_status m_size(TW_UNUSED void *self, tw_file *f, uint64_t *out)
{
    *out = stored[f->at].data.n;
    return TW_OK;
}

static tw_status m_read(TW_UNUSED void *self, tw_file *f, uint64_t off, uint8_t *out, size_t n, size_t *got)
{
    tw_str s = stored[f->at].data;
    if (++read_calls == fail_read_at)
        return TW_EIO;
    *got = off < s.n ? TW_MIN(n, s.n - (size_t)off) : 0;
    if (*got)
        memcpy(out, s.p + off, *got);
    return TW_OK;
}

static void m_close(TW_UNUSED void *self, TW_UNUSED tw_file *f)
{
}

static tw_status m_list(TW_UNUSED void *self, const char *path, void (*each)(void *arg, const char *name), void *arg)
{
    if (strcmp(path, "gone") == 0)
        return TW_ENOTFOUND;
    for (size_t i = 0; i < stored_count; i++)
        each(arg, stored[i].name);
    return TW_OK;
}

static const tw_disk memory_disk = { .open = m_open, .size = m_size, .read = m_read, .close = m_close, .list = m_list };

static void store(const char *name, tw_str data)
{
    assert_true(stored_count < FILES_MAX);
    stored[stored_count].name = name;
    stored[stored_count++].data = data;
}

/* ---- a sink that counts */

static uint64_t records, letters;
static tw_buf details; /* everything that a dead letter says */

static tw_status on_record(TW_UNUSED void *self, TW_UNUSED tw_ctx *c, const tw_phi *phi)
{
    const tw_phi_parts *p = tw_phi_view(phi);
    assert_true(p->patient.n > 0 && p->business_id.n > 0 && p->version.n > 0);
    records++;
    return TW_OK;
}

static tw_status on_dead(TW_UNUSED void *self, TW_UNUSED tw_ctx *c, const tw_dead_letter *l)
{
    letters++;
    tw_buf_fmt(&details, TW_FMT ":%u: " TW_FMT " %s %s " TW_FMT "\n", TW_ARG(l->label), l->line, TW_ARG(l->path),
               l->type, tw_dead_text(l->reason), TW_ARG(l->detail));
    return TW_OK;
}

static tw_sources *start(const tw_sources_opts *opts)
{
    tw_sources *s;
    const tw_sources_sink sink = { on_record, on_dead, NULL };
    records = letters = read_calls = fail_read_at = stored_count = 0;
    tw_test_env()->disk = &memory_disk;
    tw_buf_init(&details, 4 * TW_MIB);
    assert_ok(tw_sources_new(cx, &s, opts, &sink));
    return s;
}

static void finish(tw_sources *s)
{
    const tw_sources_tally *t = tw_sources_tally_view(s);
    assert_int_equal(t->all.read, t->all.accepted + t->all.refused + t->all.dead);
    assert_int_equal(records, t->all.accepted);
    assert_int_equal(letters, t->all.dead);
    tw_buf_done(&details);
    tw_sources_free(s);
}

#define PATIENT_LINE "{\"resourceType\":\"Patient\",\"id\":\"secret-id\"}\n"
#define CLAIM_LINE "{\"resourceType\":\"Claim\",\"id\":\"c\",\"patient\":{\"reference\":\"Patient/secret-id\"}}\n"

TEST(folder__learns_from_all_files_before_it_reads)
{
    tw_sources *s = start(NULL);
    store("Claim.ndjson", TW_STR(CLAIM_LINE CLAIM_LINE));
    store("Patient.ndjson", TW_STR(PATIENT_LINE));
    store("notes.txt", TW_STR("x"));
    assert_ok(tw_sources_folder(cx, s, "in"));
    assert_int_equal(3, records);
    assert_int_equal(0, letters);
    assert_int_equal(2, tw_sources_tally_view(s)->files);
    assert_int_equal(1, tw_sources_tally_view(s)->files_skipped);
    tw_buf text;
    tw_buf_init(&text, TW_MIB);
    tw_sources_tally_text(&text, tw_sources_tally_view(s));
    tw_buf_u8(&text, 0);
    assert_non_null(strstr((const char *)text.p, "3 read = 3 accepted + 0 refused by type + 0 dead letters\n"));
    tw_buf_done(&text);
    finish(s);
}

TEST(lines__across_chunks_are_whole_and_long_ones_are_dead_letters)
{
    tw_sources *s = start(&(tw_sources_opts){ .line_bytes_max = 1000 });
    tw_buf b;
    tw_buf_init(&b, 16 * TW_MIB);
    for (int i = 0; i < 40000; i++)
        tw_buf_cstr(&b, PATIENT_LINE);
    for (int i = 0; i < 3000000; i++)
        tw_buf_u8(&b, 'x');
    tw_buf_cstr(&b, "\n" PATIENT_LINE "{\"resourceType\":\"Patient\",\"id\":\"last\"}");
    store("a.jsonl", tw_str_of_bytes(tw_buf_view(&b)));
    assert_ok(tw_sources_folder(cx, s, "in"));
    assert_int_equal(40002, records);
    assert_int_equal(1, letters);
    tw_buf_u8(&details, 0);
    assert_string_equal("file 1:40001:   over a limit \n", (const char *)details.p);
    tw_buf_done(&b);
    finish(s);
}

TEST(errors__name_the_file_by_number_only)
{
    tw_sources *s = start(NULL);
    store("Ada_Secretname.json", TW_STR(PATIENT_LINE));
    store("Bea_Secretname.ndjson", TW_STR(PATIENT_LINE));
    for (size_t i = 1; i <= 2; i++) {
        read_calls = 0;
        fail_read_at = i == 1 ? 1 : 3; /* two calls a file: its bytes, its end; files are learned from first */
        assert_status(TW_EIO, tw_sources_folder(cx, s, "in"));
        assert_int_equal(SIZE_MAX, tw_str_find(tw_str_of(cx->err.msg), TW_STR("Secret")));
        assert_non_null(strstr(cx->err.msg, i == 1 ? "file 1" : "file 2"));
    }
    assert_status(TW_ENOTFOUND, tw_sources_folder(cx, s, "gone"));
    assert_status(TW_ENOTFOUND, tw_sources_read_file(cx, s, TW_STR("file 9"), "Secretname.json", TW_FORM_DOCUMENT));
    assert_string_equal("file 9: cannot be read", cx->err.msg);
    finish(s);
}

TEST(dead_letters__hold_no_value_of_the_damaged_text)
{
    tw_sources *s = start(NULL);
    static const char *const bad[] = {
        "{\"resourceType\":\"Patient\",\"id\":\"Kowalczyk\",}",
        "{\"resourceType\":\"Patient\",\"Kowalczyk 1\":{\"Kowalczyk 1\":1,\"Kowalczyk 1\":2}}",
        "{\"resourceType\":\"Kowalczyk\",\"id\":\"1\"}",
        "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":\"Patient/Kowalczyk\"}}",
        "{\"resourceType\":\"Claim\",\"patient\":{\"reference\":\"Kowalczyk\"}}",
        "Kowalczyk",
        "{\"resourceType\":\"Patient\",\"name\":\"Kowalczyk\\ud800\"}",
        "{\"resourceType\":\"Bundle\",\"type\":\"Kowalczyk\"}",
    };
    for (size_t i = 0; i < TW_COUNT(bad); i++) {
        assert_ok(tw_sources_read(cx, s, TW_STR("file 1"), tw_str_of(bad[i]), TW_FORM_DOCUMENT));
        assert_int_equal(i + 1, letters);
    }
    assert_int_equal(SIZE_MAX, tw_str_find(tw_str_of_bytes(tw_buf_view(&details)), TW_STR("Kowalczyk")));
    finish(s);
}

/* ---- the synthetic patients of Synthea, whole */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void store_folder(const char *folder)
{
    const char *names[FILES_MAX];
    size_t n = 0;
    DIR *d = opendir(tw_strf(cx->arena, "%s/%s", tw_test_data(), folder).p);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) {
        assert_true(n < FILES_MAX);
        if (e->d_name[0] != '.')
            names[n++] = tw_cstr(cx->arena, tw_str_of(e->d_name));
    }
    closedir(d);
    qsort(names, n, sizeof names[0], by_name);
    for (size_t i = 0; i < n; i++)
        store(names[i], tw_test_read(tw_strf(cx->arena, "%s/%s", folder, names[i]).p));
}

static uint64_t count_of(const char *needle)
{
    uint64_t n = 0;
    for (size_t i = 0; i < stored_count; i++)
        for (const char *at = strstr(stored[i].data.p, needle); at; at = strstr(at + 1, needle))
            n++;
    return n;
}

TEST(synthea__is_read_whole)
{
    SKIP_WITHOUT_DATA();
    tw_sources *s = start(NULL);
    store_folder("sources/fhir");
    assert_ok(tw_sources_folder(cx, s, "in"));
    tw_buf text;
    tw_buf_init(&text, TW_MIB);
    tw_sources_tally_text(&text, tw_sources_tally_view(s));
    tw_buf_u8(&text, 0);
    tw_str line, rest = tw_str_of((const char *)text.p);
    while (tw_ndjson_next(&line, &rest))
        print_message(TW_FMT "\n", TW_ARG(line));
    tw_buf_done(&text);
    const tw_sources_tally *t = tw_sources_tally_view(s);
    assert_true(t->all.read > 0);
    assert_int_equal(count_of("\"fullUrl\""), t->all.read); /* Synthea: one an entry, nowhere else */
    assert_int_equal(0, t->all.dead);
    assert_int_equal(stored_count, t->files);
    uint64_t never = 0;
    for (size_t i = 0; i < t->type_count; i++)
        if (t->type[i].count.refused > 0) {
            assert_int_equal(t->type[i].count.read, t->type[i].count.refused);
            never += t->type[i].count.refused;
        }
    assert_int_equal(t->all.refused, never);
    finish(s);
}
