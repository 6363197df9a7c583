# Data that r4.c takes in: rebuild it when it changes.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/r4.c PROPERTIES
  COMPILE_DEFINITIONS "TW_FHIR_DIR=\"${CMAKE_CURRENT_LIST_DIR}\"" OBJECT_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/r4.tsv)
