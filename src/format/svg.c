/* Charts as SVG text. Coordinates have two decimals, so that the last bits of a sum do not show. */
#include "format/format.h"

#include <math.h>

#define TICKS_MAX 24
#define CHAR_WIDTH 6.3 /* of the 12 px sans-serif text, on average; only places of legends hang on it */
#define ROW_HEIGHT 26.0

static const char colour_name[] = "abcdegi";

void tw_svg_css(tw_buf *out)
{
    tw_buf_cstr(
        out,
        ".tw{--a:#2765a7;--b:#c05621;--c:#2c7a5b;--d:#7c5bb0;--e:#a8791b;--g:#9aa5b1;--i:#243240;--soft:#5b6875;"
        "--grid:#e3e7eb;--paper:#fff;display:block;width:100%;height:auto;font:12px system-ui,-apple-system,"
        "\"Segoe UI\",Roboto,\"DejaVu Sans\",sans-serif}\n"
        "@media(prefers-color-scheme:dark){.tw{--a:#6ea8e6;--b:#f0925c;--c:#5fbf97;--d:#b79ae6;--e:#dcb04a;"
        "--g:#6b7784;--i:#dfe5ea;--soft:#a3afba;--grid:#333c45;--paper:#1a2027}}\n"
        "@media print{.tw{--a:#2765a7;--b:#c05621;--c:#2c7a5b;--d:#7c5bb0;--e:#a8791b;--g:#9aa5b1;--i:#243240;"
        "--soft:#5b6875;--grid:#e3e7eb;--paper:#fff}}\n"
        ".tw text{fill:var(--soft)}.tw .k{fill:var(--i)}.tw .n{fill:none}.tw .q{stroke:var(--grid)}"
        ".tw .x{stroke:var(--soft)}.tw .m{stroke-dasharray:5 4}.tw .w{stroke-width:1.8;stroke-linejoin:round}"
        ".tw .o{fill:var(--paper);stroke-width:1.4}.tw .p{stroke:var(--paper);stroke-width:.8}"
        ".tw .v1{fill-opacity:.16}.tw .v2{fill-opacity:.28}.tw .v3{fill-opacity:.45}.tw .v0{fill-opacity:.15}\n"
        ".tw .fa{fill:var(--a)}.tw .fb{fill:var(--b)}.tw .fc{fill:var(--c)}.tw .fd{fill:var(--d)}"
        ".tw .fe{fill:var(--e)}.tw .fg{fill:var(--g)}.tw .fi{fill:var(--i)}"
        ".tw .sa{stroke:var(--a)}.tw .sb{stroke:var(--b)}.tw .sc{stroke:var(--c)}.tw .sd{stroke:var(--d)}"
        ".tw .se{stroke:var(--e)}.tw .sg{stroke:var(--g)}.tw .si{stroke:var(--i)}\n");
}

/* ---------------------------------------------------------------- pieces */

static char colour(tw_svg_colour c)
{
    TW_ASSERT((unsigned)c < sizeof colour_name - 1);
    return colour_name[c];
}

/* Digits in groups of three, up to the point. */
static void grouped(tw_buf *out, const char *text)
{
    size_t digits = strspn(text, "-0123456789");
    size_t sign = text[0] == '-' ? 1 : 0;
    for (size_t i = 0; i < digits; i++) {
        if (i > sign && (digits - i) % 3 == 0)
            tw_buf_cstr(out, ",");
        tw_buf_u8(out, (uint8_t)text[i]);
    }
    tw_buf_cstr(out, text + digits);
}

void tw_svg_number(tw_buf *out, double v, int digits)
{
    char text[64];
    double size = fabs(v);
    int whole = size >= 1.0 ? (int)floor(log10(size)) + 1 : 0;
    int decimals = TW_MIN(TW_MAX(digits - whole, 0), 12);
    int n = snprintf(text, sizeof text, "%.*f", decimals, v);
    if (!isfinite(v) || n < 0 || (size_t)n >= sizeof text) {
        tw_buf_cstr(out, "-");
        return;
    }
    if (strchr(text, '.')) {
        while (text[n - 1] == '0')
            text[--n] = '\0';
        if (text[n - 1] == '.')
            text[--n] = '\0';
    }
    grouped(out, strcmp(text, "-0") == 0 ? "0" : text);
}

