/* The head of a file: its delimiter and charset, its columns, and what shapes their values have. */
#include "sources/csv_suggest.h"

#include <stdlib.h>

#define HEAD_BYTES_MAX (4 * TW_MIB)
#define WHOLE_BYTES (64 * TW_KIB) /* a head of fewer bytes is the whole file */
#define ROWS_MAX 5000

/* ---------------------------------------------------------------- dates */

static const struct {
    const char *text;
    tw_style style;
} formats[] = {
    { "iso", TW_STYLE_ISO },
    { "hl7", TW_STYLE_HL7 },
    { "YYYY/M/D", TW_STYLE_YMD },
    { "YYYY/M/D h:mm", TW_STYLE_YMD },
    { "YYYY/M/D h:mm:ss", TW_STYLE_YMD },
    { "D/M/YYYY", TW_STYLE_DMY },
    { "D/M/YYYY h:mm", TW_STYLE_DMY },
    { "D/M/YYYY h:mm:ss", TW_STYLE_DMY },
    { "D.M.YYYY", TW_STYLE_DMY },
    { "D.M.YYYY h:mm", TW_STYLE_DMY },
    { "D.M.YYYY h:mm:ss", TW_STYLE_DMY },
    { "D-M-YYYY", TW_STYLE_DMY },
    { "D-M-YYYY h:mm", TW_STYLE_DMY },
    { "D-M-YYYY h:mm:ss", TW_STYLE_DMY },
    { "M/D/YYYY", TW_STYLE_MDY },
    { "M/D/YYYY h:mm", TW_STYLE_MDY },
    { "M/D/YYYY h:mm:ss", TW_STYLE_MDY },
    { "M/D/YYYY h:mm a", TW_STYLE_MDY },
    { "M/D/YYYY h:mm:ss a", TW_STYLE_MDY },
    { "M-D-YYYY", TW_STYLE_MDY },
    { "M-D-YYYY h:mm", TW_STYLE_MDY },
    { "M.D.YYYY", TW_STYLE_MDY },
    { "M.D.YYYY h:mm", TW_STYLE_MDY },
    { "D-MON-YYYY", TW_STYLE_MON },
    { "D-MON-YYYY h:mm", TW_STYLE_MON },
    { "D-MON-YYYY h:mm:ss", TW_STYLE_MON },
    { "D MON YYYY", TW_STYLE_MON },
    { "D MON YYYY h:mm", TW_STYLE_MON },
};
_Static_assert(TW_COUNT(formats) <= TW_SUGGEST_FORMATS, "a count for each");

const char *tw_sug_format(size_t i, tw_style *style)
{
    if (i >= TW_COUNT(formats))
        return NULL;
    *style = formats[i].style;
    return formats[i].text;
}

static void look_for_dates(tw_sug_column *c, const tw_date_format *known, tw_str s)
{
    bool style[TW_STYLES] = { false };
    if (s.n < 8 || s.n > 40) /* a bare year is a number to begin with */
        return;
    for (size_t i = 0; i < TW_COUNT(formats); i++) {
        tw_when t;
        const tw_cm_dates one = { &known[i], 1, -1 };
        if (!tw_cm_dates_take(&t, &one, s) || t.precision < TW_WHEN_DAY || t.year < 1850 || t.year > 2150)
            continue;
        c->format[i]++;
        if (!style[formats[i].style]) {
            c->with_clock += t.precision >= TW_WHEN_MINUTE;
            c->with_offset += t.has_offset;
        }
        style[formats[i].style] = true;
    }
    for (size_t k = 0; k < TW_STYLES; k++)
        c->style[k] += style[k];
}

/* ---------------------------------------------------------------- shapes */

static bool only(tw_str s, const char *signs)
{
    for (size_t i = 0; i < s.n; i++)
        if (!strchr(signs, s.p[i]))
            return false;
    return s.n > 0;
}

static bool is_number(tw_str s, char sign)
{
    size_t digits = 0;
    size_t points = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        digits += c >= '0' && c <= '9';
        points += c == sign;
        if (!(c >= '0' && c <= '9') && c != sign && !(i == 0 && strchr("+-<>", c)) && !(i == 1 && c == '='))
            return false;
    }
    return digits > 0 && points <= 1;
}

