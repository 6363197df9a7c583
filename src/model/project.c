/* Purposes and bodies of projects as protobuf, in canonical form as policies are. */
#include "model/model.h"

#include <policy.pb-c.h>

#include "model/model_internal.h"
#include "model/wire_internal.h"

static const char *const purpose_names[TW_PURPOSE_COUNT] = { "NONE", "GRU", "HMB", "DS", "POA", "MDS", "CC" };

const char *tw_purpose_name(tw_purpose_type t)
{
    TW_ASSERT((unsigned)t < TW_PURPOSE_COUNT);
    return purpose_names[t];
}

/* ---------------------------------------------------------------- what makes sense */

static bool text_ok(tw_str s)
{
    return s.n <= TW_TEXT_MAX && (s.n == 0 || (memchr(s.p, 0, s.n) == NULL && tw_utf8_valid(s)));
}

static bool facts_ok(const tw_purpose *p)
{
#define X(fact) p->fact,
    const tw_tri facts[] = { TW_PURPOSE_FACTS(X) };
#undef X
    for (size_t i = 0; i < TW_COUNT(facts); i++)
        if (facts[i] < -1 || facts[i] > 1)
            return false;
    return true;
}

tw_status tw_purpose_check(tw_ctx *cx, const tw_purpose *p)
{
    if ((unsigned)p->type >= TW_PURPOSE_COUNT || (unsigned)p->organisation > TW_ORG_COMMERCIAL || !facts_ok(p))
        return tw_fail(cx, TW_EPARSE, "purpose: a kind or fact out of range");
    if (p->diseases.count > TW_LIST_MAX)
        return tw_fail(cx, TW_EPARSE, "purpose: more than %d diseases", TW_LIST_MAX);
    for (size_t i = 0; i < p->diseases.count; i++)
        if (p->diseases.item[i].n == 0 || !text_ok(p->diseases.item[i]))
            return tw_fail(cx, TW_EPARSE, "purpose: disease %zu is empty, too long or not UTF-8", i + 1);
    if (!text_ok(p->country) || !text_ok(p->institution) || !text_ok(p->user) || !text_ok(p->project))
        return tw_fail(cx, TW_EPARSE, "purpose: a name is too long or not UTF-8");
    if (p->publish_from_s > TW_TIME_MAX || p->use_until_s > TW_TIME_MAX)
        return tw_fail(cx, TW_EPARSE, "purpose: a time is past the year 9999");
    return TW_OK;
}

static tw_status check_project(tw_ctx *cx, const tw_project *p)
{
    TW_TRY(tw_purpose_check(cx, &p->purpose));
    if (p->categories == 0 || (p->categories & ~(uint32_t)TW_CAT_ALL))
        return tw_fail(cx, TW_EPARSE, "project: no category, or one that is not known");
    if (p->epoch_first > p->epoch_last)
        return tw_fail(cx, TW_EPARSE, "project: epochs %u to %u", (unsigned)p->epoch_first, (unsigned)p->epoch_last);
    if (p->from_s >= p->until_s)
        return tw_fail(cx, TW_EPARSE, "project: its period is empty");
    if (p->from_s > TW_TIME_MAX || (p->until_s > TW_TIME_MAX && p->until_s != UINT64_MAX))
        return tw_fail(cx, TW_EPARSE, "project: a time is past the year 9999");
    return TW_OK;
}

/* ---------------------------------------------------------------- bytes */

static void put_purpose(tw_ctx *cx, Twinward__V1__Purpose *m, const tw_purpose *p)
{
    m->type = (uint32_t)p->type;
    m->n_diseases = p->diseases.count;
    m->diseases = tw_wire_list(cx, &p->diseases);
    m->organisation = (uint32_t)p->organisation;
#define X(fact) m->fact = (uint32_t)(p->fact + 1);
    TW_PURPOSE_FACTS(X)
#undef X
    m->country = tw_wire_text(cx, p->country);
    m->institution = tw_wire_text(cx, p->institution);
    m->user = tw_wire_text(cx, p->user);
    m->project = tw_wire_text(cx, p->project);
    m->publish_from_s = p->publish_from_s;
    m->use_until_s = p->use_until_s;
}

