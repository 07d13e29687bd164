// A real nginx with a real certificate authority, for one test. Both vanish with it.
//
// nginx takes over sockets that this process has bound (its NGINX variable, meant for upgrades on
// the fly): so no port can be lost between being picked and being used, and it can be connected to
// from the first moment.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "tests/fakes/socket.h"
#include "tests/fakes/temp_dir.h"

namespace firstbyte::fakes {

// Certificates made by the openssl command, in `folder`: NAME.crt and NAME.key.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const TempDir& folder) : folder_(folder) {
    make_key("ca");
    run("openssl req -x509 -new -key {0}/ca.key -subj '/O=Firstbyte tests/CN=Test CA' -days 30 "
        "-out {0}/ca.crt");
  }

  std::string ca_file() const { return folder_ / "ca.crt"; }

  // For the host NAME.test, the name's own authority being this one.
  void issue(const std::string& name, int days) const {
    make_key(name);
    folder_.write(name + ".ext", "subjectAltName=DNS:" + name + ".test,IP:127.0.0.1\n");
    run("openssl req -new -key {0}/{1}.key -subj '/CN={1}.test' -out {0}/{1}.csr", name);
    run("openssl x509 -req -in {0}/{1}.csr -CA {0}/ca.crt -CAkey {0}/ca.key -CAcreateserial"
        " -days {2} -extfile {0}/{1}.ext -out {0}/{1}.crt",
        name, days);
  }

  // For NAME.test, signed by itself.
  void issue_self_signed(const std::string& name) const {
    make_key(name);
    run("openssl req -x509 -new -key {0}/{1}.key -subj '/CN={1}.test' -days 30"
        " -addext subjectAltName=DNS:{1}.test -out {0}/{1}.crt",
        name);
  }

 private:
  void make_key(const std::string& name) const {
    run("openssl ecparam -name prime256v1 -genkey -noout -out {0}/{1}.key", name);
  }

  template <typename... Args>
  void run(std::string_view command, const Args&... args) const {
    const std::string line = fmt::format(fmt::runtime(command), folder_.path().string(), args...) +
                             " 2>" + (folder_ / "log");
    // A fixed command of the test's own, before any thread of the test runs.
    if (std::system(line.c_str()) != 0) throw std::runtime_error(line);
  }

  const TempDir& folder_;
};

class NginxServer {
 public:
  // `protocols` as nginx's ssl_protocols wants them.
  explicit NginxServer(std::string protocols = "TLSv1.2 TLSv1.3")
      : protocols_(std::move(protocols)) {
    authority_.issue("good", 30);
    authority_.issue("expired", -1);
    authority_.issue_self_signed("selfsigned");
    const std::string config = folder_.write("nginx.conf", configuration());
    folder_.write("index.html", "<!doctype html><title>edge</title>\n");
    start(config);
  }

  ~NginxServer() {
    kill(pid_, SIGTERM);
    int status = 0;
    waitpid(pid_, &status, 0);
    if (status == 0) return;
    // Whatever else failed in this test, this is why.
    std::ifstream log(folder_ / "error.log");
    fmt::print(stderr, "nginx ended with {}: {}\n", status,
               std::string(std::istreambuf_iterator<char>(log), {}));
  }
  NginxServer(const NginxServer&) = delete;
  NginxServer& operator=(const NginxServer&) = delete;

  std::string ca_file() const { return authority_.ca_file(); }
  // HTTPS with HTTP/2; certificates by the name asked for: good.test, expired.test,
  // selfsigned.test.
  std::uint16_t https_port() const { return https_.port(); }
  // HTTPS without HTTP/2.
  std::uint16_t https1_port() const { return https1_.port(); }
  std::uint16_t http_port() const { return http_.port(); }

 private:
  std::string configuration() const {
    std::string servers;
    for (const char* name : {"good", "expired", "selfsigned"}) {
      servers += fmt::format(
          "  server {{\n"
          "    listen 127.0.0.1:{1} ssl http2;\n"
          "    listen 127.0.0.1:{2} ssl;\n"
          "    listen 127.0.0.1:{3};\n"
          "    server_name {0}.test;\n"
          "    ssl_certificate {4}/{0}.crt;\n"
          "    ssl_certificate_key {4}/{0}.key;\n"
          "    root {4};\n"
          "    add_header x-edge-route ny1 always;\n"
          "    add_header set-cookie session=secret always;\n"
          "    add_header x-session-reused $ssl_session_reused always;\n"
          "    add_header x-connection-requests $connection_requests always;\n"
          "    location = /error {{ return 500; }}\n"
          "    location = /moved {{ return 301 /; }}\n"
          "    location = /insecure {{ return 302 http://{0}.test:{3}/; }}\n"
          "  }}\n",
          name, https_.port(), https1_.port(), http_.port(), folder_.path().string());
    }
    return fmt::format(
        "{2}"
        "daemon off;\n"
        "worker_processes 1;\n"
        "pid {0}/nginx.pid;\n"
        "error_log {0}/error.log;\n"
        "events {{ worker_connections 256; }}\n"
        "http {{\n"
        "  access_log off;\n"
        "  ssl_protocols {3};\n"
        "  client_body_temp_path {0}/body;\n"
        "  proxy_temp_path {0}/proxy;\n"
        "  fastcgi_temp_path {0}/fastcgi;\n"
        "  uwsgi_temp_path {0}/uwsgi;\n"
        "  scgi_temp_path {0}/scgi;\n"
        "{1}}}\n",
        folder_.path().string(), servers, geteuid() == 0 ? "user root;\n" : "", protocols_);
  }

  void start(const std::string& config) {
    // Everything that allocates happens before fork(): the child may only make system calls.
    const std::string inherited =
        fmt::format("NGINX={};{};{};", https_.fd(), https1_.fd(), http_.fd());
    const std::string prefix = folder_.path().string();
    const std::string log = folder_ / "error.log";
    const std::vector<const char*> arguments{"nginx",     "-p", prefix.c_str(), "-e",
                                             log.c_str(), "-c", config.c_str(), nullptr};
    const std::vector<const char*> environment{inherited.c_str(), nullptr};
    const pid_t parent = getpid();
    pid_ = fork();
    // Signals to -1 would reach everybody.
    if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid_ != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGTERM);  // nothing is left behind, however the test ends
    if (getppid() != parent) _exit(1);
    for (const Socket* socket : {&https_, &https1_, &http_}) fcntl(socket->fd(), F_SETFD, 0);
    execve("/usr/sbin/nginx", const_cast<char**>(arguments.data()),
           const_cast<char**>(environment.data()));
    _exit(127);
  }

  const std::string protocols_;
  const TempDir folder_;
  const CertificateAuthority authority_{folder_};
  const Socket https_ = Socket::listening();
  const Socket https1_ = Socket::listening();
  const Socket http_ = Socket::listening();
  pid_t pid_ = -1;
};

}  // namespace firstbyte::fakes
