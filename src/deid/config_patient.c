/* Whose resource each one is, and the secrets of the safe forms.
 *
 * A patient is known by the id of the Patient resource, the same whether it is named by Patient/id, by an absolute URL
 * or by an entry's urn:uuid, so that all resources of one patient are shifted alike, in one file and over files. What
 * names no patient takes the only patient of its Bundle, else what dateShiftScope says. */
#include "deid/config_internal.h"

static tw_str child_text(const pass *p, uint32_t i, uint16_t name)
{
    uint32_t c = i == TW_FHIR_NONE ? i : tw_fhir_child(p->t, i, name);
    return c == TW_FHIR_NONE ? TW_STR("") : tw_fhir_text(p->t, c);
}

/* "x/Patient/23/_history/1" -> "23"; "" when it is another type or none. */
static tw_str patient_id_in(tw_str ref)
{
    size_t at = tw_str_find(ref, TW_STR("/_history/"));
    if (at != SIZE_MAX)
        ref.n = at;
    size_t slash = ref.n;
    while (slash > 0 && ref.p[slash - 1] != '/')
        slash--;
    tw_str head = { ref.p, slash }, id = { ref.p + slash, ref.n - slash };
    bool patient = tw_str_is(head, "Patient/") || tw_str_ends(head, "/Patient/");
    return patient ? id : TW_STR("");
}

static bool is_type(const pass *p, uint32_t i, uint16_t type)
{
    return p->t->e[i].type == type;
}

/* urn:uuid of an entry -> id of the Patient there. */
static tw_status entries(pass *p, tw_map *full)
{
    for (uint32_t i = 0; i < p->t->n; i++) {
        if (p->t->e[i].name != p->c->is.n_full_url || !p->t->e[i].value.p)
            continue;
        uint32_t resource = tw_fhir_child(p->t, p->t->e[i].parent, p->c->is.n_resource);
        tw_str url = tw_fhir_text(p->t, i);
        if (resource == TW_FHIR_NONE || !is_type(p, resource, p->c->is.t_patient))
            continue;
        tw_str id = child_text(p, resource, p->c->is.n_id);
        tw_str *kept = tw_arena_try(p->cx->arena, sizeof *kept);
        if (!kept || !tw_map_put(full, tw_bytes_of(url), kept))
            return tw_fail(p->cx, TW_ELIMIT, "too many entries");
        *kept = id.n ? id : url;
    }
    return TW_OK;
}

/* The patient that a reference means; "" when it means none. */
static tw_str patient_of(const tw_map *full, tw_str ref)
{
    const tw_str *id = ref.n ? tw_map_get(full, tw_bytes_of(ref)) : NULL;
    return id ? *id : patient_id_in(ref);
}

/* The only patient that the resource refers to anywhere; "" when there are none or several. */
static tw_str only_patient(const pass *p, const tw_map *full, uint32_t resource)
{
    tw_str only = TW_STR("");
    for (uint32_t i = resource; i != TW_FHIR_NONE; i = tw_fhir_walk(p->t, resource, i)) {
        if (p->t->e[i].name != p->c->is.n_reference || !is_type(p, p->t->e[i].parent, p->c->is.t_reference))
            continue;
        tw_str id = patient_of(full, tw_fhir_text(p->t, i));
        if (id.n && only.n && !tw_str_eq(id, only))
            return TW_STR("");
        only = id.n ? id : only;
    }
    return only;
}

/* Who the record is about, by its subject member, else by its references; "" when it says nothing. */
static tw_str subject(const pass *p, const tw_map *full, uint32_t resource)
{
    for (uint32_t c = tw_fhir_first(p->t, resource); c != TW_FHIR_NONE; c = tw_fhir_next(p->t, c)) {
        if (!p->t->e[c].member->subject || !is_type(p, c, p->c->is.t_reference))
            continue;
        tw_str ref = child_text(p, c, p->c->is.n_reference), id = patient_of(full, ref);
        if (id.n)
            return id;
        if (tw_str_starts(ref, "urn:") || tw_str_starts(ref, "#"))
            return ref;
    }
    return is_type(p, resource, p->c->is.t_bundle) ? TW_STR("") : only_patient(p, full, resource);
}

