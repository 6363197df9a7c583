#include "fhir/fhir.h"

#include "test.h"

/* Resources in which ' stands for ". */
static const char patient[] =
    "{'resourceType':'Patient','id':'p1','meta':{'lastUpdated':'2024-02-03T04:05:06.700Z'},'active':true,"
    "'name':[{'use':'official','family':'Ashby','given':['Mary','Ann']},{'use':'maiden','family':'Vance',"
    "'given':['Mary'],'period':{'end':'2002'}}],'_birthDate':{'extension':[{'url':'http://x.example/birth-time',"
    "'valueDateTime':'1970-05-06T07:08:09+02:00'}]},'birthDate':'1970-05-06','multipleBirthInteger':2,"
    "'address':[{'city':'Hull','postalCode':'12345','line':['1 Main St','Flat 2']},{'city':'York','postalCode':"
    "'54321'}],'contact':[{'name':{'family':'Kin','_given':[null,{'extension':[{'url':'u','valueString':'v'}]}],"
    "'given':['Al',null]}}],'telecom':[{'system':'phone','value':'555-1234','rank':1}],"
    "'contained':[{'resourceType':'Organization','id':'o','name':'Acme \\u00e9\\n','address':[{'city':'Leeds'}]}],"
    "'generalPractitioner':[{'reference':'Practitioner/9'}]}";
static const char observation[] =
    "{'resourceType':'Observation','id':'b','status':'final','code':{'coding':[{'system':'http://loinc.org','code':"
    "'2857-1'}]},'effectiveDateTime':'2020-03-04','valueQuantity':{'value':4.30,'unit':'ng/mL'},"
    "'component':[{'valueString':'high'},{'valueInteger':7},{'valueQuantity':{'value':12.5}}],"
    "'note':[{'text':'seen'}]}";
static const char condition[] = "{'resourceType':'Condition','id':'c','onsetAge':{'value':45,'unit':'a'},"
                                "'recordedDate':'2019','abatementString':'soon'}";
static const char bundle[] =
    "{'resourceType':'Bundle','type':'collection','entry':[{'fullUrl':'urn:uuid:1','resource':{'resourceType':"
    "'Patient','id':'q','name':[{'family':'Deep'}]}},{'request':{'method':'GET','url':'Patient/5'}}]}";

static tw_fhir_schema *schema;

