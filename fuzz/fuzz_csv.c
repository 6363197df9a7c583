/* Tables and their mapping. First byte: what the rest is.
 *  0  rows, bits 4 to 6 of the first byte: delimiter and charset
 *  1  a table, read by a mapping that is given here          2  a mapping
 *  3  a mapping, a NUL, a table                              4  a table for which a mapping is proposed
 * Must hold: rows are cut the same whatever is in view, and a row that reads, written and read again, has the same
 * fields; a mapping that is proposed is taken; messages and reasons hold no value; what fuzz_decoder says. */
#include "decoder.h"

static const char mapping_text[] =
    "{'format':'twinward-mapping/1','patient_system':'urn:oid:2.16.724.4.9.10.1','zone':'CET-1CEST,M3.5.0,M10.5.0/3',"
    "'delimiter':';','charset':'windows-1252','decimal':',','thousands':'.','null':['NULL','n/d'],'pivot':30,"
    "'dates':['D/M/YYYY h:mm','D/M/YYYY','D-MON-YY','iso'],'tables':[{'name':'p','files':'p*.csv','ignore':'*',"
    "'optional':['Tel','Muerte','Calle'],'resources':[{'type':'Patient','patient':'NHC','family':'Apellidos',"
    "'given':'Nombre','sex':{'column':'Sexo','map':{'H':'male','M':'female'},'otherwise':'unknown'},"
    "'birth_date':{'column':'Nacimiento','dates':'YYYYMMDD'},'death':'Muerte','phone':'Tel','street':'Calle'},"
    "{'type':'Observation','when':[{'column':'Fecha','not':['']}],'patient':'NHC','id':['NHC','Fecha'],'time':'Fecha',"
    "'status':{'column':'Estado','map':{'V':'final','P':'preliminary'}},'category':{'constant':'laboratory'},"
    "'measures':[{'value':'PSA','unit':{'constant':'ng/mL'},'code':{'constant':'2857-1','system':'LOINC'}},"
    "{'value':{'column':'Nota','as':'auto'},'code':{'constant':'2986-8','system':'LOINC'}}]},"
    "{'type':'Condition','when':[{'column':'CIE','not':['']}],'patient':'NHC','id':['NHC','CIE'],"
    "'code':{'column':'CIE','system':'I10'},'start':'Fecha'}]}]}";

static tw_mapping *fixed;

/* ' stands for ". */
static void setup(void)
{
    static char text[sizeof mapping_text];
    tw_ctx cx;
    fuzz_begin(&cx, 16 * TW_MIB);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = mapping_text[i] == '\'' ? '"' : mapping_text[i];
    FUZZ_CHECK(tw_mapping_read(&cx, &fixed, tw_str_of(text)) == TW_OK);
    tw_ctx_done(&cx);
}

/* ---------------------------------------------------------------- rows */

static void one_row(tw_ctx *cx, tw_str row, const tw_csv_opts *opts, tw_bytes in)
{
    tw_str *field, *again;
    size_t count, count_again, skip, size;
    tw_csv_place place = { 0 };
    tw_csv_opts plain = { .delimiter = opts->delimiter };
    tw_buf b;
    if (tw_csv_row(cx, &field, &count, &place, row, opts) != TW_OK) {
        fuzz_error_clean(cx, in);
        return;
    }
    tw_buf_init(&b, 16 * TW_MIB);
    tw_csv_write(&b, field, count, &plain);
    tw_str text = tw_str_of_bytes(fuzz_taken(cx, &b));
    tw_csv_cut_kind kind = tw_csv_cut(&skip, &size, text, true, &plain);
    if (kind == TW_CSV_BLANK) /* only empty fields */
        return;
    FUZZ_CHECK(kind == TW_CSV_ROW);
    FUZZ_CHECK(tw_csv_row(cx, &again, &count_again, NULL, (tw_str){ text.p + skip, size }, &plain) == TW_OK);
    FUZZ_CHECK(count == count_again);
    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(tw_str_eq(field[i], again[i]));
}

