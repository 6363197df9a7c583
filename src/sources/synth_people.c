/* Who the people are, and under which numbers and spellings which hospital knows them. */
#include "sources/synth_other.h"

#include <math.h>

#define SERIES_AGE_MIN 55
#define PLANTED_MAX ((size_t)16 << 20)
#define LATE_MAX ((size_t)2 << 30)

static tw_str pick(tw_chance *c, const char *const *list, size_t count)
{
    return tw_str_of(list[tw_chance_below(c, (uint32_t)count)]);
}

/* ---------------------------------------------------------------- planted.tsv */

void tw_synth_plant(tw_synth *y, const char *kind, tw_str value, uint32_t person, const char *place)
{
    if (value.n == 0)
        return;
    tw_buf key;
    tw_buf_init(&key, 64 * TW_KIB);
    tw_buf_fmt(&key, "%s\t" TW_FMT "\t%u", kind, TW_ARG(value), person);
    TW_ASSERT(!key.failed);
    if (!tw_map_get(y->planted_seen, tw_buf_view(&key))) {
        if (!tw_map_put(y->planted_seen, tw_buf_view(&key), y))
            y->planted.failed = true; /* told at the end */
        tw_buf_add(&y->planted, key.p, key.n);
        tw_buf_fmt(&y->planted, "\t%s\n", place);
        y->report.planted++;
    }
    tw_buf_done(&key);
}

/* ---------------------------------------------------------------- hospitals */

static void provider_make(tw_synth *y, tw_synth_hospital *h, tw_synth_provider *v, tw_chance *c)
{
    bool woman = tw_chance_one_in(c, 2);
    v->given = woman ? pick(c, tw_synth_women, tw_synth_women_count) : pick(c, tw_synth_men, tw_synth_men_count);
    v->family = pick(c, tw_synth_families, tw_synth_families_count);
    v->name = tw_strf(y->keep, "Dr. " TW_FMT " " TW_FMT, TW_ARG(v->given), TW_ARG(v->family));
    tw_str digits = tw_chance_digits(y->in.arena, c, 8);
    v->npi = tw_strf(y->keep, "1%u" TW_FMT, 3 + h->index % 7, TW_ARG(digits));
    tw_synth_plant(y, "provider-given", v->given, 0, "Practitioner.name.given");
    tw_synth_plant(y, "provider-family", v->family, 0, "Practitioner.name.family");
    tw_synth_plant(y, "provider-npi", v->npi, 0, "Practitioner.identifier.value");
}

void tw_synth_hospital_make(tw_synth *y, uint32_t index)
{
    static const tw_synth_style styles[] = { TW_STYLE_TRANSACTION, TW_STYLE_COLLECTION, TW_STYLE_SEARCHSET };
    tw_synth_hospital *h = &y->hospital[index];
    tw_chance c = tw_chance_of(y->opts.seed, UINT32_MAX, index, TW_FOR_HOSPITAL);
    tw_str word = tw_str_of(tw_synth_house_names[index]);
    char *label = tw_cstr(y->keep, word);
    for (char *p = label; *p; p++)
        *p = (char)(*p == ' ' ? '-' : *p >= 'A' && *p <= 'Z' ? *p - 'A' + 'a' : *p);
    h->index = index;
    h->style = styles[index % 3];
    h->format = y->opts.formats ? y->opts.format[index % y->opts.formats] : TW_SYNTH_FHIR;
    h->folder = tw_strf(y->keep, "hospital-%u", index + 1);
    h->name = tw_strf(y->keep, TW_FMT " General Hospital", TW_ARG(word));
    h->host = tw_strf(y->keep, "fhir.%s.example", label);
    h->mrn_system = tw_strf(y->keep, "https://fhir.%s.example/ids/mrn", label);
    h->id = tw_strf(y->keep, "org-%s", label);
    h->numbers = tw_map_new(2 * TW_SYNTH_PATIENTS_MAX);
    tw_buf_init(&h->late, LATE_MAX);
    tw_synth_start_tables(h);
    tw_synth_plant(y, "organization", h->name, 0, "Organization.name");
    tw_synth_plant(y, "host", h->host, 0, "fullUrl, meta.source, identifier.system");
    for (size_t i = 0; i < TW_SYNTH_PROVIDERS; i++)
        provider_make(y, h, &h->provider[i], &c);
}

static tw_str number_text(tw_arena *a, const tw_synth_hospital *h, uint32_t n)
{
    switch (h->style) {
    case TW_STYLE_TRANSACTION:
        return tw_strf(a, "NH%u%07u", h->index + 1, n % 10000000);
    case TW_STYLE_COLLECTION:
        return tw_strf(a, "R%u%03u-%04uK", h->index, n / 10000 % 1000, n % 10000);
    case TW_STYLE_SEARCHSET:
        return tw_strf(a, "P%02u.%03u.%03u", h->index, n / 1000 % 1000, n % 1000);
    }
    tw_assert_failed("a style", __FILE__, __LINE__);
}

