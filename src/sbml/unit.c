/* Units as one prints them: "mmol/L", "1/d". */
#include "sbml/sbml_internal.h"

#include <math.h>

static const struct {
    UnitKind_t kind;
    const char *text;
} kinds[] = {
    { UNIT_KIND_AMPERE, "A" },        { UNIT_KIND_AVOGADRO, "N_A" }, { UNIT_KIND_BECQUEREL, "Bq" },
    { UNIT_KIND_CANDELA, "cd" },      { UNIT_KIND_CELSIUS, "degC" }, { UNIT_KIND_COULOMB, "C" },
    { UNIT_KIND_DIMENSIONLESS, "1" }, { UNIT_KIND_FARAD, "F" },      { UNIT_KIND_GRAM, "g" },
    { UNIT_KIND_GRAY, "Gy" },         { UNIT_KIND_HENRY, "H" },      { UNIT_KIND_HERTZ, "Hz" },
    { UNIT_KIND_ITEM, "item" },       { UNIT_KIND_JOULE, "J" },      { UNIT_KIND_KATAL, "kat" },
    { UNIT_KIND_KELVIN, "K" },        { UNIT_KIND_KILOGRAM, "kg" },  { UNIT_KIND_LITER, "L" },
    { UNIT_KIND_LITRE, "L" },         { UNIT_KIND_LUMEN, "lm" },     { UNIT_KIND_LUX, "lx" },
    { UNIT_KIND_METER, "m" },         { UNIT_KIND_METRE, "m" },      { UNIT_KIND_MOLE, "mol" },
    { UNIT_KIND_NEWTON, "N" },        { UNIT_KIND_OHM, "ohm" },      { UNIT_KIND_PASCAL, "Pa" },
    { UNIT_KIND_RADIAN, "rad" },      { UNIT_KIND_SECOND, "s" },     { UNIT_KIND_SIEMENS, "S" },
    { UNIT_KIND_SIEVERT, "Sv" },      { UNIT_KIND_STERADIAN, "sr" }, { UNIT_KIND_TESLA, "T" },
    { UNIT_KIND_VOLT, "V" },          { UNIT_KIND_WATT, "W" },       { UNIT_KIND_WEBER, "Wb" },
};

static const char *kind_text(UnitKind_t kind)
{
    for (size_t i = 0; i < TW_COUNT(kinds); i++)
        if (kinds[i].kind == kind)
            return kinds[i].text;
    return NULL;
}

static const char *prefix(int scale)
{
    static const struct {
        int scale;
        const char *text;
    } prefixes[] = { { 0, "" },   { -3, "m" }, { -6, "u" }, { -9, "n" }, { -12, "p" }, { -15, "f" }, { -1, "d" },
                     { -2, "c" }, { 3, "k" },  { 6, "M" },  { 9, "G" },  { 12, "T" },  { 2, "h" } };
    for (size_t i = 0; i < TW_COUNT(prefixes); i++)
        if (prefixes[i].scale == scale)
            return prefixes[i].text;
    return NULL;
}

