/* A hospital that hands out C-CDA R2.1 documents: one of all that it knows of a person, and a small one for each result
 * that comes late. Narrative repeats names and numbers, as it does in life. Templates and codes: HL7 CDA R2 IG: C-CDA
 * Templates for Clinical Notes R2.1. */
#include "sources/synth_other.h"

#define DOC_MAX (256 * TW_MIB)
#define T "2.16.840.1.113883.10.20.22."
#define LOINC_OID "2.16.840.1.113883.6.1"
#define SNOMED_OID "2.16.840.1.113883.6.96"

static const struct {
    const char *code, *template, *title;
} sections[TW_SYNTH_SECTIONS] = {
    [TW_SECTION_ALLERGIES] = { "48765-2", T "2.6.1", "Allergies" },
    [TW_SECTION_MEDICATIONS] = { "10160-0", T "2.1.1", "Medications" },
    [TW_SECTION_PROBLEMS] = { "11450-4", T "2.5.1", "Problems" },
    [TW_SECTION_PROCEDURES] = { "47519-4", T "2.7.1", "Procedures" },
    [TW_SECTION_RESULTS] = { "30954-2", T "2.3.1", "Results" },
    [TW_SECTION_VITALS] = { "8716-3", T "2.4.1", "Vital signs" },
    [TW_SECTION_ENCOUNTERS] = { "46240-8", T "2.22.1", "Encounters" },
    [TW_SECTION_IMMUNIZATIONS] = { "11369-6", T "2.2.1", "Immunizations" },
};

/* ---------------------------------------------------------------- small parts */

static void attr(tw_buf *b, const char *name, tw_str value)
{
    tw_buf_fmt(b, " %s=\"", name);
    tw_xml_escape(b, value);
    tw_buf_u8(b, '"');
}

static void element(tw_buf *b, const char *name, tw_str value)
{
    tw_buf_fmt(b, "<%s>", name);
    tw_xml_escape(b, value);
    tw_buf_fmt(b, "</%s>", name);
}

static void template(tw_buf *b, const char *oid)
{
    tw_buf_fmt(b, "<templateId root=\"%s\"/>", oid);
}

/* The value of a TS element, its name before it and its end still open. */
static void time_value(tw_buf *b, const tw_desk *d, tw_str fhir)
{
    tw_when t = tw_synth_when(fhir);
    tw_buf_fmt(b, " value=\"%04d%02u%02u", t.year, t.month, t.day);
    if (t.precision >= TW_WHEN_MINUTE)
        tw_buf_fmt(b, "%02u%02u%02u%s", t.hour, t.minute, t.second, tw_synth_offset(d->y->in.arena, &t, "").p);
    tw_buf_u8(b, '"');
}

static void digits(tw_buf *b, const tw_desk *d, const char *name, tw_str fhir)
{
    tw_buf_fmt(b, "<%s", name);
    time_value(b, d, fhir);
    tw_buf_cstr(b, "/>");
}

static void period(tw_buf *b, const tw_desk *d, tw_str from, tw_str to, bool interval)
{
    tw_buf_fmt(b, "<effectiveTime%s>", interval ? " xsi:type=\"IVL_TS\"" : "");
    if (from.n)
        digits(b, d, "low", from);
    if (to.n)
        digits(b, d, "high", to);
    tw_buf_cstr(b, "</effectiveTime>");
}

static const char *oid_of(tw_str uri)
{
    static const char *const table[][2] = {
        { TW_LOINC, LOINC_OID },
        { TW_SNOMED, SNOMED_OID },
        { TW_ICD10, "2.16.840.1.113883.6.90" },
        { TW_RXNORM, "2.16.840.1.113883.6.88" },
        { "http://hl7.org/fhir/sid/cvx", "2.16.840.1.113883.12.292" },
        { "http://www.whocc.no/atc", "2.16.840.1.113883.6.73" },
    };
    for (size_t i = 0; i < TW_COUNT(table); i++)
        if (tw_str_is(uri, table[i][0]))
            return table[i][1];
    tw_assert_failed("a code system of the generator", __FILE__, __LINE__);
}

static void code_body(tw_buf *b, const tw_coded *c)
{
    attr(b, "code", c->code);
    attr(b, "codeSystem", tw_str_of(oid_of(c->system)));
    if (c->display.n)
        attr(b, "displayName", c->display);
}

