/* FHIRPath text to a program: one pass, recursive descent over the grammar of N1 (appendix B) by binding power.
 *
 * Every value gets a register of its own, so that the code has no stack. A criterion (where, select, all, exists) is a
 * block that follows its instruction. Depth, length, registers and code are bounded; the text is not trusted. */
#include "fhir/fhirpath_internal.h"

#define CODE_MAX 2048
#define CONST_MAX 1024
#define REGS_MAX 2048

typedef enum {
    TOK_END,
    TOK_NAME,
    TOK_QUOTED_NAME,
    TOK_STRING,
    TOK_NUMBER,
    TOK_DATE,
    TOK_TIME,
    TOK_SIGN,
    TOK_BAD
} tok_kind;

typedef struct {
    tw_ctx *cx;
    tw_arena *keep;
    const tw_fhir_schema *s;
    tw_str text;
    size_t at;
    struct {
        tok_kind kind;
        tw_str text;
        size_t from;
    } tok;
    insn *code;
    uint32_t code_n;
    tw_fhirpath_item *constant;
    uint32_t constant_n;
    uint16_t regs;
    uint16_t self; /* register of $this */
    unsigned depth;
    tw_str unknown;
    tw_status status;
} parser;

#define NO_CONST UINT32_MAX

static uint16_t stop(parser *p, size_t at, const char *why, tw_str what)
{
    if (p->status == TW_OK) {
        if (what.n > 40)
            what.n = 0;
        p->status = tw_fail(p->cx, TW_EPARSE, "column %zu: %s%s" TW_FMT "%s", at + 1, why, what.n ? " '" : "",
                            TW_ARG(what), what.n ? "'" : "");
    }
    return 0;
}

static uint16_t stop_limit(parser *p)
{
    if (p->status == TW_OK)
        p->status = tw_fail(p->cx, TW_ELIMIT, "column %zu: the expression is too long or too deep", p->tok.from + 1);
    return 0;
}

/* ---------------------------------------------------------------- words */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static char peek(const parser *p, size_t ahead)
{
    return p->at + ahead < p->text.n ? p->text.p[p->at + ahead] : '\0';
}

static void blanks(parser *p)
{
    for (;;) {
        char c = peek(p, 0);
        if (c && memchr(" \t\r\n", c, 4)) {
            p->at++;
        } else if (c == '/' && peek(p, 1) == '/') {
            while (p->at < p->text.n && p->text.p[p->at] != '\n')
                p->at++;
        } else if (c == '/' && peek(p, 1) == '*') {
            size_t end = tw_str_find((tw_str){ p->text.p + p->at + 2, p->text.n - p->at - 2 }, TW_STR("*/"));
            if (end == SIZE_MAX)
                return;
            p->at += end + 4;
        } else {
            return;
        }
    }
}

/* After "\u". */
static bool unicode(parser *p, char *out, size_t *n)
{
    uint8_t b[2];
    if (p->text.n - p->at < 4 || !tw_unhex(b, 2, (tw_str){ p->text.p + p->at, 4 }))
        return false;
    uint32_t c = (uint32_t)b[0] << 8 | b[1];
    if (c == 0 || (c >= 0xD800 && c <= 0xDFFF))
        return false;
    *n += tw_utf8_put(out + *n, c);
    p->at += 4;
    return true;
}

/* A string or a `name`, from its opening quote. */
static bool quoted(parser *p, char quote)
{
    static const char from[] = "'\"`\\/rntf", to[] = "'\"`\\/\r\n\t\f";
    size_t n = 0, end = p->at + 1;
    while (end < p->text.n && p->text.p[end] != quote)
        end += p->text.p[end] == '\\' ? 2 : 1;
    char *out = tw_arena_try(p->keep, end - p->at + 4);
    if (!out)
        return false;
    for (p->at++; p->at < p->text.n; p->at++) {
        char c = p->text.p[p->at];
        if (c == quote) {
            p->at++;
            p->tok.text = (tw_str){ out, n };
            return true;
        }
        if (c != '\\') {
            out[n++] = c;
            continue;
        }
        c = peek(p, 1);
        const char *known = c ? memchr(from, c, sizeof from - 1) : NULL;
        p->at++;
        if (known) {
            out[n++] = to[known - from];
        } else if (c == 'u') {
            p->at++;
            if (!unicode(p, out, &n))
                return false;
            p->at--;
        } else {
            return false;
        }
    }
    return false;
}

