/* A Microsoft configuration: read, checked, compiled.
 *
 * What their validator refuses is refused here, with line and rule; what it lets pass and cannot work gives a warning.
 */
#include "deid/config_internal.h"

#include <math.h>
#include <stdarg.h>

#define ARENA_MAX (512 * TW_MIB)
#define RULES_MAX 5000
#define CASES_MAX 1000

typedef struct {
    tw_ctx *cx;
    tw_config *c;
    config_rule *rule;
    size_t index; /* of the rule being read; SIZE_MAX outside */
    bool custom;  /* customSettings are given */
} reader;

void config_warn(tw_config *c, const char *fmt, ...)
{
    char text[320];
    va_list ap;
    if (c->warning_count + 1 >= TW_COUNT(c->warning))
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    c->warning[c->warning_count++] = tw_str_dup(c->arena, tw_str_of(text)).p;
}

/* ---------------------------------------------------------------- text */

static void blank(char *p, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (p[i] != '\n' && p[i] != '\r')
            p[i] = ' ';
}

static size_t string_end(const char *p, size_t n, size_t i)
{
    for (i++; i < n && p[i] != '"'; i++)
        i += p[i] == '\\';
    return i < n ? i + 1 : n;
}

static size_t comment_end(const char *p, size_t n, size_t i)
{
    if (i + 1 >= n || p[i] != '/' || (p[i + 1] != '/' && p[i + 1] != '*'))
        return i;
    bool line = p[i + 1] == '/';
    for (i += 2; i < n; i++) {
        if (line && p[i] == '\n')
            return i;
        if (!line && p[i] == '*' && i + 1 < n && p[i + 1] == '/')
            return i + 2;
    }
    return n;
}

/* A byte order mark, comments and commas before a closing bracket become blanks: places stay. */
static tw_str lenient(tw_arena *a, tw_str text)
{
    char *p = tw_cstr(a, text);
    size_t comma = SIZE_MAX;
    if (tw_str_starts(text, "\xef\xbb\xbf"))
        memset(p, ' ', 3);
    for (size_t i = 0; i < text.n;) {
        size_t end = comment_end(p, text.n, i);
        if (end > i) {
            blank(p, i, end);
            i = end;
            continue;
        }
        char c = p[i];
        if ((c == '}' || c == ']') && comma != SIZE_MAX)
            p[comma] = ' ';
        if (c == ',')
            comma = i;
        else if ((unsigned char)c > ' ')
            comma = SIZE_MAX;
        i = c == '"' ? string_end(p, text.n, i) : i + 1;
    }
    return (tw_str){ p, text.n };
}

/* ---------------------------------------------------------------- errors and values */

static tw_status where(reader *r, uint32_t tok)
{
    uint32_t line = 0, column = 0;
    tw_json_place(&r->c->json, r->c->json.tok[tok].off, &line, &column);
    r->cx->err.code = TW_ECONFIG;
    if (r->index == SIZE_MAX)
        return tw_wrap(r->cx, "line %u", (unsigned)line);
    tw_str path = r->rule[r->index].path;
    path.n = TW_MIN(path.n, 100);
    return tw_wrap(r->cx, "line %u: fhirPathRules[%zu] (" TW_FMT ")", (unsigned)line, r->index, TW_ARG(path));
}

#define BAD(r, tok, ...) (tw_fail((r)->cx, TW_ECONFIG, __VA_ARGS__), where((r), (tok)))

static tw_str text_at(reader *r, uint32_t tok)
{
    tw_ctx keep = { .arena = r->c->arena };
    return tok == TW_JSON_NONE ? TW_STR("") : tw_json_text(&keep, &r->c->json, tok);
}

static bool is_null(const reader *r, uint32_t tok)
{
    return tok == TW_JSON_NONE || r->c->json.tok[tok].type == TW_JSON_NULL;
}

/* A string member; null and absent give "". */
static tw_status string_member(reader *r, tw_str *out, uint32_t obj, const char *name)
{
    uint32_t tok = tw_json_get(&r->c->json, obj, name);
    *out = TW_STR("");
    if (is_null(r, tok))
        return TW_OK;
    if (r->c->json.tok[tok].type != TW_JSON_STRING)
        return BAD(r, tok, "%s is no string", name);
    *out = text_at(r, tok);
    return TW_OK;
}

