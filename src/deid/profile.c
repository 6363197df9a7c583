/* Profiles: rules as text, joined with the R4 table to one action a member.
 *
 * A line is words parted by blanks; '#' begins a comment line. `type T ACTION LABEL` sets the action of every member of
 * type T, `path P ACTION LABEL` that of one member (the later line wins, a path over a type). What no line names is
 * removed under the label "default-deny". Labels stand in the account. */
#include "deid/deid_internal.h"

#include "deid/embed.h"

#define WORDS_MAX 256
#define LINE_ENTRIES_MAX 20000
#define ARENA_MAX (32 * TW_MIB)

typedef struct {
    tw_ctx *cx;
    tw_profile *p;
    tw_map *type_action; /* type name -> choice */
    tw_map *path_action;
    tw_map *used; /* path rules that met a member */
    unsigned line;
    bool inside; /* an included text */
    bool bare;   /* lines alone, without the table of R4 */
} loader;

typedef struct {
    r4_action action;
    uint16_t rule;
} choice;

typedef struct {
    tw_str word[WORDS_MAX];
    size_t n;
} words;

static const struct {
    const char *name;
    const char *from, *to;
} builtin[] = {
    { "twin", embed_twin, embed_twin_end },
    { "hipaa-safe-harbor", embed_safe_harbor, embed_safe_harbor_end },
    { "hipaa-expert", embed_expert, embed_expert_end },
    { "gdpr-research", embed_gdpr, embed_gdpr_end },
};

const char *tw_profile_builtin_name(size_t i)
{
    return i < TW_COUNT(builtin) ? builtin[i].name : NULL;
}

tw_str profile_text(tw_str name)
{
    for (size_t i = 0; i < TW_COUNT(builtin); i++)
        if (tw_str_is(name, builtin[i].name))
            return (tw_str){ builtin[i].from, (size_t)(builtin[i].to - builtin[i].from) };
    if (tw_str_is(name, "common"))
        return (tw_str){ embed_common, (size_t)(embed_common_end - embed_common) };
    if (tw_str_is(name, "linked"))
        return (tw_str){ embed_linked, (size_t)(embed_linked_end - embed_linked) };
    return (tw_str){ NULL, 0 };
}

/* ---------------------------------------------------------------- lines */

static tw_status wrong(loader *l, const char *why)
{
    return tw_fail(l->cx, TW_EPARSE, "%s line %u: %s", l->inside ? "included profile" : "profile", l->line, why);
}

static bool action_of(r4_action *out, tw_str word)
{
    static const char *const names[] = {
#define X(name, text) text,
        ACTION_LIST(X)
#undef X
    };
    for (size_t i = 0; i < TW_COUNT(names); i++) {
        if (tw_str_is(word, names[i])) {
            *out = (r4_action)i;
            return true;
        }
    }
    return false;
}

static bool form_of(code_form *out, tw_str word)
{
    static const char *const names[] = {
#define X(name, text) text,
        FORM_LIST(X)
#undef X
    };
    for (size_t i = 0; i < TW_COUNT(names); i++) {
        if (tw_str_is(word, names[i])) {
            *out = (code_form)i;
            return true;
        }
    }
    return false;
}

static tw_status rule_of(loader *l, uint16_t *out, tw_str label)
{
    tw_profile *p = l->p;
    for (uint16_t i = 0; i < p->rule_count; i++) {
        if (tw_str_eq(p->rule[i], label)) {
            *out = i;
            return TW_OK;
        }
    }
    if (p->rule_count == RULES_MAX)
        return wrong(l, "too many labels");
    p->rule[p->rule_count] = tw_str_dup(p->arena, label);
    *out = p->rule_count++;
    return TW_OK;
}

/* A new map value of a type in the profile's arena. */
#define PUT(l, map, key, type, ...) put((l), (map), (key), &(type){ __VA_ARGS__ }, sizeof(type))
static tw_status put(loader *l, tw_map *map, tw_str key, const void *value, size_t size)
{
    void *copy = tw_arena_try(l->p->arena, size);
    if (!copy)
        return wrong(l, "too many lines");
    memcpy(copy, value, size);
    return tw_map_put(map, tw_bytes_of(key), copy) ? TW_OK : wrong(l, "too many lines");
}

static tw_status action_line(loader *l, const words *w)
{
    choice c = { .rule = 0 };
    bool by_path = tw_str_is(w->word[0], "path");
    if (w->n != 4)
        return wrong(l, "a name, an action and a label are needed");
    if (!action_of(&c.action, w->word[2]))
        return wrong(l, "unknown action");
    TW_TRY(rule_of(l, &c.rule, w->word[3]));
    return put(l, by_path ? l->path_action : l->type_action, w->word[1], &c, sizeof c);
}

