/* Enrolment: wallets make bundles, sources take them, keepers import, openings are committed. */
#include "source_internal.h"

#define WALLET_FILE_MAX (64 * TW_MIB)
#define LINES_MAX 10000000

/* ---------------------------------------------------------------- wallet files */

static tw_status check_wallet_name(tw_ctx *cx, const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n > 60 || name[0] == '.' || strchr(name, '/'))
        return tw_fail(cx, TW_EUSAGE, "a wallet's name has 1 to 60 bytes, no '/' and no '.' at its start");
    return TW_OK;
}

static char *wallet_path(tw_ctx *cx, const tw_site *s, const char *name, const char *ending)
{
    return tw_site_path(cx, s, "wallets/%s.%s", name, ending);
}

static tw_status save(tw_ctx *cx, const tw_site *s, const tw_wallet *w, const char *name, bool stop_only)
{
    tw_bytes file;
    tw_str no_phrase = { NULL, 0 };
    if (stop_only)
        TW_TRY(tw_wallet_save_stop(cx, &file, w, no_phrase));
    else
        TW_TRY(tw_wallet_save(cx, &file, w, false, no_phrase));
    tw_status st = tw_file_write(cx, wallet_path(cx, s, name, stop_only ? "stop" : "wallet"), file);
    tw_wipe((void *)(uintptr_t)file.p, file.n);
    return st;
}

tw_status tw_app_wallet_save(tw_ctx *cx, const tw_site *s, const tw_wallet *w, const char *name)
{
    return save(cx, s, w, name, !tw_wallet_has_root(w));
}

static tw_status read_wallet(tw_ctx *cx, tw_wallet **out, const char *path)
{
    tw_bytes file;
    TW_TRY(tw_file_read(cx, &file, path, WALLET_FILE_MAX));
    tw_status st = tw_wallet_load(cx, out, file, (tw_str){ NULL, 0 });
    tw_wipe((void *)(uintptr_t)file.p, file.n);
    return st;
}

/* A stop file without compartments is what a kill left of a wallet that was just being made; any other is the only way
 * left to stop for somebody. */
static tw_status check_no_stop_file(tw_ctx *cx, const tw_site *s, const char *name)
{
    tw_wallet *w;
    char *path = wallet_path(cx, s, name, "stop");
    if (!tw_path_exists(cx, path))
        return TW_OK;
    TW_TRY(read_wallet(cx, &w, path));
    size_t count = tw_wallet_count(w);
    tw_wallet_free(w);
    if (count == 0)
        return TW_OK;
    return tw_fail(cx, TW_ECONFLICT, "the stop file of a wallet of this name is here, and its wallet file is not");
}

static tw_status make_wallet(tw_ctx *cx, tw_wallet **out, const tw_site *s, const char *name)
{
    TW_TRY(check_wallet_name(cx, name));
    if (tw_path_exists(cx, wallet_path(cx, s, name, "wallet")))
        return tw_fail(cx, TW_ECONFLICT, "there is a wallet of this name already");
    TW_TRY(check_no_stop_file(cx, s, name));
    TW_TRY(tw_wallet_new(cx, out, tw_str_of(name)));
    tw_status st = save(cx, s, *out, name, true);
    if (st == TW_OK)
        st = tw_app_wallet_save(cx, s, *out, name);
    if (st != TW_OK)
        tw_wallet_free(*out);
    return st;
}

tw_status tw_app_wallet_new(tw_ctx *cx, tw_site *s, const char *name)
{
    tw_wallet *w;
    TW_TRY(make_wallet(cx, &w, s, name));
    tw_wallet_free(w);
    return TW_OK;
}

/* What there is to do when the wallet file is not here. */
static tw_status load_stop_only(tw_ctx *cx, tw_wallet **out, const char *stop, bool with_stop)
{
    if (!tw_path_exists(cx, stop)) {
        tw_fail(cx, TW_ENOTFOUND, "no wallet of this name");
        return tw_hint(cx, "twinward wallet new NAME");
    }
    if (with_stop)
        return read_wallet(cx, out, stop);
    tw_fail(cx, TW_ENOTFOUND, "of this wallet only the stop file is here: it can stop for good, and nothing else");
    return tw_hint(cx, "twinward stop NAME --final");
}

tw_status tw_app_wallet_load(tw_ctx *cx, tw_wallet **out, const tw_site *s, const char *name, bool with_stop)
{
    TW_TRY(check_wallet_name(cx, name));
    char *path = wallet_path(cx, s, name, "wallet");
    char *stop_path = wallet_path(cx, s, name, "stop");
    if (!tw_path_exists(cx, path))
        return load_stop_only(cx, out, stop_path, with_stop);
    TW_TRY(read_wallet(cx, out, path));
    if (!with_stop)
        return TW_OK;
    tw_wallet *stop;
    tw_status st = read_wallet(cx, &stop, stop_path);
    if (st == TW_OK && !tw_wallet_has_stop_root(stop))
        st = tw_fail(cx, TW_EPARSE, "%s has no stop root", stop_path);
    if (st == TW_OK)
        tw_wallet_take_stop_root(*out, stop);
    if (st == TW_OK) {
        tw_wallet_free(stop);
        return TW_OK;
    }
    tw_wallet_free(*out);
    return tw_wrap(cx, "the stop root");
}

