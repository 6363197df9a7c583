#include "seed.h"

/* ' stands for ", and a line end for CR, in messages. */
static void put(const char *decoder, const char *name, const char *s, char quote, char end)
{
    static char out[4 * TW_KIB];
    size_t n = strlen(s);
    FUZZ_CHECK(n < sizeof out);
    for (size_t i = 0; i < n; i++)
        out[i] = s[i] == '\'' ? quote : s[i] == '\n' ? end : s[i];
    seed(decoder, name, (tw_bytes){ (const uint8_t *)out, n });
}

static void message(const char *name, const char *s)
{
    put("hl7v2", name, s, '\'', '\r');
    put("deid_hl7", name, s, '\'', '\r');
}

static void admissions(void)
{
    message("a01",
            "MSH|^~\\&|HIS|NORTH|X|Y|20250506093000+0200||ADT^A01^ADT_A01|M1|P|2.5.1|||||DEU|UNICODE UTF-8\n"
            "EVN|A01|20250506093000\n"
            "PID|1||4711^^^NORTH^MR~078-05-1120^^^USA^SS||Qux ley^Qux ley^M^^Mr.||19340317|M||2106-3^White^HL70005|"
            "12 Qux ley^^Anytown^NY^10115^US||^PRN^PH^^^212^5550147||deu|W||987|||||||||||20250601|Y\n"
            "PD1||||77^Qux ley\nNK1|1|Qux ley^Qux ley|DAU|||^NET^Internet^qux@example.org\n"
            "PV1|1|I|W1^R2^B3||||77^Qux ley^Doc|||URO||||||||V-9|||||||||||||||||||||||||20250506093000|20250507\n"
            "PV2|||C61^Qux ley^I10C\nAL1|1|DA|7980^Penicillin^RXNORM|SV|Qux ley|20240101\n"
            "DG1|1||C61^Malignant neoplasm of prostate^I10C||20250101|A|||||||||1\nGT1|1||Qux ley\n"
            "IN1|1|B1^Qux ley|123|Qux ley|||||||20250101|20251231\nZPI|1|Qux ley\n");
    message("a40", "MSH|^~\\&|HIS|NORTH|||20250507||ADT^A40^ADT_A39|M2|P|2.3\nEVN|A40|20250507\n"
                   "PID|||4711^^^NORTH^MR||Qux ley\nMRG|4712^^^NORTH^MR\n");
    message("a08-delete", "MSH|^~\\&|||||20250507||ADT^A08|M3|P|2.8|||||||8859/1\nPID|||4711||Qux ley\xe9||''|U\n"
                          "PV1||O|''\n");
    message("batch", "FHS|^~\\&|A\nBHS|^~\\&|A\nMSH|^~\\&|||||20250507||ADT^A04|1|P|2.4\nPID|||4711\n\n"
                     "MSH|^~\\&|||||20250507||ADT^A03|2|P|2.4\nPID|||4711\nPV1||O|||||||||||||||||V1\nBTS|2\nFTS|1\n");
    put("hl7v2", "mllp",
        "\vMSH|^~\\&|||||20250507||ADT^A31|1|P|2.6\rPID|||4711\r\x1c\r\vMSH|^~\\&|||||2025||ACK|2|P|2.6\r"
        "MSA|AA|1\r\x1c\r",
        '\'', '\n');
    put("hl7v2", "lf", "MSH|^~\\&|||||20250507||ADT^A04|1|P|2.4\nPID|||4711\nADD|Qux ley\n", '\'', '\n');
    message("delimiters", "MSH$%~*!$A$B$$$20250507$$ADT%A04$1$P$2.7\nPID$$$4711%%%N!1.2.3!ISO%MR$$Qux ley%Q*F*x\n");
}

