/* Workbench of the free-text engine: features for the trainer, word lists and weights to a model file, spans, speed.
 *
 *   bench_text_lab pack LEXICON_DIR WEIGHTS|- OUT.model
 *   bench_text_lab features MODEL [--drop P] [--seed N]                                      < NOTES > TRAIN
 *   bench_text_lab find MODEL [--finders pkcmr] [--threshold X] [--strict] [--known on|off]  < NOTES > SPANS
 *   bench_text_lab bench MODEL [the same]                                                    < NOTES
 *
 * NOTES: JSONL {"id","text","spans":[{"start","end","type"}],"known":{...}}, offsets in code points, half open. known:
 * given, family, birthDate, mrn, ssn, address{line,city,postalCode}, phone, email, names, ids, phones, orgs; text or
 * an array of texts.
 * TRAIN: a token a line, "LABEL TAB attribute TAB attribute ...", an empty line after each note. Labels: O and the
 * kinds. --drop hides the identity of a word with that chance.
 * WEIGHTS: "S TAB attribute TAB label TAB weight" and "T TAB label TAB label TAB weight"; '#' begins a comment.
 * LEXICON_DIR: model.txt ("language en", "threshold 0.2", "strict 0.02"), given.txt, surname.txt (a rank a line),
 * common.txt, vocab.txt, medical.txt, place.txt, org.txt (words), class.txt ("word TAB class TAB how it is written"),
 * cues.txt ("class TAB phrase"). Lists may be absent.
 * SPANS: {"id","spans":[{"start","end","type","found_by"}]}. --threshold X: mark when P(outside) < 1 - X; -1: the best
 * labelling. */
#include <errno.h>

#include "figure.h"
#include "format/format.h"
#include "text_internal.h"

static _Noreturn void die(const char *what, const char *of)
{
    fprintf(stderr, "%s: %s\n", what, of);
    exit(1);
}

/* NULL: there is none. */
static char *slurp(FILE *f, size_t *n)
{
    size_t cap = TW_MIB;
    char *p = tw_mem_alloc(cap);
    *n = 0;
    for (size_t got = 1; f && p && got;) {
        got = fread(p + *n, 1, cap - *n - 1, f);
        *n += got;
        if (cap - *n == 1)
            p = tw_mem_resize(p, cap *= 2);
    }
    if (p)
        p[*n] = 0;
    return p;
}

static tw_str file_text(const char *path, bool needed)
{
    FILE *f = fopen(path, "rb");
    if (!f && !needed && errno == ENOENT)
        return (tw_str){ 0 };
    if (!f)
        die(path, strerror(errno));
    tw_str s = { 0 };
    s.p = slurp(f, &s.n);
    fclose(f);
    return s;
}

/* ---------------------------------------------------------------- pack */

typedef struct {
    uint64_t hash;
    uint32_t flags;
} word;

typedef struct {
    word *p;
    size_t n, cap;
} words;

static void words_add(words *w, uint64_t hash, uint32_t flags)
{
    if (w->n == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 1024;
        w->p = tw_mem_resize(w->p, w->cap * sizeof *w->p);
        if (!w->p)
            die("pack", "out of memory");
    }
    w->p[w->n++] = (word){ hash >> LEX_BITS, flags };
}

static uint32_t bucket(size_t rank)
{
    return rank <= 100 ? 1 : rank <= 1000 ? 2 : rank <= 5000 ? 3 : rank <= 20000 ? 4 : 5;
}

/* Tokens of one line of a list: lower-case words and mixed ones; their hashes. */
static size_t line_words(tw_ctx *cx, uint64_t *hash, size_t max, tw_str line)
{
    text_note note;
    text_token *t;
    uint32_t count;
    size_t n = 0;
    must(cx, note_make(cx, &note, line));
    must(cx, note_tokens(cx, &t, &count, &note));
    for (uint32_t i = 0; i < count && n < max; i++)
        if (t[i].cls != TOKEN_PUNCT)
            hash[n++] = text_hash((tw_str){ note.lower.p + t[i].start, t[i].end - t[i].start });
    return n;
}

