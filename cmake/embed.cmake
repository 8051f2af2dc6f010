# SPDX-License-Identifier: Apache-2.0
# cmake -DROOT=<folder> -DLIST=<file> -DOUTPUT=<file>.cpp -DLAYER=<layer> -DFUNCTION=<function> -DHEADER=<header>
#       -P embed.cmake
#
# Writes the definition of heatsim::LAYER::FUNCTION(), which HEADER declares: the text of every file named in LIST
# (one path a line, relative to ROOT) as raw string literals.
cmake_minimum_required(VERSION 3.25)

set(open "R\"heatsim_file(")
set(close ")heatsim_file\"")
# C++ compilers need not take literals above 64 KiB: longer files are joined from pieces at run time
set(piece_bytes 60000)

# Makes `result` a comma separated list of literals, `count` their number.
function(to_literals path result count)
    file(READ "${path}" text)
    file(SIZE "${path}" bytes)
    string(LENGTH "${text}" left)
    if(NOT left EQUAL bytes)
        message(FATAL_ERROR "${path}: not a text file")
    endif()
    string(FIND "${text}" "${close}" clash)
    if(NOT clash EQUAL -1)
        message(FATAL_ERROR "${path}: holds ${close}, which ends the literal it is embedded in")
    endif()
    set(literals "")
    set(pieces 0)
    while(left GREATER piece_bytes)
        # between lines, or in a long one in front of an ASCII letter, so that no UTF-8 sequence is cut
        string(SUBSTRING "${text}" 0 ${piece_bytes} head)
        string(FIND "${head}" "\n" end REVERSE)
        if(NOT end EQUAL -1)
            math(EXPR end "${end} + 1")
        elseif("${head}" MATCHES "^(.+)[A-Za-z0-9]")
            string(LENGTH "${CMAKE_MATCH_1}" end)
        else()
            message(FATAL_ERROR "${path}: a line longer than ${piece_bytes} bytes without a letter")
        endif()
        string(SUBSTRING "${text}" 0 ${end} head)
        string(SUBSTRING "${text}" ${end} -1 text)
        string(APPEND literals "${open}${head}${close}, ")
        math(EXPR pieces "${pieces} + 1")
        string(LENGTH "${text}" left)
    endwhile()
    string(APPEND literals "${open}${text}${close}")
    math(EXPR pieces "${pieces} + 1")
    set(${result} "${literals}" PARENT_SCOPE)
    set(${count} ${pieces} PARENT_SCOPE)
endfunction()

file(STRINGS "${LIST}" files)
set(entries "")
set(long_texts "")
set(index 0)
foreach(file IN LISTS files)
    to_literals("${ROOT}/${file}" literals pieces)
    if(pieces EQUAL 1)
        string(APPEND entries "        {\"${file}\", ${literals}},\n")
    else()
        string(APPEND long_texts "    static const std::string text_${index} = join({${literals}});\n")
        string(APPEND entries "        {\"${file}\", text_${index}},\n")
    endif()
    math(EXPR index "${index} + 1")
endforeach()

set(join "")
if(long_texts)
    set(join
        "
namespace {

std::string join(std::initializer_list<const char*> pieces)
{
    std::string text;
    for (const char* piece : pieces)
        text += piece;
    return text;
}

} // namespace
"
    )
endif()
file(
    WRITE "${OUTPUT}"
    "// SPDX-License-Identifier: Apache-2.0
// Made by cmake/embed.cmake.
#include \"${HEADER}\"

#include <initializer_list>
#include <string>

namespace heatsim::${LAYER} {
${join}
const std::vector<system::EmbeddedFile>& ${FUNCTION}()
{
${long_texts}    static const std::vector<system::EmbeddedFile> files{
${entries}    };
    return files;
}

} // namespace heatsim::${LAYER}
"
)
