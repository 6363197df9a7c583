/* The generator's other formats: a FHIR resource, as it was just written, is told again as an HL7 v2 message, a row of
 * a table, or an entry of a C-CDA document. What a format does not carry is left out; what it garbles is garbled here.
 */
#ifndef TW_SYNTH_OTHER_H
#define TW_SYNTH_OTHER_H

#include "sources/decode.h"
#include "sources/synth_internal.h"

/* What a resource says, format aside. Empty: not said. Times as FHIR writes them. */
typedef struct {
    tw_str type, id, status;
    tw_str number; /* of the patient, as this record has it */
    tw_coded code[2];
    tw_str text; /* beside the codes, or the conclusion, or a note's text */
    tw_str remark;
    tw_str from, to;
    tw_str value, unit;
    tw_coded answer;
    tw_str visit; /* id of the Encounter */
    tw_str setting; /* class of an Encounter */
    struct {
        tw_coded code;
        tw_str value, unit;
    } part[2];
    size_t parts;
    tw_str lot, cover;
} tw_synth_record;

/* From the resource at hand; text lives with the person. */
tw_synth_record tw_synth_record_of(tw_desk *d);

/* A time as its parts and as the hospital's clock showed it. */
tw_when tw_synth_when(tw_str fhir);
/* "-0400", or "-04:00" with a colon between. */
tw_str tw_synth_offset(tw_arena *a, const tw_when *t, const char *between);

/* Each writes the record where its format has it; false: the format has no place for it. */
bool tw_synth_say_hl7(tw_desk *d, const tw_synth_record *r, unsigned flags);
bool tw_synth_say_row(tw_desk *d, const tw_synth_record *r, unsigned flags);
bool tw_synth_say_ccda(tw_desk *d, const tw_synth_record *r, unsigned flags);

/* The bytes of a person's file in this format, and its name's end. */
tw_status tw_synth_put_ccda(tw_desk *d, tw_str number, const tw_bytes entries[TW_SYNTH_SECTIONS], bool torn);
/* The tables of a hospital and the mapping that reads them. */
tw_status tw_synth_put_tables(tw_synth *y, tw_synth_hospital *h);
void tw_synth_start_tables(tw_synth_hospital *h);
/* The other number is this person's too. */
void tw_synth_merge_hl7(tw_desk *d, tw_str old_number);
void tw_synth_torn_hl7(tw_desk *d);

/* UTF-8 to ISO 8859-1, appended; what it lacks becomes '?'. */
void tw_synth_latin1(tw_buf *out, tw_str utf8);

#endif
