/* Whole documents: what a thread works with, keyed ids, the account by (path, rule), rules of a profile that all
 * formats share. */
#include "deid/doc_internal.h"

#include <stdlib.h>

#define ROWS_MAX 100000
#define ROW_TEXT_MAX 512

typedef struct {
    tw_str path, rule;
    doc_counts counts;
} row;

struct doc_rows {
    tw_map *by_key; /* path, NUL, rule -> index + 1 */
    tw_arena *arena;
    row *row;
    uint32_t n, cap;
    row *sorted; /* as of the last walk over the account */
    uint32_t sorted_n;
};

#define IDS 512 /* a power of two */
#define ID_KEY_MAX 108

typedef struct {
    uint32_t hash;
    uint8_t n; /* bytes of key; 0: free */
    char key[ID_KEY_MAX];
    char id[TW_ID_HEX + 1];
} kept_id;

struct doc_ids {
    kept_id slot[IDS];
};

static doc_rows *rows_new(void)
{
    tw_arena *a = tw_arena_new(64 * TW_MIB);
    doc_rows *r = tw_new(a, doc_rows);
    r->arena = a;
    r->by_key = tw_map_new(ROWS_MAX);
    return r;
}

static void rows_free(doc_rows *r)
{
    tw_mem_free(r->row);
    tw_mem_free(r->sorted);
    tw_map_free(r->by_key);
    tw_arena_free(r->arena);
}

/* ---------------------------------------------------------------- a thread's room */

tw_status tw_doc_work_new(tw_ctx *cx, tw_doc_work **out, const tw_doc_opts *opts)
{
    TW_ASSERT(opts->profile && opts->key);
    tw_doc_work *w = tw_mem_alloc(sizeof *w);
    TW_ASSERT(w != NULL);
    w->opts = opts;
    tw_bytes key = { opts->key, 32 };
    tw_hmac_sha256(w->id_key, key, "tw/doc/ids/1", (tw_bytes){ NULL, 0 });
    tw_hmac_sha256(w->person_key, key, "tw/doc/persons/1", (tw_bytes){ NULL, 0 });
    w->rows = rows_new();
    w->ids = tw_mem_alloc(sizeof *w->ids);
    TW_ASSERT(w->ids != NULL);
    w->fhir = tw_account_new(opts->profile);
    tw_buf_init(&w->scratch, TW_RECORD_BYTES_MAX);
    doc_known_init(&w->known);
    tw_status s = opts->text ? tw_text_work_new(cx, &w->text, opts->text) : TW_OK;
    if (s != TW_OK) {
        tw_doc_work_free(w);
        w = NULL;
    }
    *out = w;
    return s;
}

void tw_doc_work_free(tw_doc_work *w)
{
    if (!w)
        return;
    if (w->text)
        tw_text_work_free(w->text);
    doc_cache_free(w->cache);
    doc_known_done(&w->known);
    hl7_room_free(w->hl7);
    ccda_rules_free(w->ccda);
    rows_free(w->rows);
    tw_account_free(w->fhir);
    tw_wipe(w->ids, sizeof *w->ids);
    tw_mem_free(w->ids);
    tw_buf_done(&w->scratch);
    tw_wipe(w, sizeof *w);
    tw_mem_free(w);
}

void tw_doc_listen(tw_doc_work *w, const tw_doc_listener *listener)
{
    w->listener = listener;
}

/* ---------------------------------------------------------------- keys and ids */

bool doc_is_uuid(char digits[TW_ID_HEX + 1], tw_str s)
{
    static const uint8_t group[] = { 8, 4, 4, 4, 12 };
    if (s.n != 36 || s.p[8] != '-' || s.p[13] != '-' || s.p[18] != '-' || s.p[23] != '-')
        return false;
    unsigned bad = 0;
    const char *from = s.p;
    for (size_t k = 0; k < TW_COUNT(group); k++) {
        for (size_t i = 0; i < group[k]; i++) {
            uint8_t c = (uint8_t)*from++, lower = c | 0x20; /* a digit has the bit already */
            bad |= (unsigned)((uint8_t)(c - '0') > 9) & (unsigned)((uint8_t)(lower - 'a') > 5);
            *digits++ = (char)lower;
        }
        from++;
    }
    *digits = '\0';
    return !bad;
}

