/* What is a date by its form, and what by its place. */
#include "pattern_internal.h"

static tw_str word_at(const text_scan *s, uint32_t i)
{
    return (tw_str){ s->l + i, word_end(s, i) - i };
}

/* "T12:30Z", " 12:30:59.123", " 00:00" directly behind a date: part of its writing. A time of day alone is none. */
static uint32_t time_end(const text_scan *s, uint32_t i)
{
    uint32_t from = i;
    if (at(s, i) == 't' || at(s, i) == ' ' || at(s, i) == '_')
        i++;
    else
        return from;
    for (unsigned part = 0;; part++) {
        uint32_t end = digits_end(s, i);
        if (end - i != 2 && !(part == 0 && end - i == 1))
            return from;
        i = end;
        if (part == 2 || at(s, i) != ':' || !tw_is_digit(at(s, i + 1))) {
            if (part == 0)
                return from;
            break;
        }
        i++;
    }
    bool joined = at(s, from) != ' ', seconds = i - from > 6,
         midnight = i - from == 6 && memcmp(s->l + from, " 00:00", 6) == 0;
    if (!joined && !seconds && !midnight)
        return from;
    if (at(s, i) == '.' && tw_is_digit(at(s, i + 1)))
        i = digits_end(s, i + 1);
    if (at(s, i) == 'z' && !ch_word(at(s, i + 1)))
        i++;
    else if ((at(s, i) == '+' || at(s, i) == '-') && tw_is_digit(at(s, i + 1)) && at(s, i + 3) == ':')
        i = digits_end(s, i + 4);
    return i;
}

/* Start of a weekday before i, else i: "Tues, 5 Nov". */
static uint32_t weekday_before(const text_scan *s, uint32_t i)
{
    tw_str word = word_before(s, i, ".,");
    if (tw_str_is(word, "the"))
        word = word_before(s, (uint32_t)(word.p - s->l), ",");
    if (tw_str_is(word, "w/c"))
        return (uint32_t)(word.p - s->l);
    return word.n >= 3 && weekday_of(word) ? (uint32_t)(word.p - s->l) : i;
}

static const char before_date[] =
    "on since dated until till from thru through by next last before after of due starting beginning effective around "
    "seen admitted discharged scheduled appt appointment visit f/u fu rtc labs lab drawn done started began placed "
    "removed collected given received bcx cx cxr ct mri echo us ekg surgery sx dob d.o.b lmp edd born birth signed "
    "transfused exp expires expired eff date dos doa dod adm admit d/c dc seen called spoke note wk week w/c "
    "mon monday tue tues tuesday wed weds wednesday thu thur thurs thursday fri friday sat saturday sun sunday "
    "departing leaving arriving ending died booked rebooked otd list exam procedure repeat repeated posted faxed sent "
    "filled refilled reviewed updated entered printed created performed ordered "
    "injected imaged rescanned biopsied bx pet scan scanned xray tte tee eeg colonoscopy egd el hasta desde fecha";

/* Words of the places where a fraction is a date: one of the last two says so. */
static bool date_place(const text_scan *s, uint32_t start)
{
    if (at(s, start) == '\0')
        return false;
    tw_str word = word_before(s, start, ":,.(@-#");
    if (word_in(word, before_date))
        return true;
    return (tw_str_is(word, "the") || tw_str_is(word, "about") || tw_str_is(word, "was") || tw_str_is(word, "on")) &&
           word_in(word_before(s, (uint32_t)(word.p - s->l), ":,"), before_date);
}

static bool line_starts(const text_scan *s, uint32_t i)
{
    while (i > 0 && (ch_blank(s->l[i - 1]) || strchr("*[(-|", s->l[i - 1])))
        i--;
    return i == 0 || s->l[i - 1] == '\n';
}

static const char scores[] =
    "pain strength motor power murmur apgar apgars gcs scale score rated rates rating grade dtrs reflexes "
    "pulses pulse bp sem visual vision va phq gad mmse moca berg tinetti braden views nodes cores "
    "positive neg negative sets bottles x a&o orientation edema times ratio fev ppd eom asia";

