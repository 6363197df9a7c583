/* HTML: one page without script and without network. */
#include "report_internal.h"

#include <math.h>
#include <stdarg.h>

#define LINE_MAX_BYTES 4096

void tw_page_raw(tw_page *p, const char *html)
{
    tw_buf_cstr(p->b, html);
}

void tw_page_text(tw_page *p, tw_str text)
{
    tw_xml_escape(p->b, text);
}

TW_PRINTF(2, 0)
static void put(tw_page *p, const char *fmt, va_list ap)
{
    char text[LINE_MAX_BYTES];
    int n = vsnprintf(text, sizeof text, fmt, ap);
    TW_ASSERT(n >= 0 && (size_t)n < sizeof text); /* texts of the report are short */
    tw_page_text(p, (tw_str){ text, (size_t)n });
}

static const char css[] =
    ":root{--paper:#fbfbf9;--card:#fff;--ink:#1d2731;--soft:#5b6875;--line:#e1e5e8;--accent:#2765a7;--good:#2c7a5b;"
    "--bad:#b3341f;--warn:#8a5a00;--warnbg:#fff6e0;--mark:#fde3da;--mark2:#e2efe6}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#12171c;--card:#1a2027;--ink:#dfe5ea;--soft:#a3afba;"
    "--line:#313a43;--accent:#7db4ee;--good:#6cc79f;--bad:#f08a74;--warn:#e6c070;--warnbg:#2e2715;--mark:#4a2a20;"
    "--mark2:#1f3a2c}}\n"
    "*{box-sizing:border-box}html{color-scheme:light dark;-webkit-text-size-adjust:100%}\n"
    "body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.6 Charter,\"Bitstream Charter\",\"Source Serif "
    "4\",Georgia,\"DejaVu Serif\",serif}\n"
    "main,header,footer{max-width:52rem;margin:0 auto;padding:0 1.25rem}\n"
    "header{padding-top:3.5rem}footer{padding-bottom:4rem;color:var(--soft);font-size:.9rem}\n"
    "h1{font-size:2.1rem;line-height:1.2;margin:0 0 .4rem;letter-spacing:-.01em}\n"
    "h2{font-size:1.4rem;line-height:1.3;margin:3.2rem 0 .6rem;padding-top:1.2rem;border-top:1px solid var(--line)}\n"
    "h3{font-size:1.05rem;margin:1.8rem 0 .4rem}p{margin:.6rem 0}\n"
    ".lead{font-size:1.12rem;color:var(--soft);margin-top:0}\n"
    "nav,.keys,table,.note,summary,figcaption,pre,.tag,.flow,th{font-family:system-ui,-apple-system,\"Segoe "
    "UI\",Roboto,"
    "\"DejaVu Sans\",sans-serif}\n"
    "nav{font-size:.85rem;margin:1.4rem 0 0;line-height:2}nav a{margin-right:1rem;white-space:nowrap}\n"
    "a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}\n"
    ".note{font-size:.88rem;border-left:3px solid var(--warn);background:var(--warnbg);padding:.6rem .9rem;"
    "margin:1rem 0;border-radius:0 4px 4px 0}\n"
    ".keys{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:.7rem;margin:1.6rem 0}\n"
    ".keys div{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.7rem .85rem}\n"
    ".keys b{display:block;font-size:1.35rem;font-weight:600;font-variant-numeric:tabular-nums}\n"
    ".keys span{font-size:.78rem;color:var(--soft);line-height:1.35;display:block}\n"
    "figure{margin:1.3rem 0;padding:1rem 1rem .7rem;background:var(--card);border:1px solid var(--line);"
    "border-radius:6px;break-inside:avoid;overflow-x:auto}figure .tw{min-width:34rem}\n"
    "figcaption{font-size:.85rem;color:var(--soft);margin-top:.6rem;line-height:1.5}\n"
    "details{margin:.4rem 0 1rem}summary{cursor:pointer;font-size:.85rem;color:var(--accent)}\n"
    ".scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.85rem;margin:.6rem 0;"
    "font-variant-numeric:tabular-nums}\n"
    "th,td{text-align:left;padding:.36rem .6rem .36rem 0;border-bottom:1px solid var(--line);vertical-align:top}\n"
    "th{font-weight:600;color:var(--soft);font-size:.78rem}.r{text-align:right}td.r{white-space:nowrap}\n"
    ".ok{color:var(--good)}.no{color:var(--bad)}.tag{font-size:.75rem;padding:.1rem .45rem;border:1px solid;"
    "border-radius:1rem;white-space:nowrap}\n"
    "pre{font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans "
    "Mono\",monospace;background:var(--card);"
    "border:1px solid var(--line);border-radius:6px;padding:.8rem;overflow-x:auto;margin:.5rem 0;white-space:pre-wrap;"
    "overflow-wrap:anywhere}\n"
    "code{font:.85em ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
    ".two{display:grid;grid-template-columns:1fr 1fr;gap:.8rem}.two h4{margin:.3rem "
    "0;font-size:.85rem;color:var(--soft);"
    "font-family:system-ui,sans-serif}@media(max-width:44rem){.two{grid-template-columns:1fr}}\n"
    "pre del{background:var(--mark);text-decoration:line-through;text-decoration-thickness:1px}"
    "pre ins{background:var(--mark2);text-decoration:none}\n"
    ".flow{display:flex;flex-wrap:wrap;gap:.4rem;align-items:stretch;font-size:.82rem;margin:1.4rem 0;padding:0;"
    "list-style:none}.flow li{flex:1 1 7.5rem;background:var(--card);border:1px solid var(--line);border-radius:6px;"
    "padding:.6rem .7rem;line-height:1.4;border-top:3px solid var(--accent)}.flow b{display:block}"
    ".flow span{color:var(--soft)}\n"
    "@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#ccc;--accent:#1d4f86;--good:#1d5f45;"
    "--bad:#8f2412;--warn:#6b4700;--warnbg:#fff;--mark:#fde3da;--mark2:#e2efe6}body{font-size:11pt}nav{display:none}"
    "h2{break-after:avoid}a{color:inherit}details>*{display:block}}\n";

