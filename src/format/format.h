/** Format: bytes to structure and back, without meaning. JSON here is read by simdjson behind a C shim into one flat
 *  token array per document; text of numbers and strings is kept as it stood, so that FHIR decimals keep their digits.
 *
 *  The reader refuses what lets two parsers read two things: duplicate keys, invalid UTF-8, lone surrogates, nesting
 *  over the limit, bytes after the value, a byte order mark. Errors name line, column and path: array positions and
 *  member names where they look like a schema's names, else "(name)"; never values.
 *
 *  Sources: RFC 8259 (JSON); NDJSON: one value a line, LF. */
#ifndef TW_FORMAT_H
#define TW_FORMAT_H

#include "base/base.h"

#define TW_JSON_DEPTH_MAX 64
#define TW_JSON_NONE UINT32_MAX

typedef enum {
    TW_JSON_OBJECT,
    TW_JSON_ARRAY,
    TW_JSON_STRING,
    TW_JSON_NUMBER,
    TW_JSON_TRUE,
    TW_JSON_FALSE,
    TW_JSON_NULL
} tw_json_type;

/** One value or member name. A member is two tokens: its name (a STRING with is_key) and its value, right after. */
typedef struct {
    uint8_t type; /* tw_json_type */
    bool is_key;
    bool escaped;   /* a string that holds a backslash: tw_json_text decodes it */
    uint32_t off;   /* first byte in the text; a string's span includes its quotes */
    uint32_t len;   /* bytes, whole subtree for objects and arrays */
    uint32_t next;  /* token after this value's subtree (for a key: after its value) */
    uint32_t count; /* members of an object, items of an array */
} tw_json_tok;

typedef struct {
    tw_str text; /* borrowed; must outlive the document */
    const tw_json_tok *tok; /* tok[0] is the root */
    uint32_t n;
} tw_json;

typedef struct {
    size_t bytes_max;  /* 0: 256 MiB */
    uint32_t depth_max; /* 0: TW_JSON_DEPTH_MAX */
} tw_json_limits;

/** Parse one document. Tokens live in cx->arena. limits may be NULL.
 *  fails TW_EPARSE (with line, column, path), TW_ELIMIT. */
TW_NODISCARD tw_status tw_json_parse(tw_ctx *cx, tw_json *out, tw_str text, const tw_json_limits *limits);
/** The same of a text that a writer of ours has just made, of valid UTF-8: strings and numbers inside are not checked a
 *  second time (builds for tests and fuzzing do check them), structure and limits are. */
TW_NODISCARD tw_status tw_json_parse_own(tw_ctx *cx, tw_json *out, tw_str text, const tw_json_limits *limits);

/** Value of member `name` of the object at token `obj`; TW_JSON_NONE when absent or not an object. */
uint32_t tw_json_get(const tw_json *d, uint32_t obj, const char *name);
/** Path of member names and array indices: "a.b.0.c". */
uint32_t tw_json_path(const tw_json *d, uint32_t from, const char *path);
/** First child of an object (a key) or array (a value), TW_JSON_NONE when empty. Next sibling: tok[i].next while less
 *  than the parent's next. */
uint32_t tw_json_first(const tw_json *d, uint32_t parent);
/** Sibling after child `i` of `parent`, TW_JSON_NONE at the end. */
uint32_t tw_json_next(const tw_json *d, uint32_t parent, uint32_t i);
/** Bytes of a value as they stood. */
tw_str tw_json_raw(const tw_json *d, uint32_t i);
/** Decoded text of a string token (key or value); borrowed when it has no escape, else in the arena (which must have
 *  room for it). "" for others. */
tw_str tw_json_text(tw_ctx *cx, const tw_json *d, uint32_t i);
/** String token equal to a C string, without decoding when possible. */
bool tw_json_is(const tw_json *d, uint32_t i, const char *cstr);
bool tw_json_u64(const tw_json *d, uint32_t i, uint64_t *out);
bool tw_json_f64(const tw_json *d, uint32_t i, double *out);
/** Convenience: text of member `name`, "" when absent or not a string. */
tw_str tw_json_member_text(tw_ctx *cx, const tw_json *d, uint32_t obj, const char *name);
/** Line (from 1) and column (from 1, in bytes) of an offset. */
void tw_json_place(const tw_json *d, uint32_t off, uint32_t *line, uint32_t *column);