/* "7/10", "2/6 SEM", "1/2 tab": a ratio by what stands around it. */
static bool ratio_place(const text_scan *s, uint32_t start, uint32_t end)
{
    if (unit_follows(s, end) || word_in(word_before(s, start, ":=(-"), scores))
        return true;
    uint32_t next = blanks_end(s, end);
    tw_str word = word_at(s, next);
    return word_in(word, scores) || tw_str_ends(word, "mmhg") ||
           word_in(word, "systolic diastolic holosystolic ejection bilat bilaterally throughout "
                         "le ue rle lle rue lue ul ll cups glasses of inch in");
}

/* "resulted 3/11": done on a day; but "scored 7/10". */
static bool participle_before(const text_scan *s, uint32_t start)
{
    tw_str word = word_before(s, start, "");
    return word.n > 4 && tw_str_ends(word, "ed") &&
           !word_in(
               word,
               "scored rated graded allred improved decreased increased noted reported tested limited measured weaned "
               "changed reduced dropped worsened need indeed named assessed estimated recorded");
}

/* The second number is no common bottom of a fraction or score. */
static bool day_only(const text_scan *s, const text_date *d)
{
    int32_t v = number_at(s, d->part[1].start, d->part[1].end);
    return d->part[1].part == PART_DAY && v > 12 && v != 15 && v != 18 && v != 20 && v != 24 && v != 25 && v != 28 &&
           v != 30;
}

/* "9/20-22", "9/4-9/20": end of the range, else of the date. */
static uint32_t numeric_range_end(const text_scan *s, const text_date *d)
{
    uint32_t i = d->end;
    if (at(s, i) != '-' || !tw_is_digit(at(s, i + 1)))
        return i;
    uint32_t end = digits_end(s, i + 1);
    if (end - i > 3)
        return i;
    if (at(s, end) == '/' && tw_is_digit(at(s, end + 1)))
        end = digits_end(s, end + 1);
    return ch_word(at(s, end)) || at(s, end) == '%' ? i : end;
}

/* "9/20-22", "9/4-9/20": the second is later. */
static bool range_rises(const text_scan *s, const text_date *d, uint32_t end)
{
    if (end == d->end)
        return false;
    uint32_t first = digits_end(s, d->end + 1);
    int32_t a = number_at(s, d->part[1].start, d->part[1].end), b = number_at(s, d->end + 1, first);
    return first < end ? a > 3 && b <= 31 : b > a && b <= 31 && a > 6;
}

static bool check_day_day(text_scan *s, const text_date *d)
{
    char mark = s->l[d->part[0].end];
    uint32_t first = d->part[0].end - d->part[0].start, second = d->part[1].end - d->part[1].start;
    bool padded = (first == 2 && s->l[d->part[0].start] == '0') || (second == 2 && s->l[d->part[1].start] == '0');
    char after = at(s, d->end);
    if (ch_word(after) || (after == mark && after != '.') || (after == '.' && tw_is_digit(at(s, d->end + 1))) ||
        after == '%' || after == '+')
        return false;
    char b = before(s, d->start);
    if (ch_word(b) || (b != '\0' && strchr("$/.<>=+:", b)) || (b == '-' && tw_is_digit(before(s, d->start - 1))))
        return false;
    bool ratio = ratio_place(s, d->start, d->end);
    uint32_t from = weekday_before(s, d->start);
    bool weekday = from != d->start;
    bool place = date_place(s, d->start) || participle_before(s, d->start);
    if (mark == '/') {
        bool line = line_starts(s, d->start) && (after == ':' || (after == ' ' && at(s, d->end + 1) == '-') ||
                                                 after == ']' || (after == ' ' && at(s, d->end + 1) == '|'));
        uint32_t end = numeric_range_end(s, d);
        bool sure = !ratio && (place || weekday || padded || line || day_only(s, d) || range_rises(s, d, end));
        hit_add(s, from, sure ? end : d->end, sure ? HIT_DAY_MONTH : HIT_RATIO, sure);
        return sure;
    }
    bool dotted = mark == '.' && !ratio &&
                  word_in(word_before(s, d->start, "("), "on since died until el vom am seit") &&
                  (after == '.' || (first == 2 && second == 2));
    if ((mark == '-' && place && !ratio && second == 2) || dotted) {
        hit_add(s, from, d->end, HIT_DAY_MONTH, true);
        return true;
    }
    if (weekday)
        hit_add(s, from, d->end, HIT_RATIO, false);
    return false;
}

