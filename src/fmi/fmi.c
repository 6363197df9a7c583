/* Description, program and runtime into one archive. */
#include "fmi/fmi.h"

#include <math.h>

#include "base/embed.h"
#include "crypto/crypto.h"
#include "format/format.h"

/* The runtime that goes with every program (TW_FMI_DIR comes from room.cmake). */
TW_EMBED(fmi_embed_runtime, TW_FMI_DIR "/source/twin.c");

#define TEXT_MAX (64 * TW_MIB)

typedef enum { VARIABLE_PARAMETER, VARIABLE_INPUT, VARIABLE_OUTPUT } variable_kind;

typedef struct {
    const tw_sbml_model *m;
    const tw_fmi_opts *opts;
    variable_kind *kind;
    bool *settable; /* before the start */
    const char *name;
    char guid[40];
} package;

/* ---------------------------------------------------------------- what each symbol is */

static void roles(package *k)
{
    const tw_sbml_model *m = k->m;
    for (uint32_t i = 0; i < m->n_symbol; i++) {
        const tw_sbml_symbol *s = &m->symbol[i];
        bool species = s->kind == TW_SBML_SPECIES;
        bool moves = species && !m->species[s->item].boundary && !m->species[s->item].constant;
        k->settable[i] = s->kind != TW_SBML_REACTION && s->kind != TW_SBML_REFERENCE;
        k->kind[i] = s->kind == TW_SBML_REACTION || moves ? VARIABLE_OUTPUT
                     : s->constant                        ? VARIABLE_PARAMETER
                                                          : VARIABLE_INPUT;
        if (!k->settable[i] && k->kind[i] != VARIABLE_PARAMETER)
            k->kind[i] = VARIABLE_OUTPUT;
    }
    for (uint32_t i = 0; i < m->n_rule; i++)
        if (m->rule[i].symbol != TW_NO_SYMBOL) {
            k->kind[m->rule[i].symbol] = VARIABLE_OUTPUT;
            k->settable[m->rule[i].symbol] &= m->rule[i].kind == TW_SBML_RATE;
        }
    for (uint32_t i = 0; i < m->n_initial; i++)
        k->settable[m->initial[i].symbol] = false;
    for (uint32_t e = 0; e < m->n_event; e++)
        for (uint32_t i = 0; i < m->event[e].n_assignment; i++)
            k->kind[m->event[e].assignment[i].symbol] = VARIABLE_OUTPUT;
    for (uint32_t i = 0; i < m->n_symbol; i++) /* a constant that may not be set is seen, not given */
        if (!k->settable[i] && k->kind[i] == VARIABLE_PARAMETER)
            k->kind[i] = VARIABLE_OUTPUT;
}

static double start_of(const package *k, uint32_t i)
{
    const tw_sbml_symbol *s = &k->m->symbol[i];
    for (uint32_t v = 0; v < k->opts->n_value; v++)
        if (k->opts->value[v].symbol == i)
            return k->opts->value[v].value;
    return s->kind == TW_SBML_SPECIES ? (double)NAN : s->value;
}

/* ---------------------------------------------------------------- modelDescription.xml */

static void variable(tw_buf *b, const package *k, uint32_t i)
{
    static const char *const role[] = { "causality=\"parameter\" variability=\"fixed\" initial=\"exact\"",
                                        "causality=\"input\" variability=\"continuous\"",
                                        "causality=\"output\" variability=\"continuous\" initial=\"calculated\"" };
    const tw_sbml_symbol *s = &k->m->symbol[i];
    double start = start_of(k, i);
    tw_buf_cstr(b, "    <ScalarVariable name=\"");
    tw_xml_escape(b, tw_str_of(s->id));
    tw_buf_fmt(b, "\" valueReference=\"%u\" %s", i, role[k->kind[i]]);
    if (s->name[0] || s->unit[0]) {
        tw_buf_cstr(b, " description=\"");
        tw_xml_escape(b, tw_str_of(s->name));
        tw_buf_cstr(b, s->name[0] && s->unit[0] ? ", in " : s->unit[0] ? "in " : "");
        tw_xml_escape(b, tw_str_of(s->unit));
        tw_buf_cstr(b, "\"");
    }
    if (k->kind[i] == VARIABLE_OUTPUT)
        tw_buf_cstr(b, "><Real/></ScalarVariable>\n");
    else
        tw_buf_fmt(b, "><Real start=\"%.17g\"/></ScalarVariable>\n", isfinite(start) ? start : 0.0);
}

static void unknowns(tw_buf *b, const package *k, const char *list)
{
    tw_buf_fmt(b, "    <%s>\n", list);
    for (uint32_t i = 0; i < k->m->n_symbol; i++)
        if (k->kind[i] == VARIABLE_OUTPUT)
            tw_buf_fmt(b, "      <Unknown index=\"%u\"/>\n", i + 1);
    tw_buf_fmt(b, "    </%s>\n", list);
}

