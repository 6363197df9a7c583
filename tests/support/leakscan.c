#include "leakscan.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#define VALUES_MAX 2000000
#define POOL_MAX ((size_t)1 << 30)
#define FILTER_BITS 24
#define LENGTHS LEAKSCAN_SHORT

typedef struct {
    size_t at; /* in the pool */
    size_t n;
    uint64_t key; /* first eight bytes, or a short word with its length */
    uint32_t next; /* of the same slot; index + 1 */
    uint32_t value;
    const char *how;
    bool word;
} pattern;

typedef struct {
    char kind[32];
} value_info;

struct leakscan {
    tw_map *seen;
    tw_buf pool;
    tw_buf patterns; /* of pattern */
    tw_buf values;   /* of value_info */
    size_t value_count;
    uint32_t *slot;
    size_t slots;
    uint8_t *filter;
    bool length[LENGTHS]; /* lengths of words sought */
};

static int there; /* any non-NULL pointer */

leakscan *leakscan_new(void)
{
    leakscan *s = tw_mem_alloc(sizeof *s);
    TW_ASSERT(s != NULL);
    s->seen = tw_map_new(VALUES_MAX);
    tw_buf_init(&s->pool, POOL_MAX);
    tw_buf_init(&s->patterns, POOL_MAX);
    tw_buf_init(&s->values, POOL_MAX);
    return s;
}

void leakscan_free(leakscan *s)
{
    if (!s)
        return;
    tw_map_free(s->seen);
    tw_buf_done(&s->pool);
    tw_buf_done(&s->patterns);
    tw_buf_done(&s->values);
    tw_mem_free(s->slot);
    tw_mem_free(s->filter);
    tw_mem_free(s);
}

size_t leakscan_values(const leakscan *s)
{
    return s->value_count;
}

/* ---------------------------------------------------------------- patterns of a value */

static uint64_t key_of(const uint8_t *p)
{
    uint64_t k;
    memcpy(&k, p, sizeof k);
    return k;
}

static uint64_t word_key(const uint8_t *p, size_t n)
{
    uint64_t k = (uint64_t)n << 56;
    for (size_t i = 0; i < n; i++)
        k |= (uint64_t)p[i] << (8 * i);
    return k;
}

static void add_pattern(leakscan *s, const char *how, tw_bytes b, bool word)
{
    if (!word && b.n < LEAKSCAN_SHORT)
        return;
    pattern p = { .at = s->pool.n, .n = b.n, .how = how, .word = word, .value = (uint32_t)s->value_count };
    p.key = word ? word_key(b.p, b.n) : key_of(b.p);
    if (word)
        s->length[b.n] = true;
    tw_buf_add(&s->pool, b.p, b.n);
    tw_buf_add(&s->patterns, &p, sizeof p);
}

static void add_hex(leakscan *s, const char *how, tw_bytes b)
{
    tw_arena *a = tw_arena_new(TW_MIB);
    tw_str hex = tw_hex(a, b);
    char *upper = tw_cstr(a, hex);
    for (size_t i = 0; i < hex.n; i++)
        if (upper[i] >= 'a')
            upper[i] = (char)(upper[i] - 'a' + 'A');
    add_pattern(s, how, tw_bytes_of(hex), false);
    if (memcmp(hex.p, upper, hex.n) != 0)
        add_pattern(s, how, (tw_bytes){ (const uint8_t *)upper, hex.n }, false);
    tw_arena_free(a);
}

/* The characters of base64 that depend on this value alone when it starts at byte k of a group of three. */
static void add_base64(leakscan *s, const char *how, tw_bytes b)
{
    tw_arena *a = tw_arena_new(TW_MIB);
    for (size_t k = 0; k < 3; k++) {
        uint8_t *padded = tw_arena_get(a, k + b.n);
        memcpy(padded + k, b.p, b.n);
        tw_str text = tw_base64(a, (tw_bytes){ padded, k + b.n });
        size_t from = (8 * k + 5) / 6;
        size_t to = 8 * (k + b.n) / 6;
        if (to <= from)
            continue;
        char *copy = tw_cstr(a, (tw_str){ text.p + from, to - from });
        add_pattern(s, how, (tw_bytes){ (const uint8_t *)copy, to - from }, false);
        bool url = false;
        for (size_t i = 0; i < to - from; i++) {
            url |= copy[i] == '+' || copy[i] == '/';
            copy[i] = copy[i] == '+' ? '-' : copy[i] == '/' ? '_' : copy[i];
        }
        if (url)
            add_pattern(s, how, (tw_bytes){ (const uint8_t *)copy, to - from }, false);
    }
    tw_arena_free(a);
}

/* One code point; malformed text gives its bytes one by one. */
static uint32_t next_rune(tw_bytes b, size_t *i)
{
    uint8_t c = b.p[(*i)++];
    size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (more == 0 || *i + more > b.n)
        return c;
    uint32_t r = c & (0x3fu >> more);
    while (more--)
        r = r << 6 | (b.p[(*i)++] & 0x3f);
    return r;
}