/* ---------------------------------------------------------------- one line of the desk */

/* Does the register hold a bundle of this wallet, under whatever number? */
static tw_status wallet_has_row(tw_ctx *cx, bool *has, tw_register *r, const tw_wallet *w)
{
    tw_reg_row *row;
    size_t count;
    uint8_t handle[16];
    tw_wallet_handle(handle, w);
    TW_TRY(tw_register_begin(cx, r, false));
    TW_TRY(tw_register_end(cx, r, tw_register_rows(cx, &row, &count, r, TW_REG_BUNDLE)));
    *has = false;
    for (size_t i = 0; i < count && !*has; i++) {
        tw_patient_row p;
        TW_TRY(tw_patient_row_decode(cx, &p, row[i].value));
        *has = memcmp(p.bundle.handle, handle, sizeof handle) == 0;
    }
    return TW_OK;
}

/* A kill may have come between wallet file and register: then the wallet knows compartments that nobody else has heard
 * of. Those with a state on the ledger, or with a row under another number, are real: the wallet keeps them, and the
 * new ones get the next generation of keys. */
static tw_status forget_left_over(tw_ctx *cx, tw_register *r, tw_wallet *w, const tw_site *s)
{
    bool any = false;
    bool has;
    for (size_t i = 0; i < tw_wallet_count(w); i++) {
        const tw_wallet_entry *e = tw_wallet_at(w, i);
        if (!tw_id_eq(&e->record.body.source, &r->me.id))
            continue;
        if (tw_ledger_comp(tw_site_state(s), &e->comp))
            return TW_OK;
        any = true;
    }
    if (!any)
        return TW_OK;
    TW_TRY(wallet_has_row(cx, &has, r, w));
    return has ? TW_OK : tw_wallet_forget_source(cx, w, &r->me.id);
}

static tw_status make_bundle(tw_ctx *cx, tw_bytes *sealed, tw_site *s, tw_wallet *w, const tw_party *source,
                             const tw_app_enrol_opts *o)
{
    tw_enrol_opts e = { .ledger = s->ledger,
                        .source = source->id,
                        .set = tw_ledger_keeper_set(tw_site_state(s)),
                        .epoch_first = tw_epoch_of(tw_ledger_time(tw_site_state(s))),
                        .epoch_count = 2,
                        .categories = TW_CAT_ALL,
                        .directed = o->directed };
    tw_policy none = { .status = TW_CONSENT_INACTIVE, .categories = TW_CAT_ALL, .until_s = UINT64_MAX };
    memcpy(e.source_x25519, source->box_public, TW_KEY);
    tw_random(cx, e.binding, sizeof e.binding);
    e.policy[0] = o->policy ? o->policy : &none;
    TW_TRY(tw_site_import_keys(cx, &e.import_key, s));
    return tw_enrol_make(cx, sealed, w, &e);
}

/* The bundle goes to the register first, then the wallet file: a bundle without a wallet's memory of it would be lost
 * to its owner, so the wallet is saved before the row is committed. */
static tw_status take_bundle(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_register *r, tw_wallet *w,
                             const tw_enrol_line *line, const tw_app_enrol_opts *o)
{
    tw_bytes sealed;
    tw_bytes value;
    tw_patient_row row = { .acknowledged = 0 };
    TW_TRY(make_bundle(cx, &sealed, s, w, &r->me, o));
    TW_TRY(tw_bundle_open(cx, &row.bundle, sealed, r->me.box_secret, &r->me.id, &s->ledger));
    TW_TRY(tw_patient_row_encode(cx, &value, &row, true));
    char *name = tw_cstr(cx->arena, line->wallet);
    TW_TRY(tw_app_wallet_save(cx, s, w, name));
    TW_TRY(save(cx, s, w, name, true));
    tw_crash_point(cx, "enrol.wallet-saved");
    TW_TRY(tw_register_begin(cx, r, true));
    TW_TRY(tw_register_end(cx, r, tw_register_put(cx, r, TW_REG_BUNDLE, tw_bytes_of(line->local_number), value)));
    out->compartments += row.bundle.count;
    return TW_OK;
}

static tw_status enrol_line(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_register *r, const tw_enrol_line *line,
                            const tw_app_enrol_opts *o)
{
    tw_wallet *w;
    tw_bytes there;
    char *name = tw_cstr(cx->arena, line->wallet);
    TW_TRY(tw_register_begin(cx, r, false));
    tw_status row =
        tw_register_end(cx, r, tw_register_get(cx, &there, r, TW_REG_BUNDLE, tw_bytes_of(line->local_number)));
    if (row == TW_OK)
        return TW_OK; /* enrolled already */
    if (row != TW_ENOTFOUND)
        return row;
    TW_TRY(check_wallet_name(cx, name));
    bool exists = tw_path_exists(cx, wallet_path(cx, s, name, "wallet"));
    if (exists)
        TW_TRY(tw_app_wallet_load(cx, &w, s, name, true));
    else if (o->custodial)
        TW_TRY(make_wallet(cx, &w, s, name));
    else
        return tw_fail(cx, TW_ENOTFOUND, "line names a wallet that is not here (--custodial makes it)");
    out->wallets += !exists;
    tw_status st = forget_left_over(cx, r, w, s);
    if (st == TW_OK)
        st = take_bundle(cx, out, s, r, w, line, o);
    tw_wallet_free(w);
    return st;
}