static void coordinate(tw_buf *out, double v)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%.2f", v);
    while (n > 0 && text[n - 1] == '0')
        n--;
    if (n > 0 && text[n - 1] == '.')
        n--;
    tw_buf_add(out, text, (size_t)n);
}

static void attribute(tw_buf *out, const char *name, double v)
{
    tw_buf_fmt(out, " %s=\"", name);
    coordinate(out, v);
    tw_buf_cstr(out, "\"");
}

static void text_at(tw_buf *out, double x, double y, const char *anchor, bool strong, tw_str text)
{
    tw_buf_cstr(out, strong ? "<text class=\"k\"" : "<text");
    attribute(out, "x", x);
    attribute(out, "y", y);
    if (anchor)
        tw_buf_fmt(out, " text-anchor=\"%s\"", anchor);
    tw_buf_cstr(out, ">");
    tw_xml_escape(out, text);
    tw_buf_cstr(out, "</text>\n");
}

static void segment(tw_buf *out, const char *class_name, double x1, double y1, double x2, double y2)
{
    tw_buf_fmt(out, "<line class=\"%s\"", class_name);
    attribute(out, "x1", x1);
    attribute(out, "y1", y1);
    attribute(out, "x2", x2);
    attribute(out, "y2", y2);
    tw_buf_cstr(out, "/>\n");
}

static void box(tw_buf *out, const char *class_name, double x, double y, double width, double height)
{
    tw_buf_fmt(out, "<rect class=\"%s\"", class_name);
    attribute(out, "x", x);
    attribute(out, "y", y);
    attribute(out, "width", width);
    attribute(out, "height", height);
    tw_buf_cstr(out, "/>\n");
}

static void circle(tw_buf *out, double x, double y, tw_svg_colour c, bool hollow)
{
    tw_buf_fmt(out, "<circle class=\"%s%c\"", hollow ? "o s" : "p f", colour(c));
    attribute(out, "cx", x);
    attribute(out, "cy", y);
    attribute(out, "r", hollow ? 3.2 : 2.8);
    tw_buf_cstr(out, "/>\n");
}

static void open_drawing(tw_buf *out, const char *title, double width, double height, bool standalone)
{
    tw_buf_cstr(out, "<svg class=\"tw\" role=\"img\"");
    if (standalone)
        tw_buf_cstr(out, " xmlns=\"http://www.w3.org/2000/svg\"");
    tw_buf_cstr(out, " viewBox=\"0 0 ");
    coordinate(out, width);
    tw_buf_cstr(out, " ");
    coordinate(out, height);
    tw_buf_cstr(out, "\">\n<title>");
    tw_xml_escape(out, tw_str_of(title));
    tw_buf_cstr(out, "</title>\n");
    if (!standalone)
        return;
    tw_buf_cstr(out, "<style>\n");
    tw_svg_css(out);
    tw_buf_cstr(out, ".tw .paper{fill:var(--paper)}\n</style>\n");
    box(out, "paper", 0, 0, width, height);
}

/* ---------------------------------------------------------------- scales */

static double place(const tw_svg_axis *a, double v, double from, double to)
{
    double share = a->log ? log(TW_MAX(v, a->min) / a->min) / log(a->max / a->min) : (v - a->min) / (a->max - a->min);
    share = share < 0.0 ? 0.0 : share > 1.0 ? 1.0 : share;
    return from + share * (to - from);
}

static double at_x(const tw_svg *s, double v)
{
    return place(&s->o.x, v, s->left, s->right);
}

static double at_y(const tw_svg *s, double v)
{
    return place(&s->o.y, v, s->bottom, s->top);
}