static bool is_uuid(tw_str s)
{
    return s.n == 36 && s.p[8] == '-' && s.p[13] == '-' && s.p[18] == '-' && s.p[23] == '-' &&
           only(s, "0123456789abcdefABCDEF-");
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_icd10(tw_str s)
{
    return s.n >= 3 && s.n <= 8 && is_upper(s.p[0]) && tw_is_digit(s.p[1]) &&
           (tw_is_digit(s.p[2]) || is_upper(s.p[2])) && (s.n == 3 || (s.p[3] == '.' && s.n > 4));
}

/* "L02AE02" */
static bool is_atc(tw_str s)
{
    return s.n == 7 && is_upper(s.p[0]) && tw_is_digit(s.p[1]) && tw_is_digit(s.p[2]) && is_upper(s.p[3]) &&
           is_upper(s.p[4]) && tw_is_digit(s.p[5]) && tw_is_digit(s.p[6]);
}

static bool is_unit(tw_str s)
{
    static const char common[] =
        "% mg/dL mmol/L g/dL g/L mg/L ng/mL ug/L ug/mL ng/dL ng/L pg/mL pg fL U/L IU/L k[IU]/L m[IU]/L u[IU]/mL "
        "mm[Hg] /min cm m kg g kg/m2 Cel [degF] 10*3/uL 10*6/uL 10*9/L 10*12/L mL/min mL/min/{1.73_m2} s ms min h d a "
        "umol/L nmol/L pmol/L meq/L mosm/kg mg ug mL L 1 {score} {nominal} {presence} {#} /a [pH] mm mm/h {INR} "
        "{ratio} "
        "/[HPF] {SG} [IU]";
    return tw_cm_word_in(common, s);
}

static void look(tw_sug_column *c, const tw_date_format *known, tw_str s)
{
    c->filled++;
    c->shape[TW_SHAPE_LOINC] += tw_csv_is_loinc(s);
    c->shape[TW_SHAPE_SNOMED] += tw_csv_is_snomed(s);
    c->shape[TW_SHAPE_ICD10] += is_icd10(s);
    c->shape[TW_SHAPE_ATC] += is_atc(s);
    c->shape[TW_SHAPE_DIGITS] += only(s, "0123456789");
    c->shape[TW_SHAPE_UUID] += is_uuid(s);
    c->shape[TW_SHAPE_POINT] += is_number(s, '.');
    c->shape[TW_SHAPE_COMMA] += !is_number(s, '.') && is_number(s, ',');
    c->shape[TW_SHAPE_UNIT] += is_unit(s);
    c->shape[TW_SHAPE_SYSTEM] += tw_cm_system(s).n > 0;
    look_for_dates(c, known, s);
}

static int by_text(const void *a, const void *b)
{
    return tw_str_cmp(*(const tw_str *)a, *(const tw_str *)b);
}

static bool count_values(tw_ctx *cx, tw_sug_file *f, size_t at)
{
    tw_sug_column *c = &f->col[at];
    tw_str *v = tw_try_array(cx->arena, tw_str, f->rows + 1);
    size_t n = 0;
    if (!v)
        return false;
    for (size_t i = 0; i < f->rows; i++)
        if (f->row[i][at].n > 0)
            v[n++] = f->row[i][at];
    qsort(v, n, sizeof *v, by_text);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !tw_str_eq(v[i], v[i - 1]))
            v[c->distinct++] = v[i];
    c->value = v;
    c->unique = c->distinct == f->rows && f->rows > 0;
    return true;
}

unsigned tw_sug_overlap(const tw_sug_column *a, const tw_sug_column *b)
{
    size_t both = 0;
    for (size_t i = 0; i < b->distinct && a->distinct > 0; i++)
        both += bsearch(&b->value[i], a->value, a->distinct, sizeof *a->value, by_text) != NULL;
    return b->distinct ? (unsigned)(both * 100 / b->distinct) : 0;
}

/* ---------------------------------------------------------------- a head */

/* Fields of the first row, when most of the next rows have as many. */
static size_t columns_by(tw_ctx *cx, tw_str head, const tw_csv_opts *o)
{
    size_t first = 0;
    size_t same = 0;
    size_t rows = 0;
    tw_mark mark = tw_arena_mark(cx->arena);
    for (size_t skip, size; rows < 30; rows++) {
        tw_str *f;
        size_t n;
        tw_csv_cut_kind k = tw_csv_cut(&skip, &size, head, true, o);
        if (k == TW_CSV_BLANK) {
            head = (tw_str){ head.p + skip, head.n - skip };
            rows--;
            continue;
        }
        if (k != TW_CSV_ROW)
            break;
        if (tw_csv_row(cx, &f, &n, NULL, (tw_str){ head.p + skip, size }, o) != TW_OK)
            n = 0;
        if (rows == 0)
            first = n;
        same += n == first;
        head = (tw_str){ head.p + skip + size, head.n - skip - size };
    }
    tw_err_clear(cx);
    tw_arena_back(cx->arena, mark);
    return rows > 0 && same * 10 >= rows * 8 ? first : 0;
}

static void find_delimiter(tw_ctx *cx, tw_sug_file *f, tw_str head, tw_csv_opts *o)
{
    static const char signs[] = ",;\t|";
    size_t most = 1;
    f->delimiter = ',';
    for (size_t i = 0; i < 4; i++) {
        o->delimiter = signs[i];
        size_t n = columns_by(cx, head, o);
        if (n > most) {
            most = n;
            f->delimiter = signs[i];
        }
    }
    o->delimiter = f->delimiter;
}

