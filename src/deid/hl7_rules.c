/* Rules for HL7 v2 as text, compiled to arrays: a rule is found by the index of its segment and the number of its
 * field. A later line replaces an earlier one. */
#include "deid/hl7_internal.h"

#define ARENA_MAX (16 * TW_MIB)
#define SEGMENTS_MAX 160

static const char *const act_names[] = {
#define X(name, text) text,
    HL7_ACT_LIST(X)
#undef X
};
static const char *const feed_names[] = { "given",  "family", "full", "date", "id",   "phone", "email",
                                          "street", "city",   "zip",  "org",  "area", "local", "person" };

/* ---------------------------------------------------------------- asking */

static int place(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' : c >= '0' && c <= '9' ? c - '0' + 26 : -1;
}

static int name_index(const char *name)
{
    int a = place(name[0]), b = place(name[1]), c = place(name[2]);
    return a < 0 || a > 25 || b < 0 || c < 0 ? -1 : (a * 36 + b) * 36 + c;
}

int hl7_rules_segment(const hl7_rules *r, const char name[4])
{
    int i = name_index(name);
    return i < 0 ? -1 : r->at[i] - 1;
}

bool hl7_word_of(hl7_word *out, tw_str s)
{
    if (s.n == 0 || s.n > sizeof *out)
        return false;
    *out = (hl7_word){ 0, 0 };
    memcpy(out, s.p, s.n);
    return true;
}

bool hl7_table_has(const hl7_rules *r, uint32_t table, tw_str value)
{
    const hl7_table *t = &r->table[table];
    hl7_word w;
    if (!hl7_word_of(&w, value))
        return false;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->word[i].lo == w.lo && t->word[i].hi == w.hi)
            return true;
    return false;
}

uint32_t hl7_table_named(const hl7_rules *r, tw_str name)
{
    for (uint32_t i = 1; i < r->tables; i++)
        if (tw_str_is(name, r->table[i].name))
            return i;
    return 0;
}

uint32_t hl7_type_named(const hl7_rules *r, tw_str name)
{
    for (uint32_t i = 1; i < r->types; i++)
        if (tw_str_is(name, r->type[i].name))
            return i;
    return 0;
}

tw_str hl7_system_url(const hl7_rules *r, tw_str name)
{
    hl7_word w;
    if (hl7_word_of(&w, name))
        for (uint32_t i = 0; i < r->systems; i++)
            if (r->system[i].name.lo == w.lo && r->system[i].name.hi == w.hi)
                return r->system[i].url;
    return (tw_str){ "", 0 };
}

void hl7_rules_free(hl7_rules *r)
{
    if (r)
        tw_arena_free(r->arena);
}

/* ---------------------------------------------------------------- reading */

typedef struct {
    hl7_rules *r;
    tw_str profile;
    bool on; /* the section at hand counts */
} reader;

static bool word_of(tw_str *word, tw_str *line)
{
    while (line->n > 0 && (*line->p == ' ' || *line->p == '\t'))
        *line = (tw_str){ line->p + 1, line->n - 1 };
    size_t n = 0;
    while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
        n++;
    *word = (tw_str){ line->p, n };
    *line = (tw_str){ line->p + n, line->n - n };
    return n > 0 && word->p[0] != '#';
}

static bool put_name(char *out, size_t size, tw_str name)
{
    if (name.n == 0 || name.n >= size)
        return false;
    memset(out, 0, size);
    memcpy(out, name.p, name.n);
    return true;
}

/* A table by name, made when it is named for the first time. 0: no room. */
static uint32_t table_of(hl7_rules *r, tw_str name)
{
    uint32_t i = hl7_table_named(r, name);
    if (i)
        return i;
    if (r->tables >= TW_COUNT(r->table) || !put_name(r->table[r->tables].name, sizeof r->table->name, name))
        return 0;
    return r->tables++;
}

static int index_of(const char *const *names, size_t n, tw_str s)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(s, names[i]))
            return (int)i;
    return -1;
}

/* "remove>family", "table:0203", "seq" */
static bool leaf_of(hl7_rules *r, hl7_leaf *out, tw_str s)
{
    tw_str act, table, feed = s;
    if (!tw_str_split(&act, &feed, '>'))
        return false;
    table = act;
    if (!tw_str_split(&act, &table, ':'))
        return false;
    int a = index_of(act_names, TW_COUNT(act_names), act);
    int f = feed.p ? index_of(feed_names, TW_COUNT(feed_names), feed) : HL7_FEED_NONE;
    uint32_t t = table.p ? table_of(r, table) : 0;
    *out = (hl7_leaf){ (uint8_t)a, (uint8_t)f, (uint8_t)t };
    return a >= 0 && f >= 0 && (!table.p || t);
}

static void finish_type(hl7_type *t)
{
    uint8_t first = t->part[0].act;
    t->coded = t->feeds = false;
    t->gone = true;
    for (uint32_t i = 0; i < t->parts; i++) {
        t->gone &= t->part[i].act == HL7_REMOVE;
        t->feeds |= t->part[i].feed != HL7_FEED_NONE;
        t->coded |= t->part[i].act == HL7_CODE || t->part[i].act == HL7_DISPLAY;
    }
    t->text = first == HL7_TEXT || first == HL7_BRIEF;
    t->single = !t->text && first != HL7_CODE && first != HL7_DISPLAY && first != HL7_VARIES;
}