static void read_list(tw_ctx *cx, words *w, const char *folder, const char *name, uint32_t flags, unsigned rank_at)
{
    tw_str rest = file_text(tw_path(cx, folder, name), false), line;
    size_t rank = 0;
    while (tw_ndjson_next(&line, &rest)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        uint64_t hash[8];
        line = tw_str_trim(line);
        size_t n = line.n && line.p[0] != '#' ? line_words(cx, hash, TW_COUNT(hash), line) : 0;
        rank += n > 0;
        for (size_t i = 0; i < n; i++)
            words_add(w, hash[i], rank_at ? bucket(rank) << rank_at : flags);
        tw_arena_back(cx->arena, mark);
    }
}

static uint32_t cue_of(tw_str name)
{
    for (uint32_t c = 1; c < CUES; c++)
        if (tw_str_is(name, lexicon_cue_name((text_cue)c)))
            return c;
    die("cues.txt: unknown class", name.p);
}

static void read_cues(tw_ctx *cx, words *w, const char *folder)
{
    tw_str rest = file_text(tw_path(cx, folder, "cues.txt"), false), line, head;
    while (tw_ndjson_next(&line, &rest)) {
        uint64_t hash[CUE_WORDS_MAX + 1];
        line = tw_str_trim(line);
        if (!line.n || line.p[0] == '#')
            continue;
        tw_str phrase = line;
        if (!tw_str_split(&head, &phrase, '\t'))
            die("cues.txt", "class TAB phrase expected");
        size_t n = line_words(cx, hash, TW_COUNT(hash), phrase);
        if (!n || n > CUE_WORDS_MAX)
            die("cues.txt: a phrase has one to five words", tw_cstr(cx->arena, phrase));
        uint64_t h = hash[0];
        for (size_t i = 1; i < n; i++)
            h = text_hash_fold(h, hash[i]);
        if (n > 1)
            words_add(w, hash[0], LEX_PHRASE);
        words_add(w, h, cue_of(head) << LEX_CUE_AT);
    }
}

