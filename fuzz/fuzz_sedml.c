/* Any bytes as a SED-ML document, and as a ZIP archive. Must hold: refused with a message, or every index is one of its
 * tables and every formula names only variables of its generator; an archive that reads is written and read as the
 * same. */
#include "support.h"

#include "format/format.h"
#include "sedml/sedml.h"

static void check_math(const tw_math *m, uint32_t symbols, unsigned depth)
{
    FUZZ_CHECK(m && depth < 4096 && (unsigned)m->op <= TW_MATH_IF);
    FUZZ_CHECK(m->op != TW_MATH_SYMBOL || m->symbol < symbols);
    for (unsigned i = 0; i < tw_math_arity(m->op); i++)
        check_math(m->arg[i], symbols, depth + 1);
}

static void check_task(const tw_sedml *d, uint32_t at)
{
    const tw_sedml_task *t = &d->task[at];
    if (!t->repeated) {
        FUZZ_CHECK(t->model < d->n_model && t->simulation < d->n_simulation);
        return;
    }
    FUZZ_CHECK(t->master < t->n_range && t->n_sub > 0);
    for (uint32_t i = 0; i < t->n_sub; i++)
        FUZZ_CHECK(t->sub[i] < at && !d->task[t->sub[i]].repeated);
    for (uint32_t i = 0; i < t->n_change; i++) {
        FUZZ_CHECK(t->change[i].range == TW_NO_SYMBOL || t->change[i].range < t->n_range);
        check_math(t->change[i].math, t->change[i].range == TW_NO_SYMBOL ? 0 : 1, 0);
    }
}

static void check(const tw_sedml *d)
{
    for (uint32_t i = 0; i < d->n_task; i++)
        check_task(d, i);
    for (uint32_t i = 0; i < d->n_generator; i++) {
        for (uint32_t v = 0; v < d->generator[i].n_variable; v++)
            FUZZ_CHECK(d->generator[i].variable[v].task < d->n_task);
        check_math(d->generator[i].math, d->generator[i].n_variable, 0);
    }
    for (uint32_t i = 0; i < d->n_output; i++) {
        for (uint32_t c = 0; c < d->output[i].n_column; c++)
            FUZZ_CHECK(d->output[i].column[c].generator < d->n_generator);
        for (uint32_t c = 0; c < d->output[i].n_curve; c++)
            FUZZ_CHECK(d->output[i].curve[c].x < d->n_generator && d->output[i].curve[c].y < d->n_generator);
    }
}

static void archive(tw_ctx *cx, tw_bytes in)
{
    tw_zip_entry *e, *again;
    size_t n, n_again;
    tw_buf b;
    if (tw_zip_read(cx, &e, &n, in, 4 * TW_MIB) != TW_OK) {
        FUZZ_CHECK(cx->err.msg[0] != '\0');
        return;
    }
    tw_buf_init(&b, 16 * TW_MIB);
    if (tw_zip_write(cx, &b, e, n) == TW_OK && n > 0) { /* not when a name stands twice */
        FUZZ_CHECK(tw_zip_read(cx, &again, &n_again, tw_buf_view(&b), 4 * TW_MIB) == TW_OK && n_again == n);
        for (size_t i = 0; i < n; i++)
            FUZZ_CHECK(tw_bytes_eq(e[i].data, again[i].data));
    }
    tw_buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    tw_ctx cx;
    const tw_sedml *d;
    fuzz_begin(&cx, 256 * TW_MIB);
    if (size > 4 && memcmp(data, "PK", 2) == 0)
        archive(&cx, (tw_bytes){ data, size });
    else if (tw_sedml_read(&cx, &d, (tw_str){ (const char *)data, size }) == TW_OK)
        check(d);
    else
        FUZZ_CHECK(cx.err.msg[0] != '\0');
    tw_ctx_done(&cx);
    return 0;
}
