/* Any bytes as an XML document, and as a C-CDA document. Must hold: a document that parses, written and parsed again,
 * is equal, and is written the same a third time; elements lie inside each other; what fuzz_decoder says, for the
 * decoder of C-CDA. */
#include "decoder.h"

static tw_bytes written(tw_ctx *cx, const tw_xml *d)
{
    tw_buf b;
    tw_buf_init(&b, 16 * TW_MIB);
    tw_xml_write(&b, d);
    return fuzz_taken(cx, &b);
}

static void check_tree(tw_ctx *cx, const tw_xml *d)
{
    for (uint32_t i = 0; i < d->n; i++) {
        const tw_xml_elem *e = &d->elem[i];
        FUZZ_CHECK(e->next > i && e->next <= d->n && (uint64_t)e->attr + e->attrs <= d->attr_n);
        FUZZ_CHECK(i == 0 ? e->parent == TW_XML_NONE : e->parent < i && d->elem[e->parent].next >= e->next);
        FUZZ_CHECK(tw_utf8_valid(e->text) && tw_utf8_valid(e->name));
        FUZZ_CHECK(tw_xml_where(cx, d, i).n <= 240);
    }
}

/* expat takes some letters for names in Latin-1 that it refuses in UTF-8. */
static bool ascii_names(const tw_xml *d)
{
    for (uint32_t i = 0; i < d->n + d->attr_n; i++) {
        tw_str name = i < d->n ? d->elem[i].name : d->attr[i - d->n].name;
        for (size_t k = 0; k < name.n; k++)
            if ((unsigned char)name.p[k] >= 0x80)
                return false;
    }
    return true;
}

static void document(tw_bytes in)
{
    tw_ctx cx;
    tw_xml d, again;
    tw_xml_place place = { 0 };
    tw_xml_limits limits = { .depth_max = 64, .elements_max = 4096 };
    fuzz_begin(&cx, 64 * TW_MIB);
    if (tw_xml_parse(&cx, &d, &place, tw_str_of_bytes(in), &limits) == TW_OK) {
        check_tree(&cx, &d);
        tw_bytes bytes = written(&cx, &d);
        if (tw_xml_parse(&cx, &again, NULL, tw_str_of_bytes(bytes), &limits) == TW_OK)
            FUZZ_CHECK(tw_xml_equal(&d, &again) && tw_bytes_eq(bytes, written(&cx, &again)));
        else
            FUZZ_CHECK(!ascii_names(&d));
    } else {
        fuzz_error_clean(&cx, in);
    }
    tw_ctx_done(&cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_sources_opts opts = { .document_bytes_max = TW_MIB, .zone = TW_STR("EST5EDT,M3.2.0,M11.1.0") };
    tw_bytes in = { data, size };
    document(in);
    fuzz_decoder(&tw_decoder_ccda, &opts, TW_STR("file.xml"), in, false);
    return 0;
}
