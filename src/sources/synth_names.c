/* Words. Given and family names: the frequent ones of the US Census Bureau's lists of 1990 (public domain), with names
 * from elsewhere and names that are words, ranks or need care with case, blanks, apostrophes, hyphens and accents. */
#include "sources/synth_internal.h"

const char *const tw_synth_men[] = {
    "James",   "John",     "Robert", "Michael", "William",  "David",    "Richard", "Charles", "Joseph",      "Thomas",
    "Daniel",  "Paul",     "Mark",   "Donald",  "George",   "Kenneth",  "Steven",  "Edward",  "Brian",       "Ronald",
    "Anthony", "Kevin",    "Jason",  "Jeffrey", "Frank",    "Scott",    "Eric",    "Stephen", "Andrew",      "Raymond",
    "Gregory", "Joshua",   "Jerry",  "Dennis",  "Walter",   "Patrick",  "Peter",   "Harold",  "Douglas",     "Henry",
    "Carl",    "Arthur",   "Ryan",   "Roger",   "Juan",     "Jack",     "Albert",  "Justin",  "Terry",       "Gerald",
    "Keith",   "Samuel",   "Willie", "Ralph",   "Lawrence", "Nicholas", "Roy",     "Bruce",   "Adam",        "Harry",
    "Will",    "Mohammed", "José",   "Søren",   "Jürgen",   "Wei",      "Kwame",   "Olu",     "Jean-Pierre", "DeShawn",
};
const size_t tw_synth_men_count = TW_COUNT(tw_synth_men);

const char *const tw_synth_women[] = {
    "Mary",     "Patricia", "Linda",    "Barbara", "Elizabeth", "Jennifer", "Maria",     "Susan",
    "Margaret", "Dorothy",  "Lisa",     "Nancy",   "Karen",     "Betty",    "Helen",     "Sandra",
    "Donna",    "Carol",    "Ruth",     "Sharon",  "Michelle",  "Laura",    "Sarah",     "Kimberly",
    "Jessica",  "Shirley",  "Cynthia",  "Angela",  "Melissa",   "Brenda",   "Amy",       "Anna",
    "Rebecca",  "Virginia", "Kathleen", "Pamela",  "Martha",    "Amanda",   "Stephanie", "Carolyn",
    "Zoë",      "Renée",    "Siobhán",  "Fatima",  "Ngozi",     "Yuki",     "Mary Ann",  "Oksana",
};
const size_t tw_synth_women_count = TW_COUNT(tw_synth_women);

const char *const tw_synth_families[] = {
    "Smith",    "Johnson",   "Williams", "Jones",     "Kaplan",       "Davis",       "Miller",    "Wilson",
    "Moore",    "Taylor",    "Anderson", "Thomas",    "Jackson",      "Whitaker",    "Harris",    "Martin",
    "Thompson", "Garcia",    "Martinez", "Robinson",  "Clark",        "Rodriguez",   "Lewis",     "Walker",
    "Halloran", "Allen",     "Yancey",   "Hernandez", "Kinsella",     "Wright",      "Lopez",     "Hilliard",
    "Scott",    "Greenough", "Adams",    "Baker",     "Gonzalez",     "Nelson",      "Carter",    "Mitchell",
    "Perez",    "Roberts",   "Turner",   "Phillips",  "Campbell",     "Parker",      "Evans",     "Edwards",
    "Collins",  "Stewart",   "Sanchez",  "Morris",    "Rogers",       "Murphy",      "Cooke",     "Morgan",
    "Bellamy",  "Bailey",    "Rivera",   "Cooper",    "Howard",       "Wardwell",    "Torres",    "Peterson",
    "Grayson",  "Ramirez",   "Watson",   "Brooks",    "Kelly",        "Sanders",     "Pryce",     "Bennett",
    "Woodbury", "Barnes",    "Ross",     "Henderson", "Coleman",      "Jenkins",     "Perry",     "Powell",
    "Longley",  "Patterson", "Hughes",   "Flores",    "Washington",   "Butler",      "Simmons",   "Foster",
    "Gonzales", "Bryant",    "May",      "Daye",      "Majors",       "Christmas",   "Englund",   "Pope",
    "Doktor",   "Mann",      "Nurmi",    "Richter",   "van der Berg", "de la Cruz",  "von Trapp", "O'Neill",
    "O'Brien",  "D'Souza",   "McDonald", "MacLeod",   "St. John",     "Smith-Jones", "Nguyen",    "Kowalczyk",
    "Müller",   "Ångström",  "Núñez",    "Çelik",     "Nowak",        "Okafor",      "Singh",     "Liu",
};
const size_t tw_synth_families_count = TW_COUNT(tw_synth_families);

