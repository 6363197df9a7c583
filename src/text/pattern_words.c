/* Words at which the checkers look, by language. */
#include "pattern_internal.h"

/* clang-format off */
static const trigger_words english[] = {
    { TRIGGER_MONTH, 0, "january|february|july|september|october|november|december" },
    { TRIGGER_MONTH, MONTH_DOUBT, "april|june|august" },
    { TRIGGER_MONTH, MONTH_DOUBT | MONTH_VERB, "march|may" },
    { TRIGGER_MONTH, MONTH_SHORT, "feb|apr|jul|aug|nov|sept" },
    { TRIGGER_MONTH, MONTH_SHORT | MONTH_DOUBT, "jan|mar|jun|sep|oct|dec" },
    { TRIGGER_HOLIDAY, 0,
      "thanksgiving|christmas|xmas|easter|halloween|hallowe'en|hanukkah|chanukah|kwanzaa|passover|"
      "rosh hashanah|yom kippur|ramadan|eid|eid al-fitr|eid al-adha|diwali|deepavali|holi|pongal|vaisakhi|"
      "ganesh chaturthi|nowruz|purim|sukkot|shavuot|ashura|navratri|onam|durga puja|songkran|obon|vesak|"
      "lunar new year|chinese new year|cny|new year's|new years|new year|independence day|fourth of july|"
      "4th of july|july 4th|labor day|labour day|memorial day|veterans day|veteran's day|veterans' day|"
      "presidents day|presidents' day|president's day|columbus day|indigenous peoples' day|"
      "indigenous peoples day|mlk day|mlk weekend|juneteenth|groundhog day|valentine's|valentines|mother's day|"
      "mothers day|mothers' day|father's day|fathers day|fathers' day|mothering sunday|mardi gras|"
      "cinco de mayo|ash wednesday|good friday|palm sunday|maundy thursday|holy week|shrove tuesday|"
      "pancake day|whitsun|whit monday|whit sunday|pentecost|candlemas|michaelmas|all saints|all saints'|"
      "all souls|all souls'|all hallows|boxing day|bank holiday|bank hol|hogmanay|burns night|bonfire night|"
      "guy fawkes|remembrance day|remembrance sunday|anzac day|australia day|canada day|victoria day|"
      "waitangi day|heritage day|youth day|freedom day|republic day|bastille day|may day|leap day|"
      "ascension day|corpus christi|midsummer|midsummer's eve|twelfth night|super bowl|april fools|"
      "april fool's|flag day|patriots' day|patriots day|v-e day|ve day|d-day|wigilia|wakes week|naidoc week|"
      "orthodox easter|three kings|armistice day|family day|civic holiday|golden week|black friday|"
      "cyber monday|election day|inauguration day" },
    { TRIGGER_HOLIDAY, 1, "epiphany|advent|lent" },
    { TRIGGER_HOLIDAY, 0,
      "rosh hashana|martin luther king day|day of the dead|dia de los muertos|trinity sunday|simchat torah|"
      "tisha b'av|mawlid|raksha bandhan|janmashtami|baisakhi|losar|chuseok|mid-autumn festival|king's day|"
      "guru nanak|sinterklaas|immaculate conception|samhain|canadian thanksgiving|eid ul-fitr|eid-ul-adha" },
    { TRIGGER_ORDINAL, 0,
      "fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
      "sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth|twenty-first|twenty-second|"
      "twenty-third|twenty-fourth|twenty-fifth|twenty-sixth|twenty-seventh|twenty-eighth|twenty-ninth" },
    { TRIGGER_DAY, 0, "day" },
    { TRIGGER_ID, 1,
      "mrn|mr#|mr #|mr no|hospital number|hospital no|hosp no|hosp #|chart no|chart #|unit no|unit number|hrn|"
      "urn|ur no|uhid|nhi|crn|empi|umrn|acct|study id|study no|subject id|subject no|participant id|patient id|"
      "pt id|enrolment id|enrollment id|registry id" },
    { TRIGGER_ID, 2,
      "account|a/c|visit no|visit number|enc #|accession|acc#|acc #|case #|case no|case number|specimen #|"
      "sample id|order #|order no|order number|req #|subj|screening no|policy|policy #|policy no|member id|"
      "member #|subscriber id|group #|group no|ins#|insurance id|claim #|claim no|auth #|pa#|pa #|ref #|ref no|"
      "our ref|your ref|referral #|sub id|conf #|datix|case id|event #|transfer #|docket|report #|report no|"
      "reg no|reg. no|regd. no|id no|id #|id#|id number|student id|student no|employee id|employee #|badge|"
      "badge #|badge no|interpreter #|license #|license no|lic #|lic no|serial no|serial #|serial number|s/n|"
      "sn:|ser no|lot #|lot no|scope no|scope #|plate|license plate|licence plate|number plate|lic plate|"
      "vehicle reg|car reg|reg plate|donor no|donor id|custody no|payroll no|client no|booking ref|call ref|"
      "couple ref|clinic no|patient no|patient number|pt no|file no|file #|folder no" },
    { TRIGGER_ID, 3,
      "medical record|med rec|record number|record no|chart|pin|acc|encounter|csn|requisition|barcode|bar code|"
      "lab no|lab #|subject|participant|member|subscriber|grp|ins|medicaid|medicare|mbi|hicn|claim|prior auth|"
      "ref|rx #|rx#|rx no|confirmation|conf|ticket|incident|regn|passport|passport no|id|identifier|"
      "national id|interpreter|driver's license|drivers license|driver license|driver's licence|"
      "driving licence|license|licence|lic|dea #|upin|nmc|hcpc|goc|mcrn|provider no|provider #|prescriber no|"
      "cert #|cert no|serial|sn|lot|batch|device id|tag|reg|card no|card #|card number|account ending|unit id|"
      "cad|svc no|service no|service number|booking|tracking #|invoice|po #|court order|restraining order|"
      "warrant|tenancy ref" },
    { TRIGGER_ID, 4,
      "pid|mpi|visit #|fin|har|episode|case|specimen|path|slide|block|sid|randomization|randomisation|"
      "insurance|auth|authorization|reference|inc|intake|registration|ssn|ss#|ss #|social security|soc sec|"
      "nino|national insurance|ni no|ni number|tax id|aadhaar|abha|emp|dl|dl#|dea|caqh|clia|gmc|gphc|gdc|"
      "certificate|ser|udi|imei|vehicle|veh|card ending|ending in|bus pass|unit #|tracking|quote|no|no.|number|"
      "#" },
    { TRIGGER_ID, 5, "order|npi|vin|index|form" },
    { TRIGGER_ID, 6, "chi|nhs|ein|tin|visa|card|sort code|routing" },
    { TRIGGER_ID, 7, "social|bank" },
    { TRIGGER_ID, 8, "iban" },
    { TRIGGER_ID, 9, "sin" },
    { TRIGGER_ID, 1, "patient #|pt #|patient number|hosp. no|mr. no" },
    { TRIGGER_ID, 3, "hosp|hn|ip no|op no|cr no|rec #|last 4|last four|emirates id" },
    { TRIGGER_ID, 5, "mr" },
    { TRIGGER_PHONE, 4, "page|beep" },
    { TRIGGER_LOGIN, 0, "user|uid|handle" },
    { TRIGGER_LOGIN, 1, "login|log-in|logon|username|user name|user id|userid|logged in as|signed in as|screen name" },
    { TRIGGER_PHONE, 2, "ext|ext.|extn|xtn" },
    { TRIGGER_PHONE, 3, "pager|pgr|beeper|bpr|bleep|blp|extension|dect|spectralink|vocera" },
    { TRIGGER_PHONE, 4,
      "phone|telephone|tel|tel.|ph|fax|facsimile|pg|cb|cb#|call|call back|callback|callback #|call back #|ring|"
      "dial|paged|switchboard|x" },
    { TRIGGER_PHONE, 6, "fx|whatsapp|hotline|landline|voicemail|simu" },
    { TRIGGER_PHONE, 7, "cell|cell:|mobile|mob|called|text|txt|contact|home|work|office|direct|vm|number|no.|#|reach" },
    { TRIGGER_PHONE, 8, "at|on" },
    { TRIGGER_PHONE, 9, "p|f|t|m" },
    { TRIGGER_STREET, 0, "street|st.|road|rd|avenue|ave|av|boulevard|blvd|lane|ln|ter|tce|hwy|pkwy" },
    { TRIGGER_STREET, 1,
      "st|drive|dr|court|ct|place|pl|way|terrace|circle|cir|highway|parkway|square|sq|trail|trl|loop|run|pike|"
      "turnpike|plaza|alley|crescent|cres|close|mews|gardens|gdns|grove|row|wynd|rise|hill|view|walk|yard|quay|"
      "green|park|path|ridge|point|crossing|expressway|freeway|station|bypass|causeway|overpass|underpass|"
      "throughway|common|heights|manor|meadow|meadows|mill|mills|bend|branch|bridge|brook|canyon|center|"
      "centers|cliff|club|corner|cove|creek|crest|dale|estate|estates|falls|ferry|field|fields|flat|flats|ford|"
      "forest|forge|fork|fort|garden|gateway|glen|harbor|haven|hollow|inlet|island|islands|isle|junction|key|"
      "knoll|lake|landing|lock|locks|lodge|mission|motorway|mount|mountain|neck|orchard|oval|parade|pass|"
      "passage|pine|pines|plain|plains|port|prairie|ramp|ranch|rapids|rest|river|route|shoal|shoals|shore|"
      "shores|spring|springs|spur|squares|stravenue|stream|summit|trace|track|tunnel|union|valley|viaduct|"
      "village|ville|vista|wall|extension|drove|drives|ridges|roads|streets" },
    { TRIGGER_UNIT, 0, "apt|apt.|apartment|suite|ste|unit|flat|lot|trlr|room|rm|bldg|building" },
    { TRIGGER_POBOX, 0, "po box|p.o. box|p. o. box|pob|p o box|post office box|private bag" },
    { TRIGGER_POBOX, 1, "box" },
    { TRIGGER_ORG, 0,
      "hospital|hosp|medical center|medical centre|med ctr|med center|health centre|health center|"
      "cancer center|cancer centre|cancer institute|heart institute|clinic|infirmary|hospice|sanatorium|"
      "nursing home|care home|nursing center|nursing centre|care center|care centre|rehab center|rehab|"
      "rehabilitation center|assisted living|senior living|living center|memory care|university|college|"
      "elementary school|elementary|middle school|high school|primary school|school|academy|church|cathedral|"
      "chapel|temple|mosque|synagogue|parish|pharmacy|pharmacies|chemist|drugstore|drugs|surgery|"
      "family practice|family medicine|health system|healthcare|health care|nhs trust|nhs foundation trust|"
      "manor|llc|llp|inc|inc.|ltd|corp|corporation|& sons|& daughters|bank|imaging|memorial|va|partners|"
      "health plan|ambulance|dental|montessori|preschool|daycare|oncology partners|funeral home|mortuary|"
      "bakery|foods|plant|factory|logistics|industries" },
    { TRIGGER_ORG, 1, "practice|general|regional|house|lodge|institute|foundation|associates" },
    { TRIGGER_ORG_BEFORE, 0,
      "university of|church of|college of|school of|hospital of|institute of|our lady of|"
      "bank of|hmp|temple of" },
    { TRIGGER_AGE, 0, "nonagenarian" },
    { TRIGGER_AGE, 100, "hundred" },
    { TRIGGER_AGE, 90, "ninety" },
    { 0, 0, NULL },
};