static tw_status bool_member(reader *r, bool *out, uint32_t obj, const char *name)
{
    uint32_t tok = tw_json_get(&r->c->json, obj, name);
    *out = false;
    if (is_null(r, tok))
        return TW_OK;
    uint8_t type = r->c->json.tok[tok].type;
    tw_str text = text_at(r, tok);
    *out = type == TW_JSON_TRUE || tw_str_is(text, "true") || tw_str_is(text, "True");
    if (!*out && type != TW_JSON_FALSE && !tw_str_is(text, "false") && !tw_str_is(text, "False"))
        return BAD(r, tok, "%s is neither true nor false", name);
    return TW_OK;
}

/* A number, or a string that holds one. *has false: absent. */
static tw_status number_member(reader *r, double *out, bool *has, uint32_t obj, const char *name)
{
    uint32_t tok = tw_json_get(&r->c->json, obj, name);
    *has = !is_null(r, tok);
    if (!*has)
        return TW_OK;
    uint8_t type = r->c->json.tok[tok].type;
    tw_str text = type == TW_JSON_NUMBER ? tw_json_raw(&r->c->json, tok) : tw_str_trim(text_at(r, tok));
    if ((type != TW_JSON_NUMBER && type != TW_JSON_STRING) || !tw_parse_f64(out, text) || !isfinite(*out))
        return BAD(r, tok, "%s is no number", name);
    return TW_OK;
}

static bool same_word(tw_str a, const char *b)
{
    size_t n = strlen(b);
    for (size_t i = 0; i < a.n && i < n; i++) {
        char x = a.p[i], y = b[i];
        x = x >= 'A' && x <= 'Z' ? (char)(x + 32) : x;
        y = y >= 'A' && y <= 'Z' ? (char)(y + 32) : y;
        if (x != y)
            return false;
    }
    return a.n == n;
}

/* ---------------------------------------------------------------- parameters */

static tw_status zips(reader *r, uint32_t obj)
{
    uint32_t tok = tw_json_get(&r->c->json, obj, "restrictedZipCodeTabulationAreas");
    if (is_null(r, tok))
        return TW_OK;
    if (r->c->json.tok[tok].type != TW_JSON_ARRAY)
        return BAD(r, tok, "restrictedZipCodeTabulationAreas is no list");
    tw_str *zip = tw_try_array(r->c->arena, tw_str, r->c->json.tok[tok].count + 1);
    if (!zip)
        return BAD(r, tok, "restrictedZipCodeTabulationAreas is too long");
    for (uint32_t i = tw_json_first(&r->c->json, tok); i != TW_JSON_NONE; i = tw_json_next(&r->c->json, tok, i)) {
        if (r->c->json.tok[i].type != TW_JSON_STRING)
            return BAD(r, i, "an entry of restrictedZipCodeTabulationAreas is no string");
        zip[r->c->zip_count++] = text_at(r, i);
    }
    r->c->zip = zip;
    return TW_OK;
}

static tw_status scope(reader *r, uint32_t obj)
{
    tw_str s;
    TW_TRY(string_member(r, &s, obj, "dateShiftScope"));
    if (s.n == 0 || same_word(s, "resource"))
        r->c->scope = SCOPE_RESOURCE;
    else if (same_word(s, "file"))
        r->c->scope = SCOPE_FILE;
    else if (same_word(s, "folder"))
        r->c->scope = SCOPE_FOLDER;
    else
        return BAD(r, tw_json_get(&r->c->json, obj, "dateShiftScope"),
                   "dateShiftScope is none of resource, file, folder");
    return TW_OK;
}