/* Loaded when it is first asked for: most of a profile's errors are found without it. */
static tw_r4 *table_of(loader *l)
{
    if (!l->p->table.arena)
        tw_r4_init(&l->p->table);
    return &l->p->table;
}

static tw_status add_listed(loader *l)
{
    if (l->bare)
        return TW_OK;
    const tw_r4 *t = table_of(l);
    for (size_t i = 0; i < tw_map_count(t->system); i++) {
        tw_bytes url;
        uintptr_t set = (uintptr_t)tw_map_at(t->system, i, &url) - 1;
        TW_TRY(PUT(l, l->p->system, tw_str_of_bytes(url), code_system, .form = FORM_LISTED, .codes = t->codes[set]));
    }
    return TW_OK;
}

static tw_status system_line(loader *l, const words *w)
{
    code_form form = FORM_NEVER;
    if (w->n < 3)
        return wrong(l, "a system, a form and a label are needed");
    if (!form_of(&form, w->word[2]))
        return wrong(l, "unknown form");
    return PUT(l, l->p->system, w->word[1], code_system, .form = form);
}

static void sort_words(tw_str *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = i; k > 0 && tw_str_cmp(v[k - 1], v[k]) > 0; k--) {
            tw_str t = v[k];
            v[k] = v[k - 1];
            v[k - 1] = t;
        }
}

/* Adds codes to a system, which else knows none. */
static tw_status codes_line(loader *l, const words *w)
{
    if (w->n < 3)
        return wrong(l, "a system and its codes are needed");
    const code_system *old = tw_map_get(l->p->system, tw_bytes_of(w->word[1]));
    size_t had = old ? old->codes.count : 0, n = had + w->n - 2;
    tw_str *codes = tw_try_array(l->p->arena, tw_str, n);
    if (!codes)
        return wrong(l, "too many lines");
    for (size_t i = 0; i < n; i++)
        codes[i] = i < had ? old->codes.code[i] : tw_str_dup(l->p->arena, w->word[2 + i - had]);
    sort_words(codes, n);
    code_form form = old ? old->form : FORM_LISTED;
    return PUT(l, l->p->system, w->word[1], code_system, .form = form, .codes = { codes, (uint32_t)n });
}

static tw_status extension_line(loader *l, const words *w)
{
    tw_arena *a = l->p->arena;
    if (w->n != 4)
        return wrong(l, "a URL, the member of the value and a label are needed");
    if (!tw_str_starts(w->word[2], "value") && !tw_str_is(w->word[2], "extension") && !tw_str_is(w->word[2], "none"))
        return wrong(l, "the value is in value[x], a valueType, or extension; or none");
    tw_str url = w->word[1];
    size_t at = tw_str_find(url, TW_STR("#"));
    if (at != SIZE_MAX)
        url = (tw_str){ url.p + at + 1, url.n - at - 1 };
    return PUT(l, l->p->extension, w->word[1], extension_rule, .value = tw_str_dup(a, w->word[2]),
               .url = tw_str_dup(a, url));
}

static tw_status set_line(loader *l, tw_map *map, const words *w, bool pairs)
{
    if (w->n < (pairs ? 3u : 2u))
        return wrong(l, "values are needed");
    for (size_t i = pairs ? 2 : 1; i < w->n; i++) {
        tw_str key =
            pairs ? tw_strf(l->p->arena, TW_FMT " " TW_FMT, TW_ARG(w->word[1]), TW_ARG(w->word[i])) : w->word[i];
        TW_TRY(put(l, map, key, "", 1));
    }
    return TW_OK;
}

static tw_status times_line(loader *l, const words *w)
{
    if (w->n == 2 && tw_str_is(w->word[1], "shift"))
        l->p->times = TIMES_SHIFT;
    else if (w->n == 2 && tw_str_is(w->word[1], "year"))
        l->p->times = TIMES_YEAR;
    else if (w->n == 2 && tw_str_is(w->word[1], "remove"))
        l->p->times = TIMES_REMOVE;
    else
        return wrong(l, "times are shift, year or remove");
    return TW_OK;
}

static tw_status load_text(loader *l, tw_str text);

static tw_status include_line(loader *l, const words *w)
{
    if (w->n != 2 || l->inside || (!tw_str_is(w->word[1], "common") && !tw_str_is(w->word[1], "linked")))
        return wrong(l, "`include common` or `include linked` is meant");
    if (l->bare)
        return TW_OK;
    loader inner = *l;
    inner.inside = true;
    return load_text(&inner, profile_text(w->word[1]));
}

