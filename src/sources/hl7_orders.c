/* Orders, reports, results, specimens and documents: ORC, OBR, SPM, OBX, NTE, TXA. A correction bears the id of what it
 * corrects. */
#include "sources/hl7_map.h"

#define SEEN_MIN 64

/* ---------------------------------------------------------------- orders and reports */

/* The order at hand by the filler's number, else the placer's. */
static void order_of(tw_hl7_x *x)
{
    static const struct {
        uint8_t slot;
        uint8_t field;
    } place[] = { { HL7_OBR, 3 }, { HL7_ORC, 3 }, { HL7_OBR, 2 }, { HL7_ORC, 2 } };
    x->has_order = false;
    for (size_t i = 0; i < TW_COUNT(place) && !x->has_order; i++) {
        tw_str rep = tw_hl7_first(x, (tw_hl7_slot)place[i].slot, place[i].field);
        x->order[0] = tw_hl7_plain(x, rep, 1);
        x->order[1] = tw_hl7_plain(x, rep, 2);
        x->order[2] = tw_hl7_plain(x, rep, 3);
        x->has_order = x->order[0].n > 0;
    }
}

static void order_id(tw_hl7_x *x, char id[TW_LOCAL_ID], const char *label)
{
    tw_str code[2];
    tw_hl7_code_parts(x, code, HL7_OBR, 4);
    if (x->has_order) {
        const tw_str part[] = { x->order[0], x->order[1], x->order[2], code[0] };
        tw_local_id(id, label, part, TW_COUNT(part));
        return;
    }
    const tw_str part[] = { tw_str_of(x->patient), code[0], code[1], tw_hl7_of(x, HL7_OBR, 7, 1), TW_STR("OBR-7") };
    tw_local_id(id, label, part, TW_COUNT(part));
}

static void write_notes(tw_hl7_x *x, uint32_t at)
{
    bool any = false;
    for (uint32_t i = at + 1; i < x->m.segments && tw_hl7_slot_of(x->m.segment[i].name) == HL7_NTE; i++) {
        tw_hl7_use(x, HL7_NTE, i);
        tw_str text = tw_hl7_lines(x, tw_hl7_get(x, HL7_NTE, 3));
        if (text.n == 0)
            continue;
        tw_hl7_cstr(x, any ? ",{\"text\":" : ",\"note\":[{\"text\":");
        tw_hl7_string(x, text);
        HL7_PUT(x, "}");
        any = true;
    }
    if (any)
        HL7_PUT(x, "]");
}

void tw_hl7_end_report(tw_hl7_x *x)
{
    if (!*x->report || x->status != TW_OK)
        return;
    tw_hl7_open_resource(x, "DiagnosticReport", x->report);
    tw_hl7_status(x, tw_hl7_worded(x, HL7_OBR, 25, HL7_W_REPORT_STATUS, "unknown"));
    tw_hl7_refer(x, HL7_REFERENCE("subject", "Patient"), x->patient);
    tw_hl7_refer(x, HL7_REFERENCE("encounter", "Encounter"), x->encounter);
    if (*x->request) {
        HL7_PUT(x, ",\"basedOn\":[{\"reference\":\"ServiceRequest/");
        tw_hl7_raw(x, x->request, TW_LOCAL_ID - 1);
        HL7_PUT(x, "\"}]");
    }
    tw_hl7_write_rows(x, &tw_hl7_report);
    for (uint32_t i = x->result_first; i < x->results; i++) {
        if (i == x->result_first)
            HL7_PUT(x, ",\"result\":[{\"reference\":\"Observation/");
        else
            HL7_PUT(x, ",{\"reference\":\"Observation/");
        tw_hl7_raw(x, x->result[i], TW_LOCAL_ID - 1);
        HL7_PUT(x, "\"}");
    }
    if (x->results > x->result_first)
        HL7_PUT(x, "]");
    tw_hl7_close_resource(x);
    *x->report = '\0';
}

/* The first specimen of an order bears the order's name; another one its own number as well, else its count. */
static void write_specimen(tw_hl7_x *x, const tw_hl7_rows *rows)
{
    order_id(x, x->specimen, "hl7v2 Specimen");
    if (x->specimens > 1) {
        char base[TW_LOCAL_ID], count[24];
        int n = snprintf(count, sizeof count, "#%u", x->specimens);
        tw_str own = tw_hl7_get(x, HL7_SPM, 2);
        memcpy(base, x->specimen, sizeof base);
        const tw_str part[] = { tw_str_of(base), own.n > 0 ? own : (tw_str){ count, (size_t)n } };
        tw_local_id(x->specimen, "hl7v2 Specimen", part, TW_COUNT(part));
    }
    tw_hl7_open_resource(x, "Specimen", x->specimen);
    tw_hl7_refer(x, HL7_REFERENCE("subject", "Patient"), x->patient);
    tw_hl7_write_rows(x, rows);
    tw_hl7_close_resource(x);
}

