/** One input through a decoder of another format than FHIR (src/sources/decode.h), its Bundles through the reader. */
#ifndef FUZZ_DECODER_H
#define FUZZ_DECODER_H

#include "decode.h"
#include "support.h"

/** in: the file, or what the name says the mapping is of. Must hold:
 *  - cutting into units ends, passes over every byte, and does not depend on how much of the file is in view;
 *  - a unit that decodes is a Bundle of type collection; it reads back, written again from its tokens is the same
 * bytes, and decoded again is the same bytes; the reader takes it apart without a malformed part;
 *  - a unit that does not decode has a place in the unit, a rule, and no value in either.
 *  names: messages may hold names that the input gave to columns, so they are not looked at. */
void fuzz_decoder(const tw_decoder *decoder, const tw_sources_opts *opts, tw_str name, tw_bytes in, bool names);

#endif