/** Streaming writer: minified (or indented by 2) JSON into a buffer. Depth-checked; misuse asserts. */
typedef struct {
    tw_buf *out;
    int depth;
    int indent; /* 0: minified */
    uint64_t comma; /* bit per open level: a value was written */
    bool began;     /* the document's value was written, or is being written */
    bool after_key;
} tw_jw;
void tw_jw_init(tw_jw *w, tw_buf *out, int indent);
void tw_jw_object(tw_jw *w);
void tw_jw_object_end(tw_jw *w);
void tw_jw_array(tw_jw *w);
void tw_jw_array_end(tw_jw *w);
void tw_jw_key(tw_jw *w, const char *name);
void tw_jw_key_str(tw_jw *w, tw_str name);
void tw_jw_str(tw_jw *w, tw_str s); /* escapes; s must be valid UTF-8 */
void tw_jw_cstr(tw_jw *w, const char *s);
void tw_jw_raw(tw_jw *w, tw_str json); /* an already valid JSON value */
void tw_jw_u64(tw_jw *w, uint64_t v);
void tw_jw_i64(tw_jw *w, int64_t v);
void tw_jw_f64(tw_jw *w, double v, int digits); /* %.*g; NaN and infinities become null */
void tw_jw_bool(tw_jw *w, bool v);
void tw_jw_null(tw_jw *w);
/** key + string value in one call. */
void tw_jw_kv(tw_jw *w, const char *name, tw_str value);
void tw_jw_kv_u64(tw_jw *w, const char *name, uint64_t value);

/** Next line of NDJSON, without LF or CR LF; false at the end. Empty lines are given too. */
bool tw_ndjson_next(tw_str *line, tw_str *rest);

/** A standalone SVG or HTML fragment is text; escape every value that goes into it. */
void tw_xml_escape(tw_buf *out, tw_str s);

/* ---------------------------------------------------------------- XML, read */

/** A document as one flat array of elements in the order of their start tags, read by expat. Namespaces are resolved,
 *  prefixes are gone; comments, processing instructions and blanks between elements are passed over. Text is UTF-8,
 *  whatever the document's encoding (UTF-8, UTF-16, ISO-8859-1, US-ASCII).
 *
 *  A DOCTYPE is refused: so there are no entities but the five of XML and characters by number, nothing expands and
 *  nothing outside is fetched. Depth, elements, attributes and bytes of text have ceilings. Errors name line, column
 * and rule; never text of the document.
 *
 *  Sources: W3C XML 1.0 (5th ed.), Namespaces in XML 1.0 (3rd ed.). */
#define TW_XML_NONE UINT32_MAX
#define TW_XML_DEPTH_MAX 128

typedef struct {
    tw_str name;  /* without prefix */
    tw_str space; /* URI of its namespace; "": none, as for every attribute without a prefix */
    tw_str value; /* normalised as XML 1.0 section 3.3.3 says */
} tw_xml_attr;

typedef struct {
    tw_str name;
    tw_str space;
    tw_str text;     /* character data right inside it, joined over its children; "" when it is blanks alone */
    uint32_t attr;   /* first of its attributes */
    uint32_t attrs;  /* how many */
    uint32_t parent; /* TW_XML_NONE for the root */
    uint32_t next;   /* element after its subtree; its first child, if it has one, is right after itself */
    uint32_t line;   /* of its start tag; from 1 */
    uint32_t column; /* from 1, in bytes */
} tw_xml_elem;

typedef struct {
    const tw_xml_elem *elem; /* elem[0] is the root */
    uint32_t n;
    const tw_xml_attr *attr;
    uint32_t attr_n;
} tw_xml;

/** Zero: the default. */
typedef struct {
    size_t bytes_max;      /* of the document: 256 MiB */
    uint32_t depth_max;    /* TW_XML_DEPTH_MAX */
    uint32_t elements_max; /* 4 Mi */
    uint32_t attrs_max;    /* of one element: 256; of all: four times elements_max */
    size_t text_max;       /* bytes of text and values of attributes, UTF-8: twice bytes_max */
} tw_xml_limits;

/** Where a document is wrong; 0: not known. */
typedef struct {
    uint32_t line, column; /* from 1 */
} tw_xml_place;

/** Parse one document. All of it lives in cx->arena; the text may go. limits and place may be NULL.
 *  fails TW_EPARSE, TW_ELIMIT: "line 3, column 14: rule" */
