/* Any bytes as a file of FHIR resources. First byte: bit 0 NDJSON or one document, bit 1 learn first, bit 2 with a
 * system of local numbers and a base URL. Must hold: accepted + refused + dead = read, over all and by type; what is
 * handed on lies in its document and has a patient; a dead letter has a place and no value. */
#include "support.h"

#include "sources/sources.h"

typedef struct {
    tw_bytes in;
    uint64_t accepted;
    uint64_t dead;
} seen;

static tw_status record(void *self, tw_ctx *cx, const tw_phi *phi)
{
    seen *s = self;
    const tw_phi_parts *p = tw_phi_view(phi);
    FUZZ_CHECK(p->resource < p->doc->n && p->doc->tok[p->resource].type == TW_JSON_OBJECT);
    FUZZ_CHECK(p->patient.n > 0 && p->business_id.n > 0 && p->version.n > 0);
    FUZZ_CHECK(tw_str_eq(p->type, tw_json_member_text(cx, p->doc, p->resource, "resourceType")));
    s->accepted++;
    return TW_OK;
}

static tw_status dead(void *self, TW_UNUSED tw_ctx *cx, const tw_dead_letter *d)
{
    seen *s = self;
    FUZZ_CHECK(d->line >= 1 && d->reason < TW_DEAD_COUNT);
    fuzz_message_clean(d->path, s->in);
    fuzz_message_clean(d->detail, s->in);
    fuzz_message_clean(tw_str_of(d->type), s->in);
    s->dead++;
    return TW_OK;
}

static void check_tally(const tw_sources_tally *t, const seen *s)
{
    FUZZ_CHECK(t->all.read == t->all.accepted + t->all.refused + t->all.dead);
    FUZZ_CHECK(t->all.accepted == s->accepted && t->all.dead == s->dead);
    uint64_t reasons = 0;
    for (size_t i = 0; i < TW_DEAD_COUNT; i++)
        reasons += t->dead[i];
    FUZZ_CHECK(reasons == t->all.dead);
    for (size_t i = 0; i < t->type_count; i++) {
        const tw_sources_count *c = &t->type[i].count;
        FUZZ_CHECK(c->read == c->accepted + c->refused + c->dead);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_sources *s;
    tw_bytes in = { data, size };
    tw_sources_opts opts = { .document_bytes_max = 64 * TW_KIB, .line_bytes_max = 2 * TW_KIB, .patients_max = 256 };
    fuzz_begin(&cx, 64 * TW_MIB);
    uint8_t how = fuzz_take(&in);
    tw_sources_form form = how & 1 ? TW_FORM_NDJSON : TW_FORM_DOCUMENT;
    if (how & 4) {
        opts.mrn_system = TW_STR("http://hospital.example.org/mrn");
        opts.base_url = TW_STR("http://hospital.example.org/fhir");
    }
    seen what = { .in = in };
    tw_sources_sink sink = { record, dead, &what };
    FUZZ_CHECK(tw_sources_new(&cx, &s, &opts, &sink) == TW_OK);
    if (how & 2)
        (void)!tw_sources_learn(&cx, s, tw_str_of_bytes(in), form);
    if (tw_sources_read(&cx, s, TW_STR("file 1"), tw_str_of_bytes(in), form) == TW_OK)
        check_tally(tw_sources_tally_view(s), &what);
    else
        fuzz_error_clean(&cx, in);
    tw_sources_free(s);
    tw_ctx_done(&cx);
    return 0;
}
