/** What the finders share: a note made ready, its tokens, and marks.
 *
 *  All finders work on `norm`: UTF-8 of the note in which every character that only looks different is the plain one
 *  (no-break and thin blanks, curly quotes, dashes, full-width digits; letters are composed), so that patterns need one
 *  form. `map` leads back: byte i of norm begins at byte map[i] of the note. Marks are in bytes of norm. */
#ifndef TW_TEXT_INTERNAL_H
#define TW_TEXT_INTERNAL_H

#include "text/text.h"

#include <hs/hs.h>

/* ---------------------------------------------------------------- a note made ready (token.c) */

typedef struct {
    tw_str raw;
    tw_str norm;
    const uint32_t *map; /* norm.n + 1 entries; NULL: norm is raw */
    tw_str lower;        /* norm with a-z for A-Z and the lower case of Latin letters; as many bytes as norm */
} text_note;

typedef enum { TOKEN_WORD, TOKEN_NUMBER, TOKEN_MIXED, TOKEN_PUNCT } token_class;

/** A run of letters, of digits, of both, or one other character. Apostrophes and hyphens part words. */
typedef struct {
    uint32_t start, end; /* bytes of norm */
    uint8_t cls;         /* token_class */
    bool line_start;     /* first of its line */
    bool space_before;
    uint8_t cased; /* 0 lower, 1 Capitalised, 2 UPPER, 3 MiXed; of words */
} text_token;

/** fails TW_EPARSE: no UTF-8; TW_ELIMIT */
TW_NODISCARD tw_status note_make(tw_ctx *cx, text_note *out, tw_str raw);
TW_NODISCARD tw_status note_tokens(tw_ctx *cx, text_token **token, uint32_t *count, const text_note *note);

/* ---------------------------------------------------------------- marks (find.c) */

typedef struct {
    uint32_t start, end; /* bytes of norm */
    uint8_t kind;        /* tw_text_kind */
    uint8_t finder;      /* one TW_TEXT_ bit */
    uint8_t pattern;     /* of patterns: which kind of hit, a feature of the CRF; 0 else */
    bool sure;           /* false: a hint for the CRF alone, never marked for itself ("12/13": date or ratio) */
} text_mark;

/** Grows in the arena of the call. */
typedef struct {
    text_mark *p;
    uint32_t n, cap;
    bool full; /* over the ceiling of marks: the note is refused */
} text_marks;
void mark_add(tw_ctx *cx, text_marks *marks, text_mark m);

/* ---------------------------------------------------------------- patterns (pattern.c) */

/** Compiled once a language, read by all threads. */
typedef struct text_patterns text_patterns;
TW_NODISCARD tw_status patterns_open(tw_ctx *cx, text_patterns **out, tw_str language);
void patterns_free(text_patterns *p);
const hs_database_t *patterns_database(const text_patterns *p); /* for hs_alloc_scratch */
/** Candidates of the database, each verified by its checker. Sure ones and hints. */
TW_NODISCARD tw_status patterns_find(tw_ctx *cx, text_marks *marks, const text_patterns *p, hs_scratch_t *scratch,
                                     const text_note *note);
/** Names of what `text_mark.pattern` may be, for features and explanations; i from 1; NULL at the end. */
const char *pattern_name(size_t i);

/* ---------------------------------------------------------------- known identifiers (known.c) */

void known_find(tw_ctx *cx, text_marks *marks, const tw_text_known *k, const text_note *note, const text_token *token,
                uint32_t count);

/* ---------------------------------------------------------------- word lists (lexicon.c) */

/** What is known of a word, 30 bits. */
#define LEX_WORD 1u      /* of the vocabulary: its identity is a feature */
#define LEX_COMMON 2u    /* frequent */
#define LEX_MEDICAL 4u   /* drugs, diseases, eponyms */
#define LEX_PLACE 8u     /* name of a city */
#define LEX_ORG 16u      /* head word of an organisation: "hospital" */
#define LEX_PHRASE 32u   /* first word of a cue of several words */
#define LEX_GIVEN_AT 6   /* 3 bits: bucket of its rank among given names, 1 the most frequent, 0 none */
#define LEX_FAMILY_AT 9  /* 3 bits: among surnames */
#define LEX_CUE_AT 12    /* 6 bits: text_cue */
#define LEX_CLASS_AT 18  /* 8 bits: class of words that stand in like places; 0 none; its upper 5: a wider class */
#define LEX_WRITTEN_AT 26 /* 3 bits: how it is mostly written, 1 small .. 6 with a capital, 7 in capitals; 0 unknown */
#define LEX_BITS 30
#define LEX_GIVEN(flags) ((flags) >> LEX_GIVEN_AT & 7u)
#define LEX_FAMILY(flags) ((flags) >> LEX_FAMILY_AT & 7u)
#define LEX_CUE(flags) ((flags) >> LEX_CUE_AT & 63u)
#define LEX_CLASS(flags) ((flags) >> LEX_CLASS_AT & 255u)
#define LEX_WRITTEN(flags) ((flags) >> LEX_WRITTEN_AT & 7u)

