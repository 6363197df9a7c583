/* How checkers move about in a note. */
#include "pattern_internal.h"

uint32_t digits_end(const text_scan *s, uint32_t i)
{
    while (i < s->n && tw_is_digit(s->l[i]))
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
    i = TW_MIN(character_at(s, i), end); /* what begins inside a character is no word */
    return (tw_str){ s->l + i, end - i };
}

bool word_in(tw_str word, const char *list)
{
    if (word.n == 0)
        return false;
    for (const char *p = list;; p++) {
        if (*p == *word.p) {
            size_t i = 1;
            while (i < word.n && p[i] == word.p[i])
                i++;
            if (i == word.n && (p[i] == ' ' || p[i] == '\0'))
                return true;
        }
        while (*p && *p != ' ')
            p++;
        if (!*p)
            return false;
    }
}

bool word_in_letter(tw_str word, const char *const list[26])
{
    unsigned c = word.n ? (unsigned)(uint8_t)word.p[0] - 'a' : 26;
    return c < 26 && list[c] && word_in(word, list[c]);
}

static const char *const units[26] = {
    ['b' - 'a'] = "bpm beds",
    ['c' - 'a'] = "cc cm cmh cap caps capsule capsules cal calories cgy ci cells copies cfu",
    ['d' - 'a'] = "dl drops day days d degrees deg doses dose",
    ['e' - 'a'] = "episodes",
    ['f' - 'a'] = "ft feet fr french fl",
    ['g' - 'a'] = "g gm gms gtt gtts gy gauge ga",
    ['h' - 'a'] = "hr hrs hour hours hz",
    ['i' - 'a'] = "iu in inch inches",
    ['k' - 'a'] = "kg kcal kg/m kpa khz kv km k",
    ['l' - 'a'] = "lb lbs l",
    ['m' - 'a'] = "mg mcg ml mm m mmhg meq mmol mol min mins minute minutes mo mos month months mhz "
                   "mbq mci ma msec ms mu mv met mets miles mile mosm",
    ['n' - 'a'] = "nmol ng",
    ['o' - 'a'] = "oz",
    ['p' - 'a'] = "puff puffs percent pct pack ppd packs pg plt plts ppm people patients pts",
    ['r' - 'a'] = "rbc",
    ['s' - 'a'] = "sec secs second seconds steps",
    ['t' - 'a'] = "tab tabs tablet tablets times times/day",
    ['u' - 'a'] = "ug umol u units unit",
    ['v' - 'a'] = "visits",
    ['w' - 'a'] = "wk wks week weeks wbc",
    ['x' - 'a'] = "x",
    ['y' - 'a'] = "yr yrs year years y yo yards yds",
};

bool unit_follows(const text_scan *s, uint32_t i)
{
    i = blanks_end(s, i);
    if (at(s, i) == '%' || at(s, i) == '\'' || at(s, i) == '"' || at(s, i) == '^')
        return true;
    if (at(s, i) == '-')
        i++;
    uint32_t end = word_end(s, i);
    return word_in_letter((tw_str){ s->l + i, end - i }, units);
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