static int by_word(const void *a, const void *b)
{
    const word *x = a, *y = b;
    return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* One entry a word; of two ranks the better one; two cues are refused. */
static size_t merge_words(words *w)
{
    size_t n = 0;
    if (w->n)
        qsort(w->p, w->n, sizeof *w->p, by_word);
    for (size_t i = 0; i < w->n; i++) {
        if (!n || w->p[n - 1].hash != w->p[i].hash) {
            w->p[n++] = w->p[i];
            continue;
        }
        uint32_t *a = &w->p[n - 1].flags, b = w->p[i].flags;
        for (unsigned at = LEX_GIVEN_AT; at <= LEX_FAMILY_AT; at += LEX_FAMILY_AT - LEX_GIVEN_AT) {
            uint32_t x = *a >> at & 7, y = b >> at & 7, best = !x ? y : !y ? x : TW_MIN(x, y);
            *a = (*a & ~(7u << at)) | best << at;
            b &= ~(7u << at);
        }
        if (LEX_CUE(*a) && LEX_CUE(b) && LEX_CUE(*a) != LEX_CUE(b)) {
            fprintf(stderr, "cues.txt: a phrase is of %s and of %s\n", lexicon_cue_name((text_cue)LEX_CUE(*a)),
                    lexicon_cue_name((text_cue)LEX_CUE(b)));
            exit(1);
        }
        *a |= b;
    }
    return n;
}

/* "word TAB class TAB how it is written" */
static void read_classes(tw_ctx *cx, words *w, const char *folder)
{
    tw_str rest = file_text(tw_path(cx, folder, "class.txt"), false), line, head;
    while (tw_ndjson_next(&line, &rest)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        uint64_t hash[2], class, written;
        tw_str number = tw_str_trim(line), second;
        if (!number.n || number.p[0] == '#')
            continue;
        if (!tw_str_split(&head, &number, '\t') || !tw_str_split(&second, &number, '\t') ||
            !tw_parse_u64(&class, second) || !tw_parse_u64(&written, number) || class > 255 || written > 7)
            die("class.txt", "word TAB class TAB number expected");
        if (line_words(cx, hash, TW_COUNT(hash), head) == 1)
            words_add(w, hash[0], (uint32_t)class << LEX_CLASS_AT | (uint32_t)written << LEX_WRITTEN_AT);
        tw_arena_back(cx->arena, mark);
    }
}

static void pack_words(tw_ctx *cx, tw_buf *out, const char *folder)
{
    words w = { 0 };
    read_list(cx, &w, folder, "given.txt", 0, LEX_GIVEN_AT);
    read_list(cx, &w, folder, "surname.txt", 0, LEX_FAMILY_AT);
    read_list(cx, &w, folder, "common.txt", LEX_WORD | LEX_COMMON, 0);
    read_list(cx, &w, folder, "vocab.txt", LEX_WORD, 0);
    read_list(cx, &w, folder, "medical.txt", LEX_WORD | LEX_MEDICAL, 0);
    read_list(cx, &w, folder, "place.txt", LEX_PLACE, 0);
    read_list(cx, &w, folder, "org.txt", LEX_WORD | LEX_ORG, 0);
    read_classes(cx, &w, folder);
    read_cues(cx, &w, folder);
    size_t n = merge_words(&w);
    tw_buf_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        tw_buf_u64(out, w.p[i].hash << LEX_BITS | w.p[i].flags);
    fprintf(stderr, "%zu words\n", n);
    tw_mem_free(w.p);
}

typedef struct {
    uint64_t hash;
    tw_str attribute;
    float weight;
    uint32_t label;
} state_weight;

static int by_hash(const void *a, const void *b)
{
    const state_weight *x = a, *y = b;
    return x->hash != y->hash ? (x->hash < y->hash ? -1 : 1) : (int)x->label - (int)y->label;
}

static uint32_t label_of(tw_str name)
{
    for (uint32_t y = 0; y < CRF_LABELS; y++)
        if (tw_str_is(name, crf_label_name(y)))
            return y;
    die("unknown label", name.p);
}

static void u32_of_float(tw_buf *out, float w)
{
    uint32_t bits;
    memcpy(&bits, &w, sizeof bits);
    tw_buf_u32(out, bits);
}

/* A name that no feature has means weights of another recipe. */
static void check_name(tw_ctx *cx, tw_str attribute)
{
    size_t eq = tw_str_find(attribute, TW_STR("="));
    tw_str name = { attribute.p, TW_MIN(eq, attribute.n) };
    for (unsigned i = 0; feature_name(i); i++)
        if (tw_str_is(name, feature_name(i)))
            return;
    die("weights of another recipe", tw_cstr(cx->arena, attribute));
}

static void write_states(tw_ctx *cx, tw_buf *out, state_weight *w, size_t n)
{
    size_t attributes = 0, at = out->n;
    if (n)
        qsort(w, n, sizeof *w, by_hash);
    tw_buf_u32(out, 0);
    for (size_t i = 0, end; i < n; i = end) {
        uint8_t labels = 0;
        for (end = i; end < n && w[end].hash == w[i].hash; end++) {
            if (!tw_str_eq(w[end].attribute, w[i].attribute))
                die("two attributes have one hash", tw_cstr(cx->arena, w[i].attribute));
            if (labels >> w[end].label & 1)
                die("an attribute has a label twice", tw_cstr(cx->arena, w[i].attribute));
            labels |= (uint8_t)(1u << w[end].label);
        }
        check_name(cx, w[i].attribute);
        tw_buf_u64(out, w[i].hash);
        tw_buf_u8(out, labels);
        for (size_t k = i; k < end; k++)
            u32_of_float(out, w[k].weight);
        attributes++;
    }
    if (!out->failed)
        tw_put_be32(out->p + at, (uint32_t)attributes);
    fprintf(stderr, "%zu attributes, %zu weights\n", attributes, n);
}

static void pack_weights(tw_ctx *cx, tw_buf *out, const char *path)
{
    tw_str rest = strcmp(path, "-") != 0 ? file_text(path, true) : (tw_str){ 0 }, line;
    float step[CRF_LABELS][CRF_LABELS] = { 0 };
    size_t cap = 1, n = 0;
    for (size_t i = 0; i < rest.n; i++)
        cap += rest.p[i] == '\n';
    state_weight *w = tw_mem_alloc((cap + 1) * sizeof *w);
    while (w && tw_ndjson_next(&line, &rest)) {
        tw_str type, a, b, value = line;
        double x;
        if (!line.n || line.p[0] == '#')
            continue;
        if (!tw_str_split(&type, &value, '\t') || !tw_str_split(&a, &value, '\t') ||
            !tw_str_split(&b, &value, '\t') || !tw_parse_f64(&x, value))
            die("weights: malformed line", tw_cstr(cx->arena, line));
        if (tw_str_is(type, "T"))
            step[label_of(a)][label_of(b)] = (float)x;
        else
            w[n++] = (state_weight){ feature_hash(a), a, (float)x, label_of(b) };
    }
    for (unsigned a = 0; a < CRF_LABELS; a++)
        for (unsigned b = 0; b < CRF_LABELS; b++)
            u32_of_float(out, step[a][b]);
    write_states(cx, out, w, n);
    tw_mem_free(w);
}

static void pack_head(tw_ctx *cx, tw_buf *out, const char *folder)
{
    tw_str rest = file_text(tw_path(cx, folder, "model.txt"), true), line, key;
    tw_str language = { 0 };
    double normal = 0, strict = 0;
    while (tw_ndjson_next(&line, &rest)) {
        tw_str value = tw_str_trim(line);
        if (!value.n || value.p[0] == '#')
            continue;
        bool good = tw_str_split(&key, &value, ' ');
        if (good && tw_str_is(key, "language"))
            language = value;
        else if (good && tw_str_is(key, "threshold"))
            good = tw_parse_f64(&normal, value);
        else if (good && tw_str_is(key, "strict"))
            good = tw_parse_f64(&strict, value);
        else
            good = false;
        if (!good)
            die("model.txt: malformed line", tw_cstr(cx->arena, line));
    }
    tw_buf_cstr(out, MODEL_MAGIC);
    tw_buf_var(out, tw_bytes_of(language));
    tw_buf_u32(out, (uint32_t)(normal * 1e6 + .5));
    tw_buf_u32(out, (uint32_t)(strict * 1e6 + .5));
}

static int pack(tw_ctx *cx, const char *folder, const char *weights, const char *path)
{
    tw_buf out;
    tw_text_model m;
    tw_buf_init(&out, TW_TEXT_MODEL_BYTES_MAX);
    pack_head(cx, &out, folder);
    pack_words(cx, &out, folder);
    pack_weights(cx, &out, weights);
    must(cx, tw_buf_check(cx, &out, "model"));
    must(cx, model_read(cx, &m, tw_buf_view(&out)));
    model_done(&m);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(out.p, 1, out.n, f) != out.n || fclose(f) != 0)
        die(path, strerror(errno));
    fprintf(stderr, "%zu bytes\n", out.n);
    tw_buf_done(&out);
    return 0;
}

