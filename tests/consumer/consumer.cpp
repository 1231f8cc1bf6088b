// SPDX-License-Identifier: MIT
#include <proto.h>

#include <iostream>
#include <string>

int main()
{
    const std::string version = proto_version();
    std::cout << "libproto " << version << "\n";
    return version.empty() ? 1 : 0;
}