static tw_str cut(tw_str s)
{
    return (tw_str){ s.p, TW_MIN(s.n, DOC_ID_BYTES_MAX) };
}

static void make_id(char out[TW_ID_HEX + 1], const tw_doc_work *w, tw_str type, tw_str id)
{
    char digits[TW_ID_HEX + 1];
    if (doc_is_uuid(digits, id))
        tw_deid_id(out, w->id_key, TW_STR("uuid"), tw_str_of(digits));
    else
        tw_deid_id(out, w->id_key, (tw_str){ type.n ? type.p : "", TW_MIN(type.n, 64) }, cut(id));
}

/* A patient's records name the same few others again and again. */
void doc_id(char out[TW_ID_HEX + 1], const tw_doc_work *w, tw_str type, tw_str id)
{
    char key[ID_KEY_MAX];
    size_t n = type.n + 1 + id.n;
    if (n > sizeof key) {
        make_id(out, w, type, id);
        return;
    }
    if (type.n)
        memcpy(key, type.p, type.n);
    key[type.n] = '\0';
    if (id.n)
        memcpy(key + type.n + 1, id.p, id.n);
    tw_str k = { key, n };
    uint32_t hash = tw_str_hash(k);
    kept_id *at = &w->ids->slot[hash & (IDS - 1)];
    if (at->hash != hash || !tw_str_same(k, (tw_str){ at->key, at->n })) {
        make_id(at->id, w, type, id);
        at->hash = hash;
        at->n = (uint8_t)n;
        memcpy(at->key, key, n);
    }
    memcpy(out, at->id, sizeof at->id);
}

/* ASCII letters and digits in lower case, and all bytes of other scripts. */
size_t doc_plain(char out[DOC_ID_BYTES_MAX], tw_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < DOC_ID_BYTES_MAX; i++) {
        char c = s.p[i];
        if (c >= 'A' && c <= 'Z')
            out[n++] = (char)(c + 32);
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (uint8_t)c >= 0x80)
            out[n++] = c;
    }
    return n;
}

void doc_ident(char out[TW_ID_HEX + 1], const tw_doc_work *w, tw_str value)
{
    doc_ident_with(out, w->id_key, value);
}

void doc_ident_with(char out[TW_ID_HEX + 1], const uint8_t key[32], tw_str value)
{
    char text[DOC_ID_BYTES_MAX], digits[TW_ID_HEX + 1];
    if (tw_str_starts(value, "urn:uuid:"))
        value = (tw_str){ value.p + 9, value.n - 9 };
    if (doc_is_uuid(digits, value))
        tw_deid_id(out, key, TW_STR("uuid"), tw_str_of(digits));
    else
        tw_deid_id(out, key, TW_STR("identifier"), (tw_str){ text, doc_plain(text, value) });
}

/* 128 bits as decimal digits: long division of the bytes by ten. */
static void put_decimal(char *out, const uint8_t bits[16])
{
    uint8_t left[16];
    char digit[40];
    size_t n = 0;
    bool more = true;
    memcpy(left, bits, sizeof left);
    while (more) {
        unsigned carry = 0;
        more = false;
        for (int i = 0; i < 16; i++) {
            unsigned v = carry << 8 | left[i];
            left[i] = (uint8_t)(v / 10);
            carry = v % 10;
            more |= left[i] != 0;
        }
        digit[n++] = (char)('0' + carry);
    }
    for (size_t i = 0; i < n; i++)
        out[i] = digit[n - 1 - i];
    out[n] = '\0';
}

