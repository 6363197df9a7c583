/* Units by the grammar of The Unified Code for Units of Measure (UCUM 2.1, section 2), over the atoms that clinical
 * data uses. A text that is no such unit does not pass: a unit is the one string of a quantity that is kept.
 * Annotations are free text in UCUM, so only listed ones are known. Recursive descent, depth bounded. */
#include "deid/deid_internal.h"

#define UNIT_MAX 40
#define DEPTH_MAX 4

/* Metric atoms take a prefix. */
static const char *const metric[] = {
    "m",   "s",   "g",   "rad", "K",   "C",  "cd",    "mol",    "sr",    "Hz", "N",    "Pa",   "J",
    "W",   "A",   "V",   "F",   "Ohm", "S",  "Wb",    "Cel",    "T",     "H",  "lm",   "lx",   "Bq",
    "Gy",  "Sv",  "l",   "L",   "ar",  "t",  "bar",   "u",      "eV",    "pc", "[iU]", "[IU]", "eq",
    "osm", "cal", "kat", "U",   "B",   "Np", "m[Hg]", "m[H2O]", "Ci",    "R",  "RAD",  "REM",  "dyn",
    "erg", "P",   "St",  "G",   "bit", "By", "Bd",    "tex",    "[Cal]",
};
/* Others stand alone. */
static const char *const plain[] = {
    "10*",      "10^",       "%",         "[ppth]",   "[ppm]",       "[ppb]",
    "[pi]",     "deg",       "'",         "''",       "min",         "h",
    "d",        "a",         "wk",        "mo",       "mo_s",        "mo_j",
    "mo_g",     "a_t",       "a_j",       "a_g",      "[in_i]",      "[ft_i]",
    "[mi_i]",   "[lb_av]",   "[oz_av]",   "[gr]",     "[degF]",      "[fl_oz_us]",
    "[pt_us]",  "[qt_us]",   "[gal_us]",  "[cup_us]", "[tbs_us]",    "[tsp_us]",
    "[pH]",     "pH",        "[drp]",     "[Ch]",     "[PNU]",       "[APL'U]",
    "[GPL'U]",  "[MPL'U]",   "[HPF]",     "[LPF]",    "[beth'U]",    "[knk'U]",
    "[todd'U]", "[dye'U]",   "[smgy'U]",  "[bdsk'U]", "[ka'U]",      "[mclg'U]",
    "[tb'U]",   "[CCID_50]", "[TCID_50]", "[EID_50]", "[PFU]",       "[FFU]",
    "[CFU]",    "[IR]",      "[BAU]",     "[AU]",     "[Amb'a'1'U]", "[D'ag'U]",
    "[ELU]",    "[EU]",      "[Lf]",      "[arb'U]",  "[USP'U]",     "[diop]",
    "[p'diop]", "[MET]",     "[Btu]",     "[HP]",     "[psi]",       "[m/s2/Hz^0.5]",
    "[S]",      "[hp'_X]",   "[hp'_C]",
};
static const char *const prefixes[] = { "da", "Y", "Z", "E", "P", "T", "G", "M", "k",
                                        "h",  "d", "c", "m", "u", "n", "p", "f", "a" };
static const char *const notes[] = {
    "#",          "score",   "presence", "nominal", "INR",      "SG",        "ratio",      "titer",      "index",
    "count",      "cells",   "cell",     "copies",  "RBC",      "WBC",       "beats",      "breaths",    "pack-years",
    "cigarettes", "CFU",     "AU",       "BAU",     "ISR",      "MoM",       "Ct",         "mutation",   "tbl",
    "tablet",     "capsule", "dose",     "puff",    "fraction", "fractions", "percentile", "log_copies", "eGFR",
    "creat",      "spec",    "24h",      "events",  "steps",    "drinks",    "drink",      "visits",     "episodes",
    "T-score",    "Z-score", "s.d.",     "cm",      "counts",   "ElisaU",    "EV",         "FEU",        "DDU",
};

/* Units of the "Table of Example UCUM Codes for Electronic Messaging" (Regenstrief, LOINC), found before the grammar
 * is asked: nearly all quantities have one of these. The last one holds an annotation of its own. */
