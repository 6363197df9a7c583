/* simdjson's DOM parser as a validator: UTF-8, grammar, numbers in range. Only API that 3.0 and 3.12 share. The spans
 * of the tokens come from json.c, because the DOM keeps no offsets of strings into the source. */
#include "format/json_shim.h"

#include <cstring>

#include <simdjson.h>

extern "C" int tw_json_shim_validate(const char *p, size_t n)
{
    try {
        static thread_local simdjson::dom::parser kept; /* its memory serves the next small document */
        simdjson::dom::parser own;
        simdjson::dom::parser &parser = n <= TW_JSON_SHIM_KEPT ? kept : own;
        simdjson::error_code err = simdjson::SUCCESS;
        if (parser.capacity() < n || parser.max_depth() != TW_JSON_SHIM_DEPTH)
            err = parser.allocate(n <= TW_JSON_SHIM_KEPT ? TW_JSON_SHIM_KEPT : n, TW_JSON_SHIM_DEPTH);
        if (err)
            return TW_JSON_SHIM_MEMORY;
        err = parser.parse(reinterpret_cast<const uint8_t *>(p), n, true).error();
        if (err == simdjson::MEMALLOC || err == simdjson::UNINITIALIZED)
            return TW_JSON_SHIM_MEMORY;
        return err ? TW_JSON_SHIM_BAD : TW_JSON_SHIM_OK;
    } catch (...) { /* what() may carry a patient's text, so it is not repeated */
        return TW_JSON_SHIM_MEMORY;
    }
}