/* ---------------------------------------------------------------- notes */

typedef struct {
    tw_text_model *model;
    tw_text_work *work;
    tw_text_opts opts;
    bool known;
    double drop;
    uint64_t seed;
    tw_map *piece; /* hash to tw_str */
    tw_arena *pieces;
    const text_token *token;
    const uint8_t *label; /* of the note's tokens */
} lab;

static void known_value(tw_ctx *cx, tw_text_known *k, tw_known_field field, const tw_json *d, uint32_t at)
{
    if (at == TW_JSON_NONE)
        return;
    if (d->tok[at].type == TW_JSON_STRING)
        must(cx, tw_text_known_add(cx, k, field, tw_json_text(cx, d, at)));
    if (d->tok[at].type == TW_JSON_ARRAY)
        for (uint32_t i = tw_json_first(d, at); i != TW_JSON_NONE; i = tw_json_next(d, at, i))
            known_value(cx, k, field, d, i);
}

static tw_text_known *known_of(tw_ctx *cx, const tw_json *d)
{
    static const struct {
        const char *path;
        tw_known_field field;
    } fields[] = {
        { "given", TW_KNOWN_GIVEN },
        { "family", TW_KNOWN_FAMILY },
        { "birthDate", TW_KNOWN_DATE },
        { "mrn", TW_KNOWN_ID },
        { "ssn", TW_KNOWN_ID },
        { "ids", TW_KNOWN_ID },
        { "address.line", TW_KNOWN_STREET },
        { "address.city", TW_KNOWN_CITY },
        { "address.postalCode", TW_KNOWN_ZIP },
        { "phone", TW_KNOWN_PHONE },
        { "phones", TW_KNOWN_PHONE },
        { "email", TW_KNOWN_EMAIL },
        { "names", TW_KNOWN_FULL },
        { "orgs", TW_KNOWN_ORG },
    };
    uint32_t at = tw_json_get(d, 0, "known");
    if (at == TW_JSON_NONE || d->tok[at].type != TW_JSON_OBJECT)
        return NULL;
    tw_text_known *k = tw_text_known_new();
    if (!k)
        die("known", "out of memory");
    for (size_t i = 0; i < TW_COUNT(fields); i++)
        known_value(cx, k, fields[i].field, d, tw_json_path(d, at, fields[i].path));
    must(cx, tw_text_known_ready(cx, k));
    return k;
}