const char *const tw_synth_streets[] = {
    "Kirkstall Road",  "Tremlett Street",   "Old Quarry Lane",    "Pennacook Street", "Larkspur Terrace",
    "Gillette Avenue", "Whortleberry Hill", "Corbin Park",        "Wachusett Drive",  "Mulberry Court",
    "Sycamore Row",    "Thornapple Way",    "Zuckerman Place",    "Hollyhock Lane",   "Nonantum Street",
    "Quimby Street",   "Rosalind Circle",   "Turnpike Extension",
};
const size_t tw_synth_streets_count = TW_COUNT(tw_synth_streets);

/* 036 and 059: areas of fewer than 20,000 people, 45 CFR 164.514(b)(2)(i)(B)(2), census of 2000. */
const tw_synth_town tw_synth_towns[] = {
    { "Northampton", "MA", "01060" }, { "Worcester", "MA", "01608" },  { "Framingham", "MA", "01702" },
    { "Gloucester", "MA", "01930" },  { "Somerville", "MA", "02143" }, { "Provincetown", "MA", "02657" },
    { "Pawtucket", "RI", "02860" },   { "Nashua", "NH", "03060" },     { "Alstead", "NH", "03602" },
    { "Portsmouth", "NH", "03801" },  { "Kennebunk", "ME", "04043" },  { "Skowhegan", "ME", "04976" },
    { "Brattleboro", "VT", "05301" }, { "Canaan", "VT", "05903" },     { "Wethersfield", "CT", "06109" },
    { "Hoboken", "NJ", "07030" },
};
const size_t tw_synth_towns_count = TW_COUNT(tw_synth_towns);

const char *const tw_synth_house_names[TW_SYNTH_HOSPITALS_MAX] = {
    "Alderbrook", "Birchmount",  "Whitlock",      "Hawthorne Vale", "Juniper Hill",
    "Larchmere",  "Maplethorpe", "Rowan Heights", "Sorrel Point",
};

static const struct {
    const char *from;
    char to;
} accents[] = {
    { "ë", 'E' }, { "é", 'E' }, { "á", 'A' }, { "ø", 'O' }, { "ü", 'U' },
    { "ñ", 'N' }, { "ú", 'U' }, { "ö", 'O' }, { "Å", 'A' }, { "Ç", 'C' },
};

static char fold(tw_str *at)
{
    for (size_t i = 0; i < TW_COUNT(accents); i++)
        if (tw_str_starts(*at, accents[i].from)) {
            *at = (tw_str){ at->p + 2, at->n - 2 };
            return accents[i].to;
        }
    char c = at->p[0];
    *at = (tw_str){ at->p + 1, at->n - 1 };
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

tw_str tw_synth_plain(tw_arena *a, tw_str name)
{
    char *p = tw_arena_get(a, name.n + 1);
    size_t n = 0;
    while (name.n > 0) {
        char c = fold(&name);
        TW_ASSERT((unsigned char)c < 0x80); /* every accent of the lists is in the table */
        if (c != '\'' && c != '.')
            p[n++] = c;
    }
    return (tw_str){ p, n };
}
