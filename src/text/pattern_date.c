#include "pattern_internal.h"

static const char *const month_names[2][12] = {
    { "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
      "december" },
    { "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
      "diciembre" },
};
static const char *const weekday_names[2][7] = {
    { "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday" },
    { "lunes", "martes", "mi\xc3\xa9rcoles", "jueves", "viernes",
      "s\xc3\xa1"
      "bado",
      "domingo" },
};
static const char *const romans[12] = { "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii" };

/* Which of `count` names begins with the word; at least three bytes of it. 0: none. */
static unsigned name_of(const char *const *name, unsigned count, tw_str word)
{
    for (unsigned i = 0; i < count && word.n >= 3; i++)
        if (name[i][0] == word.p[0] && word.n <= strlen(name[i]) && memcmp(name[i], word.p, word.n) == 0)
            return i + 1;
    return 0;
}

unsigned month_of(tw_str word)
{
    unsigned m;
    if (word_in(word, "setiembre sept"))
        return 9;
    for (unsigned language = 0; language < 2; language++) {
        const char *const *list = month_names[language];
        m = name_of(list, 12, word);
        if (m != 0 && (word.n == 3 || word.n == strlen(list[m - 1])))
            return m;
    }
    return 0;
}

unsigned weekday_of(tw_str word)
{
    if (word_in(word, "weds wednes"))
        return 3;
    if (word_in(word, "tues thurs thur"))
        return word.p[1] == 'u' ? 2 : 4;
    unsigned d = name_of(weekday_names[0], 7, word);
    if (d != 0 && (word.n == 3 || word.n == strlen(weekday_names[0][d - 1])))
        return d;
    d = name_of(weekday_names[1], 7, word);
    return d != 0 && word.n == strlen(weekday_names[1][d - 1]) ? d : 0;
}

/* ---------------------------------------------------------------- reading */

typedef struct {
    tw_str l;
    uint32_t at;
    bool day_first;
    text_date *out;
} reader;

static char peek(const reader *r, uint32_t ahead)
{
    return r->at + ahead < r->l.n ? r->l.p[r->at + ahead] : '\0';
}

static uint32_t run_digits(const reader *r, uint32_t from)
{
    uint32_t i = from;
    while (i < r->l.n && tw_is_digit(r->l.p[i]))
        i++;
    return i;
}

static tw_str run_word(const reader *r, uint32_t from)
{
    uint32_t i = from;
    while (i < r->l.n && ch_alpha(r->l.p[i]))
        i++;
    return (tw_str){ r->l.p + from, i - from };
}

static int32_t value_of(const reader *r, uint32_t start, uint32_t end)
{
    int32_t v = 0;
    for (uint32_t i = start; i < end; i++)
        v = v * 10 + (r->l.p[i] - '0');
    return v;
}

static void part_add(reader *r, date_part part, uint32_t start, uint32_t end)
{
    text_date *d = r->out;
    TW_ASSERT(d->parts < TW_COUNT(d->part));
    d->part[d->parts].part = (uint8_t)part;
    d->part[d->parts].start = start;
    d->part[d->parts].end = end;
    d->parts++;
    d->end = end;
    r->at = end;
}

static void skip_blanks(reader *r)
{
    for (unsigned i = 0; i < 3 && (ch_blank(peek(r, 0)) || peek(r, 0) == '\n'); i++)
        r->at++;
}

/* A year of four digits, or of two where `two` allows; with or without an apostrophe. */
static bool read_year(reader *r, bool two)
{
    uint32_t start = r->at;
    bool apostrophe = peek(r, 0) == '\'';
    uint32_t from = start + apostrophe, end = run_digits(r, from), n = end - from;
    if (n == 4 && !apostrophe) {
        int32_t y = value_of(r, from, end);
        if (y < 1800 || y > 2199)
            return false;
        r->out->year = y;
    } else if (n == 2 && (two || apostrophe)) {
        int32_t y = value_of(r, from, end);
        r->out->year = y + (y <= 35 ? 2000 : 1900);
    } else {
        return false;
    }
    part_add(r, PART_YEAR, from, end);
    return true;
}

