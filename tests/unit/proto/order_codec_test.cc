#include <gtest/gtest.h>

#include <string>

#include "proto/codec.h"
#include "tests/unit/proto/codec_examples.h"

namespace firstbyte {
namespace {

TEST(Codec, KeepsAnOrder) {
  const auto order = through_the_wire(full_order());
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_EQ(order->test_id, full_order().test_id);
  EXPECT_EQ(order->target, full_order().target);
}

TEST(Codec, KeepsAnOrderThatAsksForNothingSpecial) {
  const ProbeOrder plain{.test_id = "5f3a", .target = {.url = "https://demo.example/"}};
  const auto order = through_the_wire(plain);
  ASSERT_TRUE(order) << order.error().message;
  EXPECT_EQ(order->target, plain.target);
}

using OrderBreach = Breach<v1::ProbeOrder>;
class BrokenOrder : public testing::TestWithParam<OrderBreach> {};

TEST_P(BrokenOrder, IsRefusedByTheFieldsName) { expect_refused(encode(full_order()), GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Codec, BrokenOrder,
    testing::Values(
        OrderBreach{"TestIdMissing", [](auto& m) { m.clear_test_id(); }, "order.test_id"},
        OrderBreach{"TestIdTooLong", [](auto& m) { m.set_test_id(std::string(65, 't')); },
                    "order.test_id"},
        OrderBreach{"UrlMissing", [](auto& m) { m.mutable_target()->clear_url(); },
                    "order.target.url"},
        OrderBreach{"UrlTooLong",
                    [](auto& m) { m.mutable_target()->set_url(std::string(2049, 'u')); },
                    "order.target.url"},
        OrderBreach{"NoTimeAtAll", [](auto& m) { m.mutable_target()->set_timeout_us(0); },
                    "order.target.timeout_us"},
        OrderBreach{"MoreThanADay", [](auto& m) { m.mutable_target()->set_timeout_us(kDayUs + 1); },
                    "order.target.timeout_us"},
        OrderBreach{"TimeThatWouldTurnNegative",
                    [](auto& m) { m.mutable_target()->set_timeout_us(~0ULL); },
                    "order.target.timeout_us"},
        OrderBreach{"TargetMissing", [](auto& m) { m.clear_target(); }, "order.target.url"},
        OrderBreach{"MethodNotSaid", [](auto& m) { m.mutable_target()->clear_method(); },
                    "order.target.method"},
        OrderBreach{"TooManyHeaders",
                    [](auto& m) {
                      while (m.target().headers_size() <= 32) m.mutable_target()->add_headers();
                    },
                    "order.target.headers"},
        OrderBreach{"HeadersTooLarge",
                    [](auto& m) {
                      m.mutable_target()->mutable_headers(0)->set_value(std::string(8192, 'v'));
                    },
                    "order.target.headers"},
        OrderBreach{"HeaderThatIsAnotherRequest",
                    [](auto& m) {
                      m.mutable_target()->mutable_headers(0)->set_value("a\r\n\r\nGET / HTTP/1.1");
                    },
                    "order.target.headers"},
        OrderBreach{"HeaderOfTheConnection",
                    [](auto& m) { m.mutable_target()->mutable_headers(0)->set_name("Host"); },
                    "order.target.headers"},
        OrderBreach{"NoAddressToConnectTo",
                    [](auto& m) { m.mutable_target()->mutable_connect_to()->set_ip("a.example"); },
                    "order.target.connect_to"},
        OrderBreach{"NoAddressOfAResolver",
                    [](auto& m) { m.mutable_target()->mutable_resolver()->set_ip("1.2.3.4:53"); },
                    "order.target.resolver"},
        OrderBreach{"BodyTooLarge",
                    [](auto& m) { m.mutable_target()->set_body(std::string(8193, 'b')); },
                    "order.target.body"},
        OrderBreach{"TooManyRedirects", [](auto& m) { m.mutable_target()->set_max_redirects(11); },
                    "order.target.max_redirects"},
        OrderBreach{"NoSample", [](auto& m) { m.mutable_target()->set_samples(0); },
                    "order.target.samples"},
        OrderBreach{"TooManySamples", [](auto& m) { m.mutable_target()->set_samples(11); },
                    "order.target.samples"},
        OrderBreach{"StatusThatIsNone",
                    [](auto& m) { m.mutable_target()->mutable_expect()->set_status_most(600); },
                    "order.target.expect.status"},
        OrderBreach{"StatusUpsideDown",
                    [](auto& m) {
                      m.mutable_target()->mutable_expect()->set_status_least(300);
                      m.mutable_target()->mutable_expect()->set_status_most(299);
                    },
                    "order.target.expect.status"},
        OrderBreach{"NoDaysOfACertificate",
                    [](auto& m) { m.mutable_target()->mutable_expect()->set_certificate_days(0); },
                    "order.target.expect.certificate_days"},
        OrderBreach{
            "TooManyDaysOfACertificate",
            [](auto& m) { m.mutable_target()->mutable_expect()->set_certificate_days(3651); },
            "order.target.expect.certificate_days"},
        OrderBreach{"NoTimeForAPhase",
                    [](auto& m) { m.mutable_target()->mutable_phase_limits(0)->set_limit_us(0); },
                    "order.target.phase_limits"},
        OrderBreach{"StatusOutOfRange",
                    [](auto& m) { m.mutable_target()->mutable_expect()->set_status_most(1000); },
                    "order.target.expect.status"},
        OrderBreach{
            "ExpectedHeaderWithoutName",
            [](auto& m) { m.mutable_target()->mutable_expect()->mutable_headers(0)->clear_name(); },
            "order.target.expect.headers"}),
    breach_name<v1::ProbeOrder>);

}  // namespace
}  // namespace firstbyte
