/* Runs a target over the files of folders and over single files, without libFuzzer: the kept corpus as an ordinary
 * test with any compiler. Prints TAP; the name of each input comes before its run, so that the last one is to blame
 * when the program ends early. */
#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define INPUT_MAX ((long)16 << 20)

static size_t inputs;

static bool replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f || fseek(f, 0, SEEK_END) != 0)
        return false;
    long size = ftell(f);
    rewind(f);
    /* Of exactly this size, so that the sanitizer sees a read behind it. */
    uint8_t *data = size >= 0 && size <= INPUT_MAX ? tw_mem_alloc((size_t)size) : NULL;
    bool ok = data && fread(data, 1, (size_t)size, f) == (size_t)size;
    fclose(f);
    if (ok) {
        fprintf(stdout, "# %s\n", path);
        fflush(stdout);
        LLVMFuzzerTestOneInput(data, (size_t)size);
        inputs++;
    }
    tw_mem_free(data);
    return ok;
}

static bool replay(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return false;
    if (!S_ISDIR(st.st_mode))
        return replay_file(path);
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    bool ok = count > 0;
    for (int i = 0; i < count; i++) {
        char full[4096];
        int n = snprintf(full, sizeof full, "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            ok = n > 0 && (size_t)n < sizeof full && replay_file(full) && ok;
        free(names[i]); /* check: allow free: scandir allocates with malloc */
    }
    free(names); /* check: allow free: scandir allocates with malloc */
    return ok;
}

int main(int argc, char **argv)
{
    bool ok = argc > 1;
    tw_base_start();
    for (int i = 1; i < argc; i++) {
        if (replay(argv[i]))
            continue;
        fprintf(stdout, "# cannot read %s\n", argv[i]);
        ok = false;
    }
    ok = ok && inputs > 0;
    fprintf(stdout, "%sok 1 - %zu inputs replayed\n1..1\n", ok ? "" : "not ", inputs);
    return ok ? 0 : 1;
}
