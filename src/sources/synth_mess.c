/* What goes wrong beside the results: strangers by a mistyped number, lines that cannot be read, results without a
 * person, and the night when an hour comes twice. */
#include "sources/synth_other.h"

static const tw_str none = { "", 0 };

static int64_t some_day(const tw_desk *d, tw_chance *c)
{
    return d->p->first_day + tw_chance_below(c, (uint32_t)(d->p->last_day - d->p->first_day) + 1);
}

/* The person once more, registered under a number with one digit wrong. */
static void second_registration(tw_desk *d, tw_chance *c)
{
    tw_str typo = tw_synth_mistype(d->y, d->h, d->m->mrn, c);
    tw_str id = d->h->style == TW_STYLE_COLLECTION ? typo : tw_desk_new_id(d);
    tw_desk_plant(d, "mrn", typo, "Patient.identifier.value, mistyped");
    tw_jw *w = tw_desk_begin(d, "Patient", id, 1, d->p->last_day);
    tw_jw_key(w, "identifier");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_key(w, "type");
    tw_jw_object(w);
    tw_jw_key(w, "coding");
    tw_jw_array(w);
    tw_desk_coding(w, TW_V2_0203, "MR", NULL);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_kv(w, "system", d->h->mrn_system);
    tw_jw_kv(w, "value", typo);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_jw_key(w, "name");
    tw_jw_array(w);
    tw_jw_object(w);
    tw_jw_kv(w, "family", d->m->family);
    tw_jw_key(w, "given");
    tw_jw_array(w);
    tw_jw_str(w, d->m->given);
    tw_jw_array_end(w);
    tw_jw_object_end(w);
    tw_jw_array_end(w);
    tw_jw_kv(w, "birthDate", d->p->birth);
    tw_desk_end(d, TW_TO_LATE | TW_IS_STRANGER);
    if (d->h->format == TW_SYNTH_HL7V2) { /* the desk sees it, and one of his results still comes under that number */
        tw_synth_write_weight(d, c, some_day(d, c), none, "final", TW_TO_LATE, typo);
        tw_synth_merge_hl7(d, typo);
    }
}

static void mistyped_result(tw_desk *d, tw_chance *c)
{
    tw_str typo = tw_synth_mistype(d->y, d->h, d->m->mrn, c);
    tw_desk_plant(d, "mrn", typo, "Observation.subject.reference, mistyped");
    tw_synth_write_weight(d, c, some_day(d, c), none, "final", TW_TO_LATE | TW_IS_STRANGER, typo);
}

/* A reference to a patient whom this hospital does not have. */
static void result_of_nobody(tw_desk *d, tw_chance *c)
{
    tw_arena *a = tw_desk_arena(d);
    uint32_t n = tw_chance_below(c, 1000000);
    tw_jw *w = tw_desk_begin(d, "Observation", none, 1, d->p->last_day);
    tw_jw_kv(w, "status", TW_STR("final"));
    tw_desk_concept(w, "code", TW_LOINC, "8867-4", "Heart rate", none);
    tw_jw_key(w, "subject");
    tw_jw_object(w);
    if (d->h->style == TW_STYLE_SEARCHSET)
        tw_jw_kv(w, "reference", tw_strf(a, "https://elsewhere.example/r4/Patient/lost-%06u", n));
    else
        tw_jw_kv(w, "reference", tw_strf(a, "Patient/lost-%06u", n));
    tw_jw_object_end(w);
    tw_desk_end(d, TW_TO_LATE | TW_IS_DEAD);
}

static void torn_line(tw_desk *d)
{
    tw_str id = tw_desk_new_id(d);
    tw_str line = tw_strf(tw_desk_arena(d),
                          "{\"resourceType\":\"Observation\",\"id\":\"" TW_FMT "\",\"subject\":{\"display\":\"" TW_FMT,
                          TW_ARG(id), TW_ARG(d->p->family));
    tw_desk_broken_line(d, line);
}

/* ---------------------------------------------------------------- the night in autumn */

static void pulse(tw_desk *d, tw_chance *c, int64_t day, bool second_pass, tw_str encounter)
{
    tw_arena *a = tw_desk_arena(d);
    tw_jw *w = tw_desk_begin(d, "Observation", none, 1, day);
    tw_jw_kv(w, "status", TW_STR("final"));
    tw_desk_category(w, "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs");
    tw_desk_concept(w, "code", TW_LOINC, "8867-4", "Heart rate", none);
    tw_desk_subject(d, "subject", false);
    tw_desk_ref(d, "encounter", "Encounter", encounter, false);
    tw_jw_kv(w, "effectiveDateTime", tw_synth_time(a, day, 90, tw_desk_utc(d), second_pass));
    tw_jw_key(w, "valueQuantity");
    tw_desk_quantity(w, tw_strf(a, "%u", 58 + tw_chance_below(c, 60)), "/min", "/min");
    tw_desk_end(d, TW_TO_BUNDLE);
}

static void night_of_two_hours(tw_desk *d, tw_chance *c)
{
    int64_t night = tw_synth_clock_night(d->p->first_day);
    if (night < d->p->first_day)
        night = tw_synth_clock_night(d->p->first_day + 365);
    if (night > d->p->last_day)
        return;
    tw_jw *w = tw_desk_begin(d, "Encounter", none, 1, night);
    tw_str encounter = d->id;
    tw_jw_kv(w, "status", TW_STR("finished"));
    tw_jw_key(w, "class");
    tw_desk_coding(w, "http://terminology.hl7.org/CodeSystem/v3-ActCode", "EMER", NULL);
    tw_desk_subject(d, "subject", false);
    tw_jw_key(w, "period");
    tw_jw_object(w);
    tw_jw_kv(w, "start", tw_synth_time(tw_desk_arena(d), night, 80, tw_desk_utc(d), false));
    tw_jw_kv(w, "end", tw_synth_time(tw_desk_arena(d), night, 110, tw_desk_utc(d), true));
    tw_jw_object_end(w);
    tw_desk_end(d, TW_TO_BUNDLE);
    pulse(d, c, night, false, encounter);
    pulse(d, c, night, true, encounter);
}

void tw_synth_write_mess(tw_desk *d)
{
    tw_chance c = tw_chance_of(d->y->opts.seed, d->p->index, d->h->index, TW_FOR_MESS);
    if (tw_chance_one_in(&c, 25))
        second_registration(d, &c);
    if (tw_chance_one_in(&c, 10))
        mistyped_result(d, &c);
    if (tw_chance_one_in(&c, 12))
        result_of_nobody(d, &c);
    if (tw_chance_one_in(&c, 12)) /* no subject at all */
        tw_synth_write_weight(d, &c, some_day(d, &c), none, "final", TW_TO_LATE | TW_IS_DEAD, none);
    if (tw_chance_one_in(&c, 12)) /* no time */
        tw_synth_write_weight(d, &c, 0, none, "final", TW_TO_LATE, none);
    if (tw_chance_one_in(&c, 12)) /* no status */
        tw_synth_write_weight(d, &c, some_day(d, &c), none, NULL, TW_TO_BUNDLE, none);
    if (tw_chance_one_in(&c, 20))
        tw_synth_write_weight(d, &c, some_day(d, &c), none, "final", TW_TO_LATE | TW_IN_A_BUNDLE, none);
    if (tw_chance_one_in(&c, 30))
        torn_line(d);
    if (tw_chance_one_in(&c, 6))
        night_of_two_hours(d, &c);
}
