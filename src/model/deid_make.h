/** The one door to a tw_deid. Included by src/deid/gate.c and src/model/record.c only; scripts/check proves it. */
#ifndef TW_DEID_MAKE_H
#define TW_DEID_MAKE_H

#include "model/model.h"

/** Copies the line into the arena. `type` is a FHIR resource type name. */
tw_deid *tw_deid_make(tw_ctx *cx, tw_bytes line, tw_category category, tw_str type);

#endif
