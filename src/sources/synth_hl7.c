/* A hospital that sends HL7 v2.5.1: ADT for who and where, ORU for results, MDM for notes. Segments end in CR, messages
 * in LF, text is ISO 8859-1 as MSH-18 says, one message in three also wears a Z segment. Times are the wall clock's:
 * with an offset in every other message, and always in the hour that comes twice. */
#include "sources/synth_other.h"

#define FILE_MAX (1024 * TW_MIB)

typedef struct {
    tw_desk *d;
    tw_buf b;
    uint32_t no; /* of the message */
} message;

static void segment(message *m, const char *name)
{
    if (m->b.n)
        tw_buf_u8(&m->b, '\r');
    tw_buf_cstr(&m->b, name);
}

/* Fields up to `to`, counted from the segment's name; MSH-1 is the bar itself. */
static void bars(message *m, unsigned n)
{
    while (n-- > 0)
        tw_buf_u8(&m->b, '|');
}

static void text(message *m, tw_str s)
{
    for (size_t i = 0; i < s.n; i++)
        switch (s.p[i]) {
        case '|': tw_buf_cstr(&m->b, "\\F\\"); break;
        case '^': tw_buf_cstr(&m->b, "\\S\\"); break;
        case '&': tw_buf_cstr(&m->b, "\\T\\"); break;
        case '~': tw_buf_cstr(&m->b, "\\R\\"); break;
        case '\\': tw_buf_cstr(&m->b, "\\E\\"); break;
        case '\n': tw_buf_cstr(&m->b, "\\.br\\"); break;
        default: tw_buf_u8(&m->b, (uint8_t)s.p[i]);
        }
}

static void plain(message *m, const char *s)
{
    tw_buf_cstr(&m->b, s);
}

/* Digits of a FHIR time: the date part, and the time part in one of two styles. */
static void when(message *m, tw_str fhir)
{
    if (fhir.n == 0)
        return;
    tw_when t = tw_synth_when(fhir);
    tw_buf_fmt(&m->b, "%04d%02u%02u", t.year, t.month, t.day);
    if (t.precision < TW_WHEN_MINUTE)
        return;
    bool twice = t.hour == 1 && t.month == 11; /* the hour that may be shown twice */
    bool offset = (m->no & 1) != 0 || twice || t.offset_min == 0;
    tw_buf_fmt(&m->b, "%02u%02u%s", t.hour, t.minute, m->no & 1 ? "00" : "");
    if (offset)
        tw_buf_str(&m->b, tw_synth_offset(tw_desk_arena(m->d), &t, ""));
}

static const char *system_name(tw_str uri)
{
    static const char *const table[][2] = {
        { TW_LOINC, "LN" },    { TW_SNOMED, "SCT" }, { TW_ICD10, "I10C" },
        { TW_RXNORM, "RXNORM" }, { "http://hl7.org/fhir/sid/cvx", "CVX" }, { "http://www.whocc.no/atc", "ATC" },
    };
    for (size_t i = 0; i < TW_COUNT(table); i++)
        if (tw_str_is(uri, table[i][0]))
            return table[i][1];
    return "L";
}

static void coded(message *m, const tw_coded *c)
{
    text(m, c->code);
    plain(m, "^");
    text(m, c->display);
    plain(m, "^");
    plain(m, system_name(c->system));
}

static void staff(message *m)
{
    const tw_synth_provider *v = &m->d->h->provider[m->no % TW_SYNTH_PROVIDERS];
    text(m, v->npi);
    plain(m, "^");
    text(m, v->family);
    plain(m, "^");
    text(m, v->given);
    plain(m, "^^^DR^^^NPI");
}

/* ---------------------------------------------------------------- the head of every message */

static void head(message *m, const char *type, const tw_synth_record *r)
{
    static const tw_str never = { "20250101", 8 };
    tw_str sent = r->from.n ? r->from : never;
    m->no = ++m->d->h->messages;
    segment(m, "MSH|^~\\&|ADT1|");
    text(m, tw_synth_plain(tw_desk_arena(m->d), m->d->h->name));
    plain(m, "|TWINWARD|HUB|");
    if (r->from.n)
        when(m, sent);
    else
        text(m, never);
    tw_buf_fmt(&m->b, "||%s|M%u-%07u|P|2.5.1||||||8859/1", type, m->d->h->index, m->no);
}

static void person_ids(message *m, tw_str number)
{
    const tw_synth_person *p = m->d->p;
    if (number.n) {
        text(m, number);
        tw_buf_fmt(&m->b, "^^^H%u&", m->d->h->index + 1);
        text(m, m->d->h->mrn_system);
        plain(m, "&URI^MR");
    }
    if (number.n && m->no % 5 != 0) {
        plain(m, "~");
        text(m, p->ssn);
        plain(m, "^^^SSA^SS");
    }
}

