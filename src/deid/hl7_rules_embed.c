/* The rules for HL7 v2, compiled in (TW_DEID_DIR comes from room.cmake). */
#include "deid/hl7_internal.h"

#include "base/embed.h"

TW_EMBED(hl7_embed_rules, TW_DEID_DIR "/profiles/hl7v2.rules");

tw_str hl7_rules_text(void)
{
    return TW_EMBEDDED(hl7_embed_rules);
}
