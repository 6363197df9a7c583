/* What several commands need. */
#include "cli/commands.h"

const char *tw_cli_short(tw_ctx *cx, const tw_id *id)
{
    return tw_strf(cx->arena, "%.12s", tw_id_hex(cx, id).p).p;
}

tw_status tw_cli_site(tw_ctx *cx, tw_site **out, const tw_cli_args *a)
{
    const char *dir = tw_cli_get(a, "dir");
    TW_TRY(tw_site_open(cx, out, dir ? dir : TW_SITE_DEFAULT, tw_cli_has(a, "insecure")));
    if (tw_ledger_genesis(tw_site_state(*out))->witness_none)
        tw_note(a, "witness: none (keepers waive it; the operator of the log could show two histories)\n");
    return TW_OK;
}

tw_status tw_cli_researcher(tw_ctx *cx, const char **name, const tw_cli_args *a, const tw_site *s)
{
    tw_str *names;
    size_t count;
    *name = tw_cli_get(a, "researcher");
    if (*name)
        return TW_OK;
    TW_TRY(tw_party_names(cx, &names, &count, s, TW_ROLE_GRANTEE));
    if (count != 1)
        return tw_fail(cx, TW_EUSAGE, "this site has %zu researchers: say which with --researcher", count);
    *name = tw_cstr(cx->arena, names[0]);
    return TW_OK;
}

tw_status tw_cli_names(tw_ctx *cx, const char *const **out, size_t *count, const char *list)
{
    const char **name = tw_arena_get(cx->arena, (strlen(list) + 1) * sizeof *name);
    tw_str rest = tw_str_of(list);
    tw_str item;
    *count = 0;
    while (tw_str_split(&item, &rest, ',')) {
        item = tw_str_trim(item);
        if (item.n == 0)
            return tw_fail(cx, TW_EUSAGE, "an empty name in a list");
        name[(*count)++] = tw_cstr(cx->arena, item);
    }
    *out = name;
    return TW_OK;
}

tw_status tw_cli_categories(tw_ctx *cx, uint32_t *out, const char *list)
{
    tw_str all = TW_STR("one of ");
    if (tw_category_set_parse(cx, out, tw_str_of(list)) == TW_OK)
        return TW_OK;
    for (unsigned c = 1; c <= TW_CATEGORY_COUNT; c++)
        all = tw_strf(cx->arena, TW_FMT "%s%s", TW_ARG(all), c > 1 ? "," : "", tw_category_name((tw_category)c));
    return tw_hint(cx, TW_FMT, TW_ARG(all));
}

static tw_status permission(tw_ctx *cx, tw_duo_permission *out, const char *term)
{
    static const struct {
        const char *name;
        tw_duo_permission value;
    } terms[] = { { "NRES", TW_DUO_NRES }, { "GRU", TW_DUO_GRU }, { "HMB", TW_DUO_HMB }, { "POA", TW_DUO_POA } };
    for (size_t i = 0; i < TW_COUNT(terms); i++)
        if (strcmp(term, terms[i].name) == 0) {
            *out = terms[i].value;
            return TW_OK;
        }
    tw_fail(cx, TW_EUSAGE, "--permit takes NRES, GRU, HMB or POA");
    return tw_hint(cx, "write DS and modifiers into a file and give it with --policy");
}

tw_status tw_cli_policy(tw_ctx *cx, tw_policy *out, bool *given, const tw_cli_args *a)
{
    const char *file = tw_cli_get(a, "policy");
    const char *term = tw_cli_get(a, "permit");
    bool deny = tw_cli_has(a, "deny");
    *given = file || term || deny;
    if ((file != NULL) + (term != NULL) + deny > 1)
        return tw_fail(cx, TW_EUSAGE, "give one of --policy, --permit and --deny");
    *out = (tw_policy){ .status = deny ? TW_CONSENT_INACTIVE : TW_CONSENT_ACTIVE,
                        .categories = TW_CAT_ALL,
                        .until_s = UINT64_MAX };
    if (term)
        return permission(cx, &out->permission, term);
    if (!file)
        return TW_OK;
    tw_bytes text;
    tw_json d;
    TW_TRY(tw_file_read(cx, &text, file, TW_MIB));
    if (tw_json_parse(cx, &d, tw_str_of_bytes(text), NULL) != TW_OK || tw_policy_from_json(cx, out, &d, 0) != TW_OK)
        return tw_wrap(cx, "%s", file);
    return TW_OK;
}
