/* TW_DEID_DIR comes from room.cmake. */
#include "deid/embed.h"

#include "base/embed.h"

TW_EMBED(embed_common, TW_DEID_DIR "/profiles/common.profile");
TW_EMBED(embed_linked, TW_DEID_DIR "/profiles/linked.profile");
TW_EMBED(embed_twin, TW_DEID_DIR "/profiles/twin.profile");
TW_EMBED(embed_safe_harbor, TW_DEID_DIR "/profiles/hipaa-safe-harbor.profile");
TW_EMBED(embed_expert, TW_DEID_DIR "/profiles/hipaa-expert.profile");
TW_EMBED(embed_gdpr, TW_DEID_DIR "/profiles/gdpr-research.profile");
