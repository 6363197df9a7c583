/* Streets, units, post boxes, postal codes and the cities before them; names of organisations by their head words. */
#include "pattern_internal.h"

static tw_str word_at(const text_scan *s, uint32_t i)
{
    return (tw_str){ s->l + i, word_end(s, i) - i };
}

/* Start of the word (letters, digits, apostrophes, hyphens, a full stop at its end) that ends before i; i: none. */
static uint32_t name_before(const text_scan *s, uint32_t i)
{
    while (i > 0 && ch_blank(s->l[i - 1]))
        i--;
    uint32_t end = i;
    if (i > 1 && s->l[i - 1] == '.' && ch_alpha(s->l[i - 2]))
        i--;
    while (i > 0 && end - i < REACH &&
           (ch_word(s->l[i - 1]) || ((s->l[i - 1] == '\'' || s->l[i - 1] == '-') && i > 1 && ch_word(s->l[i - 2]))))
        i--;
    i = character_at(s, i);
    return i < end && ch_word(s->l[i]) ? i : end;
}

static bool capital_at(const text_scan *s, uint32_t i)
{
    return ch_upper(s->t[i]) || ((unsigned char)s->t[i] >= 0x80 && s->t[i] != s->l[i]) ||
           ((unsigned char)s->t[i] >= 0x80 && i + 1 < s->n && s->t[i + 1] != s->l[i + 1]);
}

/* ---------------------------------------------------------------- streets */

/* "County Road 12", "Hwy 61": the number is the road's name. */
static uint32_t road_number_end(const text_scan *s, uint32_t start, uint32_t end)
{
    uint32_t i = blanks_end(s, end), stop = digits_end(s, i);
    if (!word_in(word_at(s, start), "road rd hwy highway route") || stop == i || stop - i > 4 || ch_word(at(s, stop)))
        return end;
    return stop;
}

/* "#4", "Apt 4B", ", Suite 100", "N", "NW" behind a street. */
static uint32_t unit_end(const text_scan *s, uint32_t end)
{
    for (unsigned k = 0; k < 3; k++) {
        uint32_t i = end;
        if (at(s, i) == '.')
            i++;
        if (at(s, i) == ',')
            i++;
        i = blanks_end(s, i);
        tw_str word = word_at(s, i);
        if (at(s, i) == '\n' && i + 1 < s->n && word_in(word_at(s, i + 1), "apt suite unit"))
            word = word_at(s, ++i);
        if (at(s, i) != ',' && word_in(word, "n s e w ne nw se sw north south east west") && at(s, end) == ' ') {
            end = i + (uint32_t)word.n;
            continue;
        }
        bool hash = at(s, i) == '#';
        if (!hash && !word_in(word, "apt apartment suite ste unit flat lot trlr bldg building fl floor rm room box"))
            return end;
        i += hash ? 1 : (uint32_t)word.n;
        while (at(s, i) == '.' || at(s, i) == '#' || ch_blank(at(s, i)))
            i++;
        uint32_t stop = i;
        while (ch_word(at(s, stop)) || (at(s, stop) == '-' && ch_word(at(s, stop + 1))))
            stop++;
        if (stop == i || stop - i > 6 || (!tw_is_digit(at(s, i)) && stop - i > 2))
            return end;
        end = stop;
    }
    return end;
}

/* The number of a house that ends before i: its start; i: none. */
static uint32_t house_before(const text_scan *s, uint32_t i)
{
    uint32_t start = name_before(s, i), end = start;
    if (start == i)
        return i;
    while (end < i && tw_is_digit(s->l[end]))
        end++;
    uint32_t stop = end;
    if (ch_alpha(at(s, stop)) && !ch_word(at(s, stop + 1)))
        stop++; /* 14b */
    if (at(s, stop) == '-' && tw_is_digit(at(s, stop + 1)))
        stop = digits_end(s, stop + 1);
    if (end == start || end - start > 5 || ch_word(at(s, stop)))
        return i;
    char b = before(s, start);
    return b == '.' || b == '/' || b == '$' || b == ':' ? i : start;
}