static void rows(tw_bytes in, uint8_t how)
{
    static const char *const names[] = { "utf-8", "windows-1252", "iso-8859-2", "iso-8859-15" };
    tw_ctx cx;
    tw_charset charset;
    tw_csv_opts opts = { .delimiter = how & 1 ? ';' : ',', .charset = &charset, .row_bytes_max = 1024 };
    tw_str rest = tw_str_of_bytes(in);
    fuzz_begin(&cx, 64 * TW_MIB);
    FUZZ_CHECK(tw_charset_open(&cx, &charset, tw_str_of(names[how >> 1 & 3])) == TW_OK);
    for (;;) {
        size_t skip = 0, size = 0;
        tw_csv_cut_kind kind = tw_csv_cut(&skip, &size, rest, true, &opts);
        if (kind == TW_CSV_END)
            break;
        size = kind == TW_CSV_ROW ? size : 0;
        FUZZ_CHECK(kind != TW_CSV_MORE && skip <= rest.n && size <= rest.n - skip && skip + size > 0);
        tw_mark mark = tw_arena_mark(cx.arena);
        if (kind == TW_CSV_ROW)
            one_row(&cx, (tw_str){ rest.p + skip, size }, &opts, in);
        tw_arena_back(cx.arena, mark);
        rest = (tw_str){ rest.p + skip + size, rest.n - skip - size };
    }
    tw_ctx_done(&cx);
}

/* ---------------------------------------------------------------- mappings */

static void by_mapping(const tw_mapping *m, tw_bytes table, bool names)
{
    tw_sources_opts opts = { .document_bytes_max = TW_MIB, .mapping = m };
    fuzz_decoder(&tw_decoder_csv, &opts, TW_STR("p.csv"), table, names);
}

/* What a mapping says wrong is told in its own words: they are no patient's. */
static void mapping(tw_bytes json, tw_bytes table)
{
    tw_ctx cx;
    tw_mapping *m;
    fuzz_begin(&cx, 64 * TW_MIB);
    tw_status s = tw_mapping_read(&cx, &m, tw_str_of_bytes(json));
    tw_ctx_done(&cx);
    if (s != TW_OK)
        return;
    if (table.n)
        by_mapping(m, table, true);
    tw_mapping_free(m);
}

static void both(tw_bytes in)
{
    size_t n = 0;
    while (n < in.n && in.p[n])
        n++;
    size_t rest = n < in.n ? in.n - n - 1 : 0;
    mapping((tw_bytes){ in.p, n }, (tw_bytes){ in.p + in.n - rest, rest });
}

/* Names of columns stand in reasons; what is below them does not. */
static void suggest(tw_bytes in)
{
    tw_ctx cx;
    tw_mapping *m;
    tw_str json, reasons, header, name = TW_STR("p.csv"), head = tw_str_of_bytes(in), rest = head;
    fuzz_begin(&cx, 64 * TW_MIB);
    bool plain = tw_str_split(&header, &rest, '\n') && tw_str_find(header, TW_STR("\"")) == SIZE_MAX &&
                 tw_str_find(header, TW_STR("\r")) == SIZE_MAX && header.n > 0;
    bool named = !plain || tw_str_find(header, TW_STR(FUZZ_VALUE)) != SIZE_MAX;
    if (tw_mapping_suggest(&cx, &json, &reasons, &name, &head, 1) == TW_OK) {
        FUZZ_CHECK(tw_mapping_read(&cx, &m, json) == TW_OK);
        tw_mapping_free(m);
        FUZZ_CHECK(named || tw_str_find(reasons, TW_STR(FUZZ_VALUE)) == SIZE_MAX);
    } else if (!named) {
        FUZZ_CHECK(tw_str_find(tw_str_of(cx.err.msg), TW_STR(FUZZ_VALUE)) == SIZE_MAX);
    }
    tw_ctx_done(&cx);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_bytes in = { data, size };
    if (!fixed)
        setup();
    uint8_t first = fuzz_take(&in);
    switch ((first & 0x0f) % 5) {
    case 0:
        rows(in, first >> 4);
        break;
    case 1:
        by_mapping(fixed, in, false);
        break;
    case 2:
        mapping(in, (tw_bytes){ 0 });
        break;
    case 3:
        both(in);
        break;
    default:
        suggest(in);
        break;
    }
    return 0;
}