static tw_status parameters(reader *r)
{
    tw_config *c = r->c;
    uint32_t obj = tw_json_get(&c->json, 0, "parameters");
    double days = 0;
    if (is_null(r, obj))
        return TW_OK;
    if (c->json.tok[obj].type != TW_JSON_OBJECT)
        return BAD(r, obj, "parameters is no object");
    TW_TRY(string_member(r, &c->shift_key, obj, "dateShiftKey"));
    TW_TRY(string_member(r, &c->hash_key, obj, "cryptoHashKey"));
    TW_TRY(string_member(r, &c->encrypt_key, obj, "encryptKey"));
    if (c->encrypt_key.n && c->encrypt_key.n != 16 && c->encrypt_key.n != 24 && c->encrypt_key.n != 32)
        return BAD(r, tw_json_get(&c->json, obj, "encryptKey"), "encryptKey has %zu bytes; AES takes 16, 24 or 32",
                   c->encrypt_key.n);
    TW_TRY(scope(r, obj));
    TW_TRY(number_member(r, &days, &c->has_fixed, obj, "dateShiftFixedOffsetInDays"));
    if (days != floor(days) || fabs(days) > 36500)
        return BAD(r, tw_json_get(&c->json, obj, "dateShiftFixedOffsetInDays"),
                   "dateShiftFixedOffsetInDays is no whole number up to 36500");
    c->fixed_days = (int64_t)days;
    TW_TRY(bool_member(r, &c->partial_ages, obj, "enablePartialAgesForRedact"));
    TW_TRY(bool_member(r, &c->partial_dates, obj, "enablePartialDatesForRedact"));
    TW_TRY(bool_member(r, &c->partial_zips, obj, "enablePartialZipCodesForRedact"));
    r->custom = !is_null(r, tw_json_get(&c->json, obj, "customSettings"));
    return zips(r, obj);
}

static tw_status head(reader *r)
{
    tw_str version, errors;
    TW_TRY(string_member(r, &version, 0, "fhirVersion"));
    if (version.n && !same_word(version, "R4"))
        return BAD(r, tw_json_get(&r->c->json, 0, "fhirVersion"), "fhirVersion is not R4, which alone is known here");
    TW_TRY(string_member(r, &errors, 0, "processingErrors"));
    r->c->skip_errors = same_word(errors, "skip");
    if (errors.n && !r->c->skip_errors && !same_word(errors, "raise"))
        return BAD(r, tw_json_get(&r->c->json, 0, "processingErrors"), "processingErrors is neither raise nor skip");
    return TW_OK;
}

/* ---------------------------------------------------------------- rules */

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t word(tw_str s)
{
    size_t n = 0;
    while (n < s.n && is_word_char(s.p[n]))
        n++;
    return n;
}

/* What the path begins with, so that resources without it are passed over. */
static void first_step(config_rule *rule, const tw_fhir_schema *s, tw_str expr)
{
    static const char by_type[] = "nodesByType('";
    size_t n;
    if (tw_str_starts(expr, by_type)) {
        tw_str rest = { expr.p + sizeof by_type - 1, expr.n - (sizeof by_type - 1) };
        n = word(rest);
        tw_str after = { rest.p + n, rest.n - n };
        if (tw_str_starts(after, "')") && (after.n == 2 || after.p[2] == '.') && !memchr(after.p, '|', after.n) &&
            !memchr(after.p, ' ', after.n))
            rule->first_type = tw_fhir_type_id(s, (tw_str){ rest.p, n });
        return;
    }
    n = word(expr);
    if (n && expr.p[0] >= 'a' && expr.p[0] <= 'z' && (n == expr.n || expr.p[n] == '.') &&
        word((tw_str){ expr.p, expr.n }) == n) {
        for (size_t i = n; i < expr.n; i++)
            if (!is_word_char(expr.p[i]) && expr.p[i] != '.')
                return; /* more than a plain path */
        rule->first_name = tw_fhir_name_id(s, (tw_str){ expr.p, n });
    }
}

/* "Patient.name": of what resources, and the path inside. */
static tw_status rule_path(reader *r, config_rule *rule, uint32_t tok)
{
    const tw_fhir_schema *s = r->c->schema;
    tw_str path = tw_str_trim(rule->path), type = { path.p, 0 };
    if (path.n && path.p[0] >= 'A' && path.p[0] <= 'Z')
        type.n = word(path);
    tw_str expr = { path.p + type.n, path.n - type.n };
    if (type.n && expr.n && expr.p[0] == '.')
        expr = (tw_str){ expr.p + 1, expr.n - 1 };
    else if (type.n && expr.n)
        return BAD(r, tok, "column %zu: a dot is missing after the name of the type", type.n + 1);
    rule->any_type = type.n == 0 || tw_str_is(type, "Resource") || tw_str_is(type, "DomainResource");
    rule->whole = expr.n == 0;
    if (path.n == 0)
        return BAD(r, tok, "path is empty");
    uint32_t node = rule->any_type ? TW_R4_NONE : tw_r4_node_of(tw_fhir_schema_table(s), type);
    if (node != TW_R4_NONE && tw_fhir_schema_table(s)->node[node].resource)
        rule->type = tw_fhir_type_id(s, type);
    if (!rule->any_type && rule->type == 0)
        config_warn(r->c, "fhirPathRules[%zu]: R4 has no resource " TW_FMT ": the rule never acts", r->index,
                    TW_ARG(type));
    if (rule->whole)
        return TW_OK;
    if (tw_fhirpath_compile(r->cx, &rule->expr, r->c->arena, s, expr) != TW_OK)
        return where(r, tok);
    tw_str unknown = tw_fhirpath_unknown(rule->expr);
    if (unknown.n)
        config_warn(r->c, "fhirPathRules[%zu] (" TW_FMT "): R4 has nothing named " TW_FMT, r->index, TW_ARG(path),
                    TW_ARG(unknown));
    first_step(rule, s, expr);
    return TW_OK;
}

