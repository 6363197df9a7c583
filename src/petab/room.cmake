# Numeric code: optimised also in debug builds; the same bits at any level and from both compilers.
if(NOT TW_COVERAGE)
  target_compile_options(tw_petab PRIVATE -O2)
endif()
target_compile_options(tw_petab PRIVATE $<$<COMPILE_LANGUAGE:C>:-ffp-contract=off>)
target_link_libraries(tw_petab PRIVATE PkgConfig::YAML)
