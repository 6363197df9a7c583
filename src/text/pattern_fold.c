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
    return word_in_letter(folded, list);
}

bool word_particle(tw_str folded)
{
    static const char *const list[26] = {
        ['a' - 'a'] = "al abu af av and",
        ['b' - 'a'] = "bin",
        ['d' - 'a'] = "der den de del della di da dos das d",
        ['e' - 'a'] = "el e",
        ['i' - 'a'] = "ibn",
        ['l' - 'a'] = "la le l",
        ['m' - 'a'] = "mac mc",
        ['o' - 'a'] = "of o",
        ['s' - 'a'] = "st san",
        ['t' - 'a'] = "ter ten the",
        ['v' - 'a'] = "van von",
        ['y' - 'a'] = "y",
        ['z' - 'a'] = "zu zur",
    };
    return word_in_letter(folded, list);
}

bool word_title(tw_str folded)
{
    static const char *const list[26] = {
        ['a' - 'a'] = "aprn",
        ['b' - 'a'] = "bsn",
        ['c' - 'a'] = "cna crna",
        ['d' - 'a'] = "dr drs dame dra don dona do dds dmd dpm doctor",
        ['e' - 'a'] = "esq",
        ['f' - 'a'] = "fr fnp facs facp frcs",
        ['i' - 'a'] = "ii iii iv",
        ['j' - 'a'] = "jr",
        ['l' - 'a'] = "lpn",
        ['m' - 'a'] = "mr mrs ms miss mx md msn mph mba mbbs mrcp",
        ['n' - 'a'] = "np nurse",
        ['o' - 'a'] = "ot",
        ['p' - 'a'] = "prof professor pa phd pharmd pt",
        ['r' - 'a'] = "rev rn",
        ['s' - 'a'] = "sir sr sra",
    };
    return word_in_letter(folded, list);
}

