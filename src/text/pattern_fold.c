/* Words of names: folded, near each other, plain words, particles, nicknames. */
#include "pattern_internal.h"

size_t word_fold(char out[FOLD_MAX], tw_str lower)
{
    static const char latin1[] = "saaaaaaaceeeeiiiidnooooooouuuuyty"; /* U+00DF to U+00FF */
    static const char latin_a[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooo"
                                  "rrrrrrssssssssttttttuuuuuuuuuuuu"
                                  "wwyyyzzzzzzs"; /* U+0100 to U+017F */
    size_t n = 0;
    for (size_t i = 0; i < lower.n && n < FOLD_MAX; i++) {
        uint8_t b = (uint8_t)lower.p[i], next = i + 1 < lower.n ? (uint8_t)lower.p[i + 1] : 0;
        if (b >= 'A' && b <= 'Z') {
            out[n++] = (char)(b | 32);
        } else if (b == 0xc3 && next >= 0x80 && next <= 0xbf) {
            unsigned c = 0xc0 + (next & 0x3fu);
            out[n++] = latin1[(c < 0xdf ? c + 0x20 : c) - 0xdf];
            i++;
        } else if ((b == 0xc4 || b == 0xc5) && next >= 0x80 && next <= 0xbf) {
            out[n++] = latin_a[(b - 0xc4u) * 64 + (next & 0x3fu)];
            i++;
        } else {
            out[n++] = (char)b;
        }
    }
    return n;
}

uint64_t word_hash(tw_str lower)
{
    char folded[FOLD_MAX];
    size_t n = word_fold(folded, lower);
    uint64_t h = TEXT_HASH_SEED;
    for (size_t i = 0; i < n; i++)
        h = text_hash_more(h, (uint8_t)folded[i]);
    return text_hash_end(h);
}

bool word_near(tw_str a, tw_str b)
{
    if (a.n > b.n) {
        tw_str c = a;
        a = b;
        b = c;
    }
    if (b.n - a.n > 1)
        return false;
    size_t head = 0, tail = 0;
    while (head < a.n && a.p[head] == b.p[head])
        head++;
    while (tail < a.n - head && a.p[a.n - 1 - tail] == b.p[b.n - 1 - tail])
        tail++;
    size_t left_a = a.n - head - tail, left_b = b.n - head - tail;
    if (left_a <= 1 && left_b <= 1)
        return true;
    return left_a == 2 && left_b == 2 && a.p[head] == b.p[head + 1] && a.p[head + 1] == b.p[head];
}

static bool in_list(tw_str word, const char *const list[26])
{
    return word.n > 0 && word.p[0] >= 'a' && word.p[0] <= 'z' && word_in(word, list[word.p[0] - 'a']);
}

bool word_common(tw_str folded)
{
    static const char *const list[26] = {
        "art august april angel able ash amber",
        "bill bell black brown bush best banks berry baker bird brook bay ball bond "
        "brooks burns bowels boil bath bend bottom beach branch blue",
        "cook carter case cross cole church christian chase "
        "clay cash curry coffin cane can crisp crook cobb",
        "day dale dean drew dick dawn doctor down drake daily dear",
        "early eve ever",
        "faith frank fox fields fish france flowers fair field foot ford french",
        "grace green gray grant gay glass gold good goods gene guy grey graves gore",
        "hope hall hill holiday house hunt hand "
        "hands head heart holder hardy harm hay hurt hogg",
        "iris ivy ing",
        "joy june jack jay",
        "king knight keen kidd key",
        "long love low lane lee light little lake line lamb land lung liver lord",
        "may mark miller moon moody mason major "
        "max mills mole more many man marsh might march mild mobile",
        "noble new north nail nurse neck needle nose",
        "olive old oliver offer",
        "page pat pace park parks pain price poor pope powers patience penny payne peck plank pain "
        "pearl pen potter pool",
        "queen quick",
        "rose ray rice rich rush rust ruby robin reading read river roach red rest",
        "sharp small short stone street sterling summer sage said see savage self sick skinner son song south steel "
        "strange "
        "strong swallow stern still sun sky",
        "tan tall temple towns tab tie tell todd town turner",
        "unger",
        "van vital vice",
        "will white wise wood woods young west weeks wells ward walker waters watts way winter "
        "wilder wolf wash weak wait was",
        "x",
        "young yates york",
        "zoom",
    };
    return in_list(folded, list);
}

bool word_particle(tw_str folded)
{
    return word_in(folded,
                   "van von der den de del della di da dos das la le el al bin ibn abu ter ten y e zu zur af av st san "
                   "the of and mac mc o d l");
}

bool word_title(tw_str folded)
{
    return word_in(folded,
                   "mr mrs ms miss mx dr drs prof professor sir dame rev fr sr sra dra don dona md do rn np pa lpn phd "
                   "dds dmd dpm pharmd pt ot cna bsn msn aprn fnp crna facs facp mph mba jr ii iii iv esq mbbs frcs "
                   "mrcp nurse doctor");
}

/* Each line: forms of one name. From common knowledge. */
static const char *const nicknames[] = {
    "abigail abby gail",
    "albert al bert bertie",
    "alexander alex al sandy sasha xander",
    "alexandra alex sandra sandy lexi",
    "alfred al fred alfie",
    "alice ally",
    "amanda mandy",
    "andrew andy drew",
    "angela angie",
    "anne ann anna annie nan nancy",
    "anthony tony",
    "antonia toni",
    "arthur art artie",
    "barbara barb babs barbie",
    "beatrice bea trixie",
    "benjamin ben benny benji",
    "bernard bernie",
    "bradley brad",
    "bridget biddy bridie",
    "calvin cal",
    "catherine katherine kathryn cathy kathy kate katie kat kay kitty",
    "charles charlie chuck chas",
    "charlotte lottie charlie",
    "christine christina chris chrissy tina",
    "christopher chris kit topher",
    "clifford cliff",
    "cynthia cindy",
    "daniel dan danny",
    "david dave davey",
    "deborah deb debbie debra",
    "dennis denny",
    "donald don donnie",
    "dorothy dot dottie dolly",
    "douglas doug",
    "edward ed eddie ted ned",
    "eleanor ellie nell nora",
    "elizabeth liz lizzie beth betty betsy eliza libby bess lisa",
    "emily em emmy",
    "eugene gene",
    "evelyn evie",
    "florence flo",
    "frances fran francie frankie",
    "francis frank",
    "francisco paco pancho",
    "franklin frank",
    "frederick fred freddie",
    "gabriel gabe",
    "geoffrey jeffrey geoff jeff",
    "george georgie",
    "gerald jerry gerry",
    "gertrude gertie trudy",
    "gregory greg",
    "harold hal harry",
    "henry hank harry",
    "isabel isabella bella izzy",
    "jacob jake",
    "jacqueline jackie",
    "james jim jimmy jamie",
    "janet jan",
    "jason jay",
    "jennifer jen jenny",
    "jeremy jerry",
    "jessica jess jessie",
    "joan joanie",
    "john jack johnny",
    "jonathan jon jonny",
    "joseph joe joey",
    "josephine josie jo",
    "jose pepe",
    "joshua josh",
    "judith judy",
    "julia julie",
    "kenneth ken kenny",
    "kimberly kim",
    "lawrence larry lars",
    "leonard len lenny leo",
    "leslie les",
    "lillian lily lil",
    "louis lou louie",
    "lucille lucy",
    "luis lucho",
    "margaret maggie meg peg peggy marge margie rita greta",
    "martha marty patty",
    "martin marty",
    "mary molly polly mamie maria",
    "matthew matt",
    "maureen mo",
    "melissa missy mel",
    "michael mike mick mickey mikey",
    "michelle shelly",
    "mildred millie",
    "nancy nan",
    "nathaniel nathan nate nat",
    "nicholas nick nicky",
    "nicole nikki",
    "oliver ollie",
    "pamela pam",
    "patricia pat patty trish tricia",
    "patrick pat paddy",
    "peter pete",
    "philip phillip phil",
    "phyllis phyl",
    "priscilla cilla",
    "rachel rae",
    "raymond ray",
    "rebecca becky becca",
    "reginald reg reggie",
    "richard rick ricky dick rich richie",
    "robert bob bobby rob robbie bert",
    "roberta bobbie",
    "ronald ron ronnie",
    "rosemary rose rosie",
    "russell russ",
    "samantha sam",
    "samuel sam sammy",
    "sandra sandy",
    "sarah sara sally sadie",
    "stanley stan",
    "stephen steven steve stevie",
    "stephanie steph",
    "susan sue susie suzie",
    "susanna sue susie",
    "sylvia syl",
    "terence terrence terry",
    "teresa theresa terry tess tessa",
    "theodore ted teddy theo",
    "thomas tom tommy",
    "timothy tim timmy",
    "valerie val",
    "veronica ronnie vera",
    "victor vic",
    "victoria vicky tori",
    "vincent vin vinny vince",
    "virginia ginny ginger",
    "walter walt wally",
    "wilfred wilf",
    "wilhelmina mina minnie",
    "william bill billy will willie liam",
    "winifred winnie",
    "yvonne vonnie",
    "zachary zach zack",
};

void nicknames_of(tw_str folded, void (*each)(void *arg, tw_str name), void *arg)
{
    for (size_t i = 0; i < TW_COUNT(nicknames); i++) {
        tw_str rest = tw_str_of(nicknames[i]), one;
        if (!word_in(folded, nicknames[i]))
            continue;
        tw_str first = tw_str_of(nicknames[i]);
        bool full = tw_str_starts(first, "") && first.n > folded.n && memcmp(first.p, folded.p, folded.n) == 0 &&
                    first.p[folded.n] == ' ';
        while (tw_str_split(&one, &rest, ' '))
            if (!tw_str_eq(one, folded) && (full || one.p == first.p))
                each(arg, one);
    }
}