/* The first code, and the second as its translation. */
static void code(tw_buf *b, const char *name, const tw_coded c[2])
{
    tw_buf_fmt(b, "<%s", name);
    code_body(b, &c[0]);
    if (c[1].code.n == 0) {
        tw_buf_cstr(b, "/>");
        return;
    }
    tw_buf_cstr(b, "><translation");
    code_body(b, &c[1]);
    tw_buf_fmt(b, "/></%s>", name);
}

static void entry_id(tw_buf *b, const tw_desk *d, tw_str id)
{
    tw_buf_fmt(b, "<id root=\"2.16.840.1.113883.3.8899.%u.1\"", d->h->index + 1);
    attr(b, "extension", id);
    tw_buf_cstr(b, "/>");
}

/* ---------------------------------------------------------------- entries */

static void allergy(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    tw_buf_cstr(b, "<entry><act classCode=\"ACT\" moodCode=\"EVN\">");
    template(b, T "4.30");
    entry_id(b, d, r->id);
    tw_buf_cstr(b, "<code code=\"CONC\" codeSystem=\"2.16.840.1.113883.5.6\"/><statusCode code=\"active\"/>"
                   "<effectiveTime><low nullFlavor=\"UNK\"/></effectiveTime><entryRelationship typeCode=\"SUBJ\">"
                   "<observation classCode=\"OBS\" moodCode=\"EVN\">");
    template(b, T "4.7");
    entry_id(b, d, tw_strf(tw_desk_arena(d), TW_FMT "-a", TW_ARG(r->id)));
    tw_buf_cstr(b, "<code code=\"ASSERTION\" codeSystem=\"2.16.840.1.113883.5.4\"/><statusCode code=\"completed\"/>"
                   "<effectiveTime><low nullFlavor=\"UNK\"/></effectiveTime><value xsi:type=\"CD\" code=\"419199007\" "
                   "codeSystem=\"" SNOMED_OID "\"/><participant typeCode=\"CSM\"><participantRole classCode=\"MANU\">"
                   "<playingEntity classCode=\"MMAT\">");
    code(b, "code", r->code);
    tw_buf_cstr(b, "</playingEntity></participantRole></participant></observation></entryRelationship></act></entry>");
}

static void problem(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    tw_buf_cstr(b, "<entry><act classCode=\"ACT\" moodCode=\"EVN\">");
    template(b, T "4.3");
    entry_id(b, d, tw_strf(tw_desk_arena(d), TW_FMT "-c", TW_ARG(r->id)));
    tw_buf_cstr(b, "<code code=\"CONC\" codeSystem=\"2.16.840.1.113883.5.6\"/><statusCode code=\"active\"/>");
    period(b, d, r->from, r->to, false);
    tw_buf_cstr(b, "<entryRelationship typeCode=\"SUBJ\"><observation classCode=\"OBS\" moodCode=\"EVN\">");
    template(b, T "4.4");
    entry_id(b, d, r->id);
    tw_buf_cstr(b, "<code code=\"55607006\" codeSystem=\"" SNOMED_OID "\"/><statusCode code=\"completed\"/>");
    period(b, d, r->from, r->to, false);
    tw_buf_cstr(b, "<value xsi:type=\"CD\"");
    code_body(b, &r->code[0]);
    if (r->code[1].code.n) {
        tw_buf_cstr(b, "><translation");
        code_body(b, &r->code[1]);
        tw_buf_cstr(b, "/></value>");
    } else {
        tw_buf_cstr(b, "/>");
    }
    tw_buf_cstr(b, "</observation></entryRelationship></act></entry>");
}

static void medication(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    bool once = tw_str_is(r->type, "MedicationAdministration");
    tw_buf_cstr(b, "<entry><substanceAdministration classCode=\"SBADM\" moodCode=\"EVN\">");
    template(b, T "4.16");
    entry_id(b, d, r->id);
    tw_buf_fmt(b, "<statusCode code=\"%s\"/>", tw_str_is(r->status, "active") ? "active" : "completed");
    if (once)
        digits(b, d, "effectiveTime", r->from);
    else
        period(b, d, r->from, r->to, true);
    if (r->value.n) {
        tw_buf_cstr(b, "<doseQuantity");
        attr(b, "value", r->value);
        attr(b, "unit", r->unit);
        tw_buf_cstr(b, "/>");
    }
    tw_buf_cstr(b, "<consumable><manufacturedProduct classCode=\"MANU\">");
    template(b, T "4.23");
    tw_buf_cstr(b, "<manufacturedMaterial>");
    code(b, "code", r->code);
    tw_buf_cstr(b, "</manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration></entry>");
}