/* @2020-01-01T10:00:00.5+02:00, @T10:00. */
static tok_kind date(parser *p)
{
    size_t from = ++p->at;
    bool alone = peek(p, 0) == 'T';
    while (tw_is_digit(peek(p, 0)) || (peek(p, 0) && memchr("-:TZ+", peek(p, 0), 5)) ||
           (peek(p, 0) == '.' && tw_is_digit(peek(p, 1))))
        p->at++;
    p->tok.text = (tw_str){ p->text.p + from, p->at - from };
    if (alone)
        p->tok.text = (tw_str){ p->tok.text.p + 1, p->tok.text.n - 1 };
    if (!date_valid(p->tok.text, alone))
        return TOK_BAD;
    return alone ? TOK_TIME : TOK_DATE;
}

static tok_kind sign(parser *p)
{
    static const char *const two[] = { "<=", ">=", "!=", "!~" };
    tw_str rest = { p->text.p + p->at, p->text.n - p->at };
    size_t n = 1;
    for (size_t i = 0; i < TW_COUNT(two); i++)
        if (tw_str_starts(rest, two[i]))
            n = 2;
    if (n == 1 && !memchr(".,()[]{}+-*/|&=~<>%$", rest.p[0], 20))
        return TOK_BAD;
    p->tok.text = (tw_str){ rest.p, n };
    p->at += n;
    return TOK_SIGN;
}

static void next(parser *p)
{
    blanks(p);
    size_t from = p->tok.from = p->at;
    char c = peek(p, 0);
    if (p->at >= p->text.n) {
        p->tok.kind = TOK_END;
        p->tok.text = TW_STR("");
        return;
    }
    if (is_letter(c)) {
        while (is_letter(peek(p, 0)) || tw_is_digit(peek(p, 0)))
            p->at++;
        p->tok.kind = TOK_NAME;
    } else if (tw_is_digit(c)) {
        while (tw_is_digit(peek(p, 0)) || (peek(p, 0) == '.' && tw_is_digit(peek(p, 1))))
            p->at++;
        p->tok.kind = TOK_NUMBER;
    } else if (c == '\'' || c == '`') {
        p->tok.kind = !quoted(p, c) ? TOK_BAD : c == '`' ? TOK_QUOTED_NAME : TOK_STRING;
        return;
    } else {
        p->tok.kind = c == '@' ? date(p) : sign(p);
        return;
    }
    p->tok.text = (tw_str){ p->text.p + from, p->at - from };
}

static bool is_sign(const parser *p, const char *s)
{
    return p->tok.kind == TOK_SIGN && tw_str_is(p->tok.text, s);
}

static bool is_word(const parser *p, const char *s)
{
    return p->tok.kind == TOK_NAME && tw_str_is(p->tok.text, s);
}

static bool take(parser *p, const char *s)
{
    if (p->status != TW_OK || !is_sign(p, s))
        return false;
    next(p);
    return true;
}

static void expect(parser *p, const char *s)
{
    if (!take(p, s))
        stop(p, p->tok.from, "expected", tw_str_of(s));
}

/* ---------------------------------------------------------------- code */

static uint16_t new_reg(parser *p)
{
    if (p->regs >= REGS_MAX)
        return stop_limit(p);
    return p->regs++;
}

/* The index of the instruction. */
static uint32_t emit(parser *p, insn i, size_t column)
{
    if (p->code_n >= CODE_MAX || p->status != TW_OK) {
        stop_limit(p);
        return 0;
    }
    i.column = (uint16_t)(column + 1);
    p->code[p->code_n] = i;
    return p->code_n++;
}

static uint16_t emit_to(parser *p, insn i, size_t column)
{
    i.dst = new_reg(p);
    emit(p, i, column);
    return i.dst;
}

static uint16_t constant(parser *p, tw_fhirpath_kind kind, tw_str text)
{
    if (p->constant_n >= CONST_MAX)
        return stop_limit(p);
    p->constant[p->constant_n] = (tw_fhirpath_item){ kind, TW_FHIR_NONE, tw_str_dup(p->keep, text) };
    return emit_to(p, (insn){ .op = OP_CONST, .x = p->constant_n++ }, p->tok.from);
}

