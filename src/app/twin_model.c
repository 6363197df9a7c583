/* The model card and the population that are shipped (TW_MODEL_DIR comes from room.cmake). */
#include "twin_app_internal.h"

#include "base/embed.h"

TW_EMBED(twin_embed_population, TW_MODEL_DIR "/population.tsv");
TW_EMBED(twin_embed_card, TW_MODEL_DIR "/card.md");

tw_str tw_twin_shipped_population(void)
{
    return TW_EMBEDDED(twin_embed_population);
}

tw_str tw_twin_shipped_card(void)
{
    return TW_EMBEDDED(twin_embed_card);
}
