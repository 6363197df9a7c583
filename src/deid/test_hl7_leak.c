/* HL7 v2: a planted value in every field of every segment, in several shapes; none gets through. */
#include "test_hl7.h"

/* Every segment that the rules list, those of the standard that they do not, and two of a site's own. */
static const char segments[] =
    "PID PD1 NK1 PV1 PV2 GT1 IN1 IN2 IN3 ACC AL1 IAM DG1 PR1 DRG OBR OBX ORC NTE TXA MRG ROL PRT EVN SCH RGS AIS "
    "AIG AIL AIP RXA RXE RXO RXR RXC RXD RXG RXV SPM SAC FT1 CTI UB1 UB2 TQ1 TQ2 PRB GOL PTH VAR ARV DB1 DSC DSP "
    "ERR EQL ERQ FAC GP1 GP2 IAR INV IPC ISD LAN LCC LCH LDP LOC LRL MFA MFE MFI MSA NCK NDS NPU NSC NST OBS ODS "
    "ODT OM1 OM2 OM3 OM4 OM5 OM6 OM7 ORG OVR PAC PCE PCR PDA PDC PEO PES PKG PRA PRC PRD PSH PSG PSL PSS PYE QAK "
    "QID QPD QRD QRF QRI RCP RDF RDT REL RF1 RFI RMI RQ1 RQD SCD SCP SDD SFT SHP SID SLT SPR STF STZ TCC TCD UAC "
    "URD URS VTQ ABS ADJ AFF APR BLC BLG BPO BPX BTX BUI CDM CDO CER CM0 CM1 CM2 CNS CON CSP CSR CSS CTD DEV DMI "
    "DON DSC ECD ECR EDU IIM ILT ITM IVC IVT OH1 OH2 OH3 OH4 ZPI ZZZ ";

#define FIELDS 60

/* Values that identify; all fit into nothing that passes. */
static const char *const value[] = { "Quxleyson",          "999-12-1234",       "MRN77420193X",
                                     "zaphra@example.org", "(617)555-0199",     "6175550199",
                                     "12 Quxley Rd",       "Quxley, Zaphra M.", "A1B2C3" };

/* @ is the value. */
static const char *const shape[] = {
    "@",
    "@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@^@",
    "@~@~@",
    "@&@&@^@&@~^@&@",
    "@^@^LN^@^@^SCT^@^@^@",
    "@^^HL70001",
    "^@^^^MR",
    "\\T\\@\\.br\\@\\T\\",
    "718-7^@^LN^@^372687004^SCT",
    "1^@&@",
    "\"@\"",
};

static tw_str planted(const char *pattern, const char *v)
{
    char room[1024];
    size_t n = 0, size = strlen(v);
    for (const char *p = pattern; *p; p++) {
        if (*p == '@')
            memcpy(room + n, v, size);
        else
            room[n] = *p;
        n += *p == '@' ? size : 1;
        assert_true(n + size < sizeof room);
    }
    return tw_str_dup(cx->arena, (tw_str){ room, n });
}

static size_t cases, leaks;

static void plant(const char *name, unsigned field, const char *pattern, const char *v, const char *type)
{
    tw_mark mark = tw_arena_mark(cx->arena);
    char bars[FIELDS + 2] = { 0 };
    tw_str out, text = planted(pattern, v);
    bool header = memcmp(name, "MSH", 3) == 0, observation = memcmp(name, "OBX", 3) == 0;
    memset(bars, '|', field);
    tw_str line = observation && field > 2 ? tw_strf(cx->arena, "OBX|1|%s%s" TW_FMT, type, bars + 2, TW_ARG(text))
                                           : tw_strf(cx->arena, "%.3s%s" TW_FMT "|", name, bars, TW_ARG(text));
    tw_str message = header ? tw_strf(cx->arena, "MSH|^~\\&%s" TW_FMT "\r" PID, bars + 2, TW_ARG(text))
                            : tw_strf(cx->arena, MSH PID TW_FMT "\r", TW_ARG(line));
    cases++;
    tw_status s = try_message(&out, message);
    if (s != TW_OK) {
        if (!header || field != 18) /* a character set that there is not */
            fail_msg("%.3s-%u: %s", name, field, cx->err.msg);
        assert_null(strstr(cx->err.msg, v));
    } else if (tw_str_find(out, tw_str_of(v)) != SIZE_MAX) {
        if (leaks++ < 20)
            print_error("%.3s-%u lets pass: " TW_FMT "\n", name, field, TW_ARG(text));
    }
    tw_arena_back(cx->arena, mark);
}

