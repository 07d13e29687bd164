#include "collector/api/request_parser.h"

#include <gmock/gmock.h>

#include <boost/asio/buffer.hpp>
#include <optional>
#include <string_view>

namespace firstbyte::collector {
namespace {

using testing::HasSubstr;

// Takes requests of up to 1,000 bytes of headers and 100 bytes of body.
class RequestParserTest : public testing::Test {
 protected:
  std::expected<void, HttpResponse> take(std::string_view bytes) {
    const auto room = buffer_.prepare(bytes.size());
    boost::asio::buffer_copy(room, boost::asio::buffer(bytes));
    buffer_.commit(bytes.size());
    return parser_->take(buffer_);
  }

  unsigned refusal(std::string_view bytes) {
    const auto taken = take(bytes);
    if (!taken) return taken.error().status;
    if (!parser_->complete()) return 0;
    const auto incoming = parser_->release();
    return incoming ? 0 : incoming.error().status;
  }

  std::string_view rest() const {
    return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  }

  // A connection of its own for the next request.
  void SetUp() override {
    buffer_.clear();
    parser_.emplace(1000, 100);
  }

  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
};

TEST_F(RequestParserTest, GivesThePartsOfARequest) {
  ASSERT_TRUE(
      take("PUT /tests/a%20b?x=1 HTTP/1.1\r\nHost: a\r\nX-Tag: 1\r\nx-TAG: 2\r\n"
           "Content-Length: 3\r\n\r\nabc"));
  ASSERT_TRUE(parser_->complete());
  const auto incoming = parser_->release();
  ASSERT_TRUE(incoming);
  const HttpRequest& request = incoming->request;
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.path, "/tests/a b");
  EXPECT_EQ(request.query.at("x"), "1");
  EXPECT_EQ(request.header("x-tag"), "1, 2");
  EXPECT_EQ(request.body, "abc");
}

TEST_F(RequestParserTest, PutsAChunkedBodyTogether) {
  ASSERT_TRUE(
      take("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
           "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  ASSERT_TRUE(parser_->complete());
  EXPECT_EQ(parser_->release()->request.body, "abcde");
}

TEST_F(RequestParserTest, TakesARequestByteByByte) {
  constexpr std::string_view kBytes =
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
  for (const char& c : kBytes) {
    EXPECT_FALSE(parser_->complete());
    ASSERT_TRUE(take({&c, 1}));
  }
  ASSERT_TRUE(parser_->complete());
  EXPECT_EQ(parser_->release()->request.body, "hi");
}

TEST_F(RequestParserTest, LeavesTheNextRequestInTheBuffer) {
  ASSERT_TRUE(take("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET / HTTP/1.1\r\n"));
  EXPECT_TRUE(parser_->complete());
  EXPECT_EQ(rest(), "GET / HTTP/1.1\r\n");
}

TEST_F(RequestParserTest, KnowsWhatAnHttp10ClientUnderstands) {
  ASSERT_TRUE(take("GET / HTTP/1.0\r\n\r\n"));
  const auto incoming = parser_->release();
  ASSERT_TRUE(incoming);
  EXPECT_FALSE(incoming->chunks);
  EXPECT_FALSE(incoming->keep_alive);
}

TEST_F(RequestParserTest, KeepsAnHttp11Connection) {
  ASSERT_TRUE(take("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(parser_->release()->keep_alive);
}

TEST_F(RequestParserTest, DoesNotKeepAConnectionThatTheClientWantsClosed) {
  ASSERT_TRUE(take("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_FALSE(parser_->release()->keep_alive);
}

TEST_F(RequestParserTest, WaitsForNothingWhenTheBodyIsThereAlready) {
  ASSERT_TRUE(
      take("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_TRUE(parser_->waits_for_continue());
  ASSERT_TRUE(take("hi"));
  EXPECT_FALSE(parser_->waits_for_continue());
}

TEST_F(RequestParserTest, RefusesHeadersOverTheLimit) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1000, 'x')), 431U);
}

// Regression: of bytes that came at once, the start line and the headers could have as many each.
TEST_F(RequestParserTest, CountsTheStartLineAndTheHeadersTogetherHoweverTheyCome) {
  const std::string start = "GET /" + std::string(900, 'a') + " HTTP/1.1\r\n";
  const std::string rest = "Host: a\r\nX: ";
  for (const std::size_t size : {std::size_t{1000}, std::size_t{1001}}) {
    const std::string head =
        start + rest + std::string(size - start.size() - rest.size() - 4, 'x') + "\r\n\r\n";
    ASSERT_EQ(head.size(), size);
    const unsigned expected = size > 1000 ? 431U : 0U;
    for (const std::size_t cut : {std::size_t{0}, std::size_t{7}, std::size_t{950}}) {
      SetUp();
      ASSERT_TRUE(cut == 0 || take(std::string_view(head).substr(0, cut)));
      EXPECT_EQ(refusal(std::string_view(head).substr(cut)), expected) << size << " at " << cut;
    }
  }
}

// Regression: what waited for the end of a line was kept without a bound.
TEST_F(RequestParserTest, RefusesTrailersAndChunkSizesOverTheLimit) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(refusal(head + "0\r\nA: " + std::string(1001, 'a')), 431U);
  SetUp();
  EXPECT_EQ(refusal(head + "1;" + std::string(1001, 'a')), 431U);
}

// Regression: they came to stand beside the headers that a trusted proxy had written.
TEST_F(RequestParserTest, RefusesTrailers) {
  const auto taken = take(
      "POST / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n"
      "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n"
      "X-Forwarded-For: 192.0.2.2\r\n\r\n");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().status, 400U);
  EXPECT_THAT(taken.error().body, HasSubstr("headers behind the body (trailers) are not taken"));
}

TEST_F(RequestParserTest, TakesABodyOfExactlyTheLimit) {
  EXPECT_EQ(
      refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + std::string(100, 'x')),
      0U);
}

TEST_F(RequestParserTest, RefusesALengthOverTheLimitBeforeTheBodyComes) {
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n"), 413U);
}

TEST_F(RequestParserTest, RefusesChunksOverTheLimit) {
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "65\r\n" +
                    std::string(101, 'x') + "\r\n0\r\n\r\n"),
            413U);
}

