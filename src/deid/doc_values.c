/* Free text, attachments, identifiers and UIDs, for the gate and for whole documents. */
#include "deid/doc_pass.h"

static bool removed(gate *g, const tw_r4_member *m)
{
    account_removed(g->account, m, 1);
    return false;
}

static void put_escaped(gate *g, tw_str s)
{
    tw_jw w;
    tw_jw_init(&w, g->out, 0);
    tw_jw_str(&w, s);
}

/* `out` in the place of the string at i: as it stands there, when it is that and holds no escape. */
static void put_text(gate *g, uint32_t i, tw_str in, tw_str out)
{
    const tw_json_tok *t = &g->d->tok[i];
    if (!t->escaped && tw_str_same(in, out))
        put(g, g->d->text.p + t->off, t->len);
    else
        put_escaped(g, out);
}

/* ---------------------------------------------------------------- text */

void gate_text_open(gate *g)
{
    const tw_gate_opts *o = g->opts;
    if (!o->text || !o->text->text || !(o->text->opts->text_strict || o->text_normal))
        return;
    g->text = o->text;
    memcpy(g->person.handle, o->handle, TW_HANDLE);
    tw_hmac_sha256(g->person.surrogate_key, (tw_bytes){ o->id_key, 32 }, "tw/doc/surrogates/1", (tw_bytes){ NULL, 0 });
    g->person.id_key = o->id_key;
    g->person.shift_weeks = o->shift_weeks;
}

/* What the document says of persons is gathered when the first text is met: most documents have none. */
static bool text_ready(gate *g)
{
    tw_status s = TW_OK;
    if (g->text && g->doc && !g->doc->gathered) {
        g->doc->gathered = true;
        s = doc_gather(g->doc);
        g->known = s == TW_OK && g->text->known.n ? &g->text->known : NULL;
    } else if (g->text && !g->doc && g->opts->people) {
        s = people_known(g->cx, &g->known, g->text, g->opts->people);
    }
    if (s != TW_OK) {
        tw_err_clear(g->cx); /* what cannot be searched for all of it goes */
        g->text = NULL;
    }
    return g->text != NULL;
}

/* Decoded text of a string; "" when it is none or too long. */
static tw_str text_of(gate *g, uint32_t i)
{
    if (g->d->tok[i].type != TW_JSON_STRING || g->d->tok[i].len > TW_TEXT_BYTES_MAX)
        return (tw_str){ "", 0 };
    return tw_json_text(g->cx, g->d, i);
}

/* "" when nothing may stay. */
static tw_str scrubbed(gate *g, tw_str in, bool shared)
{
    tw_str out = { "", 0 };
    tw_status s = shared ? doc_display(g->cx, &out, g->text, TW_STR(""), TW_STR(""), in, g->known, &g->person)
                         : doc_text(g->cx, &out, g->text, in, g->known, &g->person);
    if (s == TW_OK)
        return out;
    tw_err_clear(g->cx);
    return (tw_str){ "", 0 };
}

bool gate_scrub(gate *g, const tw_r4_member *m, uint32_t i)
{
    if (!text_ready(g))
        return removed(g, m);
    tw_str in = text_of(g, i), out = scrubbed(g, in, m == g->p->concept_text);
    if (!out.n)
        return removed(g, m);
    put_text(g, i, in, out);
    g->worded = true;
    if (tw_str_same(in, out))
        account_kept(g->account, m);
    else
        account_changed(g->account, m);
    return true;
}

bool gate_display(gate *g, uint32_t at, tw_str system, tw_str code)
{
    tw_str in, out;
    if (at == TW_JSON_NONE || g->p->display->action != ACT_SCRUB || !text_ready(g))
        return false;
    in = text_of(g, at);
    if (doc_display(g->cx, &out, g->text, system, code, in, g->known, &g->person) != TW_OK)
        tw_err_clear(g->cx);
    if (!out.n)
        return false;
    PUT_LIT(g, ",\"display\":");
    put_text(g, at, in, out);
    g->worded = true;
    return true;
}

/* ---------------------------------------------------------------- attachments */

static tw_str text_inside(gate *g, uint32_t i)
{
    tw_str type = gate_member_text(g, i, "contentType"), out = { "", 0 };
    tw_bytes file;
    uint32_t data = tw_json_get(g->d, i, "data");
    if (data == TW_JSON_NONE || g->d->tok[data].type != TW_JSON_STRING ||
        !tw_unbase64(g->cx->arena, &file, tw_json_text(g->cx, g->d, data)))
        return out;
    if (tw_str_starts(type, "text/plain"))
        return file.n > TW_TEXT_BYTES_MAX ? out : tw_str_of_bytes(file);
    if (tw_text_extract(g->cx, &out, type, file) == TW_OK)
        return out;
    tw_err_clear(g->cx);
    return (tw_str){ "", 0 };
}

