/** Looks for planted identifiers in whole folders, as they are and in the disguises that careless code gives them.
 *
 *  Of each value these patterns are sought: the bytes; hexadecimal in both cases; base64 and base64url at the three
 *  alignments (only the characters that the neighbours do not touch); UTF-16 in both byte orders; with the escapes of
 * JSON and of URLs; MD5, SHA-1, SHA-256 and SHA-512, raw, in hexadecimal of both cases and in base64. A pattern of
 * eight bytes or more is sought anywhere. Values of fewer than eight bytes are sought as words: case-sensitively, in
 * text files only, where neither neighbour is a letter, a digit, '_' or a byte above 127; their hashes and their UTF-16
 * forms of eight bytes or more anywhere. Values of fewer than two bytes cannot be sought.
 *
 *  One pass a file: eight bytes at each place go through a bit filter, then a table; about 500 MB/s. */
#ifndef LEAKSCAN_H
#define LEAKSCAN_H

#include "base/base.h"

#define LEAKSCAN_SHORT 8

typedef struct leakscan leakscan;

leakscan *leakscan_new(void);
void leakscan_free(leakscan *s);
/** kind: what the value is ("mrn"), for findings. Values that were added before are passed over. */
void leakscan_add(leakscan *s, tw_str kind, tw_str value);
/** Lines "kind TAB value TAB ..." after a header; how many values were added. */
size_t leakscan_add_planted(leakscan *s, tw_str tsv);
/** Call once, after the last value. */
void leakscan_build(leakscan *s);
size_t leakscan_values(const leakscan *s);

/** Calls `each` for every place found; `how` is the disguise ("hex", "sha256 base64"). Never the value itself. */
typedef void leakscan_hit(void *arg, const char *file, size_t offset, const char *kind, const char *how, size_t line);
size_t leakscan_bytes(const leakscan *s, const char *file, tw_bytes data, leakscan_hit *each, void *arg);

typedef struct {
    uint64_t files;
    uint64_t bytes;
    uint64_t hits;
} leakscan_total;
/** Every file below a folder (or one file); links are not followed. false: something could not be read. The names of
 *  files and folders are looked at too. */
bool leakscan_tree(leakscan_total *io, const leakscan *s, const char *path, leakscan_hit *each, void *arg);

#endif
