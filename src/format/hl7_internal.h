/* Inside of HL7 v2 reading. */
#ifndef TW_HL7_INTERNAL_H
#define TW_HL7_INTERNAL_H

#include "format/format.h"

/* The message in UTF-8 by its MSH-18: borrowed when it needs no conversion. Not yet checked to be valid. *recoded: the
 * set is neither ASCII nor UTF-8. */
tw_status tw_hl7_charset(tw_ctx *cx, tw_str *out, bool *recoded, tw_str message, const tw_hl7_delims *d);
/* Line and column of an offset; CR, LF and CR LF end a line. */
void tw_hl7_line_of(tw_hl7_place *place, tw_str text, size_t off);

#endif
