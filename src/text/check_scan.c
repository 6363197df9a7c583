/* How checkers move about in a note. */
#include "pattern_internal.h"

uint32_t digits_end(const text_scan *s, uint32_t i)
{
    while (i < s->n && ch_digit(s->l[i]))
        i++;
    return i;
}

uint32_t word_end(const text_scan *s, uint32_t i)
{
    while (i < s->n && ch_alpha(s->l[i]))
        i++;
    return i;
}

uint32_t blanks_end(const text_scan *s, uint32_t i)
{
    while (i < s->n && ch_blank(s->l[i]))
        i++;
    return i;
}

int32_t number_at(const text_scan *s, uint32_t start, uint32_t end)
{
    int32_t v = 0;
    if (end - start > 9)
        return -1;
    for (uint32_t i = start; i < end; i++)
        v = v * 10 + (s->l[i] - '0');
    return v;
}

uint32_t character_at(const text_scan *s, uint32_t i)
{
    while (i < s->n && ((uint8_t)s->t[i] & 0xc0) == 0x80)
        i++;
    return i;
}

tw_str word_before(const text_scan *s, uint32_t i, const char *skip)
{
    while (i > 0 && (ch_blank(s->l[i - 1]) || (s->l[i - 1] != '\0' && strchr(skip, s->l[i - 1]))))
        i--;
    uint32_t end = i;
    while (i > 0 && end - i < REACH &&
           (ch_alpha(s->l[i - 1]) || (s->l[i - 1] == '/' && i > 1 && ch_alpha(s->l[i - 2]) && i < end)))
        i--;
    i = character_at(s, i);
    return (tw_str){ s->l + i, end - i };
}

bool word_in(tw_str word, const char *list)
{
    if (word.n == 0)
        return false;
    for (const char *p = list; *p;) {
        size_t i = 0;
        while (i < word.n && p[i] == word.p[i])
            i++;
        if (i == word.n && (p[i] == ' ' || p[i] == '\0'))
            return true;
        p += i;
        while (*p && *p != ' ')
            p++;
        p += *p == ' ';
    }
    return false;
}

static const char units[] =
    "mg mcg ug g kg gm gms lb lbs oz ml l dl cc cm mm m mmhg cmh meq mmol umol nmol mol iu u units unit tab tabs "
    "tablet "
    "tablets cap caps capsule capsules puff puffs drops gtt gtts hr hrs hour hours min mins minute minutes sec secs "
    "second seconds day days d wk wks week weeks mo mos month months yr yrs year years y yo percent pct degrees deg "
    "bpm kcal cal calories kg/m ft feet in inch inches pack ppd packs x times doses dose kpa hz khz mhz gy cgy mbq "
    "mci ci ma kv msec ms fr french gauge ga mu mv met mets steps miles mile km yards yds beds mosm ng pg fl k "
    "cells wbc rbc plt plts copies cfu ppm people patients pts visits episodes times/day";

bool unit_follows(const text_scan *s, uint32_t i)
{
    i = blanks_end(s, i);
    if (at(s, i) == '%' || at(s, i) == '\'' || at(s, i) == '"' || at(s, i) == '^')
        return true;
    if (at(s, i) == '-')
        i++;
    uint32_t end = word_end(s, i);
    return end > i && word_in((tw_str){ s->l + i, end - i }, units);
}

void hit_add(text_scan *s, uint32_t start, uint32_t end, text_hit hit, bool sure)
{
    static const uint8_t kinds[HIT_KINDS] = {
        [HIT_DATE] = TW_TEXT_DATE,     [HIT_DAY_MONTH] = TW_TEXT_DATE, [HIT_MONTH_YEAR] = TW_TEXT_DATE,
        [HIT_MONTH] = TW_TEXT_DATE,    [HIT_HOLIDAY] = TW_TEXT_DATE,   [HIT_ORDINAL] = TW_TEXT_DATE,
        [HIT_RATIO] = TW_TEXT_DATE,    [HIT_PHONE] = TW_TEXT_CONTACT,  [HIT_EXTENSION] = TW_TEXT_CONTACT,
        [HIT_EMAIL] = TW_TEXT_CONTACT, [HIT_URL] = TW_TEXT_CONTACT,    [HIT_IP] = TW_TEXT_CONTACT,
        [HIT_ID_KEYED] = TW_TEXT_ID,   [HIT_ID_CODE] = TW_TEXT_ID,     [HIT_ID_DIGITS] = TW_TEXT_ID,
        [HIT_ID_CHECKED] = TW_TEXT_ID, [HIT_LOGIN] = TW_TEXT_ID,       [HIT_STREET] = TW_TEXT_ADDRESS,
        [HIT_UNIT] = TW_TEXT_ADDRESS,  [HIT_ZIP] = TW_TEXT_ADDRESS,    [HIT_CITY] = TW_TEXT_ADDRESS,
        [HIT_AGE] = TW_TEXT_AGE,       [HIT_ORG] = TW_TEXT_ORG,
    };
    if (start >= end)
        return;
    mark_add(s->cx, s->marks,
             (text_mark){ .start = start,
                          .end = end,
                          .kind = kinds[hit],
                          .finder = TW_TEXT_PATTERNS,
                          .pattern = (uint8_t)hit,
                          .sure = sure });
    if (sure && kinds[hit] == TW_TEXT_DATE && end > s->date_end)
        s->date_end = end;
    if (sure && end > s->number_end && hit != HIT_ORG)
        s->number_end = end;
}
