/* HL7 v2 messages through the rules: the walk over segments, fields, repetitions and components. */
#include "deid/hl7_internal.h"

#define ARENA_MAX (1024 * TW_MIB)
#define ARENA_KEEP (512 * TW_KIB)
#define UNDIVIDED_MAX 64

static const hl7_leaf nothing = { HL7_REMOVE, HL7_FEED_NONE, 0 };

/* ---------------------------------------------------------------- a thread's memories */

/* Messages are small and many: their arena keeps a chunk that fits most of them. */
static void own_arena(hl7_room *r)
{
    r->arena = tw_arena_new(ARENA_MAX);
    (void)tw_arena_get(r->arena, ARENA_KEEP / 2); /* the chunk after it is twice as large, and stays */
    (void)tw_arena_get(r->arena, 1);
    r->mark = tw_arena_mark(r->arena);
}

static tw_status room_of(tw_ctx *cx, hl7_room **out, tw_doc_work *w)
{
    if (!w->hl7) {
        hl7_room *r = tw_mem_alloc(sizeof *r);
        TW_ASSERT(r != NULL);
        w->hl7 = r;
        r->unlisted = HL7_NOTHING;
        r->id = tw_mem_alloc(HL7_IDS * sizeof *r->id);
        r->code = tw_mem_alloc(HL7_CODES * sizeof *r->code);
        TW_ASSERT(r->id != NULL && r->code != NULL);
        own_arena(r);
        doc_known_init(&r->known);
    }
    *out = w->hl7;
    if ((*out)->rules)
        return TW_OK;
    return hl7_rules_parse(cx, &(*out)->rules, hl7_rules_text(), w->opts->profile->name);
}

void hl7_room_free(hl7_room *r)
{
    if (!r)
        return;
    doc_known_done(&r->known);
    hl7_rules_free(r->rules);
    tw_arena_free(r->arena);
    tw_wipe(r->id, HL7_IDS * sizeof *r->id);
    tw_wipe(r->code, HL7_CODES * sizeof *r->code);
    tw_mem_free(r->id);
    tw_mem_free(r->code);
    tw_wipe(r, sizeof *r);
    tw_mem_free(r);
}

/* ---------------------------------------------------------------- writing */

static inline void put(tw_buf *b, const char *p, size_t n)
{
    if (!b->failed && b->cap - b->n >= n) {
        if (n)
            memcpy(b->p + b->n, p, n);
        b->n += n;
    } else {
        tw_buf_add(b, p, n);
    }
}

void hl7_splice(hl7_walk *x, const char *p, size_t skip, tw_str text)
{
    put(x->out, x->from, (size_t)(p - x->from));
    put(x->out, text.p, text.n);
    x->from = p + skip;
}

static void drop(hl7_walk *x, const char *p, size_t n)
{
    hl7_splice(x, p, n, (tw_str){ NULL, 0 });
}

/* ---------------------------------------------------------------- account and listener */

static const char *label(const hl7_walk *x, const hl7_rule *rule)
{
    return x->rules->label[rule->label].p;
}

/* "PID-5"; fields beyond those that rules can name are one row. */
static void count(hl7_walk *x, hl7_rule *rule, tw_doc_what what)
{
    char path[24];
    if (rule->row == HL7_NOTHING) {
        bool beyond = rule == &x->seg->field[0];
        int n = beyond ? snprintf(path, sizeof path, "%s-*", x->seg->name)
                       : snprintf(path, sizeof path, "%s-%u", x->seg->name, x->n);
        rule->row = doc_row(x->w, (tw_str){ path, (size_t)n }, tw_str_of(label(x, rule)));
    }
    doc_count_row(x->w, rule->row, what, 1);
}

static unsigned ordinal(const hl7_walk *x)
{
    unsigned n = 1;
    for (const tw_hl7_segment *s = x->m.segment; s < x->segment; s++)
        n += memcmp(s->name, x->segment->name, 3) == 0;
    return n;
}

