/* Patient, its cover, and the hospital's own directory. */
#include "sources/synth_internal.h"

static void identifier(tw_jw *w, const char *type, tw_str system, tw_str value)
{
    tw_jw_object(w);
    if (type) {
        tw_jw_key(w, "type");
        tw_jw_object(w);
        tw_jw_key(w, "coding");
        tw_jw_array(w);
        tw_desk_coding(w, TW_V2_0203, type, NULL);
        tw_jw_array_end(w);
        tw_jw_object_end(w);
    }
    tw_jw_kv(w, "system", system);
    tw_jw_kv(w, "value", value);
    tw_jw_object_end(w);
}

static void telecom(tw_jw *w, const char *system, tw_str value)
{
    tw_jw_object(w);
    tw_jw_kv(w, "system", tw_str_of(system));
    tw_jw_kv(w, "value", value);
    tw_jw_object_end(w);
}

static void name(tw_desk *d, tw_str given, tw_str family, tw_str middle)
{
    tw_jw *w = &d->w;
    tw_jw_key(w, "name");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "use", TW_STR("official"));
    tw_jw_kv(w, "family", family);
    tw_jw_key(w, "given");
    tw_jw_array(w);
    tw_jw_str(w, given);
    if (middle.n)
        tw_jw_str(w, middle);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
}

static void narrative(tw_desk *d)
{
    tw_jw *w = &d->w;
    tw_buf html;
    tw_buf_init(&html, 16 * TW_KIB);
    tw_buf_cstr(&html, "<div xmlns=\"http://www.w3.org/1999/xhtml\">");
    tw_xml_escape(&html, d->m->given);
    tw_buf_u8(&html, ' ');
    tw_xml_escape(&html, d->m->family);
    tw_buf_fmt(&html, ", born " TW_FMT ", MRN " TW_FMT "</div>", TW_ARG(d->p->birth_us), TW_ARG(d->m->mrn));
    tw_jw_key(w, "text");
    tw_jw_object(w);
    tw_jw_kv(w, "status", TW_STR("generated"));
    tw_jw_kv(w, "div", tw_str_of_bytes(tw_buf_view(&html)));
    tw_jw_object_end(w);
    tw_buf_done(&html);
}

static void extensions(tw_desk *d, tw_chance *c)
{
    tw_jw *w = &d->w;
    tw_jw_key(w, "extension");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "url", TW_STR("http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName"));
    tw_jw_kv(w, "valueString", d->p->maiden);
    tw_jw_object_end(w);
    if (tw_chance_one_in(c, 3)) {
        tw_jw_object(w);
        tw_jw_kv(w, "url",
                 tw_strf(tw_desk_arena(d), "https://" TW_FMT "/StructureDefinition/desk-memo", TW_ARG(d->h->host)));
        tw_jw_kv(
            w, "valueString",
            tw_strf(tw_desk_arena(d), "SSN " TW_FMT ", call " TW_FMT, TW_ARG(d->p->ssn), TW_ARG(d->p->phone_plain)));
        tw_jw_object_end(w);
    }
    tw_jw_array_end(w);
}

static void address(tw_desk *d)
{
    tw_jw *w = &d->w;
    tw_jw_key(w, "address");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_key(w, "line");
    tw_jw_array(w);
    tw_jw_str(w, d->p->street);
    tw_jw_array_end(w);
    tw_jw_kv(w, "city", d->p->town);
    tw_jw_kv(w, "state", d->p->state);
    tw_jw_kv(w, "postalCode", d->p->zip);
    tw_jw_kv(w, "country", TW_STR("US"));
    tw_jw_object_end(w);
    tw_jw_array_end(w);
}

static void kin(tw_desk *d)
{
    tw_jw *w = &d->w;
    tw_jw_key(w, "contact");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_key(w, "name");
    tw_jw_object(w);
    tw_jw_kv(w, "text", d->p->kin);
    tw_jw_object_end(w);
    tw_jw_key(w, "telecom");
    tw_jw_array(w);
    telecom(w, "phone", d->p->kin_phone);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
}

static void contact_points(tw_desk *d)
{
    tw_jw_key(&d->w, "telecom");
    tw_jw_array(&d->w);
    telecom(&d->w, "phone", d->p->phone);
    tw_desk_plant(d, "phone", d->p->phone, "Patient.telecom.value");
    telecom(&d->w, "email", d->p->email);
    tw_jw_array_end(&d->w);
}