TW_NODISCARD tw_status tw_xml_parse(tw_ctx *cx, tw_xml *out, tw_xml_place *place, tw_str text,
                                    const tw_xml_limits *limits);
/** First child of that name in the parent's own namespace (NULL: of any name), or the next one after `child`.
 *  TW_XML_NONE when there is none, and for TW_XML_NONE. */
uint32_t tw_xml_child(const tw_xml *d, uint32_t parent, const char *name);
uint32_t tw_xml_sibling(const tw_xml *d, uint32_t child, const char *name);
/** Descendant by names of children, parted by '/': each the first of its name. */
uint32_t tw_xml_find(const tw_xml *d, uint32_t from, const char *path);
/** Value of an attribute without namespace; "" when absent. */
tw_str tw_xml_value(const tw_xml *d, uint32_t elem, const char *name);
/** The same in a namespace. */
tw_str tw_xml_value_in(const tw_xml *d, uint32_t elem, const char *space, const char *name);
tw_str tw_xml_text(const tw_xml *d, uint32_t elem);
/** "a/b[2]/c": names from the root down, with positions among siblings of the same name where there are several. In the
 *  arena; at most 240 bytes, cut at the front. */
tw_str tw_xml_where(tw_ctx *cx, const tw_xml *d, uint32_t elem);
/** The tree as a document in UTF-8: what it parses to is equal to it. */
void tw_xml_write(tw_buf *out, const tw_xml *d);
/** Same names, namespaces, attributes, texts and shape; lines and columns do not count. */
bool tw_xml_equal(const tw_xml *a, const tw_xml *b);

/* ---------------------------------------------------------------- ZIP */

/** A file of an archive; names have '/' between their parts. */
typedef struct {
    tw_str name;
    tw_bytes data;
} tw_zip_entry;

/** Files of an archive (COMBINE archives, FMUs), read by libzip; folders are passed over. A name that is absolute, goes
 *  up or has a backslash is refused, and so is encryption.
 *  in     bytes_max  of all files unpacked, before any is unpacked; entries at most 10,000
 *  fails  TW_EPARSE not an archive or damaged; TW_ELIMIT */
TW_NODISCARD tw_status tw_zip_read(tw_ctx *cx, tw_zip_entry **out, size_t *n, tw_bytes archive, size_t bytes_max);
/** An archive of these files, deflated, all dated 1980-01-01: the same files give the same bytes. Appends to out. */
TW_NODISCARD tw_status tw_zip_write(tw_ctx *cx, tw_buf *out, const tw_zip_entry *entry, size_t n);

/* ---------------------------------------------------------------- CSV */

/** Rows of delimited text, read and written by libcsv: RFC 4180 quoting (a quote inside quotes is doubled), rows that
 *  end in LF, CR LF or CR; quoted fields may hold them. Blanks belong to a field. The reader refuses a quote inside a
 *  bare field, bytes after a closing quote, a quote that is not closed, NUL, bytes that are not of the charset.
 *  Sources: RFC 4180; WHATWG Encoding (names of single-byte charsets). */
#define TW_CSV_COLUMNS_MAX 4096
#define TW_CSV_ROW_BYTES_MAX TW_MIB

/** UTF-8 (a zeroed one), or a table of what bytes 0x80 to 0xff mean: read by several threads at once. */
typedef struct {
    bool single_byte;
    struct {
        uint8_t n; /* 0: no character */
        char utf8[3];
    } high[128];
} tw_charset;
/** "utf-8", "iso-8859-1", "iso-8859-2", "iso-8859-15", "windows-1250", "windows-1252"; from iconv.
 *  fails TW_EPARSE: another name; TW_EFOREIGN: the system has no such table */
TW_NODISCARD tw_status tw_charset_open(tw_ctx *cx, tw_charset *out, tw_str name);

typedef struct {
    char delimiter;            /* ',' ';' '|' or a tab; 0: ',' */
    const tw_charset *charset; /* NULL: UTF-8 */
    size_t row_bytes_max;      /* 0: TW_CSV_ROW_BYTES_MAX */
    uint32_t columns;          /* that a row has; 0: any number up to TW_CSV_COLUMNS_MAX */
} tw_csv_opts;