static uint16_t expression(parser *p, int power);

/* ---------------------------------------------------------------- types and functions */

/* Name of a type, "FHIR." or "System." before it or not. */
static uint16_t type_name(parser *p)
{
    size_t from = p->tok.from;
    tw_str name = p->tok.text;
    if (p->tok.kind != TOK_NAME && p->tok.kind != TOK_QUOTED_NAME)
        return stop(p, from, "expected the name of a type", TW_STR(""));
    next(p);
    if (tw_str_is(name, "FHIR") || tw_str_is(name, "System")) {
        bool system = tw_str_is(name, "System");
        expect(p, ".");
        name = p->tok.text;
        from = p->tok.from;
        next(p);
        if (system) { /* System.String is what a FHIR string holds */
            char *low = tw_cstr(p->keep, name);
            low[0] = low[0] >= 'A' && low[0] <= 'Z' ? (char)(low[0] + 32) : low[0];
            name = (tw_str){ low, name.n };
        }
    }
    uint16_t type = tw_fhir_type_id(p->s, name);
    return type ? type : stop(p, from, "no type of FHIR R4:", name);
}

static uint16_t type_function(parser *p, op_code op, uint16_t focus, size_t column)
{
    expect(p, "(");
    uint16_t type = type_name(p);
    expect(p, ")");
    return emit_to(p, (insn){ .op = (uint8_t)op, .a = focus, .x = type }, column);
}

static uint16_t block_function(parser *p, op_code op, uint16_t focus, size_t column)
{
    uint16_t outer = p->self, item = new_reg(p), dst = new_reg(p);
    uint32_t at = emit(p, (insn){ .op = (uint8_t)op, .dst = dst, .a = focus, .c = item }, column);
    p->self = item;
    uint16_t result = expression(p, 0);
    p->self = outer;
    expect(p, ")");
    p->code[at].b = result;
    p->code[at].x = p->code_n;
    return dst;
}

static void jump_here(parser *p, uint32_t at)
{
    p->code[at].x = p->code_n;
}

static uint16_t iif(parser *p, uint16_t focus, size_t column)
{
    uint16_t dst = new_reg(p), outer = p->self;
    p->self = focus;
    uint16_t when = expression(p, 0);
    expect(p, ",");
    uint32_t otherwise = emit(p, (insn){ .op = OP_UNLESS, .a = when }, column);
    emit(p, (insn){ .op = OP_MOVE, .dst = dst, .a = expression(p, 0) }, column);
    uint32_t end = emit(p, (insn){ .op = OP_JUMP }, column);
    jump_here(p, otherwise);
    if (take(p, ","))
        emit(p, (insn){ .op = OP_MOVE, .dst = dst, .a = expression(p, 0) }, column);
    else
        emit(p, (insn){ .op = OP_CONST, .dst = dst, .x = NO_CONST }, column);
    expect(p, ")");
    p->self = outer;
    jump_here(p, end);
    return dst;
}

static void remember_unknown(parser *p, tw_str name)
{
    if (p->unknown.n == 0)
        p->unknown = tw_str_dup(p->keep, name);
}

/* nodesByType('T'), nodesByName('n'). */
static uint16_t nodes_by(parser *p, op_code op, uint16_t focus, size_t column)
{
    if (p->tok.kind != TOK_STRING)
        return stop(p, p->tok.from, "expected a name between '", TW_STR(""));
    tw_str name = p->tok.text;
    uint16_t x = op == OP_BY_TYPE ? tw_fhir_type_id(p->s, name) : tw_fhir_name_id(p->s, name);
    if (!x)
        remember_unknown(p, name);
    next(p);
    expect(p, ")");
    return emit_to(p, (insn){ .op = (uint8_t)op, .a = focus, .x = x }, column);
}

/* A constant pattern is compiled now. */
static void pattern(parser *p, uint32_t call, uint16_t arg)
{
    const insn *last = NULL;
    for (uint32_t i = 0; p->status == TW_OK && i < call; i++)
        if (p->code[i].dst == arg)
            last = &p->code[i];
    if (!last || last->op != OP_CONST || last->x == NO_CONST)
        return;
    const regex *re = NULL;
    p->status = regex_compile(p->cx, &re, p->keep, p->constant[last->x].text);
    if (p->status != TW_OK)
        (void)tw_wrap(p->cx, "column %u", (unsigned)last->column);
    else
        p->code[call].re = re;
}