void doc_uid(char out[DOC_UID_TEXT], const uint8_t key[32], tw_str uid)
{
    uint8_t mac[TW_HASH];
    if (uid.n < DOC_UID_TEXT && form_code(FORM_DICOM_SOP, uid)) {
        memcpy(out, uid.p, uid.n);
        out[uid.n] = '\0';
        return;
    }
    tw_hmac_sha256(mac, (tw_bytes){ key, 32 }, "tw/doc/uid/1", tw_bytes_of(cut(uid)));
    memcpy(out, "2.25.", 5);
    put_decimal(out + 5, mac);
}

void doc_person_of(doc_person *out, const tw_doc_work *w, tw_str patient)
{
    char id[TW_ID_HEX + 1];
    uint8_t mac[TW_HASH];
    tw_bytes key = TW_BYTES(w->person_key);
    out->id_key = NULL;
    doc_ident(id, w, patient);
    tw_bytes who = { (const uint8_t *)id, TW_ID_HEX };
    tw_hmac_sha256(mac, key, "tw/doc/handle/1", who);
    memcpy(out->handle, mac, TW_HANDLE);
    tw_hmac_sha256(out->surrogate_key, key, "tw/doc/surrogates/1", who);
    tw_hmac_sha256(mac, key, "tw/doc/shift/1", who);
    int v = (int)(tw_be64(mac) % (2 * DOC_SHIFT_WEEKS_MAX)); /* 2^64 is no multiple of 104: a bias of 2^-57 */
    out->shift_weeks = v < DOC_SHIFT_WEEKS_MAX ? v - DOC_SHIFT_WEEKS_MAX : v - DOC_SHIFT_WEEKS_MAX + 1;
}

/* ---------------------------------------------------------------- account */

static bool room_for_row(doc_rows *r)
{
    if (r->n < r->cap)
        return true;
    uint32_t cap = r->cap ? 2 * r->cap : 64;
    row *p = tw_mem_resize(r->row, cap * sizeof *p);
    if (!p)
        return false;
    r->row = p;
    r->cap = cap;
    return true;
}

uint32_t doc_row(tw_doc_work *w, tw_str path, tw_str rule)
{
    char key[2 * ROW_TEXT_MAX + 1];
    doc_rows *r = w->rows;
    path.n = TW_MIN(path.n, ROW_TEXT_MAX);
    rule.n = TW_MIN(rule.n, ROW_TEXT_MAX);
    size_t n = path.n + 1 + rule.n;
    memcpy(key, path.p, path.n);
    key[path.n] = '\0';
    memcpy(key + path.n + 1, rule.p, rule.n);
    tw_bytes k = { (const uint8_t *)key, n };
    uintptr_t at = (uintptr_t)tw_map_get(r->by_key, k);
    if (at)
        return (uint32_t)(at - 1);
    TW_ASSERT(room_for_row(r)); /* rows are rules' and schemas', few */
    TW_ASSERT(tw_map_put(r->by_key, k, (void *)((uintptr_t)r->n + 1)));
    r->row[r->n] = (row){ .path = tw_str_dup(r->arena, path), .rule = tw_str_dup(r->arena, rule) };
    return r->n++;
}

uint32_t doc_rows_count(const tw_doc_work *w)
{
    return w->rows->n;
}

void doc_count_row(tw_doc_work *w, uint32_t at, tw_doc_what what, uint64_t n)
{
    w->rows->row[at].counts.n[what] += n;
}

void doc_count(tw_doc_work *w, tw_str path, tw_str rule, tw_doc_what what)
{
    doc_count_row(w, doc_row(w, path, rule), what, 1);
}

void doc_act(const tw_doc_work *w, tw_str path, tw_str rule, tw_doc_what what, tw_str before, tw_str after)
{
    tw_doc_act act = { path, rule, what, before, after };
    if (w->listener)
        w->listener->each(w->listener->self, &act);
}

static int by_path_and_rule(const void *x, const void *y)
{
    const row *a = x, *b = y;
    int c = tw_str_cmp(a->path, b->path);
    return c ? c : tw_str_cmp(a->rule, b->rule);
}

static uint64_t sum(const doc_counts *c)
{
    return c->n[TW_DOC_KEPT] + c->n[TW_DOC_CHANGED] + c->n[TW_DOC_REMOVED];
}

