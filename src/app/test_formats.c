/* The worked examples of docs/formats/keeper.md and site.md are what this room writes and reads; what real parties say
 * to each other has the fields of these pages; and no file of a site is missing from its table. */
#include "keeper_internal.h"
#include "page_test.h"
#include "release_internal.h"
#include "source_internal.h"
#include "test_app.h"

#define KEEPER "docs/formats/keeper.md"
#define SITE "docs/formats/site.md"

/* Hex blocks of keeper.md, then of site.md, in their order. */
enum { AN_ERROR, CANDIDATES_REQUEST, LEAVES_REQUEST, ANSWER_FIELDS, TWO_SLOTS, SLOT_ROW };
enum { KEY_FILE, PROJECT_KEYS, BODIES_HEAD, REGISTER_KEY, REGISTER_VALUE };

static void count_up(uint8_t *p, size_t n, unsigned first)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(first + i);
}

static void assert_bytes(tw_bytes want, tw_bytes got)
{
    assert_string_equal(tw_hex(cx->arena, want).p, tw_hex(cx->arena, got).p);
}

/* A folder of its own, with the real disk. */
static void folder_make(world *w)
{
    *w = (world){ .env = tw_io_env() };
    snprintf(w->dir, sizeof w->dir, "/tmp/tw-test-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    cx->env = &w->env;
}

static char *page_file(world *w, const char *name, tw_bytes bytes)
{
    char *path = tw_path(cx, w->dir, name);
    assert_ok(tw_file_write(cx, path, bytes));
    return path;
}

static tw_bytes whole(const char *path)
{
    tw_bytes b;
    assert_ok(tw_file_read(cx, &b, path, 64 * TW_MIB));
    return b;
}

/* The party of the pages: seed 00..1f. */
static tw_party page_party(tw_role role)
{
    tw_party p = { .role = (uint8_t)role };
    uint8_t seed[32];
    count_up(seed, sizeof seed, 0);
    tw_sign_keys(p.sign_public, p.sign_secret, seed);
    tw_party_id(&p.id, p.sign_public);
    return p;
}

/* ---------------------------------------------------------------- site.md */

TEST(page__key_file_is_read_and_stored_as_shown)
{
    world w;
    tw_party p;
    tw_party same = page_party(TW_ROLE_KEEPER);
    uint8_t box[32];
    tw_bytes page = page_hex(SITE, KEY_FILE);
    folder_make(&w);
    char *path = page_file(&w, "key", page);
    assert_ok(tw_party_read(cx, &p, path));
    count_up(box, sizeof box, 0x20);
    assert_int_equal(TW_ROLE_KEEPER, p.role);
    assert_string_equal("1", p.name);
    assert_memory_equal(same.sign_secret, p.sign_secret, 64);
    assert_memory_equal(box, p.box_secret, 32);
    assert_true(tw_id_eq(&same.id, &p.id));
    assert_ok(tw_party_store(cx, &p, path));
    assert_bytes(page, whole(path));
    for (size_t n = 0; n < page.n; n++) {
        page_file(&w, "key", (tw_bytes){ page.p, n });
        assert_status(TW_EPARSE, tw_party_read(cx, &p, path));
    }
    world_end(&w);
}

TEST(page__project_keys_are_read_as_shown_and_written_alike)
{
    world w;
    tw_id id = { { 9 } };
    tw_project_keys k;
    uint8_t up[64];
    tw_bytes page = page_hex(SITE, PROJECT_KEYS);
    world_make(&w);
    char *dir = tw_site_path(cx, w.site, "grantees/lab/projects/%s", tw_id_hex(cx, &id).p);
    assert_ok(tw_dir_make(cx, dir));
    assert_ok(tw_file_write(cx, tw_path(cx, dir, "keys"), page));
    assert_ok(tw_project_keys_load(cx, &k, w.site, "lab", &id));
    count_up(up, sizeof up, 0x20);
    assert_int_equal(1, k.b[0]);
    assert_memory_equal(up, k.r, 32);
    assert_memory_equal(up + 32, k.project_key, 32);
    tw_id real = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 0);
    tw_bytes file = whole(tw_site_path(cx, w.site, "grantees/lab/projects/%s/keys", tw_id_hex(cx, &real).p));
    assert_int_equal(page.n, file.n);
    assert_memory_equal(page.p, file.p, 4);
    world_end(&w);
}

