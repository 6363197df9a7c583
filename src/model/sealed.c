#include "model/seal_make.h"

struct tw_sealed {
    tw_bytes leaf;
    tw_bytes object;
};

tw_sealed *tw_sealed_make(tw_ctx *cx, tw_bytes leaf, tw_bytes object)
{
    tw_sealed *s = tw_new(cx->arena, tw_sealed);
    *s = (tw_sealed){ leaf, object };
    return s;
}

tw_bytes tw_sealed_leaf(const tw_sealed *s)
{
    return s->leaf;
}

tw_bytes tw_sealed_object(const tw_sealed *s)
{
    return s->object;
}