/* Round steps 1, 2, 5 times a power of ten; on a log scale 1, 2, 5 of each decade, or the decades when they are many.
 */
static size_t round_ticks(double tick[TICKS_MAX], const tw_svg_axis *a)
{
    static const double lead[] = { 1.0, 2.0, 5.0 };
    size_t n = 0;
    if (a->log) {
        int first = (int)floor(log10(a->min));
        int last = (int)ceil(log10(a->max));
        size_t per = last - first > 4 ? 1 : 3;
        for (int e = first; e <= last; e++)
            for (size_t i = 0; i < per; i++) {
                double v = lead[i] * pow(10.0, e);
                if (v >= a->min * 0.999999 && v <= a->max * 1.000001 && n < TICKS_MAX)
                    tick[n++] = v;
            }
        return n;
    }
    double rough = (a->max - a->min) / 6.0;
    double power = pow(10.0, floor(log10(rough)));
    double step = power * 10.0;
    for (size_t i = TW_COUNT(lead); i-- > 0;)
        if (lead[i] * power >= rough * 0.999999)
            step = lead[i] * power;
    for (double k = ceil(a->min / step - 1e-9); k * step <= a->max + step * 1e-9 && n < TICKS_MAX; k += 1.0)
        tick[n++] = k * step;
    return n;
}

static size_t ticks_of(double tick[TICKS_MAX], const tw_svg_axis *a)
{
    size_t n = TW_MIN(a->tick_count, (size_t)TICKS_MAX);
    if (a->bare)
        return 0;
    if (!a->tick)
        return round_ticks(tick, a);
    for (size_t i = 0; i < n; i++)
        tick[i] = a->tick[i];
    return n;
}

static void number_at(tw_buf *out, double x, double y, const char *anchor, double v)
{
    tw_buf b;
    tw_buf_init(&b, 128);
    tw_svg_number(&b, v, 4);
    text_at(out, x, y, anchor, false, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
}

static void draw_axes(tw_svg *s)
{
    double tick[TICKS_MAX];
    size_t n = ticks_of(tick, &s->o.y);
    for (size_t i = 0; i < n; i++) {
        double y = at_y(s, tick[i]);
        segment(s->out, "q", s->left, y, s->right, y);
        number_at(s->out, s->left - 8, y + 4, "end", tick[i]);
    }
    n = ticks_of(tick, &s->o.x);
    for (size_t i = 0; i < n; i++) {
        double x = at_x(s, tick[i]);
        segment(s->out, "x", x, s->bottom, x, s->bottom + 4);
        number_at(s->out, x, s->bottom + 18, "middle", tick[i]);
    }
    segment(s->out, "x", s->left, s->bottom, s->right, s->bottom);
    if (s->o.x.label)
        text_at(s->out, s->right, s->bottom + 34, "end", false, tw_str_of(s->o.x.label));
    if (s->o.y.label)
        text_at(s->out, s->left - 40, s->top - 10, NULL, false, tw_str_of(s->o.y.label));
}

void tw_svg_begin(tw_svg *s, tw_buf *out, const tw_svg_opts *opts)
{
    TW_ASSERT(opts->x.max > opts->x.min && opts->y.max > opts->y.min);
    TW_ASSERT((!opts->x.log || opts->x.min > 0.0) && (!opts->y.log || opts->y.min > 0.0));
    *s = (tw_svg){ .out = out, .o = *opts, .left = 48, .top = 46 };
    s->right = opts->width - 14;
    s->bottom = opts->height - (opts->x.label ? 42 : 26);
    open_drawing(out, opts->title, opts->width, opts->height, opts->standalone);
    draw_axes(s);
}

void tw_svg_end(tw_svg *s)
{
    tw_buf_cstr(s->out, "</svg>\n");
}

/* ---------------------------------------------------------------- layers */

void tw_svg_span(tw_svg *s, double from, double to, tw_svg_colour c)
{
    char name[] = "v0 f?";
    double x = at_x(s, from);
    name[4] = colour(c);
    box(s->out, name, x, s->top, TW_MAX(at_x(s, to) - x, 0.0), s->bottom - s->top);
}

static void point(tw_svg *s, double x, double y)
{
    coordinate(s->out, at_x(s, x));
    tw_buf_cstr(s->out, ",");
    coordinate(s->out, at_y(s, y));
    tw_buf_cstr(s->out, " ");
}

void tw_svg_band(tw_svg *s, const double *x, const double *lo, const double *hi, size_t n, tw_svg_colour c,
                 int strength)
{
    TW_ASSERT(strength >= 1 && strength <= 3);
    tw_buf_fmt(s->out, "<polygon class=\"v%d f%c\" points=\"", strength, colour(c));
    for (size_t i = 0; i < n; i++)
        if (!isnan(hi[i]) && !isnan(lo[i]))
            point(s, x[i], hi[i]);
    for (size_t i = n; i-- > 0;)
        if (!isnan(hi[i]) && !isnan(lo[i]))
            point(s, x[i], lo[i]);
    tw_buf_cstr(s->out, "\"/>\n");
}

void tw_svg_line(tw_svg *s, const double *x, const double *y, size_t n, tw_svg_colour c, bool dashed)
{
    tw_buf_fmt(s->out, "<polyline class=\"n w%s s%c\" points=\"", dashed ? " m" : "", colour(c));
    for (size_t i = 0; i < n; i++)
        if (!isnan(y[i]))
            point(s, x[i], y[i]);
    tw_buf_cstr(s->out, "\"/>\n");
}

void tw_svg_points(tw_svg *s, const double *x, const double *y, size_t n, tw_svg_colour c, bool hollow)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(y[i]))
            circle(s->out, at_x(s, x[i]), at_y(s, y[i]), c, hollow);
}

