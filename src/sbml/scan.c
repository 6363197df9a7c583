/* A look at the text before libSBML has it: libSBML recurses over elements and has no limits of its own. */
#include "sbml/sbml_internal.h"

#include <expat.h>

#define DEPTH_MOST 256 /* libxml2 below libSBML goes no deeper */
#define BYTES_AN_ELEMENT 128
#define NS_SEP "|"

typedef struct {
    tw_sbml_reading *r;
    XML_Parser parser;
    uint32_t depth, depth_max;
    size_t elements, elements_max;
    tw_status status;
} scan;

static void stop(scan *s, tw_status status)
{
    s->status = status;
    XML_StopParser(s->parser, XML_FALSE);
}

/* ".../level3/version1/comp/version1" is "comp"; all of it when it is not written so. */
static tw_str package_name(const char *space, size_t n)
{
    size_t end = n;
    while (end > 0 && space[end - 1] != '/')
        end--;
    size_t from = end ? end - 1 : 0;
    while (from > 0 && space[from - 1] != '/')
        from--;
    if (end < 2 || from + 1 >= end || strncmp(space + end, "version", 7) != 0)
        return (tw_str){ space, TW_MIN(n, (size_t)120) };
    return (tw_str){ space + from, TW_MIN(end - 1 - from, (size_t)40) };
}

/* An attribute "required" of the outermost element, in the namespace of a package. */
static void package(scan *s, const char *name, const char *value)
{
    const char *sep = strrchr(name, NS_SEP[0]);
    if (!sep || strcmp(sep + 1, "required") != 0)
        return;
    tw_str called = package_name(name, (size_t)(sep - name));
    if (tw_str_is(called, "l3v2extendedmath"))
        return;
    if (strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
        stop(s, tw_fail(s->r->cx, TW_EREFUSED,
                        "the model needs the SBML package \"" TW_FMT "\", which is not supported", TW_ARG(called)));
    else
        tw_sbml_warn(s->r, "what the package \"" TW_FMT "\" says is not read", TW_ARG(called));
}

static void on_start(void *self, const XML_Char *name, const XML_Char **att)
{
    scan *s = self;
    (void)name;
    if (s->status != TW_OK)
        return;
    if (++s->depth > s->depth_max)
        stop(s, tw_fail(s->r->cx, TW_ELIMIT, "line %lu: elements are nested more than %u deep",
                        XML_GetCurrentLineNumber(s->parser), s->depth_max));
    else if (++s->elements > s->elements_max)
        stop(s, tw_fail(s->r->cx, TW_ELIMIT, "line %lu: more than %zu elements", XML_GetCurrentLineNumber(s->parser),
                        s->elements_max));
    for (size_t i = 0; s->depth == 1 && s->status == TW_OK && att[i]; i += 2)
        package(s, att[i], att[i + 1]);
}

static void on_end(void *self, const XML_Char *name)
{
    scan *s = self;
    (void)name;
    s->depth--;
}

static void on_doctype(void *self, const XML_Char *name, const XML_Char *sys, const XML_Char *pub, int internal)
{
    scan *s = self;
    (void)name, (void)sys, (void)pub, (void)internal;
    stop(s, tw_fail(s->r->cx, TW_EREFUSED, "line %lu: a document type declaration is not read",
                    XML_GetCurrentLineNumber(s->parser)));
}

static tw_status run(scan *s, tw_str text)
{
    XML_SetUserData(s->parser, s);
    XML_SetElementHandler(s->parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(s->parser, on_doctype);
    if (XML_Parse(s->parser, text.p, (int)text.n, 1) == XML_STATUS_OK && s->status == TW_OK)
        return TW_OK;
    if (s->status != TW_OK)
        return s->status;
    enum XML_Error e = XML_GetErrorCode(s->parser);
    return tw_fail(s->r->cx, e == XML_ERROR_NO_MEMORY ? TW_ELIMIT : TW_EPARSE, "line %lu: not XML: %s",
                   XML_GetCurrentLineNumber(s->parser), XML_ErrorString(e));
}

tw_status tw_sbml_scan(tw_sbml_reading *r, tw_str text, const tw_sbml_limits *limits)
{
    static const XML_Memory_Handling_Suite heap = { tw_mem_alloc, tw_mem_resize, tw_mem_free };
    size_t bytes_max = limits->bytes_max ? limits->bytes_max : 256 * TW_MIB;
    scan s = { .r = r, .elements_max = bytes_max / BYTES_AN_ELEMENT };
    s.depth_max = limits->depth_max ? TW_MIN(limits->depth_max, (uint32_t)DEPTH_MOST) : DEPTH_MOST;
    r->depth_max = s.depth_max;
    if (text.n > bytes_max || text.n > INT32_MAX)
        return tw_fail(r->cx, TW_ELIMIT, "the model has more than %zu bytes", TW_MIN(bytes_max, (size_t)INT32_MAX));
    if (text.n == 0)
        return tw_fail(r->cx, TW_EPARSE, "the model is empty");
    if (memchr(text.p, 0, text.n))
        return tw_fail(r->cx, TW_EPARSE, "the model has a zero byte");
    s.parser = XML_ParserCreate_MM(NULL, &heap, NS_SEP);
    if (!s.parser)
        return tw_fail(r->cx, TW_ELIMIT, "no memory for an XML parser");
    tw_status status = run(&s, text);
    XML_ParserFree(s.parser);
    return status;
}
