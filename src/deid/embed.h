/** Data files of this room, compiled in by embed.c. */
#ifndef TW_DEID_EMBED_H
#define TW_DEID_EMBED_H

extern const char embed_common[], embed_common_end[];
extern const char embed_linked[], embed_linked_end[];
extern const char embed_twin[], embed_twin_end[];
extern const char embed_safe_harbor[], embed_safe_harbor_end[];
extern const char embed_expert[], embed_expert_end[];
extern const char embed_gdpr[], embed_gdpr_end[];

#endif