static bool same(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

/* One unit without its exponent: "mL", "h", "(0.5 g)". */
static void base_unit(char out[64], const Unit_t *u)
{
    static const struct {
        double seconds;
        const char *text;
    } times[] = { { 60, "min" },      { 3600, "h" },        { 86400, "d" },
                  { 604800, "week" }, { 31557600, "year" }, { 31536000, "year" } };
    const char *kind = kind_text(Unit_getKind(u));
    double multiplier = Unit_getMultiplier(u);
    int scale = Unit_getScale(u);
    double all = multiplier * pow(10, scale);
    const char *plain = !kind ? "?" : Unit_getKind(u) == UNIT_KIND_DIMENSIONLESS && same(all, 1) ? "1" : NULL;
    for (size_t i = 0; Unit_getKind(u) == UNIT_KIND_SECOND && i < TW_COUNT(times); i++)
        if (same(all, times[i].seconds))
            plain = times[i].text;
    double decade = all > 0 ? round(log10(all)) : -99;
    if (plain)
        snprintf(out, 64, "%s", plain);
    else if (decade >= -15 && decade <= 12 && same(all, pow(10, decade)) && prefix((int)decade))
        snprintf(out, 64, "%s%s", prefix((int)decade), kind);
    else
        snprintf(out, 64, "(%g %s)", all, kind);
}

static void add_unit(tw_buf *over, tw_buf *under, const Unit_t *u)
{
    double exponent = Unit_getExponentAsDouble(u);
    tw_buf *to = exponent < 0 ? under : over;
    char text[64];
    base_unit(text, u);
    if (fabs(exponent) < 1e-12 || strcmp(text, "1") == 0)
        return;
    if (to->n)
        tw_buf_cstr(to, "*");
    tw_buf_cstr(to, text);
    if (!same(fabs(exponent), 1))
        tw_buf_fmt(to, "^%g", fabs(exponent));
}

static const char *definition(tw_sbml_reading *r, UnitDefinition_t *def)
{
    tw_buf over, under;
    tw_buf_init(&over, 4096);
    tw_buf_init(&under, 4096);
    for (unsigned i = 0; i < UnitDefinition_getNumUnits(def) && i < 64; i++)
        add_unit(&over, &under, UnitDefinition_getUnit(def, i));
    tw_str up = tw_str_of_bytes(tw_buf_view(&over)), down = tw_str_of_bytes(tw_buf_view(&under));
    up = up.n ? up : TW_STR("1");
    const char *all =
        down.n ? tw_sbml_textf(r, TW_FMT "/" TW_FMT, TW_ARG(up), TW_ARG(down)) : tw_sbml_textf(r, TW_FMT, TW_ARG(up));
    tw_buf_done(&over);
    tw_buf_done(&under);
    return all;
}

/* What Level 2 knows without a definition. */
static const char *built_in(const tw_sbml_reading *r, const char *id)
{
    static const char *const names[][2] = {
        { "substance", "mol" }, { "volume", "L" }, { "area", "m^2" }, { "length", "m" }, { "time", "s" }
    };
    for (size_t i = 0; r->to->level < 3 && i < TW_COUNT(names); i++)
        if (strcmp(names[i][0], id) == 0)
            return names[i][1];
    const char *kind = kind_text(UnitKind_forName(id));
    return kind ? kind : "";
}

tw_status tw_sbml_units(tw_sbml_reading *r)
{
    uint32_t n = Model_getNumUnitDefinitions(r->from);
    r->unit_id = tw_try_array(r->cx->arena, tw_id, n + 1);
    r->unit_text = tw_try_array(r->cx->arena, const char *, n + 1);
    if (!r->unit_id || !r->unit_text)
        return tw_fail(r->cx, TW_ELIMIT, "the model needs more memory than there is");
    for (uint32_t i = 0; i < n; i++) {
        UnitDefinition_t *def = Model_getUnitDefinition(r->from, i);
        const char *id = UnitDefinition_getId(def);
        r->unit_id[i] = (tw_id){ tw_sbml_textf(r, "%s", id ? id : ""), i };
        r->unit_text[i] = definition(r, def);
    }
    r->n_unit = n;
    return tw_ids_sort(r->cx, r->unit_id, n, "unit");
}

const char *tw_sbml_unit(tw_sbml_reading *r, const char *id)
{
    if (!id || !*id)
        return "";
    uint32_t at = tw_ids_find(r->unit_id, r->n_unit, id);
    return at == TW_NO_SYMBOL ? built_in(r, id) : r->unit_text[at];
}

const char *tw_sbml_unit_over(tw_sbml_reading *r, const char *a, const char *b)
{
    if (!*a || !*b)
        return "";
    if (strcmp(b, "1") == 0)
        return a;
    bool compound = strchr(b, '/') || strchr(b, '*');
    return tw_sbml_textf(r, "%s/%s%s%s", a, compound ? "(" : "", b, compound ? ")" : "");
}