static tw_status one_line(loader *l, const words *w)
{
    tw_str key = w->word[0];
    if (tw_str_is(key, "type") || tw_str_is(key, "path"))
        return action_line(l, w);
    if (tw_str_is(key, "include"))
        return include_line(l, w);
    if (tw_str_is(key, "systems"))
        return w->n >= 2 && tw_str_is(w->word[1], "listed") ? add_listed(l) : wrong(l, "`systems listed` is meant");
    if (tw_str_is(key, "system"))
        return system_line(l, w);
    if (tw_str_is(key, "codes"))
        return codes_line(l, w);
    if (tw_str_is(key, "extension"))
        return extension_line(l, w);
    if (tw_str_is(key, "times"))
        return times_line(l, w);
    if (tw_str_is(key, "zip3-restricted"))
        return set_line(l, l->p->zip3, w, false);
    if (tw_str_is(key, "words"))
        return set_line(l, l->p->words, w, true);
    if (tw_str_is(key, "age-code"))
        return set_line(l, l->p->age_codes, w, true);
    if (!tw_str_is(key, "profile") || w->n != 2 || l->p->name.n)
        return wrong(l, "unknown line");
    l->p->name = tw_str_dup(l->p->arena, w->word[1]);
    return TW_OK;
}

/* Words of a profile are written into records as they are. */
static bool plain_word(tw_str word)
{
    for (size_t i = 0; i < word.n; i++)
        if ((uint8_t)word.p[i] < 0x20 || word.p[i] == '"' || word.p[i] == '\\')
            return false;
    return tw_utf8_valid(word);
}

static tw_status load_text(loader *l, tw_str text)
{
    tw_str line, rest = text, word;
    for (l->line = 1; tw_str_split(&line, &rest, '\n'); l->line++) {
        words w = { .n = 0 };
        line = tw_str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        while (tw_str_split(&word, &line, ' ')) {
            if (word.n == 0)
                continue;
            if (w.n == WORDS_MAX)
                return wrong(l, "too many words");
            if (!plain_word(word))
                return wrong(l, "a quote, a backslash, a control character, or no UTF-8");
            w.word[w.n++] = word;
        }
        TW_TRY(one_line(l, &w));
    }
    return TW_OK;
}

/* ---------------------------------------------------------------- joining rules and table */

static bool in_set(tw_r4_prim prim, const tw_r4_prim *set, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (set[i] == prim)
            return true;
    return false;
}

/* An action on a type that it was not made for would let something pass unchecked. */
static bool fits(const tw_r4_member *m, r4_action action)
{
    static const tw_r4_prim kept[] = { TW_PRIM_BOOLEAN,  TW_PRIM_INTEGER, TW_PRIM_POSITIVE,
                                       TW_PRIM_UNSIGNED, TW_PRIM_DECIMAL, TW_PRIM_TIME };
    static const tw_r4_prim dated[] = { TW_PRIM_DATE, TW_PRIM_DATETIME, TW_PRIM_INSTANT };
    bool complex = m->prim == TW_PRIM_NONE && m->node != TW_R4_NONE;
    switch (action) {
    case ACT_REMOVE:
        return true;
    case ACT_KEEP:
        return in_set((tw_r4_prim)m->prim, kept, TW_COUNT(kept));
    case ACT_DESCEND:
        return complex;
    case ACT_CODE:
        return m->prim == TW_PRIM_CODE;
    case ACT_TIME:
    case ACT_YEAR:
    case ACT_BIRTH_YEAR:
        return in_set((tw_r4_prim)m->prim, dated, TW_COUNT(dated));
    case ACT_CODING:
        return tw_str_is(m->type, "Coding");
    case ACT_QUANTITY:
        return complex && !tw_str_is(m->type, "Coding");
    case ACT_REFERENCE:
        return tw_str_is(m->type, "Reference");
    case ACT_EXTENSION:
    case ACT_MODIFIER:
        return tw_str_is(m->type, "Extension");
    case ACT_CONTAINED:
        return tw_str_is(m->type, "Resource");
    case ACT_ZIP3:
    case ACT_WORD:
    case ACT_SAMPLES:
        return m->prim == TW_PRIM_TEXT || m->prim == TW_PRIM_CODE;
    case ACT_SCRUB:
        return tw_str_is(m->type, "string") || tw_str_is(m->type, "markdown");
    case ACT_ATTACH:
        return tw_str_is(m->type, "Attachment");
    case ACT_IDENT:
        return tw_str_is(m->type, "Identifier");
    case ACT_UID:
        return m->prim == TW_PRIM_TEXT && !m->many;
    case ACT_LINK:
        return tw_str_is(m->type, "Identifier") || (m->prim == TW_PRIM_TEXT && tw_str_starts(m->path, "Bundle.entry."));
    }
    return false;
}

