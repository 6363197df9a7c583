/* Noise metadata and records. */
#include "test_model.h"

static tw_str written(const tw_noise *n)
{
    tw_buf b;
    tw_jw w;
    tw_buf_init(&b, TW_KIB);
    tw_jw_init(&w, &b, 0);
    tw_noise_write(&w, n);
    return tw_str_of_bytes(taken(&b));
}

static tw_status read(tw_noise *out, tw_str text)
{
    tw_json d;
    TW_TRY(tw_json_parse(cx, &d, text, NULL));
    return tw_noise_read(cx, out, &d, 0);
}

TEST(noise__of_nothing_is_an_empty_object)
{
    tw_noise n = { 0 };
    assert_str("{}", written(&n));
    n.value_sd = 1;
    assert_ok(read(&n, TW_STR("{}")));
    assert_memory_equal(&(tw_noise){ 0 }, &n, sizeof n);
}

TEST(noise__says_what_was_done)
{
    tw_noise shift = { .time_shift_constant = true };
    assert_str(json("{'time':{'law':'constant-shift'}}").p, written(&shift));
    tw_noise year = { .value_sd = 0.5, .value_round_width = 0.1, .time_round_days = 365.25, .time_jitter_days = 3 };
    assert_str(json("{'value':{'sd':0.5,'round_width':0.10000000000000001},"
                    "'time':{'round_days':365.25,'jitter_days':3}}")
                   .p,
               written(&year));
    tw_noise dropped = { .time_dropped = true };
    assert_str(json("{'time':{'law':'dropped'}}").p, written(&dropped));
}

TEST(noise__comes_back_as_it_was)
{
    for (int i = 0; i < 200; i++) {
        double v[4];
        for (int k = 0; k < 4; k++)
            v[k] = tw_test_below(2) ? 0 : (double)(tw_test_random() >> 11) / 1e12;
        int law = (int)tw_test_below(3);
        tw_noise n = { v[0], v[1], v[2], v[3], law == 1, law == 2 };
        tw_noise back;
        assert_ok(read(&back, written(&n)));
        assert_true(n.value_sd == back.value_sd && n.value_round_width == back.value_round_width);
        assert_true(n.time_round_days == back.time_round_days && n.time_jitter_days == back.time_jitter_days);
        assert_true(n.time_shift_constant == back.time_shift_constant && n.time_dropped == back.time_dropped);
    }
}

TEST(noise__refuses_what_it_does_not_know)
{
    static const char *const texts[] = {
        "[]", "{'value':1}", "{'when':{}}", "{'value':{'law':'dropped'}}", "{'time':{'law':'lognormal'}}",
        "{'time':{'law':1}}", "{'value':{'sd':-1}}", "{'value':{'sd':'1'}}", "{'time':{'round_days':1e999}}",
        "{'time':{'sd':1}}", "{'time':{'round_width':1}}", "{'value':{'round_days':1}}",
        "{'time':{'round_days':-1}}", "{'time':{'jitter_days':true}}",
        "{'value':{'round_width':null}}",
    };
    tw_noise n;
    for (size_t i = 0; i < TW_COUNT(texts); i++)
        assert_status(TW_EPARSE, read(&n, json(texts[i])));
    assert_ok(read(&n, json("{'value':{'sd':0}}")));
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, TW_STR("{}"), NULL));
    assert_status(TW_EPARSE, tw_noise_read(cx, &n, &d, TW_JSON_NONE));
}

TEST(record__phi_lends_its_parts)
{
    tw_json d;
    assert_ok(tw_json_parse(cx, &d, json("{'resourceType':'Patient'}"), NULL));
    tw_phi *phi = tw_phi_make(cx, &(tw_phi_parts){ .doc = &d, .type = TW_STR("Patient"), .version = TW_STR("3") });
    assert_ptr_equal(&d, tw_phi_view(phi)->doc);
    assert_str("Patient", tw_phi_view(phi)->type);
    assert_str("3", tw_phi_view(phi)->version);
}