static const char plain_suffix[] =
    "drive dr court ct place pl way terrace circle cir highway parkway square sq trail loop "
    "crescent close mews gardens row st wynd yard";

void check_street(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    uint32_t i = start;
    bool capitals = true;
    if (start < s->number_end)
        return;
    if (value == 1 && s->cased && !ch_upper(s->t[start]))
        return;
    if (tw_str_is(word_at(s, start), "dr") && at(s, end) == ' ' && ch_alpha(at(s, blanks_end(s, end))) &&
        unit_end(s, end) == end)
        return; /* "2 h. Dr Lee" */
    for (unsigned words = 0; words < 5; words++) {
        uint32_t house = house_before(s, i);
        while (i > 0 && ch_blank(s->l[i - 1]))
            i--;
        bool ordinal = house < i && words == 0 && tw_is_digit(s->l[house]);
        if (words > 0 && capitals && s->cased && house >= i && value == 0 &&
            word_in(word_before(s, i, ""), "on at along near off"))
            hit_add(s, i, unit_end(s, end), HIT_STREET, true); /* "on Marl St" */
        if (house < i && (words > 0 || (ordinal && value == 0))) {
            end = road_number_end(s, start, end);
            if (words == 0 && end == start + word_at(s, start).n)
                return;
            bool sure = s->cased ? capitals : value == 0 || word_in(word_at(s, start), plain_suffix);
            if (!capitals && words > 3)
                return;
            hit_add(s, house, unit_end(s, end), HIT_STREET, sure);
            return;
        }
        uint32_t name = name_before(s, i);
        if (name >= i || (i - name == 1 && words == 0 && value == 1))
            return;
        tw_str word = { s->l + name, i - name };
        if (unit_follows(s, name) ||
            word_in(word, "and with the at to from for was is her his in on w/ dr mr mrs ms prn po iv"))
            return;
        bool ordinal_name =
            tw_is_digit(s->l[name]) && i - name > 2 && word_in((tw_str){ s->l + i - 2, 2 }, "st nd rd th");
        if ((tw_is_digit(s->l[name]) && !ordinal_name) || month_of(word) != 0)
            return;
        capitals = capitals && (capital_at(s, name) || tw_is_digit(s->l[name]));
        i = name;
    }
}

/* Behind "Domicilio:": to the end of the line, its last full stop left out. */
static void check_address_line(text_scan *s, uint32_t i)
{
    uint32_t end = i;
    while (end < s->n && s->l[end] != '\n' && end < i + 100)
        end++;
    while (end > i && (ch_blank(s->l[end - 1]) || s->l[end - 1] == '.' || s->l[end - 1] == '\r'))
        end--;
    hit_add(s, i, end, HIT_STREET, end < s->n && end > i + 2);
}