static void results(void)
{
    message("r01",
            "MSH|^~\\&|LAB|NORTH|||20250506||ORU^R01^ORU_R01|L1|P|2.5\nPID|||4711^^^NORTH^MR\n"
            "PV1||O|||||||||||||||||V-9\nORC|RE|O1|F1||CM||||20250506\n"
            "OBR|1|O1|F1|24323-8^Panel^LN|||20250506094107|||||||20250506|SER|77^Qux ley||||||20250506|||F\n"
            "NTE|1||Qux ley\nOBX|1|NM|2857-1^PSA^LN||4.30|ng/mL^^UCUM|0-4|H|||F|||20250506094107\n"
            "OBX|2|SN|2986-8^T^LN||<^0.5|ng/dL||L|||C\nOBX|3|ST|5778-6^Color^LN||Qux ley||||||F\n"
            "OBX|4|CE|664-3^Gram^LN||1^Qux ley^L||||||W\nOBX|5|TX|8251-1^Note^LN|1|Qux\\T\\ ley\\.br\\x~y||||||D\n"
            "OBX|6|DT|21112-8^B^LN||19340317||||||F\nOBX|7|ED|18842-5^D^LN||^TEXT^^Base64^UXV4||||||F\n"
            "SPM|1|S1||119297000^Blood^SCT\n");
    message("t02",
            "MSH|^~\\&|DOC|NORTH|||20250506||MDM^T02|D1|P|2.5\nEVN|T02|20250506\nPID|||4711^^^NORTH^MR\nPV1||O\n"
            "TXA|1|DS|TX|20250506|77^Qux ley||20250506||||||U1||||AU\nOBX|1|TX|||Qux ley \\E\\ \\X51\\||||||F\n");
    message("wrong", "MSH|^~\\&|||||20250230||ORU^R01|1|P|2.5\nPID|||\nOBR|1\nOBX|1|NM|x||1e|ng||||\nobx|Qux ley\n");
    message("wrong-charset", "MSH|^~\\&|||||2025||ADT^A01|1|P|2.5||||||Qux ley\nPID|||1\n");
}

/* ---------------------------------------------------------------- tables */

static void table(const char *name, uint8_t what, const char *s, size_t n)
{
    uint8_t out[4 * TW_KIB] = { what };
    FUZZ_CHECK(n < sizeof out - 1);
    for (size_t i = 0; i < n; i++)
        out[i + 1] = (uint8_t)(s[i] == '\'' ? '"' : s[i]);
    seed("csv", name, (tw_bytes){ out, n + 1 });
}
#define TABLE(name, what, text) table(name, what, text, sizeof(text) - 1)

#define MAPPING                                                                                                        \
    "{'format':'twinward-mapping/1','patient_system':'urn:oid:1.2.3','dates':['M/D/YYYY h:mm a','iso'],'tables':["     \
    "{'name':'t','files':['p*.csv','x?'],'header':false,'columns':['id','when','n','u','m','d','x'],'resources':["     \
    "{'type':'MedicationStatement','patient':{'column':'id','system':'urn:oid:1.2.4'},'id':['id','when','m'],"         \
    "'encounter':['id'],'start':'when','end':'x','status':{'constant':'active'},'status_ended':{'constant':"           \
    "'completed'},'code':[{'column':'m','system':'RXNORM','display_column':'d'}],'dose':'n','dose_unit':'u'},"         \
    "{'type':'Encounter','patient':'id','id':['id'],'status':{'constant':'finished'},'class':{'constant':'AMB'}}]}]}"

static void tables(void)
{
    TABLE("rows", 0x00, "a,b,c\r\n1,'Qux ley','x''y'\r\n\r\n,,\r'two\nlines',,3\n'open,1,2\n4,5,6");
    TABLE("rows-latin", 0x30, "a;b\nMu\xf1oz;'\x80;'\n\xff\n");
    TABLE("patients", 0x01,
          "NHC;Apellidos;Nombre;Sexo;Nacimiento;Tel;Muerte;Calle;Fecha;Estado;PSA;Nota;CIE\n"
          "40017;Qux ley;Qux ley;H;19340317;555-0147;;Qux ley 12;3/5/2024 9:10;V;<1.234,05;Qux ley;C61\n"
          "40018;Mu\xf1oz;J;X;n/d;;1-ENE-25;;31/2/2024;V;4,3;7;\n40018;;;;;;;;;;;;\n;;;;;;;;;;;;\nshort;row\n"
          "40019;'Qux ley\n';;M;19340317;;;;2024-05-03T09:10:00Z;Q;abc;>5;Z99\n");
    TABLE("mapping", 0x02, MAPPING);
    TABLE("mapping-wrong", 0x02,
          "{'format':'twinward-mapping/1','patient_system':'Qux ley','dates':['D/M/YYYY',"
          "'M/D/YYYY'],'tables':[{'name':'Qux ley','files':1,'resources':[{'type':'Qux ley'}]}]}");
    TABLE("both", 0x03,
          MAPPING "\0"
                  "7,5/3/2024 9:10 PM,2.5,mg,42375,Qux ley,2024-06-01\n7,13/13/2024 9:10 XX,x,,1,,\n");
    TABLE("suggest", 0x04,
          "patient_id;last_name;sex;birth_date;Fecha;PSA ng/mL;diagnosis\n"
          "1;Qux ley;M;17/03/1934;03/05/2024 09:10;4,30;C61\n2;Qux ley;F;18/11/1940;;0,1;C50.9\n");
    TABLE("suggest-english", 0x04,
          "SUBJECT,NAME,LOINC,VALUE,UNITS,DATE\n7,Qux ley,2857-1,4.3,ng/mL,2024-05-03\n"
          "8,Qux ley,2986-8,300,ng/dL,2024-05-04T10:00:00Z\n");
    TABLE("bom", 0x03,
          MAPPING "\0\xef\xbb\xbf"
                  "8,2024-06-01,1,mg,42375,Qux ley,\n");
}

