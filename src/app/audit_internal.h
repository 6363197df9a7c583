/** Private to audit: what is being looked at, and findings. */
#ifndef TW_AUDIT_INTERNAL_H
#define TW_AUDIT_INTERNAL_H

#include "release_internal.h"

typedef struct {
    const char *dir;
    tw_solo *log;
    tw_batch_index batches;
    tw_audit_report *report;
} tw_audit;

void tw_finding_fail(tw_ctx *cx, tw_audit *a, const char *file, const char *fmt, ...) TW_PRINTF(4, 5);
void tw_finding_note(tw_ctx *cx, tw_audit *a, const char *file, const char *fmt, ...) TW_PRINTF(4, 5);
char *tw_audit_path(tw_ctx *cx, const tw_audit *a, const char *fmt, ...) TW_PRINTF(3, 4);

/* Each looks at one part and adds findings; a status is returned only when the audit itself cannot go on. */
tw_status tw_audit_packs(tw_ctx *cx, tw_audit *a);
tw_status tw_audit_receipts(tw_ctx *cx, tw_audit *a);
tw_status tw_audit_releases(tw_ctx *cx, tw_audit *a);

#endif
