/** What the JSON files of this room share. */
#ifndef TW_FORMAT_JSON_INTERNAL_H
#define TW_FORMAT_JSON_INTERNAL_H

#include "format/format.h"

/** The walk alone, without simdjson. slow: every byte is checked here (places of errors, and a second opinion in
 * tests); else the text must already be valid JSON. */
TW_NODISCARD tw_status tw_json_parse_checked(tw_ctx *cx, tw_json *out, tw_str text, const tw_json_limits *limits,
                                             bool slow);

/** Four hex digits of a \u escape to a UTF-16 unit. */
bool tw_json_unit(uint32_t *unit, const char *p, size_t n);

/** Escapes to UTF-8. out: room for s.n bytes; returns the bytes written. s: the inside of a valid string. */
size_t tw_json_decode(char *out, tw_str s);

#endif