static tw_status enrol_at(tw_ctx *cx, tw_enrol_report *out, tw_site *s, tw_str source, const tw_app_enrol_opts *o,
                          uint64_t *done)
{
    tw_register r;
    tw_status st = tw_register_open(cx, &r, s, tw_cstr(cx->arena, source));
    for (size_t i = 0; i < o->count && st == TW_OK; i++) {
        if (!tw_str_eq(o->line[i].source, source))
            continue;
        tw_mark mark = tw_arena_mark(cx->arena);
        st = enrol_line(cx, out, s, &r, &o->line[i], o);
        if (st != TW_OK)
            tw_wrap(cx, "enrolment line %zu", i + 1);
        tw_arena_back(cx->arena, mark);
        tw_step(&o->progress, "enrol", ++*done, o->count);
    }
    if (st == TW_OK)
        st = tw_register_settle(cx, out, s, &r);
    tw_register_close(&r);
    return st;
}

tw_status tw_app_enrol(tw_ctx *cx, tw_enrol_report *out, tw_site *s, const tw_app_enrol_opts *opts)
{
    tw_str *names;
    size_t count;
    uint64_t done = 0;
    *out = (tw_enrol_report){ .wallets = 0 };
    TW_TRY(tw_party_names(cx, &names, &count, s, TW_ROLE_SOURCE));
    for (size_t i = 0; i < opts->count; i++) {
        bool known = false;
        for (size_t j = 0; j < count; j++)
            known |= tw_str_eq(names[j], opts->line[i].source);
        if (!known)
            return tw_fail(cx, TW_ENOTFOUND, "enrolment line %zu names a source that is not of this site", i + 1);
    }
    TW_TRY(tw_site_maintain(cx, s));
    for (size_t j = 0; j < count; j++) {
        bool any = false;
        for (size_t i = 0; i < opts->count; i++)
            any |= tw_str_eq(names[j], opts->line[i].source);
        if (any)
            TW_TRY(enrol_at(cx, out, s, names[j], opts, &done));
    }
    return TW_OK;
}

/* Columns by their names in the header: wallet, source (or hospital), number (or local_number). */
typedef struct {
    size_t wallet;
    size_t source;
    size_t number;
} columns;

static tw_status read_header(tw_ctx *cx, columns *c, tw_str line)
{
    tw_str name;
    *c = (columns){ SIZE_MAX, SIZE_MAX, SIZE_MAX };
    for (size_t i = 0; tw_str_split(&name, &line, '\t'); i++) {
        if (tw_str_is(name, "wallet"))
            c->wallet = i;
        else if (tw_str_is(name, "source") || tw_str_is(name, "hospital"))
            c->source = i;
        else if (tw_str_is(name, "number") || tw_str_is(name, "local_number"))
            c->number = i;
    }
    if (c->wallet == SIZE_MAX || c->source == SIZE_MAX || c->number == SIZE_MAX)
        return tw_fail(cx, TW_EPARSE, "line 1: a header with the columns wallet, source and number, parted by tabs");
    return TW_OK;
}

static tw_enrol_line read_line(const columns *c, tw_str line)
{
    tw_enrol_line e = { .wallet = { NULL, 0 } };
    tw_str cell;
    for (size_t i = 0; tw_str_split(&cell, &line, '\t'); i++) {
        if (i == c->wallet)
            e.wallet = cell;
        else if (i == c->source)
            e.source = cell;
        else if (i == c->number)
            e.local_number = cell;
    }
    return e;
}

tw_status tw_enrol_lines_read(tw_ctx *cx, tw_enrol_line **lines, size_t *count, tw_str tsv)
{
    columns c;
    tw_str line;
    size_t cap = 1;
    for (size_t i = 0; i < tsv.n; i++)
        cap += tsv.p[i] == '\n';
    if (cap > LINES_MAX || !(*lines = tw_try_array(cx->arena, tw_enrol_line, cap)))
        return tw_fail(cx, TW_ELIMIT, "an enrolment list of %zu lines", cap);
    *count = 0;
    if (!tw_ndjson_next(&line, &tsv))
        return tw_fail(cx, TW_EPARSE, "an empty enrolment list");
    TW_TRY(read_header(cx, &c, line));
    for (size_t no = 2; tw_ndjson_next(&line, &tsv); no++) {
        if (line.n == 0)
            continue;
        tw_enrol_line e = read_line(&c, line);
        if (!e.wallet.n || !e.source.n || !e.local_number.n)
            return tw_fail(cx, TW_EPARSE, "line %zu: wallet, source or number is missing", no);
        (*lines)[(*count)++] = e;
    }
    return TW_OK;
}