/* "Calle Losada Martí 23, 5 B", "Avda. de Elvas s/n" */
void check_street_before(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    (void)value;
    if (start < s->number_end || (s->l[end - 1] == 'v' && at(s, end) != '.' && !ch_blank(at(s, end))))
        return;
    uint32_t i = end, last = end;
    if (at(s, i) == '.')
        i++;
    unsigned words = 0, numbers = 0, capitals = 0;
    if (s->l[end - 1] == ':') {
        check_address_line(s, blanks_end(s, end));
        return;
    }
    while (i < s->n && s->l[i] != '\n' && words < 9) {
        if (ch_blank(s->l[i])) {
            i++;
            continue;
        }
        bool short_word = s->l[i] == '.' && word_in(word_before(s, i, ""), "dr dra sta sto gral prof v");
        if (strchr(",-\xba", s->l[i]) || short_word ||
            (s->l[i] == '.' && words > 0 && ch_blank(at(s, i + 1)) && tw_is_digit(at(s, i + 2)))) {
            i++;
            continue;
        }
        if (!ch_word(s->l[i]))
            break;
        uint32_t stop = i;
        while (ch_word(at(s, stop)) || at(s, stop) == '\'' || (at(s, stop) == '/' && at(s, stop + 1) == 'n'))
            stop++;
        tw_str word = { s->l + i, stop - i };
        bool digit = tw_is_digit(s->l[i]);
        bool small = word_in(word, "de del la las los el y i e s/n km");
        if (!digit && numbers > 0 && word.n > 2 && !small)
            break;
        if (!digit && numbers == 0 && !small && s->cased && !capital_at(s, i) && words > 2)
            break;
        if (digit && word.n > 4)
            break;
        numbers += digit || tw_str_is(word, "s/n");
        capitals += !digit && (capital_at(s, i) || !s->cased);
        words++;
        last = i = stop;
        if (numbers >= 3)
            break;
    }
    if (words >= 1 && numbers > 0)
        hit_add(s, start, last, HIT_STREET, words >= 2 && (capitals > 0 || s->t[end - 1] == '/'));
}

void check_unit(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    (void)value;
    if (start < s->number_end)
        return;
    uint32_t stop = unit_end(s, start);
    tw_str word = { s->l + start, end - start };
    if (stop <= end)
        return;
    uint32_t number = end;
    while (number < stop && !tw_is_digit(s->l[number]))
        number++;
    if (number == stop)
        return;
    hit_add(s, start, stop, HIT_UNIT, word_in(word, "apt apt. apartment suite"));
}

void check_pobox(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    uint32_t i = blanks_end(s, end), stop;
    if (start < s->number_end)
        return;
    if (at(s, i) == '#' || at(s, i) == ':')
        i = blanks_end(s, i + 1);
    stop = digits_end(s, i);
    if (stop == i || stop - i > 6 || (value == 1 && stop - i < 2))
        return;
    if (at(s, stop) == '-' && ch_word(at(s, stop + 1)))
        stop = stop + 2;
    if (value == 1) { /* "Rt. 3 Box 77", "PSC 0413, Box 8144" */
        uint32_t number = house_before(s, start - (before(s, start) == ' '));
        if (number >= start - 1) {
            number = start;
            while (number > 0 && (ch_blank(s->l[number - 1]) || s->l[number - 1] == ','))
                number--;
            uint32_t e = number;
            while (number > 0 && tw_is_digit(s->l[number - 1]))
                number--;
            if (number == e)
                return;
        }
        tw_str word = word_before(s, number, ".");
        if (!word_in(word, "rt route rr hc psc unit rural cmr"))
            return;
        start = (uint32_t)(word.p - s->l);
    }
    hit_add(s, start, stop, HIT_STREET, true);
}

/* ---------------------------------------------------------------- postal codes */

static const char states[] =
    "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny "
    "nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc pr ae ap aa gu vi";
static const char state_names[] = "alabama alaska arizona arkansas california colorado connecticut delaware florida "
                                  "georgia hawaii idaho illinois indiana "
                                  "iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota "
                                  "mississippi missouri montana nebraska "
                                  "nevada hampshire jersey mexico york carolina dakota ohio oklahoma oregon "
                                  "pennsylvania tennessee texas utah vermont "
                                  "virginia washington wisconsin wyoming";