static const trigger_words spanish[] = {
    { TRIGGER_MONTH, 0,
      "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre" },
    { TRIGGER_MONTH, MONTH_SHORT, "feb|abr|jul|sept|oct|nov|dic" },
    { TRIGGER_MONTH, MONTH_SHORT | MONTH_DOUBT, "ene|mar|jun|ago|sep" },
    { TRIGGER_HOLIDAY, 0,
      "navidad|nochebuena|nochevieja|año nuevo|semana santa|viernes santo|jueves santo|domingo de ramos|"
      "día de reyes|reyes magos|corpus christi|ramadán" },
    { TRIGGER_ID, 1, "nhc|nº historia|n.h.c" },
    { TRIGGER_ID, 2, "nº col|nºcol|nº colegiado|n° col" },
    { TRIGGER_ID, 3,
      "historia clínica|colegiado|num col|expediente|episodio|id|identificador|matrícula|lote|"
      "serie|ref|póliza" },
    { TRIGGER_ID, 4, "nass|nº ss|nuss|cip|cipa|pasaporte|nº|número|seguridad social|n°|historia|aseguramiento" },
    { TRIGGER_ID, 5, "dni|nif|nie|tarjeta" },
    { TRIGGER_ID, 8, "iban" },
    { TRIGGER_LOGIN, 0, "usuario" },
    { TRIGGER_PHONE, 2, "ext|extensión" },
    { TRIGGER_PHONE, 3, "busca" },
    { TRIGGER_PHONE, 4, "teléfono|telefono|tfno|tel|tel.|tlf|fax" },
    { TRIGGER_PHONE, 6, "tf|móvil" },
    { TRIGGER_STREET_BEFORE, 0,
      "calle|c/|avenida|avda|avda.|av.|av|paseo|plaza|pza|plza|pl.|ctra|ctra.|carretera|camino|ronda|travesía|"
      "urbanización|glorieta|rambla|apartado de correos|provincia:|localidad:|población:|municipio:|"
      "nacimiento en:|domicilio:|dirección:|pº|rua|carrer|cl." },
    { TRIGGER_ORG_BEFORE, 0,
      "hospital|hospital de|centro de salud|clínica|universidad|universidad de|complejo hospitalario|"
      "complexo hospitalario|instituto|fundación|colegio|residencia|hospital universitario|hospital clínico|"
      "policlínica|facultad de" },
    { TRIGGER_AGE, 90, "noventa" },
    { 0, 0, NULL },
};
/* clang-format on */

const trigger_words *trigger_words_of(tw_str language)
{
    if (tw_str_is(language, "en"))
        return english;
    return tw_str_is(language, "es") ? spanish : NULL;
}