static void procedure(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    tw_buf_cstr(b, "<entry><procedure classCode=\"PROC\" moodCode=\"EVN\">");
    template(b, T "4.14");
    entry_id(b, d, r->id);
    code(b, "code", r->code);
    tw_buf_cstr(b, "<statusCode code=\"completed\"/>");
    period(b, d, r->from, r->to, true);
    tw_buf_cstr(b, "</procedure></entry>");
}

static void measured(tw_buf *b, tw_desk *d, const tw_synth_record *r, tw_str id, const tw_coded *what, tw_str value,
                     tw_str unit)
{
    bool vital = tw_str_is(r->setting, "vital");
    const tw_coded c[2] = { *what };
    tw_buf_cstr(b, "<component><observation classCode=\"OBS\" moodCode=\"EVN\">");
    template(b, vital ? T "4.27" : T "4.2");
    entry_id(b, d, id);
    code(b, "code", c);
    tw_buf_cstr(b, "<statusCode code=\"completed\"/>");
    if (r->from.n)
        digits(b, d, "effectiveTime", r->from);
    else
        tw_buf_cstr(b, "<effectiveTime nullFlavor=\"UNK\"/>");
    if (value.n) {
        tw_buf_cstr(b, "<value xsi:type=\"PQ\"");
        attr(b, "value", value);
        attr(b, "unit", unit);
    } else if (r->answer.code.n) {
        tw_buf_cstr(b, "<value xsi:type=\"CD\"");
        code_body(b, &r->answer);
    } else {
        tw_buf_cstr(b, "<value xsi:type=\"PQ\" nullFlavor=\"NAV\"");
    }
    tw_buf_cstr(b, "/></observation></component>");
}

static void result(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    bool vital = tw_str_is(r->setting, "vital");
    tw_buf_cstr(b, "<entry><organizer classCode=\"CLUSTER\" moodCode=\"EVN\">");
    template(b, vital ? T "4.26" : T "4.1");
    entry_id(b, d, tw_strf(tw_desk_arena(d), TW_FMT "-o", TW_ARG(r->id)));
    if (vital)
        tw_buf_cstr(b, "<code code=\"46680005\" codeSystem=\"" SNOMED_OID "\"/>");
    else
        code(b, "code", (const tw_coded[2]){ r->code[0] });
    tw_buf_cstr(b, "<statusCode code=\"completed\"/>");
    if (r->from.n)
        period(b, d, r->from, r->from, false);
    for (size_t i = 0; i < r->parts; i++)
        measured(b, d, r, tw_strf(tw_desk_arena(d), TW_FMT "-%zu", TW_ARG(r->id), i + 1), &r->part[i].code,
                 r->part[i].value, r->part[i].unit);
    if (r->parts == 0)
        measured(b, d, r, r->id, &r->code[0], r->value, r->unit);
    tw_buf_cstr(b, "</organizer></entry>");
}

static void visit(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    tw_buf_cstr(b, "<entry><encounter classCode=\"ENC\" moodCode=\"EVN\">");
    template(b, T "4.49");
    entry_id(b, d, r->id);
    tw_buf_cstr(b, "<code");
    attr(b, "code", r->setting);
    tw_buf_cstr(b, " codeSystem=\"2.16.840.1.113883.5.4\"/>");
    period(b, d, r->from, r->to, true);
    if (r->code[0].code.n) { /* what it was for */
        tw_buf_cstr(b, "<entryRelationship typeCode=\"RSON\"><observation classCode=\"OBS\" moodCode=\"EVN\">");
        template(b, T "4.19");
        entry_id(b, d, tw_strf(tw_desk_arena(d), TW_FMT "-i", TW_ARG(r->id)));
        tw_buf_cstr(b, "<code code=\"29308-4\" codeSystem=\"" LOINC_OID "\"/><statusCode code=\"completed\"/>"
                       "<value xsi:type=\"CD\"");
        code_body(b, &r->code[0]);
        tw_buf_cstr(b, "/></observation></entryRelationship>");
    }
    tw_buf_cstr(b, "</encounter></entry>");
}

static void vaccine(tw_buf *b, tw_desk *d, const tw_synth_record *r)
{
    tw_buf_cstr(b, "<entry><substanceAdministration classCode=\"SBADM\" moodCode=\"EVN\" negationInd=\"false\">");
    template(b, T "4.52");
    entry_id(b, d, r->id);
    tw_buf_cstr(b, "<statusCode code=\"completed\"/>");
    digits(b, d, "effectiveTime", r->from);
    tw_buf_cstr(b, "<consumable><manufacturedProduct classCode=\"MANU\">");
    template(b, T "4.54");
    tw_buf_cstr(b, "<manufacturedMaterial>");
    code(b, "code", r->code);
    element(b, "lotNumberText", r->lot);
    tw_buf_cstr(b, "</manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration></entry>");
}