/* "3", "03", "3rd"; no digit follows. */
static bool read_day(reader *r)
{
    uint32_t start = r->at, end = run_digits(r, start), n = end - start;
    if (n < 1 || n > 2)
        return false;
    int32_t v = value_of(r, start, end);
    if (v < 1 || v > 31)
        return false;
    r->out->day = (uint8_t)v;
    tw_str word = run_word(r, end);
    if (tw_str_is(word, "st") || tw_str_is(word, "nd") || tw_str_is(word, "rd") || tw_str_is(word, "th") ||
        (word.n == 2 && (uint8_t)word.p[0] == 0xc2 && ((uint8_t)word.p[1] == 0xba || (uint8_t)word.p[1] == 0xaa)))
        end += (uint32_t)word.n;
    part_add(r, PART_DAY, start, end);
    return true;
}

static bool read_month_word(reader *r)
{
    tw_str word = run_word(r, r->at);
    unsigned m = month_of(word);
    if (m == 0)
        return false;
    r->out->month = (uint8_t)m;
    r->out->named = true;
    part_add(r, PART_MONTH, r->at, r->at + (uint32_t)word.n);
    return true;
}

/* Everything read so far is put back when what comes next does not fit. */
typedef struct {
    uint32_t at;
    text_date date;
} saved;

static saved save(const reader *r)
{
    return (saved){ r->at, *r->out };
}

static void restore(reader *r, const saved *s)
{
    r->at = s->at;
    *r->out = s->date;
}

/* Blanks, and marks between the parts of a date in words: "of", "de", ",", ".", "-", "/". */
static void skip_joints(reader *r)
{
    skip_blanks(r);
    while (peek(r, 0) != '\0' && strchr(".,-/", peek(r, 0)))
        r->at++;
    skip_blanks(r);
    tw_str word = run_word(r, r->at);
    if (tw_str_is(word, "of") || tw_str_is(word, "de") || tw_str_is(word, "del")) {
        r->at += (uint32_t)word.n;
        skip_blanks(r);
    }
}

/* What follows is part of a longer number, a time of day or a measure: no year, no day. */
static bool number_goes_on(const reader *r)
{
    char c = peek(r, 0), d = peek(r, 1);
    if (ch_word(c) || c == '%')
        return true;
    return (c == ':' || c == '.' || c == '/') && tw_is_digit(d);
}

/* "2021", "'21", "of 2021", "-21" behind a month in words. */
static bool read_year_behind(reader *r)
{
    saved s = save(r);
    const text_date *d = r->out;
    bool range = d->day && r->l.p[d->part[d->parts - 1].start - 1] != '-'; /* "Mar 15-19" */
    bool close = !range && (peek(r, 0) == '-' || peek(r, 0) == '/' || tw_is_digit(peek(r, 0)));
    bool comma = false;
    skip_joints(r);
    for (uint32_t i = s.at; i < r->at; i++)
        comma = comma || r->l.p[i] == ',';
    if (read_year(r, close || (comma && r->out->day)) && !ch_word(peek(r, 0)) &&
        !(peek(r, 0) == ':' && tw_is_digit(peek(r, 1))) && !(peek(r, 0) == '/' && tw_is_digit(peek(r, 1))))
        return true;
    restore(r, &s);
    return false;
}