TEST(page__bodies_file_is_written_and_read_as_shown)
{
    world w;
    tw_leaf_item item = { .kind = TW_ANSWER_CLASS, .body = page_hex("docs/formats/release.md", 0) };
    tw_leaf_list l = { .item = &item, .count = 1 };
    tw_leaf_list back = { .count = 0 };
    tw_bytes head = page_hex(SITE, BODIES_HEAD);
    tw_buf want;
    folder_make(&w);
    count_up(l.project.b, 32, 0x40);
    memcpy(item.comp.b, item.body.p, 32);
    char *path = tw_path(cx, w.dir, "bodies");
    assert_ok(tw_bodies_write(cx, path, &l));
    tw_buf_init(&want, TW_MIB);
    tw_buf_add(&want, head.p, head.n);
    tw_buf_add(&want, item.body.p, item.body.n);
    assert_bytes(tw_buf_view(&want), whole(path));
    tw_buf_done(&want);
    assert_ok(tw_bodies_read(cx, &back, path));
    assert_int_equal(1, back.count);
    assert_true(tw_id_eq(&item.comp, &back.item[0].comp));
    assert_bytes(item.body, back.item[0].body);
    world_end(&w);
}

TEST(page__register_row_opens_with_the_seed_shown)
{
    world w;
    tw_register r;
    tw_bytes row;
    uint8_t root[32];
    tw_bytes key = page_hex(SITE, REGISTER_KEY);
    tw_bytes value = page_hex(SITE, REGISTER_VALUE);
    world_make(&w);
    tw_party me = page_party(TW_ROLE_SOURCE);
    snprintf(me.name, sizeof me.name, "hospital-1");
    assert_ok(tw_party_store(cx, &me, tw_site_path(cx, w.site, "sources/hospital-1/key")));
    assert_ok(tw_register_open(cx, &r, w.site, "hospital-1"));
    assert_ok(tw_register_begin(cx, &r, true));
    assert_int_equal(TW_OK, r.kv.put(r.kv.self, key, value));
    count_up(root, sizeof root, 0xc0);
    assert_ok(tw_register_get(cx, &row, &r, TW_REG_BATCH, TW_BYTES(root)));
    assert_int_equal(1 + 32 + 4 + 8, row.n);
    assert_int_equal(1, row.p[0]);
    assert_memory_equal(root, row.p + 1, 32);
    assert_int_equal(3, tw_be32(row.p + 33));
    assert_int_equal(1000, tw_be64(row.p + 37));
    assert_ok(tw_register_end(cx, &r, TW_OK));
    tw_register_close(&r);
    world_end(&w);
}

/* The block between "```json" and "```". */
static tw_str page_json(const char *page)
{
    tw_str text = tw_test_source(page);
    size_t at = tw_str_find(text, TW_STR("```json\n"));
    assert_true(at != SIZE_MAX);
    tw_str rest = { text.p + at + 8, text.n - at - 8 };
    size_t end = tw_str_find(rest, TW_STR("```"));
    assert_true(end != SIZE_MAX);
    return (tw_str){ rest.p, end };
}

/* Names of members, in order, each ended by a blank. */
static char *member_names(tw_str json)
{
    tw_json d;
    tw_buf b;
    assert_ok(tw_json_parse(cx, &d, json, NULL));
    tw_buf_init(&b, TW_KIB);
    for (uint32_t i = 0; i < d.n; i++)
        if (d.tok[i].is_key) {
            tw_buf_str(&b, tw_json_text(cx, &d, i));
            tw_buf_u8(&b, ' ');
        }
    char *names = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return names;
}

TEST(page__site_json_has_the_members_shown)
{
    world w;
    world_make(&w);
    tw_str real = tw_str_of_bytes(whole(tw_site_path(cx, w.site, "site.json")));
    assert_string_equal(member_names(page_json(SITE)), member_names(real));
    world_end(&w);
}