static void patient(tw_desk *d, tw_chance *c)
{
    const tw_synth_person *p = d->p;
    tw_jw *w = tw_desk_begin(d, "Patient", d->m->patient_id, 1, p->first_day);
    narrative(d);
    extensions(d, c);
    tw_jw_key(w, "identifier");
    tw_jw_array(w);
    if (!tw_chance_one_in(c, 5))
        identifier(w, "SS", TW_STR("http://hl7.org/fhir/sid/us-ssn"), p->ssn);
    identifier(w, "MR", d->h->mrn_system, d->m->mrn);
    tw_jw_array_end(w);
    tw_jw_key(w, "active");
    tw_jw_bool(w, true);
    name(d, d->m->given, d->m->family, tw_chance_one_in(c, 2) ? p->middle : (tw_str){ "", 0 });
    if (!tw_chance_one_in(c, 12))
        contact_points(d);
    tw_jw_kv(w, "gender", p->woman ? TW_STR("female") : TW_STR("male"));
    if (!tw_chance_one_in(c, 20))
        tw_jw_kv(w, "birthDate", p->birth);
    if (p->series.n == 0 && tw_chance_one_in(c, 20))
        tw_jw_kv(w, "deceasedDateTime", tw_date_text(tw_desk_arena(d), p->last_day));
    address(d);
    kin(d);
    tw_desk_end(d, tw_chance_one_in(c, 20) ? TW_TO_BUNDLE_TWICE : TW_TO_BUNDLE);
}

static void coverage(tw_desk *d, tw_chance *c)
{
    tw_str digits = tw_chance_digits(tw_desk_arena(d), c, 8);
    tw_str number = tw_strf(tw_desk_arena(d), "W" TW_FMT "-Q", TW_ARG(digits));
    tw_jw *w = tw_desk_begin(d, "Coverage", (tw_str){ "", 0 }, 1, d->p->first_day);
    tw_desk_plant(d, "insurance-number", number, "Coverage.subscriberId");
    tw_jw_kv(w, "status", TW_STR("active"));
    tw_desk_concept(w, "type", "http://terminology.hl7.org/CodeSystem/v3-ActCode", "HIP", NULL, (tw_str){ "", 0 });
    tw_jw_kv(w, "subscriberId", number);
    tw_desk_subject(d, "beneficiary", false);
    tw_jw_key(w, "payor");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_synth_plant(d->y, "organization", TW_STR("Commonwealth Mutual"), 0, "Coverage.payor.display");
    tw_jw_kv(w, "display", TW_STR("Commonwealth Mutual"));
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_desk_end(d, TW_TO_BUNDLE);
}

void tw_synth_write_patient(tw_desk *d)
{
    tw_chance c = tw_chance_of(d->y->opts.seed, d->p->index, d->h->index, TW_FOR_PATIENT);
    patient(d, &c);
    coverage(d, &c);
}

/* ---------------------------------------------------------------- directory.json */

static void staff(tw_desk *d)
{
    for (size_t i = 0; i < TW_SYNTH_PROVIDERS; i++) {
        const tw_synth_provider *v = &d->h->provider[i];
        tw_jw *w = tw_desk_begin(d, "Practitioner", tw_strf(tw_desk_arena(d), "staff-%zu", i + 1), 1, 0);
        tw_jw_key(w, "identifier");
        tw_jw_array(w);
        identifier(w, "NPI", TW_STR("http://hl7.org/fhir/sid/us-npi"), v->npi);
        tw_jw_array_end(w);
        name(d, v->given, v->family, (tw_str){ "", 0 });
        tw_desk_end(d, TW_TO_BUNDLE | TW_IS_REFUSED);
    }
}

tw_status tw_synth_write_directory(tw_synth *y, tw_synth_hospital *h)
{
    static const tw_synth_person nobody = { .members = 0 };
    const tw_synth_member member = { .h = h, .mrn = TW_STR("staff"), .patient_id = TW_STR("staff") };
    tw_desk d = { .y = y, .p = &nobody, .m = &member, .h = h };
    tw_buf_clear(&y->bundle);
    tw_jw_init(&d.out, &y->bundle, 0);
    tw_jw_object(&d.out);
    tw_jw_kv(&d.out, "resourceType", TW_STR("Bundle"));
    tw_jw_kv(&d.out, "type", TW_STR("collection"));
    tw_jw_key(&d.out, "entry");
    tw_jw_array(&d.out);
    tw_jw *w = tw_desk_begin(&d, "Organization", h->id, 1, 0);
    tw_jw_kv(w, "name", h->name);
    tw_desk_end(&d, TW_TO_BUNDLE | TW_IS_REFUSED);
    w = tw_desk_begin(&d, "Location", TW_STR("ward-1"), 1, 0);
    tw_jw_kv(w, "name", tw_strf(y->in.arena, TW_FMT ", day clinic", TW_ARG(h->name)));
    tw_desk_end(&d, TW_TO_BUNDLE | TW_IS_REFUSED);
    staff(&d);
    tw_jw_array_end(&d.out);
    tw_jw_object_end(&d.out);
    TW_TRY(tw_buf_check(y->cx, &y->bundle, "the directory of a hospital"));
    y->report.files++;
    y->report.bytes += y->bundle.n;
    tw_str path = tw_strf(y->in.arena, TW_FMT "/directory.json", TW_ARG(h->folder));
    return y->sink.file(y->sink.self, y->cx, path.p, tw_buf_view(&y->bundle));
}
