# One interface target carries the flags that every target of ours is built with.
add_library(kmem_flags INTERFACE)
target_compile_definitions(kmem_flags INTERFACE _GNU_SOURCE)
target_include_directories(kmem_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(kmem_flags INTERFACE
	-Wall -Wextra -Wconversion -Wshadow -Wundef -Wvla -Wstrict-prototypes
	-Wmissing-prototypes -Wimplicit-fallthrough -fno-strict-aliasing)
if(KMEM_WERROR)
	target_compile_options(kmem_flags INTERFACE -Werror)
endif()
if(KMEM_SANITIZE)
	target_compile_options(kmem_flags INTERFACE -fsanitize=address,undefined
		-fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(kmem_flags INTERFACE -fsanitize=address,undefined)
endif()
if(KMEM_COVERAGE)
	target_compile_options(kmem_flags INTERFACE --coverage)
	target_link_options(kmem_flags INTERFACE --coverage)
endif()
if(KMEM_FUZZ)
	target_compile_options(kmem_flags INTERFACE
		-fsanitize=fuzzer-no-link,address,undefined
		-fno-sanitize-recover=all -fno-omit-frame-pointer)
	target_link_options(kmem_flags INTERFACE -fsanitize=address,undefined)
endif()

# kmem_library(NAME SOURCES...): one static library per folder. In a Release
# build the programs are optimised across files, because the path of an event
# crosses several; the many tests link the machine code that lies beside.
function(kmem_library name)
	add_library(${name} STATIC ${ARGN})
	target_link_libraries(${name} PRIVATE kmem_flags)
	if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
		target_compile_options(${name} PRIVATE
			$<$<CONFIG:Release>:-flto=auto -ffat-lto-objects>)
	endif()
endfunction()

set(KMEM_TEST_TIMEOUT 240 CACHE STRING "Seconds that a test may take")

# kmem_test(NAME LIBRARIES...): tests/FOLDER/test_NAME.c becomes one ctest.
function(kmem_test name)
	add_executable(test_${name} test_${name}.c)
	target_link_libraries(test_${name} PRIVATE kmem_flags kmem_test_support
		${ARGN} PkgConfig::CMOCKA)
	if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
		target_link_options(test_${name} PRIVATE -fno-lto)
	endif()
	add_test(NAME ${name} COMMAND test_${name}
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
	set_tests_properties(${name} PROPERTIES TIMEOUT ${KMEM_TEST_TIMEOUT}
		SKIP_RETURN_CODE 77)
endfunction()
