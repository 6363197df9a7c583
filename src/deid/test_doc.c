/* What drivers of whole documents share: keys, ids, the account, rules of the profile. */
#include "test.h"

#include "deid/doc_internal.h"

static const uint8_t key[32] = { 7 };

static tw_doc_work *work_of(const char *profile_name)
{
    static tw_doc_opts opts; /* borrowed by the work */
    tw_profile *p = NULL;
    tw_doc_work *w = NULL;
    assert_ok(tw_profile_builtin(cx, &p, tw_str_of(profile_name)));
    opts = (tw_doc_opts){ .profile = p, .key = key, .reference_day = tw_days_from_civil(2026, 1, 1) };
    assert_ok(tw_doc_work_new(cx, &w, &opts));
    return w;
}

static void done(tw_doc_work *w)
{
    tw_profile *p = (tw_profile *)(uintptr_t)w->opts->profile;
    tw_doc_work_free(w);
    tw_profile_free(p);
}

static void ident_is(bool same, tw_doc_work *w, const char *a, const char *b)
{
    char x[TW_ID_HEX + 1], y[TW_ID_HEX + 1];
    doc_ident(x, w, tw_str_of(a));
    doc_ident(y, w, tw_str_of(b));
    assert_int_equal(same, strcmp(x, y) == 0);
}

TEST(doc__identifiers_do_not_depend_on_their_writing)
{
    tw_doc_work *w = work_of("twin");
    ident_is(true, w, "MRN-00123", "mrn 00123");
    ident_is(false, w, "MRN-00123", "MRN-0123");
    ident_is(false, w, "00123", "00124");
    ident_is(true, w, "7894D4F6-f716-a720-28f5-6dcb5ee78af1", "urn:uuid:7894d4f6-F716-a720-28f5-6dcb5ee78af1");
    done(w);
}

TEST(doc__a_uuid_is_one_id_whatever_it_is_an_id_of)
{
    tw_doc_work *w = work_of("twin");
    char a[TW_ID_HEX + 1], b[TW_ID_HEX + 1];
    tw_str uuid = TW_STR("7894d4f6-f716-a720-28f5-6dcb5ee78af1");
    doc_id(a, w, TW_STR("Patient"), uuid);
    doc_id(b, w, TW_STR(""), uuid);
    assert_string_equal(a, b);
    doc_ident(b, w, uuid);
    assert_string_equal(a, b);
    doc_id(a, w, TW_STR("Patient"), TW_STR("12"));
    doc_id(b, w, TW_STR("Encounter"), TW_STR("12"));
    assert_string_not_equal(a, b);
    doc_id(b, w, TW_STR("Patient"), TW_STR("12")); /* met again */
    assert_string_equal(a, b);
    assert_null(strstr(a, "12345"));
    char digits[TW_ID_HEX + 1];
    assert_false(doc_is_uuid(digits, TW_STR("7894d4f6-f716-a720-28f5-6dcb5ee78af")));
    assert_false(doc_is_uuid(digits, TW_STR("7894d4f6-f716-a720-28f5-6dcb5ee78afg")));
    assert_false(doc_is_uuid(digits, TW_STR("7894d4f6-f716-a720x28f5-6dcb5ee78af1")));
    done(w);
}

TEST(doc__ids_of_any_length_have_keys)
{
    tw_doc_work *w = work_of("twin");
    char a[TW_ID_HEX + 1], b[TW_ID_HEX + 1], longer[2000];
    memset(longer, 'x', sizeof longer);
    doc_id(a, w, TW_STR("Patient"), (tw_str){ longer, 300 });
    doc_id(b, w, TW_STR("Patient"), (tw_str){ longer, 301 });
    assert_string_not_equal(a, b);
    doc_id(a, w, (tw_str){ longer, 100 }, (tw_str){ longer, sizeof longer });
    doc_ident(b, w, (tw_str){ longer, sizeof longer });
    assert_int_equal(TW_ID_HEX, strlen(a));
    done(w);
}

