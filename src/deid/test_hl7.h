/** Helpers of the tests of HL7 v2: one message in, one out. */
#ifndef TW_TEST_DEID_HL7_H
#define TW_TEST_DEID_HL7_H

#include "test.h"

#include "deid/hl7_internal.h"
#include "text_test.h"

static const uint8_t project_key[32] = { 9 };
static tw_doc_opts opts;
static tw_doc_work *work;
static tw_text_model *model;

/** A room of its own under a profile. text: with a text engine whose words are few and which has learnt nothing, so
 * that patterns, cues and what is known do the work; tags in the place of what it finds. */
static inline void begin(const char *profile, bool text)
{
    tw_profile *p = NULL;
    assert_ok(tw_profile_builtin(cx, &p, tw_str_of(profile)));
    if (text)
        assert_ok(tw_text_model_parse(
            cx, &model, text_test_model(cx, 0.5, text_test_english, TW_COUNT(text_test_english), NULL, 0)));
    opts = (tw_doc_opts){ .profile = p, .key = project_key, .text = model, .text_strict = true };
    opts.text_tags = true;
    opts.reference_day = tw_days_from_civil(2026, 1, 1);
    assert_ok(tw_doc_work_new(cx, &work, &opts));
}

static inline void end(void)
{
    tw_profile *p = (tw_profile *)(uintptr_t)opts.profile;
    tw_doc_work_free(work);
    tw_text_model_free(model);
    tw_profile_free(p);
    model = NULL;
}

static inline tw_status try_message(tw_str *out, tw_str message)
{
    tw_buf b;
    tw_buf_init(&b, 64 * TW_MIB);
    tw_status s = tw_deid_hl7(cx, &b, work, message);
    *out = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

static inline tw_str through(const char *message)
{
    tw_str out;
    assert_ok(try_message(&out, tw_str_of(message)));
    return out;
}

/** Segment n (from 1) of that name in a message, without its end; "" when there is none. */
static inline tw_str segment_of(tw_str message, const char *name, int n)
{
    for (tw_str line; tw_str_split(&line, &message, '\r');)
        if (tw_str_starts(line, name) && --n == 0)
            return line;
    return TW_STR("");
}

/** Its field n. */
static inline tw_str field_of(tw_str message, const char *name, unsigned n)
{
    return tw_hl7_part(segment_of(message, name, 1), '|', n + 1);
}

#define MSH "MSH|^~\\&|LAB|H1|||20240301120000||ORU^R01^ORU_R01|77|P|2.5.1\r"
#define PID "PID|1||4711^^^H1^MR||Quxley^Zaphra||19610203|F\r"

/** `segment` in a message of its own. */
static inline tw_str segment_out(const char *segment)
{
    const char *message = tw_strf(cx->arena, MSH PID "%s\r", segment).p;
    return segment_of(through(message), tw_strf(cx->arena, "%.3s", segment).p, 1);
}

/** `segment` becomes `want`. */
static inline void becomes(const char *want, const char *segment)
{
    assert_str(want, segment_out(segment));
}

#endif
