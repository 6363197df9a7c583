/* The walk over the rows of a map: one resource's members, in the order of the rows. */
#include "sources/hl7_map.h"

static const struct {
    const char *open;
    const char *close;
} groups[] = {
    [HL7_NO_GROUP] = { "", "" },
    [HL7_PERIOD] = { ",\"period\":{", "}" },
    [HL7_STAY] = { ",\"hospitalization\":{", "}" },
    [HL7_EFFECTIVE] = { ",\"effectivePeriod\":{", "}" },
    [HL7_COLLECTION] = { ",\"collection\":{", "}" },
    [HL7_COLLECTED] = { ",\"collection\":{\"collectedPeriod\":{", "}}" },
};

typedef struct {
    uint8_t group;
    bool fresh;       /* nothing stands in the group yet */
    const char *list; /* key of the array that is open; NULL: none */
} walk;

static bool has(const tw_hl7_x *x, tw_hl7_slot slot, uint32_t field)
{
    return tw_hl7_get(x, slot, field).n > 0;
}

static bool is(const tw_hl7_x *x, tw_hl7_slot slot, uint32_t field, const char *code)
{
    return tw_str_is(tw_hl7_part(tw_hl7_get(x, slot, field), x->m.delims.component, 1), code);
}

static bool holds(const tw_hl7_x *x, tw_hl7_cond cond)
{
    switch (cond) {
    case HL7_ALWAYS:
        return true;
    case HL7_IF_MERGE:
        return x->merges;
    case HL7_IF_NOT_REOPENED:
        return !x->reopens;
    case HL7_IF_NO_PID25:
        return !has(x, HL7_PID, 25);
    case HL7_IF_NO_PID29:
        return !has(x, HL7_PID, 29);
    case HL7_IF_NO_ORC2:
        return !has(x, HL7_ORC, 2);
    case HL7_IF_NO_ORC3:
        return !has(x, HL7_ORC, 3);
    case HL7_IF_NO_ORC12:
        return !has(x, HL7_ORC, 12);
    case HL7_IF_NO_OBR8:
        return !has(x, HL7_OBR, 8);
    case HL7_IF_OBR8:
        return has(x, HL7_OBR, 8);
    case HL7_IF_NO_OBX14:
        return !has(x, HL7_OBX, 14) && !has(x, HL7_OBR, 8);
    case HL7_IF_NO_OBX14_OBR8:
        return !has(x, HL7_OBX, 14) && has(x, HL7_OBR, 8);
    case HL7_IF_DELETED:
        return is(x, HL7_DG1, 21, "D");
    case HL7_IF_NOT_ASKED:
        return is(x, HL7_OBX, 11, "N");
    case HL7_IF_REFLEX:
        return is(x, HL7_OBR, 11, "G");
    case HL7_IF_NOT_REFLEX:
        return !is(x, HL7_OBR, 11, "G");
    case HL7_IF_PREADMIT:
        return is(x, HL7_PV1, 2, "P");
    case HL7_IF_NOT_PREADMIT:
        return !is(x, HL7_PV1, 2, "P");
    }
    tw_assert_failed("a condition", __FILE__, __LINE__);
}

static void close_list(tw_hl7_x *x, walk *w)
{
    if (w->list)
        HL7_PUT(x, "]");
    w->list = NULL;
}

static void go_to(tw_hl7_x *x, walk *w, const tw_hl7_row *r)
{
    bool same_list = w->list && r->many && w->group == r->group && strcmp(w->list, r->key) == 0;
    if (same_list) {
        HL7_PUT(x, ",");
        return;
    }
    close_list(x, w);
    if (w->group == HL7_COLLECTED && r->group == HL7_COLLECTION) { /* out of the period, still in the collection */
        tw_hl7_cstr(x, "}");
        w->group = HL7_COLLECTION;
    }
    if (w->group != r->group) {
        tw_hl7_cstr(x, groups[w->group].close);
        tw_hl7_cstr(x, groups[r->group].open);
        w->group = r->group;
        w->fresh = r->group != HL7_NO_GROUP;
    }
    tw_hl7_raw(x, r->key + w->fresh, r->key_n - w->fresh);
    w->fresh = false;
    if (r->many) {
        HL7_PUT(x, "[");
        w->list = r->key;
    }
}

static void one(tw_hl7_x *x, walk *w, const tw_hl7_row *r, tw_str rep)
{
    const walk before = *w;
    size_t mark = x->out->n;
    go_to(x, w, r);
    bool well = x->status == TW_OK;
    if (tw_hl7_write(x, rep, r))
        return;
    if (well && x->status != TW_OK)
        tw_hl7_note_place(x, (tw_hl7_slot)r->slot, r->field);
    x->out->n = mark;
    *w = before;
}

void tw_hl7_write_rows(tw_hl7_x *x, const tw_hl7_rows *rows)
{
    walk w = { .group = HL7_NO_GROUP };
    for (size_t i = 0; i < rows->count && x->status == TW_OK; i++) {
        const tw_hl7_row *r = &rows->row[i];
        tw_str raw = { "", 0 };
        if (r->field > 0)
            raw = tw_hl7_get(x, (tw_hl7_slot)r->slot, r->field);
        if ((r->field > 0 && raw.n == 0) || !x->slot_no[r->slot] || (r->cond && !holds(x, (tw_hl7_cond)r->cond)))
            continue;
        tw_str rep = raw;
        if (raw.n == 0 || !memchr(raw.p, x->m.delims.repetition, raw.n)) {
            one(x, &w, r, rep);
            continue;
        }
        while (tw_hl7_next(&rep, &raw, x->m.delims.repetition)) {
            if (rep.n > 0 && !tw_hl7_is_delete(rep))
                one(x, &w, r, rep);
            if (!r->many)
                break;
        }
    }
    close_list(x, &w);
    tw_hl7_cstr(x, groups[w.group].close);
}
