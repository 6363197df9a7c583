/* A message as a Bundle: its segments in order, each with the resources that the map makes of it.
 *
 * Who: a PID begins a patient; all that follows up to the next PID is his. Identity: what the sender calls a record;
 * see the functions *_id below. Nothing of MSH and EVN stands in a resource, so that a message that is sent twice says
 * the same twice. */
#include "sources/hl7_map.h"

typedef void (*segment_fn)(tw_hl7_x *x, uint32_t at);

/* ---------------------------------------------------------------- events */

static const struct {
    const char *type;
    const char *events; /* parted by blanks */
    tw_hl7_message_kind kind;
} messages[] = {
    { "ADT",
      "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A11 A12 A13 A14 A15 A16 A18 A21 A22 A23 A25 A26 A27 A28 A30 A31 A32 "
      "A33 A34 A36 A38 A39 A40 A47 A53 A54 A55 A60",
      HL7_ADT },
    { "ORU", "R01 R30 R31 R32", HL7_ORU },
    { "MDM", "T01 T02 T03 T04 T05 T06 T07 T08 T09 T10 T11", HL7_MDM },
};

/* ---------------------------------------------------------------- the message */

static const segment_fn on_segment[HL7_SLOTS] = {
    [HL7_PID] = tw_hl7_on_pid, [HL7_PV1] = tw_hl7_on_pv1, [HL7_NK1] = tw_hl7_on_nk1, [HL7_GT1] = tw_hl7_on_gt1,
    [HL7_IN1] = tw_hl7_on_in1, [HL7_AL1] = tw_hl7_on_al1, [HL7_DG1] = tw_hl7_on_dg1, [HL7_ORC] = tw_hl7_on_orc,
    [HL7_OBR] = tw_hl7_on_obr, [HL7_OBX] = tw_hl7_on_obx, [HL7_TXA] = tw_hl7_on_txa, [HL7_SPM] = tw_hl7_on_spm,
};

static tw_status bad_header(tw_hl7_x *x, const char *path, const char *rule)
{
    *x->place = (tw_place){ 0, 0, tw_str_of(path) };
    return tw_fail(x->cx, TW_EPARSE, "%s", rule);
}

static tw_status check_header(tw_hl7_x *x)
{
    const tw_hl7_segment *msh = &x->m.segment[0];
    char c = x->m.delims.component;
    tw_str type = tw_hl7_field(&x->m, msh, 9), version = tw_hl7_part(tw_hl7_field(&x->m, msh, 12), c, 1);
    tw_str mode = tw_hl7_part(tw_hl7_field(&x->m, msh, 11), c, 1);
    tw_str name = tw_hl7_part(type, c, 1);
    if (version.n > 0 && !tw_str_starts(version, "2."))
        return bad_header(x, "MSH-12", "a version other than 2");
    if (tw_str_is(mode, "D") || tw_str_is(mode, "T"))
        return bad_header(x, "MSH-11", "a message of a test or training system");
    if (tw_hl7_field(&x->m, msh, 14).n > 0)
        return bad_header(x, "MSH-14", "a fragment of a message; fragments are not joined");
    x->event = tw_hl7_part(type, c, 2);
    if (x->event.n == 0 && x->m.segments > 1 && memcmp(x->m.segment[1].name, "EVN", 3) == 0)
        x->event = tw_hl7_part(tw_hl7_field(&x->m, &x->m.segment[1], 1), c, 1);
    if (x->event.n == 0 && tw_str_is(name, "ORU")) /* 2.1 and 2.2 name the event nowhere: there is one */
        x->event = TW_STR("R01");
    for (size_t i = 0; i < TW_COUNT(messages); i++) {
        if (!tw_str_is(name, messages[i].type) || !tw_hl7_listed(messages[i].events, x->event))
            continue;
        x->kind = messages[i].kind;
        bool adt = x->kind == HL7_ADT;
        x->merges = adt && tw_hl7_listed("A18 A30 A34 A36 A39 A40 A47", x->event);
        x->reopens = adt && tw_str_is(x->event, "A13");
        return TW_OK;
    }
    return bad_header(x, "MSH-9", "a type of message that is not read");
}