static tw_status join_member(loader *l, tw_r4_member *m)
{
    const choice *c = tw_map_get(l->path_action, tw_bytes_of(m->path));
    if (c && !tw_map_put(l->used, tw_bytes_of(m->path), l))
        return tw_fail(l->cx, TW_ELIMIT, "profile: too many paths");
    bool by_path = c != NULL;
    if (!c)
        c = tw_map_get(l->type_action, tw_bytes_of(m->type));
    m->action = ACT_REMOVE;
    m->rule = 0;
    if (!c)
        return TW_OK;
    if (!fits(m, c->action)) {
        if (!by_path && tw_str_is(m->type, "Resource"))
            return TW_OK;
        return tw_fail(l->cx, TW_EPARSE, "profile: the action for " TW_FMT " does not fit its type " TW_FMT,
                       TW_ARG(m->path), TW_ARG(m->type));
    }
    m->action = (uint8_t)c->action;
    m->rule = c->rule;
    if (c->action == ACT_EXTENSION && tw_str_is(m->name, "modifierExtension"))
        m->action = ACT_MODIFIER;
    return TW_OK;
}

static frozen freeze(tw_arena *a, const tw_map *m)
{
    uint32_t slots = 4;
    size_t n = tw_map_count(m);
    while (slots < 4 * n)
        slots *= 2;
    tw_str *key = tw_arena_get(a, slots * sizeof *key);
    void **value = tw_arena_get(a, slots * sizeof *value);
    for (size_t i = 0; i < n; i++) {
        tw_bytes k;
        void *v = tw_map_at(m, i, &k);
        uint32_t at = tw_str_hash(tw_str_of_bytes(k)) & (slots - 1);
        while (key[at].p)
            at = (at + 1) & (slots - 1);
        key[at] = tw_str_of_bytes(k);
        value[at] = v;
    }
    return (frozen){ key, value, slots - 1 };
}

/* Resources by type, and members' names as they are written. */
static void prepare(tw_profile *p)
{
    const tw_r4 *t = &p->table;
    tw_map *resources = tw_map_new(t->node_count);
    for (uint32_t i = 0; i < t->node_count; i++)
        if (t->node[i].resource)
            TW_ASSERT(tw_map_put(resources, tw_bytes_of(t->node[i].path), &t->node[i]));
    p->resources = freeze(p->arena, resources);
    for (uint32_t i = 0; i <= p->resources.mask; i++)
        if (p->resources.value[i])
            p->resources.key[i] = ((const tw_r4_node *)p->resources.value[i])->path;
    tw_map_free(resources);
    p->subject = tw_arena_get(p->arena, t->node_count * sizeof *p->subject);
    for (uint32_t i = 0; i < t->node_count; i++) {
        subjects *s = &p->subject[i];
        for (uint32_t k = t->node[i].first; k < t->node[i].first + t->node[i].count; k++)
            if (t->member[k].subject && s->n < SUBJECTS_MAX)
                s->name[s->n++] = t->member[k].name;
    }
    p->key = tw_arena_get(p->arena, t->member_count * sizeof *p->key);
    for (uint32_t i = 0; i < t->member_count; i++) {
        tw_str name = t->member[i].name;
        char *text = tw_arena_get(p->arena, name.n + 4);
        memcpy(text, ",\"", 2);
        memcpy(text + 2, name.p, name.n);
        memcpy(text + 2 + name.n, "\":", 2);
        p->key[i] = (tw_str){ text, name.n + 4 };
    }
}

static const tw_r4_member *member_of(const tw_r4 *t, tw_str type, tw_str name)
{
    return tw_r4_find(t, &t->node[tw_r4_node_of(t, type)], name);
}