static tw_fhir_tree tree_of(const char *text)
{
    tw_fhir_tree t;
    tw_json d;
    char *s = tw_cstr(cx->arena, tw_str_of(text));
    for (char *p = s; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    if (!schema)
        schema = tw_fhir_schema_new();
    assert_ok(tw_json_parse(cx, &d, tw_str_of(s), NULL));
    assert_ok(tw_fhir_tree_build(cx, &t, schema, &d, 0));
    return t;
}

/* Items parted by ";": elements by type and text, others by their text. */
static const char *shown(const tw_fhir_tree *t, tw_fhirpath_items r)
{
    tw_str out = TW_STR("");
    for (uint32_t i = 0; i < r.n; i++) {
        tw_str text = r.item[i].text;
        if (r.item[i].kind == TW_FHIRPATH_ELEMENT) {
            const tw_fhir_elem *e = &t->e[r.item[i].element];
            text = tw_strf(cx->arena, TW_FMT ":" TW_FMT, TW_ARG(tw_fhir_type_text(schema, e->type)),
                           TW_ARG(tw_fhir_text(t, r.item[i].element)));
        }
        out = tw_strf(cx->arena, TW_FMT "%s" TW_FMT, TW_ARG(out), i ? ";" : "", TW_ARG(text));
    }
    return tw_cstr(cx->arena, out);
}

typedef struct {
    const char *resource;
    const char *expression;
    const char *want; /* "!": refused when it is run */
} row;

static const row rows[] = {
    /* paths */
    { patient, "Patient.id", "id:p1" },
    { patient, "id", "id:p1" },
    { patient, "Resource.id", "id:p1" },
    { patient, "DomainResource.id", "id:p1" },
    { patient, "Observation.id", "" },
    { patient, "name.family", "string:Ashby;string:Vance" },
    { patient, "Patient.name.given", "string:Mary;string:Ann;string:Mary" },
    { patient, "name[1].family", "string:Vance" },
    { patient, "name[7].family", "" },
    { patient, "name.given[1]", "string:Ann" },
    { patient, "`name`.`family`[0]", "string:Ashby" },
    { patient, "nosuch.family", "" },
    { patient, "birthDate.extension.value", "dateTime:1970-05-06T07:08:09+02:00" },
    { patient, "birthDate.extension('http://x.example/birth-time').url", "uri:http://x.example/birth-time" },
    { patient, "contact.name.given.extension.value", "string:v" },
    { patient, "contact.name.given.count()", "2" },
    { patient, "contained.name", "string:Acme \xc3\xa9\n" },
    { patient, "multipleBirth", "integer:2" },
    { patient, "multipleBirthInteger", "" },
    { patient, "%resource.id", "id:p1" },
    { patient, "name.where(family = %context.contact.name.family)", "" },
    { bundle, "Bundle.entry.resource.name.family", "string:Deep" },
    { bundle, "Bundle.entry.fullUrl", "uri:urn:uuid:1" },
    { bundle, "entry.request.url", "uri:Patient/5" },
    { bundle, "entry.resource.ofType(Patient).id", "id:q" },
    /* choices and types */
    { observation, "Observation.value", "Quantity:" },
    { observation, "value.value", "decimal:4.30" },
    { observation, "(value as Quantity).unit", "string:ng/mL" },
    { observation, "value as Quantity", "Quantity:" },
    { observation, "value.ofType(string)", "" },
    { observation, "component.value", "string:high;integer:7;Quantity:" },
    { observation, "component.value.ofType(integer)", "integer:7" },
    { observation, "component.where(value is string).value", "string:high" },
    { observation, "value is Quantity", "true" },
    { observation, "value is FHIR.Age", "false" },
    { observation, "effective as dateTime", "dateTime:2020-03-04" },
    { condition, "onset as Age", "Age:" },
    { condition, "Condition.onset.ofType(Quantity).value", "decimal:45" },
    { condition, "abatement as string", "string:soon" },
    { patient, "$this is Patient and $this is DomainResource", "true" },
    { patient, "gender.ofType(code)", "" },
    /* Microsoft's two */
    { patient, "nodesByType('HumanName').family", "string:Ashby;string:Vance;string:Kin" },
    { patient, "nodesByType('Address').city", "string:Hull;string:York" },
    { patient, "contained.nodesByType('Address').city", "string:Leeds" },
    { patient, "nodesByType('Address').where(city='York').postalCode", "string:54321" },
    { observation, "nodesByType('Quantity').value", "decimal:4.30;decimal:12.5" },
    { condition, "nodesByType('Quantity')", "" },
    { patient, "nodesByType('date')", "date:1970-05-06" },
    { patient, "nodesByName('family')", "string:Ashby;string:Vance;string:Kin" },
    { observation, "nodesByName('value').count()", "6" },
    { patient, "nodesByType('NoSuch')", "" },
    /* where, exists, and their kind */
    { patient, "name.where(use='official').family", "string:Ashby" },
    { patient, "name.where(given.where($this = 'Ann').exists()).family", "string:Ashby" },
    { patient, "where(id.exists()).id", "id:p1" },
    { patient, "name.exists(family = 'Vance')", "true" },
    { patient, "name.all(family.exists())", "true" },
    { patient, "name.all(period.exists())", "false" },
    { patient, "name.select(family + '!')", "Ashby!;Vance!" },
    { patient, "name.empty()", "false" },
    { patient, "photo.empty()", "true" },
    { patient, "photo.exists().not()", "true" },
    { patient, "name.count()", "2" },
    { patient, "name.given.first()", "string:Mary" },
    { patient, "name.given.last()", "string:Mary" },
    { patient, "name.given.tail()", "string:Ann;string:Mary" },
    { patient, "name.given.skip(1).take(1)", "string:Ann" },
    { patient, "name.given.distinct()", "string:Mary;string:Ann" },
    { patient, "telecom.single().rank", "positiveInt:1" },
    { patient, "name.single()", "!" },
    { patient, "telecom.children().count()", "3" },
    { patient, "generalPractitioner.descendants()", "string:Practitioner/9" },
    { patient, "iif(active, 'yes', 'no')", "yes" },
    { patient, "iif(active.not(), name.single())", "" },
    /* equality */
    { patient, "name[0].given[0] = name[1].given[0]", "true" },
    { patient, "name[0] = name[1]", "false" },
    { patient, "name.given = ('Mary' | 'Ann')", "false" },
    { patient, "id != 'p2'", "true" },
    { patient, "photo = 'x'", "" },
    { patient, "'a  B' ~ 'A b'", "true" },
    { patient, "{} ~ {}", "true" },
    { patient, "1.10 = 1.1", "true" },
    { patient, "1.16 ~ 1.2", "true" },
    { patient, "1 = '1'", "false" },
    { patient, "active = true", "true" },
    { patient, "active !~ true", "false" },
    { observation, "value.value = 4.3", "true" },
    /* in, contains, union */
    { patient, "'Ann' in name.given", "true" },
    { patient, "name.given contains 'Bob'", "false" },
    { patient, "$this.id in ('p0' | 'p1')", "true" },
    { patient, "{} in name", "" },
    { patient, "('a' | 'b' | 'a').count()", "2" },
    { patient, "(name.given | name.given).count()", "3" },
    { patient, "(name.family | contact.name.family)", "string:Ashby;string:Vance;string:Kin" },
    /* order */
    { observation, "value.value > 4", "true" },
    { observation, "value.value >= 4.300", "true" },
    { patient, "multipleBirth < 2", "false" },
    { patient, "'abc' < 'abd'", "true" },
    { patient, "name[0].family >= 0", "!" },
    { patient, "10000000000000000000000000.1 > 10000000000000000000000000", "true" },
    { patient, "-0.5 < 0.25", "true" },
    { patient, "9999999999999999999999999999 > 0.0000000000000000000000000001", "true" },
    { patient, "photo > 4", "" },
    { patient, "birthDate <= @2020-01-01 and birthDate >= @1970-05-06", "true" },
    { patient, "birthDate < @1970", "" },
    { patient, "birthDate < @1971", "true" },
    { patient, "birthDate = @1970-05", "" },
    { patient, "birthDate = @1970-06", "false" },
    { condition, "recordedDate <= @2020-01-01T00:00:00Z and recordedDate >= @1990-01-01T00:00:00Z", "true" },
    { condition, "recordedDate >= @2019-01-01T00:00:00Z", "" },
    { patient, "birthDate < @1970-05-06T23:30:00-02:00", "true" },
    { patient, "birthDate < @1970-05-06T23:30:00+02:00", "" },
    { patient, "meta.lastUpdated = @2024-02-03T05:05:06.7+01:00", "true" },
    { patient, "meta.lastUpdated > @2024-02-03T04:05:06.699Z", "true" },
    { patient, "@2020-01-01T10:00:00 < @2020-01-01T12:00:00Z", "" },
    { patient, "@2020-01-01T10:00:00 < @2020-01-03T12:00:00Z", "true" },
    { patient, "@T10:30 < @T11", "true" },
    { patient, "@2020-01-01 > @T10", "!" },
    /* logic */
    { patient, "true and {}", "" },
    { patient, "false and {}", "false" },
    { patient, "true or {}", "true" },
    { patient, "true xor true", "false" },
    { patient, "false implies {}", "true" },
    { patient, "true or false and false", "true" },
    { patient, "name.family and true", "!" },
    /* numbers */
    { patient, "7 div 2", "3" },
    { patient, "7 mod 2", "1" },
    { patient, "7 / 2", "3.5" },
    { patient, "1 / 3", "0.3333333333333333333333333333" },
    { patient, "1 / 0", "" },
    { patient, "2 + 3 * 4 - 1", "13" },
    { patient, "(multipleBirth div 10) * 10", "0" },
    { patient, "-3.50 + 1", "-2.50" },
    { patient, "0.1 * 0.2", "0.02" },
    { patient, "'a' - 1", "!" },
    { observation, "(value.value div 1) * 10 - 5", "35" },
    /* strings */
    { patient, "address[0].postalCode.startsWith('123')", "true" },
    { patient, "address[0].postalCode.substring(0,3)+'****'", "123****" },
    { patient, "id.endsWith('1') and id.contains('p')", "true" },
    { patient, "'a\xc3\xa9z'.substring(1, 1)", "\xc3\xa9" },
    { patient, "'abc'.substring(3)", "" },
    { patient, "'abc'.indexOf('c')", "2" },
    { patient, "'abcabc'.replace('b', '--')", "a--ca--c" },
    { patient, "telecom.value.replaceMatches('\\\\d{3}', 'N')", "N-N4" },
    { patient, "'11/30/1972'.replaceMatches('(?<m>\\\\d+)/(?<d>\\\\d+)/(\\\\d+)', '$3-${m}-$2')", "1972-11-30" },
    { patient, "telecom.value.matches('^[0-9-]+$')", "true" },
    { patient, "'\\u00e9\\'\\n'.length()", "3" },
    { patient, "'Ab'.upper() & 'Ab'.lower() & {}", "ABab" },
    { patient, "' x '.trim()", "x" },
    { patient, "name[0].given.join(', ')", "Mary, Ann" },
    { patient, "multipleBirth.toString() + 'x'", "2x" },
    { patient, "'12'.toInteger() + 1", "13" },
    { patient, "'1.50'.toDecimal()", "1.50" },
    { patient, "'yes'.toBoolean()", "true" },
    { patient, "birthDate.hasValue() and name.hasValue().not()", "true" },
    { patient, "name.family.upper()", "!" },
    { patient, "1 /* one */ + 2 // three", "3" },
    { patient, "'a' in ('a') and ('b' | 'c') contains 'c'", "true" },
};

TEST(expressions_give_what_the_standard_says)
{
    for (size_t i = 0; i < TW_COUNT(rows); i++) {
        tw_fhir_tree t = tree_of(rows[i].resource);
        tw_fhirpath *p;
        tw_fhirpath_items r;
        tw_mark m = tw_arena_mark(cx->arena);
        if (tw_fhirpath_compile(cx, &p, cx->arena, schema, tw_str_of(rows[i].expression)) != TW_OK)
            fail_msg("%s: %s", rows[i].expression, cx->err.msg);
        tw_status s = tw_fhirpath_run(cx, &r, p, &t, 0);
        const char *got = s == TW_EREFUSED ? "!" : s == TW_OK ? shown(&t, r) : cx->err.msg;
        if (strcmp(got, rows[i].want) != 0)
            fail_msg("%s: '%s', not '%s' (%s)", rows[i].expression, got, rows[i].want, cx->err.msg);
        tw_arena_back(cx->arena, m);
    }
    assert_true(TW_COUNT(rows) >= 80);
}

TEST(malformed_expressions_say_where)
{
    static const struct {
        const char *text, *message;
    } bad[] = {
        { "", "column 1: the expression ends too early" },
        { "invalid()", "column 1: no such function: 'invalid'" },
        { "$this>=0 && $this<10", "column 11: a value is missing before '&'" },
        { "name.", "column 6: expected a name" },
        { "name.where(", "column 12: the expression ends too early" },
        { "name.where(use='x'", "column 19: expected ')'" },
        { "name)", "column 5: an operator is missing before ')'" },
        { "name family", "column 6: an operator is missing before 'family'" },
        { "value as Nosuch", "column 10: no type of FHIR R4: 'Nosuch'" },
        { "name.ofType()", "column 13: expected the name of a type" },
        { "subject.resolve().id",
          "column 9: this function needs what is not at hand here and is not taken: 'resolve'" },
        { "today()", "column 1: this function needs what is not at hand here and is not taken: 'today'" },
        { "'abc", "column 1: malformed word" },
        { "@2020-13", "column 1: malformed word" },
        { "@2020-02-30", "column 1: malformed word" },
        { "1.2.3", "column 1: malformed number, or over 28 digits" },
        { "12345678901234567890123456789", "column 1: malformed number, or over 28 digits" },
        { "4 'mg'", "column 3: quantities are not taken" },
        { "$total", "column 2: only $this is taken" },
        { "%nosuch", "column 2: no such constant: % 'nosuch'" },
        { "id.substring()", "column 4: wrong number of arguments" },
        { "id.substring(1,2,3)", "column 4: wrong number of arguments" },
        { "id.matches('(')", "column 12: malformed regular expression at its character 2" },
        { "nodesByType(HumanName)", "column 13: expected a name between '" },
        { "a # b", "column 3: malformed word" },
        { "name[0", "column 7: expected ']'" },
        { "'\\q'", "column 1: malformed word" },
        { "'\\ud800'", "column 1: malformed word" },
    };
    (void)tree_of(patient);
    for (size_t i = 0; i < TW_COUNT(bad); i++) {
        tw_fhirpath *p;
        tw_err_clear(cx);
        assert_status(TW_EPARSE, tw_fhirpath_compile(cx, &p, cx->arena, schema, tw_str_of(bad[i].text)));
        if (!tw_str_starts(tw_str_of(cx->err.msg), bad[i].message))
            fail_msg("%s: '%s', not '%s'", bad[i].text, cx->err.msg, bad[i].message);
    }
}

TEST(too_long_too_deep_and_too_many_steps_are_refused)
{
    tw_fhirpath *p;
    tw_buf b;
    (void)tree_of(patient);
    tw_buf_init(&b, 8 * TW_KIB);
    for (int i = 0; i < 100; i++)
        tw_buf_cstr(&b, "(");
    assert_status(TW_ELIMIT, tw_fhirpath_compile(cx, &p, cx->arena, schema, tw_str_of_bytes(tw_buf_view(&b))));
    tw_buf_clear(&b);
    for (int i = 0; i < 2100; i++)
        tw_buf_cstr(&b, "1+");
    assert_status(TW_ELIMIT, tw_fhirpath_compile(cx, &p, cx->arena, schema, tw_str_of_bytes(tw_buf_view(&b))));
    tw_buf_clear(&b);
    for (int i = 0; i < 1030; i++)
        tw_buf_cstr(&b, "1|");
    assert_status(TW_ELIMIT, tw_fhirpath_compile(cx, &p, cx->arena, schema, tw_str_of_bytes(tw_buf_view(&b))));
    tw_buf_done(&b);

    /* a line of 2,000 items, each against each, each against each */
    tw_fhirpath_items r;
    tw_str text = TW_STR("{'resourceType':'Patient','address':[{'line':['x'");
    tw_buf_init(&b, TW_MIB);
    tw_buf_str(&b, text);
    for (int i = 0; i < 2000; i++)
        tw_buf_cstr(&b, ",'x'");
    tw_buf_cstr(&b, "]}]}");
    tw_fhir_tree t = tree_of(tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b))));
    tw_buf_done(&b);
    assert_ok(tw_fhirpath_compile(cx, &p, cx->arena, schema, TW_STR("address.line | address | address.line")));
    assert_ok(tw_fhirpath_run(cx, &r, p, &t, 0));
    assert_int_equal(2002, r.n);
    assert_ok(tw_fhirpath_compile(cx, &p, cx->arena, schema,
                                  TW_STR("address.line.all(%resource.address.line.all(%resource.address.line.all("
                                         "$this = 'x')))")));
    assert_status(TW_ELIMIT, tw_fhirpath_run(cx, &r, p, &t, 0));
    assert_ok(tw_fhirpath_compile(cx, &p, cx->arena, schema,
                                  TW_STR("'"
                                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                         "'.matches('^(a+)+$|b')")));
    assert_ok(tw_fhirpath_run(cx, &r, p, &t, 0));
    assert_ok(tw_fhirpath_compile(cx, &p, cx->arena, schema,
                                  TW_STR("'"
                                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                         "!'.matches('^(a|aa|a)+$')")));
    assert_status(TW_ELIMIT, tw_fhirpath_run(cx, &r, p, &t, 0));
}