/* "March 3rd, 2021", "Mar '21", "March" */
static bool read_month_first(reader *r)
{
    if (!read_month_word(r))
        return false;
    saved month = save(r);
    if (ch_alpha(peek(r, 0)))
        return false;
    if (read_year_behind(r) && !(r->out->end - r->out->part[r->out->parts - 1].start == 2 &&
                                 r->l.p[r->out->part[r->out->parts - 1].start - 1] != '\'')) {
        r->out->form = DATE_MONTH_YEAR;
        return true;
    }
    restore(r, &month);
    skip_joints(r);
    if (tw_str_is(run_word(r, r->at), "the")) {
        r->at += 3;
        skip_blanks(r);
    }
    if (read_day(r) && !number_goes_on(r)) {
        r->out->form = read_year_behind(r) ? DATE_FULL : DATE_DAY_MONTH;
        return true;
    }
    restore(r, &month);
    if (read_year_behind(r)) { /* "Mar-87": no day */
        r->out->form = DATE_MONTH_YEAR;
        return true;
    }
    r->out->form = DATE_MONTH;
    return true;
}

/* "3 Mar 21", "3rd of March, 2021", "10OCT2022", "12.xi.2020" */
static bool read_day_first(reader *r)
{
    if (!read_day(r))
        return false;
    uint32_t day_end = r->at;
    char c = peek(r, 0);
    if (c == '.' || c == '/') {
        tw_str word = run_word(r, r->at + 1);
        for (unsigned m = 0; m < 12; m++)
            if (tw_str_is(word, romans[m]) && c == '.') {
                r->out->month = (uint8_t)(m + 1);
                part_add(r, PART_MONTH, day_end + 1, day_end + 1 + (uint32_t)word.n);
                r->at += peek(r, 0) == '.' && tw_is_digit(peek(r, 1));
                r->out->form = read_year(r, true) ? DATE_FULL : DATE_DAY_MONTH;
                r->out->named = true;
                return !ch_word(peek(r, 0));
            }
    }
    skip_joints(r);
    if (!read_month_word(r))
        return false;
    saved month = save(r);
    if (peek(r, 0) == '.' && peek(r, 1) != '\0' && (ch_blank(peek(r, 1)) || tw_is_digit(peek(r, 1))))
        r->at++;
    uint32_t gap = r->at;
    skip_joints(r);
    bool two = gap == r->at || r->at - gap == 1;
    if (read_year(r, two) && !number_goes_on(r)) {
        r->out->form = DATE_FULL;
        return true;
    }
    restore(r, &month);
    r->out->form = DATE_DAY_MONTH;
    return !tw_is_digit(peek(r, 0));
}

static bool day_fits(const text_date *d)
{
    int64_t y = d->year ? d->year : 2000;
    return d->month >= 1 && d->month <= 12 && d->day >= 1 && tw_civil_valid(y, d->month, d->day);
}

/* 20210304, 202103041512, 20210304151200 */
static bool read_compact(reader *r, uint32_t end)
{
    uint32_t s = r->at, n = end - s;
    if (n != 8 && n != 12 && n != 14)
        return false;
    text_date *d = r->out;
    d->year = value_of(r, s, s + 4);
    d->month = (uint8_t)value_of(r, s + 4, s + 6);
    d->day = (uint8_t)value_of(r, s + 6, s + 8);
    if (d->year < 1880 || d->year > 2099 || !day_fits(d))
        return false;
    if (n > 8 && (value_of(r, s + 8, s + 10) > 23 || value_of(r, s + 10, s + 12) > 59))
        return false;
    part_add(r, PART_YEAR, s, s + 4);
    part_add(r, PART_MONTH, s + 4, s + 6);
    part_add(r, PART_DAY, s + 6, s + 8);
    d->end = end;
    d->compact = true;
    d->form = DATE_FULL;
    r->at = end;
    return true;
}

/* "2021-Mar-04", "2021 March 4" */
static bool read_year_named(reader *r)
{
    if (!read_year(r, false) || r->out->parts != 1)
        return false;
    char c = peek(r, 0);
    if (c != '-' && c != ' ' && c != '/' && c != '.')
        return false;
    r->at++;
    if (!read_month_word(r) || ch_alpha(peek(r, 0)))
        return false;
    saved month = save(r);
    if (peek(r, 0) == c) {
        r->at++;
        if (read_day(r) && !number_goes_on(r) && day_fits(r->out)) {
            r->out->form = DATE_FULL;
            return true;
        }
    }
    restore(r, &month);
    r->out->form = DATE_MONTH_YEAR;
    return c != ' ';
}