static void add_utf16(leakscan *s, tw_bytes b)
{
    tw_buf be;
    tw_buf le;
    tw_buf_init(&be, 4 * b.n + 4);
    tw_buf_init(&le, 4 * b.n + 4);
    for (size_t i = 0; i < b.n;) {
        uint32_t r = next_rune(b, &i);
        uint32_t unit[2] = { r, 0 };
        size_t n = 1;
        if (r >= 0x10000) {
            unit[0] = 0xd800 + ((r - 0x10000) >> 10);
            unit[1] = 0xdc00 + ((r - 0x10000) & 0x3ff);
            n = 2;
        }
        for (size_t j = 0; j < n; j++) {
            tw_buf_u16(&be, (uint16_t)unit[j]);
            tw_buf_u16(&le, (uint16_t)(unit[j] << 8 | unit[j] >> 8));
        }
    }
    add_pattern(s, "UTF-16BE", tw_buf_view(&be), false);
    add_pattern(s, "UTF-16LE", tw_buf_view(&le), false);
    tw_buf_done(&be);
    tw_buf_done(&le);
}

/* As JSON and as a URL may write it, where that differs from the bytes. */
static void add_escapes(leakscan *s, tw_bytes b)
{
    tw_buf json;
    tw_buf url;
    tw_buf_init(&json, 12 * b.n + 16);
    tw_buf_init(&url, 12 * b.n + 16);
    for (size_t i = 0; i < b.n;) {
        size_t from = i;
        uint32_t r = next_rune(b, &i);
        if (r > 127)
            tw_buf_fmt(&json, "\\u%04x", r & 0xffff);
        else
            tw_buf_u8(&json, (uint8_t)r);
        for (size_t j = from; j < i; j++) {
            uint8_t c = b.p[j];
            if (c > 127 || c <= ' ' || strchr("%&'\"+,/:;<=>?@[]^{|}", c))
                tw_buf_fmt(&url, "%%%02X", c);
            else
                tw_buf_u8(&url, c);
        }
    }
    if (!tw_bytes_eq(tw_buf_view(&json), b))
        add_pattern(s, "JSON escapes", tw_buf_view(&json), false);
    if (!tw_bytes_eq(tw_buf_view(&url), b))
        add_pattern(s, "URL escapes", tw_buf_view(&url), false);
    tw_buf_done(&json);
    tw_buf_done(&url);
}

static void add_hashes(leakscan *s, tw_bytes b)
{
    const struct {
        const char *raw;
        const char *hex;
        const char *base64;
        const EVP_MD *md;
    } kind[] = { { "MD5", "MD5 hex", "MD5 base64", EVP_md5() },
                 { "SHA-1", "SHA-1 hex", "SHA-1 base64", EVP_sha1() },
                 { "SHA-256", "SHA-256 hex", "SHA-256 base64", EVP_sha256() },
                 { "SHA-512", "SHA-512 hex", "SHA-512 base64", EVP_sha512() } };
    for (size_t i = 0; i < TW_COUNT(kind); i++) {
        uint8_t h[EVP_MAX_MD_SIZE];
        unsigned n = 0;
        TW_ASSERT(EVP_Digest(b.p, b.n, h, &n, kind[i].md, NULL) == 1);
        tw_bytes hash = { h, n };
        add_pattern(s, kind[i].raw, hash, false);
        add_hex(s, kind[i].hex, hash);
        add_base64(s, kind[i].base64, hash);
    }
}

void leakscan_add(leakscan *s, tw_str kind, tw_str value)
{
    tw_bytes b = tw_bytes_of(value);
    value_info info = { .kind = "" };
    TW_ASSERT(!s->slot); /* not built yet */
    if (value.n < 2 || tw_map_get(s->seen, b))
        return;
    TW_ASSERT(tw_map_put(s->seen, b, &there));
    snprintf(info.kind, sizeof info.kind, TW_FMT, TW_ARG(kind));
    add_pattern(s, "as it is", b, value.n < LEAKSCAN_SHORT);
    add_utf16(s, b);
    add_escapes(s, b);
    add_hashes(s, b);
    if (value.n >= LEAKSCAN_SHORT) {
        add_hex(s, "hex", b);
        add_base64(s, "base64", b);
    }
    tw_buf_add(&s->values, &info, sizeof info);
    s->value_count++;
}

size_t leakscan_add_planted(leakscan *s, tw_str tsv)
{
    tw_str line;
    tw_str kind;
    tw_str value;
    size_t before = s->value_count;
    tw_str_split(&line, &tsv, '\n'); /* the header */
    while (tw_str_split(&line, &tsv, '\n'))
        if (tw_str_split(&kind, &line, '\t') && tw_str_split(&value, &line, '\t'))
            leakscan_add(s, kind, value);
    return s->value_count - before;
}

