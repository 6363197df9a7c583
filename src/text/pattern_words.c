#include "pattern_internal.h"

#define M(name, n) { name, TRIGGER_MONTH, n }
#define MS(name, n) { name, TRIGGER_MONTH, (n) | MONTH_SHORT }
#define MD(name, n) { name, TRIGGER_MONTH, (n) | MONTH_DOUBT }
#define MSD(name, n) { name, TRIGGER_MONTH, (n) | MONTH_SHORT | MONTH_DOUBT }
#define H(name) { name, TRIGGER_HOLIDAY, 0 }
#define HC(name) { name, TRIGGER_HOLIDAY, 1 }
#define ID(name, digits) { name, TRIGGER_ID, digits }
#define PHONE(name, digits) { name, TRIGGER_PHONE, digits }
#define STREET(name) { name, TRIGGER_STREET, 0 }
#define STREETS(name) { name, TRIGGER_STREET, 1 } /* also another word: only behind a number and a capital */
#define BEFORE(name) { name, TRIGGER_STREET_BEFORE, 0 }
#define UNIT(name) { name, TRIGGER_UNIT, 0 }
#define ORG(name) { name, TRIGGER_ORG, 0 }
#define ORGC(name) { name, TRIGGER_ORG, 1 }
#define OF(name) { name, TRIGGER_ORG_BEFORE, 0 }