static void pid(message *m, tw_str number)
{
    const tw_synth_person *p = m->d->p;
    segment(m, "PID|1||");
    person_ids(m, number);
    plain(m, "||");
    text(m, m->d->m->family);
    plain(m, "^");
    text(m, m->d->m->given);
    plain(m, "^");
    text(m, p->middle);
    plain(m, "||");
    for (size_t i = 0; i < p->birth.n; i++)
        if (p->birth.p[i] != '-')
            tw_buf_u8(&m->b, (uint8_t)p->birth.p[i]);
    tw_buf_fmt(&m->b, "|%s|||", p->woman ? "F" : "M");
    text(m, p->street);
    plain(m, "^^");
    text(m, p->town);
    plain(m, "^");
    text(m, p->state);
    plain(m, "^");
    text(m, p->zip);
    plain(m, "^US||");
    text(m, p->phone);
    plain(m, "^PRN^PH~^NET^Internet^");
    text(m, p->email);
}

static void visit_segment(message *m, const tw_synth_record *r, tw_str visit, bool times)
{
    const char *setting = tw_str_is(r->setting, "EMER") ? "E" : tw_str_is(r->setting, "IMP") ? "I" : "O";
    segment(m, "PV1|1|");
    plain(m, setting);
    tw_buf_fmt(&m->b, "|WARD%u^%u^A||||", 1 + m->no % 7, 100 + m->no % 40);
    staff(m);
    bars(m, 12);
    text(m, visit);
    if (!times)
        return;
    bars(m, 25);
    when(m, r->from);
    bars(m, 1);
    when(m, r->to);
}

/* ---------------------------------------------------------------- what messages say */

static void say_patient(message *m, const tw_synth_record *r)
{
    const tw_synth_person *p = m->d->p;
    head(m, "ADT^A28^ADT_A05", r);
    segment(m, "EVN||20250101");
    pid(m, r->number);
    if (r->from.n) { /* the day of death */
        bars(m, 16);
        when(m, r->from);
        plain(m, "|Y");
    }
    segment(m, "NK1|1|");
    text(m, p->family);
    plain(m, "^");
    text(m, (tw_str){ p->kin.p, p->kin.n - p->family.n - 1 });
    plain(m, "|SPO^Spouse||");
    text(m, p->kin_phone);
    if (m->no % 3 == 0) {
        segment(m, "ZDM|1|SSN ");
        text(m, p->ssn);
        plain(m, "|call ");
        text(m, p->phone_plain);
    }
}

static void say_cover(message *m, const tw_synth_record *r)
{
    head(m, "ADT^A31^ADT_A05", r);
    segment(m, "EVN||20250101");
    pid(m, r->number);
    visit_segment(m, r, (tw_str){ "", 0 }, false);
    segment(m, "IN1|1|HIP|CM01|Commonwealth Mutual");
    bars(m, 32);
    text(m, r->cover);
}

static void say_visit(message *m, const tw_synth_record *r)
{
    head(m, "ADT^A03^ADT_A03", r);
    segment(m, "EVN||");
    when(m, r->from);
    pid(m, r->number);
    visit_segment(m, r, r->id, true);
    if (r->code[0].code.n) {
        segment(m, "PV2|||");
        coded(m, &r->code[0]);
    }
}

static void say_condition(message *m, const tw_synth_record *r)
{
    head(m, "ADT^A08^ADT_A01", r);
    segment(m, "EVN||");
    when(m, r->from);
    pid(m, r->number);
    visit_segment(m, r, (tw_str){ "", 0 }, false);
    segment(m, "DG1|1||");
    coded(m, r->code[1].code.n && m->no % 2 ? &r->code[1] : &r->code[0]);
    plain(m, "||");
    when(m, r->from);
    plain(m, "|F");
}

static void say_allergy(message *m, const tw_synth_record *r)
{
    head(m, "ADT^A08^ADT_A01", r);
    segment(m, "EVN||20250101");
    pid(m, r->number);
    visit_segment(m, r, (tw_str){ "", 0 }, false);
    segment(m, "AL1|1|DA|");
    coded(m, &r->code[0]);
    plain(m, "|MO");
}

static const char *result_status(tw_str s)
{
    return tw_str_is(s, "final") ? "F" : tw_str_is(s, "corrected") ? "C" : "";
}

static void obx(message *m, const tw_synth_record *r, unsigned no, const tw_coded *code, tw_str value, tw_str unit)
{
    const char *type = value.n ? "NM" : r->answer.code.n ? "CWE" : "ST";
    tw_buf_fmt(&m->b, "\rOBX|%u|%s|", no, type);
    coded(m, code);
    plain(m, "||");
    if (value.n)
        text(m, value);
    else if (r->answer.code.n)
        coded(m, &r->answer);
    plain(m, "|");
    if (unit.n) {
        text(m, unit);
        plain(m, "^^UCUM");
    }
    plain(m, "|||||");
    plain(m, value.n || r->answer.code.n ? result_status(r->status) : "X");
    plain(m, "|||");
    when(m, r->from);
}