/* ---------------------------------------------------------------- documents */

static void person(tw_buf *b, const tw_desk *d, tw_str number)
{
    const tw_synth_person *p = d->p;
    tw_buf_cstr(b, "<recordTarget><patientRole>");
    if (number.n) {
        tw_buf_fmt(b, "<id root=\"2.16.840.1.113883.3.8899.%u\"", d->h->index + 1);
        attr(b, "extension", number);
        tw_buf_cstr(b, "/><id root=\"2.16.840.1.113883.4.1\"");
        attr(b, "extension", p->ssn);
        tw_buf_cstr(b, "/>");
    } else {
        tw_buf_cstr(b, "<id nullFlavor=\"UNK\"/>");
    }
    tw_buf_cstr(b, "<addr use=\"HP\">");
    element(b, "streetAddressLine", p->street);
    element(b, "city", p->town);
    element(b, "state", p->state);
    element(b, "postalCode", p->zip);
    tw_buf_cstr(b, "</addr><telecom");
    attr(b, "value", tw_strf(d->y->in.arena, "tel:" TW_FMT, TW_ARG(p->phone_plain)));
    tw_buf_cstr(b, "/><patient><name use=\"L\">");
    element(b, "given", d->m->given);
    element(b, "family", d->m->family);
    tw_buf_fmt(b, "</name><administrativeGenderCode code=\"%s\" codeSystem=\"2.16.840.1.113883.5.1\"/>",
               p->woman ? "F" : "M");
    digits(b, d, "birthTime", p->birth);
    tw_buf_cstr(b, "<guardian><guardianPerson><name>");
    tw_xml_escape(b, p->kin);
    tw_buf_cstr(b, "</name></guardianPerson></guardian></patient></patientRole></recordTarget>");
}

static void house(tw_buf *b, const tw_desk *d)
{
    const tw_synth_provider *v = &d->h->provider[d->p->index % TW_SYNTH_PROVIDERS];
    tw_buf_cstr(b, "<author><time value=\"20250101\"/><assignedAuthor><id root=\"2.16.840.1.113883.4.6\"");
    attr(b, "extension", v->npi);
    tw_buf_cstr(b, "/><assignedPerson><name>");
    element(b, "given", v->given);
    element(b, "family", v->family);
    tw_buf_cstr(b, "</name></assignedPerson></assignedAuthor></author><custodian><assignedCustodian>"
                   "<representedCustodianOrganization><id nullFlavor=\"NA\"/>");
    element(b, "name", d->h->name);
    tw_buf_cstr(b, "</representedCustodianOrganization></assignedCustodian></custodian>");
}

static void section(tw_buf *b, const tw_desk *d, size_t which, tw_bytes entries)
{
    if (entries.n == 0)
        return;
    tw_buf_cstr(b, "\n<component><section>");
    template(b, sections[which].template);
    tw_buf_fmt(b, "<code code=\"%s\" codeSystem=\"" LOINC_OID "\"/><title>%s</title><text>", sections[which].code,
               sections[which].title);
    tw_xml_escape(b, tw_strf(d->y->in.arena, TW_FMT " " TW_FMT ", MRN " TW_FMT ", born " TW_FMT, TW_ARG(d->m->given),
                             TW_ARG(d->m->family), TW_ARG(d->m->mrn), TW_ARG(d->p->birth_us)));
    tw_buf_cstr(b, "</text>");
    tw_buf_add(b, entries.p, entries.n);
    tw_buf_cstr(b, "</section></component>");
}