/* Numbers "3", "4-8". */
static bool range_of(uint32_t *from, uint32_t *to, tw_str s, uint32_t max)
{
    uint64_t a, b;
    tw_str first, rest = s;
    if (!tw_str_split(&first, &rest, '-') || !tw_parse_u64(&a, first))
        return false;
    b = a;
    if (rest.p && !tw_parse_u64(&b, rest))
        return false;
    if (a == 0 || b < a || b > max)
        return false;
    *from = (uint32_t)a;
    *to = (uint32_t)b;
    return true;
}

static uint32_t new_type(hl7_rules *r, tw_str name)
{
    uint32_t i = hl7_type_named(r, name);
    if (!i && (r->types >= TW_COUNT(r->type) || !put_name(r->type[r->types].name, sizeof r->type->name, name)))
        return 0;
    if (!i)
        i = r->types++;
    hl7_type *t = &r->type[i];
    memset(t->part, 0, sizeof t->part);
    for (uint32_t k = 0; k < HL7_PARTS_MAX; k++)
        t->part[k].feed = HL7_FEED_NONE;
    t->parts = 1;
    t->id_type = 0;
    return i;
}

static const char *read_type(hl7_rules *r, tw_str line)
{
    tw_str name, word, left;
    if (!word_of(&name, &line))
        return "type NAME N=ACTION...";
    uint32_t i = new_type(r, name);
    if (!i)
        return "too many types, or too long a name";
    hl7_type *t = &r->type[i];
    while (word_of(&word, &line)) {
        uint32_t from = 1, to = 1;
        hl7_leaf leaf;
        tw_str act = word;
        bool at = memchr(word.p, '=', word.n) && tw_str_split(&left, &act, '=');
        if ((at && !range_of(&from, &to, left, HL7_PARTS_MAX)) || !leaf_of(r, &leaf, at ? act : word))
            return "no such component or action";
        for (uint32_t k = from; k <= to; k++)
            t->part[k - 1] = leaf;
        t->parts = (uint8_t)TW_MAX(t->parts, to);
        if (leaf.act == HL7_TABLE && leaf.table && tw_str_is(tw_str_of(r->table[leaf.table].name), "0203"))
            t->id_type = (uint8_t)from;
    }
    finish_type(t);
    return NULL;
}

/* "CX", "CWE:0001", "seq", "table:0136", "remove>city"; the last three become types of one component. */
static bool rule_type(hl7_rules *r, hl7_rule *out, tw_str s)
{
    tw_str name, table = s;
    hl7_leaf leaf;
    if (!tw_str_split(&name, &table, ':'))
        return false;
    uint32_t i = hl7_type_named(r, name);
    if (i) {
        out->type = (uint16_t)i;
        out->table = (uint8_t)(table.p ? table_of(r, table) : 0);
        return !table.p || out->table;
    }
    i = hl7_type_named(r, s);
    if (!i) {
        if (!leaf_of(r, &leaf, s) || !(i = new_type(r, s)))
            return false;
        r->type[i].part[0] = leaf;
        finish_type(&r->type[i]);
    }
    out->type = (uint16_t)i;
    return true;
}

static uint8_t label_of(hl7_rules *r, tw_str s)
{
    for (uint8_t i = 0; i < r->labels; i++)
        if (tw_str_eq(r->label[i], s))
            return i;
    if (r->labels == HL7_LABELS_MAX)
        return 0;
    r->label[r->labels] = tw_str_dup(r->arena, s);
    return r->labels++;
}

static hl7_segment_rules *segment_of(hl7_rules *r, tw_str name)
{
    int at = name.n == 3 ? name_index(name.p) : -1;
    if (at < 0)
        return NULL;
    if (!r->at[at]) {
        if (r->segments == SEGMENTS_MAX)
            return NULL;
        hl7_segment_rules *s = &r->segment[r->segments++];
        memcpy(s->name, name.p, 3);
        for (uint32_t i = 0; i < HL7_FIELDS_MAX; i++)
            s->field[i].row = HL7_NOTHING;
        r->at[at] = (uint8_t)r->segments;
    }
    return &r->segment[r->at[at] - 1];
}

/* "PID-3,13-14 TYPE LABEL" */
static const char *read_field(hl7_rules *r, tw_str where, tw_str line)
{
    tw_str name, numbers = where, part, type, label;
    hl7_rule rule = { .row = HL7_NOTHING };
    if (!tw_str_split(&name, &numbers, '-') || !numbers.p || !word_of(&type, &line) || !word_of(&label, &line))
        return "SEG-FIELDS TYPE LABEL";
    hl7_segment_rules *s = segment_of(r, name);
    if (!s)
        return "no name of a segment, or too many";
    if (!rule_type(r, &rule, type))
        return "no such type or action";
    rule.label = label_of(r, label);
    if (!rule.label)
        return "too many labels";
    while (tw_str_split(&part, &numbers, ',')) {
        uint32_t from, to;
        if (!range_of(&from, &to, part, HL7_FIELDS_MAX - 1))
            return "fields have numbers from 1 to 79";
        for (; from <= to; from++)
            s->field[from] = rule;
    }
    return NULL;
}