/* ---------------------------------------------------------------- C-CDA */

#define HEAD                                                                                                           \
    "<?xml version='1.0' encoding='UTF-8'?>\n<ClinicalDocument xmlns='urn:hl7-org:v3' "                                \
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:sdtc='urn:hl7-org:sdtc'><realmCode code='US'/>"       \
    "<templateId root='2.16.840.1.113883.10.20.22.1.2'/><id root='1.2.3' extension='d1'/><code code='34133-9' "        \
    "codeSystem='2.16.840.1.113883.6.1'/><effectiveTime value='20250506'/><recordTarget><patientRole>"                 \
    "<id root='2.16.724.4.9.10.1' extension='4711'/><addr use='HP'><streetAddressLine>Qux ley</streetAddressLine>"     \
    "<city>Qux ley</city></addr><telecom value='tel:Qux ley'/><patient><name><given>Qux ley</given><family>Qux ley"    \
    "</family></name><administrativeGenderCode code='M' codeSystem='2.16.840.1.113883.5.1'/><birthTime "               \
    "value='19340317'/></patient></patientRole></recordTarget><component><structuredBody>"
#define TAIL "</structuredBody></component></ClinicalDocument>\n"
#define SECTION(code, entries)                                                                                         \
    "<component><section><code code='" code "' codeSystem='2.16.840.1.113883.6.1'/><title>Qux ley</title><text>"       \
    "<paragraph>Qux ley</paragraph></text>" entries "</section></component>"
#define T "<templateId root='2.16.840.1.113883.10.20.22.4."

static void document(const char *name, const char *s)
{
    put("ccda", name, s, '"', '\n');
}

static void problems(void)
{
    document("problem",
             HEAD SECTION("11450-4",
                          "<entry><act classCode='ACT' moodCode='EVN'>" T "3'/><id root='1.2.4' extension='p1'/>"
                          "<code code='CONC' codeSystem='2.16.840.1.113883.5.6'/><statusCode code='active'/>"
                          "<effectiveTime><low value='20240101'/></effectiveTime><entryRelationship typeCode='SUBJ'>"
                          "<observation classCode='OBS' moodCode='EVN'>" T "4'/><id root='1.2.4' extension='p2'/>"
                          "<code code='55607006' codeSystem='2.16.840.1.113883.6.96'/><statusCode code='completed'/>"
                          "<effectiveTime><low value='20240101'/><high value='20250101'/></effectiveTime><value "
                          "xsi:type='CD' code='399068003' codeSystem='2.16.840.1.113883.6.96'><originalText>Qux ley"
                          "</originalText><translation code='C61' codeSystem='2.16.840.1.113883.6.90'/></value>"
                          "</observation></entryRelationship></act></entry>") TAIL);
    document(
        "allergy",
        HEAD SECTION("48765-2",
                     "<entry><act classCode='ACT' moodCode='EVN'>" T "30'/><id root='1.2.5'/><statusCode "
                     "code='active'/><entryRelationship typeCode='SUBJ'><observation classCode='OBS' moodCode='EVN'>" T
                     "7'/><id root='1.2.5' extension='a1'/><code code='ASSERTION' "
                     "codeSystem='2.16.840.1.113883.5.4'/><effectiveTime><low nullFlavor='UNK'/></effectiveTime>"
                     "<value xsi:type='CD' code='419199007' codeSystem='2.16.840.1.113883.6.96'/><participant "
                     "typeCode='CSM'><participantRole><playingEntity><code code='7980' "
                     "codeSystem='2.16.840.1.113883.6.88' displayName='Qux ley'/></playingEntity></participantRole>"
                     "</participant></observation></entryRelationship></act></entry>") TAIL);
}