void tw_page_begin(tw_page *p)
{
    tw_page_raw(p, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
                   "'unsafe-inline'\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
                   "<title>twinward: report of a site</title>\n<style>\n");
    tw_page_raw(p, css);
    tw_svg_css(p->b);
    tw_page_raw(p, "</style>\n</head>\n<body>\n");
}

void tw_page_end(tw_page *p)
{
    tw_page_raw(p, "</body>\n</html>\n");
}

void tw_page_section(tw_page *p, const char *id, const char *heading)
{
    tw_buf_fmt(p->b, "<h2 id=\"%s\">", id);
    tw_page_text(p, tw_str_of(heading));
    tw_page_raw(p, "</h2>\n");
}

void tw_page_say(tw_page *p, const char *fmt, ...)
{
    va_list ap;
    tw_page_raw(p, "<p>");
    va_start(ap, fmt);
    put(p, fmt, ap);
    va_end(ap);
    tw_page_raw(p, "</p>\n");
}

void tw_page_figure(tw_page *p)
{
    tw_page_raw(p, "<figure>\n");
}

void tw_page_caption(tw_page *p, const char *fmt, ...)
{
    va_list ap;
    tw_page_raw(p, "<figcaption>");
    va_start(ap, fmt);
    put(p, fmt, ap);
    va_end(ap);
    tw_page_raw(p, "</figcaption>\n</figure>\n");
}

void tw_page_details(tw_page *p, const char *summary)
{
    tw_page_raw(p, "<details><summary>");
    tw_page_text(p, tw_str_of(summary));
    tw_page_raw(p, "</summary>\n");
}

void tw_page_details_end(tw_page *p)
{
    tw_page_raw(p, "</details>\n");
}

/* ---------------------------------------------------------------- tables */

void tw_page_table(tw_page *p, const char *columns)
{
    tw_str rest = tw_str_of(columns);
    tw_str name;
    tw_page_raw(p, "<div class=\"scroll\"><table>\n<thead><tr>");
    while (tw_str_split(&name, &rest, '|')) {
        bool number = tw_str_starts(name, "#");
        tw_page_raw(p, number ? "<th class=\"r\">" : "<th>");
        tw_page_text(p, number ? (tw_str){ name.p + 1, name.n - 1 } : name);
        tw_page_raw(p, "</th>");
    }
    tw_page_raw(p, "</tr></thead>\n<tbody>\n");
}

void tw_page_row(tw_page *p)
{
    tw_page_raw(p, "<tr>");
}

void tw_page_cell(tw_page *p, const char *fmt, ...)
{
    va_list ap;
    tw_page_raw(p, "<td>");
    va_start(ap, fmt);
    put(p, fmt, ap);
    va_end(ap);
    tw_page_raw(p, "</td>");
}

void tw_page_cell_str(tw_page *p, tw_str text)
{
    tw_page_raw(p, "<td>");
    tw_page_text(p, text);
    tw_page_raw(p, "</td>");
}

void tw_page_cell_u64(tw_page *p, uint64_t v)
{
    tw_page_raw(p, "<td class=\"r\">");
    tw_page_text(p, tw_thousands(p->cx, v));
    tw_page_raw(p, "</td>");
}

void tw_page_cell_f64(tw_page *p, double v, int decimals)
{
    tw_page_raw(p, "<td class=\"r\">");
    if (isfinite(v))
        tw_buf_fmt(p->b, "%.*f", decimals, v);
    else
        tw_page_raw(p, "-");
    tw_page_raw(p, "</td>");
}

void tw_page_table_end(tw_page *p)
{
    tw_page_raw(p, "</tbody></table></div>\n");
}

tw_str tw_thousands(tw_ctx *cx, uint64_t v)
{
    char plain[32];
    char out[48];
    size_t at = 0;
    int n = snprintf(plain, sizeof plain, "%llu", (unsigned long long)v);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = plain[i];
    }
    return tw_str_dup(cx->arena, (tw_str){ out, at });
}