static tw_status join(loader *l)
{
    tw_r4 *t = table_of(l);
    for (uint32_t i = 0; i < t->member_count; i++)
        TW_TRY(join_member(l, &t->member[i]));
    for (size_t i = 0; i < tw_map_count(l->path_action); i++) {
        tw_bytes key;
        tw_map_at(l->path_action, i, &key);
        if (!tw_map_get(l->used, key))
            return tw_fail(l->cx, TW_EPARSE, "profile: R4 has no element " TW_FMT, TW_ARG(tw_str_of_bytes(key)));
    }
    if (!l->p->name.n)
        return tw_fail(l->cx, TW_EPARSE, "profile: the line `profile NAME` is missing");
    l->p->systems = freeze(l->p->arena, l->p->system);
    l->p->extensions = freeze(l->p->arena, l->p->extension);
    l->p->ages = freeze(l->p->arena, l->p->age_codes);
    prepare(l->p);
    l->p->display = member_of(t, TW_STR("Coding"), TW_STR("display"));
    l->p->concept_text = member_of(t, TW_STR("CodeableConcept"), TW_STR("text"));
    l->p->reference_identifier = member_of(t, TW_STR("Reference"), TW_STR("identifier"));
    l->p->element = &t->node[tw_r4_node_of(t, TW_STR("Element"))];
    return TW_OK;
}

static void hash_profile(tw_profile *p, tw_str text)
{
    uint8_t part[4][32];
    tw_str common = profile_text(TW_STR("common")), linked = profile_text(TW_STR("linked"));
    tw_str piece[4] = { text, common, linked, tw_r4_text() };
    tw_bytes field[4];
    for (int i = 0; i < 4; i++) {
        tw_bytes whole = tw_bytes_of(piece[i]);
        tw_hash_label(part[i], "", &whole, 1);
        field[i] = TW_BYTES(part[i]);
    }
    tw_hash_label(p->hash, "tw/profile/1", field, 4);
}

static tw_profile *new_profile(void)
{
    tw_arena *a = tw_arena_new(ARENA_MAX);
    tw_profile *p = tw_new(a, tw_profile);
    p->arena = a;
    p->system = tw_map_new(LINE_ENTRIES_MAX);
    p->extension = tw_map_new(LINE_ENTRIES_MAX);
    p->zip3 = tw_map_new(LINE_ENTRIES_MAX);
    p->words = tw_map_new(LINE_ENTRIES_MAX);
    p->age_codes = tw_map_new(LINE_ENTRIES_MAX);
    p->rule[0] = TW_STR("default-deny");
    p->rule_count = 1;
    return p;
}

void tw_profile_free(tw_profile *p)
{
    if (!p)
        return;
    tw_map_free(p->system);
    tw_map_free(p->extension);
    tw_map_free(p->zip3);
    tw_map_free(p->words);
    tw_map_free(p->age_codes);
    tw_r4_done(&p->table);
    tw_arena_free(p->arena);
}

static tw_status load(loader *l, tw_str text)
{
    if (text.n > TW_PROFILE_BYTES_MAX)
        return tw_fail(l->cx, TW_ELIMIT, "profile of %zu bytes, at most %zu", text.n, TW_PROFILE_BYTES_MAX);
    l->p = new_profile();
    l->type_action = tw_map_new(LINE_ENTRIES_MAX);
    l->path_action = tw_map_new(LINE_ENTRIES_MAX);
    l->used = tw_map_new(LINE_ENTRIES_MAX);
    tw_status s = load_text(l, text);
    if (s == TW_OK && !l->bare)
        s = join(l);
    tw_map_free(l->type_action);
    tw_map_free(l->path_action);
    tw_map_free(l->used);
    return s;
}

tw_status tw_profile_parse(tw_ctx *cx, tw_profile **out, tw_str text)
{
    loader l = { .cx = cx };
    *out = NULL;
    tw_status s = load(&l, text);
    if (s != TW_OK) {
        tw_profile_free(l.p);
        return s;
    }
    hash_profile(l.p, text);
    *out = l.p;
    return TW_OK;
}

tw_status profile_lines(tw_ctx *cx, tw_str text)
{
    loader l = { .cx = cx, .bare = true };
    tw_status s = load(&l, text);
    tw_profile_free(l.p);
    return s;
}

tw_status tw_profile_builtin(tw_ctx *cx, tw_profile **out, tw_str name)
{
    *out = NULL;
    for (size_t i = 0; i < TW_COUNT(builtin); i++)
        if (tw_str_is(name, builtin[i].name))
            return tw_profile_parse(cx, out, profile_text(name));
    return tw_fail(cx, TW_ENOTFOUND, "no such profile; there are twin, hipaa-safe-harbor, hipaa-expert, gdpr-research");
}

tw_str tw_profile_name(const tw_profile *p)
{
    return p->name;
}

void tw_profile_hash(uint8_t out[32], const tw_profile *p)
{
    memcpy(out, p->hash, 32);
}