static void document(tw_buf *b, tw_desk *d, tw_str number, const tw_bytes entries[TW_SYNTH_SECTIONS])
{
    tw_buf_cstr(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ClinicalDocument xmlns=\"urn:hl7-org:v3\" "
                   "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><realmCode code=\"US\"/>"
                   "<typeId root=\"2.16.840.1.113883.1.3\" extension=\"POCD_HD000040\"/>");
    template(b, T "1.1");
    template(b, T "1.2");
    tw_buf_fmt(b, "<id root=\"2.16.840.1.113883.3.8899.%u.2\" extension=\"%u\"/>", d->h->index + 1, ++d->h->messages);
    tw_buf_cstr(b, "<code code=\"34133-9\" codeSystem=\"" LOINC_OID "\"/>");
    element(b, "title", tw_strf(d->y->in.arena, "Record of " TW_FMT " " TW_FMT, TW_ARG(d->p->given),
                                TW_ARG(d->p->family)));
    tw_buf_cstr(b, "<effectiveTime value=\"20250101\"/><confidentialityCode code=\"N\"/>");
    person(b, d, number);
    house(b, d);
    tw_buf_cstr(b, "\n<component><structuredBody>");
    for (size_t i = 0; i < TW_SYNTH_SECTIONS; i++)
        section(b, d, i, entries[i]);
    tw_buf_cstr(b, "\n</structuredBody></component></ClinicalDocument>\n");
}

tw_status tw_synth_put_ccda(tw_desk *d, tw_str number, const tw_bytes entries[TW_SYNTH_SECTIONS], bool torn)
{
    tw_synth *y = d->y;
    tw_buf b;
    tw_buf_init(&b, DOC_MAX);
    document(&b, d, number, entries);
    tw_str path = tw_strf(y->in.arena, TW_FMT "/document-%06u.xml", TW_ARG(d->h->folder), d->h->messages);
    tw_status s = tw_buf_check(y->cx, &b, "a document");
    size_t n = torn ? b.n - b.n / 4 : b.n;
    if (s == TW_OK)
        s = y->sink.file(y->sink.self, y->cx, path.p, (tw_bytes){ b.p, n });
    y->report.files++;
    y->report.bytes += n;
    y->report.units++;
    tw_buf_done(&b);
    return s;
}

/* ---------------------------------------------------------------- a record */

static bool section_of(size_t *out, void (**say)(tw_buf *, tw_desk *, const tw_synth_record *), tw_str type)
{
    static const struct {
        const char *type;
        tw_synth_section section;
        void (*say)(tw_buf *, tw_desk *, const tw_synth_record *);
    } table[] = {
        { "AllergyIntolerance", TW_SECTION_ALLERGIES, allergy },
        { "MedicationStatement", TW_SECTION_MEDICATIONS, medication },
        { "MedicationAdministration", TW_SECTION_MEDICATIONS, medication },
        { "Condition", TW_SECTION_PROBLEMS, problem },
        { "Procedure", TW_SECTION_PROCEDURES, procedure },
        { "Observation", TW_SECTION_RESULTS, result },
        { "Encounter", TW_SECTION_ENCOUNTERS, visit },
        { "Immunization", TW_SECTION_IMMUNIZATIONS, vaccine },
    };
    for (size_t i = 0; i < TW_COUNT(table); i++)
        if (tw_str_is(type, table[i].type)) {
            *out = table[i].section;
            *say = table[i].say;
            return true;
        }
    return false;
}

static bool is_vital(tw_str code)
{
    static const char *const vitals[] = { "29463-7", "8867-4", "85354-9" };
    for (size_t i = 0; i < TW_COUNT(vitals); i++)
        if (tw_str_is(code, vitals[i]))
            return true;
    return false;
}

bool tw_synth_say_ccda(tw_desk *d, const tw_synth_record *r, unsigned flags)
{
    size_t which;
    void (*say)(tw_buf *, tw_desk *, const tw_synth_record *);
    tw_synth_record named = *r;
    tw_bytes entries[TW_SYNTH_SECTIONS] = { { NULL, 0 } };
    if (tw_str_is(r->type, "Patient") && (flags & TW_TO_LATE)) {
        d->failed = tw_synth_put_ccda(d, r->number, entries, false);
        return true;
    }
    if (!section_of(&which, &say, r->type))
        return false;
    if (which == TW_SECTION_RESULTS && is_vital(r->code[0].code)) {
        which = TW_SECTION_VITALS;
        named.setting = TW_STR("vital");
    }
    if (!(flags & TW_TO_LATE)) {
        say(&d->y->section[which], d, &named);
        if (flags & TW_TO_BUNDLE_TWICE)
            say(&d->y->section[which], d, &named);
        return true;
    }
    tw_buf b;
    tw_buf_init(&b, DOC_MAX);
    say(&b, d, &named);
    entries[which] = tw_buf_view(&b);
    tw_status s = tw_synth_put_ccda(d, r->number, entries, false);
    d->y->report.dead_units += (flags & TW_IS_DEAD) != 0;
    if (s != TW_OK)
        d->failed = s;
    tw_buf_done(&b);
    return true;
}