/* "the 9th", "Fri 13th", "the 2nd of the month" */
static bool check_ordinal(text_scan *s, uint32_t digit)
{
    uint32_t end = digits_end(s, digit), tail = word_end(s, end);
    int32_t v = number_at(s, digit, end);
    if (end - digit > 2 || tail - end != 2 || !word_in((tw_str){ s->l + end, 2 }, "st nd rd th") || v < 1 || v > 31)
        return false;
    uint32_t from = weekday_before(s, digit);
    if (from != digit) {
        hit_add(s, from, tail, HIT_ORDINAL, true);
        return true;
    }
    tw_str the = word_before(s, digit, "");
    if (!tw_str_is(the, "the"))
        return false;
    uint32_t the_at = (uint32_t)(the.p - s->l);
    bool place = word_in(word_before(s, the_at, ""), "on since until till by lmp from before after thru through til");
    uint32_t next = blanks_end(s, tail);
    tw_str word = word_at(s, next);
    bool ends = next >= s->n || (!ch_word(s->l[next]) && (next > tail || !strchr("-&/+", s->l[next]))) ||
                word_in(word, "at with for and to but she he they pt when because so after w if or we i");
    if (tw_str_is(word, "of")) { /* "the 1st of the year" */
        uint32_t that = blanks_end(s, next + 2);
        tw_str which = word_at(s, that), unit = word_at(s, blanks_end(s, that + (uint32_t)which.n));
        if (word_in(which, "the that this last next") && word_in(unit, "month year")) {
            hit_add(s, the_at, (uint32_t)(unit.p + unit.n - s->l), HIT_ORDINAL, true);
            return true;
        }
    }
    hit_add(s, the_at, tail, HIT_ORDINAL, place && ends);
    return place && ends;
}

static bool named_day_doubtful(const text_scan *s, const text_date *d)
{
    if (d->parts < 2 || d->form != DATE_DAY_MONTH)
        return false;
    tw_str month = { s->l + d->part[d->parts - 1].start, d->part[d->parts - 1].end - d->part[d->parts - 1].start };
    if (d->part[d->parts - 1].part != PART_MONTH || !word_in(month, "may march mar dec sep oct"))
        return false;
    uint32_t next = blanks_end(s, d->end);
    if (at(s, d->part[d->parts - 2].end) == '.') /* "2. Oct": the second of a list */
        return true;
    bool ordinal = d->part[d->parts - 2].end - d->part[d->parts - 2].start > 2;
    return !ordinal && ch_alpha(at(s, next)) && next > d->end &&
           (!s->cased || !ch_upper(s->t[d->part[d->parts - 1].start]));
}

/* Start of one day's number that ends before i, with its ordinal; i: none. */
static uint32_t day_before(const text_scan *s, uint32_t i)
{
    uint32_t end = i;
    if (end > 2 && ch_alpha(s->l[end - 1]) && word_in((tw_str){ s->l + end - 2, 2 }, "st nd rd th"))
        end -= 2;
    uint32_t start = end;
    while (start > 0 && tw_is_digit(s->l[start - 1]))
        start--;
    int32_t v = number_at(s, start, end);
    char b = before(s, start);
    return start < end && end - start <= 2 && v >= 1 && v <= 31 && !ch_alpha(b) && b != '.' && b != ':' ? start : i;
}

