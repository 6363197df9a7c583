#include "test.h"

#include "cli/help.h"

static tw_str take(tw_buf *b)
{
    tw_str text = tw_str_dup(cx->arena, tw_str_of_bytes(tw_buf_view(b)));
    assert_false(b->failed);
    tw_buf_done(b);
    return text;
}

static tw_str text_of(void (*write)(tw_buf *out))
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    write(&b);
    return take(&b);
}

static tw_str json_of(const tw_cli_command *c, const char *group)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_help_json(&b, c, group);
    return take(&b);
}

static bool holds(tw_str text, const char *part)
{
    return tw_str_find(text, tw_str_of(part)) != SIZE_MAX;
}

/* As the man page writes it: each minus escaped. */
static const char *escaped(const char *text)
{
    tw_buf b;
    tw_buf_init(&b, TW_KIB);
    for (; *text; text++)
        tw_buf_fmt(&b, "%s%c", *text == '-' ? "\\" : "", *text);
    return take(&b).p;
}

TEST(overview__names_every_command)
{
    tw_str text = text_of(tw_help_overview);
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        assert_true(holds(text, tw_strf(cx->arena, "\n  %s ", c->name).p));
        assert_true(holds(text, c->summary));
    }
}

TEST(command__help_names_each_option_once)
{
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        tw_buf b;
        tw_buf_init(&b, TW_MIB);
        tw_help_command(&b, c);
        tw_str text = take(&b);
        size_t at = tw_str_find(text, TW_STR("\noptions:\n"));
        assert_true(at != SIZE_MAX);
        tw_str options = { text.p + at, text.n - at };
        for (const tw_cli_opt *o = c->opt; o->name; o++) {
            const char *line = tw_strf(cx->arena, "  --%s ", o->name).p;
            const char *lettered = tw_strf(cx->arena, ", --%s ", o->name).p;
            assert_true(holds(options, o->letter ? lettered : line));
        }
    }
}

TEST(command__help_fits_a_screen_of_a_hundred_columns)
{
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        tw_buf b;
        tw_buf_init(&b, TW_MIB);
        tw_help_command(&b, c);
        tw_str line;
        tw_str rest = take(&b);
        while (tw_str_split(&line, &rest, '\n'))
            assert_in_range(line.n, 0, 104);
    }
}

TEST(list__shows_a_group_only)
{
    tw_buf b;
    tw_buf_init(&b, TW_MIB);
    tw_help_list(&b, "consent");
    tw_str text = take(&b);
    assert_true(holds(text, "consent set"));
    assert_true(holds(text, "consent decide"));
    assert_false(holds(text, "collect"));
}

TEST(json__is_valid_and_complete)
{
    tw_json d;
    size_t count = 0;
    size_t seen = 0;
    assert_ok(tw_json_parse(cx, &d, json_of(NULL, NULL), NULL));
    uint32_t list = tw_json_get(&d, 0, "commands");
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++)
        count++;
    const tw_cli_command *c = tw_cli_commands;
    for (uint32_t i = tw_json_first(&d, list); i != TW_JSON_NONE; i = tw_json_next(&d, list, i), c++, seen++) {
        size_t options = TW_CLI_COMMON_COUNT;
        assert_true(tw_json_is(&d, tw_json_get(&d, i, "name"), c->name));
        for (const tw_cli_opt *o = c->opt; o->name; o++)
            options++;
        assert_int_equal(options, d.tok[tw_json_get(&d, i, "options")].count);
    }
    assert_int_equal(count, seen);
    assert_ok(tw_json_parse(cx, &d, json_of(&tw_cli_commands[0], NULL), NULL));
    assert_int_equal(1, d.tok[tw_json_get(&d, 0, "commands")].count);
    assert_ok(tw_json_parse(cx, &d, json_of(NULL, "twin"), NULL));
    assert_int_equal(8, d.tok[tw_json_get(&d, 0, "commands")].count);
}

TEST(man__has_a_section_a_command_and_an_entry_an_option)
{
    tw_str text = text_of(tw_help_man);
    assert_true(tw_str_starts(text, ".TH TWINWARD 1 "));
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        assert_true(holds(text, tw_strf(cx->arena, "\n.SS \"%s", escaped(c->name)).p));
        for (const tw_cli_opt *o = c->opt; o->name; o++)
            assert_true(holds(text, tw_strf(cx->arena, "\\fB\\-\\-%s\\fR", escaped(o->name)).p));
    }
    tw_str line;
    static const char *const requests[] = { ".TH ", ".SH ", ".SS ", ".TP" };
    while (tw_str_split(&line, &text, '\n')) { /* no sentence became a request */
        bool known = !tw_str_starts(line, ".") && !tw_str_starts(line, "'");
        for (size_t i = 0; i < TW_COUNT(requests); i++)
            known |= tw_str_starts(line, requests[i]);
        assert_true(known);
    }
}

TEST(completion__knows_each_command_and_option)
{
    tw_str text = text_of(tw_help_bash);
    for (const tw_cli_command *c = tw_cli_commands; c->name; c++) {
        size_t at = tw_str_find(text, tw_strf(cx->arena, "\n            '%s') words='", c->name));
        assert_true(at != SIZE_MAX);
        tw_str line;
        tw_str rest = { text.p + at + 1, text.n - at - 1 };
        assert_true(tw_str_split(&line, &rest, '\n'));
        for (const tw_cli_opt *o = c->opt; o->name; o++)
            assert_true(holds(line, tw_strf(cx->arena, "--%s ", o->name).p));
    }
}