void tw_hl7_on_orc(tw_hl7_x *x, uint32_t at)
{
    tw_hl7_end_report(x);
    tw_hl7_use(x, HL7_ORC, at);
    x->slot_no[HL7_OBR] = 0;
}

/* An ORC belongs to the OBR right after it, or to several in a row. */
void tw_hl7_on_obr(tw_hl7_x *x, uint32_t at)
{
    tw_hl7_end_report(x);
    tw_hl7_use(x, HL7_OBR, at);
    order_of(x);
    *x->specimen = *x->request = '\0';
    x->specimens = 0;
    x->result_first = x->results;
    if (x->has_order) {
        order_id(x, x->request, "hl7v2 ServiceRequest");
        tw_hl7_open_resource(x, "ServiceRequest", x->request);
        tw_hl7_status(x, tw_hl7_worded(x, HL7_ORC, 5, HL7_W_ORDER_STATUS, "unknown"));
        tw_hl7_refer(x, HL7_REFERENCE("subject", "Patient"), x->patient);
        tw_hl7_refer(x, HL7_REFERENCE("encounter", "Encounter"), x->encounter);
        tw_hl7_write_rows(x, &tw_hl7_request);
        write_notes(x, at);
        tw_hl7_close_resource(x);
    }
    if (x->kind == HL7_MDM)
        return;
    order_id(x, x->report, "hl7v2 DiagnosticReport");
    if (tw_hl7_get(x, HL7_OBR, 15).n > 0)
        write_specimen(x, &tw_hl7_specimen);
}

void tw_hl7_on_spm(tw_hl7_x *x, uint32_t at)
{
    tw_hl7_use(x, HL7_SPM, at);
    if (!x->slot_no[HL7_OBR] || (x->specimens++ == 0 && *x->specimen)) /* OBR-15 told of the first */
        return;
    write_specimen(x, &tw_hl7_specimen_segment);
}

/* ---------------------------------------------------------------- results */

static tw_hl7_seen *seen_at(tw_hl7_x *x, uint64_t key)
{
    size_t i = (size_t)key & x->seen_mask;
    while (x->seen[i].key && x->seen[i].key != key)
        i = (i + 1) & x->seen_mask;
    return &x->seen[i];
}

static bool seen_start(tw_hl7_x *x)
{
    size_t n = SEEN_MIN;
    while (n < 2 * (size_t)x->m.segments)
        n *= 2;
    x->seen = tw_try_array(x->cx->arena, tw_hl7_seen, n);
    x->seen_mask = n - 1;
    x->result = tw_arena_try(x->cx->arena, (size_t)x->m.segments * TW_LOCAL_ID);
    if (x->seen && x->result)
        return true;
    x->status = tw_fail(x->cx, TW_ELIMIT, "no memory left for a message");
    return false;
}

/* Order, code and sub-id name a result; without an order: patient, code, sub-id and time (visit, when there is no
 * time). A second one of the same name in one message is told apart by its own time, else by its count. */
static bool observation_id(tw_hl7_x *x, char id[TW_LOCAL_ID])
{
    tw_str code[2], when = tw_hl7_of(x, HL7_OBX, 14, 1), sub = tw_hl7_undone(x, tw_hl7_get(x, HL7_OBX, 4));
    tw_hl7_code_parts(x, code, HL7_OBX, 3);
    bool ordered = x->slot_no[HL7_OBR] && x->has_order;
    const tw_str by_order[] = { x->order[0], x->order[1], x->order[2], code[0], code[1], sub };
    const tw_str by_time[] = { tw_str_of(x->patient), code[0], code[1], sub,
                               when.n > 0            ? when
                               : x->slot_no[HL7_OBR] ? tw_hl7_of(x, HL7_OBR, 7, 1)
                                                     : tw_str_of(x->encounter) };
    const tw_str *part = ordered ? by_order : by_time;
    size_t parts = ordered ? TW_COUNT(by_order) : TW_COUNT(by_time);
    if (!x->seen && !seen_start(x))
        return false;
    tw_local_id(id, "hl7v2 Observation", part, parts);
    uint64_t key = tw_be64((const uint8_t *)id) | 1;
    tw_hl7_seen *s = seen_at(x, key);
    if (s->key == 0) {
        *s = (tw_hl7_seen){ key, 1, when };
        return true;
    }
    char count[24];
    int n = snprintf(count, sizeof count, "#%u", s->times++);
    bool timed = when.n > 0 && !tw_str_eq(when, s->when);
    const tw_str again[] = { tw_str_of(id), timed ? when : (tw_str){ count, (size_t)n } };
    char next[TW_LOCAL_ID];
    tw_local_id(next, "hl7v2 Observation", again, TW_COUNT(again));
    memcpy(id, next, TW_LOCAL_ID);
    return true;
}

