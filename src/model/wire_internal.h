/** Protobuf through the arena: lists of text, packing and unpacking. Used by policy.c and project.c. */
#ifndef TW_MODEL_WIRE_INTERNAL_H
#define TW_MODEL_WIRE_INTERNAL_H

#include <protobuf-c/protobuf-c.h>

#include "model/model.h"

/** Copies with a NUL, as protobuf-c wants them. */
char **tw_wire_list(tw_ctx *cx, const tw_list *list);
char *tw_wire_text(tw_ctx *cx, tw_str s);
/** Back; borrows the unpacked text. fails TW_EPARSE when there are more than TW_LIST_MAX. */
TW_NODISCARD tw_status tw_wire_read_list(tw_ctx *cx, tw_list *out, char *const *items, size_t count);

/** fails TW_ELIMIT over TW_POLICY_BYTES_MAX. */
TW_NODISCARD tw_status tw_wire_pack(tw_ctx *cx, tw_bytes *out, const ProtobufCMessage *m, const char *what);
/** Into the arena; limits the bytes. fails TW_EPARSE. */
TW_NODISCARD tw_status tw_wire_unpack(tw_ctx *cx, ProtobufCMessage **out, const ProtobufCMessageDescriptor *type,
                                      tw_bytes in, const char *what);

#endif