TEST(names_that_R4_does_not_have_are_told)
{
    static const struct {
        const char *text, *unknown;
    } some[] = {
        { "Patient.name.family", "" },
        { "HealthcareService.notAvaliable.description", "notAvaliable" },
        { "nodesByType('Nmae')", "Nmae" },
        { "nodesByName('famly').x", "famly" },
        { "Observation.effectiveDateTime", "effectiveDateTime" },
    };
    (void)tree_of(patient);
    for (size_t i = 0; i < TW_COUNT(some); i++) {
        tw_fhirpath *p;
        assert_ok(tw_fhirpath_compile(cx, &p, cx->arena, schema, tw_str_of(some[i].text)));
        assert_str(some[i].unknown, tw_fhirpath_unknown(p));
    }
}

TEST(a_test_is_true_for_true_and_for_one_item)
{
    static const struct {
        const char *text;
        bool want;
    } some[] = { { "active", true }, { "active.not()", false }, { "photo", false },
                 { "id", true },     { "id = 'x'", false },     { "false", false } };
    tw_fhir_tree t = tree_of(patient);
    for (size_t i = 0; i < TW_COUNT(some); i++) {
        tw_fhirpath *p;
        bool got;
        assert_ok(tw_fhirpath_compile(cx, &p, cx->arena, schema, tw_str_of(some[i].text)));
        assert_ok(tw_fhirpath_test(cx, &got, p, &t, 0));
        assert_int_equal(some[i].want, got);
    }
}