typedef struct {
    uint32_t start, end;
    int32_t value;
} number;

/* Year first: 2021-03-04, 2021/3/4, 2021-03. */
static bool numbers_year_first(reader *r, const number *n, unsigned count)
{
    text_date *d = r->out;
    if (n[0].end - n[0].start != 4 || n[0].value < 1800 || n[0].value > 2199 || n[1].end - n[1].start > 2)
        return false;
    d->year = n[0].value;
    d->month = (uint8_t)TW_MIN(n[1].value, 99);
    part_add(r, PART_YEAR, n[0].start, n[0].end);
    part_add(r, PART_MONTH, n[1].start, n[1].end);
    if (count == 2) {
        d->form = DATE_MONTH_YEAR;
        return n[1].end - n[1].start == 2 && d->month >= 1 && d->month <= 12 && r->l.p[n[0].end] != '.';
    }
    d->day = (uint8_t)TW_MIN(n[2].value, 99);
    d->form = DATE_FULL;
    part_add(r, PART_DAY, n[2].start, n[2].end);
    return n[2].end - n[2].start <= 2 && day_fits(d);
}

/* Day and month in either order; which is which is decided by the values, then by `day_first`. */
static bool numbers_day_month(reader *r, const number *n, bool day_first)
{
    text_date *d = r->out;
    if (n[0].value > 31 || n[1].value > 31 || n[0].end - n[0].start > 2 || n[1].end - n[1].start > 2)
        return false;
    bool first = n[0].value > 12 || (n[1].value <= 12 && day_first);
    d->day = (uint8_t)n[first ? 0 : 1].value;
    d->month = (uint8_t)n[first ? 1 : 0].value;
    part_add(r, first ? PART_DAY : PART_MONTH, n[0].start, n[0].end);
    part_add(r, first ? PART_MONTH : PART_DAY, n[1].start, n[1].end);
    return day_fits(d);
}

/* Up to three numbers with the same mark between them; blanks beside a slash are fine. */
static unsigned read_numbers(const reader *r, number n[3], char *mark)
{
    unsigned count = 0;
    uint32_t i = r->at;
    *mark = '\0';
    for (;;) {
        uint32_t from = i + (count == 2 && i < r->l.n && r->l.p[i] == '\''), end = run_digits(r, from);
        if (end == from || end - from > 4)
            break;
        n[count++] = (number){ from, end, value_of(r, from, end) };
        uint32_t m = end;
        while (count < 3 && m < r->l.n && ch_blank(r->l.p[m]) && m < end + 1)
            m++;
        char c = m < r->l.n ? r->l.p[m] : '\0';
        if (count == 3 || c == '\0' || !strchr("/-.", c) || (*mark && c != *mark) || (m > end && c != '/'))
            break;
        *mark = c;
        i = m + 1;
        if (i < r->l.n && ch_blank(r->l.p[i]) && c == '/')
            i++;
    }
    return count;
}