static bool is_new(const tw_synth_hospital *h, tw_str number)
{
    return !tw_map_get(h->numbers, tw_bytes_of(number));
}

/* A ward hands out a million numbers at most, and a hospital has a tenth as many patients. */
static tw_str new_number(tw_synth *y, tw_synth_hospital *h, tw_chance *c)
{
    tw_str number;
    do
        number = number_text(y->in.arena, h, 100000 + tw_chance_below(c, 900000));
    while (!is_new(h, number));
    TW_ASSERT(tw_map_put(h->numbers, tw_bytes_of(number), h));
    return number;
}

tw_str tw_synth_mistype(tw_synth *y, tw_synth_hospital *h, tw_str mrn, tw_chance *c)
{
    for (;;) {
        char *p = tw_cstr(y->in.arena, mrn);
        size_t at = 3 + tw_chance_below(c, (uint32_t)mrn.n - 3);
        if (p[at] < '0' || p[at] > '9')
            continue;
        p[at] = (char)('0' + (p[at] - '0' + 1 + (int)tw_chance_below(c, 9)) % 10);
        tw_str typo = { p, mrn.n };
        if (!is_new(h, typo))
            continue;
        TW_ASSERT(tw_map_put(h->numbers, tw_bytes_of(typo), h));
        return typo;
    }
}

/* ---------------------------------------------------------------- a person */

static void contact_make(tw_synth *y, tw_synth_person *p, tw_chance *c)
{
    static const char *const area[] = { "617", "508", "413", "603", "802", "207", "401", "860" };
    tw_arena *a = y->in.arena;
    const tw_synth_town *t = &tw_synth_towns[tw_chance_below(c, (uint32_t)tw_synth_towns_count)];
    const char *code = area[tw_chance_below(c, TW_COUNT(area))];
    uint32_t line = 100 + tw_chance_below(c, 100); /* 555-0100 to 555-0199: kept for fiction */
    tw_str street = pick(c, tw_synth_streets, tw_synth_streets_count);
    p->street = tw_strf(a, "%u " TW_FMT, 11 + tw_chance_below(c, 1980), TW_ARG(street));
    p->town = tw_str_of(t->town);
    p->state = tw_str_of(t->state);
    p->zip = tw_str_of(t->zip);
    p->phone = tw_strf(a, "(%s) 555-0%u", code, line);
    p->phone_plain = tw_strf(a, "%s-555-0%u", code, line);
    p->kin_phone = tw_strf(a, "(%s) 555-0%u", code, 100 + tw_chance_below(c, 100));
    tw_str ssn = tw_chance_digits(a, c, 8);
    p->ssn = tw_strf(a, "9%.2s-%.2s-%.4s", ssn.p, ssn.p + 2, ssn.p + 4);
    char *local = tw_cstr(a, tw_synth_plain(a, p->family));
    for (char *q = local; *q; q++)
        *q = (char)(*q >= 'A' && *q <= 'Z' ? *q - 'A' + 'a' : *q == ' ' ? '_' : *q);
    p->email = tw_strf(a, "%s.%u@mail.example", local, 100 + tw_chance_below(c, 900));
}

static void names_make(tw_synth *y, tw_synth_person *p, tw_chance *c)
{
    const char *const *list = p->woman ? tw_synth_women : tw_synth_men;
    size_t count = p->woman ? tw_synth_women_count : tw_synth_men_count;
    p->given = pick(c, list, count);
    p->middle = pick(c, list, count);
    p->family = pick(c, tw_synth_families, tw_synth_families_count);
    p->maiden = pick(c, tw_synth_families, tw_synth_families_count);
    tw_str kin = p->woman ? pick(c, tw_synth_men, tw_synth_men_count) : pick(c, tw_synth_women, tw_synth_women_count);
    p->kin = tw_strf(y->in.arena, TW_FMT " " TW_FMT, TW_ARG(kin), TW_ARG(p->family));
}

/* Care ends within the 400 days before today; the last visit of a series is the end of care. */
static void days_make(tw_synth *y, tw_synth_person *p, tw_chance *c)
{
    const tw_synth_series *s = &p->series;
    p->last_day = y->opts.today - 1 - tw_chance_below(c, 399);
    int64_t length = s->n ? (int64_t)s->visit[s->n - 1].day - s->visit[0].day : 400 + tw_chance_below(c, 1200);
    p->first_day = p->last_day - length;
    uint32_t age = s->n ? SERIES_AGE_MIN + tw_chance_below(c, 30) : 21 + tw_chance_below(c, 66);
    if (tw_chance_one_in(c, 16))
        age = 88 + tw_chance_below(c, 8); /* old age is rare, and rare is identifying */
    p->birth_day = p->first_day - (int64_t)age * 365 - age / 4 - tw_chance_below(c, 365);
    int64_t year;
    unsigned month;
    unsigned day;
    tw_civil_from_days(p->birth_day, &year, &month, &day);
    p->birth = tw_date_text(y->in.arena, p->birth_day);
    p->birth_us = tw_strf(y->in.arena, "%02u/%02u/%04d", month, day, (int)year);
}

