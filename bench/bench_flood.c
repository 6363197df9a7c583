/* Endless FHIR for a pipe. Usage: bench_flood MEGABYTES BUNDLE.json... >NDJSON
 *
 * Writes the Bundles again and again, one a line, until so many bytes (of 10^6) are out. Each time every UUID but the
 * patient's own is changed the same way all over the Bundle, so that its resources are new records of the same patient
 * and refer to each other as before. A Bundle is one patient's, of FHIR R4, as `twinward synth` writes it. */
#include "figure.h"

#define BUNDLES_MAX 4096
#define UUIDS_MAX 200000 /* of one Bundle */

typedef struct {
    char *text; /* one line */
    size_t n;
    size_t *at; /* where the UUIDs stand that change; their first eight digits do */
    uint32_t *head;
    size_t count;
} bundle;

static tw_ctx cx;

static bool uuid_at(const char *p, size_t left)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (left < 36)
        return false;
    for (size_t i = 0; i < 36; i++)
        if (shape[i] == '-' ? p[i] != '-' : !strchr("0123456789abcdef", p[i]) || p[i] == 0)
            return false;
    return true;
}

/* Line ends become blanks: in JSON they stand between tokens only. */
static bundle load(const char *path)
{
    static const char patient[] = "\"resourceType\":\"Patient\",\"id\":\"";
    FILE *f = fopen(path, "rb");
    bundle b = { 0 };
    if (!f) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(4);
    }
    fseek(f, 0, SEEK_END);
    b.n = (size_t)ftell(f);
    rewind(f);
    b.text = tw_arena_get(cx.arena, b.n + 1);
    b.n = fread(b.text, 1, b.n, f);
    fclose(f);
    for (size_t i = 0; i < b.n; i++)
        b.text[i] = b.text[i] == '\n' || b.text[i] == '\r' ? ' ' : b.text[i];
    const char *own = strstr(b.text, patient);
    own = own ? own + sizeof patient - 1 : "";
    b.at = tw_arena_get(cx.arena, UUIDS_MAX * sizeof *b.at);
    b.head = tw_arena_get(cx.arena, UUIDS_MAX * sizeof *b.head);
    for (size_t i = 0; i < b.n; i++) {
        if (!uuid_at(b.text + i, b.n - i))
            continue;
        if (strncmp(b.text + i, own, 36) != 0 && b.count < UUIDS_MAX) {
            b.head[b.count] = (uint32_t)strtoul(tw_cstr(cx.arena, (tw_str){ b.text + i, 8 }), NULL, 16);
            b.at[b.count++] = i;
        }
        i += 35;
    }
    return b;
}

static bool put(const bundle *b, uint32_t round)
{
    char digits[9];
    for (size_t i = 0; i < b->count; i++) {
        snprintf(digits, sizeof digits, "%08x", (unsigned)(b->head[i] ^ round * 0x9e3779b1u));
        memcpy(b->text + b->at[i], digits, 8);
    }
    return fwrite(b->text, 1, b->n, stdout) == b->n && putchar('\n') != EOF;
}

int main(int argc, char **argv)
{
    static bundle all[BUNDLES_MAX];
    uint64_t megabytes, bytes = 0;
    size_t count = 0;
    tw_base_start();
    tw_ctx_init(&cx, 1024 * TW_MIB, NULL);
    if (argc < 3 || !tw_parse_u64(&megabytes, tw_str_of(argv[1]))) {
        fprintf(stderr, "usage: bench_flood MEGABYTES BUNDLE.json... >NDJSON\n");
        return 2;
    }
    for (int i = 2; i < argc && count < BUNDLES_MAX; i++)
        all[count++] = load(argv[i]);
    for (uint32_t round = 0; bytes < megabytes * 1000000; round++)
        for (size_t i = 0; i < count && bytes < megabytes * 1000000; i++) {
            if (!put(&all[i], round))
                return 4; /* the reader went away */
            bytes += all[i].n + 1;
        }
    tw_ctx_done(&cx);
    return fflush(stdout) == 0 ? 0 : 4;
}
