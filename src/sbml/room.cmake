target_link_libraries(tw_sbml PRIVATE PkgConfig::EXPAT)
