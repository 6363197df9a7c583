/** What the finders share: a note made ready, its tokens, and marks.
 *
 *  All finders work on `norm`: UTF-8 of the note in which every character that only looks different is the plain one
 *  (no-break and thin blanks, curly quotes, dashes, full-width digits; composed letters stay), so that patterns need one
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

#endif