/* "OBX[3]-5[2].1"; a position of one is not written, a component of zero is the whole field. */
static void tell(hl7_walk *x, const char *rule, tw_doc_what what, tw_str before, tw_str after)
{
    char path[64], seg[16] = "", rep[16] = "", part[16] = "";
    unsigned k = ordinal(x);
    if (k > 1)
        (void)!snprintf(seg, sizeof seg, "[%u]", k);
    if (x->repetition > 1)
        (void)!snprintf(rep, sizeof rep, "[%u]", x->repetition);
    if (x->component)
        (void)!snprintf(part, sizeof part, ".%u", x->component);
    int n = x->n ? snprintf(path, sizeof path, "%s%s-%u%s%s", x->segment->name, seg, x->n, rep, part)
                 : snprintf(path, sizeof path, "%s%s", x->segment->name, seg);
    doc_act(x->w, (tw_str){ path, (size_t)n }, tw_str_of(rule), what, before, after);
}

/* ---------------------------------------------------------------- rules at hand */

uint32_t hl7_first_field(const tw_hl7_segment *s)
{
    const char *n = s->name;
    bool batch = (n[0] == 'F' || n[0] == 'B') && n[1] == 'H' && n[2] == 'S';
    return batch || (n[0] == 'M' && n[1] == 'S' && n[2] == 'H') ? 2 : 1;
}

hl7_rule *hl7_rule_of(hl7_segment_rules *seg, uint32_t n)
{
    return &seg->field[n < HL7_FIELDS_MAX ? n : 0];
}

const hl7_type *hl7_type_here(const hl7_rules *r, const tw_hl7 *m, const tw_hl7_segment *s, const hl7_rule *rule)
{
    const hl7_type *t = &r->type[rule->type];
    if (t->part[0].act != HL7_VARIES)
        return t;
    tw_str name = tw_hl7_field(m, s, 2);
    for (uint32_t i = 0; i < r->observations; i++)
        if (tw_str_is(name, r->type[r->observation[i]].name))
            return &r->type[r->observation[i]];
    return NULL;
}

/* ---------------------------------------------------------------- fields */

/* No delimiter of parts stands in it. */
static inline bool undivided(const hl7_walk *x, tw_str raw)
{
    uint8_t any = 0;
    for (size_t i = 0; i < raw.n; i++)
        any |= x->divides[(unsigned char)raw.p[i]];
    return !any;
}

static void outcome(hl7_walk *x, const hl7_rule *rule, tw_str value, tw_doc_what what, tw_str after)
{
    x->any |= what != TW_DOC_REMOVED;
    x->changed |= what != TW_DOC_KEPT;
    if (what != TW_DOC_KEPT)
        hl7_splice(x, value.p, value.n, after);
    if (x->w->listener)
        tell(x, label(x, rule), what, value, what == TW_DOC_KEPT ? value : after);
}

static void kept_or_not(hl7_walk *x, const hl7_rule *rule, tw_str value, bool kept)
{
    if (value.n)
        outcome(x, rule, value, kept ? TW_DOC_KEPT : TW_DOC_REMOVED, (tw_str){ NULL, 0 });
    x->component++;
}

/* Code, text and system: *comp is the code, the other two are taken off *rest. */
static tw_status coded(hl7_walk *x, const hl7_rule *rule, const hl7_leaf *leaf, tw_str comp, tw_str *rest)
{
    tw_str display = { "", 0 }, system = { "", 0 };
    char c = x->m.delims.component;
    hl7_coded v;
    const char *end = comp.p + comp.n;
    if (hl7_next(&display, rest, c))
        end = display.p + display.n;
    if (hl7_next(&system, rest, c))
        end = system.p + system.n;
    tw_str raw = { comp.p, (size_t)(end - comp.p) };
    if (raw.n == 0)
        return TW_OK;
    TW_TRY(hl7_code(x, &v, comp, display, system, raw, leaf->table ? leaf->table : rule->table));
    x->age |= v.age && x->n == 3;
    kept_or_not(x, rule, comp, v.code);
    kept_or_not(x, rule, display, v.display);
    kept_or_not(x, rule, system, v.system);
    x->component -= 3;
    return TW_OK;
}

static tw_status display_alone(hl7_walk *x, const hl7_rule *rule, tw_str comp)
{
    hl7_coded v;
    tw_str none = { "", 0 };
    TW_TRY(hl7_code(x, &v, none, comp, none, comp, 0));
    kept_or_not(x, rule, comp, v.display);
    x->component--;
    return TW_OK;
}

