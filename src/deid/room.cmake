# Data that embed.c takes in: rebuild it when they change.
set(deid_data profiles/common.profile profiles/twin.profile profiles/hipaa-safe-harbor.profile)
list(TRANSFORM deid_data PREPEND "${CMAKE_CURRENT_LIST_DIR}/")
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/embed.c PROPERTIES
  COMPILE_DEFINITIONS "TW_DEID_DIR=\"${CMAKE_CURRENT_LIST_DIR}\"" OBJECT_DEPENDS "${deid_data}")
