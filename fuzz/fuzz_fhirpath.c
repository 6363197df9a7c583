/* An expression up to the first line end, then a FHIR resource (none: one of our own). Must hold: the expression is
 * refused with a message, or becomes a program; the program gives items of the tree, and the same ones again, or ends
 * with a message without a value; the tree, written and read again, is the same tree. */
#include "support.h"

#include "fhir/fhir.h"

static tw_fhir_schema *schema;

static const char own[] =
    "{\"resourceType\":\"Patient\",\"id\":\"p\",\"active\":true,\"name\":[{\"use\":\"usual\",\"family\":\"Qux ley\","
    "\"given\":[\"Qux "
    "ley\",\"B\"],\"_given\":[null,{\"id\":\"x\"}]}],\"birthDate\":\"1970-05-06\",\"multipleBirthInteger\":"
    "2,\"contained\":[{\"resourceType\":\"Observation\",\"valueQuantity\":{\"value\":4.30},\"effectiveDateTime\":"
    "\"2020-01-01T10:00:00Z\"}],\"address\":[{\"postalCode\":\"12345\"}]}";

static tw_bytes written(tw_ctx *cx, const tw_fhir_tree *t)
{
    tw_buf b;
    tw_buf_init(&b, 4 * TW_MIB);
    tw_fhir_tree_write(&b, t);
    return fuzz_taken(cx, &b);
}

static void check_tree(tw_ctx *cx, const tw_fhir_tree *t)
{
    tw_fhir_tree again;
    tw_json d;
    tw_bytes one = written(cx, t);
    FUZZ_CHECK(tw_json_parse(cx, &d, tw_str_of_bytes(one), NULL) == TW_OK);
    FUZZ_CHECK(tw_fhir_tree_build(cx, &again, schema, &d, 0) == TW_OK && again.unknown == 0);
    FUZZ_CHECK(tw_bytes_eq(one, written(cx, &again)));
}

static void check_run(tw_ctx *cx, const tw_fhirpath *p, const tw_fhir_tree *t, tw_bytes in)
{
    tw_fhirpath_items a, b;
    bool yes, done;
    if (tw_fhirpath_run(cx, &a, p, t, 0) != TW_OK) {
        fuzz_error_clean(cx, in);
        return;
    }
    FUZZ_CHECK(tw_fhirpath_run(cx, &b, p, t, 0) == TW_OK && a.n == b.n);
    for (uint32_t i = 0; i < a.n; i++) {
        FUZZ_CHECK(a.item[i].kind == b.item[i].kind && a.item[i].element == b.item[i].element);
        FUZZ_CHECK(a.item[i].kind != TW_FHIRPATH_ELEMENT || a.item[i].element < t->n);
        FUZZ_CHECK(tw_utf8_valid(a.item[i].text) && tw_str_eq(a.item[i].text, b.item[i].text));
    }
    done = tw_fhirpath_test(cx, &yes, p, t, t->n - 1) == TW_OK;
    FUZZ_CHECK(done || cx->err.msg[0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    tw_json d;
    tw_fhir_tree t;
    tw_fhirpath *p;
    tw_str document = { (const char *)data, size }, expression = { NULL, 0 };
    fuzz_begin(&cx, 64 * TW_MIB);
    if (!schema)
        schema = tw_fhir_schema_new();
    (void)tw_str_split(&expression, &document, '\n');
    if (document.n == 0)
        document = TW_STR(own);
    bool tree = tw_json_parse(&cx, &d, document, NULL) == TW_OK && tw_fhir_tree_build(&cx, &t, schema, &d, 0) == TW_OK;
    if (!tree)
        fuzz_error_clean(&cx, (tw_bytes){ data, size });
    else
        check_tree(&cx, &t);
    if (tw_fhirpath_compile(&cx, &p, cx.arena, schema, expression) != TW_OK)
        FUZZ_CHECK(tw_str_starts(tw_str_of(cx.err.msg), "column ") || expression.n > TW_FHIRPATH_BYTES_MAX ||
                   cx.err.msg[0] == 't');
    else if (tree)
        check_run(&cx, p, &t, (tw_bytes){ data, size });
    tw_ctx_done(&cx);
    return 0;
}
