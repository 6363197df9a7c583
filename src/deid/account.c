/* What the gate did, per element. Counters lie beside the members of the table; a merge is an addition. */
#include "deid/deid_internal.h"

tw_account *tw_account_new(const tw_profile *p)
{
    const tw_r4 *t = &p->table;
    tw_arena *arena = tw_arena_new(16 * TW_MIB);
    tw_account *a = tw_new(arena, tw_account);
    a->arena = arena;
    a->profile = p;
    a->of_member = tw_arena_get(arena, t->member_count * sizeof *a->of_member);
    a->unknown = tw_arena_get(arena, t->node_count * sizeof *a->unknown);
    a->refused = tw_arena_get(arena, (t->node_count + 1) * sizeof *a->refused);
    return a;
}

void tw_account_free(tw_account *a)
{
    if (a)
        tw_arena_free(a->arena);
}

void account_record(tw_account *a)
{
    if (a)
        a->records++;
}

void account_refused(tw_account *a, tw_str type)
{
    if (!a)
        return;
    const tw_r4 *t = &a->profile->table;
    uint32_t node = tw_r4_node_of(t, type);
    a->refused[node != TW_R4_NONE && t->node[node].resource ? node : t->node_count]++;
}

void tw_account_merge(tw_account *into, const tw_account *from)
{
    const tw_r4 *t = &into->profile->table;
    TW_ASSERT(memcmp(into->profile->hash, from->profile->hash, 32) == 0);
    for (uint32_t i = 0; i < t->member_count; i++) {
        into->of_member[i].kept += from->of_member[i].kept;
        into->of_member[i].changed += from->of_member[i].changed;
        into->of_member[i].removed += from->of_member[i].removed;
    }
    for (uint32_t i = 0; i < t->node_count; i++)
        into->unknown[i] += from->unknown[i];
    for (uint32_t i = 0; i <= t->node_count; i++)
        into->refused[i] += from->refused[i];
    into->records += from->records;
}

tw_account_sums tw_account_sum(const tw_account *a)
{
    const tw_r4 *t = &a->profile->table;
    tw_account_sums s = { .records = a->records };
    for (uint32_t i = 0; i < t->member_count; i++) {
        s.kept += a->of_member[i].kept;
        s.changed += a->of_member[i].changed;
        s.removed += a->of_member[i].removed;
    }
    for (uint32_t i = 0; i < t->node_count; i++)
        s.unknown += a->unknown[i];
    for (uint32_t i = 0; i <= t->node_count; i++)
        s.refused += a->refused[i];
    return s;
}

/* Members first, then one row a node for members that R4 does not have. */
bool tw_account_next(const tw_account *a, size_t *cursor, tw_account_row *row)
{
    const tw_r4 *t = &a->profile->table;
    for (; *cursor < t->member_count; ++*cursor) {
        const account_counts *c = &a->of_member[*cursor];
        const tw_r4_member *m = &t->member[*cursor];
        if (c->kept + c->changed + c->removed == 0)
            continue;
        *row = (tw_account_row){ m->path, a->profile->rule[m->rule], c->kept, c->changed, c->removed };
        ++*cursor;
        return true;
    }
    for (; *cursor < (size_t)t->member_count + t->node_count; ++*cursor) {
        size_t node = *cursor - t->member_count;
        if (!a->unknown[node])
            continue;
        *row = (tw_account_row){ t->node[node].path, TW_STR("unknown-member"), 0, 0, a->unknown[node] };
        ++*cursor;
        return true;
    }
    return false;
}

bool tw_account_next_refused(const tw_account *a, size_t *cursor, tw_str *type, uint64_t *count)
{
    const tw_r4 *t = &a->profile->table;
    for (; *cursor <= t->node_count; ++*cursor) {
        if (!a->refused[*cursor])
            continue;
        *type = *cursor < t->node_count ? t->node[*cursor].path : TW_STR("(unknown type)");
        *count = a->refused[*cursor];
        ++*cursor;
        return true;
    }
    return false;
}

static void write_row(tw_jw *w, const tw_account_row *r)
{
    tw_jw_object(w);
    tw_jw_kv(w, "path", r->path);
    tw_jw_kv(w, "rule", r->rule);
    tw_jw_kv_u64(w, "kept", r->kept);
    tw_jw_kv_u64(w, "changed", r->changed);
    tw_jw_kv_u64(w, "removed", r->removed);
    tw_jw_object_end(w);
}

static void write_hash(tw_jw *w, const char *key, const uint8_t hash[32])
{
    char hex[65];
    for (int i = 0; i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    tw_jw_kv(w, key, tw_str_of(hex));
}

void tw_account_write(tw_jw *w, const tw_account *a, const tw_account_text *text)
{
    tw_account_sums s = tw_account_sum(a);
    tw_jw_object(w);
    tw_jw_kv(w, "profile", a->profile->name);
    write_hash(w, "profile_hash", a->profile->hash);
    if (text)
        tw_jw_kv(w, "text", text->what);
    if (text && text->model_hash)
        write_hash(w, "text_model_hash", text->model_hash);
    tw_jw_kv_u64(w, "records", s.records);
    tw_jw_kv_u64(w, "refused", s.refused);
    tw_jw_kv_u64(w, "kept", s.kept);
    tw_jw_kv_u64(w, "changed", s.changed);
    tw_jw_kv_u64(w, "removed", s.removed);
    tw_jw_kv_u64(w, "unknown", s.unknown);
    tw_jw_key(w, "elements");
    tw_jw_array(w);
    size_t cursor = 0;
    tw_account_row row;
    while (tw_account_next(a, &cursor, &row))
        write_row(w, &row);
    tw_jw_array_end(w);
    tw_jw_key(w, "refused_types");
    tw_jw_array(w);
    tw_str type;
    uint64_t count = 0;
    for (cursor = 0; tw_account_next_refused(a, &cursor, &type, &count);) {
        tw_jw_object(w);
        tw_jw_kv(w, "type", type);
        tw_jw_kv_u64(w, "count", count);
        tw_jw_object_end(w);
    }
    tw_jw_array_end(w);
    tw_jw_object_end(w);
}