/* ---------------------------------------------------------------- table */

static uint64_t mix(uint64_t k)
{
    k *= 0x9e3779b97f4a7c15u;
    return k ^ k >> 29;
}

static pattern *patterns_of(const leakscan *s)
{
    return (pattern *)(void *)s->patterns.p;
}

void leakscan_build(leakscan *s)
{
    size_t count = s->patterns.n / sizeof(pattern);
    pattern *p = patterns_of(s);
    TW_ASSERT(!s->pool.failed && !s->patterns.failed && !s->values.failed && !s->slot);
    for (s->slots = 1024; s->slots < 2 * count;)
        s->slots *= 2;
    s->slot = tw_mem_alloc(s->slots * sizeof *s->slot);
    s->filter = tw_mem_alloc((size_t)1 << (FILTER_BITS - 3));
    TW_ASSERT(s->slot && s->filter);
    for (size_t i = 0; i < count; i++) {
        uint64_t h = mix(p[i].key);
        uint32_t bit = (uint32_t)(h >> (64 - FILTER_BITS));
        s->filter[bit >> 3] |= (uint8_t)(1u << (bit & 7));
        p[i].next = s->slot[h & (s->slots - 1)];
        s->slot[h & (s->slots - 1)] = (uint32_t)i + 1;
    }
}

typedef struct {
    const leakscan *s;
    const char *file;
    tw_bytes data;
    leakscan_hit *each;
    void *arg;
    size_t hits;
} scan;

static void look_up(scan *c, uint64_t key, size_t at, bool word)
{
    const leakscan *s = c->s;
    uint64_t h = mix(key);
    uint32_t bit = (uint32_t)(h >> (64 - FILTER_BITS));
    if (!(s->filter[bit >> 3] & 1u << (bit & 7)))
        return;
    const pattern *all = patterns_of(s);
    const value_info *value = (const value_info *)(const void *)s->values.p;
    for (uint32_t i = s->slot[h & (s->slots - 1)]; i; i = all[i - 1].next) {
        const pattern *p = &all[i - 1];
        if (p->key != key || p->word != word || p->n > c->data.n - at
            || memcmp(s->pool.p + p->at, c->data.p + at, p->n) != 0)
            continue;
        c->hits++;
        if (c->each)
            c->each(c->arg, c->file, at, value[p->value].kind, p->how, p->value + 2u);
    }
}

static bool in_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c > 127;
}

static void scan_words(scan *c)
{
    const uint8_t *p = c->data.p;
    size_t size = c->data.n;
    if (size == 0 || memchr(p, 0, size) || !tw_utf8_valid(tw_str_of_bytes(c->data)))
        return;
    for (size_t i = 0; i < size; i++) {
        if (i && in_word(p[i - 1]))
            continue;
        for (size_t n = 2; n < LENGTHS && i + n <= size; n++)
            if (c->s->length[n] && (i + n == size || !in_word(p[i + n])))
                look_up(c, word_key(p + i, n), i, true);
    }
}

size_t leakscan_bytes(const leakscan *s, const char *file, tw_bytes data, leakscan_hit *each, void *arg)
{
    scan c = { .s = s, .file = file, .data = data, .each = each, .arg = arg };
    TW_ASSERT(s->slot != NULL);
    for (size_t i = 0; i + 8 <= data.n; i++)
        look_up(&c, key_of(data.p + i), i, false);
    scan_words(&c);
    return c.hits;
}

/* ---------------------------------------------------------------- folders */

static bool scan_file(leakscan_total *io, const leakscan *s, const char *path, size_t size, leakscan_hit *each,
                      void *arg)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    io->files++;
    io->bytes += size;
    void *p = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (p == MAP_FAILED)
        return false;
    if (size) {
        io->hits += leakscan_bytes(s, path, (tw_bytes){ p, size }, each, arg);
        munmap(p, size);
    }
    return true;
}

static bool scan_folder(leakscan_total *io, const leakscan *s, const char *path, leakscan_hit *each, void *arg)
{
    DIR *d = opendir(path);
    bool ok = d != NULL;
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        char full[4096];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        int n = snprintf(full, sizeof full, "%s/%s", path, e->d_name);
        io->hits += leakscan_bytes(s, full, tw_bytes_of(tw_str_of(e->d_name)), each, arg);
        ok &= n > 0 && (size_t)n < sizeof full && leakscan_tree(io, s, full, each, arg);
    }
    if (d)
        closedir(d);
    return ok;
}

bool leakscan_tree(leakscan_total *io, const leakscan *s, const char *path, leakscan_hit *each, void *arg)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return false;
    if (S_ISDIR(st.st_mode))
        return scan_folder(io, s, path, each, arg);
    return S_ISREG(st.st_mode) ? scan_file(io, s, path, (size_t)st.st_size, each, arg) : true;
}
