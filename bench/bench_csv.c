/* Throughput of CSV on one core: rows to fields, and rows to resources whose patient is known (fields, mapping, JSON,
 * reader). Two tables made here: long (a row a result) and wide (a row a visit, eight results). Best of five rounds. */
#include "figure.h"
#include "format/format.h"
#include "sources/sources.h"

#define ROWS 20000
#define ROUNDS 5

static const char mapping[] =
    "{\"format\":\"twinward-mapping/1\",\"patient_system\":\"urn:oid:1.2.3\",\"dates\":[\"D/M/YYYY h:mm\"],\"zone\":"
    "\"CET-1CEST,M3.5.0,M10.5.0/3\",\"tables\":[{\"name\":\"long\",\"files\":\"long.csv\",\"resources\":[{\"type\":"
    "\"Observation\",\"patient\":\"patient\",\"id\":\"order\",\"encounter\":\"visit\",\"time\":\"taken\",\"code\":{"
    "\"column\":\"loinc\",\"system\":\"LOINC\",\"display_column\":\"name\"},\"status\":{\"column\":\"state\",\"map\":{"
    "\"F\":\"final\",\"C\":\"corrected\"}},\"value\":\"value\",\"unit\":\"unit\"}]},{\"name\":\"wide\",\"files\":"
    "\"wide.csv\",\"resources\":[{\"type\":\"Observation\",\"patient\":\"patient\",\"id\":\"order\",\"time\":\"taken\","
    "\"status\":{\"constant\":\"final\"},\"code\":{\"constant\":\"2857-1\",\"system\":\"LOINC\"},\"measures\":[{"
    "\"value\":\"a\"},{\"value\":\"b\"},{\"value\":\"c\"},{\"value\":\"d\"},{\"value\":\"e\"},{\"value\":\"f\"},{"
    "\"value\":\"g\"},{\"value\":\"h\"}]}]}]}";

static tw_str make(tw_buf *b, bool wide)
{
    uint64_t s = 7;
    tw_buf_init(b, 64 * TW_MIB);
    tw_buf_cstr(b, wide ? "patient,order,taken,a,b,c,d,e,f,g,h\n"
                        : "patient,order,visit,taken,loinc,name,state,value,unit\n");
    for (unsigned i = 0; i < ROWS; i++) {
        s = s * 6364136223846793005u + 1442695040888963407u;
        unsigned v = (unsigned)(s >> 40);
        tw_buf_fmt(b, "%06u,%u,", 100000 + i % 997, i);
        if (!wide)
            tw_buf_fmt(b, "v%u,", i / 3);
        tw_buf_fmt(b, "%u/%u/20%02u %u:%02u", 1 + v % 28, 1 + v % 12, v % 25, v % 24, v % 60);
        if (wide)
            for (unsigned k = 0; k < 8; k++)
                tw_buf_fmt(b, ",%u.%02u", (v >> k) % 500, (v >> k) % 100);
        else
            tw_buf_fmt(b, ",2857-1,\"Prostate specific Ag, serum or plasma\",%s,%u.%02u,ng/mL", v % 9 ? "F" : "C",
                       v % 500, v % 100);
        tw_buf_cstr(b, "\n");
    }
    return tw_str_of_bytes(tw_buf_view(b));
}

static size_t cut_and_read(tw_ctx *cx, tw_str text)
{
    const tw_csv_opts o = { .delimiter = ',' };
    size_t skip, size, fields = 0;
    while (tw_csv_cut(&skip, &size, text, true, &o) == TW_CSV_ROW) {
        tw_mark m = tw_arena_mark(cx->arena);
        tw_str *f;
        size_t n;
        must(cx, tw_csv_row(cx, &f, &n, NULL, (tw_str){ text.p + skip, size }, &o));
        fields += n;
        tw_arena_back(cx->arena, m);
        text = (tw_str){ text.p + skip + size, text.n - skip - size };
    }
    return fields;
}

static tw_status on_record(void *self, TW_UNUSED tw_ctx *cx, TW_UNUSED const tw_phi *phi)
{
    ++*(uint64_t *)self;
    return TW_OK;
}

static uint64_t read_all(tw_ctx *cx, const tw_mapping *m, const char *name, tw_str text)
{
    uint64_t records = 0;
    tw_sources *s;
    const tw_sources_opts opts = { .mapping = m };
    const tw_sources_sink sink = { .record = on_record, .self = &records };
    must(cx, tw_sources_new(cx, &s, &opts, &sink));
    must(cx, tw_sources_read(cx, s, tw_str_of(name), text, TW_FORM_CSV));
    tw_sources_free(s);
    return records;
}

static void measure(tw_ctx *cx, const tw_mapping *m, bool wide)
{
    tw_buf b;
    tw_str text = make(&b, wide);
    double rows = 1e9, whole = 1e9;
    uint64_t records = 0;
    for (int i = 0; i < ROUNDS; i++) {
        double from = core_seconds();
        cut_and_read(cx, text);
        rows = TW_MIN(rows, core_seconds() - from);
        from = core_seconds();
        records = read_all(cx, m, wide ? "wide.csv" : "long.csv", text);
        whole = TW_MIN(whole, core_seconds() - from);
    }
    figure(wide ? "csv.wide.rows" : "csv.long.rows", (double)text.n / rows * 1e-6, "MB/s", text.n);
    figure(wide ? "csv.wide.read" : "csv.long.read", (double)text.n / whole * 1e-6, "MB/s", text.n);
    figure(wide ? "csv.wide.records" : "csv.long.records", (double)records / whole, "1/s", records);
    tw_buf_done(&b);
}

int main(void)
{
    tw_ctx cx;
    tw_mapping *m;
    tw_base_start();
    tw_ctx_init(&cx, 1024 * TW_MIB, NULL);
    must(&cx, tw_mapping_read(&cx, &m, tw_str_of(mapping)));
    measure(&cx, m, false);
    measure(&cx, m, true);
    tw_mapping_free(m);
    tw_ctx_done(&cx);
    return 0;
}