static tw_status perturb(reader *r, config_rule *rule, uint32_t obj)
{
    bool has_span, has_round;
    double round_to = 2;
    tw_str range;
    TW_TRY(number_member(r, &rule->span, &has_span, obj, "span"));
    if (!has_span || rule->span < 0)
        return BAD(r, obj, has_span ? "span is negative" : "span is missing");
    TW_TRY(number_member(r, &round_to, &has_round, obj, "roundTo"));
    if (round_to != floor(round_to) || round_to < 0 || round_to > 28)
        return BAD(r, obj, "roundTo is no whole number from 0 to 28");
    rule->round_to = (int)round_to;
    TW_TRY(string_member(r, &range, obj, "rangeType"));
    rule->proportional = same_word(range, "proportional");
    if (range.n && !rule->proportional && !same_word(range, "fixed"))
        return BAD(r, obj, "rangeType is neither fixed nor proportional");
    return TW_OK;
}

static tw_status expression(reader *r, tw_fhirpath **out, uint32_t tok, const char *what)
{
    if (tw_fhirpath_compile(r->cx, out, r->c->arena, r->c->schema, text_at(r, tok)) == TW_OK)
        return TW_OK;
    (void)tw_wrap(r->cx, "%s", what);
    return where(r, tok);
}

static tw_status generalize(reader *r, config_rule *rule, uint32_t obj)
{
    const tw_json *d = &r->c->json;
    tw_str others;
    uint32_t tok = tw_json_get(d, obj, "cases");
    if (is_null(r, tok) || d->tok[tok].type != TW_JSON_OBJECT || d->tok[tok].count > CASES_MAX)
        return BAD(r, obj, "cases is missing, is no object or has over %d members", CASES_MAX);
    config_case *all = tw_arena_get(r->c->arena, (d->tok[tok].count + 1) * sizeof *all);
    for (uint32_t k = tw_json_first(d, tok); k != TW_JSON_NONE; k = tw_json_next(d, tok, k)) {
        config_case *one = &all[rule->case_count++];
        if (d->tok[k + 1].type != TW_JSON_STRING)
            return BAD(r, k + 1, "the value of a case is no string that holds an expression");
        one->key = text_at(r, k);
        TW_TRY(expression(r, &one->when, k, "condition of a case"));
        TW_TRY(expression(r, &one->value, k + 1, "value of a case"));
    }
    rule->cases = all;
    TW_TRY(string_member(r, &others, obj, "otherValues"));
    rule->redact_others = !same_word(others, "keep");
    if (others.n && rule->redact_others && !same_word(others, "redact"))
        return BAD(r, obj, "otherValues is neither redact nor keep");
    return TW_OK;
}

static tw_status method(reader *r, config_rule *rule, uint32_t obj)
{
    static const char *const names[] = {
#define X(name, text) text,
        METHOD_LIST(X)
#undef X
    };
    rule->method = METHOD_UNKNOWN;
    for (size_t i = 0; i < METHOD_UNKNOWN; i++)
        if (same_word(rule->method_name, names[i]))
            rule->method = (config_method)i;
    r->c->shifts |= rule->method == METHOD_DATE_SHIFT;
    r->c->encrypts |= rule->method == METHOD_ENCRYPT;
    if (rule->method == METHOD_UNKNOWN && !r->custom)
        return BAD(r, obj, "no such method");
    if (rule->method == METHOD_UNKNOWN)
        config_warn(r->c,
                    "fhirPathRules[%zu]: " TW_FMT " is a method of somebody's own program: what it would act on "
                    "is an error",
                    r->index, TW_ARG(rule->method_name));
    if (rule->method == METHOD_SUBSTITUTE) {
        rule->replace_with = tw_json_get(&r->c->json, obj, "replaceWith");
        if (is_null(r, rule->replace_with))
            return BAD(r, obj, "replaceWith is missing");
    }
    r->c->hashes |= rule->method == METHOD_HASH && r->c->hash_key.n == 0 && !r->c->compat;
    if (rule->method == METHOD_ENCRYPT && r->c->encrypt_key.n == 0 && r->c->compat)
        return BAD(r, obj, "encrypt needs an encryptKey");
    if (rule->method == METHOD_PERTURB)
        return perturb(r, rule, obj);
    return rule->method == METHOD_GENERALIZE ? generalize(r, rule, obj) : TW_OK;
}

