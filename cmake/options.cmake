# Warnings, sanitizers, and the compiler cache.
option(CATALYST_FUZZ "Build the fuzzers (Clang's libFuzzer)" OFF)
set(CATALYST_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_compile_options(-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wformat=2
                    -Wno-format-nonliteral -Wundef -Wvla -Werror -fno-common -fstack-protector-strong)
add_compile_definitions(_GNU_SOURCE)
add_link_options(-Wl,-z,relro,-z,now)
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
    # Tables end in {0}, and cleanup needs statement expressions.
    add_compile_options(-Wno-gnu-statement-expression -Wno-missing-field-initializers)
else()
    add_compile_options(-Wno-missing-field-initializers)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT CATALYST_SANITIZE)
    add_compile_definitions(_FORTIFY_SOURCE=2)
endif()
if(CATALYST_SANITIZE)
    add_compile_options(-fsanitize=${CATALYST_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=${CATALYST_SANITIZE})
endif()

# mold links a test program with sanitizers in a fourteenth of the time that GNU ld takes, and there are 140 of them.
find_program(CATALYST_MOLD mold)
if(CATALYST_MOLD)
    add_link_options(-fuse-ld=mold)
endif()

find_program(CATALYST_CCACHE ccache)
if(CATALYST_CCACHE AND NOT CMAKE_C_COMPILER_LAUNCHER)
    # Two checkouts share what they have in common: paths below each count from it.
    set(CMAKE_C_COMPILER_LAUNCHER env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CATALYST_CCACHE})
endif()
