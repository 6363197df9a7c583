/* Draws the growth of a release with its size. Usage: bench_plot DIR <FIGURES; FIGURES: lines
 * "release.NAME_SIZE VALUE", as scripts/bench hands them on. Writes DIR/growth-time.svg (us a capsule of keeper and
 * reader) and DIR/growth-bytes.svg (bytes a capsule of the reader's folder). */
#include "figure.h"
#include "format/format.h"
#include "io/io.h"

#define SIZES_MAX 16

typedef struct {
    const char *name;
    tw_svg_key key;
    double size[SIZES_MAX];
    double value[SIZES_MAX];
    size_t n;
} series;

static tw_ctx cx;
static series all[] = {
    { .name = "keeper", .key = { "one keeper", TW_SVG_A, TW_SVG_LINE } },
    { .name = "ask", .key = { "reader, asking", TW_SVG_B, TW_SVG_LINE } },
    { .name = "open", .key = { "reader, opening", TW_SVG_C, TW_SVG_LINE } },
    { .name = "bytes", .key = { "reader's folder", TW_SVG_D, TW_SVG_LINE } },
};

/* "release.keeper_1000 208.1"; others are passed over. Sizes come in rising order. */
static void take(tw_str line)
{
    tw_str name, size;
    double n, v;
    if (!tw_str_starts(line, "release.") || !tw_str_split(&name, &line, ' '))
        return;
    name = (tw_str){ name.p + 8, name.n - 8 };
    if (!tw_str_split(&size, &name, '_') || !tw_parse_f64(&n, name) || !tw_parse_f64(&v, line))
        return;
    for (size_t i = 0; i < TW_COUNT(all); i++)
        if (tw_str_is(size, all[i].name) && all[i].n < SIZES_MAX) {
            all[i].size[all[i].n] = n;
            all[i].value[all[i].n++] = v;
        }
}

static void draw(const char *path, const char *title, const char *label, const series *s, size_t count)
{
    tw_buf b;
    tw_svg svg;
    tw_svg_key key[TW_COUNT(all)];
    tw_svg_opts o = { .title = title, .width = 640, .height = 320, .standalone = true };
    o.x = (tw_svg_axis){ .min = 1e300, .max = 0, .log = true, .label = "patients, one capsule each" };
    o.y = (tw_svg_axis){ .min = 0, .max = 1, .label = label };
    for (size_t i = 0; i < count; i++) {
        key[i] = s[i].key;
        for (size_t j = 0; j < s[i].n; j++) {
            o.x.min = TW_MIN(o.x.min, s[i].size[j] / 1.2);
            o.x.max = TW_MAX(o.x.max, s[i].size[j] * 1.2);
            o.y.max = TW_MAX(o.y.max, s[i].value[j] * 1.15);
        }
    }
    if (o.x.max <= 0)
        return;
    tw_buf_init(&b, 4 * TW_MIB);
    tw_svg_begin(&svg, &b, &o);
    for (size_t i = 0; i < count; i++) {
        tw_svg_line(&svg, s[i].size, s[i].value, s[i].n, s[i].key.colour, false);
        tw_svg_points(&svg, s[i].size, s[i].value, s[i].n, s[i].key.colour, false);
    }
    tw_svg_legend(&svg, key, count);
    tw_svg_end(&svg);
    must(&cx, tw_buf_check(&cx, &b, "chart"));
    must(&cx, tw_file_write(&cx, path, tw_buf_view(&b)));
    tw_buf_done(&b);
}

int main(int argc, char **argv)
{
    char line[256];
    tw_env env = tw_io_env();
    tw_base_start();
    tw_ctx_init(&cx, 64 * TW_MIB, &env);
    if (argc != 2) {
        fprintf(stderr, "usage: bench_plot DIR <FIGURES\n");
        return 2;
    }
    while (fgets(line, sizeof line, stdin))
        take(tw_str_trim(tw_str_of(line)));
    draw(tw_path(&cx, argv[1], "growth-time.svg"), "Time of a release by its size", "us a capsule", all, 3);
    draw(tw_path(&cx, argv[1], "growth-bytes.svg"), "Size of a release by its patients", "bytes a capsule", all + 3, 1);
    tw_ctx_done(&cx);
    return 0;
}