/** Where a row is wrong. */
typedef struct {
    uint32_t line;   /* from 0, inside the row */
    uint32_t column; /* from 1, in bytes of that line; 0: the row as a whole */
    uint32_t field;  /* from 1; 0: the row as a whole */
} tw_csv_place;

typedef enum {
    TW_CSV_ROW,   /* *skip bytes to pass over, then a row of *size bytes, without the end of its line */
    TW_CSV_BLANK, /* *skip bytes: blank lines, and rows of empty fields */
    TW_CSV_MORE,  /* the window ends inside the row */
    TW_CSV_END    /* nothing is left; only when `last` */
} tw_csv_cut_kind;
/** First row of a window. A row over several lines whose quotes are wrong, that is over its limit or has another number
 *  of columns, is cut after its first line: one bad quote costs one row. */
tw_csv_cut_kind tw_csv_cut(size_t *skip, size_t *size, tw_str window, bool last, const tw_csv_opts *opts);

/** Fields of one row, UTF-8, in cx->arena. place and opts may be NULL.
 *  fails TW_EPARSE, TW_ELIMIT: the rule in cx->err, where in place */
TW_NODISCARD tw_status tw_csv_row(tw_ctx *cx, tw_str **field, size_t *count, tw_csv_place *place, tw_str row,
                                  const tw_csv_opts *opts);
/** Where a field of a row begins; field from 1. The row has been read: its quotes are right. */
tw_csv_place tw_csv_place_of(tw_str row, uint32_t field, const tw_csv_opts *opts);
/** A whole table: names of its columns, then rows of as many fields. */
typedef struct {
    tw_str *name; /* [columns] */
    size_t columns;
    tw_str **row; /* [n][columns] */
    size_t *line; /* [n], where each row begins, from 1 */
    size_t n;
} tw_csv_table;
/** Reads it into cx->arena. Blank lines are passed over; a table of names alone has no rows.
 *  fails  TW_EPARSE "line 3: rule"; TW_ELIMIT more lines than rows_max */
TW_NODISCARD tw_status tw_csv_table_read(tw_ctx *cx, tw_csv_table *out, tw_str text, size_t rows_max,
                                         const tw_csv_opts *opts);
/** A row and LF; it reads back as the same fields. Quotes where needed. The charset is not used: UTF-8. */
void tw_csv_write(tw_buf *out, const tw_str *field, size_t count, const tw_csv_opts *opts);

/* ---------------------------------------------------------------- dates by pattern */

/** How a column writes its times: "iso", "hl7" (whoever reads knows these), or a pattern of letters: YYYY YY year; MON
 *  first three letters of a month's name in English, Spanish or German; MM M month; DD D day; hh h hour; mm minute; ss
 *  second; f digits of a fraction; a AM or PM; all else stands for itself. */
#define TW_DATE_TOKENS 16
typedef struct {
    enum { TW_DATE_ISO, TW_DATE_HL7, TW_DATE_PATTERN } kind;
    size_t n;
    char token[TW_DATE_TOKENS]; /* a letter of the table in dates.c; 0: a literal */
    char literal[TW_DATE_TOKENS];
} tw_date_format;
typedef struct {
    int year, month, day, hour, minute, second; /* month and day 1, time 0 where the pattern has none */
    int half;                                   /* 0: none; 1 AM, 2 PM, which hour knows already */
    int language;                               /* of the month's name */
} tw_date_parts;
/** NULL, or the rule that the text breaks. */
const char *tw_date_format_read(tw_date_format *out, tw_str text);
/** It has one of the tokens: Y y year, O M m month, D d day, H h hour, I minute, S second. */
bool tw_date_format_has(const tw_date_format *f, const char *tokens);
/** By a pattern, the whole text. pivot: two-digit years up to it are 20YY */
bool tw_date_read(tw_date_parts *out, const tw_date_format *f, int pivot, tw_str text);
/** A day in the form of `as`, a text that the pattern reads: its time of day, noughts, language and case. as "": in the
 *  pattern's own form, with the hour before noon that `day` has. */
void tw_date_write(tw_buf *out, const tw_date_format *f, tw_str as, const tw_date_parts *day);

/* ---------------------------------------------------------------- HL7 v2 */