/* "4-6" before March, "4th and 6th" before "of March": start of it, else i. */
static uint32_t days_before(const text_scan *s, uint32_t i)
{
    tw_str of = word_before(s, i, "");
    uint32_t end = tw_str_is(of, "of") ? (uint32_t)(of.p - s->l) : i;
    while (end > 0 && ch_blank(s->l[end - 1]))
        end--;
    uint32_t second = day_before(s, end), joint = second;
    if (second == end)
        return i;
    while (joint > 0 && (ch_blank(s->l[joint - 1]) || strchr("-&/", s->l[joint - 1])))
        joint--;
    tw_str word = word_before(s, joint, "");
    if (joint == second || word_in(word, "and to")) {
        if (!word_in(word, "and to"))
            return second;
        joint = (uint32_t)(word.p - s->l);
        while (joint > 0 && ch_blank(s->l[joint - 1]))
            joint--;
    }
    uint32_t first = day_before(s, joint);
    return first < joint && first >= s->date_end ? first : second;
}

/* "the" before "2nd of June". */
static uint32_t article_before(const text_scan *s, uint32_t i)
{
    tw_str word = word_before(s, i, "");
    return tw_str_is(word, "the") ? (uint32_t)(word.p - s->l) : i;
}

/* What a date that was read is worth, with what belongs to it on both sides. */
static bool add_date(text_scan *s, const text_date *d)
{
    uint32_t start = d->start, end = d->end;
    char after = at(s, end);
    if (d->form == DATE_DAY_DAY)
        return check_day_day(s, d);
    if (ch_word(before(s, start)) || (ch_word(after) && !(after == 't' && tw_is_digit(at(s, end + 1)))))
        return false;
    if (before(s, start) == '$' || (before(s, start) == '.' && tw_is_digit(before(s, start - 1))))
        return false;
    if (d->form == DATE_FULL && !d->named && word_in(word_before(s, start, ":"), "apgar apgars prvc vent"))
        return false;
    start = weekday_before(s, start);
    if (start == d->start && d->named && ch_alpha(s->l[d->part[0].end - 1]))
        start = article_before(s, start);
    if (start == d->start && d->named && d->part[0].part == PART_DAY)
        start = days_before(s, d->part[0].end);
    bool sure = !named_day_doubtful(s, d);
    if (d->form == DATE_FULL) {
        end = time_end(s, end);
        bool small = !d->named && !d->compact && s->l[d->part[0].end] == '.' && d->end - d->start == 6;
        hit_add(s, start, end, HIT_DATE, sure && !small);
        return sure;
    }
    hit_add(s, start, end, d->form == DATE_MONTH_YEAR ? HIT_MONTH_YEAR : HIT_DAY_MONTH, sure);
    return sure;
}

bool check_number_date(text_scan *s, uint32_t digit)
{
    text_date d;
    if (ch_word(before(s, digit)))
        return false;
    if (date_read(&d, (tw_str){ s->l, s->n }, digit, s->day_first) && add_date(s, &d))
        return true;
    return check_ordinal(s, digit);
}

/* ---------------------------------------------------------------- months and feasts */

/* "the 2nd Saturday in June", "first week of", "end of", "the ninth of": start of it, else i. */
static uint32_t phrase_before(const text_scan *s, uint32_t i)
{
    tw_str word = word_before(s, i, "");
    if (!word_in(word, "of in"))
        return i;
    uint32_t at_word = (uint32_t)(word.p - s->l);
    tw_str unit = word_before(s, at_word, ""), first = unit;
    uint32_t start = i;
    if (weekday_of(unit) || word_in(unit, "week wk weekend day half part end beginning start middle night morning")) {
        start = (uint32_t)(unit.p - s->l);
        first = word_before(s, start, "");
        if (word_in(unit, "end beginning start middle half part week weekend"))
            i = article_before(s, start);
    }
    uint32_t at_first = (uint32_t)(first.p - s->l);
    bool digits = first.n == 2 && word_in(first, "st nd rd th") && tw_is_digit(before(s, at_first));
    if (digits)
        while (at_first > 0 && tw_is_digit(s->l[at_first - 1]))
            at_first--;
    if (!digits && !word_in(first, "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
                                   "thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth "
                                   "twentieth thirtieth last"))
        return i;
    return article_before(s, at_first);
}

