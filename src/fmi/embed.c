/* The runtime of an FMU as text, taken in by the assembler. */
#include "fmi/embed.h"

__asm__(".section .rodata\n"
        ".balign 16\n"
        ".globl tw_fmi_runtime\n"
        ".globl tw_fmi_runtime_end\n"
        "tw_fmi_runtime:\n"
        ".incbin \"" TW_FMI_DIR "/source/twin.c\"\n"
        "tw_fmi_runtime_end:\n"
        ".byte 0\n"
        ".previous\n");