static const char *read_table(hl7_rules *r, tw_str line)
{
    tw_str name, word;
    if (!word_of(&name, &line))
        return "table NAME VALUE...";
    uint32_t i = table_of(r, name);
    hl7_table *t = &r->table[i];
    for (; i && word_of(&word, &line); t->n++) {
        if (t->n == t->cap) {
            uint32_t cap = t->cap ? 2 * t->cap : 16;
            hl7_word *p = tw_arena_get(r->arena, cap * sizeof *p);
            if (t->n)
                memcpy(p, t->word, t->n * sizeof *p);
            t->word = p;
            t->cap = cap;
        }
        if (!hl7_word_of(&t->word[t->n], word))
            return "a value has at most 16 bytes";
    }
    return i ? NULL : "too many tables";
}

static const char *read_system(hl7_rules *r, tw_str line)
{
    tw_str name, url;
    if (!word_of(&name, &line) || !word_of(&url, &line) || r->systems == TW_COUNT(r->system) ||
        !hl7_word_of(&r->system[r->systems].name, name))
        return "system NAME URL";
    r->system[r->systems++].url = tw_str_dup(r->arena, url);
    return NULL;
}

static const char *read_list(hl7_rules *r, tw_str line, bool observation)
{
    tw_str word;
    r->persons = observation ? r->persons : 0;
    r->observations = observation ? 0 : r->observations;
    while (word_of(&word, &line))
        if (observation) {
            uint32_t t = hl7_type_named(r, word);
            if (!t || r->observations == TW_COUNT(r->observation))
                return "observation TYPE...";
            r->observation[r->observations++] = (uint16_t)t;
        } else if (r->persons == TW_COUNT(r->person) || !hl7_word_of(&r->person[r->persons++], word)) {
            return "person TYPE...";
        }
    return NULL;
}

/* "[twin hipaa-expert]" */
static const char *read_section(reader *x, tw_str line)
{
    tw_str names = tw_str_trim(line), name;
    if (names.n < 3 || names.p[names.n - 1] != ']')
        return "[NAME...]";
    names = (tw_str){ names.p + 1, names.n - 2 };
    x->on = false;
    while (word_of(&name, &names))
        x->on |= tw_str_is(name, "common") || tw_str_eq(name, x->profile);
    return NULL;
}

static const char *read_line(reader *x, tw_str line)
{
    tw_str word, rest = line;
    if (line.n > 0 && line.p[0] == '[')
        return read_section(x, line);
    if (!word_of(&word, &rest) || !x->on)
        return NULL;
    if (tw_str_is(word, "type"))
        return read_type(x->r, rest);
    if (tw_str_is(word, "table"))
        return read_table(x->r, rest);
    if (tw_str_is(word, "system"))
        return read_system(x->r, rest);
    if (tw_str_is(word, "observation") || tw_str_is(word, "person"))
        return read_list(x->r, rest, tw_str_is(word, "observation"));
    return read_field(x->r, word, rest);
}

/* Which fields the second walk looks at; types may have changed after their fields were read. */
static void finish(hl7_rules *r)
{
    for (uint32_t i = 0; i < r->segments; i++) {
        hl7_segment_rules *s = &r->segment[i];
        for (uint32_t n = 1; n < HL7_FIELDS_MAX; n++) {
            const hl7_type *t = &r->type[s->field[n].type];
            if (t->feeds)
                s->feed[s->feeds++] = (uint8_t)n;
            if (t->text || t->part[0].act == HL7_VARIES)
                s->text[s->texts++] = (uint8_t)n;
        }
    }
}

static hl7_rules *rules_new(void)
{
    tw_arena *a = tw_arena_new(ARENA_MAX);
    hl7_rules *r = tw_new(a, hl7_rules);
    r->arena = a;
    r->segment = tw_arena_get(a, SEGMENTS_MAX * sizeof *r->segment);
    r->types = r->tables = 1;
    r->label[r->labels++] = TW_STR("default-deny");
    r->ucum = (uint16_t)table_of(r, TW_STR("UCUM"));
    r->unkeyed = (uint16_t)table_of(r, TW_STR("unkeyed"));
    return r;
}

tw_status hl7_rules_parse(tw_ctx *cx, hl7_rules **out, tw_str text, tw_str profile)
{
    reader x = { .r = rules_new(), .profile = profile };
    tw_str line;
    *out = NULL;
    for (unsigned n = 1; tw_str_split(&line, &text, '\n'); n++) {
        const char *wrong = read_line(&x, line);
        if (wrong) {
            hl7_rules_free(x.r);
            return tw_fail(cx, TW_EPARSE, "rules of HL7 v2, line %u: %s", n, wrong);
        }
    }
    finish(x.r);
    *out = x.r;
    return TW_OK;
}