static void measurements(void)
{
    document(
        "result",
        HEAD SECTION("30954-2",
                     "<entry><organizer classCode='BATTERY' moodCode='EVN'>" T "1'/><id root='1.2.6' "
                     "extension='o1'/><code code='24323-8' codeSystem='2.16.840.1.113883.6.1'/><statusCode "
                     "code='completed'/><component><observation classCode='OBS' moodCode='EVN'>" T "2'/><id "
                     "root='1.2.6' extension='r1'/><code code='2857-1' codeSystem='2.16.840.1.113883.6.1'/>"
                     "<statusCode code='completed'/><effectiveTime value='202505060941+0200'/><value xsi:type='PQ' "
                     "value='4.30' unit='ng/mL'/><interpretationCode code='H' "
                     "codeSystem='2.16.840.1.113883.5.83'/></observation></component></organizer></entry>") TAIL);
    document("vital",
             HEAD SECTION("8716-3",
                          "<entry><organizer classCode='CLUSTER' moodCode='EVN'>" T "26'/><component><observation "
                          "classCode='OBS' moodCode='EVN'>" T "27'/><id root='1.2.7'/><code code='8480-6' "
                          "codeSystem='2.16.840.1.113883.6.1'/><statusCode code='completed'/><effectiveTime "
                          "value='2025'/><value xsi:type='PQ' value='Qux ley' unit='mm[Hg]'/></observation></component>"
                          "</organizer></entry>") TAIL);
}

static void acts(void)
{
    document("medication",
             HEAD SECTION("10160-0",
                          "<entry><substanceAdministration classCode='SBADM' moodCode='EVN'>" T "16'/><id root='1.2.8' "
                          "extension='m1'/><statusCode code='completed'/><effectiveTime xsi:type='IVL_TS'><low "
                          "value='20250101'/><high value='20250201'/></effectiveTime><effectiveTime xsi:type='PIVL_TS'>"
                          "<period value='12' unit='h'/></effectiveTime><doseQuantity value='1' unit='mg'/><consumable>"
                          "<manufacturedProduct>" T "23'/><manufacturedMaterial><code code='42375' "
                          "codeSystem='2.16.840.1.113883.6.88'/></manufacturedMaterial></manufacturedProduct>"
                          "</consumable></substanceAdministration></entry>") TAIL);
    document("procedure",
             HEAD SECTION("47519-4",
                          "<entry><procedure classCode='PROC' moodCode='EVN'>" T "14'/><id root='1.2.9'/><code "
                          "code='176258007' codeSystem='2.16.840.1.113883.6.96'/><statusCode "
                          "code='completed'/><effectiveTime value='20250102'/></procedure></entry>")
                 SECTION("46240-8", "<entry><encounter classCode='ENC' moodCode='EVN'>" T "49'/><id root='1.2.9' "
                                    "extension='V-9'/><code code='99213' codeSystem='2.16.840.1.113883.6.12'/>"
                                    "<effectiveTime value='20250506'/></encounter></entry>") TAIL);
    document("doctype", "<?xml version='1.0'?>\n<!DOCTYPE x [<!ENTITY a 'Qux ley'><!ENTITY b '&a;&a;'>]><x>&b;</x>");
    document("short", HEAD "<component>");
    document("latin",
             "<?xml version='1.0' encoding='ISO-8859-1'?><a xmlns='u' b='&#233;'>\xe9<![CDATA[<Qux ley>]]>&amp;</a>");
    document("other", "<Qux xmlns='urn:hl7-org:v3'>Qux ley</Qux>");
}

void seed_sources(void)
{
    admissions();
    results();
    tables();
    problems();
    measurements();
    acts();
}
