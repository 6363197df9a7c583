/* seed_corpus FOLDER: writes the first inputs of every target, FOLDER/<decoder>/seed-<what>. Everything here is
 * invented. FUZZ_VALUE stands wherever a patient's value would, so that a message or a record that repeats one is
 * found. Inputs that fuzzing found later are kept beside these under the names that libFuzzer gives. */
#include "seed.h"

#include <stdio.h>
#include <sys/stat.h>

#include "deid/deid.h"
#include "text_internal.h"
#include "text_test.h"

static const char *folder;

void seed(const char *decoder, const char *name, tw_bytes bytes)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, decoder);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/seed-%s", folder, decoder, name);
    FILE *f = fopen(path, "wb");
    FUZZ_CHECK(f && bytes.n <= 4 * TW_KIB);
    FUZZ_CHECK(fwrite(bytes.p, 1, bytes.n, f) == bytes.n && fclose(f) == 0);
}

void seed_of(const char *decoder, const char *name, uint8_t what, tw_bytes bytes)
{
    uint8_t all[4 * TW_KIB + 1] = { what };
    FUZZ_CHECK(bytes.n < sizeof all);
    if (bytes.n)
        memcpy(all + 1, bytes.p, bytes.n);
    seed(decoder, name, (tw_bytes){ all, bytes.n + 1 });
}

/* Text in which ' stands for ". */
static tw_bytes quoted(const char *s)
{
    static char out[4 * TW_KIB];
    size_t n = strlen(s);
    FUZZ_CHECK(n < sizeof out);
    for (size_t i = 0; i < n; i++)
        out[i] = s[i] == '\'' ? '"' : s[i];
    return (tw_bytes){ (const uint8_t *)out, n };
}

static void text(const char *decoder, const char *name, const char *s)
{
    seed(decoder, name, quoted(s));
}

static void text_of(const char *decoder, const char *name, uint8_t what, const char *s)
{
    seed_of(decoder, name, what, quoted(s));
}

/* ---------------------------------------------------------------- JSON and FHIR */

static void json(void)
{
    char deep[200];
    text("json", "scalars", "{'a':[0,-1.50e+3,1e-9,12345678901234567890,true,false,null,'']}");
    text("json", "escapes",
         "{'Qux ley\\u00e9\\ud83d\\ude00':'\\'\\\\\\/\\b\\f\\n\\r\\t\\u0000','\xc3\xa9':'\xe2\x82\xac'}");
    text("json", "blanks", " \r\n\t[ { } , [ ] ,'Qux ley' ] \n");
    text("json", "twice", "{'value':1,'valu\\u0065':'Qux ley'}");
    text("json", "many",
         "{'a':1,'b':2,'c':3,'d':4,'e':5,'f':6,'g':7,'h':8,'i':9,'j':10,'k':11,'l':12,'m':13,"
         "'n':14,'o':{'p':[1,2,3]}}");
    text("json", "surrogate", "['\\ud800 Qux ley']");
    text("json", "not-utf8", "['Qux ley\xff\xfe']");
    text("json", "bom", "\xef\xbb\xbf{}");
    text("json", "control", "{'name':'Qux ley\n'}");
    text("json", "number", "[01, 1., .5, +1, 1e400, 123456789]");
    text("json", "short", "{'name':'Qux ley");
    text("json", "two", "{}{}");
    memset(deep, '[', 64);
    memset(deep + 64, ']', 64);
    seed("json", "deep-64", (tw_bytes){ (const uint8_t *)deep, 128 });
    memset(deep, '[', 65);
    seed("json", "deep-65", (tw_bytes){ (const uint8_t *)deep, 65 });
}