static uint16_t value_function(parser *p, fn_code fn, unsigned lo, unsigned hi, uint16_t focus, size_t column)
{
    uint16_t arg[2] = { REG_NONE, REG_NONE };
    unsigned n = 0;
    while (p->status == TW_OK && !is_sign(p, ")") && n < hi) {
        if (n)
            expect(p, ",");
        arg[n++] = expression(p, 0);
    }
    if (p->status == TW_OK && (n < lo || !is_sign(p, ")")))
        return stop(p, column, "wrong number of arguments", TW_STR(""));
    expect(p, ")");
    uint16_t dst = new_reg(p);
    insn call = { .op = OP_CALL, .dst = dst, .a = focus, .b = arg[0], .c = arg[1], .x = fn };
    uint32_t at = emit(p, call, column);
    if (fn == FN_MATCHES || fn == FN_REPLACE_MATCHES)
        pattern(p, at, arg[0]);
    return dst;
}

static const struct {
    const char *name;
    fn_code fn;
    unsigned lo, hi;
} functions[] = {
#define X(name, text, lo, hi) { text, FN_##name, lo, hi },
    FN_LIST(X)
#undef X
};

static uint16_t refuse_function(parser *p, tw_str name, size_t column)
{
    static const char *const known[] = { "resolve", "now",    "today",     "timeOfDay",  "memberOf",   "subsumes",
                                         "trace",   "repeat", "aggregate", "conformsTo", "htmlChecks", "subsumedBy" };
    for (size_t i = 0; i < TW_COUNT(known); i++)
        if (tw_str_is(name, known[i]))
            return stop(p, column, "this function needs what is not at hand here and is not taken:", name);
    return stop(p, column, "no such function:", name);
}

/* name( was read. */
static uint16_t function(parser *p, tw_str name, uint16_t focus, size_t column)
{
    static const struct {
        const char *name;
        op_code op;
    } blocks[] = { { "where", OP_WHERE }, { "select", OP_SELECT }, { "all", OP_ALL }, { "any", OP_ANY } },
      types[] = { { "ofType", OP_OF_TYPE }, { "as", OP_AS }, { "is", OP_IS } };
    for (size_t i = 0; i < TW_COUNT(types); i++)
        if (tw_str_is(name, types[i].name))
            return type_function(p, types[i].op, focus, column);
    expect(p, "(");
    for (size_t i = 0; i < TW_COUNT(blocks); i++)
        if (tw_str_is(name, blocks[i].name))
            return block_function(p, blocks[i].op, focus, column);
    if (tw_str_is(name, "exists") && !is_sign(p, ")"))
        return block_function(p, OP_ANY, focus, column);
    if (tw_str_is(name, "iif"))
        return iif(p, focus, column);
    if (tw_str_is(name, "nodesByType"))
        return nodes_by(p, OP_BY_TYPE, focus, column);
    if (tw_str_is(name, "nodesByName"))
        return nodes_by(p, OP_BY_NAME, focus, column);
    for (size_t i = 0; i < TW_COUNT(functions); i++)
        if (tw_str_is(name, functions[i].name))
            return value_function(p, functions[i].fn, functions[i].lo, functions[i].hi, focus, column);
    return refuse_function(p, name, column);
}

/* ---------------------------------------------------------------- expressions */

/* A name with `focus` before it; `first`: it begins a path, and may be a type. */
static uint16_t invocation(parser *p, uint16_t focus, bool first)
{
    tw_str name = p->tok.text;
    size_t column = p->tok.from;
    bool plain = p->tok.kind == TOK_NAME;
    if (!plain && p->tok.kind != TOK_QUOTED_NAME)
        return stop(p, column, "expected a name", TW_STR(""));
    next(p);
    if (is_sign(p, "(") && plain)
        return function(p, name, focus, column);
    uint16_t id = tw_fhir_name_id(p->s, name), type = first ? tw_fhir_type_id(p->s, name) : 0;
    if (type && name.p[0] >= 'A' && name.p[0] <= 'Z')
        return emit_to(p, (insn){ .op = OP_SELF, .a = focus, .x = type, .y = id }, column);
    if (!id)
        remember_unknown(p, name);
    return emit_to(p, (insn){ .op = OP_CHILD, .a = focus, .x = id }, column);
}

