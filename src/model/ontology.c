/* An excerpt of the Human Disease Ontology (DOID, CC0): child, parent. Enough for the shared examples and the twins. */
#include "model/model.h"

#define TERM(number) { "DOID:" number, sizeof("DOID:" number) - 1 }
#define IS_A(child, parent) { TERM(child), TERM(parent) }

static const tw_is_a edges[] = {
    IS_A("14566", "4"),      /* disease of cellular proliferation: disease */
    IS_A("162", "14566"),    /* cancer */
    IS_A("0050686", "162"),  /* organ system cancer */
    IS_A("3119", "0050686"), /* gastrointestinal system cancer */
    IS_A("10155", "3119"),   /* intestinal cancer */
    IS_A("9256", "10155"),   /* colorectal cancer */
    IS_A("1612", "0050686"), /* breast cancer */
    IS_A("1324", "0050686"), /* lung cancer */
    IS_A("193", "0050686"),  /* reproductive organ cancer */
    IS_A("3856", "193"),     /* male reproductive organ cancer */
    IS_A("10283", "3856"),   /* prostate cancer */
    IS_A("9351", "4"),       /* diabetes mellitus */
    IS_A("9352", "9351"),    /* type 2 diabetes mellitus */
    IS_A("9744", "9351"),    /* type 1 diabetes mellitus */
    IS_A("114", "4"),        /* heart disease */
};

const tw_ontology tw_ontology_builtin = { edges, TW_COUNT(edges) };
