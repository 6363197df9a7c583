/** Border to simdjson: plain bytes in, a number out. No exception, allocator or C++ type crosses. */
#ifndef TW_FORMAT_JSON_SHIM_H
#define TW_FORMAT_JSON_SHIM_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Nesting that simdjson itself refuses; our own limit is lower. */
#define TW_JSON_SHIM_DEPTH 1024
/** Documents up to this size are read with memory that a thread keeps. */
#define TW_JSON_SHIM_KEPT 65536

enum {
    TW_JSON_SHIM_OK = 0,
    TW_JSON_SHIM_BAD = 1,    /* not one JSON document in UTF-8 */
    TW_JSON_SHIM_MEMORY = 2, /* the library could not get memory or gave up */
};

int tw_json_shim_validate(const char *p, size_t n);

#ifdef __cplusplus
}
#endif
#endif
