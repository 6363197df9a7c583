/** A file's bytes in the program, taken in by the assembler from `file`, a string literal of its whole path; they end
 *  in a NUL that is not counted. TW_EMBED(x, "/a/b") defines x[] and x_end[]. The room's room.cmake names the folder
 *  and says that the source hangs on the file. */
#ifndef TW_BASE_EMBED_H
#define TW_BASE_EMBED_H

#define TW_EMBED(symbol, file)                                                                                         \
    __asm__(".section .rodata\n"                                                                                       \
            ".balign 16\n"                                                                                             \
            ".globl " #symbol "\n"                                                                                     \
            ".globl " #symbol "_end\n" #symbol ":\n"                                                                   \
            ".incbin \"" file "\"\n" #symbol "_end:\n"                                                                 \
            ".byte 0\n"                                                                                                \
            ".previous\n");                                                                                            \
    extern const char symbol[], symbol##_end[]
/** What TW_EMBED took in, as a tw_str. */
#define TW_EMBEDDED(symbol) ((tw_str){ symbol, (size_t)(symbol##_end - symbol) })

#endif
