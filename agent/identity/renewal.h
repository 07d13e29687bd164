// Keeps an agent's certificate from ending: renews it after two thirds of its lifetime, in the
// background. A connection that exists stays as it is; the next one uses what is newest.
// Thread-safe.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/security/credentials.h>

#include <functional>
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
  // `on_ended` is called, once and from its own thread, when the certificate has ended without a
  // new one: nobody will let this agent in any more. The store and the clock must outlive it.
  Renewal(AgentCredentials credentials, std::string collector, const IdentityStore& store,
          const Clock& clock, std::function<void(Error)> on_ended);
  ~Renewal();
  Renewal(const Renewal&) = delete;
  Renewal& operator=(const Renewal&) = delete;

  std::shared_ptr<grpc::ChannelCredentials> channel_credentials() const EXCLUDES(mutex_);

 private:
  void run() EXCLUDES(mutex_);
  // False when it is to stop instead.
  bool wait_until(WallTime time) EXCLUDES(mutex_);
  AgentCredentials present() const EXCLUDES(mutex_);
  Expected<AgentCredentials> renew(const AgentCredentials& before) EXCLUDES(mutex_);

  const std::string collector_;
  const IdentityStore& store_;
  const Clock& clock_;
  const std::function<void(Error)> on_ended_;

  mutable Mutex mutex_;
  CondVar changed_;
  AgentCredentials credentials_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  grpc::ClientContext* call_ GUARDED_BY(mutex_) = nullptr;  // under way
  std::thread thread_;
};

}  // namespace firstbyte::agent
