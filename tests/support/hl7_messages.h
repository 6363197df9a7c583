/** Messages of a file of HL7 v2, for tests and benchmarks: a cut that knows nothing of the reader's. */
#ifndef TW_HL7_MESSAGES_H
#define TW_HL7_MESSAGES_H

#include "base/base.h"

static inline bool hl7_line_begins(tw_str s, size_t i)
{
    return i == 0 || s.p[i - 1] == '\n' || s.p[i - 1] == '\r' || s.p[i - 1] == '\x0b';
}

/** Next message of *rest: from MSH at the beginning of a line up to the next one, an end of frame or of a batch. */
static inline bool hl7_next_message(tw_str *out, tw_str *rest)
{
    size_t from = 0, to;
    while (from + 3 <= rest->n && !(memcmp(rest->p + from, "MSH", 3) == 0 && hl7_line_begins(*rest, from)))
        from++;
    if (from + 3 > rest->n)
        return false;
    for (to = from + 1; to < rest->n; to++) {
        tw_str here = { rest->p + to, rest->n - to };
        if (*here.p == '\x1c' || *here.p == '\x0b' ||
            (hl7_line_begins(*rest, to) && (tw_str_starts(here, "MSH") || tw_str_starts(here, "BTS"))))
            break;
    }
    *out = (tw_str){ rest->p + from, to - from };
    *rest = (tw_str){ rest->p + to, rest->n - to };
    return true;
}

#endif
