/** Private to src/fmi. */
#ifndef TW_FMI_EMBED_H
#define TW_FMI_EMBED_H

/** source/twin.c, from here to the end. */
extern const char tw_fmi_runtime[];
extern const char tw_fmi_runtime_end[];

#endif
