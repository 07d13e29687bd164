#include "collector/api/inherited_socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <map>
#include <string>

#include "collector/api/http_server.h"
#include "tests/fakes/socket.h"
#include "tests/unit/collector/api/raw_http_client.h"

namespace firstbyte::collector {
namespace {

using fakes::Socket;

using Variables = std::map<std::string, std::string>;

constexpr pid_t kSelf = 4711;
const Variables kOneForThisProcess{{"LISTEN_FDS", "1"}, {"LISTEN_PID", "4711"}};

// A process of this id, whose first inherited descriptor is the socket's.
class InheritedSocketTest : public testing::Test {
 protected:
  Variables variables_ = kOneForThisProcess;

  auto take(int fd) {
    return InheritedSocket::take({
        .find_variable =
            [&](const std::string& name) {
              const auto found = variables_.find(name);
              return found == variables_.end() ? nullptr : found->second.c_str();
            },
        .unset_variable =
            [&](const std::string& name) { return static_cast<int>(variables_.erase(name)); },
        .pid = kSelf,
        .first_fd = fd,
    });
  }

  // Descriptors that are taken are closed by who took them: give it its own.
  static int copy(const Socket& socket) { return ::dup(socket.fd()); }

  bool takes_none() {
    const auto taken = take(-1);
    return taken && !*taken;
  }

