/** The one door to a tw_sealed. Included by rooms seal and model only; scripts/check proves it. */
#ifndef TW_SEAL_MAKE_H
#define TW_SEAL_MAKE_H

#include "model/model.h"

/** Borrows both; they live in the arena of `cx`. */
tw_sealed *tw_sealed_make(tw_ctx *cx, tw_bytes leaf, tw_bytes object);

#endif