/** Classes of cues: what a word or phrase says of its neighbours. Names in the word lists: lexicon_cue_name. */
typedef enum {
    CUE_NONE,
    CUE_TITLE,    /* before a name: "Dr." */
    CUE_TITLES,   /* before several: "Drs. A and B" */
    CUE_DEGREE,   /* after a name: "MD" */
    CUE_PERSON,   /* "seen by": somebody comes */
    CUE_SIGN,     /* "sincerely", "electronically signed by": a name comes, perhaps on the next line */
    CUE_DEAR,     /* salutation */
    CUE_KIN,      /* "daughter" */
    CUE_PATIENT,  /* "pt" */
    CUE_WITH,     /* "w/" */
    CUE_AND,      /* between names: "and" */
    CUE_PARTICLE, /* inside names: "van" */
    CUE_MONTH,
    CUE_DAY, /* of the week */
    CUE_HOLIDAY,
    CUE_UNIT,   /* after a number: "mg" */
    CUE_STREET, /* "Road" */
    CUE_FACILITY,
    CUE_KEY_NAME, /* keys of header lines, and what follows them */
    CUE_KEY_DATE,
    CUE_KEY_ID,
    CUE_KEY_CONTACT,
    CUE_KEY_ADDRESS,
    CUE_KEY_ORG,
    CUE_KEY_AGE,
    CUES
} text_cue;
#define CUE_WORDS_MAX 5 /* of a phrase */
const char *lexicon_cue_name(text_cue cue); /* "title", ... */

/** 64-bit hashes of lower-case words: FNV-1a, then a finaliser. A phrase: its words' hashes, folded. */
#define TEXT_HASH_SEED 0xcbf29ce484222325u
static inline uint64_t text_hash_more(uint64_t h, uint8_t byte)
{
    return (h ^ byte) * 0x100000001b3u;
}
static inline uint64_t text_hash_end(uint64_t h)
{
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    return h ^ h >> 29;
}
uint64_t text_hash(tw_str s);
static inline uint64_t text_hash_fold(uint64_t a, uint64_t b)
{
    return text_hash_end((a ^ b * 0x9e3779b97f4a7c15u) * 0x9fb21c651e98df25u);
}

/** Hash of the word in the upper 34 bits, what is known of it in the lower 30; open addressing, at most half full. */
typedef struct {
    uint64_t *slot;
    uint32_t mask;
} text_lexicon;
/** entry: count words, by their value, rising. */
TW_NODISCARD tw_status lexicon_make(tw_ctx *cx, text_lexicon *out, const uint8_t *entry_be, uint32_t count);
void lexicon_free(text_lexicon *l);
static inline void lexicon_prefetch(const text_lexicon *l, uint64_t hash)
{
    __builtin_prefetch(&l->slot[(uint32_t)(hash >> LEX_BITS) & l->mask]);
}
/** 0 when the word is in no list. */
static inline uint32_t lexicon_get(const text_lexicon *l, uint64_t hash)
{
    uint64_t want = hash >> LEX_BITS;
    for (uint32_t i = (uint32_t)(hash >> LEX_BITS) & l->mask;; i = (i + 1) & l->mask) {
        uint64_t s = l->slot[i];
        if (s >> LEX_BITS == want)
            return (uint32_t)s & ((1u << LEX_BITS) - 1);
        if (!s)
            return 0;
    }
}

/* ---------------------------------------------------------------- conditional random field (crf.c) */

#define CRF_LABELS (1 + TW_TEXT_KINDS) /* outside, then the kinds: kind k is label k + 1 */
const char *crf_label_name(unsigned label);

/** Linear chain, after Lafferty, McCallum, Pereira (2001): score of a labelling = sum of the state weights of every
 *  token's attributes and of the weights of every pair of neighbours. */
typedef struct {
    uint64_t *slot; /* upper 32 bits of an attribute's hash, number of its row + 1; at most half full */
    float (*row)[CRF_LABELS];
    uint32_t mask;
    float step[CRF_LABELS][CRF_LABELS]; /* from, to */
} text_crf;
void crf_free(text_crf *c);
/** Row of an attribute; NULL: no training saw it. Ask for the slot early: tables are larger than caches. */
static inline void crf_prefetch(const text_crf *c, uint64_t hash)
{
    __builtin_prefetch(&c->slot[(uint32_t)hash & c->mask]);
}
static inline const float *crf_row(const text_crf *c, uint64_t hash)
{
    for (uint32_t i = (uint32_t)hash & c->mask; c->slot[i]; i = (i + 1) & c->mask)
        if (c->slot[i] >> 32 == hash >> 32)
            return c->row[(uint32_t)c->slot[i] - 1];
    return NULL;
}
/** score: n rows of state scores, turned into marginal probabilities (forward-backward, scaled at each token).
 *  scratch: n rows. */