static uint16_t external(parser *p)
{
    tw_str name = p->tok.text;
    size_t column = p->tok.from;
    next(p);
    if (tw_str_is(name, "resource") || tw_str_is(name, "rootResource"))
        return REG_RESOURCE;
    if (tw_str_is(name, "context"))
        return REG_THIS;
    return stop(p, column, "no such constant: %", name);
}

static uint16_t dollar(parser *p)
{
    if (!is_word(p, "this"))
        return stop(p, p->tok.from, "only $this is taken", TW_STR(""));
    next(p);
    return p->self;
}

static uint16_t literal(parser *p, tw_fhirpath_kind kind)
{
    decimal d;
    if (kind == TW_FHIRPATH_DECIMAL && !decimal_parse(&d, p->tok.text))
        return stop(p, p->tok.from, "malformed number, or over 28 digits", TW_STR(""));
    if (kind == TW_FHIRPATH_DECIMAL && !memchr(p->tok.text.p, '.', p->tok.text.n))
        kind = TW_FHIRPATH_INTEGER;
    uint16_t r = constant(p, kind, p->tok.text);
    next(p);
    if (kind == TW_FHIRPATH_INTEGER && p->tok.kind == TOK_STRING)
        return stop(p, p->tok.from, "quantities are not taken", TW_STR(""));
    return r;
}

static uint16_t term(parser *p)
{
    switch (p->tok.kind) {
    case TOK_STRING:
        return literal(p, TW_FHIRPATH_STRING);
    case TOK_NUMBER:
        return literal(p, TW_FHIRPATH_DECIMAL);
    case TOK_DATE:
        return literal(p, TW_FHIRPATH_DATE);
    case TOK_TIME:
        return literal(p, TW_FHIRPATH_TIME);
    case TOK_NAME:
        if (is_word(p, "true") || is_word(p, "false"))
            return literal(p, TW_FHIRPATH_BOOLEAN);
        return invocation(p, p->self, true);
    case TOK_QUOTED_NAME:
        return invocation(p, p->self, true);
    case TOK_SIGN:
        break;
    case TOK_END:
        return stop(p, p->tok.from, "the expression ends too early", TW_STR(""));
    case TOK_BAD:
        return stop(p, p->tok.from, "malformed word", TW_STR(""));
    }
    if (take(p, "(")) {
        uint16_t r = expression(p, 0);
        expect(p, ")");
        return r;
    }
    if (take(p, "{")) {
        expect(p, "}");
        return emit_to(p, (insn){ .op = OP_CONST, .x = NO_CONST }, p->tok.from);
    }
    if (take(p, "%"))
        return external(p);
    if (take(p, "$"))
        return dollar(p);
    return stop(p, p->tok.from, "a value is missing before", p->tok.text);
}

static uint16_t postfix(parser *p)
{
    uint16_t r = term(p);
    while (p->status == TW_OK) {
        size_t column = p->tok.from;
        if (take(p, ".")) {
            r = invocation(p, r, false);
        } else if (take(p, "[")) {
            uint16_t i = expression(p, 0);
            expect(p, "]");
            r = emit_to(p, (insn){ .op = OP_INDEX, .a = r, .b = i }, column);
        } else {
            break;
        }
    }
    return r;
}

static uint16_t polarity(parser *p)
{
    size_t column = p->tok.from;
    if (++p->depth > TW_FHIRPATH_DEPTH_MAX)
        return stop_limit(p);
    uint16_t r;
    if (take(p, "-"))
        r = emit_to(p, (insn){ .op = OP_NEG, .a = polarity(p) }, column);
    else
        r = take(p, "+") ? polarity(p) : postfix(p);
    p->depth--;
    return r;
}

#define TYPE_POWER 7

