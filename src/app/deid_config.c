/* Files by a configuration of Microsoft's anonymizer. */
#include "deid_internal.h"

tw_status deid_config_open(tw_ctx *cx, deid_run *r)
{
    tw_bytes text;
    const tw_deid_files_opts *o = r->opts;
    const char *warning;
    TW_TRY(tw_file_read(cx, &text, o->config, TW_CONFIG_BYTES_MAX));
    if (tw_config_parse(cx, &r->config, tw_str_of_bytes(text), o->compat) != TW_OK)
        return tw_wrap(cx, "%s", o->config);
    tw_sha256_of(r->config_hash, text);
    for (size_t i = 0; o->warn && (warning = tw_config_warning(r->config, i)) != NULL; i++)
        o->warn(o->self, tw_str_of(warning));
    return TW_OK;
}

tw_status deid_by_config(tw_ctx *cx, tw_buf *out, deid_worker *w, const deid_kind *kind, tw_str unit)
{
    if (kind->note || (kind->form != TW_FORM_DOCUMENT && kind->form != TW_FORM_NDJSON))
        return tw_fail(cx, TW_EREFUSED, "a configuration is for FHIR in JSON alone");
    w->config_opts.file = kind->file;
    w->config_opts.folder = kind->folder;
    return tw_config_apply(cx, out, w->config, unit, &w->config_opts);
}

void deid_config_rows(tw_jw *w, const deid_run *r)
{
    tw_config_row row;
    for (size_t i = 1; i < r->workers; i++)
        tw_config_work_merge(r->worker[0].config, r->worker[i].config);
    for (size_t i = 0; tw_config_row_at(r->worker[0].config, i, &row); i++) {
        tw_jw_object(w);
        tw_jw_kv(w, "path", row.path);
        tw_jw_kv(w, "rule", row.method);
        tw_jw_kv_u64(w, "acted_on", row.elements);
        tw_jw_object_end(w);
    }
}
