# Data that embed.c takes in: rebuild it when they change.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/embed.c PROPERTIES
  COMPILE_DEFINITIONS "TW_DEID_DIR=\"${CMAKE_CURRENT_LIST_DIR}\""
  OBJECT_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/r4.tsv;${CMAKE_CURRENT_LIST_DIR}/profiles/common.profile;${CMAKE_CURRENT_LIST_DIR}/profiles/twin.profile;${CMAKE_CURRENT_LIST_DIR}/profiles/hipaa-safe-harbor.profile")