/* few: of a segment that is dropped as a whole, two shapes and two values are enough. */
static void every_field(const char *name, const char *type, bool few)
{
    bool header = memcmp(name, "MSH", 3) == 0;
    for (unsigned field = header ? 3 : 1; field <= FIELDS; field++)
        for (size_t s = 0; s < (few ? 2 : TW_COUNT(shape)); s++)
            for (size_t v = 0; v < (few ? 2 : TW_COUNT(value)); v++)
                plant(name, field, shape[s], value[v], type);
}

static void every_segment(const char *profile)
{
    begin(profile, false);
    cases = leaks = 0;
    (void)through(MSH); /* reads the rules */
    for (const char *p = segments; *p; p += 4)
        every_field(p, "CWE", hl7_rules_segment(work->hl7->rules, p) < 0);
    static const char *const types[] = { "NM", "SN", "ST", "TX", "FT", "TS",  "DT",
                                         "TM", "CE", "CQ", "ED", "RP", "XPN", "" };
    for (size_t i = 0; i < TW_COUNT(types); i++)
        every_field("OBX", types[i], false);
    every_field("MSH", "", false);
    end();
    print_message("%s: %zu values planted, %zu got through\n", profile, cases, leaks);
    assert_int_equal(0, leaks);
    assert_true(cases > 100000);
}

TEST(no_planted_value_gets_through_twin)
{
    every_segment("twin");
}

TEST(no_planted_value_gets_through_safe_harbor)
{
    every_segment("hipaa-safe-harbor");
}

/* A header that another one stands before was not read as one: its delimiters and character set may be anything. */
TEST(a_second_header_passes_what_the_first_one_says_alone)
{
    begin("twin", false);
    tw_str out = through("FHS|^~\\&|A\rMSH|^~\\&||||||||||2.5.1||||||Quxleyson\rMSH|Quxleyson|\r" PID);
    assert_true(tw_str_find(out, TW_STR("Quxleyson")) == SIZE_MAX);
    assert_true(tw_str_find(out, TW_STR("\rMSH|^~\\&||||")) != SIZE_MAX);
    out = through("MSH|^~\\&||||||||||2.5.1||||||UNICODE UTF-8\rMSH|^~\\&||||||||||2.5.1||||||UNICODE UTF-8\r" PID);
    size_t first = tw_str_find(out, TW_STR("UNICODE UTF-8"));
    assert_true(tw_str_find((tw_str){ out.p + first + 5, out.n - first - 5 }, TW_STR("UNICODE UTF-8")) != SIZE_MAX);
    end();
}

TEST(no_planted_value_gets_through_gdpr_research)
{
    every_segment("gdpr-research");
}

TEST(no_planted_value_gets_through_hipaa_expert)
{
    every_segment("hipaa-expert");
}

/* The negative: a rule that keeps what it should not is found. */
TEST(a_wrong_rule_would_be_found)
{
    hl7_rules *r;
    tw_str out;
    begin("twin", false);
    (void)through(MSH);
    assert_ok(hl7_rules_parse(cx, &r,
                              tw_strf(cx->arena, TW_FMT "\n[common]\nPD1-3 keep mistake\n", TW_ARG(hl7_rules_text())),
                              TW_STR("twin")));
    hl7_rules_free(work->hl7->rules);
    work->hl7->rules = r;
    assert_ok(try_message(&out, TW_STR(MSH PID "PD1|||Quxleyson\r")));
    assert_true(tw_str_find(out, TW_STR("Quxleyson")) != SIZE_MAX);
    end();
}