/* How a hospital spells a name: as it is, in plain capitals, or with given and family name swapped now and then. */
static void member_make(tw_synth *y, tw_synth_person *p, tw_synth_member *m, tw_chance *c)
{
    tw_arena *a = y->in.arena;
    m->mrn = new_number(y, m->h, c);
    m->given = p->given;
    m->family = p->family;
    switch (m->h->style) {
    case TW_STYLE_TRANSACTION: {
        uint64_t high = tw_chance_next(c);
        uint64_t low = tw_chance_next(c);
        m->patient_id =
            tw_strf(a, "%08x-%04x-4%03x-a%03x-%012llx", (unsigned)(high >> 32), (unsigned)(high >> 16 & 0xffff),
                    (unsigned)(high & 0xfff), (unsigned)(low >> 52), (unsigned long long)(low & 0xffffffffffff));
        break;
    }
    case TW_STYLE_COLLECTION:
        m->patient_id = m->mrn;
        m->given = tw_synth_plain(a, p->given);
        m->family = tw_synth_plain(a, p->family);
        break;
    case TW_STYLE_SEARCHSET:
        m->patient_id = tw_strf(a, "pat-%u%06u", 100 + tw_chance_below(c, 900), p->index);
        if (tw_chance_one_in(c, 9)) {
            m->given = p->family;
            m->family = p->given;
        }
        break;
    }
    tw_synth_plant(y, "mrn", m->mrn, p->index + 1, "Patient.identifier.value");
    tw_synth_plant(y, "patient-id", m->patient_id, p->index + 1, "Patient.id");
    tw_synth_plant(y, "given", m->given, p->index + 1, "Patient.name.given");
    tw_synth_plant(y, "family", m->family, p->index + 1, "Patient.name.family");
    tw_buf_fmt(&y->people, "%u\tperson-%03u\t" TW_FMT "\t" TW_FMT "\t" TW_FMT " " TW_FMT "\n", p->index + 1,
               p->index + 1, TW_ARG(m->h->folder), TW_ARG(m->mrn), TW_ARG(m->given), TW_ARG(m->family));
    y->report.memberships++;
}

static void plant_person(tw_synth *y, const tw_synth_person *p)
{
    const struct {
        const char *kind;
        tw_str value;
        const char *place;
    } list[] = {
        { "given", p->given, "Patient.name.given" },     { "family", p->family, "Patient.name.family" },
        { "middle", p->middle, "Patient.name.given" },   { "maiden-name", p->maiden, "Patient.extension.valueString" },
        { "kin", p->kin, "Patient.contact.name.text" },  { "kin-phone", p->kin_phone, "Patient.contact.telecom.value" },
        { "street", p->street, "Patient.address.line" }, { "town", p->town, "Patient.address.city" },
        { "zip", p->zip, "Patient.address.postalCode" }, { "phone", p->phone_plain, "Encounter.reasonCode.text" },
        { "email", p->email, "Patient.telecom.value" },  { "ssn", p->ssn, "Patient.identifier.value" },
        { "birth-date", p->birth, "Patient.birthDate" }, { "birth-date", p->birth_us, "Patient.text.div" },
    };
    for (size_t i = 0; i < TW_COUNT(list); i++)
        tw_synth_plant(y, list[i].kind, list[i].value, p->index + 1, list[i].place);
}

void tw_synth_person_make(tw_synth *y, tw_synth_person *p, uint32_t index, tw_synth_series series)
{
    tw_chance c = tw_chance_of(y->opts.seed, index, 0, TW_FOR_PERSON);
    *p = (tw_synth_person){ .index = index, .series = series };
    p->woman = series.n == 0 && tw_chance_one_in(&c, 2);
    names_make(y, p, &c);
    contact_make(y, p, &c);
    days_make(y, p, &c);
    plant_person(y, p);
    uint32_t first = tw_chance_below(&c, y->opts.hospitals);
    uint32_t wanted = 1 + tw_chance_below(&c, 3);
    p->members = TW_MIN(wanted, y->opts.hospitals);
    for (uint32_t i = 0; i < p->members; i++) {
        tw_synth_member *m = &p->member[i];
        m->h = &y->hospital[(first + i) % y->opts.hospitals];
        tw_chance of = tw_chance_of(y->opts.seed, index, m->h->index, TW_FOR_MEMBER);
        member_make(y, p, m, &of);
    }
}