void tw_svg_rule(tw_svg *s, double x, const char *label)
{
    double at = at_x(s, x);
    segment(s->out, "x m", at, s->top, at, s->bottom);
    if (!label)
        return;
    bool fits = at + 5 + CHAR_WIDTH * (double)strlen(label) <= s->right;
    text_at(s->out, fits ? at + 5 : at - 5, s->top + 12, fits ? NULL : "end", false, tw_str_of(label));
}

void tw_svg_level(tw_svg *s, double y)
{
    double at = at_y(s, y);
    segment(s->out, "x m", s->left, at, s->right, at);
}

void tw_svg_histogram(tw_svg *s, const double *count, size_t n, double from, double width, tw_svg_colour c)
{
    char name[] = "v3 f?";
    name[4] = colour(c);
    for (size_t i = 0; i < n; i++) {
        double x1 = at_x(s, from + (double)i * width);
        double x2 = at_x(s, from + (double)(i + 1) * width);
        double y = at_y(s, count[i]);
        box(s->out, name, x1 + 1, y, TW_MAX(x2 - x1 - 2, 0.5), s->bottom - y);
    }
}

/* ---------------------------------------------------------------- legend */

static void mark_at(tw_buf *out, double x, double y, tw_svg_colour c, tw_svg_mark mark)
{
    char name[16];
    switch (mark) {
    case TW_SVG_LINE:
    case TW_SVG_DASHES:
        snprintf(name, sizeof name, "w s%c%s", colour(c), mark == TW_SVG_DASHES ? " m" : "");
        segment(out, name, x, y, x + 16, y);
        return;
    case TW_SVG_DOT:
    case TW_SVG_RING:
        circle(out, x + 8, y, c, mark == TW_SVG_RING);
        return;
    case TW_SVG_BOX:
    case TW_SVG_WASH:
        snprintf(name, sizeof name, "%s f%c", mark == TW_SVG_WASH ? "v2" : "v3", colour(c));
        box(out, name, x, y - 5, 16, 10);
        return;
    }
}