static const struct {
    const char *text;
    op_code op;
    int power; /* binds tighter, the greater */
} operators[] = {
    { "*", OP_MUL, 9 },          { "/", OP_DIV, 9 },     { "div", OP_IDIV, 9 },    { "mod", OP_MOD, 9 },
    { "+", OP_ADD, 8 },          { "-", OP_SUB, 8 },     { "&", OP_JOIN_TEXT, 8 }, { "is", OP_IS, TYPE_POWER },
    { "as", OP_AS, TYPE_POWER }, { "|", OP_UNION, 6 },   { "<", OP_LT, 5 },        { "<=", OP_LE, 5 },
    { ">", OP_GT, 5 },           { ">=", OP_GE, 5 },     { "=", OP_EQ, 4 },        { "!=", OP_NE, 4 },
    { "~", OP_SAME, 4 },         { "!~", OP_UNLIKE, 4 }, { "in", OP_IN, 3 },       { "contains", OP_IN, 3 },
    { "and", OP_AND, 2 },        { "or", OP_OR, 1 },     { "xor", OP_XOR, 1 },     { "implies", OP_IMPLIES, 0 },
};

/* Index in `operators`; -1 when the word is none. */
static int operator_at(const parser *p)
{
    if (p->status != TW_OK || (p->tok.kind != TOK_SIGN && p->tok.kind != TOK_NAME))
        return -1;
    for (size_t i = 0; i < TW_COUNT(operators); i++)
        if (tw_str_is(p->tok.text, operators[i].text))
            return (int)i;
    return -1;
}

static uint16_t expression(parser *p, int power)
{
    if (++p->depth > TW_FHIRPATH_DEPTH_MAX)
        return stop_limit(p);
    uint16_t left = polarity(p);
    for (int i; (i = operator_at(p)) >= 0 && operators[i].power >= power;) {
        size_t column = p->tok.from;
        op_code op = operators[i].op;
        bool turned = tw_str_is(p->tok.text, "contains");
        next(p);
        if (operators[i].power == TYPE_POWER) {
            left = emit_to(p, (insn){ .op = (uint8_t)op, .a = left, .x = type_name(p) }, column);
            continue;
        }
        uint16_t right = expression(p, operators[i].power + 1);
        insn made = { .op = (uint8_t)op, .a = turned ? right : left, .b = turned ? left : right };
        left = emit_to(p, made, column);
    }
    p->depth--;
    return left;
}

static tw_fhirpath *finish(parser *p, uint16_t result)
{
    tw_fhirpath *out = tw_new(p->keep, tw_fhirpath);
    insn *code = tw_arena_get(p->keep, (p->code_n + 1) * sizeof *code);
    tw_fhirpath_item *c = tw_arena_get(p->keep, (p->constant_n + 1) * sizeof *c);
    memcpy(code, p->code, p->code_n * sizeof *code);
    memcpy(c, p->constant, p->constant_n * sizeof *c);
    *out = (tw_fhirpath){ .schema = p->s,
                          .code = code,
                          .code_n = p->code_n,
                          .constant = c,
                          .constant_n = p->constant_n,
                          .regs = p->regs,
                          .result = result,
                          .url_name = tw_fhir_name_id(p->s, TW_STR("url")),
                          .unknown = p->unknown };
    return out;
}

tw_status tw_fhirpath_compile(tw_ctx *cx, tw_fhirpath **out, tw_arena *keep, const tw_fhir_schema *s, tw_str text)
{
    *out = NULL;
    if (text.n > TW_FHIRPATH_BYTES_MAX)
        return tw_fail(cx, TW_ELIMIT, "the expression is over %d bytes", TW_FHIRPATH_BYTES_MAX);
    if (!tw_utf8_valid(text) || (text.n && memchr(text.p, '\0', text.n)))
        return tw_fail(cx, TW_EPARSE, "the expression is not UTF-8 text");
    tw_mark m = tw_arena_mark(cx->arena);
    parser p = { .cx = cx, .keep = keep, .s = s, .text = text, .regs = REG_FREE, .self = REG_THIS };
    p.code = tw_arena_get(cx->arena, CODE_MAX * sizeof *p.code);
    p.constant = tw_arena_get(cx->arena, CONST_MAX * sizeof *p.constant);
    next(&p);
    uint16_t result = expression(&p, 0);
    if (p.status == TW_OK && p.tok.kind != TOK_END)
        stop(&p, p.tok.from, p.tok.kind == TOK_BAD ? "malformed word" : "an operator is missing before", p.tok.text);
    if (p.status == TW_OK)
        *out = finish(&p, result);
    if (keep != cx->arena)
        tw_arena_back(cx->arena, m);
    return p.status;
}

tw_str tw_fhirpath_unknown(const tw_fhirpath *p)
{
    return p->unknown;
}
