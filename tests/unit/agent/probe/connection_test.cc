#include "agent/probe/connection.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/fakes/nginx_server.h"

namespace firstbyte::agent {
namespace {

TEST(Connection, HasRecordsReadOneAtATimeWhateverLibcurlPrefers) {
  const fakes::TempDir folder;
  const TrustStore trust = TrustStore::load(fakes::CertificateAuthority(folder).ca_file()).value();
  const fakes::Socket socket = fakes::Socket::bound(SOCK_STREAM);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  SSL_CTX_set_read_ahead(context.get(), 1);
  Connection connection(socket.fd());
  connection.attach(context.get(), trust);
  EXPECT_EQ(SSL_CTX_get_read_ahead(context.get()), 0);
}

}  // namespace
}  // namespace firstbyte::agent