/* Capitalised words before i, up to three, after a comma, a line's end or a small word: a city. */
static void add_city(text_scan *s, uint32_t i)
{
    while (i > 0 && (ch_blank(s->l[i - 1]) || s->l[i - 1] == ',' || s->l[i - 1] == '\n' || s->l[i - 1] == '^'))
        i--;
    uint32_t end = i, start = i;
    for (unsigned words = 0; words < 3; words++) {
        uint32_t name = name_before(s, start);
        uint32_t stop = start;
        while (stop > 0 && ch_blank(s->l[stop - 1]))
            stop--;
        if (name >= stop || tw_is_digit(s->l[name]) || (s->cased && !capital_at(s, name)))
            break;
        if (word_in((tw_str){ s->l + name, stop - name },
                    "in at of from near to road rd street st. avenue ave apt suite dr drive"))
            break;
        start = name;
        if (!s->cased && words == 1)
            break;
    }
    if (start < end)
        hit_add(s, start, end, HIT_CITY, true);
}

/* "zip 10903", "My zip code is 2200" */
static bool check_zip_key(text_scan *s, uint32_t digit, uint32_t end)
{
    tw_str word = word_before(s, digit, ":#");
    for (unsigned i = 0; i < 2 && word_in(word, "is code"); i++)
        word = word_before(s, (uint32_t)(word.p - s->l), ":#");
    if (end - digit < 3 || end - digit > 7 || ch_word(at(s, end)) ||
        !word_in(word, "zip zipcode postal postcode cp eircode"))
        return false;
    if (at(s, end) == '-' && digits_end(s, end + 1) > end + 1)
        end = digits_end(s, end + 1);
    hit_add(s, digit, end, HIT_ZIP, true);
    return true;
}

static bool check_zip(text_scan *s, uint32_t digit)
{
    uint32_t end = digits_end(s, digit);
    if (ch_word(before(s, digit)) || check_zip_key(s, digit, end))
        return !ch_word(before(s, digit));
    if (end - digit != 5)
        return false;
    if (at(s, end) == '-' && digits_end(s, end + 1) == end + 5)
        end += 5;
    if (ch_word(at(s, end)) || (at(s, end) == '.' && tw_is_digit(at(s, end + 1))))
        return false;
    tw_str word = word_before(s, digit, ",.^");
    uint32_t state = (uint32_t)(word.p - s->l);
    bool code =
        word.n == 2 && word_in(word, states) && (!s->cased || (ch_upper(s->t[state]) && ch_upper(s->t[state + 1])));
    if (!code && !(word.n > 3 && word_in(word, state_names)))
        return false;
    bool comma = before(s, state) == ',' || (before(s, state) == ' ' && before(s, state - 1) == ',');
    bool upper = s->cased || comma || end - digit > 5;
    if (word.n > 3) {
        tw_str two = word_before(s, state, "");
        if (word_in(two, "new north south west rhode"))
            state = (uint32_t)(two.p - s->l);
    }
    hit_add(s, digit, end, HIT_ZIP, upper);
    if (upper)
        add_city(s, state);
    return true;
}

static bool letters2(const text_scan *s, uint32_t i)
{
    return ch_alpha(at(s, i)) && ch_alpha(at(s, i + 1)) && (uint8_t)at(s, i) < 0x80 && !ch_word(at(s, i + 2));
}

/* United Kingdom: "SW1A 1AA", Canada: "K1A 0B1", Ireland: "D02 AF30". */
static bool check_postcode(text_scan *s, uint32_t digit)
{
    uint32_t start = digit, i = digit + 1;
    while (start > 0 && ch_alpha(s->l[start - 1]))
        start--;
    if (digit - start > 2 || digit == start || (uint8_t)s->l[start] >= 0x80 || ch_word(before(s, start)) ||
        (s->cased && !ch_upper(s->t[start])))
        return false;
    if (ch_word(at(s, i)))
        i++;
    uint32_t half = i;
    bool blank = at(s, i) == ' ';
    if (blank)
        i++;
    bool uk = tw_is_digit(at(s, i)) && letters2(s, i + 1) && (half - digit <= 2) && blank &&
              !word_in((tw_str){ s->l + i + 1, 2 }, "st nd rd th mg kg ml cm mm yo am pm hr lb ft in to") &&
              (!s->cased || (ch_upper(s->t[i + 1]) && ch_upper(s->t[i + 2])));
    bool canada = digit - start == 1 && half == digit + 2 && ch_alpha(s->l[digit + 1]) && tw_is_digit(at(s, i)) &&
                  ch_alpha(at(s, i + 1)) && tw_is_digit(at(s, i + 2)) && !ch_word(at(s, i + 3)) && blank &&
                  (!s->cased || ch_upper(s->t[digit + 1]));
    if (!uk && !canada)
        return false;
    hit_add(s, start, i + 3, HIT_ZIP, true);
    uint32_t city = start;
    while (city > 0 && ch_blank(s->l[city - 1]))
        city--;
    if (city > 0 && (ch_alpha(s->l[city - 1]) || s->l[city - 1] == ','))
        add_city(s, city);
    return true;
}