/** An HL7 v2 message as slices of its text: segments, fields; repetitions, components and subcomponents are cut on
 *  demand. Delimiters come from MSH-1 and MSH-2. Segments end in CR, LF or CR LF; blank lines are passed over. An ADD
 *  segment is joined to the one before it. Nothing here knows what a field means.
 *
 *  Refused: text that does not begin with MSH (FHS, BHS), MSH-2 of other than four or five distinct punctuation marks,
 *  names of segments other than [A-Z][A-Z0-9]{2}, control bytes other than TAB, a character set that MSH-18 does not
 *  name rightly, and what is over a limit. Errors name segment and rule, never a value.
 *
 *  Sources: HL7 v2.8.2 chapter 2 (2.5.3 delimiters, 2.7 escapes, 2.10 continuation, 2.14.9 MSH), table 0211. */
#define TW_HL7_BYTES_MAX (64 * TW_MIB)
#define TW_HL7_SEGMENTS_MAX 65536
#define TW_HL7_FIELDS_MAX 1024 /* of a segment */

typedef struct {
    char field;      /* | */
    char component;  /* ^ */
    char repetition; /* ~ */
    char escape;     /* \ */
    char sub;        /* & */
    char truncation; /* #; 0 before version 2.7 */
} tw_hl7_delims;
extern const tw_hl7_delims tw_hl7_usual; /* |^~\& */

typedef struct {
    char name[4];
    uint32_t off;   /* of its name, in the text */
    uint32_t first; /* its name in tw_hl7.start */
    uint32_t count; /* of parts between field separators, the name included */
} tw_hl7_segment;

typedef struct {
    tw_str text; /* UTF-8; borrowed, or in the arena when it had to be converted or joined */
    tw_hl7_delims delims;
    const tw_hl7_segment *segment; /* segment[0] is MSH */
    uint32_t segments;
    const uint32_t *start; /* where parts begin; a part ends one byte before the next */
    bool escapes;          /* an escape character stands outside of MSH-2 */
    bool recoded;          /* MSH-18 names another set than ASCII and UTF-8 */
} tw_hl7;

/** Where in a message something is wrong. path: "MSH-18", "segment"; a constant. line from 0, column from 1 or 0. */
typedef struct {
    uint32_t line;
    uint32_t column;
    const char *path;
} tw_hl7_place;

/** Structure of one message. `place` may be NULL; set when it fails. fails TW_EPARSE, TW_ELIMIT */
TW_NODISCARD tw_status tw_hl7_parse(tw_ctx *cx, tw_hl7 *out, tw_hl7_place *place, tw_str message);

/** Field n of a segment, n from 1 as in the standard ("PID-3"); MSH-1 is the separator. "" when absent. */
tw_str tw_hl7_field(const tw_hl7 *m, const tw_hl7_segment *s, uint32_t n);
/** Takes the part of *rest before `separator`; false when *rest is NULL. "" has one part. */
bool tw_hl7_next(tw_str *part, tw_str *rest, char separator);
/** Part n, n from 1; "" when absent. */
tw_str tw_hl7_part(tw_str whole, char separator, uint32_t n);
/** "" in quotation marks: the sender deletes the value. Empty: he says nothing of it. */
bool tw_hl7_is_delete(tw_str raw);
/** Text of a part: escapes undone, UTF-8. Borrowed when it has no escape, else in the arena. \.br\ and its kin become
 *  line ends, \.sk\ blanks; \H\, \N\, \Z..\ and other formatting go; what is no escape stays as it stands. fails
 *  TW_EPARSE \C..\ and \M..\ to another set than ASCII, \X..\ that is no text */
TW_NODISCARD tw_status tw_hl7_text(tw_ctx *cx, tw_str *out, const tw_hl7 *m, tw_str raw);

/** Text as it stands in a part: tw_hl7_text undoes it. */
void tw_hl7_escape(tw_buf *out, const tw_hl7_delims *d, tw_str text);
/** The whole message, segments ending in CR. Parsed again it has the same parts with the same text: where MSH-18 names
 *  another set than UTF-8, what is not ASCII is written as \X..\. */
TW_NODISCARD tw_status tw_hl7_encode(tw_ctx *cx, tw_buf *out, const tw_hl7 *m);

/** Position of the first byte below 0x20 other than TAB at or after `from`; s.n when there is none. */
size_t tw_hl7_control(tw_str s, size_t from);

/* ---------------------------------------------------------------- charts */