static void value(hl7_walk *x, const hl7_type *t, const hl7_rule *rule, const hl7_leaf *leaf, tw_str comp, tw_str rep)
{
    hl7_out o;
    tw_str first = comp;
    const char *sub = memchr(comp.p, x->m.delims.sub, comp.n);
    if (sub)
        first.n = (size_t)(sub - comp.p);
    if (first.n == 0 || leaf->act == HL7_REMOVE)
        o.what = TW_DOC_REMOVED;
    else
        hl7_value(x, &o, t, rule, leaf, first, rep);
    if (o.what == TW_DOC_KEPT && sub) {
        o.what = TW_DOC_CHANGED;
        o.text = first;
    }
    outcome(x, rule, comp, o.what, o.what == TW_DOC_CHANGED ? o.text : (tw_str){ NULL, 0 });
}

static tw_status repetition(hl7_walk *x, const hl7_type *t, const hl7_rule *rule, tw_str rep)
{
    tw_str rest = rep, comp;
    x->component = 1;
    for (; hl7_next(&comp, &rest, x->m.delims.component); x->component++) {
        const hl7_leaf *leaf = x->component <= t->parts ? &t->part[x->component - 1] : &nothing;
        if (leaf->act == HL7_CODE) {
            TW_TRY(coded(x, rule, leaf, comp, &rest));
            x->component += 2;
        } else if (comp.n > 0 && leaf->act == HL7_DISPLAY) {
            TW_TRY(display_alone(x, rule, comp));
        } else if (comp.n > 0) {
            value(x, t, rule, leaf, comp, rep);
        }
    }
    return TW_OK;
}

/* A text of many bytes is written by hl7_text itself. */
static tw_status text(hl7_walk *x, const hl7_type *t, const hl7_rule *rule, tw_str rep)
{
    size_t n = x->out->n;
    const char *from = x->from;
    hl7_text_fate fate;
    x->component = 0;
    TW_TRY(hl7_text(x, &fate, t, rep));
    x->any |= fate != HL7_TEXT_REMOVED;
    x->changed |= fate != HL7_TEXT_KEPT;
    if (!x->w->listener || x->out->failed)
        return TW_OK;
    tw_str after = rep;
    if (fate != HL7_TEXT_KEPT) { /* what stands in `out` now, without what stood before the text */
        drop(x, rep.p + rep.n, 0);
        size_t skip = n + (size_t)(rep.p - from);
        after = (tw_str){ (const char *)x->out->p + skip, x->out->n - skip };
    }
    tell(x, label(x, rule),
         fate == HL7_TEXT_KEPT ? TW_DOC_KEPT
         : after.n             ? TW_DOC_CHANGED
                               : TW_DOC_REMOVED,
         rep, after);
    return TW_OK;
}

/* Where the output stands, to come back to. */
typedef struct {
    size_t n;
    const char *from;
} place;

static place here(const hl7_walk *x)
{
    return (place){ x->out->n, x->from };
}

/* What was written since `before` was separators of nothing. */
static void take_away(hl7_walk *x, const place *before, tw_str raw)
{
    x->out->n = x->out->failed ? 0 : before->n;
    x->from = before->from;
    drop(x, raw.p, raw.n);
}

static tw_status one(hl7_walk *x, const hl7_type *t, const hl7_rule *rule, tw_str rep)
{
    place before = here(x);
    x->any = x->changed = false;
    TW_TRY(t->text ? text(x, t, rule, rep) : repetition(x, t, rule, rep));
    if (x->changed && !x->any)
        take_away(x, &before, rep);
    return TW_OK;
}

static void remove_field(hl7_walk *x, hl7_rule *rule, tw_str raw)
{
    drop(x, raw.p, raw.n);
    count(x, rule, TW_DOC_REMOVED);
    x->component = 0;
    x->repetition = 1;
    if (x->w->listener)
        tell(x, label(x, rule), TW_DOC_REMOVED, raw, (tw_str){ "", 0 });
}

/* One component without parts: most fields. */
static void single(hl7_walk *x, const hl7_type *t, hl7_rule *rule, tw_str raw)
{
    hl7_out o;
    x->component = x->repetition = 1;
    hl7_value(x, &o, t, rule, &t->part[0], raw, raw);
    outcome(x, rule, raw, o.what, o.what == TW_DOC_CHANGED ? o.text : (tw_str){ NULL, 0 });
    count(x, rule, o.what);
}

/* What says how a message is read was checked where it was read: in the first header. In one that stands behind it, it
 * stays when it is the same. */