static bool read_numeric(reader *r)
{
    number n[3];
    char mark;
    uint32_t first = run_digits(r, r->at);
    if (first - r->at >= 8)
        return read_compact(r, first);
    unsigned count = read_numbers(r, n, &mark);
    saved s = save(r);
    if (count < 2)
        return false;
    if (numbers_year_first(r, n, count))
        return !(peek(r, 0) == mark && tw_is_digit(peek(r, 1)));
    restore(r, &s);
    if (count == 3 && numbers_day_month(r, n, r->day_first || (mark == '.' && n[1].value <= 12))) {
        r->at = n[2].start;
        r->out->form = DATE_FULL;
        return read_year(r, true) && !(peek(r, 0) == mark && tw_is_digit(peek(r, 1))) && day_fits(r->out);
    }
    restore(r, &s);
    if (count == 2 && n[1].end - n[1].start == 4 && n[0].value >= 1 && n[0].value <= 12 && mark != '.' &&
        n[0].end - n[0].start <= 2) {
        r->out->month = (uint8_t)n[0].value;
        part_add(r, PART_MONTH, n[0].start, n[0].end);
        r->at = n[1].start;
        r->out->form = DATE_MONTH_YEAR;
        return read_year(r, false);
    }
    restore(r, &s);
    if (count != 2 || !numbers_day_month(r, n, r->day_first || mark == '.'))
        return false;
    r->out->form = DATE_DAY_DAY;
    return true;
}

/* "Sat, the 8th of March", "Tuesday 3/4/21" */
static void read_weekday(reader *r)
{
    tw_str word = run_word(r, r->at);
    if (word.n < 3 || weekday_of(word) == 0)
        return;
    part_add(r, PART_WEEKDAY, r->at, r->at + (uint32_t)word.n);
    while (peek(r, 0) == '.' || peek(r, 0) == ',')
        r->at++;
    skip_blanks(r);
    if (tw_str_is(run_word(r, r->at), "the")) {
        r->at += 3;
        skip_blanks(r);
    }
}

bool date_read(text_date *out, tw_str l, uint32_t start, bool day_first)
{
    reader r = { .l = l, .at = start, .day_first = day_first, .out = out };
    *out = (text_date){ .start = start, .end = start };
    if (start >= l.n)
        return false;
    if (ch_alpha(l.p[start]))
        read_weekday(&r);
    saved s = save(&r);
    if (r.at >= l.n)
        return false;
    if (ch_alpha(l.p[r.at]))
        return read_month_first(&r) && (!out->day || day_fits(out));
    if (read_day_first(&r) && (day_fits(out) || (out->named && !out->year))) /* "31-Jun": a slip of the pen */
        return true;
    restore(&r, &s);
    if (read_year_named(&r))
        return true;
    restore(&r, &s);
    return read_numeric(&r);
}

/* ---------------------------------------------------------------- writing */

/* `word` in the capitals of the `n` bytes at `like`. */
static void put_cased(tw_buf *out, tw_str word, const char *like, uint32_t n)
{
    bool first = n > 0 && ch_upper(like[0]), all = first && n > 1 && ch_upper(like[1]);
    for (size_t i = 0; i < word.n; i++) {
        char c = word.p[i];
        tw_buf_u8(out, (uint8_t)(c >= 'a' && c <= 'z' && (all || (first && i == 0)) ? c - 32 : c));
    }
}

/* Another name of the same list, cut off where the old one was. */
static void put_name(tw_buf *out, const char *const *english, const char *const *spanish, unsigned old, unsigned now,
                     tw_str text)
{
    const char *const *list = english;
    size_t n = strlen(english[old - 1]);
    bool same = text.n <= n;
    for (size_t i = 0; same && i < text.n; i++)
        same = (char)(ch_upper(text.p[i]) ? text.p[i] + 32 : text.p[i]) == english[old - 1][i];
    if (!same)
        list = spanish;
    tw_str word = tw_str_of(list[now - 1]);
    if (text.n < strlen(list[old - 1]) && word.n > 3)
        word.n = 3;
    put_cased(out, word, text.p, (uint32_t)text.n);
}

/* A number as wide as the old one, where that began with 0 or had two digits. */
static void put_number(tw_buf *out, unsigned value, uint32_t width)
{
    tw_buf_fmt(out, "%0*u", (int)width, value);
}

