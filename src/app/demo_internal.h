/** Private to the demo. */
#ifndef TW_DEMO_INTERNAL_H
#define TW_DEMO_INTERNAL_H

#include "report_internal.h"
#include "twin_app_internal.h"

/** What a wallet of the demo says. Every man and woman gets one of these, by position. */
typedef enum {
    TW_DEMO_HEALTH,    /* health research */
    TW_DEMO_GENERAL,   /* any research */
    TW_DEMO_NONPROFIT, /* health research, not for profit */
    TW_DEMO_PROSTATE,  /* research on prostate cancer only */
    TW_DEMO_NOBODY,    /* nothing is permitted */
    TW_DEMO_REFER,     /* ask me: limited to a kind of research that a person must read */
    TW_DEMO_EXPIRED,   /* health research, until yesterday */
    TW_DEMO_DIRECTED,  /* health research, but only by a grant to one project's key */
    TW_DEMO_WILL_COUNT
} tw_demo_will;

#define TW_DEMO_SOURCES 3
#define TW_DEMO_LAB "tumour-lab"
#define TW_DEMO_INSURER "insurer"
#define TW_DEMO_PATIENTS_MIN 8

typedef struct tw_demo_scorer tw_demo_scorer;

typedef struct {
    const tw_demo_opts *o;
    tw_site *s;
    tw_enrol_line *line; /* of all desks */
    size_t lines;
    tw_id project;
    tw_id insurer;
    tw_id release;
    tw_demo_scorer *scorer; /* scores under way; NULL: none */
} tw_demo;

tw_demo_will tw_demo_will_of(const tw_demo *d, size_t person /* from 0 */);
tw_policy tw_demo_policy(const tw_demo *d, tw_demo_will will);
/** Name of the n-th wallet (from 0) of a will; "" when there is none. */
const char *tw_demo_wallet(tw_ctx *cx, const tw_demo *d, tw_demo_will will, size_t n);

/* Steps; each leaves its artefacts in the site. */
tw_status tw_demo_folder(tw_ctx *cx, const tw_demo_opts *o);
tw_status tw_demo_people(tw_ctx *cx, tw_demo *d);                    /* hospitals/, or from a PSA table */
tw_status tw_demo_enrol(tw_ctx *cx, tw_demo *d);
tw_status tw_demo_collect(tw_ctx *cx, tw_demo *d, const char *source, const char *path);
tw_status tw_demo_project(tw_ctx *cx, tw_id *project, tw_demo *d, const char *grantee, const tw_purpose *purpose,
                          uint32_t categories, unsigned approvals);
tw_purpose tw_demo_purpose(void);
tw_status tw_demo_twins(tw_ctx *cx, tw_demo *d);  /* fit and forecast; starts the scores, */
tw_status tw_demo_scores(tw_ctx *cx, tw_demo *d); /* and waits for them */
tw_status tw_demo_attempts(tw_ctx *cx, tw_demo *d); /* attempts.json; one patient stops, one erases */
tw_status tw_demo_look(tw_ctx *cx, tw_demo *d);     /* one patient's disclosures */
/** About twenty lines from the site's artefacts. */
tw_status tw_demo_summary(tw_ctx *cx, tw_str *out, tw_demo *d, const tw_facts *f);

/** A step whose arena memory is given back. */
#define TW_DEMO_STEP(call)                                                                                             \
    do {                                                                                                               \
        tw_mark tw_demo_mark_ = tw_arena_mark(cx->arena);                                                              \
        TW_TRY(call);                                                                                                  \
        tw_arena_back(cx->arena, tw_demo_mark_);                                                                       \
    } while (0)

#endif
