/* A FHIR resource of this generator, read back into what it says. */
#include "sources/synth_other.h"

static tw_str at(tw_desk *d, const tw_json *j, const char *path)
{
    uint32_t i = tw_json_path(j, 0, path);
    if (i == TW_JSON_NONE)
        return (tw_str){ "", 0 };
    tw_str s = j->tok[i].type == TW_JSON_STRING ? tw_json_text(&d->y->in, j, i) : tw_json_raw(j, i);
    return tw_str_dup(tw_desk_arena(d), s);
}

static tw_coded coding(tw_desk *d, const tw_json *j, const char *path)
{
    tw_arena *a = tw_desk_arena(d);
    return (tw_coded){ at(d, j, tw_strf(a, "%s.system", path).p), at(d, j, tw_strf(a, "%s.code", path).p),
                       at(d, j, tw_strf(a, "%s.display", path).p) };
}

static tw_str first_of(tw_desk *d, const tw_json *j, const char *const *path, size_t count)
{
    tw_str s = { "", 0 };
    for (size_t i = 0; i < count && s.n == 0; i++)
        s = at(d, j, path[i]);
    return s;
}

/* The patient's number in the words of this record: his own, one that was mistyped, one of nobody, or none. */
static tw_str number_of(tw_desk *d, const tw_json *j)
{
    static const char *const links[] = { "subject.reference", "patient.reference", "beneficiary.reference" };
    tw_str ref = first_of(d, j, links, TW_COUNT(links));
    size_t bar = tw_str_find(ref, TW_STR("|"));
    if (tw_str_is(at(d, j, "resourceType"), "Patient")) {
        tw_str last = at(d, j, "identifier.1.value");
        return last.n ? last : at(d, j, "identifier.0.value");
    }
    if (tw_str_starts(ref, "Patient?") && bar != SIZE_MAX)
        return (tw_str){ ref.p + bar + 1, ref.n - bar - 1 };
    size_t lost = tw_str_find(ref, TW_STR("lost-"));
    if (lost != SIZE_MAX)
        return (tw_str){ ref.p + lost, ref.n - lost };
    return ref.n ? d->m->mrn : ref;
}

static tw_str record_part(tw_str ref)
{
    for (size_t i = ref.n; i > 0; i--)
        if (ref.p[i - 1] == '/' || ref.p[i - 1] == ':')
            return (tw_str){ ref.p + i, ref.n - i };
    return ref;
}

static void codes(tw_desk *d, const tw_json *j, tw_synth_record *r)
{
    static const char *const place[] = { "code", "vaccineCode", "medicationCodeableConcept", "type", "reasonCode.0" };
    for (size_t i = 0; i < TW_COUNT(place) && r->code[0].code.n == 0; i++) {
        tw_arena *a = tw_desk_arena(d);
        r->code[0] = coding(d, j, tw_strf(a, "%s.coding.0", place[i]).p);
        r->code[1] = coding(d, j, tw_strf(a, "%s.coding.1", place[i]).p);
        r->text = at(d, j, tw_strf(a, "%s.text", place[i]).p);
    }
}

static void parts(tw_desk *d, const tw_json *j, tw_synth_record *r)
{
    for (size_t i = 0; i < TW_COUNT(r->part); i++) {
        tw_arena *a = tw_desk_arena(d);
        r->part[i].code = coding(d, j, tw_strf(a, "component.%zu.code.coding.0", i).p);
        r->part[i].value = at(d, j, tw_strf(a, "component.%zu.valueQuantity.value", i).p);
        r->part[i].unit = at(d, j, tw_strf(a, "component.%zu.valueQuantity.code", i).p);
        r->parts += r->part[i].code.code.n > 0;
    }
}

tw_synth_record tw_synth_record_of(tw_desk *d)
{
    static const char *const from[] = { "effectiveDateTime", "effectivePeriod.start", "period.start",
                                        "onsetDateTime",     "occurrenceDateTime",    "performedPeriod.start",
                                        "started",           "date",                  "deceasedDateTime" };
    static const char *const to[] = { "effectivePeriod.end", "period.end", "performedPeriod.end" };
    static const char *const value[] = { "valueQuantity.value", "dosage.dose.value",
                                         "dosage.0.doseAndRate.0.doseQuantity.value" };
    static const char *const unit[] = { "valueQuantity.code", "dosage.dose.code",
                                        "dosage.0.doseAndRate.0.doseQuantity.code" };
    static const char *const remark[] = { "conclusion", "description", "note.0.text" };
    static const char *const visit[] = { "encounter.reference", "context.reference" };
    tw_synth_record r = { .parts = 0 };
    tw_json j;
    tw_ctx *in = &d->y->in;
    tw_status ok = tw_json_parse(in, &j, tw_str_of_bytes(tw_buf_view(&d->y->resource)), NULL);
    TW_ASSERT(ok == TW_OK); /* it was just written */
    r.type = at(d, &j, "resourceType");
    r.id = d->id;
    r.status = at(d, &j, "status");
    r.number = number_of(d, &j);
    codes(d, &j, &r);
    r.from = first_of(d, &j, from, TW_COUNT(from));
    r.to = first_of(d, &j, to, TW_COUNT(to));
    r.value = first_of(d, &j, value, TW_COUNT(value));
    r.unit = first_of(d, &j, unit, TW_COUNT(unit));
    r.answer = coding(d, &j, "valueCodeableConcept.coding.0");
    r.remark = first_of(d, &j, remark, TW_COUNT(remark));
    r.visit = record_part(first_of(d, &j, visit, TW_COUNT(visit)));
    r.setting = at(d, &j, "class.code");
    r.lot = at(d, &j, "lotNumber");
    r.cover = at(d, &j, "subscriberId");
    parts(d, &j, &r);
    tw_bytes note;
    if (tw_unbase64(tw_desk_arena(d), &note, at(d, &j, "content.0.attachment.data")))
        r.text = note.n ? tw_str_of_bytes(note) : r.text;
    return r;
}

tw_when tw_synth_when(tw_str fhir)
{
    tw_when t;
    bool ok = tw_when_iso(&t, fhir);
    TW_ASSERT(ok);
    return t;
}

tw_str tw_synth_offset(tw_arena *a, const tw_when *t, const char *between)
{
    unsigned minutes = (unsigned)(t->offset_min < 0 ? -t->offset_min : t->offset_min);
    return tw_strf(a, "%c%02u%s%02u", t->offset_min < 0 ? '-' : '+', minutes / 60, between, minutes % 60);
}

void tw_synth_latin1(tw_buf *out, tw_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        uint8_t c = (uint8_t)s.p[i];
        if (c < 0x80) {
            tw_buf_u8(out, c);
        } else if ((c == 0xC2 || c == 0xC3) && i + 1 < s.n) {
            tw_buf_u8(out, (uint8_t)((c == 0xC3 ? 0x40 : 0) + (uint8_t)s.p[++i]));
        } else {
            while (i + 1 < s.n && ((uint8_t)s.p[i + 1] & 0xC0) == 0x80)
                i++;
            tw_buf_u8(out, '?');
        }
    }
}