#define COMMON_LIST(X)                                                                                                 \
    X("mg") X("kg") X("cm") X("mm") X("g") X("mL") X("L") X("s") X("a") X("%") X("/min") X("mm[Hg]") X("Cel")          \
    X("mg/dL") X("g/dL") X("g/L") X("ug/L") X("ng/mL") X("pg/mL") X("ng/dL") X("mmol/L") X("nmol/L") X("umol/L")       \
    X("U/L") X("m[IU]/L") X("kg/m2") X("10*3/uL") X("10*6/uL") X("10*9/L") X("fL") X("pg") X("pH") X("/a")             \
    X("{score}") X("{#}") X("Gy") X("cGy") X("d") X("h") X("min") X("mL/min") X("mL/min/{1.73_m2}")

static bool common(tw_str s)
{
    static const tw_str unit[] = {
#define X(text) { text, sizeof(text) - 1 },
        COMMON_LIST(X)
#undef X
    };
    for (size_t i = 0; i < TW_COUNT(unit); i++)
        if (tw_str_same(s, unit[i]))
            return true;
    return false;
}

typedef struct {
    tw_str s;
    size_t at;
    int depth;
} cursor;

static bool listed(const char *const *list, size_t n, tw_str s)
{
    for (size_t i = 0; i < n; i++)
        if (tw_str_is(s, list[i]))
            return true;
    return false;
}

static bool atom(tw_str s)
{
    if (s.n == 0)
        return false;
    if (listed(metric, TW_COUNT(metric), s) || listed(plain, TW_COUNT(plain), s))
        return true;
    for (size_t i = 0; i < TW_COUNT(prefixes); i++) {
        size_t n = strlen(prefixes[i]);
        if (tw_str_starts(s, prefixes[i]) && listed(metric, TW_COUNT(metric), (tw_str){ s.p + n, s.n - n }))
            return true;
    }
    return false;
}

static char peek(const cursor *c)
{
    return c->at < c->s.n ? c->s.p[c->at] : '\0';
}

static bool annotation(cursor *c)
{
    size_t from = ++c->at;
    while (peek(c) && peek(c) != '}')
        c->at++;
    if (peek(c) != '}')
        return false;
    tw_str text = { c->s.p + from, c->at - from };
    c->at++;
    return text.n == 0 || listed(notes, TW_COUNT(notes), text);
}

/* Up to three digits with an optional sign. */
static bool number(cursor *c)
{
    size_t n = 0;
    if (peek(c) == '+' || peek(c) == '-')
        c->at++;
    while (tw_is_digit(peek(c))) {
        c->at++;
        n++;
    }
    return n > 0 && n <= 3;
}

/* An atom ends at an operator, a bracket of an annotation or group, or an exponent; inside [] all belongs to it. */
static size_t atom_end(const cursor *c)
{
    size_t i = c->at;
    bool inside = false;
    if (tw_str_starts((tw_str){ c->s.p + i, c->s.n - i }, "10*") ||
        tw_str_starts((tw_str){ c->s.p + i, c->s.n - i }, "10^"))
        return i + 3;
    for (; i < c->s.n; i++) {
        char ch = c->s.p[i];
        if (ch == '[')
            inside = true;
        else if (ch == ']')
            inside = false;
        else if (!inside && (memchr("./(){}+-", ch, 8) || tw_is_digit(ch)))
            break;
    }
    return i;
}

static bool term(cursor *c);

static bool component(cursor *c)
{
    if (peek(c) == '{')
        return annotation(c);
    if (peek(c) == '(') {
        c->at++;
        if (++c->depth > DEPTH_MAX || !term(c) || peek(c) != ')')
            return false;
        c->at++;
        return true;
    }
    size_t end = atom_end(c);
    if (end == c->at) {
        if (!tw_is_digit(peek(c)) || !number(c))
            return false;
    } else {
        tw_str name = { c->s.p + c->at, end - c->at };
        c->at = end;
        if (!atom(name))
            return false;
        if ((tw_is_digit(peek(c)) || peek(c) == '+' || peek(c) == '-') && !number(c))
            return false;
    }
    return peek(c) != '{' || annotation(c);
}

static bool term(cursor *c)
{
    if (peek(c) == '/')
        c->at++;
    for (;;) {
        if (!component(c))
            return false;
        if (peek(c) != '.' && peek(c) != '/')
            return true;
        c->at++;
    }
}

bool ucum_valid(tw_str unit)
{
    cursor c = { .s = unit };
    return unit.n > 0 && unit.n <= UNIT_MAX && (common(unit) || (term(&c) && c.at == unit.n));
}
