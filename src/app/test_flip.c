/* Evidence is evidence: any altered byte, and any missing file, makes the audit fail and is named.
 * Small files (8 KiB at most) are altered at every byte, larger ones at every byte of the first 512 and one byte a KiB.
 * TWINWARD_FLIPS: how many of these to try, spread by the seed (quick: 500; 0: all). */
#include "test_life.h"

#define FLIPS_QUICK 500
#define SMALL_FILE (8 * TW_KIB)
#define HEAD_BYTES 512
#define FILES_MAX 256
#define FLIPS_MAX 500000

typedef struct {
    const char *path;  /* full */
    const char *named; /* what a finding's file must hold */
    size_t size;
} evidence_file;

typedef struct {
    world w;
    char *site;
    evidence_file file[FILES_MAX];
    size_t files;
} museum;

typedef struct {
    uint32_t file;
    uint32_t at;
} flip;

/* ---------------------------------------------------------------- a tiny site */

#define LOINC "codeSystem=\"2.16.840.1.113883.6.1\""
#define SNOMED "codeSystem=\"2.16.840.1.113883.6.96\""
#define TEMPLATE(n) "<templateId root=\"2.16.840.1.113883.10.20.22.4." #n "\"/>"

/* A hospital a format: a Patient each, and a result or a problem. */
static const struct {
    const char *source;
    const char *file;
    const char *text;
} hospital[] = {
    { "hospital-1", "one.ndjson",
      "{\"resourceType\":\"Patient\",\"id\":\"p1\",\"identifier\":[{\"value\":\"L-1\"}],\"gender\":\"female\"}\n"
      "{\"resourceType\":\"Observation\",\"id\":\"o1\",\"status\":\"final\",\"code\":{\"coding\":[{\"system\":"
      "\"http://loinc.org\",\"code\":\"2857-1\"}]},\"subject\":{\"reference\":\"Patient/p1\"},\"effectiveDateTime\":"
      "\"2025-03-02\",\"valueQuantity\":{\"value\":4.5,\"unit\":\"ng/mL\"}}\n" },
    { "hospital-2", "two.hl7",
      "MSH|^~\\&|LAB|H2|TW|HUB|20250302||ORU^R01^ORU_R01|M1|P|2.5.1\rPID|1||L-2^^^H2^MR||||19500101|F\r"
      "OBR|1||F1|2857-1^PSA^LN|||20250302\rOBX|1|NM|2857-1^PSA^LN||4.5|ng/mL|||||F\r" },
    { "hospital-3", "three.xml",
      "<ClinicalDocument xmlns=\"urn:hl7-org:v3\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
      "<recordTarget><patientRole><id root=\"1.2.3\" extension=\"4711\"/></patientRole></recordTarget>"
      "<component><structuredBody><component><section><code code=\"11450-4\" " LOINC "/>"
      "<entry><act classCode=\"ACT\" moodCode=\"EVN\">" TEMPLATE(3) "<statusCode code=\"active\"/>"
      "<entryRelationship typeCode=\"SUBJ\"><observation classCode=\"OBS\" moodCode=\"EVN\">" TEMPLATE(4)
      "<statusCode code=\"completed\"/><value xsi:type=\"CD\" code=\"399068003\" " SNOMED "/>"
      "</observation></entryRelationship></act></entry>"
      "</section></component></structuredBody></component></ClinicalDocument>" },
};
#define HOSPITALS TW_COUNT(hospital)

static void enrol_one(museum *m)
{
    tw_policy hmb = policy_hmb();
    tw_enrol_report r;
    tw_collect_report c;
    const char *path[HOSPITALS];
    tw_enrol_line line[HOSPITALS];
    char *in = tw_path(cx, m->w.dir, "in");
    assert_ok(tw_dir_make(cx, in));
    for (size_t i = 0; i < HOSPITALS; i++) {
        tw_str *number;
        size_t count;
        path[i] = tw_path(cx, in, hospital[i].file);
        assert_ok(tw_file_write(cx, path[i], tw_bytes_of(tw_str_of(hospital[i].text))));
        assert_ok(tw_app_patients(cx, &number, &count, &path[i], 1));
        assert_int_equal(1, count);
        line[i] = (tw_enrol_line){ TW_STR("person-001"), tw_str_of(hospital[i].source), number[0] };
    }
    tw_app_enrol_opts eo = { .line = line, .count = HOSPITALS, .policy = &hmb, .custodial = true };
    assert_ok(tw_app_enrol(cx, &r, m->w.site, &eo));
    for (size_t i = 0; i < HOSPITALS; i++) {
        tw_collect_opts co = { .source = hospital[i].source, .path = &path[i], .path_count = 1 };
        assert_ok(tw_app_collect(cx, &c, m->w.site, &co));
        assert_int_equal(0, c.dead);
        assert_true(c.accepted >= 2);
    }
}