static bool read_before(const hl7_walk *x, tw_str raw)
{
    const tw_hl7_segment *first = &x->m.segment[0];
    return x->segment == first || hl7_first_field(x->segment) == 1 ||
           tw_str_eq(raw, tw_hl7_field(&x->m, first, x->n));
}

static tw_status field(hl7_walk *x, hl7_rule *rule, tw_str raw)
{
    const hl7_type *t = rule->type ? hl7_type_here(x->rules, &x->m, x->segment, rule) : NULL;
    bool keep = t && t->part[0].act == HL7_KEEP;
    if (!t || (keep && !read_before(x, raw))) {
        remove_field(x, rule, raw);
        return TW_OK;
    }
    if (keep || tw_hl7_is_delete(raw)) {
        count(x, rule, TW_DOC_KEPT);
        return TW_OK;
    }
    if (t->gone && !x->w->listener) {
        remove_field(x, rule, raw);
        return TW_OK;
    }
    if (t->single && raw.n <= UNDIVIDED_MAX && undivided(x, raw)) {
        single(x, t, rule, raw);
        return TW_OK;
    }
    tw_str rest = raw, rep;
    bool any = false, changed = false;
    place before = here(x);
    for (x->repetition = 1; hl7_next(&rep, &rest, x->m.delims.repetition); x->repetition++) {
        if (rep.n == 0)
            continue;
        TW_TRY(one(x, t, rule, rep));
        any |= x->any;
        changed |= x->changed;
    }
    if (changed && !any)
        take_away(x, &before, raw);
    count(x, rule, !changed ? TW_DOC_KEPT : any ? TW_DOC_CHANGED : TW_DOC_REMOVED);
    return TW_OK;
}

/* ---------------------------------------------------------------- whose message it is */

static tw_str keyed_part(const hl7_walk *x, tw_str rep, uint32_t n)
{
    return tw_hl7_part(tw_hl7_part(rep, x->m.delims.component, n), x->m.delims.sub, 1);
}

/* PID-3 of the type that comes first in the rules' line `person`, else its first repetition. */
static tw_str id_in_list(const hl7_walk *x, tw_str list)
{
    tw_str best = { "", 0 }, rep;
    uint32_t rank = UINT32_MAX;
    while (tw_hl7_next(&rep, &list, x->m.delims.repetition)) {
        hl7_word type;
        tw_str id = keyed_part(x, rep, 1);
        uint32_t k = x->rules->persons;
        if (hl7_word_of(&type, keyed_part(x, rep, 5)))
            for (k = 0; k < x->rules->persons; k++)
                if (x->rules->person[k].lo == type.lo && x->rules->person[k].hi == type.hi)
                    break;
        if (id.n && !tw_hl7_is_delete(id) && k < rank) {
            best = id;
            rank = k;
        }
    }
    return best;
}

static void set_person(hl7_walk *x, const tw_hl7_segment *pid)
{
    static const uint32_t places[] = { 3, 2, 4, 18 };
    hl7_room *r = x->room;
    tw_str id = { "", 0 };
    for (size_t i = 0; pid && i < TW_COUNT(places) && id.n == 0; i++)
        id = id_in_list(x, tw_hl7_field(&x->m, pid, places[i]));
    x->day_in = 0;
    x->who = &r->who;
    if (r->who_ready && tw_str_eq(id, r->person))
        return;
    doc_person_of(&r->who, x->w, hl7_plain_text(x, id));
    r->who_ready = id.n <= sizeof r->person_text;
    r->person = (tw_str){ r->person_text, TW_MIN(id.n, sizeof r->person_text) };
    if (r->person.n)
        memcpy(r->person_text, id.p, r->person.n);
}

static const tw_hl7_segment *next_pid(const hl7_walk *x, uint32_t from)
{
    for (uint32_t i = from; i < x->m.segments; i++)
        if (memcmp(x->m.segment[i].name, "PID", 3) == 0)
            return &x->m.segment[i];
    return NULL;
}

/* ---------------------------------------------------------------- segments */

static tw_status segment(hl7_walk *x, const tw_hl7_segment *s)
{
    const uint32_t *start = x->m.start + s->first;
    uint32_t first = hl7_first_field(s);
    x->age = false;
    for (uint32_t k = 1; k < s->count; k++) {
        tw_str raw = { x->m.text.p + start[k], start[k + 1] - 1 - start[k] };
        if (raw.n == 0)
            continue;
        x->n = k + first - 1;
        if (field(x, hl7_rule_of(x->seg, x->n), raw) != TW_OK)
            return tw_wrap(x->cx, "%s-%u", s->name, x->n);
    }
    return TW_OK;
}