static const char *written(const tw_fhir_tree *t)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_fhir_tree_write(&b, t);
    const char *s = tw_cstr(cx->arena, tw_str_of_bytes(tw_buf_view(&b)));
    tw_buf_done(&b);
    return s;
}

TEST(a_tree_is_written_as_it_was_read)
{
    const char *all[] = { patient, observation, condition, bundle };
    for (size_t i = 0; i < TW_COUNT(all); i++) {
        tw_fhir_tree t = tree_of(all[i]), again;
        tw_json d;
        const char *text = written(&t);
        assert_int_equal(0, t.unknown);
        assert_ok(tw_json_parse(cx, &d, tw_str_of(text), NULL));
        assert_ok(tw_fhir_tree_build(cx, &again, schema, &d, 0));
        assert_int_equal(t.n, again.n);
        assert_string_equal(text, written(&again));
    }
    tw_fhir_tree t = tree_of(observation);
    assert_non_null(strstr(written(&t), "\"valueQuantity\":{\"value\":4.30,\"unit\":\"ng/mL\"}"));
}

TEST(what_R4_does_not_have_is_left_out)
{
    tw_fhir_tree t = tree_of("{'resourceType':'Patient','id':{'a':1},'nosuch':'Qux','name':'Qux','_name':{},'gender':"
                             "['male'],'contact':{'name':{'family':'K','Family':'Qux'}},'contained':[{'resourceType':"
                             "'Qux','id':'1'},5]}");
    assert_int_equal(7, t.unknown);
    assert_string_equal(
        "{\"resourceType\":\"Patient\",\"gender\":[\"male\"],\"contact\":[{\"name\":{\"family\":\"K\"}}]}",
        written(&t));
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, TW_STR("{\"resourceType\":\"Address\"}"), NULL));
    assert_status(TW_EPARSE, tw_fhir_tree_build(cx, &t, schema, &d, 0));
    assert_ok(tw_json_parse(cx, &d, TW_STR("[]"), NULL));
    assert_status(TW_EPARSE, tw_fhir_tree_build(cx, &t, schema, &d, 0));
}

TEST(pruning_takes_out_what_became_empty)
{
    tw_fhir_tree t = tree_of(patient);
    tw_fhirpath *p;
    tw_fhirpath_items r;
    assert_ok(tw_fhirpath_compile(cx, &p, cx->arena, schema,
                                  TW_STR("descendants().where(hasValue()) | contained.id | contained.name")));
    assert_ok(tw_fhirpath_run(cx, &r, p, &t, 0));
    for (uint32_t i = 0; i < r.n; i++)
        tw_fhir_set(&t, r.item[i].element, (tw_str){ NULL, 0 }, TW_JSON_NULL);
    tw_fhir_tree_prune(&t);
    assert_string_equal("{\"resourceType\":\"Patient\",\"contained\":[{\"resourceType\":\"Organization\"}]}",
                        written(&t));
}
