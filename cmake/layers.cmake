# One library a layer. A layer sees the include path only through its own copy of the links, and tools/check-layers
# reads the includes of every file before it is compiled.
find_program(BASH_PROGRAM bash REQUIRED)
add_custom_target(check-layers ALL
    COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/tools/check-layers ${CMAKE_SOURCE_DIR}
    COMMAND ${BASH_PROGRAM} ${CMAKE_SOURCE_DIR}/tools/check-kinds ${CMAKE_SOURCE_DIR}
    COMMENT "Checking that every include follows the layers")

# catalyst_layer(NAME LINKS libraries...): libcommon/NAME/*.c without tests; each *_test.c becomes a test program.
function(catalyst_layer name)
    cmake_parse_arguments(LAYER "" "" "LINKS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.c)
    list(FILTER sources EXCLUDE REGEX "_test\\.c$")
    add_library(cat_${name} STATIC ${sources})
    target_include_directories(cat_${name} PUBLIC ${CMAKE_SOURCE_DIR}/libcommon PRIVATE ${CMAKE_BINARY_DIR}/generated)
    target_link_libraries(cat_${name} PUBLIC ${LAYER_LINKS})
    add_dependencies(cat_${name} check-layers)
    file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*_test.c)
    foreach(test ${tests})
        get_filename_component(stem ${test} NAME_WE)
        catalyst_test(${name}_${stem} ${test} cat_${name})
    endforeach()
endfunction()

# The path of the checkout, for those sources alone that say it: for every other, two checkouts share a compiler cache.
function(catalyst_source_dir)
    foreach(source ${ARGN})
        file(STRINGS ${source} lines REGEX "CATALYST_SOURCE_DIR|CAT_EMBED\\(")
        if(lines)
            set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS "CATALYST_SOURCE_DIR=\"${CMAKE_SOURCE_DIR}\"")
        endif()
    endforeach()
endfunction()

function(catalyst_test name source)
    add_executable(${name} ${source})
    catalyst_source_dir(${source})
    target_link_libraries(${name} PRIVATE ${ARGN})
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES TIMEOUT 120
        ENVIRONMENT "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp;UBSAN_OPTIONS=print_stacktrace=1;TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
endfunction()

# Files that sources are built with (CAT_EMBED of svc/openapi.h) are read by the assembler, which tells nobody.
function(catalyst_embedded)
    catalyst_source_dir(${ARGN})
    foreach(source ${ARGN})
        file(STRINGS ${source} lines REGEX "^CAT_EMBED\\(.*\"[^\"]+\"\\)")
        foreach(line ${lines})
            string(REGEX REPLACE ".*\"([^\"]+)\".*" "\\1" path "${line}")
            set_property(SOURCE ${source} APPEND PROPERTY OBJECT_DEPENDS ${CMAKE_SOURCE_DIR}/${path})
        endforeach()
    endforeach()
endfunction()

# A service's rooms: its folder and those below it. What is in a pure room needs no I/O (tools/check-layers reads their names here).
set(CATALYST_PURE_ROOMS core kinds)

# catalyst_service(NAME): the *.c of its folder and rooms become program NAME. Its pure rooms are a library that links base, wire and
# domain alone, so that I/O in them does not link; each *_test.c is a test program, and a pure one links what is pure.
function(catalyst_service name)
    set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${name})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.c)
    set(tests ${sources})
    list(FILTER tests INCLUDE REGEX "_test\\.c$")
    list(FILTER sources EXCLUDE REGEX "_test\\.c$")
    list(REMOVE_ITEM sources ${folder}/main.c)
    list(JOIN CATALYST_PURE_ROOMS "|" rooms)
    set(pure ${sources})
    list(FILTER pure INCLUDE REGEX "^${folder}/(${rooms})/")
    list(FILTER sources EXCLUDE REGEX "^${folder}/(${rooms})/")

    add_library(${name}_pure STATIC ${pure})
    target_include_directories(${name}_pure PUBLIC ${folder})
    target_link_libraries(${name}_pure PUBLIC cat_domain)
    add_dependencies(${name}_pure check-layers)
    # Proof that the pure files need no I/O: a program of them alone (it has no beginning and never runs) with no symbol left open.
    # Clang's sanitizers bring a runtime that needs the start files.
    if(NOT (CATALYST_SANITIZE AND CMAKE_C_COMPILER_ID STREQUAL "Clang"))
        add_executable(${name}_pure_check ${pure})
        target_include_directories(${name}_pure_check PRIVATE ${folder})
        target_link_libraries(${name}_pure_check PRIVATE cat_domain)
        target_link_options(${name}_pure_check PRIVATE -nostartfiles -Wl,--entry=0)
    endif()

    catalyst_embedded(${sources} ${folder}/main.c)
    add_library(${name}_parts STATIC ${sources})
    target_link_libraries(${name}_parts PUBLIC ${name}_pure cat_svc)
    add_executable(${name} ${folder}/main.c)
    target_link_libraries(${name} PRIVATE ${name}_parts)

    foreach(test ${tests})
        get_filename_component(stem ${test} NAME_WE)
        if("${test}" MATCHES "^${folder}/(${rooms})/")
            catalyst_test(${name}_${stem} ${test} ${name}_pure)
        else()
            catalyst_test(${name}_${stem} ${test} ${name}_parts)
        endif()
    endforeach()
endfunction()