TEST_F(RequestParserTest, RefusesAStartLineThatIsTooShortForBeast) {
  EXPECT_EQ(refusal("how are you\r\n\r\n"), 400U);
}

TEST_F(RequestParserTest, RefusesAnHttp11RequestWithoutAHost) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400U);
}

TEST_F(RequestParserTest, RefusesARequestWithTwoHosts) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400U);
}

TEST_F(RequestParserTest, RefusesABodyWithTwoLengths) {
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            400U);
}

TEST_F(RequestParserTest, RefusesABodyWhoseLengthIsSaidTwice) {
  EXPECT_EQ(
      refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi"),
      400U);
}

TEST_F(RequestParserTest, RefusesALengthThatIsNoPlainNumber) {
  for (const char* length : {"+2", "-2", "0x2", "2, 2", "2 2", "", "99999999999999999999"}) {
    SetUp();
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::string(length) +
                      "\r\n\r\nhi"),
              400U)
        << length;
  }
}

// Regression: Beast takes a request with a coding that it does not know for one without a body, so
// what a server in front of this one took for the body would have been the next request.
TEST_F(RequestParserTest, RefusesEveryTransferEncodingButChunked) {
  for (const char* coding : {"gzip", "chunked, gzip", "gzip, chunked", "identity",
                             "chunked, chunked", "xchunked", "chunked;q=1", ""}) {
    SetUp();
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + std::string(coding) +
                      "\r\n\r\n0\r\n\r\n"),
              400U)
        << coding;
  }
}

TEST_F(RequestParserTest, RefusesTwoTransferEncodings) {
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            400U);
}

TEST_F(RequestParserTest, RefusesChunksFromAnHttp10Client) {
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400U);
}

TEST_F(RequestParserTest, RefusesABlankBeforeTheColonOfAHeader) {
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 2\r\n\r\nhi"), 400U);
  SetUp();
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n"), 400U);
}

TEST_F(RequestParserTest, RefusesALineThatEndsWithoutACarriageReturn) {
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"), 400U);
}

TEST_F(RequestParserTest, RefusesMoreHeadersThanAnybodySends) {
  std::string headers = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 1; i < kMaxHeaders; ++i) headers += "X:\r\n";
  EXPECT_EQ(refusal(headers + "\r\n"), 0U);
  SetUp();
  EXPECT_EQ(refusal(headers + "X:\r\n\r\n"), 431U);
}

TEST_F(RequestParserTest, RefusesBrokenEscapes) {
  EXPECT_EQ(refusal("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"), 400U);
}

}  // namespace
}  // namespace firstbyte::collector