static const trigger_word english[] = {
    M("january", 1), M("february", 2), MD("march", 3), MD("april", 4), MD("may", 5), MD("june", 6), M("july", 7),
    MD("august", 8), M("september", 9), M("october", 10), M("november", 11), M("december", 12),
    MSD("jan", 1), MS("feb", 2), MSD("mar", 3), MS("apr", 4), MSD("jun", 6), MS("jul", 7), MS("aug", 8),
    MSD("sep", 9), MS("sept", 9), MSD("oct", 10), MS("nov", 11), MSD("dec", 12),

    H("thanksgiving"), H("christmas"), H("xmas"), H("easter"), H("halloween"), H("hallowe'en"), H("hanukkah"),
    H("chanukah"), H("kwanzaa"), H("passover"), H("rosh hashanah"), H("yom kippur"), H("ramadan"), H("eid"),
    H("eid al-fitr"), H("eid al-adha"), H("diwali"), H("deepavali"), H("holi"), H("pongal"), H("vaisakhi"),
    H("ganesh chaturthi"), H("nowruz"), H("purim"), H("sukkot"), H("shavuot"), H("ashura"), H("navratri"), H("onam"),
    H("durga puja"), H("songkran"), H("obon"), H("vesak"), H("lunar new year"), H("chinese new year"), H("cny"),
    H("new year's"), H("new years"), H("new year"), H("independence day"), H("fourth of july"), H("4th of july"),
    H("july 4th"), H("labor day"), H("labour day"), H("memorial day"), H("veterans day"), H("veteran's day"),
    H("veterans' day"), H("presidents day"), H("presidents' day"), H("president's day"), H("columbus day"),
    H("indigenous peoples' day"), H("indigenous peoples day"), H("mlk day"), H("mlk weekend"), H("juneteenth"),
    H("groundhog day"), H("valentine's"), H("valentines"), H("mother's day"), H("mothers day"), H("mothers' day"),
    H("father's day"), H("fathers day"), H("fathers' day"), H("mothering sunday"), H("mardi gras"),
    H("cinco de mayo"), H("ash wednesday"), H("good friday"), H("palm sunday"), H("maundy thursday"),
    H("holy week"), H("shrove tuesday"), H("pancake day"), H("whitsun"), H("whit monday"), H("whit sunday"),
    H("pentecost"), HC("epiphany"), H("candlemas"), H("michaelmas"), H("all saints"), H("all saints'"),
    H("all souls"), H("all souls'"), H("all hallows"), H("boxing day"), H("bank holiday"), H("bank hol"), H("hogmanay"),
    H("burns night"), H("bonfire night"), H("guy fawkes"), H("remembrance day"), H("remembrance sunday"),
    H("anzac day"), H("australia day"), H("canada day"), H("victoria day"), H("waitangi day"), H("heritage day"),
    H("youth day"), H("freedom day"), H("republic day"), H("bastille day"), H("may day"), H("leap day"),
    H("ascension day"), H("corpus christi"), H("midsummer"), H("midsummer's eve"), H("twelfth night"),
    H("super bowl"), H("april fools"), H("april fool's"), H("flag day"), H("patriots' day"), H("patriots day"),
    H("v-e day"), H("ve day"), H("d-day"), H("wigilia"), H("wakes week"), H("naidoc week"),
    HC("advent"), HC("lent"), H("orthodox easter"), H("three kings"), H("armistice day"), H("family day"),
    H("civic holiday"), H("golden week"), H("black friday"), H("cyber monday"), H("election day"), H("inauguration day"),
    { "day", TRIGGER_DAY, 0 },

    ID("mrn", 1), ID("mr#", 1), ID("mr #", 1), ID("mr no", 1), ID("medical record", 3), ID("med rec", 3),
    ID("record number", 3), ID("record no", 3), ID("hospital number", 1), ID("hospital no", 1), ID("hosp no", 1),
    ID("hosp #", 1), ID("chart", 3), ID("chart no", 1), ID("chart #", 1), ID("unit no", 1), ID("unit number", 1),
    ID("hrn", 1), ID("urn", 1), ID("ur no", 1), ID("uhid", 1), ID("nhi", 1), ID("chi", 6), ID("nhs", 6), ID("crn", 1),
    ID("pin", 3), ID("pid", 4), ID("empi", 1), ID("mpi", 4), ID("umrn", 1),
    ID("acct", 1), ID("account", 2), ID("acc", 3), ID("a/c", 2), ID("visit #", 4), ID("visit no", 2),
    ID("visit number", 2), ID("encounter", 3), ID("enc #", 2), ID("fin", 4), ID("csn", 3), ID("har", 4), ID("episode", 4),
    ID("accession", 2), ID("acc#", 2), ID("acc #", 2), ID("case", 4), ID("case #", 2), ID("case no", 2),
    ID("case number", 2), ID("specimen", 4), ID("specimen #", 2), ID("sample id", 2), ID("order #", 2),
    ID("order no", 2), ID("order number", 2), ID("req #", 2), ID("requisition", 3), ID("barcode", 3), ID("bar code", 3),
    ID("path", 4), ID("slide", 4), ID("block", 4), ID("lab no", 3), ID("lab #", 3), ID("sid", 4),
    ID("study id", 1), ID("study no", 1), ID("subject id", 1), ID("subject", 3), ID("subj", 2), ID("subject no", 1),
    ID("participant", 3), ID("participant id", 1), ID("patient id", 1), ID("pt id", 1), ID("screening no", 2),
    ID("randomization", 4), ID("randomisation", 4), ID("enrolment id", 1), ID("enrollment id", 1), ID("registry id", 1),
    ID("policy", 2), ID("policy #", 2), ID("policy no", 2), ID("member", 3), ID("member id", 2), ID("member #", 2),
    ID("subscriber", 3), ID("subscriber id", 2), ID("group #", 2), ID("group no", 2), ID("grp", 3), ID("ins", 3), ID("ins#", 2),
    ID("insurance", 4), ID("insurance id", 2), ID("medicaid", 3), ID("medicare", 3), ID("mbi", 3), ID("hicn", 3),
    ID("claim", 3), ID("claim #", 2), ID("claim no", 2), ID("auth", 4), ID("auth #", 2), ID("authorization", 4),
    ID("prior auth", 3), ID("pa#", 2), ID("pa #", 2), ID("ref", 3), ID("ref #", 2), ID("ref no", 2), ID("reference", 4),
    ID("our ref", 2), ID("your ref", 2), ID("referral #", 2), ID("sub id", 2), ID("rx #", 3), ID("rx#", 3), ID("rx no", 3),
    ID("confirmation", 3), ID("conf", 3), ID("conf #", 2), ID("ticket", 3), ID("incident", 3), ID("datix", 2), ID("case id", 2),
    ID("inc", 4), ID("event #", 2), ID("transfer #", 2), ID("intake", 4), ID("docket", 2), ID("report #", 2), ID("report no", 2),
    ID("order", 5), ID("registration", 4), ID("reg no", 2), ID("reg. no", 2), ID("regd. no", 2), ID("regn", 3),
    ID("ssn", 4), ID("ss#", 4), ID("ss #", 4), ID("social security", 4), ID("social", 7), ID("soc sec", 4),
    ID("nino", 4), ID("national insurance", 4), ID("ni no", 4), ID("ni number", 4), ID("sin", 9), ID("tax id", 4), ID("ein", 6), ID("tin", 6),
    ID("passport", 3), ID("passport no", 3), ID("visa", 6), ID("aadhaar", 4), ID("abha", 4), ID("id", 3), ID("id no", 2), ID("id #", 2),
    ID("id#", 2), ID("id number", 2), ID("identifier", 3), ID("national id", 3), ID("student id", 2), ID("student no", 2),
    ID("employee id", 2), ID("employee #", 2), ID("emp", 4), ID("badge", 2), ID("badge #", 2), ID("badge no", 2), ID("interpreter", 3), ID("interpreter #", 2),
    ID("dl", 4), ID("dl#", 4), ID("driver's license", 3), ID("drivers license", 3), ID("driver license", 3),
    ID("driver's licence", 3), ID("driving licence", 3), ID("license", 3), ID("licence", 3), ID("license #", 2),
    ID("license no", 2), ID("lic", 3), ID("lic #", 2), ID("lic no", 2), ID("npi", 5), ID("dea", 4), ID("dea #", 3), ID("upin", 3), ID("caqh", 4), ID("clia", 4),
    ID("gmc", 4), ID("nmc", 3), ID("hcpc", 3), ID("gphc", 4), ID("goc", 3), ID("gdc", 4), ID("mcrn", 3), ID("provider no", 3), ID("provider #", 3),
    ID("prescriber no", 3), ID("certificate", 4), ID("cert #", 3), ID("cert no", 3),
    ID("serial", 3), ID("serial no", 2), ID("serial #", 2), ID("serial number", 2), ID("s/n", 2), ID("sn", 3), ID("sn:", 2), ID("ser", 4), ID("ser no", 2),
    ID("udi", 4), ID("lot", 3), ID("lot #", 2), ID("lot no", 2), ID("batch", 3), ID("device id", 3), ID("scope no", 2), ID("scope #", 2), ID("imei", 4),
    ID("vin", 5), ID("plate", 2), ID("license plate", 2), ID("licence plate", 2), ID("number plate", 2), ID("lic plate", 2), ID("tag", 3),
    ID("vehicle", 4), ID("vehicle reg", 2), ID("veh", 4), ID("car reg", 2), ID("reg", 3), ID("reg plate", 2), ID("index", 5),
    ID("card no", 3), ID("card #", 3), ID("card number", 3), ID("card ending", 4), ID("ending in", 4), ID("bus pass", 4), ID("card", 6), ID("bank", 7), ID("account ending", 3),
    ID("iban", 8), ID("sort code", 6), ID("routing", 6), ID("donor no", 2), ID("donor id", 2), ID("unit #", 4), ID("unit id", 3), ID("custody no", 2), ID("cad", 3),
    ID("svc no", 3), ID("service no", 3), ID("service number", 3), ID("booking", 3), ID("tracking", 4), ID("tracking #", 3), ID("invoice", 3), ID("po #", 3),
    ID("court order", 3), ID("restraining order", 3), ID("warrant", 3), ID("form", 5), ID("quote", 4), ID("tenancy ref", 3),
    ID("no", 4), ID("no.", 4), ID("number", 4), ID("#", 4), ID("payroll no", 2), ID("client no", 2), ID("booking ref", 2),
    ID("call ref", 2), ID("couple ref", 2), ID("clinic no", 2), ID("patient no", 2), ID("patient number", 2), ID("pt no", 2), ID("file no", 2), ID("file #", 2), ID("folder no", 2),
    { "login", TRIGGER_LOGIN, 1 }, { "log-in", TRIGGER_LOGIN, 1 }, { "logon", TRIGGER_LOGIN, 1 },
    { "username", TRIGGER_LOGIN, 1 }, { "user name", TRIGGER_LOGIN, 1 }, { "user id", TRIGGER_LOGIN, 1 },
    { "userid", TRIGGER_LOGIN, 1 }, { "user", TRIGGER_LOGIN, 0 }, { "uid", TRIGGER_LOGIN, 0 }, { "handle", TRIGGER_LOGIN, 0 },
    { "logged in as", TRIGGER_LOGIN, 1 }, { "signed in as", TRIGGER_LOGIN, 1 }, { "screen name", TRIGGER_LOGIN, 1 },

    PHONE("phone", 4), PHONE("telephone", 4), PHONE("tel", 4), PHONE("tel.", 4), PHONE("ph", 4), PHONE("fax", 4),
    PHONE("facsimile", 4), PHONE("fx", 6), PHONE("pager", 3), PHONE("pgr", 3), PHONE("pg", 4), PHONE("beeper", 3), PHONE("bpr", 3),
    PHONE("bleep", 3), PHONE("blp", 3), PHONE("ext", 2), PHONE("ext.", 2), PHONE("extn", 2), PHONE("extension", 3), PHONE("xtn", 2),
    PHONE("cell", 7), PHONE("cell:", 7), PHONE("mobile", 7), PHONE("mob", 7), PHONE("cb", 4), PHONE("cb#", 4), PHONE("call", 4), PHONE("call back", 4), PHONE("callback", 4),
    PHONE("callback #", 4), PHONE("call back #", 4), PHONE("called", 7), PHONE("text", 7), PHONE("txt", 7), PHONE("ring", 4), PHONE("dial", 4), PHONE("contact", 7),
    PHONE("whatsapp", 6), PHONE("hotline", 6), PHONE("landline", 6), PHONE("home", 7), PHONE("work", 7), PHONE("office", 7), PHONE("direct", 7),
    PHONE("dect", 3), PHONE("spectralink", 3), PHONE("vocera", 3), PHONE("voicemail", 6), PHONE("vm", 7), PHONE("paged", 4), PHONE("number", 7), PHONE("no.", 7), PHONE("#", 7), PHONE("reach", 7),
    PHONE("switchboard", 4), PHONE("p", 9), PHONE("f", 9), PHONE("t", 9), PHONE("m", 9), PHONE("x", 4), PHONE("simu", 6), PHONE("at", 8), PHONE("on", 8),

    STREET("street"), STREETS("st"), STREET("st."), STREET("road"), STREET("rd"), STREET("avenue"), STREET("ave"),
    STREET("av"), STREET("boulevard"), STREET("blvd"), STREETS("drive"), STREETS("dr"), STREET("lane"), STREET("ln"),
    STREETS("court"), STREETS("ct"), STREETS("place"), STREETS("pl"), STREETS("way"), STREETS("terrace"), STREET("ter"), STREET("tce"),
    STREETS("circle"), STREETS("cir"), STREETS("highway"), STREET("hwy"), STREETS("parkway"), STREET("pkwy"), STREETS("square"),
    STREETS("sq"), STREETS("trail"), STREETS("trl"), STREETS("loop"), STREETS("run"), STREETS("pike"), STREETS("turnpike"), STREETS("plaza"), STREETS("alley"),
    STREETS("crescent"), STREETS("cres"), STREETS("close"), STREETS("mews"), STREETS("gardens"), STREETS("gdns"), STREETS("grove"), STREETS("row"), STREETS("wynd"),
    STREETS("rise"), STREETS("hill"), STREETS("view"), STREETS("walk"), STREETS("yard"), STREETS("quay"), STREETS("green"), STREETS("park"), STREETS("path"), STREETS("ridge"), STREETS("point"),
    STREETS("crossing"), STREETS("expressway"), STREETS("freeway"), STREETS("station"), STREETS("bypass"), STREETS("causeway"), STREETS("overpass"), STREETS("underpass"), STREETS("throughway"),
    STREETS("common"), STREETS("heights"), STREETS("manor"), STREETS("meadow"), STREETS("meadows"), STREETS("mill"), STREETS("mills"), STREETS("bend"), STREETS("branch"), STREETS("bridge"), STREETS("brook"),
    STREETS("canyon"), STREETS("center"), STREETS("centers"), STREETS("cliff"), STREETS("club"), STREETS("corner"), STREETS("cove"), STREETS("creek"), STREETS("crest"), STREETS("dale"), STREETS("estate"), STREETS("estates"), STREETS("falls"),
    STREETS("ferry"), STREETS("field"), STREETS("fields"), STREETS("flat"), STREETS("flats"), STREETS("ford"), STREETS("forest"), STREETS("forge"), STREETS("fork"), STREETS("fort"), STREETS("garden"), STREETS("gateway"), STREETS("glen"),
    STREETS("harbor"), STREETS("haven"), STREETS("hollow"), STREETS("inlet"), STREETS("island"), STREETS("islands"), STREETS("isle"), STREETS("junction"), STREETS("key"), STREETS("knoll"), STREETS("lake"), STREETS("landing"), STREETS("lock"), STREETS("locks"), STREETS("lodge"), STREETS("mission"), STREETS("motorway"), STREETS("mount"), STREETS("mountain"), STREETS("neck"), STREETS("orchard"), STREETS("oval"), STREETS("parade"), STREETS("pass"), STREETS("passage"),
    STREETS("pine"), STREETS("pines"), STREETS("plain"), STREETS("plains"), STREETS("port"), STREETS("prairie"), STREETS("ramp"), STREETS("ranch"), STREETS("rapids"), STREETS("rest"), STREETS("river"), STREETS("route"), STREETS("shoal"), STREETS("shoals"), STREETS("shore"), STREETS("shores"), STREETS("spring"), STREETS("springs"), STREETS("spur"), STREETS("squares"), STREETS("stravenue"), STREETS("stream"), STREETS("summit"), STREETS("trace"), STREETS("track"), STREETS("tunnel"), STREETS("union"), STREETS("valley"), STREETS("viaduct"), STREETS("village"), STREETS("ville"), STREETS("vista"), STREETS("wall"), STREETS("extension"), STREETS("drove"), STREETS("drives"), STREETS("ridges"), STREETS("roads"), STREETS("streets"),
    UNIT("apt"), UNIT("apt."), UNIT("apartment"), UNIT("suite"), UNIT("ste"), UNIT("unit"), UNIT("flat"), UNIT("lot"),
    UNIT("trlr"), UNIT("room"), UNIT("rm"), UNIT("bldg"), UNIT("building"),
    { "po box", TRIGGER_POBOX, 0 }, { "p.o. box", TRIGGER_POBOX, 0 }, { "p. o. box", TRIGGER_POBOX, 0 }, { "pob", TRIGGER_POBOX, 0 },
    { "p o box", TRIGGER_POBOX, 0 }, { "post office box", TRIGGER_POBOX, 0 }, { "box", TRIGGER_POBOX, 1 },
    { "private bag", TRIGGER_POBOX, 0 },

    ORG("hospital"), ORG("hosp"), ORG("medical center"), ORG("medical centre"), ORG("med ctr"), ORG("med center"),
    ORG("health centre"), ORG("health center"), ORG("cancer center"), ORG("cancer centre"), ORG("cancer institute"),
    ORG("heart institute"), ORG("clinic"), ORG("infirmary"), ORG("hospice"), ORG("sanatorium"), ORG("nursing home"), ORG("care home"),
    ORG("nursing center"), ORG("nursing centre"), ORG("care center"), ORG("care centre"), ORG("rehab center"), ORG("rehab"), ORG("rehabilitation center"),
    ORG("assisted living"), ORG("senior living"), ORG("living center"), ORG("memory care"), ORG("university"), ORG("college"), ORG("elementary school"),
    ORG("elementary"), ORG("middle school"), ORG("high school"), ORG("primary school"), ORG("school"), ORG("academy"), ORG("church"),
    ORG("cathedral"), ORG("chapel"), ORG("temple"), ORG("mosque"), ORG("synagogue"), ORG("parish"), ORG("pharmacy"), ORG("pharmacies"), ORG("chemist"), ORG("drugstore"),
    ORG("drugs"), ORG("surgery"), ORGC("practice"), ORG("family practice"), ORG("family medicine"), ORG("health system"), ORG("healthcare"), ORG("health care"), ORG("nhs trust"), ORG("nhs foundation trust"),
    ORGC("general"), ORGC("regional"), ORG("manor"), ORGC("house"), ORGC("lodge"), ORGC("institute"), ORGC("foundation"), ORGC("associates"), ORG("llc"), ORG("llp"), ORG("inc"), ORG("inc."), ORG("ltd"), ORG("corp"),
    ORG("corporation"), ORG("& sons"), ORG("& daughters"), ORG("bank"), ORG("imaging"), ORG("memorial"), ORG("va"), ORG("partners"), ORG("health plan"), ORG("ambulance"), ORG("dental"), ORG("montessori"), ORG("preschool"), ORG("daycare"), ORG("oncology partners"), ORG("funeral home"), ORG("mortuary"), ORG("bakery"), ORG("foods"), ORG("plant"), ORG("factory"), ORG("logistics"), ORG("industries"),
    OF("university of"), OF("church of"), OF("college of"), OF("school of"), OF("hospital of"), OF("institute of"), OF("our lady of"), OF("bank of"), OF("hmp"), OF("temple of"),
    { "ninety", TRIGGER_AGE, 90 }, { "hundred", TRIGGER_AGE, 100 }, { "nonagenarian", TRIGGER_AGE, 0 },
    { NULL, 0, 0 },
};

