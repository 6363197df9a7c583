#include "petab/petab_internal.h"

#include <yaml.h>

#define DEEP_MAX 16u
#define NODES_MAX 10000u

typedef struct {
    tw_ctx *cx;
    yaml_parser_t parser;
    uint32_t nodes, deep;
} reader;

static tw_status value(reader *r, tw_yaml *to, const yaml_event_t *e);

static tw_status next(reader *r, yaml_event_t *e)
{
    if (yaml_parser_parse(&r->parser, e))
        return TW_OK;
    return tw_fail(r->cx, TW_EPARSE, "line %zu: not YAML: %.100s", r->parser.problem_mark.line + 1,
                   r->parser.problem ? r->parser.problem : "");
}

static tw_status child(reader *r, tw_yaml **tail, tw_yaml *to, tw_yaml **made)
{
    if (r->nodes++ >= NODES_MAX)
        return tw_fail(r->cx, TW_ELIMIT, "YAML of more than %u nodes", NODES_MAX);
    *made = tw_try_array(r->cx->arena, tw_yaml, 1);
    if (!*made)
        return tw_fail(r->cx, TW_ELIMIT, "the YAML needs more memory than there is");
    if (*tail)
        (*tail)->next = *made;
    else
        to->first = *made;
    *tail = *made;
    return TW_OK;
}

static tw_str scalar(reader *r, const yaml_event_t *e)
{
    int n = (int)TW_MIN(e->data.scalar.length, (size_t)TW_MIB);
    return tw_petab_text(r->cx, "%.*s", n, (const char *)e->data.scalar.value);
}

/* One item of a list, or a key and its value; *end when there are no more. */
static tw_status item(reader *r, tw_yaml *to, tw_yaml **tail, bool *end)
{
    yaml_event_t e;
    tw_yaml *made = NULL;
    tw_status s = next(r, &e);
    if (s != TW_OK)
        return s;
    *end = e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT;
    if (!*end)
        s = child(r, tail, to, &made);
    if (s == TW_OK && made && to->kind == TW_YAML_MAP) {
        s = e.type == YAML_SCALAR_EVENT ? TW_OK : tw_fail(r->cx, TW_EPARSE, "a key of YAML is not text");
        made->key = s == TW_OK ? scalar(r, &e) : made->key;
        yaml_event_delete(&e);
        s = s == TW_OK ? next(r, &e) : s;
        if (s != TW_OK)
            return s;
    }
    if (s == TW_OK && made)
        s = value(r, made, &e);
    yaml_event_delete(&e);
    return s;
}

static tw_status value(reader *r, tw_yaml *to, const yaml_event_t *e)
{
    tw_yaml *tail = NULL;
    bool end = false;
    if (e->type == YAML_SCALAR_EVENT) {
        to->text = scalar(r, e);
        return TW_OK;
    }
    if (e->type != YAML_SEQUENCE_START_EVENT && e->type != YAML_MAPPING_START_EVENT)
        return tw_fail(r->cx, TW_EREFUSED, "line %zu: aliases of YAML are not read", e->start_mark.line + 1);
    if (r->deep >= DEEP_MAX)
        return tw_fail(r->cx, TW_ELIMIT, "YAML nested more than %u deep", DEEP_MAX);
    to->kind = e->type == YAML_MAPPING_START_EVENT ? TW_YAML_MAP : TW_YAML_LIST;
    r->deep++;
    while (!end)
        TW_TRY(item(r, to, &tail, &end));
    r->deep--;
    return TW_OK;
}

static tw_status document(reader *r, tw_yaml *to)
{
    yaml_event_t e = { 0 };
    tw_status s = TW_OK;
    do {
        yaml_event_delete(&e);
        s = next(r, &e);
        if (s != TW_OK)
            return s;
    } while (e.type == YAML_STREAM_START_EVENT || e.type == YAML_DOCUMENT_START_EVENT);
    if (e.type == YAML_STREAM_END_EVENT)
        s = tw_fail(r->cx, TW_EPARSE, "the YAML is empty");
    else
        s = value(r, to, &e);
    yaml_event_delete(&e);
    return s;
}

tw_status tw_yaml_read(tw_ctx *cx, tw_yaml **out, tw_str text)
{
    reader r = { .cx = cx };
    *out = tw_new(cx->arena, tw_yaml);
    if (!yaml_parser_initialize(&r.parser))
        return tw_fail(cx, TW_ELIMIT, "no memory for a YAML parser");
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text.p, text.n);
    tw_status s = document(&r, *out);
    yaml_parser_delete(&r.parser);
    return s;
}

const tw_yaml *tw_yaml_get(const tw_yaml *map, const char *key)
{
    for (const tw_yaml *y = map && map->kind == TW_YAML_MAP ? map->first : NULL; y; y = y->next)
        if (tw_str_is(y->key, key))
            return y;
    return NULL;
}
