/* Life of a reader. */
#include "sources/sources_internal.h"

#define DOCUMENT_BYTES_MAX (256 * TW_MIB)
#define LINE_BYTES_MAX (32 * TW_MIB)
#define PATIENTS_MAX ((size_t)16 << 20)

static tw_str keep(tw_sources *s, tw_str text)
{
    return text.n ? tw_str_dup(s->keep, text) : (tw_str){ "", 0 };
}

tw_status tw_sources_new(tw_ctx *cx, tw_sources **out, const tw_sources_opts *opts, const tw_sources_sink *sink)
{
    TW_ASSERT(sink != NULL);
    tw_zone zone;
    if (opts)
        TW_TRY(tw_zone_parse(cx, &zone, opts->zone));
    tw_sources *s = tw_mem_alloc(sizeof *s);
    if (!s)
        return tw_fail(cx, TW_ELIMIT, "no memory for a reader");
    if (opts)
        s->opts = *opts;
    tw_sources_opts *o = &s->opts;
    o->document_bytes_max = o->document_bytes_max ? o->document_bytes_max : DOCUMENT_BYTES_MAX;
    o->line_bytes_max = o->line_bytes_max ? o->line_bytes_max : LINE_BYTES_MAX;
    o->patients_max = o->patients_max ? o->patients_max : PATIENTS_MAX;
    tw_known_init(&s->known, o->patients_max);
    s->keep = tw_arena_new(64 * TW_MIB);
    if (o->mapping && o->mrn_system.n == 0)
        o->mrn_system = tw_mapping_patient_system(o->mapping);
    o->mrn_system = keep(s, o->mrn_system);
    o->base_url = keep(s, o->base_url);
    o->zone = keep(s, o->zone);
    s->sink = *sink;
    s->type = tw_try_array(s->keep, tw_sources_type_count, tw_fhir_type_count);
    TW_ASSERT(s->type != NULL); /* a small table, known in the code */
    for (size_t i = 0; i < tw_fhir_type_count; i++)
        s->type[i].name = tw_fhir_types[i].name;
    s->tally.type = s->type;
    s->tally.type_count = tw_fhir_type_count;
    *out = s;
    return TW_OK;
}

void tw_sources_free(tw_sources *s)
{
    if (!s)
        return;
    tw_known_done(&s->known);
    tw_arena_free(s->keep);
    tw_mem_free(s);
}

tw_sources_self tw_sources_self_view(const tw_sources *s)
{
    return s->self;
}

const tw_sources_tally *tw_sources_tally_view(const tw_sources *s)
{
    return &s->tally;
}

const tw_sources_opts *tw_sources_opts_view(const tw_sources *s)
{
    return &s->opts;
}