/* Byte of every code point, and of the end. */
static size_t *places(tw_ctx *cx, tw_str text, size_t *count)
{
    size_t *at = tw_try_array(cx->arena, size_t, text.n + 1), n = 0;
    if (!at)
        die("note", "too long");
    for (size_t i = 0; i < text.n; i++)
        if (((uint8_t)text.p[i] & 0xc0) != 0x80)
            at[n++] = i;
    at[n] = text.n;
    *count = n;
    return at;
}

static const char *options(lab *l, char **arg)
{
    for (; *arg; arg++) {
        const char *value = arg[1] ? arg[1] : "";
        double x = 0;
        bool number = tw_parse_f64(&x, tw_str_of(value));
        if (strcmp(*arg, "--strict") == 0) {
            l->opts.strict = true;
            continue;
        }
        if (strcmp(*arg, "--drop") == 0 && number)
            l->drop = x;
        else if (strcmp(*arg, "--seed") == 0 && number)
            l->seed = (uint64_t)x;
        else if (strcmp(*arg, "--threshold") == 0 && number)
            l->opts.threshold = x;
        else if (strcmp(*arg, "--known") == 0 && (strcmp(value, "on") == 0 || strcmp(value, "off") == 0))
            l->known = value[1] == 'n';
        else if (strcmp(*arg, "--finders") == 0 && *value && value[strspn(value, "pkcmr")] == 0)
            for (const char *c = value; *c; c++)
                l->opts.finders |= 1u << (strchr("pkcmr", *c) - "pkcmr");
        else
            return *arg;
        arg++;
    }
    return NULL;
}

/* ---------------------------------------------------------------- features */

static void hear(void *self, uint64_t hash, tw_str text)
{
    lab *l = self;
    tw_bytes key = { (const uint8_t *)&hash, sizeof hash };
    tw_str *had = tw_map_get(l->piece, key);
    if (had && tw_str_eq(*had, text))
        return;
    if (had)
        die("two pieces have one hash", "features");
    tw_str *s = tw_new(l->pieces, tw_str);
    *s = tw_str_dup(l->pieces, text);
    if (!tw_map_put(l->piece, key, s))
        die("too many pieces", "features");
}

static bool hide(void *self)
{
    lab *l = self;
    l->seed = l->seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(l->seed >> 11) * 0x1p-53 < l->drop;
}

static void print_token(void *self, uint32_t token, const text_feature *f, unsigned count)
{
    const lab *l = self;
    fputs(crf_label_name(l->label[token]), stdout);
    for (unsigned i = 0; i < count; i++) {
        char text[512];
        int n = snprintf(text, sizeof text, "%s", feature_name(f[i].name));
        for (unsigned k = 0; k < f[i].pieces; k++) {
            const tw_str *s = tw_map_get(l->piece, (tw_bytes){ (const uint8_t *)&f[i].piece[k], 8 });
            TW_ASSERT(s && n > 0 && (size_t)n + s->n + 1 < sizeof text);
            n += snprintf(text + n, sizeof text - (size_t)n, "%c" TW_FMT, k ? '|' : '=', TW_ARG(*s));
        }
        TW_ASSERT(feature_hash((tw_str){ text, (size_t)n }) == f[i].hash);
        putchar('\t');
        fwrite(text, 1, (size_t)n, stdout);
    }
    putchar('\n');
}