static const char before_month[] =
    "in since of by until till from last next this early late mid through thru during before after around for between "
    "to end beginning start and every each previous following en desde hasta de pasado";

/* A range: "Sept-Nov 2016", "Mar 15-19", "March and April". */
static uint32_t range_end(const text_scan *s, const text_date *d)
{
    uint32_t i = d->end;
    if (at(s, i) != '-' || d->part[d->parts - 1].part != PART_DAY)
        return i;
    uint32_t end = digits_end(s, i + 1);
    int32_t v = number_at(s, i + 1, end);
    tw_str tail = word_at(s, end);
    if (end - i - 1 < 1 || end - i - 1 > 2 || v < 1 || v > 31)
        return i;
    return word_in(tail, "st nd rd th") ? end + 2 : tail.n ? i : end;
}

static void check_month_alone(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    bool capital = ch_upper(s->t[start]), upper = end - start > 1 && ch_upper(s->t[start + 1]);
    bool place = word_in(word_before(s, start, ""), before_month);
    bool doubt = value & MONTH_DOUBT, cut = value & MONTH_SHORT;
    bool sure = !doubt && !cut;
    if (doubt && !cut)
        sure = place && (capital || !word_in(word_before(s, start, ""), "to and for this of"));
    if (cut)
        sure = place && capital && !(upper && doubt && s->cased);
    if (doubt && !cut && !(value & MONTH_VERB) && !s->cased)
        sure = true; /* "june", "april" */
    uint32_t from = days_before(s, start);
    if ((value & MONTH_VERB) && (!capital || !s->cased) && ch_alpha(at(s, blanks_end(s, end))))
        from = start; /* "4-6 may be needed" */
    if (from == start)
        from = phrase_before(s, start);
    if (from == start && sure && tw_str_is(word_before(s, start, ""), "next"))
        from = (uint32_t)(word_before(s, start, "").p - s->l);
    hit_add(s, from, end, HIT_MONTH, sure || from != start);
}

void check_month(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    text_date d;
    if (start < s->number_end)
        return;
    if (!date_read(&d, (tw_str){ s->l, s->n }, start, s->day_first))
        return;
    bool bundle =
        d.form == DATE_DAY_MONTH && (value & MONTH_DOUBT) && d.end - end == 2 && at(s, end) == '-'; /* "SEP-1" */
    if (d.form == DATE_MONTH || bundle || (d.form == DATE_DAY_MONTH && unit_follows(s, d.end))) {
        check_month_alone(s, start, end, value);
        return;
    }
    uint32_t from = weekday_before(s, start);
    if (from == start)
        from = d.day ? start : days_before(s, start);
    if (from == start)
        from = phrase_before(s, start);
    if (before(s, from) == '-' && ch_alpha(before(s, from - 1))) { /* "Sept-Nov 2016" */
        tw_str word = word_before(s, from - 1, "");
        if (word.n >= 3 && month_of(word))
            from = (uint32_t)(word.p - s->l);
    }
    uint32_t stop = range_end(s, &d);
    if (d.form == DATE_FULL)
        stop = TW_MAX(stop, time_end(s, d.end));
    bool lower_may = (value & MONTH_DOUBT) && d.form == DATE_DAY_MONTH && s->cased && !ch_upper(s->t[start]);
    hit_add(s, from, stop,
            d.form == DATE_FULL        ? HIT_DATE
            : d.form == DATE_DAY_MONTH ? HIT_DAY_MONTH
                                       : HIT_MONTH_YEAR,
            !lower_may);
}