/* With the engine: what the message says of its people is in no text and no display of it, wherever that stands. */
TEST(what_the_message_knows_is_in_none_of_its_texts)
{
    static const char *const known[] = { "Quxleyson", "Zaphra", "Kinfolk", "Doctorov", "77420193", "12 Zedrow Rd" };
    static const char *const text[] = {
        "NTE|1|L|@ was here",
        "OBX|1|TX|718-7^^LN||@",
        "OBX|1|FT|718-7^^LN||\\H\\@\\N\\~@\\.br\\and @",
        "OBX|1|ST|718-7^^LN||called @",
        "OBX|1|CWE|718-7^hemoglobin of @^LN||260385009^@^SCT^^^^^^@",
        "DG1|1||E11.9^@^I10C|diabetes of @",
        "AL1|1|DA^@^HL70127|372687004^@^SCT|SV|hives, says @",
        "TXA|1|PN|TX||||||||||||||||||@||||Letter about @",
        "OBR|1|||718-7^@^LN|||||||||@",
        "PV2||||||||||||@",
    };
    begin("twin", true);
    for (size_t i = 0; i < TW_COUNT(text); i++)
        for (size_t k = 0; k < TW_COUNT(known); k++) {
            tw_str line = planted(text[i], known[k]);
            tw_str out =
                through(tw_strf(cx->arena,
                                MSH "PID|1||77420193^^^H^MR||Quxleyson^Zaphra||19610203|F|||12 Zedrow "
                                    "Rd^^Quxford\rNK1|1|Kinfolk^Ada|MTH\rPV1|1|I|||||99^Doctorov^Ann\r" TW_FMT "\r",
                                TW_ARG(line))
                            .p);
            if (tw_str_find(out, tw_str_of(known[k])) != SIZE_MAX)
                fail_msg("text %zu still holds what is known: " TW_FMT, i, TW_ARG(out));
        }
    end();
}

/* ---------------------------------------------------------------- slots that pass something */

TEST(kept_slots_pass_what_fits_and_nothing_else)
{
    static const struct {
        const char *segment;
        unsigned field;
        const char *fits, *no;
    } slot[] = {
        { "MSH", 8, "ADT^A01^ADT_A01", "ADT^Q^QUXLEY" },
        { "MSH", 10, "P", "Quxley" },
        { "MSH", 11, "2.5.1", "9.9" },
        { "PID", 8, "F", "Quxley" },
        { "PID", 16, "M", "Mrs" },
        { "PID", 10, "2106-3^^HL70005", "white" },
        { "PID", 22, "2186-5^^CDCREC", "2186-6^^L" },
        { "PID", 30, "Y", "Yes" },
        { "PV1", 2, "I", "Inn" },
        { "PV1", 36, "01", "0199" },
        { "NK1", 3, "MTH", "Mum" },
        { "DG1", 3, "E11.9^^I10", "4711^^I10" },
        { "DG1", 6, "A", "AA" },
        { "OBR", 25, "F", "FF" },
        { "OBX", 2, "NM", "XX" },
        { "OBX", 8, "HH", "hi" },
        { "OBX", 11, "F", "final" },
        { "OBX", 6, "mmol/L", "quxleys" },
        { "RXA", 5, "208^^CVX", "20812^^CVX" },
        { "RXE", 10, "30", "30 tablets" },
        { "SPM", 4, "BLD", "Blood of Q" },
        { "TXA", 17, "AU", "A1" },
        { "ORC", 1, "NW", "NEW" },
        { "SCH", 9, "45", "45 min" },
        { "TQ1", 3, "BID", "twice" },
        { "AL1", 2, "DA", "drug" },
    };
    begin("twin", false);
    for (size_t i = 0; i < TW_COUNT(slot); i++) {
        bool header = strcmp(slot[i].segment, "MSH") == 0;
        char bars[64] = { 0 };
        memset(bars, '|', slot[i].field);
        for (int k = 0; k < 2; k++) {
            const char *v = k ? slot[i].no : slot[i].fits;
            tw_str line = header ? tw_strf(cx->arena, "MSH|^~\\&%s%s\r", bars + 1, v)
                                 : tw_strf(cx->arena, MSH "%s%s%s\r", slot[i].segment, bars, v);
            tw_str got = field_of(through(line.p), slot[i].segment, slot[i].field);
            if (k == 0 ? !tw_str_is(got, v) : tw_str_is(got, v))
                fail_msg("%s-%u: \"%s\" becomes \"" TW_FMT "\"", slot[i].segment, slot[i].field, v, TW_ARG(got));
        }
    }
    end();
}