/* Labels of tokens: the kind of a span that overlaps. */
static void label_tokens(tw_ctx *cx, uint8_t *label, const text_note *note, const text_token *t, uint32_t count,
                         const tw_json *d)
{
    size_t points, *at = places(cx, note->raw, &points);
    uint32_t spans = tw_json_get(d, 0, "spans");
    if (spans == TW_JSON_NONE)
        return;
    for (uint32_t s = tw_json_first(d, spans); s != TW_JSON_NONE; s = tw_json_next(d, spans, s)) {
        uint64_t from, to;
        if (!tw_json_u64(d, tw_json_get(d, s, "start"), &from) || !tw_json_u64(d, tw_json_get(d, s, "end"), &to) ||
            from >= to || to > points)
            die("spans", "start and end in code points expected");
        uint8_t y = (uint8_t)label_of(tw_json_member_text(cx, d, s, "type"));
        for (uint32_t i = 0; i < count; i++) {
            size_t start = note->map ? note->map[t[i].start] : t[i].start;
            size_t end = note->map ? note->map[t[i].end] : t[i].end;
            if (start < at[to] && end > at[from])
                label[i] = y;
        }
    }
}

static void note_features(tw_ctx *cx, lab *l, const tw_json *d, tw_str text)
{
    text_note note;
    text_token *t;
    text_marks marks = { 0 };
    text_view v;
    uint32_t count;
    const feature_ear ear = { hear, l->drop > 0 ? hide : NULL, l };
    must(cx, note_make(cx, &note, text));
    must(cx, note_tokens(cx, &t, &count, &note));
    must(cx, view_patterns(cx, &marks, l->model, l->work, &note));
    must(cx, view_make(cx, &v, l->model, &note, t, count, &marks));
    uint8_t *label = tw_arena_try(cx->arena, count + 1);
    if (!label)
        die("note", "too long");
    label_tokens(cx, label, &note, t, count, d);
    l->label = label;
    must(cx, features_of(cx, &v, print_token, l, &ear));
    putchar('\n');
}

/* ---------------------------------------------------------------- find */

static void note_find(tw_ctx *cx, lab *l, const tw_json *d, tw_str text)
{
    tw_text_span *span;
    size_t count, points, *at = places(cx, text, &points), k = 0;
    tw_buf out;
    tw_jw w;
    tw_text_known *known = l->known ? known_of(cx, d) : NULL;
    l->opts.known = known;
    must(cx, tw_text_find(cx, &span, &count, l->work, text, &l->opts));
    tw_text_known_free(known);
    tw_buf_init(&out, 64 * TW_MIB);
    tw_jw_init(&w, &out, 0);
    tw_jw_object(&w);
    tw_jw_kv(&w, "id", tw_json_member_text(cx, d, 0, "id"));
    tw_jw_key(&w, "spans");
    tw_jw_array(&w);
    for (size_t i = 0; i < count; i++) {
        char by[8];
        size_t n = 0;
        for (unsigned b = 0; b < 5; b++)
            if (span[i].found_by >> b & 1)
                by[n++] = "pkcmr"[b];
        while (at[k] < span[i].start)
            k++;
        size_t end = k;
        while (at[end] < span[i].end)
            end++;
        tw_jw_object(&w);
        tw_jw_kv_u64(&w, "start", k);
        tw_jw_kv_u64(&w, "end", end);
        tw_jw_kv(&w, "type", tw_str_of(tw_text_kind_name((tw_text_kind)span[i].kind)));
        tw_jw_kv(&w, "found_by", (tw_str){ by, n });
        tw_jw_object_end(&w);
    }
    tw_jw_array_end(&w);
    tw_jw_object_end(&w);
    must(cx, tw_buf_check(cx, &out, "spans"));
    fwrite(out.p, 1, out.n, stdout);
    putchar('\n');
    tw_buf_done(&out);
}

static void each_note(tw_ctx *cx, lab *l, tw_str rest, void (*each)(tw_ctx *, lab *, const tw_json *, tw_str))
{
    tw_str line;
    while (tw_ndjson_next(&line, &rest)) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_json d;
        if (!tw_str_trim(line).n)
            continue;
        must(cx, tw_json_parse(cx, &d, line, NULL));
        each(cx, l, &d, tw_json_member_text(cx, &d, 0, "text"));
        tw_arena_back(cx->arena, mark);
    }
}

/* ---------------------------------------------------------------- bench */

typedef struct {
    tw_str *text;
    tw_text_known **known;
    size_t n, cap, bytes;
} bench_notes;