static tw_status one_rule(reader *r, uint32_t obj)
{
    const tw_json *d = &r->c->json;
    config_rule *rule = &r->rule[r->index];
    uint32_t line = 0, column = 0;
    if (d->tok[obj].type != TW_JSON_OBJECT)
        return BAD(r, obj, "a rule is no object");
    tw_json_place(d, d->tok[obj].off, &line, &column);
    rule->line = line;
    TW_TRY(string_member(r, &rule->path, obj, "path"));
    TW_TRY(string_member(r, &rule->method_name, obj, "method"));
    if (rule->path.n == 0 || rule->method_name.n == 0)
        return BAD(r, obj, rule->path.n ? "method is missing" : "path is missing");
    TW_TRY(rule_path(r, rule, tw_json_get(d, obj, "path")));
    return method(r, rule, obj);
}

static tw_status rules(reader *r)
{
    const tw_json *d = &r->c->json;
    uint32_t list = tw_json_get(d, 0, "fhirPathRules");
    if (is_null(r, list) || d->tok[list].type != TW_JSON_ARRAY || d->tok[list].count > RULES_MAX)
        return BAD(r, 0, "fhirPathRules is missing, is no list or has over %d rules", RULES_MAX);
    r->rule = tw_arena_get(r->c->arena, (d->tok[list].count + 1) * sizeof *r->rule);
    r->index = 0;
    for (uint32_t i = tw_json_first(d, list); i != TW_JSON_NONE; i = tw_json_next(d, list, i), r->index++)
        TW_TRY(one_rule(r, i));
    r->c->rule = r->rule;
    r->c->rule_count = r->index;
    r->index = SIZE_MAX;
    return TW_OK;
}

/* ---------------------------------------------------------------- dispatch and warnings */

static void dispatch(tw_config *c)
{
    const tw_r4 *r4 = tw_fhir_schema_table(c->schema);
    const uint16_t **by_node = tw_arena_get(c->arena, r4->node_count * sizeof *by_node);
    for (uint32_t n = 0; n < r4->node_count; n++) {
        if (!r4->node[n].resource)
            continue;
        uint16_t type = tw_fhir_type_id(c->schema, r4->node[n].path), count = 0;
        uint16_t *list = tw_arena_get(c->arena, (c->rule_count + 1) * sizeof *list);
        for (size_t i = 0; i < c->rule_count; i++)
            if (c->rule[i].any_type || c->rule[i].type == type)
                list[count++] = (uint16_t)i;
        list[count] = UINT16_MAX;
        by_node[n] = list;
    }
    c->by_node = by_node;
}

static void safe_warnings(tw_config *c)
{
    if (c->shifts && c->has_fixed)
        config_warn(c, "dateShiftFixedOffsetInDays shifts everybody alike: dates are shifted by whole weeks of the "
                       "patient instead");
    else if (c->shifts)
        config_warn(c, "dateShift of two known dates gives away all others: dates are shifted by whole weeks of the "
                       "patient instead");
    if (c->hashes)
        config_warn(c, "cryptoHash has no key there, so that everybody could hash all that may stand in its place: the "
                       "project's key is used instead");
    if (c->encrypts)
        config_warn(c, "encrypt has no authentication there: XChaCha20-Poly1305 is used instead of AES-CBC");
}

static void compat_warnings(tw_config *c)
{
    bool hashes = false;
    for (size_t i = 0; i < c->rule_count; i++)
        hashes |= c->rule[i].method == METHOD_HASH;
    if (c->shifts)
        config_warn(c, "dateShift is linear: two known dates give away all others");
    if (c->encrypts)
        config_warn(c, "encrypt is AES-CBC without authentication");
    if (hashes && c->hash_key.n == 0)
        config_warn(c, "cryptoHash has no key: everybody can hash all that could stand there");
}