/* Rows of FHIR's elements and of the other formats as one list. */
static void gather_rows(const tw_doc_work *w)
{
    doc_rows *r = w->rows;
    size_t cursor = 0, n = 0;
    tw_account_row a;
    while (tw_account_next(w->fhir, &cursor, &a))
        n++;
    row *all = tw_mem_resize(r->sorted, (n + r->n + 1) * sizeof *all);
    TW_ASSERT(all != NULL);
    r->sorted = all;
    n = 0;
    for (cursor = 0; tw_account_next(w->fhir, &cursor, &a); n++)
        all[n] = (row){ a.path, a.rule, { { a.kept, a.changed, a.removed } } };
    for (uint32_t i = 0; i < r->n; i++)
        if (sum(&r->row[i].counts))
            all[n++] = r->row[i];
    r->sorted_n = (uint32_t)n;
    if (n)
        qsort(all, n, sizeof *all, by_path_and_rule);
}

/* Rows of the same name, one of each kind, become one. */
bool tw_doc_account_next(const tw_doc_work *w, size_t *cursor, tw_doc_row *out)
{
    const doc_rows *r = w->rows;
    if (*cursor == 0)
        gather_rows(w);
    if (*cursor >= r->sorted_n)
        return false;
    const row *first = &r->sorted[*cursor];
    *out = (tw_doc_row){ first->path, first->rule, 0, 0, 0 };
    for (; *cursor < r->sorted_n && by_path_and_rule(&r->sorted[*cursor], first) == 0; ++*cursor) {
        const doc_counts *c = &r->sorted[*cursor].counts;
        out->kept += c->n[TW_DOC_KEPT];
        out->changed += c->n[TW_DOC_CHANGED];
        out->removed += c->n[TW_DOC_REMOVED];
    }
    return true;
}

void tw_doc_account_merge(tw_doc_work *into, const tw_doc_work *from)
{
    tw_account_merge(into->fhir, from->fhir);
    for (uint32_t i = 0; i < from->rows->n; i++) {
        const row *r = &from->rows->row[i];
        uint32_t at = doc_row(into, r->path, r->rule);
        for (int k = 0; k < 3; k++)
            doc_count_row(into, at, (tw_doc_what)k, r->counts.n[k]);
    }
}

/* ---------------------------------------------------------------- rules that all formats share */

doc_time_law doc_time(int *weeks, const tw_doc_work *w, const doc_person *person, const when *t, bool birth)
{
    const tw_profile *p = w->opts->profile;
    *weeks = p->times == TIMES_SHIFT ? person->shift_weeks : 0;
    if (p->times == TIMES_REMOVE || when_age(t, w->opts->reference_day) >= AGE_OVER)
        return DOC_TIME_REMOVE;
    return birth || p->times == TIMES_YEAR || t->d == 0 ? DOC_TIME_YEAR : DOC_TIME_SHIFT;
}

bool doc_code(const tw_doc_work *w, tw_str system, tw_str code)
{
    const code_system *s = frozen_get(&w->opts->profile->systems, system);
    return s && code.n > 0 && (tw_r4_has_code(&s->codes, code) || form_code(s->form, code));
}

bool doc_word(const tw_doc_work *w, const char *path, tw_str word)
{
    char key[256];
    size_t n = strlen(path);
    if (n + 1 + word.n > sizeof key)
        return false;
    memcpy(key, path, n);
    key[n] = ' ';
    if (word.n)
        memcpy(key + n + 1, word.p, word.n);
    return tw_map_get(w->opts->profile->words, tw_bytes_of((tw_str){ key, n + 1 + word.n })) != NULL;
}

bool doc_zip3(char out[4], const tw_doc_work *w, tw_str zip)
{
    const tw_profile *p = w->opts->profile;
    if (tw_map_count(p->zip3) == 0 || !form_zip(zip))
        return false;
    zip.n = 3;
    memcpy(out, tw_map_get(p->zip3, tw_bytes_of(zip)) ? "000" : zip.p, 3);
    out[3] = '\0';
    return true;
}
