/* The model card and the population that are shipped, taken in by the assembler (TW_MODEL_DIR comes from room.cmake).
 */
#include "twin_app_internal.h"

#define EMBED(name, file)                                                                                              \
    __asm__(".section .rodata\n"                                                                                       \
            ".globl twin_embed_" #name "\n"                                                                            \
            ".globl twin_embed_" #name "_end\n"                                                                        \
            "twin_embed_" #name ":\n"                                                                                  \
            ".incbin \"" TW_MODEL_DIR "/" file "\"\n"                                                                  \
            "twin_embed_" #name "_end:\n"                                                                              \
            ".byte 0\n"                                                                                                \
            ".previous\n")

EMBED(population, "population.tsv");
EMBED(card, "card.md");

extern const char twin_embed_population[], twin_embed_population_end[];
extern const char twin_embed_card[], twin_embed_card_end[];

tw_str tw_twin_shipped_population(void)
{
    return (tw_str){ twin_embed_population, (size_t)(twin_embed_population_end - twin_embed_population) };
}

tw_str tw_twin_shipped_card(void)
{
    return (tw_str){ twin_embed_card, (size_t)(twin_embed_card_end - twin_embed_card) };
}