bool check_number_place(text_scan *s, uint32_t digit)
{
    if (ch_alpha(before(s, digit)))
        return check_postcode(s, digit);
    if (s->day_first && digits_end(s, digit) == digit + 5 && bordered(s, digit, digit + 5)) {
        uint32_t next = blanks_end(s, digit + 5);
        tw_str word = word_before(s, digit, ",.-:\n");
        bool city = next > digit + 5 && next < s->n && capital_at(s, next);
        bool key = word_in(word, "cp postal c");
        if (city || key) {
            hit_add(s, digit, digit + 5, HIT_ZIP, true);
            for (unsigned words = 0; city && words < 3 && next < s->n && capital_at(s, next); words++) {
                uint32_t end = word_end(s, next);
                hit_add(s, next, end, HIT_CITY, true);
                next = at(s, end) == ' ' ? end + 1 : s->n;
            }
            return true;
        }
        return false;
    }
    return check_zip(s, digit);
}

/* ---------------------------------------------------------------- organisations */

static const char generic[] =
    "the a an this that our your their local outside another medical surgical emergency hospital clinic center centre "
    "care "
    "health community general regional outpatient inpatient acute urgent primary specialty specialist day wound pain "
    "foot "
    "eye device diabetes diabetic cardiology oncology neurology dermatology podiatry orthopedic orthopaedic ortho gi "
    "gu ent "
    "anticoagulation coumadin inr pacemaker heart failure chf infusion transplant asthma allergy sleep memory stroke "
    "breast "
    "cancer renal dialysis nephrology pulmonary urology rheumatology endocrine endocrinology fertility antenatal "
    "prenatal "
    "ob obgyn gyn women's womens children's pediatric paediatric psychiatry psychiatric behavioral mental rehab "
    "rehabilitation physical occupational speech therapy surgery pre-op preop post-op follow-up follow up walk-in free "
    "va "
    "home nursing skilled assisted living retail mail order discharge admission course in at to from per by of and for "
    "& "
    "new old his her my no not any each every all same other lung tumor hematology hem/onc id fracture hand spine "
    "joint "
    "family internal medicine practice nurse school high middle elementary primary grade law medical dental graduate "
    "summer sunday "
    "royal judicial preferred patient current retrograde endoscopic open laparoscopic robotic major minor elective "
    "bariatric plastic "
    "vascular "
    "cardiac thoracic spinal back knee hip shoulder bypass brain neuro ct mri us ir nuclear diagnostic breast prior "
    "further "
    "teaching tertiary referring psych state county city district national catholic baptist methodist united local "
    "lives "
    "works attends seen referred transferred transfer admitted attended pt please she he called dr mr mrs ms patient";

static bool generic_word(tw_str word)
{
    return word_in(word, generic);
}