void crf_marginals(const text_crf *c, float (*score)[CRF_LABELS], float (*scratch)[CRF_LABELS], uint32_t n);
/** The best labelling. scratch: n rows; back: n rows. */
void crf_viterbi(const text_crf *c, uint8_t *label, float (*score)[CRF_LABELS], uint8_t (*back)[CRF_LABELS],
                 uint32_t n);

/* ---------------------------------------------------------------- model (model.c) */

struct tw_text_model {
    char language[16];
    double threshold, strict; /* operating points; 0: the best labelling */
    text_lexicon lexicon;
    text_crf crf;
    bool weighted; /* it has weights: without them the CRF marks nothing */
    text_patterns *patterns;
    uint8_t hash[32];
};
/** The file alone, without patterns. fails TW_EPARSE, TW_ELIMIT; frees what it made. */
TW_NODISCARD tw_status model_read(tw_ctx *cx, tw_text_model *out, tw_bytes file);
void model_done(tw_text_model *m);

#define MODEL_MAGIC "TWTEXT2\n"
#define MODEL_WORDS_MAX (1u << 20)
#define MODEL_ATTRIBUTES_MAX (1u << 19)

/* ---------------------------------------------------------------- features (feature.c) */

/** A note with all that the later finders look at. Arrays have `count` entries and live in the arena. */
typedef struct {
    const tw_text_model *model;
    const text_note *note;
    const text_token *token;
    uint32_t count;
    uint64_t *word;   /* hash of the lower-case token */
    uint32_t *known;  /* what the word lists say; the cue of a phrase stands at each of its tokens */
#define VIEW_HINT 128u
    uint8_t *hit;     /* pattern whose mark covers the token; VIEW_HINT: a hint only */
    uint8_t *phrase;  /* tokens of the cue that begins here; 0: none begins */
} text_view;
TW_NODISCARD tw_status view_make(tw_ctx *cx, text_view *out, const tw_text_model *m, const text_note *note,
                                 const text_token *token, uint32_t count, const text_marks *marks);
/** Marks of the model's patterns; none without patterns. */
TW_NODISCARD tw_status view_patterns(tw_ctx *cx, text_marks *marks, const tw_text_model *m, tw_text_work *w,
                                     const text_note *note);
static inline text_cue view_cue(const text_view *v, uint32_t i)
{
    return (text_cue)LEX_CUE(v->known[i]);
}
static inline tw_str view_lower(const text_view *v, uint32_t i)
{
    return (tw_str){ v->note->lower.p + v->token[i].start, v->token[i].end - v->token[i].start };
}
/** First token that begins at or after the byte. */
uint32_t view_token_at(const text_view *v, uint32_t byte);

#define FEATURES_MAX 45 /* of a token; those behind them are left out */

/** One attribute of a token: "name=piece" or "name=piece|piece". */
typedef struct {
    uint64_t hash;     /* fold of the name's and the pieces' hashes */
    uint64_t piece[2];
    uint8_t name;      /* feature_name */
    uint8_t pieces;    /* 1, 2 */
} text_feature;
const char *feature_name(unsigned name);
/** The same hash from the text of the attribute. */
uint64_t feature_hash(tw_str attribute);

/** For the trainer: hears the text of every piece while features are made, and may hide words. NULL: nobody does. */
typedef struct {
    void (*piece)(void *self, uint64_t hash, tw_str text);
    bool (*hide)(void *self); /* of the next token's word: seen as one that no list holds */
    void *self;
} feature_ear;
typedef void feature_each(void *self, uint32_t token, const text_feature *f, unsigned count);
/** Calls `each` for every token, in order. */
TW_NODISCARD tw_status features_of(tw_ctx *cx, const text_view *v, feature_each *each, void *self,
                                   const feature_ear *ear);

/* ---------------------------------------------------------------- finders over tokens */

/** Marks of the CRF: tokens whose probability of being outside is under 1 - threshold; 0: the best labelling. In a
 *  note in which no token is surely inside and nothing known was found a token needs better than even chances. */
TW_NODISCARD tw_status crf_find(tw_ctx *cx, text_marks *marks, const text_view *v, double threshold, bool strict);
/** Whether the note writes this token as it writes its names, whatever the lists say. */
bool view_capital(const text_view *v, uint32_t i);
static inline char view_char(const text_view *v, uint32_t i) /* first byte; NUL past the end */
{
    return i < v->count ? v->note->norm.p[v->token[i].start] : 0;
}
/** Blanks before a token, as columns of a form have them: a tab, or two and more. */
bool view_gap(const text_view *v, uint32_t i);
/** Marks of cues (cue.c). */
void cues_find(tw_ctx *cx, text_marks *marks, const text_view *v);
/** Marks of names that are marked elsewhere in the note (propagate.c). */
TW_NODISCARD tw_status propagate(tw_ctx *cx, text_marks *marks, const text_view *v);

#endif
