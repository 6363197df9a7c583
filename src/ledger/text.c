/* Names of kinds and texts of codes. */
#include "ledger/ledger.h"

const char *tw_entry_kind_name(unsigned kind)
{
    static const char *const names[TW_ENTRY_KIND_COUNT] = {
#define X(number, name, text) [number] = text,
        TW_ENTRY_KIND_LIST(X)
#undef X
    };
    return kind < TW_ENTRY_KIND_COUNT ? names[kind] : "unknown";
}

const char *tw_code_text(unsigned code)
{
    static const char *const texts[] = {
#define X(number, name, text) [number] = text,
        TW_CODE_LIST(X)
#undef X
    };
    return code < TW_COUNT(texts) ? texts[code] : "unknown code";
}