TEST(doc__another_key_gives_other_ids_and_shifts)
{
    static const uint8_t other[32] = { 8 };
    tw_doc_work *w = work_of("twin"), *v = NULL;
    tw_doc_opts opts = *w->opts;
    opts.key = other;
    assert_ok(tw_doc_work_new(cx, &v, &opts));
    char a[TW_ID_HEX + 1], b[TW_ID_HEX + 1];
    doc_id(a, w, TW_STR("Patient"), TW_STR("1"));
    doc_id(b, v, TW_STR("Patient"), TW_STR("1"));
    assert_string_not_equal(a, b);
    doc_person p, q;
    doc_person_of(&p, w, TW_STR("1"));
    doc_person_of(&q, v, TW_STR("1"));
    assert_memory_not_equal(p.handle, q.handle, TW_HANDLE);
    assert_memory_not_equal(p.surrogate_key, q.surrogate_key, 32);
    tw_doc_work_free(v);
    done(w);
}

/* Whole weeks from -52 to 52, never none, each about as often. */
TEST(doc__shifts_are_whole_weeks_and_never_none)
{
    enum { PERSONS = 10400 };
    tw_doc_work *w = work_of("twin");
    int seen[2 * DOC_SHIFT_WEEKS_MAX + 1] = { 0 };
    for (int i = 0; i < PERSONS; i++) {
        doc_person p;
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        doc_person_of(&p, w, tw_str_of(id));
        assert_true(p.shift_weeks >= -DOC_SHIFT_WEEKS_MAX && p.shift_weeks <= DOC_SHIFT_WEEKS_MAX);
        seen[p.shift_weeks + DOC_SHIFT_WEEKS_MAX]++;
    }
    for (int i = 0; i <= 2 * DOC_SHIFT_WEEKS_MAX; i++)
        assert_true(i == DOC_SHIFT_WEEKS_MAX ? seen[i] == 0 : seen[i] > 50 && seen[i] < 160);
    done(w);
}

TEST(doc__uids_become_uids)
{
    char a[DOC_UID_TEXT], b[DOC_UID_TEXT];
    doc_uid(a, key, TW_STR("1.2.246.352.71.8.1"));
    doc_uid(b, key, TW_STR("1.2.246.352.71.8.2"));
    assert_string_not_equal(a, b);
    assert_true(strncmp(a, "2.25.", 5) == 0 && strlen(a) <= 44 && strlen(a) > 30);
    assert_int_equal(strlen(a) - 5, strspn(a + 5, "0123456789"));
    doc_uid(a, key, TW_STR("1.2.840.10008.5.1.4.1.1.481.5"));
    assert_string_equal("1.2.840.10008.5.1.4.1.1.481.5", a);
}

TEST(doc__the_account_is_sorted_and_adds_up)
{
    tw_doc_work *w = work_of("twin"), *v = NULL;
    tw_doc_opts opts = *w->opts;
    assert_ok(tw_doc_work_new(cx, &v, &opts));
    doc_count(w, TW_STR("PID-5"), TW_STR("names"), TW_DOC_REMOVED);
    doc_count(w, TW_STR("PID-3"), TW_STR("identifiers"), TW_DOC_CHANGED);
    doc_count(w, TW_STR("PID-3"), TW_STR("default-deny"), TW_DOC_REMOVED);
    doc_count(v, TW_STR("PID-3"), TW_STR("identifiers"), TW_DOC_CHANGED);
    doc_count(v, TW_STR("Patient.gender"), TW_STR("codes"), TW_DOC_KEPT);
    (void)doc_row(v, TW_STR("never"), TW_STR("counted"));
    tw_buf out;
    tw_buf_init(&out, TW_MIB);
    assert_ok(tw_deid_fhir(cx, &out, v, TW_STR("{\"resourceType\":\"Patient\",\"gender\":\"male\"}")));
    tw_buf_done(&out);
    tw_doc_account_merge(w, v);
    tw_doc_row r[8];
    size_t n = 0, cursor = 0;
    while (tw_doc_account_next(w, &cursor, &r[n]))
        n++;
    assert_int_equal(4, n);
    assert_str("PID-3", r[0].path);
    assert_str("default-deny", r[0].rule);
    assert_int_equal(1, r[0].removed);
    assert_str("identifiers", r[1].rule);
    assert_int_equal(2, r[1].changed);
    assert_str("PID-5", r[2].path);
    assert_str("Patient.gender", r[3].path);
    assert_int_equal(2, r[3].kept); /* of both kinds of rows */
    tw_doc_work_free(v);
    done(w);
}

