#include "sbml/sbml.h"
#include "test_near.h"

static const tw_sbml_model *model(const char *path)
{
    const tw_sbml_model *m;
    assert_ok(tw_sbml_read(cx, &m, tw_test_source(path), NULL));
    for (uint32_t i = 0; i < m->n_warning; i++)
        fail_msg("%s: %s", path, m->warning[i]);
    return m;
}

TEST(models__a_course_has_thirty_fractions_and_the_first_is_not_lost)
{
    static const char *const path[] = { "models/rt-dvr/model.xml", "models/rt-psi/model.xml",
                                        "models/rt-ccr/model.xml" };
    for (size_t k = 0; k < TW_COUNT(path); k++) {
        const tw_sbml_model *m = model(path[k]);
        assert_int_equal(m->n_event, 30);
        for (uint32_t i = 0; i < m->n_event; i++) {
            assert_false(m->event[i].trigger_initial); /* time >= 0 would never become true */
            assert_int_equal(m->event[i].n_assignment, 1);
        }
        uint32_t target = m->event[0].assignment[0].symbol;
        assert_string_equal(m->symbol[target].id, k == 2 ? "K" : "V");
        assert_true(tw_sbml_find(m, TW_STR("dose_week_6")) != TW_NO_SYMBOL);
    }
}

TEST(models__growth_laws_read)
{
    assert_int_equal(model("models/tumour-growth/logistic.xml")->n_rule, 1);
    assert_int_equal(model("models/tumour-growth/gompertz.xml")->n_rule, 1);
    assert_int_equal(model("models/tumour-growth/simeoni.xml")->n_rule, 5);
}
