// Keeps an agent's certificate from ending: renews it after two thirds of its lifetime, in the
// background. A connection that exists stays as it is; the next one uses what is newest. One that
// is not valid by this machine's clock is named in the log, again and again, and kept: the clock
// may be wrong, and be put right. Thread-safe.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/security/credentials.h>

#include <memory>
#include <string>
#include <thread>

#include "agent/identity/identity_store.h"
#include "common/clock.h"
#include "common/error.h"
#include "common/mutex.h"

namespace firstbyte::agent {

class Renewal {
 public:
  // The store and the clock must outlive it.
  Renewal(AgentCredentials credentials, std::string collector, const IdentityStore& store,
          const Clock& clock);
  ~Renewal();
  Renewal(const Renewal&) = delete;
  Renewal& operator=(const Renewal&) = delete;

  std::shared_ptr<grpc::ChannelCredentials> channel_credentials() const EXCLUDES(mutex_);

 private:
  void run() EXCLUDES(mutex_);
  // False when it is to stop instead.
  bool wait(Micros time) EXCLUDES(mutex_);
  AgentCredentials present() const EXCLUDES(mutex_);
  Expected<AgentCredentials> renew(const AgentCredentials& before) EXCLUDES(mutex_);

  const std::string collector_;
  const IdentityStore& store_;
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar changed_;
  AgentCredentials credentials_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  grpc::ClientContext* call_ GUARDED_BY(mutex_) = nullptr;  // under way
  std::thread thread_;
};

}  // namespace firstbyte::agent