/* Words of a name before i, capitalised: their start; `names`: how many say which one. */
static uint32_t org_start(const text_scan *s, uint32_t i, unsigned *names)
{
    uint32_t start = i;
    *names = 0;
    for (unsigned words = 0; words < 7; words++) {
        uint32_t stop = i;
        while (stop > 0 && ch_blank(s->l[stop - 1]))
            stop--;
        if (stop > 0 && s->l[stop - 1] == '&' && words > 0) {
            i = stop - 1;
            continue;
        }
        uint32_t name = name_before(s, i);
        if (name >= stop || tw_is_digit(s->l[name]))
            break;
        tw_str word = { s->l + name, stop - name };
        if (word.n > 1 && word.p[word.n - 1] == '.' && !word_in(word, "st. mt. ft. bros. dr."))
            break;
        bool small = word_in(word, "of and the on de la del");
        if (!capital_at(s, name)) {
            if (!small || words == 0)
                break;
            i = name;
            continue;
        }
        if (!generic_word(word)) {
            *names += 1;
            start = name;
        } else if (*names == 0 ||
                   !word_in(word, "the a an this our at in from to per for by seen works lives attends referred "
                                  "transferred admitted pt please she he called dr mr mrs ms patient and of")) {
            start = name;
        } else {
            break;
        }
        i = name;
    }
    while (start < i && word_in(word_at(s, start), "the a an"))
        start = blanks_end(s, start + (uint32_t)word_at(s, start).n);
    return start;
}

void check_org(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    unsigned names = 0;
    if (!s->cased) {
        tw_str word = word_before(s, start, "'");
        if (word.n == 1 && word.p[0] == 's')
            word = word_before(s, (uint32_t)(word.p - s->l), "'");
        uint32_t from = (uint32_t)(word.p - s->l);
        tw_str saint = word_before(s, from, ".");
        if (value == 0 && word.n > 2 && word_in(saint, "st saint mount mt our"))
            hit_add(s, (uint32_t)(saint.p - s->l), end, HIT_ORG, true);
        else if (value == 0 && word.n > 2 && !generic_word(word))
            hit_add(s, from, end, HIT_ORG, false);
        return;
    }
    bool head = capital_at(s, start) || s->l[start] == '&';
    uint32_t from = org_start(s, start, &names);
    if (names == 0 || from >= start)
        return;
    uint32_t next = blanks_end(s, end);
    tw_str word = word_at(s, next);
    if (head && tw_str_is(word, "of") && capital_at(s, blanks_end(s, next + 2))) {
        uint32_t w = blanks_end(s, next + 2);
        end = word_end(s, w);
    }
    if (value == 1 && word_in(word, "appearance anesthesia anaesthesia surgery medicine surgeon medical"))
        return;
    hit_add(s, from, end, HIT_ORG, head);
}

/* "University of Eastmarch", "Hospital Universitario de Getafe" */
void check_org_before(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    (void)value;
    if (s->cased && !capital_at(s, start))
        return;
    uint32_t i = end, last = end;
    unsigned names = 0;
    for (unsigned words = 0; words < 8; words++) {
        uint32_t next = blanks_end(s, i), stop = next;
        if (at(s, next) == '"' || at(s, next) == '\'')
            next = ++stop;
        while (ch_word(at(s, stop)) || ((at(s, stop) == '-' || at(s, stop) == '\'') && ch_word(at(s, stop + 1))))
            stop++;
        if (stop == next)
            break;
        tw_str word = { s->l + next, stop - next };
        bool small = word_in(word, "de del la las los el y i e da do of the st nuestra se\xc3\xb1ora");
        if (word_in(word, "calle c av avda avenida ctra carretera paseo plaza pza servicio urología"))
            break;
        if (!small && (!capital_at(s, next) || !s->cased))
            break;
        i = stop;
        if (at(s, i) == '.' && word_in(word, "st sta dr"))
            i++;
        if (!small || capital_at(s, next)) {
            last = i;
            names++;
        }
    }
    if (names == 0)
        return;
    unsigned before_names = 0;
    uint32_t from = s->day_first ? start : org_start(s, start, &before_names);
    hit_add(s, before_names && from < start ? from : start, last, HIT_ORG, true);
}