/* Numbers of days and months have two digits in this date. */
static bool two_digits(const text_date *d, tw_str t)
{
    bool all = true, zero = false;
    for (unsigned i = 0; i < d->parts; i++) {
        if (d->part[i].part != PART_DAY && d->part[i].part != PART_MONTH)
            continue;
        if (!tw_is_digit(t.p[d->part[i].start]))
            continue;
        all = all && d->part[i].end - d->part[i].start > 1 && tw_is_digit(t.p[d->part[i].start + 1]);
        zero = zero || t.p[d->part[i].start] == '0';
    }
    return zero || (all && !d->named);
}

static void put_day(tw_buf *out, unsigned day, tw_str text, bool padded)
{
    uint32_t digits = 0;
    while (digits < text.n && tw_is_digit(text.p[digits]))
        digits++;
    put_number(out, day, padded ? 2 : 1);
    if (digits == text.n)
        return;
    tw_str tail = TW_STR("th");
    if ((uint8_t)text.p[digits] == 0xc2)
        tail = (tw_str){ text.p + digits, text.n - digits };
    else if (day / 10 != 1 && day % 10 >= 1 && day % 10 <= 3)
        tail = tw_str_of(day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : "rd");
    if (ch_upper(text.p[digits]))
        put_cased(out, tail, "AA", 2);
    else
        tw_buf_str(out, tail);
}

static void put_month(tw_buf *out, const text_date *d, unsigned month, tw_str text, bool padded)
{
    if (tw_is_digit(text.p[0])) {
        put_number(out, month, padded ? 2 : 1);
        return;
    }
    char lower[24];
    size_t n = TW_MIN(text.n, sizeof lower);
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)(ch_upper(text.p[i]) ? text.p[i] + 32 : text.p[i]);
    if (month_of((tw_str){ lower, n }) != 0)
        put_name(out, month_names[0], month_names[1], d->month, month, text);
    else
        put_cased(out, tw_str_of(romans[month - 1]), ch_upper(text.p[0]) ? "AA" : "aa", 2);
}

static void put_year(tw_buf *out, int64_t year, tw_str text)
{
    put_number(out, (unsigned)(text.n == 2 ? year % 100 : year), (uint32_t)text.n);
}

static void put_weekday(tw_buf *out, tw_str text, int32_t days)
{
    char lower[24];
    size_t n = TW_MIN(text.n, sizeof lower);
    for (size_t i = 0; i < n; i++)
        lower[i] = (char)(ch_upper(text.p[i]) ? text.p[i] + 32 : text.p[i]);
    unsigned old = weekday_of((tw_str){ lower, n });
    if (old == 0) {
        tw_buf_str(out, text);
        return;
    }
    int32_t now = ((int32_t)old - 1 + days % 7 + 7) % 7;
    put_name(out, weekday_names[0], weekday_names[1], old, (unsigned)now + 1, text);
}

bool date_write(tw_buf *out, const text_date *d, tw_str t, int32_t days)
{
    int64_t y = d->year ? d->year : 2001;
    unsigned m = d->month, day = d->day ? d->day : 15;
    if (m < 1 || m > 12 || day > 31 || !tw_civil_valid(d->year ? y : 2000, m, day))
        return false;
    tw_civil_from_days(tw_days_from_civil(y, m, day) + days, &y, &m, &day);
    if (y < 1 || y > 9999)
        return false;
    uint32_t from = d->start;
    bool padded = two_digits(d, t);
    for (unsigned i = 0; i < d->parts; i++) {
        uint32_t start = d->part[i].start, end = d->part[i].end;
        tw_str text = { t.p + start, end - start };
        tw_buf_add(out, t.p + from, start - from);
        switch ((date_part)d->part[i].part) {
        case PART_YEAR:
            put_year(out, y, text);
            break;
        case PART_MONTH:
            put_month(out, d, m, text, padded);
            break;
        case PART_DAY:
            put_day(out, day, text, padded);
            break;
        case PART_WEEKDAY:
            put_weekday(out, text, days);
            break;
        }
        from = end;
    }
    tw_buf_add(out, t.p + from, d->end - from);
    return true;
}