/** Charts as SVG 1.1: axes, lines, bands, points, bars, intervals; no script, no ids, no links. Text is escaped; the
 * same input gives the same bytes. Colours are CSS variables, so that a chart is readable on light and dark pages: a
 * page includes tw_svg_css once, a file of its own carries it (`standalone`). What lies outside the axes is drawn at
 * their edge; NaN is left out. Errors are those of the buffer: check it at the end. */
typedef enum { TW_SVG_A, TW_SVG_B, TW_SVG_C, TW_SVG_D, TW_SVG_E, TW_SVG_GREY, TW_SVG_INK } tw_svg_colour;

typedef struct {
    double min;
    double max;         /* > min */
    bool log;           /* min > 0 */
    const double *tick; /* NULL: round numbers, about six */
    size_t tick_count;
    const char *label;  /* NULL: none */
    bool bare;          /* no ticks, no grid */
} tw_svg_axis;

typedef struct {
    const char *title; /* told by screen readers */
    double width;      /* of the drawing; a page scales it */
    double height;
    tw_svg_axis x;
    tw_svg_axis y;
    bool standalone;
} tw_svg_opts;

typedef struct {
    tw_buf *out;
    tw_svg_opts o;
    double left, top, right, bottom; /* of the plot, in the drawing */
} tw_svg;

typedef enum { TW_SVG_LINE, TW_SVG_DASHES, TW_SVG_DOT, TW_SVG_RING, TW_SVG_BOX, TW_SVG_WASH } tw_svg_mark;
typedef struct {
    const char *text;
    tw_svg_colour colour;
    tw_svg_mark mark;
} tw_svg_key;

/** Style of all charts, for a page's <style>. */
void tw_svg_css(tw_buf *out);
/** Frame, grid, ticks and labels of both axes; then the calls below in the order of painting; then tw_svg_end. */
void tw_svg_begin(tw_svg *s, tw_buf *out, const tw_svg_opts *opts);
void tw_svg_end(tw_svg *s);
/** Shade of the plot from x = from to x = to. */
void tw_svg_span(tw_svg *s, double from, double to, tw_svg_colour c);
/** Between lo[i] and hi[i]; strength 1 (faint) to 3. */
void tw_svg_band(tw_svg *s, const double *x, const double *lo, const double *hi, size_t n, tw_svg_colour c,
                 int strength);
void tw_svg_line(tw_svg *s, const double *x, const double *y, size_t n, tw_svg_colour c, bool dashed);
void tw_svg_points(tw_svg *s, const double *x, const double *y, size_t n, tw_svg_colour c, bool hollow);
/** Upright line at x, level line at y. Label NULL: none. */
void tw_svg_rule(tw_svg *s, double x, const char *label);
void tw_svg_level(tw_svg *s, double y);
/** Columns from 0 to count[i], the i-th over [from + i * width, from + (i + 1) * width]. */
void tw_svg_histogram(tw_svg *s, const double *count, size_t n, double from, double width, tw_svg_colour c);
/** Above the plot, left to right. */
void tw_svg_legend(tw_svg *s, const tw_svg_key *key, size_t n);

/** Bars, a row each, made of parts laid end to end; the sum stands behind them. */
#define TW_SVG_PARTS_MAX 6
typedef struct {
    const char *label;
    double part[TW_SVG_PARTS_MAX];
} tw_svg_row;
typedef struct {
    const char *title;
    const tw_svg_key *key; /* a part each; one part: no legend */
    size_t part_count;
    double width;
    double label_width;
    bool standalone;
} tw_svg_bars_opts;
void tw_svg_bars(tw_buf *out, const tw_svg_bars_opts *opts, const tw_svg_row *row, size_t n);

/** Estimates with their intervals, a row each, on one scale; `zero` is marked. */
typedef struct {
    const char *label;
    double lo, mid, hi; /* NaN mid: the row has no mark */
    tw_svg_colour colour;
} tw_svg_interval;
typedef struct {
    const char *title;
    tw_svg_axis x;
    double zero; /* NaN: none */
    double width;
    double label_width;
    bool standalone;
} tw_svg_intervals_opts;
void tw_svg_intervals(tw_buf *out, const tw_svg_intervals_opts *opts, const tw_svg_interval *row, size_t n);

/** A number as people read it: up to `digits` significant ones after the point, no exponent, no zeroes at the end,
 *  thousands parted: "12,345", "0.012". NaN and infinities: "-". */
void tw_svg_number(tw_buf *out, double v, int digits);

#endif