/* As deep as the reader takes it: the gate must refuse what would be too deep to read again. */
static void nested_items(unsigned n)
{
    tw_buf b;
    char name[32];
    tw_buf_init(&b, 4 * TW_KIB);
    tw_buf_cstr(&b, "{\"resourceType\":\"QuestionnaireResponse\",\"status\":\"completed\",\"subject\":{\"reference\":"
                    "\"Patient/4711\"}");
    for (unsigned i = 0; i < n; i++)
        tw_buf_cstr(&b, ",\"item\":[{\"linkId\":\"1\"");
    tw_buf_cstr(&b, ",\"answer\":[{\"valueDecimal\":1.5}]");
    for (unsigned i = 0; i < n; i++)
        tw_buf_cstr(&b, "}]");
    tw_buf_cstr(&b, "}");
    FUZZ_CHECK(!b.failed);
    snprintf(name, sizeof name, "nested-%u", n);
    seed("gate", name, tw_buf_view(&b));
    tw_buf_done(&b);
}

static void gate(void)
{
    char name[32];
    const char *s;
    for (size_t i = 0; (s = tw_deid_specimen(i)); i++) {
        snprintf(name, sizeof name, "specimen-%02zu", i);
        seed("gate", name, tw_bytes_of(tw_str_of(s)));
    }
    text("gate", "values",
         "{'resourceType':'Observation','id':'Qux ley','status':'final','code':{'coding':[{'system':"
         "'http://loinc.org','code':'2857-1','display':'Qux ley'}],'text':'Qux ley'},'subject':{'reference':"
         "'Patient/4711','display':'Qux ley'},'effectiveDateTime':'2025-05-06T09:41:07+02:00','valueString':"
         "'Qux ley','note':[{'text':'Qux ley'}],'Qux ley':1,'extension':[{'url':'http://Qux ley','valueString':"
         "'Qux ley'}]}");
    text("gate", "deep-items",
         "{'resourceType':'QuestionnaireResponse','status':'completed','subject':{'reference':'Patient/4711'},"
         "'item':[{'linkId':'1','item':[{'linkId':'1.1','item':[{'linkId':'1.1.1','answer':[{'valueString':"
         "'Qux ley','item':[{'linkId':'2','answer':[{'valueDecimal':1.50}]}]}]}]}]}]}");
    nested_items(10);
    nested_items(30);
    text("gate", "contained",
         "{'resourceType':'MedicationRequest','status':'active','intent':'order','contained':[{'resourceType':"
         "'Medication','id':'m','code':{'coding':[{'system':'http://www.nlm.nih.gov/research/umls/rxnorm',"
         "'code':'42375'}]}}],'medicationReference':{'reference':'#m'},'subject':{'reference':'Patient/4711'},"
         "'authoredOn':'2025-05'}");
    text("gate", "bundle",
         "{'resourceType':'Bundle','type':'collection','entry':[{'fullUrl':'urn:uuid:1','resource':"
         "{'resourceType':'Patient','id':'4711'}}]}");
    text("gate", "bundle-links",
         "{'resourceType':'Bundle','type':'transaction','entry':[{'fullUrl':"
         "'urn:uuid:679850d9-258b-32e4-3704-5b05b63afe2a','resource':{'resourceType':'Patient','name':[{'family':"
         "'Qux ley'}],'_gender':{'extension':[{'url':'http://hl7.org/fhir/StructureDefinition/data-absent-reason',"
         "'valueCode':'unknown'}]}},'request':{'method':'POST','url':'Patient','ifNoneExist':'identifier=a|Qux ley'},"
         "'response':{'status':'201 Qux ley','location':'Patient/4711/_history/1'}},{'fullUrl':'http://Qux ley/Device/"
         "1','resource':{'resourceType':'Device','id':'1','patient':{'reference':"
         "'urn:uuid:679850d9-258b-32e4-3704-5b05b63afe2a'},'owner':{'reference':'Organization?identifier=a|Qux ley',"
         "'display':'Qux ley'},'contained':[{'resourceType':'Organization','id':'o','name':'Qux ley'}],'location':"
         "{'reference':'#o','identifier':{'value':'Qux ley'}}}}]}");
}