static tw_str own(const pass *p, const tw_map *full, uint32_t i)
{
    if (!is_type(p, i, p->c->is.t_patient))
        return subject(p, full, i);
    tw_str id = child_text(p, i, p->c->is.n_id);
    if (id.n)
        return id;
    uint32_t entry = p->t->e[i].parent;
    return child_text(p, entry, p->c->is.n_full_url);
}

static uint32_t resource_around(const pass *p, uint32_t i)
{
    do
        i = p->t->e[i].parent;
    while (i != TW_FHIR_NONE && !(p->t->e[i].flags & TW_FHIR_RESOURCE));
    return i;
}

static tw_str by_scope(const pass *p)
{
    if (p->c->scope == SCOPE_FILE)
        return p->opts->file;
    if (p->c->scope == SCOPE_FOLDER)
        return p->opts->folder;
    return child_text(p, 0, p->c->is.n_id);
}

static void assign(pass *p, const tw_map *full, tw_str *who)
{
    tw_str only = TW_STR("");
    bool several = false;
    for (uint32_t i = 0; i < p->t->n; i++) {
        if (!(p->t->e[i].flags & TW_FHIR_RESOURCE))
            continue;
        bool contained = p->t->e[i].name == p->c->is.n_contained;
        uint32_t around = resource_around(p, i);
        who[i] = contained ? who[around] : own(p, full, i);
        if (who[i].n && only.n && !tw_str_eq(only, who[i]))
            several = true;
        only = who[i].n ? who[i] : only;
    }
    tw_str rest = several || only.n == 0 ? by_scope(p) : only;
    for (uint32_t i = 0; i < p->t->n; i++)
        if ((p->t->e[i].flags & TW_FHIR_RESOURCE) && who[i].n == 0)
            who[i] = rest;
}

tw_status config_patients(pass *p)
{
    tw_str *who = tw_try_array(p->cx->arena, tw_str, p->t->n);
    if (!who)
        return tw_fail(p->cx, TW_ELIMIT, "the document is too large for the memory of this call");
    tw_map *full = tw_map_new(p->t->n + 1);
    tw_status s = entries(p, full);
    if (s == TW_OK)
        assign(p, full, who);
    tw_map_free(full);
    p->patient = who; /* texts of the document: a rule that changes an id does not touch them */
    return s;
}

/* From the project's key when there is one, and from the configuration's. */
static tw_status secret(pass *p, uint8_t out[32], tw_str config_key, const char *label)
{
    tw_bytes project = { p->opts->key, p->opts->key ? 32 : 0 };
    if (project.n == 0 && config_key.n == 0)
        return tw_fail(p->cx, TW_EUSAGE, "the configuration has no key for this, and none of the project is given");
    tw_bytes ikm = project.n ? project : tw_bytes_of(config_key);
    tw_hkdf_sha256(out, 32, ikm, tw_bytes_of(config_key), tw_bytes_of(tw_str_of(label)));
    return TW_OK;
}

tw_status config_secrets(pass *p)
{
    if (p->c->compat)
        return TW_OK;
    if (p->c->shifts) {
        TW_TRY(secret(p, p->shift_secret, p->c->shift_key, "tw/config/dateShift/1"));
        TW_TRY(config_patients(p));
    }
    if (p->c->hashes)
        TW_TRY(secret(p, p->hash_secret, p->c->hash_key, "tw/config/cryptoHash/1"));
    return p->c->encrypts ? secret(p, p->encrypt_secret, p->c->encrypt_key, "tw/config/encrypt/1") : TW_OK;
}
