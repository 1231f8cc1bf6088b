// SPDX-License-Identifier: MIT
#include <proto.h>

#include <stdio.h>
#include <string.h>

int main(void)
{
    printf("libproto %s\n", proto_version());
    return strlen(proto_version()) > 0 ? 0 : 1;
}
