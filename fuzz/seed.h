/** First inputs of the targets: what the files of seed_corpus share. */
#ifndef FUZZ_SEED_H
#define FUZZ_SEED_H

#include "support.h"

/** FOLDER/<decoder>/seed-<name>; at most 4 KiB. */
void seed(const char *decoder, const char *name, tw_bytes bytes);
/** The same with a first byte before it, which says what the rest is. */
void seed_of(const char *decoder, const char *name, uint8_t what, tw_bytes bytes);

/** Binary objects: ledger, proofs, seals. */
void seed_objects(void);
/** Text of hospitals: HL7 v2, tables, C-CDA. */
void seed_sources(void);
/** FHIRPath expressions and configurations. */
void seed_fhir(void);
/** Models and formulas. */
void seed_sbml(void);

#endif