static double legend_at(tw_buf *out, double x, double y, const tw_svg_key *key, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mark_at(out, x, y - 4, key[i].colour, key[i].mark);
        text_at(out, x + 21, y, NULL, false, tw_str_of(key[i].text));
        x += 21 + CHAR_WIDTH * (double)strlen(key[i].text) + 18;
    }
    return x;
}

void tw_svg_legend(tw_svg *s, const tw_svg_key *key, size_t n)
{
    legend_at(s->out, s->left - 40, 16, key, n);
}

/* ---------------------------------------------------------------- rows */

static double row_sum(const tw_svg_row *r, size_t parts)
{
    double sum = 0.0;
    for (size_t i = 0; i < parts; i++)
        sum += r->part[i];
    return sum;
}

void tw_svg_bars(tw_buf *out, const tw_svg_bars_opts *o, const tw_svg_row *row, size_t n)
{
    double top = o->part_count > 1 ? 32.0 : 6.0;
    double left = o->label_width;
    double room = o->width - left - 64.0;
    double most = 0.0;
    TW_ASSERT(o->part_count >= 1 && o->part_count <= TW_SVG_PARTS_MAX);
    for (size_t i = 0; i < n; i++)
        most = TW_MAX(most, row_sum(&row[i], o->part_count));
    open_drawing(out, o->title, o->width, top + ROW_HEIGHT * (double)n + 6.0, o->standalone);
    if (o->part_count > 1)
        legend_at(out, 8, 16, o->key, o->part_count);
    for (size_t i = 0; i < n; i++) {
        double y = top + ROW_HEIGHT * (double)i;
        double x = left;
        text_at(out, left - 10, y + 17, "end", true, tw_str_of(row[i].label));
        for (size_t p = 0; p < o->part_count; p++) {
            char name[] = "v3 f?";
            double width = most > 0.0 ? row[i].part[p] / most * room : 0.0;
            name[4] = colour(o->key[p].colour);
            if (width > 0.0)
                box(out, name, x, y + 4, width, ROW_HEIGHT - 8);
            x += width;
        }
        number_at(out, x + 8, y + 17, NULL, row_sum(&row[i], o->part_count));
    }
    tw_buf_cstr(out, "</svg>\n");
}

static void interval_row(tw_svg *s, const tw_svg_interval *r, double y)
{
    char name[] = "w s?";
    text_at(s->out, s->left - 10, y + 4, "end", true, tw_str_of(r->label));
    if (isnan(r->mid))
        return;
    name[3] = colour(r->colour);
    if (!isnan(r->lo) && !isnan(r->hi))
        segment(s->out, name, at_x(s, r->lo), y, at_x(s, r->hi), y);
    circle(s->out, at_x(s, r->mid), y, r->colour, false);
}

void tw_svg_intervals(tw_buf *out, const tw_svg_intervals_opts *o, const tw_svg_interval *row, size_t n)
{
    double tick[TICKS_MAX];
    double height = ROW_HEIGHT * (double)n + 52.0;
    tw_svg s = { .out = out, .o = { .x = o->x, .width = o->width, .height = height } };
    s.left = o->label_width;
    s.right = o->width - 14;
    s.top = 6;
    s.bottom = s.top + ROW_HEIGHT * (double)n;
    open_drawing(out, o->title, o->width, height, o->standalone);
    size_t ticks = ticks_of(tick, &o->x);
    for (size_t i = 0; i < ticks; i++) {
        double x = at_x(&s, tick[i]);
        segment(out, "q", x, s.top, x, s.bottom);
        number_at(out, x, s.bottom + 16, "middle", tick[i]);
    }
    if (!isnan(o->zero))
        segment(out, "x", at_x(&s, o->zero), s.top, at_x(&s, o->zero), s.bottom);
    for (size_t i = 0; i < n; i++)
        interval_row(&s, &row[i], s.top + ROW_HEIGHT * ((double)i + 0.5));
    if (o->x.label)
        text_at(out, s.right, s.bottom + 34, "end", false, tw_str_of(o->x.label));
    tw_buf_cstr(out, "</svg>\n");
}
