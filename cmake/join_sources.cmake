# SPDX-License-Identifier: Apache-2.0
# cmake -DFOLDER=<folder> -DOUTPUT=<file>.cpp -P join_sources.cmake
#
# Writes a source that includes every other *.cpp of FOLDER.
cmake_minimum_required(VERSION 3.25)
file(GLOB sources "${FOLDER}/*.cpp")
list(REMOVE_ITEM sources "${OUTPUT}")
list(SORT sources)
list(TRANSFORM sources REPLACE "(.+)" "#include \"\\1\"\n")
string(CONCAT text ${sources})
file(WRITE "${OUTPUT}" "${text}")
