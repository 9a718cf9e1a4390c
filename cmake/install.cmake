# cmake --install, and "cpack -G DEB" in a release build.
include(GNUInstallDirs)
install(TARGETS kmemscope RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(PROGRAMS collector/kmemscope-collect.sh
	DESTINATION ${CMAKE_INSTALL_DATADIR}/kmemscope)
install(FILES man/kmemscope.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES completion/kmemscope.bash
	DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
	RENAME kmemscope)
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR}
	OPTIONAL)
# Debian's name for it.
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kmemscope)
set(CPACK_PACKAGE_CONTACT "The kmemscope authors <kmemscope@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
# dpkg-shlibdeps finds the libraries; gnuplot is a program.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "gnuplot-nox | gnuplot")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "sqlite3, linux-perf, trace-cmd")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"kmemscope records what a live kernel allocates, replays the same sequence on
its own page allocator and slab allocators, and shows where the memory goes:
waste and fragmentation, by whom, and what another setting would change.")
include(CPack)
