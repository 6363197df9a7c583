# Data that embed.c takes in: rebuild it when they change.
set(deid_data profiles/common.profile profiles/linked.profile profiles/twin.profile profiles/hipaa-safe-harbor.profile
    profiles/hipaa-expert.profile profiles/gdpr-research.profile)
list(TRANSFORM deid_data PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/embed.c PROPERTIES
  COMPILE_DEFINITIONS "TW_DEID_DIR=\"${CMAKE_CURRENT_LIST_DIR}\"" OBJECT_DEPENDS "${deid_data}")
# The same for HL7 v2.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/hl7_rules_embed.c PROPERTIES
  COMPILE_DEFINITIONS "TW_DEID_DIR=\"${CMAKE_CURRENT_LIST_DIR}\""
  OBJECT_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/profiles/hl7v2.rules")
# The same for C-CDA.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/ccda_rules.c PROPERTIES
  COMPILE_DEFINITIONS "TW_DEID_DIR=\"${CMAKE_CURRENT_LIST_DIR}\""
  OBJECT_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/profiles/ccda.rules")
# Tests with a small model of text: tests/support/text_test.h finds the text room's header by its name.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/test_doc_text.c ${CMAKE_CURRENT_LIST_DIR}/test_leak.c
  PROPERTIES INCLUDE_DIRECTORIES "${CMAKE_SOURCE_DIR}/src/text")