static bench_notes gathered;

static void gather(tw_ctx *cx, lab *l, const tw_json *d, tw_str text)
{
    bench_notes *b = &gathered;
    if (b->n == b->cap) {
        b->cap = b->cap ? b->cap * 2 : 256;
        b->text = tw_mem_resize(b->text, b->cap * sizeof *b->text);
        b->known = tw_mem_resize(b->known, b->cap * sizeof(tw_text_known *));
        if (!b->text || !b->known)
            die("bench", "out of memory");
    }
    b->known[b->n] = l->known ? known_of(cx, d) : NULL;
    b->text[b->n++] = tw_str_dup(l->pieces, text);
    b->bytes += text.n;
}

static double one_round(tw_ctx *cx, lab *l, unsigned finders, const bench_notes *b)
{
    double from = core_seconds();
    for (size_t i = 0; i < b->n; i++) {
        tw_mark mark = tw_arena_mark(cx->arena);
        tw_text_span *span;
        size_t count;
        l->opts.finders = finders;
        l->opts.known = b->known[i];
        must(cx, tw_text_find(cx, &span, &count, l->work, b->text[i], &l->opts));
        tw_arena_back(cx->arena, mark);
    }
    return core_seconds() - from;
}

static void bench(tw_ctx *cx, lab *l, const bench_notes *b)
{
    static const struct {
        const char *name;
        unsigned finders;
    } parts[] = {
        { "text.find", 0 },
        { "text.patterns", TW_TEXT_PATTERNS },
        { "text.known", TW_TEXT_KNOWN },
        { "text.cues", TW_TEXT_CUES },
        { "text.crf_with_patterns", TW_TEXT_CRF },
        { "text.propagation", TW_TEXT_PROPAGATION },
    };
    unsigned all = l->opts.finders ? l->opts.finders : TW_TEXT_ALL;
    size_t rounds = b->bytes ? TW_MAX(TW_MIB / b->bytes, (size_t)1) : 1;
    for (size_t p = 0; p < TW_COUNT(parts); p++) {
        double best = 1e9;
        for (int i = 0; i < 5; i++) {
            double sum = 0;
            for (size_t r = 0; r < rounds; r++)
                sum += one_round(cx, l, parts[p].finders ? parts[p].finders : all, b);
            best = TW_MIN(best, sum / (double)rounds);
        }
        figure(parts[p].name, (double)b->bytes / best * 1e-6, "MB/s", b->bytes);
    }
}

static int with_notes(tw_ctx *cx, const char *mode, const char *model, char **arg)
{
    lab l = { .known = true, .seed = 1, .piece = tw_map_new(1u << 22), .pieces = tw_arena_new((size_t)4 << 30) };
    tw_str notes = { 0 };
    const char *wrong = options(&l, arg);
    if (wrong)
        die("unknown or malformed option", wrong);
    tw_str file = file_text(model, true);
    must(cx, tw_text_model_parse(cx, &l.model, tw_bytes_of(file)));
    must(cx, tw_text_work_new(cx, &l.work, l.model));
    l.opts.model = l.model;
    notes.p = slurp(stdin, &notes.n);
    if (!notes.p)
        die("notes", "out of memory");
    if (strcmp(mode, "features") == 0) {
        each_note(cx, &l, notes, note_features);
    } else if (strcmp(mode, "find") == 0) {
        each_note(cx, &l, notes, note_find);
    } else {
        each_note(cx, &l, notes, gather);
        bench(cx, &l, &gathered);
    }
    tw_text_work_free(l.work);
    tw_text_model_free(l.model);
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    tw_ctx cx;
    tw_base_start();
    tw_ctx_init(&cx, (size_t)3 << 30, NULL);
    if (argc == 5 && strcmp(argv[1], "pack") == 0)
        return pack(&cx, argv[2], argv[3], argv[4]);
    if (argc >= 3 && (strcmp(argv[1], "features") == 0 || strcmp(argv[1], "find") == 0 ||
                      strcmp(argv[1], "bench") == 0))
        return with_notes(&cx, argv[1], argv[2], argv + 3);
    fprintf(stderr, "bench_text_lab pack|features|find|bench ...; see bench/bench_text_lab.c\n");
    return 2;
}