/* An attachment without text that can be searched goes; the account of documents says why. */
bool gate_attachment(gate *g, const tw_r4_member *m, uint32_t i)
{
    if (!text_ready(g))
        return removed(g, m);
    tw_str text = text_inside(g, i);
    if (!text.n && g->doc) {
        doc_count(g->doc->w, m->path, TW_STR("attachment-without-text"), TW_DOC_REMOVED);
        return false;
    }
    tw_str out = text.n ? scrubbed(g, text, false) : text;
    if (!out.n)
        return removed(g, m);
    g->worded = true;
    PUT_LIT(g, "{\"contentType\":\"text/plain\",\"data\":");
    put_quoted(g, tw_base64(g->cx->arena, tw_bytes_of(out)));
    PUT_LIT(g, "}");
    account_changed(g->account, m);
    return true;
}

/* ---------------------------------------------------------------- identifiers */

static const uint8_t *key_of(const gate *g)
{
    return g->doc ? g->doc->w->id_key : g->opts->id_key;
}

static void put_uid(gate *g, tw_str uid)
{
    char text[DOC_UID_TEXT];
    if (tw_str_starts(uid, "urn:oid:")) {
        PUT_LIT(g, "urn:oid:");
        uid = (tw_str){ uid.p + 8, uid.n - 8 };
    }
    doc_uid(text, key_of(g), uid);
    put_str(g, tw_str_of(text));
}

bool gate_uid(gate *g, const tw_r4_member *m, uint32_t i)
{
    tw_str uid = gate_text(g, i);
    if (!uid.n)
        return removed(g, m);
    PUT_LIT(g, "\"");
    put_uid(g, uid);
    PUT_LIT(g, "\"");
    account_changed(g->account, m);
    return true;
}

/* use: the reader may look for the official one. */
static void put_use(gate *g, const tw_r4_node *node, uint32_t i)
{
    uint32_t at = tw_json_get(g->d, i, "use");
    const tw_r4_member *m = tw_r4_find(&g->p->table, node, TW_STR("use"));
    size_t mark = g->out->n;
    PUT_LIT(g, "\"use\":");
    if (at != TW_JSON_NONE && m->action == ACT_CODE && gate_leaf(g, m, at))
        PUT_LIT(g, ",");
    else
        roll_back(g, mark);
}

bool gate_identifier(gate *g, const tw_r4_member *m, uint32_t i)
{
    tw_str value = gate_member_text(g, i, "value");
    char id[TW_ID_HEX + 1];
    if (!value.n)
        return removed(g, m);
    PUT_LIT(g, "{");
    put_use(g, &g->p->table.node[m->node], i);
    if (STR_IS(gate_member_text(g, i, "system"), "urn:dicom:uid") || tw_str_starts(value, "urn:oid:")) {
        PUT_LIT(g, "\"system\":\"urn:dicom:uid\",\"value\":\"");
        put_uid(g, value);
    } else {
        doc_ident_with(id, key_of(g), value);
        PUT_LIT(g, "\"system\":\"urn:twinward:id\",\"value\":\"");
        put(g, id, TW_ID_HEX);
    }
    PUT_LIT(g, "\"}");
    account_changed(g->account, m);
    return true;
}

/* ---------------------------------------------------------------- siblings */

/* Extensions of a primitive member. Beside a required member that has a value none is written: when that value goes,
 * its mask stands there. Those of arrays go: their places would have to be those of the items that stayed. */
bool gate_sibling(gate *g, const tw_r4_member *m, uint32_t obj, uint32_t i, bool any)
{
    size_t mark = g->out->n;
    char name[128];
    bool own = false;
    if (m->prim == TW_PRIM_NONE || m->many || m->action == ACT_REMOVE || m->name.n >= sizeof name ||
        g->d->tok[i].type != TW_JSON_OBJECT)
        return removed(g, m);
    memcpy(name, m->name.p, m->name.n);
    name[m->name.n] = '\0';
    if (m->required && tw_json_get(g->d, obj, name) != TW_JSON_NONE)
        return removed(g, m);
    if (any)
        PUT_LIT(g, ",");
    PUT_LIT(g, "\"_");
    put_str(g, m->name);
    PUT_LIT(g, "\":{");
    if (gate_members(g, g->p->element, i, &own) && own) {
        PUT_LIT(g, "}");
        return true;
    }
    roll_back(g, mark);
    return removed(g, m);
}
