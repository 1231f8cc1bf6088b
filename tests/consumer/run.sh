#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# usage: run.sh BUILD_DIR VERSION CC CXX
#
# Uses libproto as an outsider does: from an installed tree that was moved after its installation,
# as a subdirectory, and from the Debian packages; in C and in C++; with pkg-config and with CMake.
set -euo pipefail
cd "$(dirname "$0")"
source ../support/tap.sh
source_dir=$(cd ../.. && pwd)
build=$1 version=$2 cc=$3 cxx=$4
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export CC=$cc CXX=$cxx
strict=(-Wall -Wextra -Wpedantic -Werror)
said="libproto $version read a request to example.org"

install_and_move() {
    cmake --install "$build" --prefix "$scratch/first" >/dev/null
    mkdir "$scratch/somewhere"
    mv "$scratch/first" "$scratch/somewhere/else"
    ! grep -rIl "$scratch/first" "$scratch/somewhere/else"
}

pkgconf() {
    PKG_CONFIG_LIBDIR=$pc_dir PKG_CONFIG_PATH='' pkg-config "$@" libproto
}

# Flags are words.
# shellcheck disable=SC2046
with_pkg_config_shared() {
    "$cc" "${strict[@]}" -std=c11 consumer.c -o "$scratch/shared" $(pkgconf --cflags --libs) &&
        [ "$(LD_LIBRARY_PATH=$lib_dir "$scratch/shared")" = "$said" ] &&
        objdump -p "$scratch/shared" | grep -q "NEEDED.*libproto.so.${version%.*}$"
}

# shellcheck disable=SC2046
with_pkg_config_static() {
    "$cc" "${strict[@]}" -std=c11 consumer.c -o "$scratch/static" -static \
        $(pkgconf --static --cflags --libs) &&
        [ "$("$scratch/static")" = "$said" ]
}

# shellcheck disable=SC2046
with_pkg_config_cxx() {
    "$cxx" "${strict[@]}" -std=c++17 consumer.cpp -o "$scratch/cxx" $(pkgconf --cflags --libs) &&
        [ "$(LD_LIBRARY_PATH=$lib_dir "$scratch/cxx")" = "$said" ]
}

with_cmake() { # DIR CMAKE_OPTION
    local program
    cmake -S . -B "$scratch/$1" -DCMAKE_BUILD_TYPE=Release "$2" &&
        cmake --build "$scratch/$1" -j 2 || return 1
    for program in consumer_shared consumer_static consumer_cxx; do
        [ "$("$scratch/$1/$program")" = "$said" ] || return 1
    done
}

# A subdirectory must bring along neither its programs, its tests nor its install rules.
brings_nothing_along() {
    ! (cd "$scratch/subdirectory" && cmake --build . --target help) |
        grep -E '(webserver|test_|fuzz_|install/strip)'
}

header_alone() { # HEADER
    printf '#include <%s>\n#include <%s>\nint main(void) { return 0; }\n' "$1" "$1" >"$scratch/alone.c"
    "$cc" "${strict[@]}" -std=c11 -I"$prefix/include" -fsyntax-only "$scratch/alone.c" &&
        "$cxx" "${strict[@]}" -std=c++11 -I"$prefix/include" -fsyntax-only -x c++ "$scratch/alone.c"
}

programs_run() {
    local program
    for program in "$prefix"/bin/proto-*; do
        "$program" --version || return 1
        [ -e "$prefix/share/man/man1/${program##*/}.1" ] || { echo "$program has no man page"; return 1; }
    done
}

make_packages() {
    cmake -S "$source_dir" -B "$scratch/deb" -DCMAKE_INSTALL_PREFIX=/usr -DCMAKE_BUILD_TYPE=Release \
        -DLIBPROTO_BUILD_TESTS=OFF &&
        cmake --build "$scratch/deb" -j 2 &&
        (cd "$scratch/deb" && cpack -G DEB)
}

deb() { # PACKAGE
    echo "$scratch/deb/packages/$1_${version}_$(dpkg --print-architecture).deb"
}

package_holds() { # PACKAGE PATTERN...
    local package=$1 files pattern
    files=$(dpkg-deb -c "$(deb "$package")" | awk '$1 !~ /^d/ {print $6}')
    shift
    for pattern; do
        grep -qE "^\./usr/$pattern\$" <<<"$files" || { echo "no $pattern in:" "$files"; return 1; }
        files=$(grep -vE "^\./usr/$pattern\$" <<<"$files" || true)
    done
    [ -z "$files" ] || { echo "unexpected in $package: $files"; return 1; }
}

needs_the_runtime() { # PACKAGE
    dpkg-deb -f "$(deb "$1")" Depends | grep -F "libproto${version%.*} (= $version)"
}

unpack_packages() {
    local package
    for package in "$scratch"/deb/packages/*.deb; do
        dpkg-deb -x "$package" "$scratch/debian" || return 1
    done
}

programs_run_from_packages() {
    local program
    for program in "$scratch"/debian/usr/bin/proto-*; do
        LD_LIBRARY_PATH=$lib_dir "$program" --version || return 1
        if objdump -p "$program" | grep RUNPATH; then return 1; fi
    done
}

check "the tree is installed and knows not where" install_and_move
prefix=$scratch/somewhere/else
pc_dir=$(dirname "$(find "$prefix" -name libproto.pc)")
lib_dir=$(dirname "$pc_dir")
check "pkg-config, shared" with_pkg_config_shared
check "pkg-config, static" with_pkg_config_static
check "pkg-config, C++17" with_pkg_config_cxx
check "CMake, find_package" with_cmake package "-DCMAKE_PREFIX_PATH=$prefix"
check "CMake, add_subdirectory" with_cmake subdirectory "-DLIBPROTO_SOURCE=$source_dir"
check "a subdirectory brings nothing else along" brings_nothing_along
for header in $(cd "$prefix/include" && find . -name '*.h' -printf '%P\n' | sort); do
    check "$header alone, C11 and C++11" header_alone "$header"
done
check "the installed programs run and have man pages" programs_run

runtime=libproto${version%.*}
check "Debian packages are made" make_packages
check "$runtime holds the library" package_holds "$runtime" \
    "lib/[^/]*/libproto\.so\.${version%.*}" "lib/[^/]*/libproto\.so\.$version" \
    "share/doc/$runtime/copyright"
check "libproto-dev holds what building needs" package_holds libproto-dev \
    'include/proto\.h' 'include/proto/[a-z_]*\.h' 'lib/[^/]*/libproto\.(so|a)' \
    'lib/[^/]*/pkgconfig/libproto\.pc' 'lib/[^/]*/cmake/libproto/libproto[A-Za-z-]*\.cmake' \
    'share/doc/libproto-dev/copyright'
check "libproto-tools holds the programs" package_holds libproto-tools \
    'bin/proto-[a-z]*' 'share/man/man1/proto-[a-z]*\.1' 'share/doc/libproto-tools/copyright'
check "libproto-dev needs this very $runtime" needs_the_runtime libproto-dev
check "libproto-tools needs this very $runtime" needs_the_runtime libproto-tools
check "the packages unpack" unpack_packages
prefix=$scratch/debian/usr
pc_dir=$(dirname "$(find "$prefix" -name libproto.pc)")
lib_dir=$(dirname "$pc_dir")
check "the packages: shared" with_pkg_config_shared
check "the packages: static" with_pkg_config_static
check "the packages: programs" programs_run_from_packages
finish