tw_status tw_project_encode(tw_ctx *cx, tw_bytes *out, const tw_project *p)
{
    TW_TRY(check_project(cx, p));
    Twinward__V1__Purpose purpose;
    twinward__v1__purpose__init(&purpose);
    put_purpose(cx, &purpose, &p->purpose);
    tw_project copy = *p; /* protobuf-c takes pointers without const */
    Twinward__V1__Project m;
    twinward__v1__project__init(&m);
    m.purpose = &purpose;
    m.categories = p->categories;
    m.epoch_first = p->epoch_first;
    m.epoch_last = p->epoch_last;
    m.from_s = p->from_s;
    m.until_s = p->until_s;
    m.ethics_hash = (ProtobufCBinaryData){ sizeof copy.ethics_hash, copy.ethics_hash };
    m.b = (ProtobufCBinaryData){ sizeof copy.b, copy.b };
    m.r = (ProtobufCBinaryData){ sizeof copy.r, copy.r };
    return tw_wire_pack(cx, out, &m.base, "project");
}

static tw_status read_purpose(tw_ctx *cx, tw_purpose *out, const Twinward__V1__Purpose *m)
{
    if (m->type >= TW_PURPOSE_COUNT || m->organisation > TW_ORG_COMMERCIAL)
        return tw_fail(cx, TW_EPARSE, "purpose: a kind out of range");
    out->type = (tw_purpose_type)m->type;
    out->organisation = (tw_organisation)m->organisation;
#define X(fact)                                                                                    \
    if (m->fact > 2)                                                                               \
        return tw_fail(cx, TW_EPARSE, "purpose: " #fact " out of range");                          \
    out->fact = (tw_tri)((int)m->fact - 1);
    TW_PURPOSE_FACTS(X)
#undef X
    out->country = tw_str_of(m->country);
    out->institution = tw_str_of(m->institution);
    out->user = tw_str_of(m->user);
    out->project = tw_str_of(m->project);
    out->publish_from_s = m->publish_from_s;
    out->use_until_s = m->use_until_s;
    return tw_wire_read_list(cx, &out->diseases, m->diseases, m->n_diseases);
}

static tw_status read_32(tw_ctx *cx, uint8_t out[32], ProtobufCBinaryData in)
{
    if (in.len != 32)
        return tw_fail(cx, TW_EPARSE, "project: a key or hash of %zu bytes", in.len);
    memcpy(out, in.data, 32);
    return TW_OK;
}

static tw_status read_project(tw_ctx *cx, tw_project *out, const Twinward__V1__Project *m)
{
    if (!m->purpose || m->epoch_first > UINT16_MAX || m->epoch_last > UINT16_MAX)
        return tw_fail(cx, TW_EPARSE, "project: no purpose, or an epoch out of range");
    TW_TRY(read_purpose(cx, &out->purpose, m->purpose));
    out->categories = m->categories;
    out->epoch_first = (uint16_t)m->epoch_first;
    out->epoch_last = (uint16_t)m->epoch_last;
    out->from_s = m->from_s;
    out->until_s = m->until_s;
    TW_TRY(read_32(cx, out->ethics_hash, m->ethics_hash));
    TW_TRY(read_32(cx, out->b, m->b));
    return read_32(cx, out->r, m->r);
}

tw_status tw_project_decode(tw_ctx *cx, tw_project *out, tw_bytes in)
{
    *out = (tw_project){ 0 };
    ProtobufCMessage *m;
    TW_TRY(tw_wire_unpack(cx, &m, &twinward__v1__project__descriptor, in, "project"));
    TW_TRY(read_project(cx, out, (const Twinward__V1__Project *)m));
    tw_bytes again;
    TW_TRY(tw_project_encode(cx, &again, out));
    if (!tw_bytes_eq(again, in))
        return tw_fail(cx, TW_EPARSE, "project: not in canonical form");
    return TW_OK;
}

void tw_project_id(tw_id *out, const tw_id *grantee, tw_bytes body)
{
    const tw_bytes fields[] = { tw_id_bytes(grantee), body };
    tw_hash_label(out->b, "tw/project/1", fields, TW_COUNT(fields));
}
