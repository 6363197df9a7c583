/** What tests of HL7 v2 share: a message decoded, and its resources looked at. */
#ifndef TW_TEST_HL7_H
#define TW_TEST_HL7_H

#include "test.h"

#include "sources/decode.h"

#define MSH(type) "MSH|^~\\&|LAB|H|TW|HUB|20240102030405||" type "|M1|P|2.5.1\r"
#define PID "PID|1||77^^^H^MR||Doe^Jane\r"
#define WHO "\"subject\":{\"reference\":\"Patient/ID\"}"

static const tw_decoder *const hl7 = &tw_decoder_hl7v2;
static void *file;
static tw_buf json;
static tw_place place;

TW_UNUSED static void opened(const char *zone, const char *mrn_system, tw_str head)
{
    size_t consumed;
    tw_sources_opts opts = { .zone = tw_str_of(zone), .mrn_system = tw_str_of(mrn_system) };
    hl7->close(file);
    assert_ok(hl7->open(cx, &file, &consumed, &opts, TW_STR("a.hl7"), head));
}

TW_UNUSED static tw_status decode(tw_str message)
{
    if (!file)
        opened("", "", TW_STR("MSH|^~\\&|\r"));
    tw_buf_done(&json);
    tw_buf_init(&json, 64 * TW_MIB);
    place = (tw_place){ 0 };
    return hl7->bundle(cx, &json, &place, file, message);
}

TW_UNUSED static void done(void)
{
    hl7->close(file);
    file = NULL;
    tw_buf_done(&json);
}

TW_UNUSED static void decoded(const char *message)
{
    assert_ok(decode(tw_str_of(message)));
}

TW_UNUSED static void dead(const char *path, const char *message)
{
    tw_err_clear(cx);
    assert_status(TW_EPARSE, decode(tw_str_of(message)));
    assert_str(path, place.path);
    assert_true(cx->err.msg[0] != '\0');
}

/* The n-th resource of a type as it was written; NULL: there is none. */
TW_UNUSED static tw_str resource(const char *type, int n)
{
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, tw_str_of_bytes(tw_buf_view(&json)), NULL));
    uint32_t entries = tw_json_get(&d, 0, "entry");
    for (uint32_t e = tw_json_first(&d, entries); e != TW_JSON_NONE; e = tw_json_next(&d, entries, e)) {
        uint32_t r = tw_json_get(&d, e, "resource");
        if (tw_json_is(&d, tw_json_get(&d, r, "resourceType"), type) && n-- == 0)
            return tw_json_raw(&d, r);
    }
    return (tw_str){ NULL, 0 };
}

TW_UNUSED static int count(const char *type)
{
    int n = 0;
    while (resource(type, n).p)
        n++;
    return n;
}

TW_UNUSED static tw_str id_of(const char *type, int n)
{
    tw_str r = resource(type, n);
    assert_non_null(r.p);
    size_t at = tw_str_find(r, TW_STR("\"id\":\""));
    assert_true(at != SIZE_MAX);
    return tw_str_dup(cx->arena, (tw_str){ r.p + at + 6, 40 });
}

TW_UNUSED static bool hex40(const char *p)
{
    return strspn(p, "0123456789abcdef") >= 40;
}

/* Members after resourceType and id, ids written as ID. */
TW_UNUSED static const char *members(const char *type, int n)
{
    char *p = tw_cstr(cx->arena, resource(type, n)), *out = p, *to = p;
    for (; *p; p++) {
        if (hex40(p)) {
            memcpy(to, "ID", 2);
            to += 2;
            p += 39;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
    const char *lead = "\"id\":\"ID\",";
    char *at = strstr(out, lead);
    return at ? at + strlen(lead) : out;
}

#endif
