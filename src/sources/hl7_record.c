/* Segments found, resources begun and ended: what all kinds of records share. */
#include "sources/hl7_map.h"

bool tw_hl7_listed(const char *list, tw_str word)
{
    tw_str rest = tw_str_of(list), one;
    while (tw_str_split(&one, &rest, ' '))
        if (tw_str_eq(one, word))
            return true;
    return false;
}

/* ---------------------------------------------------------------- segments */

tw_hl7_slot tw_hl7_slot_of(const char *name)
{
    static const char names[HL7_OTHER][4] = { "PID", "PD1", "MRG", "PV1", "PV2", "NK1", "GT1", "IN1",
                                              "AL1", "DG1", "ORC", "OBR", "OBX", "NTE", "TXA", "SPM" };
    for (size_t i = 0; i < HL7_OTHER; i++)
        if (memcmp(name, names[i], 3) == 0)
            return (tw_hl7_slot)i;
    return HL7_OTHER;
}

/* First segment of the kind after `at`, of the same patient and, past a PV1, of the same visit, OBX of the same
 * document; 0 none, else its position plus one. */
uint32_t tw_hl7_ahead(const tw_hl7_x *x, uint32_t at, tw_hl7_slot slot)
{
    bool visit = slot == HL7_PV2 || slot == HL7_DG1;
    for (uint32_t i = at + 1; i < x->m.segments; i++) {
        tw_hl7_slot s = tw_hl7_slot_of(x->m.segment[i].name);
        if (s == slot)
            return i + 1;
        if (s == HL7_PID || (visit && s == HL7_PV1) || (slot == HL7_OBX && s == HL7_TXA))
            break;
    }
    return 0;
}

void tw_hl7_use(tw_hl7_x *x, tw_hl7_slot slot, uint32_t at)
{
    x->slot_no[slot] = at + 1;
}

/* ---------------------------------------------------------------- resources */

void tw_hl7_open_resource(tw_hl7_x *x, const char *type, const char *id)
{
    if (x->any)
        HL7_PUT(x, ",");
    x->any = true;
    HL7_PUT(x, "{\"resource\":{\"resourceType\":\"");
    tw_hl7_cstr(x, type);
    if (*id) {
        HL7_PUT(x, "\",\"id\":\"");
        tw_hl7_raw(x, id, TW_LOCAL_ID - 1);
    }
    HL7_PUT(x, "\"");
}

void tw_hl7_close_resource(tw_hl7_x *x)
{
    HL7_PUT(x, "}}");
}

/* lead: ",\"subject\":{\"reference\":\"Patient/" */
void tw_hl7_refer(tw_hl7_x *x, const char *lead, const char *id)
{
    if (!*id)
        return;
    tw_hl7_cstr(x, lead);
    tw_hl7_raw(x, id, TW_LOCAL_ID - 1);
    HL7_PUT(x, "\"}");
}

void tw_hl7_status(tw_hl7_x *x, const char *code)
{
    HL7_PUT(x, ",\"status\":\"");
    tw_hl7_cstr(x, code);
    HL7_PUT(x, "\"");
}

const char *tw_hl7_worded(tw_hl7_x *x, tw_hl7_slot slot, uint32_t field, tw_hl7_vocabulary v, const char *otherwise)
{
    const tw_hl7_word *w = tw_hl7_word_find(v, tw_hl7_plain(x, tw_hl7_get(x, slot, field), 1));
    return w ? w->to : otherwise;
}

tw_str tw_hl7_first(const tw_hl7_x *x, tw_hl7_slot slot, uint32_t field)
{
    return tw_hl7_part(tw_hl7_get(x, slot, field), x->m.delims.repetition, 1);
}

tw_str tw_hl7_of(tw_hl7_x *x, tw_hl7_slot slot, uint32_t field, uint32_t component)
{
    return tw_hl7_plain(x, tw_hl7_first(x, slot, field), component);
}

/* Code and system of a CWE; its text when it has no code. */
void tw_hl7_code_parts(tw_hl7_x *x, tw_str out[2], tw_hl7_slot slot, uint32_t field)
{
    tw_str rep = tw_hl7_first(x, slot, field);
    out[0] = tw_hl7_plain(x, rep, 1);
    out[1] = tw_hl7_plain(x, rep, 3);
    if (out[0].n == 0)
        out[0] = tw_hl7_plain(x, rep, 2);
}