TEST(page__mail_file_has_the_fields_and_the_name_of_the_page)
{
    world w;
    tw_owner_report r;
    tw_policy p = policy_hmb();
    tw_str *name;
    size_t count;
    uint8_t hashes[4 * 32];
    uint8_t env[32];
    tw_scope scope = { .wallet = "person-001", .source = "hospital-1", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    world_make(&w);
    world_enrol(&w, 1, NULL, false);
    tw_site_keepers_down(w.site, 1u << 2);
    assert_ok(tw_app_consent_set(cx, &r, w.site, &scope, &p, NULL));
    char *dir = tw_site_path(cx, w.site, "exchange/mail");
    assert_ok(tw_dir_list(cx, &name, &count, dir));
    assert_int_equal(r.compartments, count); /* two epochs */
    for (size_t i = 0; i < count; i++) {
        tw_rd in = tw_rd_of(whole(tw_path(cx, dir, tw_cstr(cx->arena, name[i]))));
        tw_id comp;
        tw_rd_copy(&in, comp.b, 32);
        assert_int_equal(4, tw_rd_u8(&in));
        for (size_t k = 0; k < 4; k++)
            tw_sha256_of(hashes + 32 * k, tw_rd_var(&in, 65536));
        assert_ok(tw_rd_end(cx, &in, "mail file"));
        tw_sha256_of(env, TW_BYTES(hashes));
        assert_str(tw_hex(cx->arena, TW_BYTES(env)).p, name[i]);
        assert_memory_equal(env, tw_ledger_comp(tw_site_state(w.site), &comp)->env, 32);
    }
    tw_site_keepers_down(w.site, 0);
    assert_ok(tw_site_maintain(cx, w.site));
    assert_ok(tw_dir_list(cx, &name, &count, dir));
    assert_int_equal(0, count);
    world_end(&w);
}

/* ---------------------------------------------------------------- the table of files */

/* `<...>` stands for one or more bytes that are no '/'. */
static bool fits(tw_str pattern, tw_str path)
{
    if (pattern.n == 0)
        return path.n == 0;
    if (pattern.p[0] != '<')
        return path.n > 0 && path.p[0] == pattern.p[0] &&
               fits((tw_str){ pattern.p + 1, pattern.n - 1 }, (tw_str){ path.p + 1, path.n - 1 });
    size_t end = tw_str_find(pattern, TW_STR(">"));
    assert_true(end != SIZE_MAX);
    tw_str rest = { pattern.p + end + 1, pattern.n - end - 1 };
    for (size_t n = 1; n <= path.n && path.p[n - 1] != '/'; n++)
        if (fits(rest, (tw_str){ path.p + n, path.n - n }))
            return true;
    return false;
}

/* Is this path one of the code spans in the first column of the page's tables? */
static bool in_table(tw_str page, tw_str path)
{
    tw_str line;
    while (tw_str_split(&line, &page, '\n')) {
        tw_str cell;
        tw_str span;
        bool code = false;
        if (!tw_str_starts(line, "| `"))
            continue;
        line = (tw_str){ line.p + 2, line.n - 2 };
        assert_true(tw_str_split(&cell, &line, '|'));
        for (; tw_str_split(&span, &cell, '`'); code = !code)
            if (code && fits(span, path))
                return true;
    }
    return false;
}

static void check_folder(tw_str page, const char *site, const char *sub, size_t *seen)
{
    tw_str *name;
    size_t count;
    assert_ok(tw_dir_list(cx, &name, &count, *sub ? tw_path(cx, site, sub) : site));
    for (size_t i = 0; i < count; i++) {
        tw_str path = tw_strf(cx->arena, "%s%s" TW_FMT, sub, *sub ? "/" : "", TW_ARG(name[i]));
        if (tw_str_ends(path, "/")) {
            path.n--;
            check_folder(page, site, tw_cstr(cx->arena, path), seen);
            continue;
        }
        if (tw_str_ends(path, ".mdb-lock"))
            continue;
        (*seen)++;
        if (!in_table(page, path))
            fail_msg("site.md does not tell of " TW_FMT, TW_ARG(path));
    }
}

TEST(page__tells_of_every_file_of_a_demo)
{
    world w;
    tw_str summary;
    size_t seen = 0;
    folder_make(&w);
    tw_demo_opts o = { .dir = site_dir(&w), .patients = 8, .seeded = true, .seed = 5 };
    assert_ok(tw_app_demo(cx, &summary, &o));
    check_folder(tw_test_source(SITE), site_dir(&w), "", &seen);
    assert_true(seen > 200);
    world_end(&w);
}

TEST(page__tells_of_every_file_of_a_site)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_open_report o;
    tw_owner_report stopped;
    size_t seen = 0;
    tw_policy hmb = policy_hmb();
    tw_scope scope = { .wallet = "person-001", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    world_ready(&w, &project);
    assert_ok(try_release(&r, &w, "lab", &project, TW_HONEST));
    assert_ok(tw_app_open(cx, &o, w.site, "lab", &r.release));
    tw_site_keepers_down(w.site, 1);
    assert_ok(tw_app_consent_set(cx, &stopped, w.site, &scope, &hmb, NULL)); /* leaves mail behind */
    check_folder(tw_test_source(SITE), site_dir(&w), "", &seen);
    assert_true(seen > 60);
    assert_false(in_table(tw_test_source(SITE), TW_STR("exchange/other")));
    world_end(&w);
}

/* ---------------------------------------------------------------- keeper.md: requests */

TEST(page__requests_have_the_bytes_shown)
{
    tw_party p = page_party(TW_ROLE_GRANTEE);
    uint8_t candidates[96] = { 0 };
    uint8_t leaves[36 + TW_RELEASE_LEAF];
    count_up(candidates, 32, 0x40);
    count_up(candidates + 32, 32, 0x60);
    assert_bytes(page_hex(KEEPER, CANDIDATES_REQUEST),
                 tw_keeper_ask(cx, TW_KEEPER_CANDIDATES, &p, TW_BYTES(candidates)));
    count_up(leaves, 32, 0x60);
    tw_put_be32(leaves + 32, TW_RELEASE_LEAF);
    memcpy(leaves + 36, page_hex("docs/formats/release.md", 1).p, TW_RELEASE_LEAF);
    assert_bytes(page_hex(KEEPER, LEAVES_REQUEST), tw_keeper_ask(cx, TW_KEEPER_LEAVES, &p, TW_BYTES(leaves)));
}

TEST(page__answer_request_has_the_bytes_shown)
{
    tw_import_item *import;
    size_t count;
    tw_bytes fields;
    tw_found_capsule capsule = { .day = 20454 };
    assert_ok(tw_import_decode(cx, &import, &count, page_hex("docs/formats/import.md", 0)));
    memcpy(capsule.capsule, page_hex("docs/formats/capsule.md", 0).p, TW_CAPSULE);
    tw_leaf_item item = { .comp = import[0].comp, .capsule = &capsule, .capsule_count = 1 };
    tw_leaf_list l = { .item = &item, .count = 1 };
    count_up(l.id.b, 32, 0x60);
    assert_ok(tw_answer_fields(cx, &fields, &l, 0, 1));
    assert_bytes(page_hex(KEEPER, ANSWER_FIELDS), fields);
}

TEST(page__slots_open_their_row_until_they_are_wiped)
{
    static const uint8_t zero[64];
    world w;
    tw_slots s;
    tw_bytes plain;
    uint64_t slot;
    uint8_t aad[32];
    uint8_t want[32];
    uint8_t key[32];
    tw_bytes row = page_hex(KEEPER, SLOT_ROW);
    folder_make(&w);
    char *path = page_file(&w, "keeper.keys", page_hex(KEEPER, TWO_SLOTS));
    assert_ok(tw_slots_open(cx, &s, path));
    count_up(aad, 32, 0xa0);
    count_up(want, 32, 0x60);
    assert_ok(tw_slots_unseal(cx, &plain, &slot, &s, TW_BYTES(aad), row));
    assert_int_equal(0, slot);
    assert_bytes(TW_BYTES(want), plain);
    assert_status(TW_ENOTFOUND, tw_slots_get(cx, key, &s, 1));
    assert_ok(tw_slots_wipe(cx, &s, 0));
    assert_status(TW_ENOTFOUND, tw_slots_unseal(cx, &plain, &slot, &s, TW_BYTES(aad), row));
    tw_slots_close(&s);
    assert_bytes(TW_BYTES(zero), whole(path));
    world_end(&w);
}

/* ---------------------------------------------------------------- keeper.md: replies of a real keeper */

static tw_bytes ask(world *w, tw_bytes request)
{
    tw_bytes reply;
    assert_ok(tw_keeper_handle(cx, &reply, w->site->keeper[0], request));
    return reply;
}

/* The body of a reply that is no error. */
static tw_rd body_of(tw_bytes reply)
{
    assert_true(reply.n >= 1);
    if (reply.p[0] != 1)
        fail_msg("an error reply: %s", tw_hex(cx->arena, reply).p);
    return tw_rd_of((tw_bytes){ reply.p + 1, reply.n - 1 });
}

/* One item of a candidates reply, field by field as the page says; its compartment. */
static void read_item(tw_rd *in, tw_id *comp, tw_str *tag)
{
    tw_comp_record record;
    *tag = tw_hex(cx->arena, tw_rd_view(in, 32));
    assert_ok(tw_comp_record_read(cx, &record, in));
    tw_comp_record_id(comp, &record);
    assert_int_equal(1, tw_rd_u32(in)); /* version */
    tw_bytes policy = tw_rd_var(in, 16384);
    uint8_t salt[32];
    uint8_t c[32];
    tw_rd_copy(in, salt, 32);
    tw_policy_commit(c, salt, policy);
    assert_memory_equal(record.body.c0, c, 32);
    tw_rd_view(in, 8 + 4);
    assert_int_equal(256, tw_rd_u32(in));
    assert_int_equal(8, tw_rd_u8(in));
    tw_rd_view(in, 8 * 32);
    assert_int_equal(0, tw_rd_u64(in)); /* policy idx */
    assert_int_equal(0, tw_rd_u8(in));  /* class */
    static const uint8_t none[32];
    assert_memory_equal(none, tw_rd_view(in, 32).p, 32);
}

TEST(page__replies_of_a_keeper_have_the_fields_shown)
{
    world w;
    tw_id project;
    tw_party lab;
    tw_id comp;
    tw_str tag;
    uint8_t fields[96] = { 0 };
    world_ready(&w, &project);
    assert_ok(tw_party_load(cx, &lab, w.site, TW_ROLE_GRANTEE, "lab"));
    memcpy(fields, project.b, 32);
    count_up(fields + 32, 32, 0x60);
    tw_rd in = body_of(ask(&w, tw_keeper_ask(cx, TW_KEEPER_CANDIDATES, &lab, TW_BYTES(fields))));
    assert_bytes(tw_id_bytes(&w.site->keeper[0]->me.id), tw_rd_view(&in, 32));
    assert_int_equal(tw_keeper_log_size(w.site->keeper[0]), tw_rd_u64(&in));
    assert_int_equal(0, tw_rd_u8(&in)); /* no more */
    tw_rd_view(&in, 32);
    uint32_t count = tw_rd_u32(&in);
    assert_int_equal(w.line_count * 15, count); /* one epoch is open */
    for (uint32_t i = 0; i < count; i++)
        read_item(&in, &comp, &tag);
    assert_ok(tw_rd_end(cx, &in, "candidates reply"));

    assert_bytes(page_hex(KEEPER, AN_ERROR), ask(&w, (tw_bytes){ NULL, 0 }));
    tw_rd none = tw_rd_of(ask(&w, tw_keeper_ask(cx, TW_KEEPER_DELETIONS, NULL, tw_id_bytes(&comp))));
    assert_int_equal(0, tw_rd_u8(&none));
    assert_int_equal(TW_ENOTFOUND, tw_rd_u8(&none));
    assert_true(tw_rd_var(&none, 1024).n > 0);
    assert_ok(tw_rd_end(cx, &none, "error reply"));
    world_end(&w);
}

TEST(page__answers_and_proofs_have_the_fields_shown)
{
    world w;
    tw_id project;
    tw_release_report r;
    tw_party lab;
    tw_leaf_list l = { .count = 0 };
    tw_capsules capsules;
    tw_batch_index ix = { .by_root = NULL };
    tw_bytes fields;
    world_ready(&w, &project);
    assert_ok(tw_party_load(cx, &lab, w.site, TW_ROLE_GRANTEE, "lab"));
    tw_release_opts o = { .grantee = "lab", .project = project, .leave_open = true };
    assert_ok(tw_app_release(cx, &r, w.site, &o));
    assert_ok(tw_bodies_read(cx, &l, tw_path(cx, tw_release_dir(cx, w.site, "lab", &r.release), "bodies")));
    l.id = r.release;
    assert_ok(tw_batch_index_scan(cx, &ix, tw_site_log(w.site)));
    assert_ok(tw_capsules_find(cx, &capsules, w.site, &ix));
    tw_batch_index_done(&ix);
    size_t n = tw_capsules_of(&capsules, &l.item[0].capsule, &l.item[0].comp);
    assert_true(n > 0);
    l.item[0].capsule_count = n;
    assert_ok(tw_answer_fields(cx, &fields, &l, 0, 1));

    tw_rd in = body_of(ask(&w, tw_keeper_ask(cx, TW_KEEPER_ANSWER, &lab, fields)));
    tw_bytes sheet = tw_rd_var(&in, TW_MIB);
    tw_bytes sealed = tw_rd_var(&in, TW_MIB);
    assert_ok(tw_rd_end(cx, &in, "answer"));
    tw_sheet s;
    tw_project_keys keys;
    tw_bytes plain;
    tw_buf aad;
    assert_ok(tw_sheet_open(cx, &s, sheet, w.site->keeper[0]->me.sign_public));
    assert_int_equal(1, s.codes.n);
    assert_int_equal(TW_LEAF_ANSWERED, s.codes.p[0]);
    assert_ok(tw_project_keys_load(cx, &keys, w.site, "lab", &project));
    tw_buf_init(&aad, TW_MIB);
    tw_sheet_aad(&aad, &s);
    assert_ok(tw_box_open(cx, &plain, keys.r, sealed, tw_buf_view(&aad)));
    tw_buf_done(&aad);
    assert_int_equal(1 + 32 * n, plain.n);
    assert_int_equal(1, plain.p[0]);

    in = body_of(ask(&w, tw_keeper_ask(cx, TW_KEEPER_PROVE, &lab, fields)));
    assert_int_equal(1, tw_rd_u8(&in));
    assert_int_equal(tw_keeper_log_size(w.site->keeper[0]), tw_rd_u64(&in));
    assert_int_equal(3, tw_rd_u8(&in));
    tw_rd_view(&in, (size_t)3 * 32 + 64 * n);
    assert_ok(tw_rd_end(cx, &in, "proof reply"));
    world_end(&w);
}

/* Letter of a row and length of its key, as the page's table says. *seen: a bit a kind. */
static bool row_known(uint32_t *seen, tw_bytes key)
{
    static const struct {
        char letter;
        size_t n;
    } row[] = { { 'S', 33 }, { 'P', 37 }, { 'D', 65 }, { 'O', 33 }, { 'T', 33 }, { 'X', 33 }, { 'I', 33 }, { 'N', 1 } };
    tw_str page = tw_test_source(KEEPER);
    for (size_t i = 0; i < TW_COUNT(row); i++) {
        const char *more = row[i].n == 1 ? "" : ",";
        tw_str cell = tw_strf(cx->arena, "\n| `%c`%s", row[i].letter, more);
        assert_true(tw_str_find(page, cell) != SIZE_MAX);
        if (key.n == row[i].n && key.p[0] == (uint8_t)row[i].letter) {
            *seen |= 1u << i;
            return true;
        }
    }
    return false;
}

TEST(page__store_of_a_keeper_has_the_rows_shown_and_no_other)
{
    world w;
    tw_id project;
    tw_owner_report r;
    tw_policy hmb = policy_hmb();
    size_t rows = 0;
    uint32_t seen = 0;
    uint8_t from[80] = { 0 };
    tw_scope scope = { .wallet = "person-001", .source = "hospital-1", .categories = TW_CAT_BIT(TW_CAT_LABS) };
    world_make(&w);
    world_enrol(&w, 2, NULL, false);
    project = world_project(&w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    assert_ok(tw_app_consent_set(cx, &r, w.site, &scope, &hmb, tw_id_hex(cx, &project).p));
    assert_ok(tw_app_stop(cx, &r, w.site, &scope, false));
    scope.categories = TW_CAT_BIT(TW_CAT_VITALS);
    assert_ok(tw_app_erase(cx, &r, w.site, &scope));
    tw_kv *kv = &w.site->keeper[0]->kv;
    assert_int_equal(TW_OK, kv->begin(kv->self, false));
    for (size_t n = 0;; rows++) {
        tw_bytes key;
        tw_bytes val;
        tw_mark mark = tw_arena_mark(cx->arena);
        if (kv->seek(kv->self, (tw_bytes){ from, n }, &key, &val) != TW_OK)
            break;
        if (!row_known(&seen, key))
            fail_msg("keeper.md does not tell of the row %s", tw_hex(cx->arena, key).p);
        memcpy(from, key.p, key.n);
        from[key.n] = 0; /* the key after it */
        n = key.n + 1;
        tw_arena_back(cx->arena, mark);
    }
    kv->abort(kv->self);
    assert_true(rows > 100);
    assert_int_equal(0xff, seen); /* each kind occurred */
    world_end(&w);
}