static const trigger_word spanish[] = {
    M("enero", 1), M("febrero", 2), M("marzo", 3), M("abril", 4), M("mayo", 5), M("junio", 6), M("julio", 7),
    M("agosto", 8), M("septiembre", 9), M("setiembre", 9), M("octubre", 10), M("noviembre", 11), M("diciembre", 12),
    MSD("ene", 1), MS("feb", 2), MSD("mar", 3), MS("abr", 4), MSD("jun", 6), MS("jul", 7), MSD("ago", 8), MSD("sep", 9),
    MS("sept", 9), MS("oct", 10), MS("nov", 11), MS("dic", 12),
    H("navidad"), H("nochebuena"), H("nochevieja"), H("a\xc3\xb1o nuevo"), H("semana santa"), H("viernes santo"), H("jueves santo"),
    H("domingo de ramos"), H("d\xc3\xad" "a de reyes"), H("reyes magos"), H("corpus christi"), H("ramad\xc3\xa1n"),

    ID("nhc", 1), ID("n\xc2\xba historia", 1), ID("historia cl\xc3\xadnica", 3), ID("n.h.c", 1), ID("nass", 4), ID("n\xc2\xba ss", 4), ID("nuss", 4), ID("cip", 4), ID("cipa", 4), ID("dni", 5), ID("nif", 5), ID("nie", 5), ID("pasaporte", 4),
    ID("n\xc2\xba col", 2), ID("n\xc2\xba" "col", 2), ID("n\xc2\xba colegiado", 2), ID("colegiado", 3), ID("num col", 3), ID("n\xc2\xba", 4), ID("n\xc3\xbamero", 4), ID("expediente", 3), ID("episodio", 3), ID("seguridad social", 4),
    ID("n\xc2\xb0 col", 2), ID("n\xc2\xb0", 4), ID("historia", 4), ID("id", 3), ID("identificador", 3), ID("matr\xc3\xad" "cula", 3), ID("tarjeta", 5), ID("iban", 8), ID("lote", 3), ID("serie", 3), ID("ref", 3), ID("aseguramiento", 4), ID("p\xc3\xb3liza", 3),
    { "usuario", TRIGGER_LOGIN, 0 },
    PHONE("tel\xc3\xa9" "fono", 4), PHONE("telefono", 4), PHONE("tfno", 4), PHONE("tel", 4), PHONE("tel.", 4), PHONE("tlf", 4), PHONE("tf", 6), PHONE("m\xc3\xb3vil", 6), PHONE("fax", 4), PHONE("busca", 3), PHONE("ext", 2), PHONE("extensi\xc3\xb3n", 2),
    BEFORE("calle"), BEFORE("c/"), BEFORE("avenida"), BEFORE("avda"), BEFORE("avda."), BEFORE("av."), BEFORE("av"), BEFORE("paseo"), BEFORE("plaza"), BEFORE("pza"), BEFORE("plza"), BEFORE("pl."), BEFORE("ctra"), BEFORE("ctra."), BEFORE("carretera"), BEFORE("camino"), BEFORE("ronda"), BEFORE("traves\xc3\xad" "a"), BEFORE("urbanizaci\xc3\xb3n"), BEFORE("glorieta"), BEFORE("rambla"), BEFORE("apartado de correos"), BEFORE("domicilio:"), BEFORE("direcci\xc3\xb3n:"), BEFORE("p\xc2\xba"), BEFORE("rua"), BEFORE("carrer"), BEFORE("cl."),
    OF("hospital"), OF("hospital de"), OF("centro de salud"), OF("cl\xc3\xadnica"), OF("universidad"), OF("universidad de"), OF("complejo hospitalario"), OF("complexo hospitalario"), OF("instituto"), OF("fundaci\xc3\xb3n"), OF("colegio"), OF("residencia"), OF("hospital universitario"), OF("hospital cl\xc3\xadnico"), OF("policl\xc3\xadnica"), OF("facultad de"),
    { "noventa", TRIGGER_AGE, 90 },
    { NULL, 0, 0 },
};

const trigger_word *trigger_words(tw_str language)
{
    if (tw_str_is(language, "en"))
        return english;
    return tw_str_is(language, "es") ? spanish : NULL;
}
