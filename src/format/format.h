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
    uint64_t comma; /* bit per depth: a value was written */
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