static void profiles(void)
{
    static const char *const all[] = {
        "# nothing passes\nprofile none\n#66\n",
        "profile shared\ninclude common\ninclude linked\ntimes shift\ntype date time d\ntype dateTime time d\n#333\n",
        "profile years\ninclude common\ntimes year\ntype dateTime time d\npath Patient.birthDate birth-year d\n"
        "type Address remove p\npath Patient.address descend p\npath Address.postalCode zip3 p\nzip3-restricted 036\n"
        "path Address.state word p\nwords Address.state MA NY\n#29\n",
        "profile own\ntimes remove\ntype CodeableConcept descend c\ntype Coding coding c\ncodes http://a b c\n"
        "systems listed c\nsystem http://loinc.org loinc c\nsystem http://loinc.org never c\n"
        "extension http://a valueCode e\nextension http://b extension e\nextension http://b#c value[x] e\n"
        "extension http://a none e\ntype Extension extension e\nage-code http://loinc.org 30525-0\n"
        "type string scrub t\ntype Attachment attach t\ntype Identifier ident i\n"
        "path ImagingStudy.series.uid uid i\n#12\n",
        "profile broken\ntype Coding\n#134\n",
        "profile quoted\nextension http://\"a valueCode e\n#46\n",
    };
    char name[32];
    for (size_t i = 0; i < TW_COUNT(all); i++) {
        snprintf(name, sizeof name, "rules-%zu", i);
        seed("profile", name, tw_bytes_of(tw_str_of(all[i])));
    }
    static const char with_resource[] = "profile r\ninclude common\n#136\n\0{\"resourceType\":\"Patient\","
                                        "\"id\":\"4711\","
                                        "\"name\":[{\"family\":\"Qux ley\"}],\"gender\":\"male\"}";
    seed("profile", "resource", (tw_bytes){ (const uint8_t *)with_resource, sizeof with_resource - 1 });
}

static void fhir(void)
{
    text_of("fhir", "bundle", 0,
            "{'resourceType':'Bundle','type':'transaction','entry':[{'fullUrl':'urn:uuid:0a','resource':"
            "{'resourceType':'Patient','id':'1','identifier':[{'type':{'coding':[{'system':"
            "'http://terminology.hl7.org/CodeSystem/v2-0203','code':'MR'}]},'system':"
            "'http://hospital.example.org/mrn','value':'4711'}],'name':[{'family':'Qux ley'}]}},"
            "{'resource':{'resourceType':'Condition','id':'c','subject':{'reference':'urn:uuid:0a'}}},"
            "{'resource':{'resourceType':'Organization','id':'o'}}]}");
    text_of("fhir", "ndjson", 3,
            "{'resourceType':'Patient','id':'1','meta':{'versionId':'2'}}\n\r\n"
            "{'resourceType':'Observation','id':'b','subject':{'reference':'Patient/1'}}\r\n"
            "{'resourceType':'Observation','subject':{'reference':'Patient/Qux ley'}}\n"
            "{'resourceType':'Qux ley'}\n{'resourceType':'Observation','id':'Qux ley Qux ley'}\nQux ley\n");
    text_of("fhir", "conditional", 4,
            "{'resourceType':'Bundle','type':'searchset','entry':[{'fullUrl':"
            "'http://hospital.example.org/fhir/Patient/7','resource':{'resourceType':'Patient','id':'7',"
            "'identifier':[{'system':'http://hospital.example.org/mrn','value':'99'}]}},{'fullUrl':"
            "'http://hospital.example.org/fhir/Encounter/8/_history/2','resource':{'resourceType':'Encounter',"
            "'id':'8','subject':{'reference':'Patient?identifier=http://hospital.example.org/mrn|99'}}},"
            "{'resource':{'resourceType':'Procedure','subject':{'identifier':{'value':'Qux ley'}}}}]}");
    text_of("fhir", "contained", 0,
            "{'resourceType':'Immunization','id':'i','contained':[{'resourceType':'Patient','id':'p',"
            "'identifier':[{'use':'old','value':'Qux ley'}]}],'patient':{'reference':'#p'}}");
    text_of("fhir", "several", 0,
            "{'resourceType':'Bundle','entry':[{'resource':{'resourceType':'Patient','id':'1'}},{'resource':"
            "{'resourceType':'Patient','id':'2'}},{'resource':{'resourceType':'Appointment','participant':"
            "[{'actor':{'reference':'Patient/1'}},{'actor':{'reference':'Patient/2'}}]}},{'resource':"
            "{'resourceType':'Bundle'}},{}]}");
}