static void say_result(message *m, const tw_synth_record *r)
{
    head(m, "ORU^R01^ORU_R01", r);
    pid(m, r->number);
    if (r->visit.n)
        visit_segment(m, r, r->visit, false);
    segment(m, "OBR|1||");
    text(m, r->id);
    plain(m, "^LAB|");
    coded(m, &r->code[0]);
    plain(m, "|||");
    when(m, r->from);
    bars(m, 18);
    plain(m, result_status(r->status));
    for (size_t i = 0; i < r->parts; i++)
        obx(m, r, (unsigned)i + 1, &r->part[i].code, r->part[i].value, r->part[i].unit);
    if (r->parts == 0)
        obx(m, r, 1, &r->code[0], r->value, r->unit);
    if (r->remark.n) {
        segment(m, "NTE|1||");
        text(m, r->remark);
    }
}

static void say_report(message *m, const tw_synth_record *r)
{
    head(m, "ORU^R01^ORU_R01", r);
    pid(m, r->number);
    segment(m, "OBR|1||");
    text(m, r->id);
    plain(m, "^LAB|");
    coded(m, &r->code[0]);
    plain(m, "|||");
    when(m, r->from);
    bars(m, 18);
    plain(m, "F\rOBX|1|FT|22636-5^Conclusion^LN||");
    text(m, r->remark);
    plain(m, "||||||F");
}

static void say_note(message *m, const tw_synth_record *r)
{
    head(m, "MDM^T02^MDM_T02", r);
    segment(m, "EVN||");
    when(m, r->from);
    pid(m, r->number);
    visit_segment(m, r, (tw_str){ "", 0 }, false);
    segment(m, "TXA|1|PN|TX|");
    when(m, r->from);
    plain(m, "|");
    staff(m);
    bars(m, 7);
    text(m, r->id);
    bars(m, 5);
    plain(m, "AU\rOBX|1|TX|11506-3^Progress note^LN||");
    text(m, r->text);
    plain(m, "||||||F");
}

/* ---------------------------------------------------------------- where messages go */

static void post(tw_desk *d, message *m, unsigned flags)
{
    tw_synth_report *rep = &d->y->report;
    tw_buf wire;
    tw_buf_init(&wire, FILE_MAX);
    tw_synth_latin1(&wire, tw_str_of_bytes(tw_buf_view(&m->b)));
    tw_buf_cstr(&wire, "\r\n");
    tw_str bytes = tw_str_of_bytes(tw_buf_view(&wire));
    if (flags & TW_TO_LATE)
        tw_desk_late(d, tw_str_dup(tw_desk_arena(d), bytes));
    for (unsigned i = flags & TW_TO_BUNDLE_TWICE ? 2 : 1; i > 0; i--) {
        if (!(flags & TW_TO_LATE))
            tw_buf_str(&d->y->bundle, bytes);
        rep->units++;
        rep->dead_units += (flags & TW_IS_DEAD) != 0;
    }
    tw_buf_done(&wire);
}

/* Two registrations of one person become one: MRG-1 names the number that ends. */
void tw_synth_merge_hl7(tw_desk *d, tw_str old_number)
{
    message m = { .d = d };
    tw_synth_record r = { .number = d->m->mrn };
    tw_buf_init(&m.b, FILE_MAX);
    head(&m, "ADT^A40^ADT_A39", &r);
    segment(&m, "EVN||20250101");
    pid(&m, r.number);
    segment(&m, "MRG|");
    text(&m, old_number);
    tw_buf_fmt(&m.b, "^^^H%u&", d->h->index + 1);
    text(&m, d->h->mrn_system);
    plain(&m, "&URI^MR");
    post(d, &m, TW_TO_BUNDLE);
    tw_buf_done(&m.b);
}

/* A message that ends in the middle of its first segment. */
void tw_synth_torn_hl7(tw_desk *d)
{
    message m = { .d = d };
    tw_buf_init(&m.b, FILE_MAX);
    segment(&m, "MSH|^~\\&|ADT1|");
    text(&m, tw_synth_plain(tw_desk_arena(d), d->p->family));
    post(d, &m, TW_TO_LATE | TW_IS_DEAD);
    tw_buf_done(&m.b);
}

bool tw_synth_say_hl7(tw_desk *d, const tw_synth_record *r, unsigned flags)
{
    static const struct {
        const char *type;
        void (*say)(message *m, const tw_synth_record *r);
    } table[] = {
        { "Patient", say_patient },     { "Coverage", say_cover },       { "Encounter", say_visit },
        { "Condition", say_condition }, { "Observation", say_result },   { "AllergyIntolerance", say_allergy },
        { "DiagnosticReport", say_report }, { "DocumentReference", say_note },
    };
    for (size_t i = 0; i < TW_COUNT(table); i++) {
        if (!tw_str_is(r->type, table[i].type))
            continue;
        message m = { .d = d };
        tw_buf_init(&m.b, FILE_MAX);
        table[i].say(&m, r);
        post(d, &m, flags);
        tw_buf_done(&m.b);
        return true;
    }
    return false;
}
