/* The assembler reads the files (TW_DEID_DIR comes from room.cmake); each ends in a NUL that is not counted. */
#include "deid/embed.h"

#define EMBED(name, file)                                                                                              \
    __asm__(".section .rodata\n"                                                                                       \
            ".balign 16\n"                                                                                             \
            ".globl embed_" #name "\n"                                                                                 \
            ".globl embed_" #name "_end\n"                                                                             \
            "embed_" #name ":\n"                                                                                       \
            ".incbin \"" TW_DEID_DIR "/" file "\"\n"                                                                   \
            "embed_" #name "_end:\n"                                                                                   \
            ".byte 0\n"                                                                                                \
            ".previous\n")

EMBED(common, "profiles/common.profile");
EMBED(linked, "profiles/linked.profile");
EMBED(twin, "profiles/twin.profile");
EMBED(safe_harbor, "profiles/hipaa-safe-harbor.profile");
EMBED(expert, "profiles/hipaa-expert.profile");
EMBED(gdpr, "profiles/gdpr-research.profile");