TEST(doc__many_rows_come_in_order)
{
    tw_doc_work *w = work_of("twin");
    char path[16], last[16] = "";
    for (int i = 0; i < 500; i++) {
        snprintf(path, sizeof path, "%d", i * 7919 % 500);
        doc_count(w, tw_str_of(path), TW_STR("rule"), TW_DOC_KEPT);
    }
    tw_doc_row r;
    size_t n = 0, cursor = 0;
    while (tw_doc_account_next(w, &cursor, &r)) {
        snprintf(path, sizeof path, TW_FMT, TW_ARG(r.path));
        assert_true(n == 0 || strcmp(last, path) < 0);
        memcpy(last, path, sizeof last);
        n++;
    }
    assert_int_equal(500, n);
    done(w);
}

static doc_time_law law_of(tw_doc_work *w, const char *date, bool birth, int *weeks)
{
    when t;
    doc_person p;
    doc_person_of(&p, w, TW_STR("1"));
    assert_true(when_parse(&t, tw_str_of(date)));
    return doc_time(weeks, w, &p, &t, birth);
}

TEST(doc__times_follow_the_profile)
{
    int weeks = 0;
    tw_doc_work *w = work_of("twin");
    assert_int_equal(DOC_TIME_SHIFT, law_of(w, "2020-02-03", false, &weeks));
    assert_true(weeks != 0);
    assert_int_equal(DOC_TIME_YEAR, law_of(w, "2020-02", false, &weeks));
    assert_int_equal(DOC_TIME_YEAR, law_of(w, "1970-02-03", true, &weeks));
    assert_int_equal(DOC_TIME_REMOVE, law_of(w, "1930-02-03", true, &weeks));
    assert_int_equal(DOC_TIME_REMOVE, law_of(w, "1930-02-03", false, &weeks));
    done(w);
    w = work_of("hipaa-safe-harbor");
    assert_int_equal(DOC_TIME_YEAR, law_of(w, "2020-02-03", false, &weeks));
    assert_int_equal(0, weeks);
    done(w);
}

TEST(doc__codes_words_and_zips_follow_the_profile)
{
    char zip[4];
    tw_doc_work *w = work_of("hipaa-safe-harbor");
    assert_true(doc_code(w, TW_STR("http://loinc.org"), TW_STR("2857-1")));
    assert_false(doc_code(w, TW_STR("http://loinc.org"), TW_STR("2857-2")));
    assert_false(doc_code(w, TW_STR("http://loinc.org"), TW_STR("")));
    assert_false(doc_code(w, TW_STR("http://hospital.example/codes"), TW_STR("2857-1")));
    assert_true(doc_word(w, "Address.state", TW_STR("MA")));
    assert_false(doc_word(w, "Address.state", TW_STR("Leak")));
    assert_false(doc_word(w, "Address.state", TW_STR("")));
    char longer[300];
    memset(longer, 'x', sizeof longer);
    assert_false(doc_word(w, "Address.state", (tw_str){ longer, sizeof longer }));
    assert_true(doc_zip3(zip, w, TW_STR("02139-1234")));
    assert_string_equal("021", zip);
    assert_true(doc_zip3(zip, w, TW_STR("03601")));
    assert_string_equal("000", zip);
    assert_false(doc_zip3(zip, w, TW_STR("0360")));
    done(w);
    w = work_of("twin");
    assert_false(doc_zip3(zip, w, TW_STR("02139")));
    done(w);
}