static void warnings(tw_config *c)
{
    uint32_t version = tw_json_get(&c->json, 0, "fhirVersion");
    if (version == TW_JSON_NONE || c->json.tok[version].type == TW_JSON_NULL || c->json.tok[version].len == 2)
        config_warn(c, "fhirVersion is not given: R4 is taken");
    if (c->rule_count == 0)
        config_warn(c, "there are no rules: nothing is removed");
    for (size_t i = 0; i < c->rule_count; i++) {
        if (c->rule[i].method == METHOD_HASH && c->hash_key.n && c->hash_key.n < 16) {
            config_warn(c, "cryptoHashKey has %zu bytes: it can be guessed", c->hash_key.n);
            break;
        }
    }
    if (c->compat)
        compat_warnings(c);
    else
        safe_warnings(c);
}

static void names(tw_config *c)
{
    const tw_fhir_schema *s = c->schema;
#define TYPE(text) tw_fhir_type_id(s, TW_STR(text))
#define NAME(text) tw_fhir_name_id(s, TW_STR(text))
    c->is = (config_names){
        .t_date = TYPE("date"),
        .t_datetime = TYPE("dateTime"),
        .t_instant = TYPE("instant"),
        .t_decimal = TYPE("decimal"),
        .t_integer = TYPE("integer"),
        .t_positive = TYPE("positiveInt"),
        .t_unsigned = TYPE("unsignedInt"),
        .t_age = TYPE("Age"),
        .t_address = TYPE("Address"),
        .t_reference = TYPE("Reference"),
        .t_quantity = TYPE("Quantity"),
        .t_money = TYPE("Money"),
        .t_meta = TYPE("Meta"),
        .t_coding = TYPE("Coding"),
        .t_patient = TYPE("Patient"),
        .t_bundle = TYPE("Bundle"),
        .n_postal = NAME("postalCode"),
        .n_reference = NAME("reference"),
        .n_value = NAME("value"),
        .n_id = NAME("id"),
        .n_meta = NAME("meta"),
        .n_security = NAME("security"),
        .n_system = NAME("system"),
        .n_code = NAME("code"),
        .n_display = NAME("display"),
        .n_full_url = NAME("fullUrl"),
        .n_resource = NAME("resource"),
        .n_contained = NAME("contained"),
    };
#undef TYPE
#undef NAME
}

static tw_status read(reader *r, tw_str text)
{
    tw_config *c = r->c;
    tw_ctx keep = { .arena = c->arena };
    if (tw_json_parse(&keep, &c->json, lenient(c->arena, text), NULL) != TW_OK)
        return tw_fail(r->cx, TW_ECONFIG, "%s", keep.err.msg);
    if (c->json.tok[0].type != TW_JSON_OBJECT)
        return tw_fail(r->cx, TW_ECONFIG, "line 1: a configuration is an object");
    names(c);
    TW_TRY(head(r));
    TW_TRY(parameters(r));
    TW_TRY(rules(r));
    dispatch(c);
    warnings(c);
    return TW_OK;
}

tw_status config_parse_with(tw_ctx *cx, tw_config **out, tw_fhir_schema *schema, tw_str text, bool compat)
{
    *out = NULL;
    if (text.n > TW_CONFIG_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "a configuration over %zu bytes", (size_t)TW_CONFIG_BYTES_MAX);
    tw_arena *a = tw_arena_new(ARENA_MAX);
    tw_config *c = tw_new(a, tw_config);
    c->arena = a;
    c->compat = compat;
    c->schema = schema;
    reader r = { .cx = cx, .c = c, .index = SIZE_MAX };
    tw_status s = read(&r, text);
    if (s == TW_OK)
        *out = c;
    else
        tw_arena_free(a);
    return s;
}

tw_status tw_config_parse(tw_ctx *cx, tw_config **out, tw_str text, bool compat)
{
    tw_fhir_schema *schema = tw_fhir_schema_new();
    tw_status s = config_parse_with(cx, out, schema, text, compat);
    if (s != TW_OK)
        tw_fhir_schema_free(schema);
    return s;
}

void tw_config_free(tw_config *c)
{
    if (!c)
        return;
    tw_fhir_schema_free(c->schema);
    tw_arena_free(c->arena);
}