static void description(tw_buf *b, const package *k)
{
    uint32_t outputs = 0;
    tw_buf_cstr(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<fmiModelDescription fmiVersion=\"2.0\" modelName=\"");
    tw_xml_escape(b, tw_str_of(k->name));
    tw_buf_fmt(b,
               "\" guid=\"%s\" generationTool=\"twinward\" variableNamingConvention=\"flat\">\n"
               "  <CoSimulation modelIdentifier=\"twin\" canHandleVariableCommunicationStepSize=\"true\" "
               "canGetAndSetFMUstate=\"true\" canSerializeFMUstate=\"true\">\n"
               "    <SourceFiles><File name=\"twin.c\"/></SourceFiles>\n  </CoSimulation>\n"
               "  <DefaultExperiment startTime=\"0\" stopTime=\"10\" tolerance=\"1e-6\"/>\n  <ModelVariables>\n",
               k->guid);
    for (uint32_t i = 0; i < k->m->n_symbol; i++) {
        variable(b, k, i);
        outputs += k->kind[i] == VARIABLE_OUTPUT;
    }
    tw_buf_fmt(b,
               "    <ScalarVariable name=\"time\" valueReference=\"%u\" causality=\"independent\" "
               "variability=\"continuous\"><Real/></ScalarVariable>\n  </ModelVariables>\n  <ModelStructure>\n",
               k->m->n_symbol);
    if (outputs) {
        unknowns(b, k, "Outputs");
        unknowns(b, k, "InitialUnknowns");
    }
    tw_buf_cstr(b, "  </ModelStructure>\n</fmiModelDescription>\n");
}

/* ---------------------------------------------------------------- model.h */

static void variables_in_c(tw_buf *b, const package *k)
{
    uint32_t n = k->m->n_symbol;
    tw_buf_fmt(b, "enum { V_PARAMETER, V_INPUT, V_OUTPUT, V_TIME };\nenum { N_VARIABLE = %u };\n", n + 1);
    tw_buf_cstr(b, "static const struct {\n    int kind;\n    unsigned index, symbol;\n} variable[] = {\n");
    for (uint32_t i = 0; i < n; i++) {
        static const char *const kind[] = { "V_PARAMETER", "V_INPUT", "V_OUTPUT" };
        tw_buf_fmt(b, k->settable[i] ? "    { %s, %u, %u },\n" : "    { %s, %u, NONE },\n", kind[k->kind[i]], i, i);
    }
    tw_buf_cstr(b, "    { V_TIME, 0, NONE }\n};\n");
}

static void own_values(tw_buf *b, const package *k)
{
    tw_buf_cstr(b, "static const struct {\n    unsigned symbol;\n    double value;\n} own[] = {\n");
    for (uint32_t v = 0; v < k->opts->n_value; v++)
        tw_buf_fmt(b, "    { %u, %a },\n", k->opts->value[v].symbol, k->opts->value[v].value);
    tw_buf_fmt(b, "    { NONE, 0 }\n};\nenum { N_OWN = %u };\n", k->opts->n_value);
}

static tw_status program(tw_ctx *cx, tw_buf *b, const package *k)
{
    const tw_sim_program *p;
    tw_sim_output *o = tw_try_array(cx->arena, tw_sim_output, k->m->n_symbol + 1);
    uint32_t *input = tw_try_array(cx->arena, uint32_t, (size_t)k->opts->n_value + 1);
    if (!o || !input)
        return tw_fail(cx, TW_ELIMIT, "no memory for the variables");
    for (uint32_t i = 0; i < k->m->n_symbol; i++)
        o[i] = (tw_sim_output){ .kind = TW_SIM_VALUE, .symbol = i };
    for (uint32_t v = 0; v < k->opts->n_value; v++)
        input[v] = k->opts->value[v].symbol;
    TW_TRY(tw_sim_compile(
        cx, &p, k->m,
        &(tw_sim_opts){ .output = o, .n_output = k->m->n_symbol, .input = input, .n_input = k->opts->n_value }));
    variables_in_c(b, k);
    own_values(b, k);
    return tw_sim_c_source(cx, b, p);
}

/* A name of its own for each content: the model's program decides it, so the same model has the same. */
static void guid_of(package *k, const tw_buf *b)
{
    uint8_t hash[32];
    tw_sha256_of(hash, tw_buf_view(b));
    snprintf(k->guid, sizeof k->guid, "{%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x}", hash[0],
             hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7], hash[8], hash[9], hash[10], hash[11],
             hash[12], hash[13], hash[14], hash[15]);
}

static tw_status archive(tw_ctx *cx, tw_buf *out, package *k, tw_buf *model, tw_buf *xml)
{
    TW_TRY(program(cx, model, k));
    guid_of(k, model);
    tw_buf_fmt(model, "#define GUID \"%s\"\n", k->guid);
    description(xml, k);
    TW_TRY(tw_buf_check(cx, model, "an FMU"));
    TW_TRY(tw_buf_check(cx, xml, "an FMU"));
    tw_zip_entry e[] = {
        { TW_STR("modelDescription.xml"), tw_buf_view(xml) },
        { TW_STR("sources/model.h"), tw_buf_view(model) },
        { TW_STR("sources/twin.c"), tw_bytes_of(TW_EMBEDDED(fmi_embed_runtime)) },
    };
    return tw_zip_write(cx, out, e, TW_COUNT(e));
}

tw_status tw_fmi_write(tw_ctx *cx, tw_buf *out, const tw_sbml_model *model, const tw_fmi_opts *opts)
{
    package k = { .m = model, .opts = opts };
    tw_buf b, xml;
    k.name = opts->name ? opts->name : model->id[0] ? model->id : "model";
    k.kind = tw_try_array(cx->arena, variable_kind, model->n_symbol + 1);
    k.settable = tw_try_array(cx->arena, bool, model->n_symbol + 1);
    if (!k.kind || !k.settable)
        return tw_fail(cx, TW_ELIMIT, "no memory for the variables");
    roles(&k);
    tw_buf_init(&b, TEXT_MAX);
    tw_buf_init(&xml, TEXT_MAX);
    tw_status s = archive(cx, out, &k, &b, &xml);
    tw_buf_done(&b);
    tw_buf_done(&xml);
    return s;
}
