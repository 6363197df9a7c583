/** For tests of models: one that decays, and a folder of files that is gone afterwards. */
#ifndef TW_TEST_MODELS_H
#define TW_TEST_MODELS_H

#include "test_app.h"

#include "test_near.h"

#define SBML                                                                                                           \
    "<?xml version='1.0' encoding='UTF-8'?><sbml xmlns='http://www.sbml.org/sbml/level3/version2/core' level='3' "     \
    "version='2'>"                                                                                                     \
    "<model id='decay'><listOfCompartments><compartment id='c' size='1' constant='true'/></listOfCompartments>"        \
    "<listOfSpecies><species id='S' compartment='c' initialAmount='10' hasOnlySubstanceUnits='true' "                  \
    "boundaryCondition='false' constant='false'/></listOfSpecies><listOfParameters><parameter id='k' value='0.1' "     \
    "constant='true'/></listOfParameters><listOfReactions><reaction id='J' reversible='false'><listOfReactants>"       \
    "<speciesReference species='S' stoichiometry='1' constant='true'/></listOfReactants><kineticLaw>"                  \
    "<math xmlns='http://www.w3.org/1998/Math/MathML'><apply><times/><ci>k</ci><ci>S</ci></apply></math></kineticLaw>" \
    "</reaction></listOfReactions></model></sbml>"

static world w;

static TW_UNUSED void folder_make(void)
{
    w = (world){ .env = tw_io_env() };
    snprintf(w.dir, sizeof w.dir, "/tmp/tw-test-XXXXXX");
    assert_non_null(mkdtemp(w.dir));
    cx->env = &w.env;
}

static TW_UNUSED void folder_end(void)
{
    char *command = tw_cstr(cx->arena, tw_strf(cx->arena, "rm -rf %s", w.dir));
    assert_int_equal(0, system(command)); /* check: allow system: a test clears its own folder */
}

static TW_UNUSED char *file(const char *name, const char *text)
{
    char *path = tw_path(cx, w.dir, name);
    assert_ok(tw_file_write(cx, path, tw_bytes_of(tw_str_of(text))));
    return path;
}

static TW_UNUSED tw_str text_of(const char *path)
{
    tw_bytes b;
    assert_ok(tw_file_read(cx, &b, path, 64 * TW_MIB));
    return tw_str_of_bytes(b);
}

/* By its name in the folder. */
static TW_UNUSED tw_str text_in(const char *name)
{
    return text_of(tw_path(cx, w.dir, name));
}

#endif