static tw_status find_charset(tw_ctx *cx, tw_sug_file *f, tw_str head, tw_charset *cs)
{
    bool c1 = false;
    for (size_t i = 0; i < head.n; i++)
        c1 |= (uint8_t)head.p[i] >= 0x80 && (uint8_t)head.p[i] < 0xA0;
    tw_str front = head; /* a character may be cut at the end */
    for (size_t k = 0; k < 4 && front.n > 0 && !tw_utf8_valid(front); k++)
        front.n--;
    bool utf8 = tw_utf8_valid(front);
    f->charset = utf8 ? "utf-8" : c1 ? "windows-1252" : "iso-8859-1";
    return tw_charset_open(cx, cs, tw_str_of(f->charset));
}

static tw_status read_rows(tw_ctx *cx, tw_sug_file *f, tw_str head, tw_csv_opts *o)
{
    size_t skip, size;
    tw_csv_cut_kind k;
    f->row = tw_try_array(cx->arena, tw_str *, ROWS_MAX);
    if (!f->row)
        return tw_fail(cx, TW_ELIMIT, "no memory for a head");
    while (f->rows < ROWS_MAX && (k = tw_csv_cut(&skip, &size, head, true, o)) != TW_CSV_END) {
        tw_str *cell;
        size_t n;
        tw_str row = { head.p + skip, size };
        head = (tw_str){ head.p + skip + size, head.n - skip - size };
        if (k == TW_CSV_BLANK || tw_csv_row(cx, &cell, &n, NULL, row, o) != TW_OK)
            continue;
        if (f->cols > 0) {
            f->row[f->rows++] = cell;
            continue;
        }
        o->columns = (uint32_t)n;
        f->cols = n;
        f->col = tw_try_array(cx->arena, tw_sug_column, n);
        if (!f->col)
            return tw_fail(cx, TW_ELIMIT, "no memory for a head");
        for (size_t i = 0; i < n; i++)
            f->col[i] = (tw_sug_column){ .name = tw_str_trim(cell[i]), .role = TW_ROLE_NONE };
    }
    tw_err_clear(cx);
    return TW_OK;
}

/* A row of names: no dates, no long numbers, no empty ones, none twice. */
static const char *judge_header(const tw_sug_file *f)
{
    if (f->cols < 2)
        return "it has no columns that a delimiter parts";
    for (size_t i = 0; i < f->cols; i++) {
        tw_str s = f->col[i].name;
        size_t digits = 0;
        for (size_t k = 0; k < s.n; k++)
            digits += tw_is_digit(s.p[k]);
        if (s.n == 0 || digits > 3 || s.n > 60)
            return "its first row does not look like names of columns: a table without a header has to list them";
        for (size_t k = 0; k < i; k++)
            if (tw_str_eq(s, f->col[k].name))
                return "two of its columns have one name";
    }
    return NULL;
}

tw_status tw_sug_file_read(tw_ctx *cx, tw_sug_file *f, tw_str name, tw_str head)
{
    tw_date_format known[TW_COUNT(formats)];
    tw_charset *cs = tw_new(cx->arena, tw_charset);
    tw_csv_opts o = { .charset = cs };
    for (size_t i = 0; i < TW_COUNT(formats); i++)
        TW_ASSERT(!tw_date_format_read(&known[i], tw_str_of(formats[i].text)));
    *f = (tw_sug_file){ .kind = TW_CM_TYPES };
    size_t from = name.n;
    while (from > 0 && name.p[from - 1] != '/')
        from--;
    f->name = (tw_str){ name.p + from, name.n - from };
    f->norm = tw_sug_norm(cx->arena, f->name);
    bool whole = head.n < WHOLE_BYTES;
    head.n = TW_MIN(head.n, HEAD_BYTES_MAX);
    if (tw_str_starts(head, "\xEF\xBB\xBF"))
        head = (tw_str){ head.p + 3, head.n - 3 };
    TW_TRY(find_charset(cx, f, head, cs));
    while (!whole && head.n > 0 && head.p[head.n - 1] != '\n') /* the row that is cut */
        head.n--;
    find_delimiter(cx, f, head, &o);
    TW_TRY(read_rows(cx, f, head, &o));
    f->skipped = judge_header(f);
    for (size_t c = 0; c < f->cols && !f->skipped; c++) {
        f->col[c].norm = tw_sug_norm(cx->arena, f->col[c].name);
        for (size_t i = 0; i < f->rows; i++) {
            tw_str s = tw_str_trim(f->row[i][c]);
            bool null = tw_sug_is_null_word(s);
            f->col[c].nulls += null;
            f->row[i][c] = null ? (tw_str){ "", 0 } : s;
            if (!null && s.n > 0)
                look(&f->col[c], known, s);
        }
        if (!count_values(cx, f, c))
            return tw_fail(cx, TW_ELIMIT, "no memory for a head");
    }
    return TW_OK;
}