/* ---------------------------------------------------------------- policies as text */

static void policies(void)
{
    text_of("model", "policy-json", 9,
            "{'permission':'DS','diseases':['DOID:162'],'modifiers':['NPUNCU','GS'],'countries':['FI'],"
            "'categories':'labs,vitals','until':'2027-01-01'}");
    text_of("model", "purpose-json", 10,
            "{'type':'HMB','commercial':false,'organisation':'nonprofit','ethics_approval':true,'country':'FI'}");
    text_of("model", "noise-json", 11,
            "{'value':{'sd':0.5,'round_width':0.1},'time':{'law':'constant-shift','round_days':1}}");
    text_of("model", "cases", 12,
            "{'is_a':[['DOID:1','DOID:162']],'cases':[{'id':'Qux ley','consent':{'permission':'GRU'},'purpose':"
            "{'type':'HMB','category':'laboratory','date':'2026-01-01'},'decision':'permit','reasons':[]}]}");
}

static void manifests(void)
{
    text_of("manifest", "json", 0,
            "{\n  'v': 1,\n  'release': '04',\n  'log_index': 17,\n  'persons': 1,\n  'files': [\n"
            "    {'name': 'Patient.ndjson', 'records': 1}\n  ]\n}\n");
    text_of("manifest", "data", 1,
            "{'resourceType':'Observation','id':'0123456789abcdef0123456789abcdef','meta':{'tag':["
            "{'system':'urn:twinward:person','code':'0123456789abcdef0123456789abcdef'},"
            "{'system':'urn:twinward:time','code':'constant-shift'}]},'status':'final','code':{'coding':["
            "{'system':'http://loinc.org','code':'2857-1'}]},'subject':{'reference':'Patient/self'},"
            "'effectiveDateTime':'2025-05-06T07:41:07Z','valueQuantity':{'value':4.30,"
            "'system':'http://unitsofmeasure.org','code':'ng/mL'}}\n");
}

/* ---------------------------------------------------------------- models of the free-text engine */

static void text_models(void)
{
    static const text_test_weight weights[] = { { "b", 0, 1 },        { "w=(unknown)", 1, 3 }, { "k=key_id|1", 3, 2 },
                                                { "w-1=by", 1, .5f }, { "S=dddd", 2, 2 },      { "l=00.", 0, -1 } };
    tw_ctx cx;
    fuzz_begin(&cx, TW_MIB);
    seed("text_model", "empty", text_test_model(&cx, 0, NULL, 0, NULL, 0));
    seed("text_model", "words", text_test_model(&cx, 0, text_test_english, TW_COUNT(text_test_english), NULL, 0));
    seed("text_model", "weights", text_test_model(&cx, .2, NULL, 0, weights, TW_COUNT(weights)));
    seed("text_model", "both", text_test_model(&cx, .2, text_test_english, TW_COUNT(text_test_english), weights,
                                               TW_COUNT(weights)));
    tw_ctx_done(&cx);
}

int main(int argc, char **argv)
{
    FUZZ_CHECK(argc == 2);
    folder = argv[1];
    json();
    gate();
    profiles();
    fhir();
    policies();
    manifests();
    text_models();
    seed_objects();
    seed_sources();
    seed_fhir();
    seed_sbml();
    return 0;
}
