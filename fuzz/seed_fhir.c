/* Expressions, and configurations that carry them. */
#include "seed.h"

static void expression(const char *name, const char *text)
{
    seed("fhirpath", name, tw_bytes_of(tw_str_of(text)));
}

static void expressions(void)
{
    expression("path", "Patient.name.where(use='usual' and given.exists()).family[0]\n");
    expression("types",
               "nodesByType('HumanName').family | nodesByName('value') | contained.ofType(Observation).value\n");
    expression("choice", "(contained.value as Quantity).value * 10 div 3 - 1.5 / 2 mod 7\n");
    expression("dates",
               "birthDate <= @2020-01-01 and contained.effective > @2019-12-31T23:00:00.5+02:00 or @T10:30 < @T11\n");
    expression("strings",
               "address.postalCode.substring(0,3)+'****' & 'a\\u00e9\\n'.upper().replace('A','b').indexOf('c')\n");
    expression("regex", "address.postalCode.replaceMatches('(\\\\d)(?<x>\\\\d)', '${x}$1').matches('^(2|1)+$')\n");
    expression("logic", "iif(active xor false implies {}, name.all(family ~ 'qux  LEY'), name.single().count())\n");
    expression("sets", "('a' | 'b') contains 'a' and name.given.distinct().tail() !~ name.given.skip(1).take(2)\n");
    expression("walk", "descendants().children().select($this.toString() + 'x').join(',')\n");
    expression("convert", "'1.50'.toDecimal() >= '12'.toInteger() and 'yes'.toBoolean() is Boolean\n");
    expression("comment", "/* a */ %resource.id = %context.`id` // b\n");
    expression("refused", "subject.resolve().where(4 'mg' > $total)\n");
    expression("deep", "((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))\n");
    expression("document",
               "Observation.component.value.extension('u').value\n{\"resourceType\":\"Observation\",\"component\":["
               "{\"valueString\":\"Qux ley\",\"_valueString\":{\"extension\":[{\"url\":\"u\",\"valueCode\":\"Qux "
               "ley\"}]}},{\"valueInteger\":12345678}],\"nosuch\":1}");
}

/* ' stands for ", and | for the zero byte between configuration and resource. */
static void configuration(const char *name, uint8_t compat, const char *text)
{
    char out[4 * TW_KIB];
    size_t n = strlen(text);
    FUZZ_CHECK(n < sizeof out);
    for (size_t i = 0; i < n; i++)
        out[i] = text[i] == '\'' ? '"' : text[i] == '|' ? '\0' : text[i];
    seed_of("config", name, compat, (tw_bytes){ (const uint8_t *)out, n });
}

static void configurations(void)
{
    configuration("own", 0, "|");
    configuration("own-compat", 1, "|");
    configuration(
        "methods", 1,
        "{'fhirPathRules':[{'path':'Patient.name.period','method':'substitute','replaceWith':{'start':'2020'}},"
        "{'path':'Patient.name','method':'substitute','replaceWith':{'family':'x','given':['a','b']}},{'path':"
        "'Patient.birthDate','method':'generalize','cases':{'$this < @1980':'@1970'},'otherValues':'keep'},],/**/"
        "'parameters':{'dateShiftScope':'file'}}|{'resourceType':'Patient','name':[{'family':'Qux ley','period':"
        "{'end':'2001'}},{'given':['Qux ley']}],'birthDate':'1975-01-01','_birthDate':{'id':'q'}}");
    configuration("skip", 0,
                  "{'processingErrors':'skip','fhirPathRules':[{'path':'Patient.active','method':'cryptoHash'}],"
                  "'parameters':{'cryptoHashKey':'k'}}|{'resourceType':'Patient','active':true}");
    configuration("raise", 1,
                  "{'fhirPathRules':[{'path':'name.exists()','method':'redact'}]}|{'resourceType':'Patient',"
                  "'name':[{'family':'Qux ley'}]}");
    configuration(
        "perturb", 1,
        "{'fhirPathRules':[{'path':'nodesByType(\\u0027Quantity\\u0027)','method':'perturb','span':'0.5',"
        "'rangeType':'proportional','roundTo':'3'}]}|{'resourceType':'Observation','valueQuantity':{'value':1e3}}");
    configuration("contained", 0,
                  "|{'resourceType':'Condition','contained':[{'resourceType':'Patient','id':'p','name':[{'family':"
                  "'Qux ley'}]}],'subject':{'reference':'#p'},'onsetAge':{'value':95},'meta':{'lastUpdated':"
                  "'2020-01-01T10:11:12.130Z','security':[{'code':'REDACTED'}]},'recordedDate':'2020-01-01'}");
    configuration("not-fhir", 0, "|{'resourceType':'Qux ley','value':12345678}");
    configuration("refused", 0, "{'fhirVersion':'r3','fhirPathRules':[]}|");
}

void seed_fhir(void)
{
    expressions();
    configurations();
}