void tw_hl7_on_obx(tw_hl7_x *x, uint32_t at)
{
    char id[TW_LOCAL_ID];
    tw_hl7_use(x, HL7_OBX, at);
    if (x->slot_no[HL7_TXA])
        return; /* it stands in the document */
    bool only_status = tw_str_is(tw_hl7_of(x, HL7_OBX, 11, 1), "U") && tw_hl7_get(x, HL7_OBX, 5).n == 0;
    if (only_status || !observation_id(x, id))
        return; /* final now, value as it was sent before: nothing to say over it */
    memcpy(x->result[x->results++], id, TW_LOCAL_ID);
    tw_hl7_open_resource(x, "Observation", id);
    tw_hl7_status(x, tw_hl7_worded(x, HL7_OBX, 11, HL7_W_RESULT_STATUS, "unknown"));
    tw_hl7_refer(x, HL7_REFERENCE("subject", "Patient"), x->patient);
    tw_hl7_refer(x, HL7_REFERENCE("encounter", "Encounter"), x->encounter);
    if (x->slot_no[HL7_OBR] && *x->specimen)
        tw_hl7_refer(x, HL7_REFERENCE("specimen", "Specimen"), x->specimen);
    tw_hl7_write_rows(x, &tw_hl7_observation);
    tw_hl7_write_value(x);
    write_notes(x, at);
    tw_hl7_close_resource(x);
}

/* ---------------------------------------------------------------- documents */

static void write_parent(tw_hl7_x *x)
{
    bool appends = tw_hl7_listed("T05 T06", x->event), replaces = tw_hl7_listed("T09 T10", x->event);
    tw_str parent = tw_hl7_first(x, HL7_TXA, 13);
    char id[TW_LOCAL_ID];
    if ((!appends && !replaces) || tw_hl7_plain(x, parent, 1).n == 0)
        return;
    tw_local_id(id, "hl7v2 DocumentReference", &parent, 1);
    HL7_PUT(x, ",\"relatesTo\":[{\"code\":\"");
    tw_hl7_cstr(x, appends ? "appends" : "replaces");
    HL7_PUT(x, "\",\"target\":{\"reference\":\"DocumentReference/");
    tw_hl7_raw(x, id, TW_LOCAL_ID - 1);
    HL7_PUT(x, "\"}}]");
}

static void write_contents(tw_hl7_x *x, uint32_t at)
{
    bool first = true;
    HL7_PUT(x, ",\"content\":[");
    for (uint32_t i = tw_hl7_ahead(x, at, HL7_OBX); i; i = tw_hl7_ahead(x, i - 1, HL7_OBX)) {
        x->slot_no[HL7_OBX] = i;
        tw_hl7_write_content(x, &first);
    }
    if (first)
        HL7_PUT(x, "{\"attachment\":{\"title\":\"not sent\"}}");
    HL7_PUT(x, "]");
}

void tw_hl7_on_txa(tw_hl7_x *x, uint32_t at)
{
    char id[TW_LOCAL_ID];
    tw_hl7_use(x, HL7_TXA, at);
    tw_str given = tw_hl7_first(x, HL7_TXA, 12);
    const tw_str by_time[] = { tw_str_of(x->patient), tw_hl7_of(x, HL7_TXA, 2, 1), tw_hl7_of(x, HL7_TXA, 4, 1) };
    bool named = tw_hl7_plain(x, given, 1).n > 0;
    tw_local_id(id, "hl7v2 DocumentReference", named ? &given : by_time, named ? 1 : TW_COUNT(by_time));
    tw_hl7_open_resource(x, "DocumentReference", id);
    bool cancelled = tw_str_is(x->event, "T11");
    tw_hl7_status(x, cancelled ? "entered-in-error" : tw_hl7_worded(x, HL7_TXA, 19, HL7_W_DOCUMENT_STATUS, "current"));
    tw_hl7_refer(x, HL7_REFERENCE("subject", "Patient"), x->patient);
    tw_hl7_write_rows(x, &tw_hl7_document);
    write_parent(x);
    write_contents(x, at);
    if (*x->encounter) {
        HL7_PUT(x, ",\"context\":{\"encounter\":[{\"reference\":\"Encounter/");
        tw_hl7_raw(x, x->encounter, TW_LOCAL_ID - 1);
        HL7_PUT(x, "\"}]}");
    }
    tw_hl7_close_resource(x);
}