static void drop_segment(hl7_walk *x, const tw_hl7_segment *s, uint32_t next)
{
    tw_str all = { x->m.text.p + s->off, next - s->off };
    if (x->room->unlisted == HL7_NOTHING)
        x->room->unlisted = doc_row(x->w, TW_STR("(segment)"), x->rules->label[0]);
    doc_count_row(x->w, x->room->unlisted, TW_DOC_REMOVED, 1);
    drop(x, all.p, all.n);
    x->n = 0;
    if (x->w->listener)
        tell(x, x->rules->label[0].p, TW_DOC_REMOVED, all, (tw_str){ "", 0 });
}

static tw_status walk(hl7_walk *x, uint32_t from)
{
    const tw_hl7 *m = &x->m;
    x->from = from < m->segments ? m->text.p + m->segment[from].off : m->text.p + m->text.n;
    set_person(x, next_pid(x, from));
    for (uint32_t i = from; i < m->segments; i++) {
        const tw_hl7_segment *s = x->segment = &m->segment[i];
        int at = hl7_rules_segment(x->rules, s->name);
        if (at < 0) {
            drop_segment(x, s, i + 1 < m->segments ? m->segment[i + 1].off : (uint32_t)m->text.n);
            continue;
        }
        x->seg = &x->rules->segment[at];
        if (i > 0 && memcmp(s->name, "PID", 3) == 0)
            set_person(x, s);
        TW_TRY(segment(x, s));
    }
    drop(x, m->text.p + m->text.n, 0);
    return TW_OK;
}

/* BTS and FTS say no delimiters: the usual ones around their separator. */
static tw_status parse(tw_ctx *cx, tw_hl7 *m, uint32_t *from, tw_str message)
{
    tw_hl7_place at = { 0 };
    bool trailer = message.n > 3 && (tw_str_starts(message, "BTS") || tw_str_starts(message, "FTS"));
    *from = trailer;
    if (trailer) {
        char c = message.p[3], sub = c == '&' ? '|' : '&', component = c == '^' ? '|' : '^';
        message = tw_strf(cx->arena, "MSH%c%c%c%c%c\r" TW_FMT, c, component, c == '~' ? '|' : '~',
                          c == '\\' ? '|' : '\\', sub, TW_ARG(message));
    }
    if (tw_hl7_parse(cx, m, &at, message) != TW_OK)
        return tw_wrap(cx, "line %u, %s", at.line + 1, at.path);
    return TW_OK;
}

static tw_status run(hl7_walk *x, tw_str message)
{
    uint32_t from = 0;
    size_t n = x->out->n;
    x->rules = x->room->rules;
    TW_TRY(parse(x->cx, &x->m, &from, message));
    const tw_hl7_delims *d = &x->m.delims;
    const char divides[] = { d->component, d->repetition, d->sub };
    for (size_t i = 0; i < sizeof divides; i++)
        x->divides[(unsigned char)divides[i]] = 1;
    TW_TRY(walk(x, from));
    if (x->m.recoded)
        TW_TRY(hl7_recode(x->cx, x->out, n, &x->m));
    return tw_buf_check(x->cx, x->out, "an HL7 v2 message");
}

/* Memory is the room's own, so that it is at hand for the next message; a listener has the caller's. */
tw_status tw_deid_hl7(tw_ctx *cx, tw_buf *out, tw_doc_work *w, tw_str message)
{
    tw_ctx own = { .env = cx->env };
    hl7_walk x = { .cx = &own, .w = w, .out = out };
    size_t n = out->n;
    TW_TRY(room_of(cx, &x.room, w));
    own.arena = x.room->arena;
    tw_buf_init(&x.note.text, TW_HL7_BYTES_MAX);
    tw_buf_init(&x.note.origin, TW_HL7_BYTES_MAX * sizeof(hl7_origin));
    tw_status s = run(&x, message);
    if (s != TW_OK) {
        cx->err = own.err;
        out->n = out->failed ? 0 : n;
    }
    tw_buf_done(&x.note.text);
    tw_buf_done(&x.note.origin);
    tw_arena_back(x.room->arena, x.room->mark);
    return s;
}