static void add_file(museum *m, const char *path, const char *named)
{
    tw_bytes b;
    assert_ok(tw_file_read(cx, &b, path, TW_MIB));
    assert_true(m->files < FILES_MAX);
    m->file[m->files++] = (evidence_file){ path, named, b.n };
}

/* Files below `folder` of the site whose path holds `part`; findings name the file itself, or `named`. */
static void add_files(museum *m, const char *folder, const char *part, const char *named)
{
    tw_str *name;
    size_t count;
    char *dir = tw_path(cx, m->site, folder);
    assert_ok(tw_dir_list(cx, &name, &count, dir));
    for (size_t i = 0; i < count; i++) {
        char *sub = tw_path(cx, folder, tw_cstr(cx->arena, name[i]));
        if (tw_str_find(name[i], TW_STR(".mdb")) != SIZE_MAX)
            continue; /* derived state, which an audit does not read */
        if (tw_str_ends(name[i], "/"))
            add_files(m, sub, part, named);
        else if (strstr(sub, part))
            add_file(m, tw_path(cx, m->site, sub), named ? named : sub);
    }
}

static void add_packs(museum *m)
{
    tw_id *root;
    size_t count;
    assert_ok(tw_vault_list(cx, &root, &count, tw_path(cx, m->site, "vault")));
    for (size_t i = 0; i < count; i++)
        add_files(m, "vault/packs", tw_id_hex(cx, &root[i]).p, tw_id_hex(cx, &root[i]).p);
}

static void museum_make(museum *m)
{
    static const char *const grantee[] = { "lab" };
    const char *source[HOSPITALS];
    for (size_t i = 0; i < HOSPITALS; i++)
        source[i] = hospital[i].source;
    tw_init_opts o = {
        .source = source, .source_count = HOSPITALS, .grantee = grantee, .grantee_count = 1, .seeded = true, .seed = 5
    };
    tw_release_report r;
    *m = (museum){ .w = { .env = tw_io_env() } };
    snprintf(m->w.dir, sizeof m->w.dir, "/tmp/tw-test-XXXXXX");
    assert_non_null(mkdtemp(m->w.dir));
    cx->env = &m->w.env;
    m->site = site_dir(&m->w);
    assert_ok(tw_site_create(cx, m->site, &o));
    assert_ok(tw_site_open(cx, &m->w.site, m->site, true));
    enrol_one(m);
    tw_id project = world_project(&m->w, "lab", TW_PURPOSE_HMB, TW_CAT_ALL, 2);
    assert_ok(try_release(&r, &m->w, "lab", &project, TW_HONEST));
    assert_int_equal(r.leaves, r.answered);
    tw_site_close(cx, m->w.site);
    m->w.site = NULL;
    life_audit(m->site);
    add_files(m, "exchange/log", "", "exchange/log");
    add_files(m, "exchange/releases", "", NULL);
    add_files(m, "grantees/lab/releases", "/bodies", NULL);
    add_files(m, "grantees/lab/releases", "/leaves", NULL);
    add_files(m, "grantees/lab/releases", "/sheets/", NULL);
    add_files(m, "grantees/lab/releases", "/fragments/", NULL);
    for (size_t i = 0; i < HOSPITALS; i++)
        add_files(m, tw_strf(cx->arena, "sources/%s/receipts", source[i]).p, "", NULL);
    add_packs(m);
}

/* ---------------------------------------------------------------- one alteration */

/* The audit fails and a failure names the file. */
static bool is_named(const museum *m, const evidence_file *f)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_audit_report *r = tw_new(cx->arena, tw_audit_report);
    bool found = false;
    if (tw_app_audit(cx, r, m->site) == TW_EVERIFY)
        for (size_t i = 0; i < r->finding_count; i++)
            found |= r->finding[i].severity[0] == 'f' && strstr(r->finding[i].file.p, f->named) != NULL;
    tw_arena_back(cx->arena, mark);
    return found;
}

static void put_byte(const char *path, size_t at, uint8_t value)
{
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(0, fseek(f, (long)at, SEEK_SET));
    assert_int_equal(1, fwrite(&value, 1, 1, f));
    assert_int_equal(0, fclose(f));
}

