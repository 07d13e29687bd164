#include "agent/identity/identity_store.h"

#include <fmt/format.h>
#include <openssl/pem.h>

#include <utility>

#include "common/certificates.h"
#include "common/private_file.h"
#include "firstbyte/v1/enrollment.pb.h"
#include "proto/codec.h"

namespace firstbyte::agent {
namespace {

constexpr const char* kFlag = "--data-dir";
// A block of our own in front of the usual ones; readers of PEM pass over what they do not know.
constexpr const char* kBlock = "FIRSTBYTE AGENT";

using Bio = std::unique_ptr<BIO, OpenSslFree<BIO_free_all>>;

std::unexpected<Error> damaged(const std::filesystem::path& file, std::string_view why) {
  return fatal(fmt::format("{} is not an identity that can be used: {}; restore it, or remove it "
                           "and join again",
                           file.string(), why),
               kFlag);
}

std::string block_of(const AgentCredentials& credentials) {
  v1::EnrolledAgent agent;
  *agent.mutable_identity() = encode(credentials.identity);
  agent.set_collector(credentials.collector);
  const std::string bytes = agent.SerializeAsString();
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio(bio.get(), kBlock, "", reinterpret_cast<const unsigned char*>(bytes.data()),
                static_cast<long>(bytes.size()));
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<std::size_t>(size));
}

// The first block, if it is ours.
std::optional<v1::EnrolledAgent> read_block(const std::string& text) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* bytes = nullptr;
  long size = 0;
  v1::EnrolledAgent agent;
  bool good = false;
  if (PEM_read_bio(bio.get(), &name, &header, &bytes, &size) == 1) {
    good = std::string_view(name) == kBlock && agent.ParseFromArray(bytes, static_cast<int>(size));
  }
  openssl_error();
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_free(bytes);
  if (!good) return std::nullopt;
  return agent;
}

Expected<AgentCredentials> parse(const std::string& text) {
  const auto agent = read_block(text);
  if (!agent) return invalid({}, "it does not begin with whom it is of");
  auto identity = decode(agent->identity());
  if (!identity) return std::unexpected(std::move(identity.error()));
  const auto key = parse_private_key(text);
  if (!key) return std::unexpected(key.error());
  const auto certificates = parse_certificates(text);
  if (!certificates) return std::unexpected(certificates.error());
  if (certificates->size() < 2) return invalid({}, "the collector's authority is not in it");
  AgentCredentials credentials;
  credentials.identity = *std::move(identity);
  credentials.collector = agent->collector();
  credentials.key = to_pem(**key);
  credentials.certificate = to_pem(*certificates->front());
  for (std::size_t i = 1; i < certificates->size(); ++i) {
    credentials.collector_ca += to_pem(*certificates->at(i));
  }
  if (auto checked = check_credentials(credentials); !checked) {
    return std::unexpected(std::move(checked.error()));
  }
  return credentials;
}

}  // namespace

Expected<std::optional<AgentCredentials>> IdentityStore::load() const {
  std::error_code absent;
  if (!std::filesystem::exists(file_, absent)) return std::nullopt;
  const auto text = read_private_file(file_, kFlag);
  if (!text) return std::unexpected(text.error());
  auto credentials = parse(*text);
  if (!credentials) return damaged(file_, credentials.error().message);
  return *std::move(credentials);
}

Expected<> IdentityStore::save(const AgentCredentials& credentials) const {
  const AgentIdentity& agent = credentials.identity;
  const std::string title = fmt::format(
      "Firstbyte agent {} ({}) of the collector at {}. Whoever has this file is this agent.\n",
      agent.id, agent.city, credentials.collector);
  return write_private_file(file_, title + block_of(credentials) + credentials.key +
                                       credentials.certificate + credentials.collector_ca);
}

Expected<> check_credentials(AgentCredentials& credentials) {
  const auto key = parse_private_key(credentials.key);
  if (!key) return std::unexpected(key.error());
  const auto certificates = parse_certificates(credentials.certificate);
  if (!certificates) return std::unexpected(certificates.error());
  const X509& certificate = *certificates->front();
  if (agent_of(certificate) != credentials.identity.id) {
    return invalid({},
                   fmt::format("the certificate is not agent \"{}\"'s", credentials.identity.id));
  }
  if (!belongs_to(certificate, **key)) {
    return invalid({}, "the certificate is not for the key");
  }
  if (const auto ca = parse_certificates(credentials.collector_ca); !ca) {
    return std::unexpected(ca.error());
  }
  credentials.valid_from = valid_from(certificate);
  credentials.valid_until = valid_until(certificate);
  return {};
}

Expected<> check_valid(const AgentCredentials& credentials, WallTime now) {
  if (now >= credentials.valid_until) {
    return transient(
        fmt::format("the certificate of agent \"{}\" has ended at {}, and this machine's clock "
                    "says {}; unless that is wrong, have it enrolled again (`firstbyte-collector "
                    "agents enroll --replace`), remove identity.pem and join",
                    credentials.identity.id, format_rfc3339(credentials.valid_until, false),
                    format_rfc3339(now, false)));
  }
  if (now < credentials.valid_from) {
    return transient(
        fmt::format("the certificate of agent \"{}\" is not valid before {}, and this "
                    "machine's clock says {}",
                    credentials.identity.id, format_rfc3339(credentials.valid_from, false),
                    format_rfc3339(now, false)));
  }
  return {};
}

}  // namespace firstbyte::agent
