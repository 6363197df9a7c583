/** Private to cli: errors as a person or a program reads them. */
#ifndef TW_CLI_ERRORS_H
#define TW_CLI_ERRORS_H

#include "base/base.h"

#define TW_ERROR_CODE_SIZE 8

/** "TW1030": 1000 and ten times the status, so that a status can be split later without moving the others. */
void tw_error_code(char out[TW_ERROR_CODE_SIZE], tw_status s);
/** The status of a code, in either case of letters; false when no status has it. */
bool tw_error_find(tw_status *out, const char *code);
/** What it means and what to do, one or two sentences. */
const char *tw_error_advice(tw_status s);
/** Whether the same command may succeed later without anything being changed. */
bool tw_error_retryable(tw_status s);

typedef struct {
    bool colour;
    bool where; /* also file and line of the source */
} tw_error_style;

/** Of cx->err, as status s:
 *    error[TW1030]: release: the project is not live
 *      why: refused by policy or consent
 *      try: twinward project approve ...
 *      help: twinward explain TW1030
 *  Control characters of the message are shown as '?', so that no input can steer a terminal. */
void tw_error_text(tw_buf *out, const tw_ctx *cx, tw_status s, tw_error_style style);
/** The same as one line of JSON: {"v":1,"error":{"code","message","why","hint","retryable","exit"}} */
void tw_error_json(tw_buf *out, const tw_ctx *cx, tw_status s);

#endif
