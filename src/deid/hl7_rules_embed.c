/* The rules for HL7 v2, compiled in (TW_DEID_DIR comes from room.cmake); they end in a NUL that is not counted. */
#include "deid/hl7_internal.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".globl hl7_embed_rules\n"
        ".globl hl7_embed_rules_end\n"
        "hl7_embed_rules:\n"
        ".incbin \"" TW_DEID_DIR "/profiles/hl7v2.rules\"\n"
        "hl7_embed_rules_end:\n"
        ".byte 0\n"
        ".previous\n");
extern const char hl7_embed_rules[], hl7_embed_rules_end[];

tw_str hl7_rules_text(void)
{
    return (tw_str){ hl7_embed_rules, (size_t)(hl7_embed_rules_end - hl7_embed_rules) };
}
