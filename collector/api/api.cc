#include "collector/api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "collector/api/agent_json.h"
#include "collector/api/comparison_json.h"
#include "collector/api/edges_json.h"
#include "collector/api/header_list.h"
#include "collector/api/history_json.h"
#include "collector/api/target_status_json.h"
#include "collector/api/test_csv.h"
#include "collector/api/test_json.h"
#include "collector/api/test_request.h"
#include "collector/dispatch/test_id.h"
#include "common/utf8.h"

namespace firstbyte::collector {
namespace {

HttpResponse json_response(unsigned status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

HttpResponse text_response(unsigned status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

HttpResponse error_response(const Error& error) {
  switch (error.kind) {
    case Error::Kind::kInvalid:
      return problem(400, "invalid-request", "The request is not valid", error.message,
                     error.field);
    case Error::Kind::kTransient:
      return problem(503, "unavailable", "Not possible at present", error.message);
    case Error::Kind::kFatal:
      break;
  }
  return problem(500, "internal", "The collector failed", error.message);
}

HttpResponse unknown_test(const std::string& id, std::string_view field = {}) {
  return problem(404, "unknown-test", "There is no such test",
                 fmt::format("no test is called \"{}\"", cut_text(id, 64)), field);
}

// How a city ended could not be stored when it ended (a full disk, say). Nobody follows the test
// any more, so nothing will come: no data, and not for ever "running".
void end_what_nobody_follows(Test& test) {
  for (TestCity& city : test.cities) {
    if (is_terminal(city.state)) continue;
    city.state = CityState::kTimedOut;
    city.elapsed = test.deadline_at - test.created_at;
  }
}

// A test from wherever it is: under way, or stored.
Expected<std::optional<Test>> find_test(const ApiContext& context, const std::string& id) {
  if (!is_test_id(id)) return std::nullopt;
  std::optional<Test> test;
  if (context.dispatcher.with_running(id, [&](const Test& running) { test = running; }))
    return test;
  Expected<std::optional<Test>> stored = context.store.load_test(id);
  if (stored && *stored) end_what_nobody_follows(**stored);
  return stored;
}

// Browsers send other types across sites without asking; this one they do not.
bool has_json(const HttpRequest& request) {
  return request.header("content-type").starts_with("application/json");
}

HttpResponse refuse_type() {
  return problem(415, "content-type", "The body must be JSON",
                 "send it as JSON, with the header Content-Type: application/json");
}

HttpReply post_test(const ApiContext& context, const HttpRequest& request) {
  if (!has_json(request)) return refuse_type();
  const Expected<TestRequest> parsed = parse_test_request(request.body);
  if (!parsed) return error_response(parsed.error());
  auto agents = context.dispatcher.choose(*parsed);
  if (!agents) return error_response(agents.error());
  // Last, so that what is refused for another reason costs nothing. From here on agents are asked.
  auto limits =
      context.limits.take(request.client, parsed->target, cost_of(parsed->target, agents->size()));
  if (!limits) return std::move(limits.error());
  const Expected<Test> test = context.dispatcher.start(parsed->target, *std::move(agents));
  if (!test) return error_response(test.error());
  context.metrics.count_test();
  HttpResponse response = json_response(202, test_json(*test, context.edges));
  response.headers = *std::move(limits);
  response.headers.emplace_back("Location", "/api/v1/tests/" + test->id);
  return response;
}

HttpReply get_test(const ApiContext& context, const HttpRequest& request) {
  const std::string& id = request.path_parameters.at("id");
  const Expected<std::optional<Test>> test = find_test(context, id);
  if (!test) return error_response(test.error());
  return *test ? json_response(200, test_json(**test, context.edges)) : unknown_test(id);
}

// Whether the table is to begin with the mark by which spreadsheets know UTF-8.
Expected<bool> wants_mark(const HttpRequest& request) {
  const auto given = request.query.find("bom");
  if (given == request.query.end() || given->second == "0") return false;
  if (given->second == "1") return true;
  return invalid("bom", "bom must be 1 (for spreadsheets) or 0");
}

HttpReply get_test_csv(const ApiContext& context, const HttpRequest& request) {
  const std::string& id = request.path_parameters.at("id");
  const Expected<bool> mark = wants_mark(request);
  if (!mark) return error_response(mark.error());
  const Expected<std::optional<Test>> test = find_test(context, id);
  if (!test) return error_response(test.error());
  if (!*test) return unknown_test(id);
  HttpResponse response;
  response.content_type = "text/csv; charset=utf-8; header=present";
  response.headers = {
      {"Content-Disposition", fmt::format("attachment; filename=\"firstbyte-{}.csv\"", id)},
      {"Cache-Control", "no-store"}};
  response.body =
      (*mark ? std::string(kUtf8Mark) : std::string()) + test_csv(**test, context.edges);
  return response;
}

HttpReply get_events(const ApiContext& context, const HttpRequest& request) {
  const std::string& id = request.path_parameters.at("id");
  if (auto resumed = context.feeds.resume(id, request.header("last-event-id"))) return resumed;
  std::unique_ptr<EventSource> source;
  if (context.dispatcher.with_running(
          id, [&](const Test& test) { source = context.feeds.watch(test); })) {
    return source;
  }
  const Expected<std::optional<Test>> test = find_test(context, id);
  if (!test) return error_response(test.error());
  if (!*test) return unknown_test(id);
  return context.feeds.watch(**test);
}

// The test that a parameter of the query names.
std::expected<Test, HttpResponse> test_of(const ApiContext& context, const HttpRequest& request,
                                          const std::string& parameter) {
  const auto given = request.query.find(parameter);
  if (given == request.query.end() || given->second.empty()) {
    return std::unexpected(
        error_response({Error::Kind::kInvalid,
                        fmt::format("say with {}=ID which test is meant", parameter), parameter}));
  }
  Expected<std::optional<Test>> test = find_test(context, given->second);
  if (!test) return std::unexpected(error_response(test.error()));
  if (!*test) return std::unexpected(unknown_test(given->second, parameter));
  return **std::move(test);
}

// How many tests a list has, 1 to 100.
Expected<int> length_of(const HttpRequest& request) {
  constexpr int kUsual = 50;
  constexpr int kMost = 100;
  const auto given = request.query.find("limit");
  if (given == request.query.end()) return kUsual;
  const std::string& text = given->second;
  int limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > kMost) {
    return invalid("limit", fmt::format("limit must be a number from 1 to {}", kMost));
  }
  return limit;
}

// Of one URL alone: who does not know what was tested learns nothing.
HttpReply get_tests(const ApiContext& context, const HttpRequest& request) {
  const auto url = request.query.find("url");
  if (url == request.query.end() || url->second.empty()) {
    return error_response(
        {Error::Kind::kInvalid, "say with url=URL whose tests are to be listed", "url"});
  }
  const Expected<int> limit = length_of(request);
  if (!limit) return error_response(limit.error());
  std::string older_than;
  if (request.query.contains("older_than")) {
    auto last = test_of(context, request, "older_than");
    if (!last) return std::move(last.error());
    older_than = last->id;
  }
  auto tests = context.store.past_tests(url->second, older_than, *limit + 1);
  if (!tests) return error_response(tests.error());
  const bool older = tests->size() > static_cast<std::size_t>(*limit);
  if (older) tests->pop_back();
  return json_response(200, history_json(*tests, older, context.clock.wall()));
}

HttpReply get_comparison(const ApiContext& context, const HttpRequest& request) {
  auto before = test_of(context, request, "before");
  if (!before) return std::move(before.error());
  auto after = test_of(context, request, "after");
  if (!after) return std::move(after.error());
  return json_response(200, comparison_json(*before, *after, context.edges));
}

HttpReply get_agents(const ApiContext& context, const HttpRequest&) {
  auto records = context.store.agents();
  if (!records) return error_response(records.error());
  return json_response(200, agents_json(view_agents(*std::move(records), context.agents.all())));
}

HttpReply get_targets(const ApiContext& context, const HttpRequest&) {
  const auto records = context.store.check_records();
  if (!records) return error_response(records.error());
  return json_response(
      200, targets_json(context.checks, *records, context.agents, context.clock.wall()));
}

HttpReply get_edges(const ApiContext& context, const HttpRequest&) {
  return json_response(200, edges_json(context.edges));
}

HttpReply post_session(const ApiContext& context, const HttpRequest& request) {
  return has_json(request) ? context.guard.sign_in(request) : refuse_type();
}

HttpReply delete_session(const ApiContext& context, const HttpRequest& request) {
  return context.guard.sign_out(request);
}

HttpReply get_info(const ApiContext& context, const HttpRequest&) {
  return json_response(200, boost::json::serialize(boost::json::object{
                                {"version", FIRSTBYTE_VERSION},
                                {"default_url", context.info.default_url},
                                {"notice", context.info.notice},
                                {"access", to_string(context.guard.access())}}));
}

HttpReply get_ready(const ApiContext& context, const HttpRequest&) {
  if (const auto why = context.store.write_error()) return text_response(503, *why + "\n");
  return text_response(200, "ready\n");
}

HttpReply get_healthy(const ApiContext&, const HttpRequest&) {
  return text_response(200, "healthy\n");
}

HttpReply get_metrics(const ApiContext& context, const HttpRequest&) {
  HttpResponse response = text_response(200, context.metrics.scrape());
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

// The page: one document for each of its addresses, and the files that it asks for.
HttpReply get_page(const ApiContext& context, const HttpRequest& request) {
  return context.assets.serve(request, "/index.html");
}

HttpReply get_description(const ApiContext& context, const HttpRequest& request) {
  return context.assets.serve(request, "/openapi.json");
}

HttpReply get_file(const ApiContext& context, const HttpRequest& request) {
  return context.assets.serve(request, request.path);
}

// The page where nothing is, which it says itself. It comes whole, whatever a cache has: "not
// modified" would make it an answer of success again.
HttpReply page_of_nothing(const ApiContext& context, HttpRequest request) {
  request.headers.erase("if-none-match");
  HttpResponse response = context.assets.serve(request, "/index.html");
  response.status = 404;
  std::erase_if(response.headers, [](const auto& header) { return header.first == "ETag"; });
  return response;
}

// The page at the address of some tests.
HttpReply page_of(const ApiContext& context, const HttpRequest& request,
                  std::initializer_list<const char*> parameters) {
  // Whoever may not read does not learn which tests there are, and is asked for a token.
  if (context.guard.refuse(request, Scope::kRead)) return get_page(context, request);
  const bool unknown = std::ranges::any_of(parameters, [&](const char* parameter) {
    const auto test = find_test(context, request.path_parameters.at(parameter));
    // A store that cannot be read does not know; the page will ask and say so.
    return test && !*test;
  });
  return unknown ? page_of_nothing(context, request) : get_page(context, request);
}

HttpReply get_test_page(const ApiContext& context, const HttpRequest& request) {
  return page_of(context, request, {"id"});
}

HttpReply get_comparison_page(const ApiContext& context, const HttpRequest& request) {
  return page_of(context, request, {"before", "after"});
}

HttpReply get_nothing(const ApiContext& context, const HttpRequest& request) {
  const bool for_programs = request.path.starts_with("/api/");
  return !for_programs && prefers_html(request.header("accept")) ? page_of_nothing(context, request)
                                                                 : not_found(request.path);
}

}  // namespace

std::shared_ptr<const Router> make_router(ApiContext context) {
  const auto shared = std::make_shared<const ApiContext>(std::move(context));
  const auto router = std::make_shared<Router>();
  using Handler = HttpReply (*)(const ApiContext&, const HttpRequest&);
  const auto open = [&](std::string method, std::string_view pattern, Handler handler) {
    router->add(std::move(method), pattern, [shared, handler](const HttpRequest& request) {
      return handler(*shared, request);
    });
  };
  const auto guarded = [&](Scope scope, std::string method, std::string_view pattern,
                           Handler handler) {
    router->add(std::move(method), pattern,
                [shared, scope, handler](const HttpRequest& request) -> HttpReply {
                  if (auto refusal = shared->guard.refuse(request, scope))
                    return *std::move(refusal);
                  return handler(*shared, request);
                });
  };
  guarded(Scope::kTestsRun, "POST", "/api/v1/tests", post_test);
  guarded(Scope::kRead, "GET", "/api/v1/tests", get_tests);
  guarded(Scope::kRead, "GET", "/api/v1/tests/{id}.csv", get_test_csv);
  guarded(Scope::kRead, "GET", "/api/v1/tests/{id}", get_test);
  guarded(Scope::kRead, "GET", "/api/v1/tests/{id}/events", get_events);
  guarded(Scope::kRead, "GET", "/api/v1/comparisons", get_comparison);
  guarded(Scope::kRead, "GET", "/api/v1/agents", get_agents);
  guarded(Scope::kRead, "GET", "/api/v1/targets", get_targets);
  guarded(Scope::kRead, "GET", "/api/v1/edges", get_edges);
  guarded(Scope::kRead, "GET", "/api/v1/info", get_info);
  guarded(Scope::kRead, "GET", "/api/v1/openapi.json", get_description);
  // Counts what people do here, and Prometheus can send a token.
  guarded(Scope::kRead, "GET", "/metrics", get_metrics);
  open("POST", "/api/v1/session", post_session);
  open("DELETE", "/api/v1/session", delete_session);
  open("GET", "/-/ready", get_ready);
  open("GET", "/-/healthy", get_healthy);
  open("GET", "/", get_page);
  open("GET", "/tests/{id}", get_test_page);
  open("GET", "/compare/{before}/{after}", get_comparison_page);
  open("GET", "/history", get_page);
  open("GET", "/favicon.svg", get_file);
  open("GET", "/assets/{file}", get_file);
  open("GET", "/assets/{folder}/{file}", get_file);
  open("GET", "/{path...}", get_nothing);
  return router;
}

}  // namespace firstbyte::collector
