/* ZIP archives in memory, by libzip. */
#include "format/format.h"

#include <zip.h>

#define ENTRIES_MAX 10000
#define DOS_DATE_1980 ((1u << 5) | 1u) /* 1 January 1980: year 0, month 1, day 1 */

static tw_status failed(tw_ctx *cx, const char *what, zip_error_t *e)
{
    tw_status s = tw_fail(cx, TW_EPARSE, "archive: %s: %s", what, zip_error_strerror(e));
    zip_error_fini(e);
    return s;
}

static bool safe_name(tw_str name)
{
    tw_str part, rest = name;
    if (!name.n || name.p[0] == '/' || memchr(name.p, '\\', name.n) || memchr(name.p, ':', name.n))
        return false;
    while (tw_str_split(&part, &rest, '/'))
        if (tw_str_is(part, "..") || tw_str_is(part, "."))
            return false;
    return true;
}

static tw_status check(tw_ctx *cx, zip_stat_t *st, zip_t *z, zip_uint64_t i, size_t *left)
{
    zip_uint64_t need = ZIP_STAT_NAME | ZIP_STAT_SIZE;
    if (zip_stat_index(z, i, ZIP_FL_ENC_STRICT, st) || (st->valid & need) != need)
        return tw_fail(cx, TW_EPARSE, "archive: entry %llu has no name or size", (unsigned long long)i);
    if (!safe_name(tw_str_of(st->name)))
        return tw_fail(cx, TW_EREFUSED, "archive: entry %llu has a name that leaves the archive",
                       (unsigned long long)i);
    if ((st->valid & ZIP_STAT_ENCRYPTION_METHOD) && st->encryption_method != ZIP_EM_NONE)
        return tw_fail(cx, TW_EREFUSED, "archive: entry %llu is encrypted", (unsigned long long)i);
    if (st->size > *left)
        return tw_fail(cx, TW_ELIMIT, "archive: its files are larger than allowed");
    *left -= (size_t)st->size;
    return TW_OK;
}

static tw_status unpack(tw_ctx *cx, tw_zip_entry *e, zip_t *z, zip_uint64_t i, const zip_stat_t *st)
{
    size_t size = (size_t)st->size;
    uint8_t *data = tw_arena_try(cx->arena, size ? size : 1);
    zip_file_t *f = data ? zip_fopen_index(z, i, 0) : NULL;
    if (!data)
        return tw_fail(cx, TW_ELIMIT, "archive: no memory left for entry %llu", (unsigned long long)i);
    if (!f)
        return tw_fail(cx, TW_EPARSE, "archive: entry %llu cannot be read", (unsigned long long)i);
    zip_int64_t got = zip_fread(f, data, size);
    uint8_t more;
    bool whole = got >= 0 && (size_t)got == size && zip_fread(f, &more, 1) == 0; /* the end checks the CRC */
    if (zip_fclose(f) || !whole)
        return tw_fail(cx, TW_EPARSE, "archive: entry %llu is damaged", (unsigned long long)i);
    *e = (tw_zip_entry){ tw_str_dup(cx->arena, tw_str_of(st->name)), { data, size } };
    return TW_OK;
}

static tw_status read_all(tw_ctx *cx, tw_zip_entry **out, size_t *n, zip_t *z, size_t bytes_max)
{
    zip_int64_t count = zip_get_num_entries(z, 0);
    size_t left = bytes_max;
    if (count < 0 || count > ENTRIES_MAX)
        return tw_fail(cx, TW_ELIMIT, "archive: at most %d files", ENTRIES_MAX);
    *out = tw_try_array(cx->arena, tw_zip_entry, (size_t)count + 1);
    *n = 0;
    if (!*out)
        return tw_fail(cx, TW_ELIMIT, "archive: no memory left");
    for (zip_uint64_t i = 0; i < (zip_uint64_t)count; i++) {
        zip_stat_t st;
        TW_TRY(check(cx, &st, z, i, &left));
        if (!tw_str_ends(tw_str_of(st.name), "/"))
            TW_TRY(unpack(cx, &(*out)[(*n)++], z, i, &st));
    }
    return TW_OK;
}

tw_status tw_zip_read(tw_ctx *cx, tw_zip_entry **out, size_t *n, tw_bytes archive, size_t bytes_max)
{
    zip_error_t e;
    if (archive.n == 0) /* libzip would call it an archive without files */
        return tw_fail(cx, TW_EPARSE, "archive: it is empty");
    zip_error_init(&e);
    zip_source_t *source = zip_source_buffer_create(archive.p, archive.n, 0, &e);
    if (!source)
        return failed(cx, "cannot be opened", &e);
    zip_t *z = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &e);
    if (!z) {
        zip_source_free(source);
        return failed(cx, "cannot be opened", &e);
    }
    tw_status s = read_all(cx, out, n, z, bytes_max);
    zip_discard(z);
    zip_error_fini(&e);
    return s;
}

static bool add(zip_t *z, const tw_zip_entry *e, const char *name)
{
    zip_source_t *s = zip_source_buffer(z, e->data.p, e->data.n, 0);
    zip_int64_t i = s ? zip_file_add(z, name, s, ZIP_FL_ENC_UTF_8) : -1;
    if (i < 0) {
        zip_source_free(s);
        return false;
    }
    return zip_file_set_dostime(z, (zip_uint64_t)i, 0, DOS_DATE_1980, 0) == 0 &&
           zip_set_file_compression(z, (zip_uint64_t)i, ZIP_CM_DEFLATE, 9) == 0;
}

/* The finished archive is in `source`. */
static tw_status take(tw_ctx *cx, tw_buf *out, zip_source_t *source)
{
    zip_stat_t st;
    uint8_t chunk[4096];
    zip_int64_t got = 0;
    if (zip_source_stat(source, &st) || zip_source_open(source))
        return tw_fail(cx, TW_EFOREIGN, "archive: libzip cannot give back what it wrote");
    while ((got = zip_source_read(source, chunk, sizeof chunk)) > 0)
        tw_buf_add(out, chunk, (size_t)got);
    zip_source_close(source);
    return got < 0 ? tw_fail(cx, TW_EFOREIGN, "archive: libzip cannot give back what it wrote") : TW_OK;
}

tw_status tw_zip_write(tw_ctx *cx, tw_buf *out, const tw_zip_entry *entry, size_t n)
{
    zip_error_t e;
    zip_error_init(&e);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &e);
    zip_t *z = source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &e) : NULL;
    if (!z) {
        zip_source_free(source);
        return failed(cx, "cannot be made", &e);
    }
    zip_source_keep(source);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = safe_name(entry[i].name) && add(z, &entry[i], tw_cstr(cx->arena, entry[i].name));
    if (!ok || zip_close(z)) {
        zip_discard(z);
        zip_source_free(source);
        zip_error_fini(&e);
        return tw_fail(cx, TW_EFOREIGN, "archive: cannot be made");
    }
    tw_status s = take(cx, out, source);
    zip_source_free(source);
    zip_error_fini(&e);
    return s;
}