static bool flip_is_named(const museum *m, const flip *x)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    tw_bytes b;
    const evidence_file *f = &m->file[x->file];
    assert_ok(tw_file_read(cx, &b, f->path, TW_MIB));
    put_byte(f->path, x->at, (uint8_t)(b.p[x->at] ^ (1 + tw_test_below(255))));
    bool named = is_named(m, f);
    put_byte(f->path, x->at, b.p[x->at]);
    tw_arena_back(cx->arena, mark);
    if (!named)
        print_error("byte %u of %s\n", x->at, f->path + strlen(m->site));
    return named;
}

/* ---------------------------------------------------------------- which ones */

static flip *all_flips(size_t *count, const museum *m)
{
    flip *x = tw_arena_get(cx->arena, FLIPS_MAX * sizeof *x);
    *count = 0;
    for (size_t i = 0; i < m->files; i++)
        for (size_t at = 0; at < m->file[i].size; at++) {
            bool wanted = m->file[i].size <= SMALL_FILE || at < HEAD_BYTES || at % TW_KIB == TW_KIB / 2
                          || at + 1 == m->file[i].size;
            assert_true(*count < FLIPS_MAX);
            if (wanted)
                x[(*count)++] = (flip){ (uint32_t)i, (uint32_t)at };
        }
    return x;
}

/* The first `wanted` after a shuffle, so that a sample is spread evenly. */
static size_t sample(flip *x, size_t count)
{
    uint64_t wanted = FLIPS_QUICK;
    const char *text = getenv("TWINWARD_FLIPS");
    if (text && !tw_parse_u64(&wanted, tw_str_of(text)))
        fail_msg("TWINWARD_FLIPS is not a number");
    if (wanted == 0 || wanted > count)
        return count;
    for (size_t i = 0; i < wanted; i++) {
        size_t j = i + (size_t)tw_test_below(count - i);
        flip t = x[i];
        x[i] = x[j];
        x[j] = t;
    }
    return (size_t)wanted;
}

TEST(flip__of_any_byte_of_evidence_makes_the_audit_fail_and_is_named)
{
    museum m;
    size_t count;
    size_t bad = 0;
    museum_make(&m);
    flip *x = all_flips(&count, &m);
    size_t tried = sample(x, count);
    for (size_t i = 0; i < tried; i++)
        bad += !flip_is_named(&m, &x[i]);
    print_message("# %zu files, %zu of %zu places altered\n", m.files, tried, count);
    assert_int_equal(0, bad);
    life_audit(m.site); /* all put back */
    world_end(&m.w);
}

/* Every whole file of these. */
TEST(flip__of_first_and_last_bytes_and_a_cut_or_longer_file_is_named)
{
    museum m;
    museum_make(&m);
    size_t bad = 0;
    for (size_t i = 0; i < m.files; i++) {
        tw_bytes b;
        const evidence_file *f = &m.file[i];
        const flip ends[] = { { (uint32_t)i, 0 }, { (uint32_t)i, (uint32_t)(f->size - 1) } };
        for (size_t j = 0; f->size && j < TW_COUNT(ends); j++)
            bad += !flip_is_named(&m, &ends[j]);
        assert_ok(tw_file_read(cx, &b, f->path, TW_MIB));
        uint8_t *longer = tw_arena_get(cx->arena, b.n + 1);
        memcpy(longer, b.p, b.n);
        const tw_bytes wrong[] = { { b.p, b.n - 1 }, { longer, b.n + 1 } };
        for (size_t j = 0; j < TW_COUNT(wrong); j++) {
            assert_ok(tw_file_write(cx, f->path, wrong[j]));
            if (!is_named(&m, f)) {
                print_error("%s, one byte %s\n", f->path + strlen(m.site), j ? "longer" : "shorter");
                bad++;
            }
        }
        assert_ok(tw_file_write(cx, f->path, b));
    }
    assert_int_equal(0, bad);
    world_end(&m.w);
}

TEST(flip__a_missing_file_of_evidence_is_named_or_its_folder)
{
    museum m;
    museum_make(&m);
    size_t bad = 0;
    for (size_t i = 0; i < m.files; i++) {
        const evidence_file *f = &m.file[i];
        if (strstr(f->path, "/receipts/") || strstr(f->path, "grantees/"))
            continue; /* a copy or a receipt may be kept elsewhere */
        char *aside = tw_path(cx, m.w.dir, "aside");
        assert_int_equal(0, rename(f->path, aside));
        tw_audit_report *r = tw_new(cx->arena, tw_audit_report);
        if (tw_app_audit(cx, r, m.site) != TW_EVERIFY) {
            print_error("without %s\n", f->path + strlen(m.site));
            bad++;
        }
        assert_int_equal(0, rename(aside, f->path));
    }
    assert_int_equal(0, bad);
    life_audit(m.site);
    world_end(&m.w);
}
