/** Fixtures of app's tests: a seeded site in a fresh folder, a few synthetic people enrolled, collected, a live project. */
#ifndef TW_TEST_APP_H
#define TW_TEST_APP_H

#include "test.h"

#include "app/app_internal.h"

typedef struct {
    char dir[256];
    tw_env env;
    tw_site *site;
    tw_enrol_line *line;
    size_t line_count;
    tw_id project;
} world;

/** Site only: sources hospital-1, hospital-2; researchers lab, other. */
void world_make(world *w);
/** People written to <dir>/in by the generator; enrolled with `policy` (NULL: HMB permitted). */
void world_enrol(world *w, unsigned patients, const tw_policy *policy, bool directed);
void world_collect(world *w);
/** A live project of `lab` for HMB over these categories. */
tw_id world_project(world *w, const char *grantee, tw_purpose_type purpose, uint32_t categories);
/** All of the above with 3 patients. */
void world_ready(world *w);
void world_reopen(world *w);
void world_end(world *w);

tw_policy policy_hmb(void);
/** An honest release; asserts that it was answered. */
tw_release_report release_ok(world *w, const char *grantee, const tw_id *project);
tw_open_report open_ok(world *w, const char *grantee, const tw_id *release);
/** Files under a folder, recursively: calls each with path and content. */
void each_file(const char *dir, void (*each)(void *arg, const char *path, tw_bytes data), void *arg);

#endif