/* Each line: forms of one name, and the letters that these begin with. From common knowledge. */
#define L(c) (1u << ((c) - 'a'))
static const struct {
    uint32_t first;
    const char *forms;
} nicknames[] = {
    { L('a') | L('g'), "abigail abby gail" },
    { L('a') | L('b'), "albert al bert bertie" },
    { L('a') | L('s') | L('x'), "alexander alex al sandy sasha xander" },
    { L('a') | L('l') | L('s'), "alexandra alex sandra sandy lexi" },
    { L('a') | L('f'), "alfred al fred alfie" },
    { L('a'), "alice ally" },
    { L('a') | L('m'), "amanda mandy" },
    { L('a') | L('d'), "andrew andy drew" },
    { L('a'), "angela angie" },
    { L('a') | L('n'), "anne ann anna annie nan nancy" },
    { L('a') | L('t'), "anthony tony" },
    { L('a') | L('t'), "antonia toni" },
    { L('a'), "arthur art artie" },
    { L('b'), "barbara barb babs barbie" },
    { L('b') | L('t'), "beatrice bea trixie" },
    { L('b'), "benjamin ben benny benji" },
    { L('b'), "bernard bernie" },
    { L('b'), "bradley brad" },
    { L('b'), "bridget biddy bridie" },
    { L('c'), "calvin cal" },
    { L('c') | L('k'), "catherine katherine kathryn cathy kathy kate katie kat kay kitty" },
    { L('c'), "charles charlie chuck chas" },
    { L('c') | L('l'), "charlotte lottie charlie" },
    { L('c') | L('t'), "christine christina chris chrissy tina" },
    { L('c') | L('k') | L('t'), "christopher chris kit topher" },
    { L('c'), "clifford cliff" },
    { L('c'), "cynthia cindy" },
    { L('d'), "daniel dan danny" },
    { L('d'), "david dave davey" },
    { L('d'), "deborah deb debbie debra" },
    { L('d'), "dennis denny" },
    { L('d'), "donald don donnie" },
    { L('d'), "dorothy dot dottie dolly" },
    { L('d'), "douglas doug" },
    { L('e') | L('n') | L('t'), "edward ed eddie ted ned" },
    { L('e') | L('n'), "eleanor ellie nell nora" },
    { L('b') | L('e') | L('l'), "elizabeth liz lizzie beth betty betsy eliza libby bess lisa" },
    { L('e'), "emily em emmy" },
    { L('e') | L('g'), "eugene gene" },
    { L('e'), "evelyn evie" },
    { L('f'), "florence flo" },
    { L('f'), "frances fran francie frankie" },
    { L('f'), "francis frank" },
    { L('f') | L('p'), "francisco paco pancho" },
    { L('f'), "franklin frank" },
    { L('f'), "frederick fred freddie" },
    { L('g'), "gabriel gabe" },
    { L('g') | L('j'), "geoffrey jeffrey geoff jeff" },
    { L('g'), "george georgie" },
    { L('g') | L('j'), "gerald jerry gerry" },
    { L('g') | L('t'), "gertrude gertie trudy" },
    { L('g'), "gregory greg" },
    { L('h'), "harold hal harry" },
    { L('h'), "henry hank harry" },
    { L('b') | L('i'), "isabel isabella bella izzy" },
    { L('j'), "jacob jake" },
    { L('j'), "jacqueline jackie" },
    { L('j'), "james jim jimmy jamie" },
    { L('j'), "janet jan" },
    { L('j'), "jason jay" },
    { L('j'), "jennifer jen jenny" },
    { L('j'), "jeremy jerry" },
    { L('j'), "jessica jess jessie" },
    { L('j'), "joan joanie" },
    { L('j'), "john jack johnny" },
    { L('j'), "jonathan jon jonny" },
    { L('j'), "joseph joe joey" },
    { L('j'), "josephine josie jo" },
    { L('j') | L('p'), "jose pepe" },
    { L('j'), "joshua josh" },
    { L('j'), "judith judy" },
    { L('j'), "julia julie" },
    { L('k'), "kenneth ken kenny" },
    { L('k'), "kimberly kim" },
    { L('l'), "lawrence larry lars" },
    { L('l'), "leonard len lenny leo" },
    { L('l'), "leslie les" },
    { L('l'), "lillian lily lil" },
    { L('l'), "louis lou louie" },
    { L('l'), "lucille lucy" },
    { L('l'), "luis lucho" },
    { L('g') | L('m') | L('p') | L('r'), "margaret maggie meg peg peggy marge margie rita greta" },
    { L('m') | L('p'), "martha marty patty" },
    { L('m'), "martin marty" },
    { L('m') | L('p'), "mary molly polly mamie maria" },
    { L('m'), "matthew matt" },
    { L('m'), "maureen mo" },
    { L('m'), "melissa missy mel" },
    { L('m'), "michael mike mick mickey mikey" },
    { L('m') | L('s'), "michelle shelly" },
    { L('m'), "mildred millie" },
    { L('n'), "nancy nan" },
    { L('n'), "nathaniel nathan nate nat" },
    { L('n'), "nicholas nick nicky" },
    { L('n'), "nicole nikki" },
    { L('o'), "oliver ollie" },
    { L('p'), "pamela pam" },
    { L('p') | L('t'), "patricia pat patty trish tricia" },
    { L('p'), "patrick pat paddy" },
    { L('p'), "peter pete" },
    { L('p'), "philip phillip phil" },
    { L('p'), "phyllis phyl" },
    { L('c') | L('p'), "priscilla cilla" },
    { L('r'), "rachel rae" },
    { L('r'), "raymond ray" },
    { L('b') | L('r'), "rebecca becky becca" },
    { L('r'), "reginald reg reggie" },
    { L('d') | L('r'), "richard rick ricky dick rich richie" },
    { L('b') | L('r'), "robert bob bobby rob robbie bert" },
    { L('b') | L('r'), "roberta bobbie" },
    { L('r'), "ronald ron ronnie" },
    { L('r'), "rosemary rose rosie" },
    { L('r'), "russell russ" },
    { L('s'), "samantha sam" },
    { L('s'), "samuel sam sammy" },
    { L('s'), "sandra sandy" },
    { L('s'), "sarah sara sally sadie" },
    { L('s'), "stanley stan" },
    { L('s'), "stephen steven steve stevie" },
    { L('s'), "stephanie steph" },
    { L('s'), "susan sue susie suzie" },
    { L('s'), "susanna sue susie" },
    { L('s'), "sylvia syl" },
    { L('t'), "terence terrence terry" },
    { L('t'), "teresa theresa terry tess tessa" },
    { L('t'), "theodore ted teddy theo" },
    { L('t'), "thomas tom tommy" },
    { L('t'), "timothy tim timmy" },
    { L('v'), "valerie val" },
    { L('r') | L('v'), "veronica ronnie vera" },
    { L('v'), "victor vic" },
    { L('t') | L('v'), "victoria vicky tori" },
    { L('v'), "vincent vin vinny vince" },
    { L('g') | L('v'), "virginia ginny ginger" },
    { L('w'), "walter walt wally" },
    { L('w'), "wilfred wilf" },
    { L('m') | L('w'), "wilhelmina mina minnie" },
    { L('b') | L('l') | L('w'), "william bill billy will willie liam" },
    { L('w'), "winifred winnie" },
    { L('v') | L('y'), "yvonne vonnie" },
    { L('z'), "zachary zach zack" },
};
#undef L

void nicknames_of(tw_str folded, void (*each)(void *arg, tw_str name), void *arg)
{
    if (folded.n < 2 || folded.p[0] < 'a' || folded.p[0] > 'z')
        return;
    for (size_t i = 0; i < TW_COUNT(nicknames); i++) {
        if (!(nicknames[i].first >> (folded.p[0] - 'a') & 1) || !word_in(folded, nicknames[i].forms))
            continue;
        tw_str first = tw_str_of(nicknames[i].forms), rest = first, one;
        bool full = tw_str_starts(first, "") && first.n > folded.n && memcmp(first.p, folded.p, folded.n) == 0 &&
                    first.p[folded.n] == ' ';
        while (tw_str_split(&one, &rest, ' '))
            if (!tw_str_eq(one, folded) && (full || one.p == first.p))
                each(arg, one);
    }
}