/* "the day after", "week before", "eve of" on the left of a feast. */
static uint32_t feast_start(const text_scan *s, uint32_t start)
{
    tw_str word = word_before(s, start, "");
    uint32_t i = (uint32_t)(word.p - s->l);
    if (!word_in(word, "after before of in"))
        return start;
    tw_str unit = word_before(s, i, "");
    if (!weekday_of(unit) && !word_in(unit, "day days week weeks weekend night morning eve sunday"))
        return start;
    i = (uint32_t)(unit.p - s->l);
    word = word_before(s, i, "");
    if (word_in(word, "the first second third last two"))
        i = (uint32_t)(word.p - s->l);
    return i;
}

static uint32_t feast_end(const text_scan *s, uint32_t end)
{
    for (unsigned i = 0; i < 3; i++) {
        uint32_t next = end;
        if (at(s, next) == '\'' && at(s, next + 1) == 's')
            next += 2;
        next = blanks_end(s, next);
        tw_str word = word_at(s, next);
        if (word_in(word,
                    "day eve weekend wknd week sunday monday tuesday wednesday thursday friday saturday night morning "
                    "season"))
            end = next + (uint32_t)word.n;
        else
            break;
    }
    uint32_t next = blanks_end(s, end), stop;
    if (at(s, next) == ',')
        next = blanks_end(s, next + 1);
    if (at(s, next) == '\'' && tw_is_digit(at(s, next + 1)) && (stop = digits_end(s, next + 1)) == next + 3)
        return stop;
    stop = digits_end(s, next);
    if (stop - next == 4 && (s->l[next] == '1' || s->l[next] == '2') && !ch_word(at(s, stop)) && at(s, stop) != ':')
        return stop;
    return end;
}

void check_holiday(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    if (start < s->number_end && end <= s->number_end)
        return;
    bool capital = ch_upper(s->t[start]);
    bool place =
        word_in(word_before(s, start, ""), "on since after before until by over around last next during about at");
    if (value == 1 && !(capital && place))
        return;
    uint32_t next = at(s, end) == '-' ? end + 1 : blanks_end(s, end), from = feast_start(s, start);
    if (word_in(word_at(s, next), "disease tree factor seals lily"))
        return;
    hit_add(s, from == start ? weekday_before(s, start) : from, feast_end(s, end), HIT_HOLIDAY, true);
}

/* "on the fifteenth" */
void check_ordinal_word(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    (void)value;
    tw_str the = word_before(s, start, "");
    uint32_t next = blanks_end(s, end);
    if (start < s->number_end || !tw_str_is(the, "the"))
        return;
    uint32_t from = (uint32_t)(the.p - s->l);
    bool place = word_in(word_before(s, from, ""), "on since by until till before after");
    hit_add(s, from, end, HIT_ORDINAL, place && (next >= s->n || !ch_word(s->l[next])) && at(s, end) != '-');
}

/* "St Brigid's Day", "Madaraka Day" */
void check_day(text_scan *s, uint32_t start, uint32_t end, unsigned value)
{
    (void)value;
    tw_str name = word_before(s, start, "");
    if (name.n == 0 || start < s->number_end)
        return;
    uint32_t from = (uint32_t)(name.p - s->l);
    if (name.n == 1 && name.p[0] == 's' && before(s, from) == '\'') {
        name = word_before(s, from, "'");
        if (name.n == 0)
            return;
        from = (uint32_t)(name.p - s->l);
    }
    tw_str saint = word_before(s, from, ".");
    if (word_in(saint, "st saint san santa")) {
        hit_add(s, feast_start(s, (uint32_t)(saint.p - s->l)), feast_end(s, end), HIT_HOLIDAY, true);
        return;
    }
    bool place = word_in(saint, "on since after before until by around");
    if (place && s->cased && ch_upper(s->t[from]) && ch_upper(s->t[start]) && !tw_is_digit(at(s, blanks_end(s, end))) &&
        !word_in(name, "icu hospital pod post hd treatment same cycle op birth surgery procedure every each new rest "
                       "study dialysis clinic discharge first last next one game market pay field snow sports"))
        hit_add(s, from, end, HIT_HOLIDAY, true);
}
