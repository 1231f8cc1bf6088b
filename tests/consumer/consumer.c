// SPDX-License-Identifier: MIT
#include <proto.h>

#include <stdio.h>
#include <string.h>

static const char request[] = "GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n";

int main(void)
{
    proto_http_field fields[8];
    proto_http_head head;
    proto_in in = proto_in_of(request, strlen(request));

    proto_http_head_init(&head, NULL, fields, 8);
    proto_err err = proto_http_request_read(&head, &in);
    if (err != PROTO_OK) {
        fprintf(stderr, "consumer: %s\n", proto_err_text(err));
        return 1;
    }
    proto_slice host = proto_http_value(&head.fields, PROTO_HTTP_FIELD_HOST);
    printf("libproto %s read a request to %.*s\n", proto_version(), (int)host.len,
           (const char *)host.ptr);
    return 0;
}
