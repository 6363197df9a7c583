/** A record as if it had passed the gate, for tests of the rooms behind the gate. */
#ifndef TW_DEID_TEST_H
#define TW_DEID_TEST_H

#include "test.h"

#include "model/deid_make.h"
#include "model/model.h"

static inline tw_deid *deid_of(const char *line, tw_category category)
{
    return tw_deid_make(cx, tw_bytes_of(tw_str_of(line)), category, TW_STR("Observation"));
}

#endif