  std::string refusal(int fd = -1) {
    const auto taken = take(fd);
    EXPECT_FALSE(taken);
    if (taken) return {};
    EXPECT_EQ(taken.error().kind, Error::Kind::kInvalid);
    EXPECT_EQ(taken.error().field, "LISTEN_FDS");
    return taken.error().message;
  }
};

Socket listening_on_ipv6() {
  Socket made(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  EXPECT_EQ(::bind(made.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(made.fd(), 8), 0);
  return made;
}

// ---- whether one is passed

TEST_F(InheritedSocketTest, IsAbsentWithoutTheVariables) {
  variables_.clear();
  EXPECT_TRUE(takes_none());
}

TEST_F(InheritedSocketTest, IsAbsentWhenNobodyIsNamedToReceiveIt) {
  variables_.erase("LISTEN_PID");
  EXPECT_TRUE(takes_none());
}

TEST_F(InheritedSocketTest, IsAbsentWhenThereIsOnlyAReceiver) {
  variables_.erase("LISTEN_FDS");
  EXPECT_TRUE(takes_none());
}

TEST_F(InheritedSocketTest, IsAbsentWhenItIsForAnotherProcess) {
  for (const char* count : {"1", "2", "many"}) {
    variables_ = {{"LISTEN_FDS", count}, {"LISTEN_PID", "4712"}};
    EXPECT_TRUE(takes_none()) << count;
  }
}

TEST_F(InheritedSocketTest, UnsetsTheVariablesAndNoOthers) {
  for (const char* pid : {"4711", "4712", "x"}) {
    variables_ = {{"LISTEN_FDS", "0"}, {"LISTEN_PID", pid}, {"LISTEN_FDNAMES", "http"}, {"A", "b"}};
    (void)take(-1);
    EXPECT_EQ(variables_, (Variables{{"A", "b"}})) << pid;
  }
}

TEST_F(InheritedSocketTest, IsExactlyOne) {
  for (const std::string count : {"0", "2", "4294967295"}) {
    variables_ = {{"LISTEN_FDS", count}, {"LISTEN_PID", "4711"}};
    EXPECT_EQ(refusal(), "exactly one socket is wanted, not " + count);
  }
}

TEST_F(InheritedSocketTest, IsCountedInDigits) {
  for (const std::string count : {"", "x", "1x", " 1", "+1", "-1", "1.0", "4294967297"}) {
    variables_ = {{"LISTEN_FDS", count}, {"LISTEN_PID", "4711"}};
    EXPECT_EQ(refusal(), count + " is not a number of sockets");
  }
}

TEST_F(InheritedSocketTest, IsForAProcessNamedInDigits) {
  for (const std::string pid : {"", "self", "4711x", " 4711"}) {
    variables_ = {{"LISTEN_FDS", "1"}, {"LISTEN_PID", pid}};
    EXPECT_EQ(refusal(), "LISTEN_PID=" + pid + " is not a process id");
  }
}

// ---- what it is

TEST_F(InheritedSocketTest, ListensOverIpv4) {
  const int fd = copy(Socket::listening());
  const auto taken = take(fd);
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ((*taken)->fd(), fd);
  EXPECT_FALSE((*taken)->ipv6());
}

TEST_F(InheritedSocketTest, ListensOverIpv6) {
  const auto taken = take(copy(listening_on_ipv6()));
  ASSERT_TRUE(taken && *taken);
  EXPECT_TRUE((*taken)->ipv6());
}

TEST_F(InheritedSocketTest, IsNotInheritedFurther) {
  const int fd = copy(Socket::listening());
  ASSERT_EQ(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  const auto taken = take(fd);
  EXPECT_EQ(::fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

TEST_F(InheritedSocketTest, IsClosedByWhoeverHoldsItLast) {
  const int fd = copy(Socket::listening());
  {
    auto taken = take(fd);
    ASSERT_TRUE(taken && *taken);
    const InheritedSocket moved = **std::move(taken);
    EXPECT_GE(::fcntl(fd, F_GETFD), 0);
  }
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST_F(InheritedSocketTest, ListensAlready) {
  const Socket bound = Socket::bound(SOCK_STREAM);
  EXPECT_EQ(refusal(bound.fd()), "descriptor " + std::to_string(bound.fd()) +
                                     " must be a listening TCP socket, and is not listening");
}

TEST_F(InheritedSocketTest, IsNotUdp) {
  EXPECT_TRUE(refusal(Socket::bound(SOCK_DGRAM).fd()).ends_with(", and is not a stream socket"));
}

TEST_F(InheritedSocketTest, IsNotAUnixSocket) {
  const Socket local(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  EXPECT_TRUE(refusal(local.fd()).ends_with(", and is neither IPv4 nor IPv6"));
}

TEST_F(InheritedSocketTest, IsNotAFile) {
  const Socket file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_TRUE(refusal(file.fd()).ends_with(", and is not a socket"));
}

TEST_F(InheritedSocketTest, IsThere) { EXPECT_TRUE(refusal(-1).ends_with(", and is not open")); }

// ---- what the server makes of it

class ServedInheritedSocketTest : public InheritedSocketTest {
 protected:
  std::unique_ptr<HttpServer> serve_on(const Socket& socket) {
    variables_ = kOneForThisProcess;  // taking a socket unset them
    auto taken = take(copy(socket));
    auto router = std::make_shared<Router>();
    router->add("GET", "/word", [](const HttpRequest&) {
      HttpResponse response;
      response.content_type = "text/plain";
      response.body = "word";
      return response;
    });
    auto server = HttpServer::start_on(std::move(taken.value().value()), {}, router);
    EXPECT_TRUE(server) << server.error().message;
    return *std::move(server);
  }
};

TEST_F(ServedInheritedSocketTest, AnswersWhereTheSocketListens) {
  const Socket socket = Socket::listening();
  const auto server = serve_on(socket);
  EXPECT_EQ(server->port(), socket.port());
  EXPECT_EQ(server->endpoint(), "127.0.0.1:" + std::to_string(socket.port()));
  RawHttpClient client(socket.port());
  client.get("/word");
  EXPECT_EQ(client.read_response().body, "word");
}

TEST_F(ServedInheritedSocketTest, NamesAnIpv6SocketInBrackets) {
  const Socket socket = listening_on_ipv6();
  const auto server = serve_on(socket);
  EXPECT_EQ(server->endpoint(), "[::1]:" + std::to_string(server->port()));
}

// Who connects while a collector is replaced waits for the next one.
TEST_F(ServedInheritedSocketTest, LeavesTheSocketListeningWhenItStops) {
  const Socket socket = Socket::listening();
  serve_on(socket)->stop();
  RawHttpClient early(socket.port());
  early.get("/word");
  const auto next = serve_on(socket);
  EXPECT_EQ(early.read_response().body, "word");
}

}  // namespace
}  // namespace firstbyte::collector