/* HL7 v2.8.2 section 2.14.9.7: an offset in MSH-7 is that of all times of the message that have none. */
static void set_zone(tw_hl7_x *x)
{
    tw_when t;
    x->zone = x->file->zone;
    tw_str sent = tw_hl7_part(tw_hl7_field(&x->m, &x->m.segment[0], 7), x->m.delims.component, 1);
    if (!x->file->zoned && tw_when_hl7(&t, sent) && t.has_offset)
        x->zone = (tw_zone){ .standard_s = t.offset_min * 60 };
}

static tw_status walk(tw_hl7_x *x)
{
    for (uint32_t i = 1; i < x->m.segments && x->status == TW_OK; i++) {
        const char *name = x->m.segment[i].name;
        tw_hl7_slot slot = tw_hl7_slot_of(name);
        if (memcmp(name, "DSC", 3) == 0) {
            *x->place = (tw_place){ i, 0, TW_STR("DSC-1") };
            return tw_fail(x->cx, TW_EPARSE, "the message goes on in another one; fragments are not joined");
        }
        if (!on_segment[slot])
            continue;
        if (slot != HL7_PID && !x->slot_no[HL7_PID]) {
            *x->place = (tw_place){ i, 0, TW_STR("PID") };
            return tw_fail(x->cx, TW_EPARSE, "a segment of a patient before any PID");
        }
        if (slot == HL7_PID)
            tw_hl7_end_report(x);
        *x->place = (tw_place){ i, 0, { name, 3 } };
        on_segment[slot](x, i);
    }
    tw_hl7_end_report(x);
    if (x->status == TW_OK && !x->any) {
        *x->place = (tw_place){ 0, 0, TW_STR("PID") };
        return tw_fail(x->cx, TW_EPARSE, "no PID");
    }
    return x->status;
}

/* The message inside an MLLP block; a trailer of a batch is here only because it counts wrongly. */
static tw_status take_message(tw_ctx *cx, tw_str *message, tw_place *place, tw_str unit)
{
    *place = (tw_place){ 0, 0, TW_STR("MSH") };
    if (tw_str_starts(unit, "BTS") || tw_str_starts(unit, "FTS")) {
        place->path = unit.p[0] == 'B' ? TW_STR("BTS-1") : TW_STR("FTS-1");
        return tw_fail(cx, TW_EPARSE, "the trailer counts otherwise than the batch");
    }
    bool block = unit.n > 0 && unit.p[0] == '\x0b';
    bool ended = unit.n > 0 && unit.p[unit.n - 1] == '\x1c';
    if (block && !ended) {
        place->path = TW_STR("MLLP");
        return tw_fail(cx, TW_EPARSE, "the block has no end (0x1C 0x0D)");
    }
    *message = (tw_str){ unit.p + block, unit.n - block - ended };
    return TW_OK;
}

tw_status tw_hl7_bundle(tw_ctx *cx, tw_buf *json, tw_place *place, const void *file, tw_str unit)
{
    tw_hl7_x x = { .cx = cx, .out = json, .place = place, .file = file };
    tw_hl7_place at;
    tw_str message;
    TW_TRY(take_message(cx, &message, place, unit));
    if (tw_hl7_parse(cx, &x.m, &at, message) != TW_OK) {
        *place = (tw_place){ at.line, at.column, tw_str_of(at.path) };
        return cx->err.code;
    }
    TW_TRY(check_header(&x));
    set_zone(&x);
    HL7_PUT(&x, "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[");
    TW_TRY(walk(&x));
    HL7_PUT(&x, "]}");
    return tw_buf_check(cx, json, "a Bundle");
}
