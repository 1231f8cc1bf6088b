// SPDX-License-Identifier: MIT
#include <proto.h>

#include <array>
#include <iostream>
#include <string>

int main()
{
    const std::string request = "GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n";
    std::array<proto_http_field, 8> fields;
    proto_http_head head;
    proto_in in = proto_in_of(request.data(), request.size());

    proto_http_head_init(&head, nullptr, fields.data(), fields.size());
    const proto_err err = proto_http_request_read(&head, &in);
    if (err != PROTO_OK) {
        std::cerr << "consumer: " << proto_err_text(err) << "\n";
        return 1;
    }
    const proto_slice host = proto_http_value(&head.fields, PROTO_HTTP_FIELD_HOST);
    std::cout << "libproto " << proto_version() << " read a request to "
              << std::string(reinterpret_cast<const char *>(host.ptr), host.len) << "\n";
    return 0;
}
