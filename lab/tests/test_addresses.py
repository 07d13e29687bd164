import ipaddress
import unittest

from anycast.addresses import Plan, access_name, router, uplink_name
from tests.documents import TOPOLOGY

PLAN = Plan(TOPOLOGY)
MAX_INTERFACE_NAME = 15


class PlanTest(unittest.TestCase):
    def test_every_wire_place_and_edge_has_a_cable(self) -> None:
        wanted = len(TOPOLOGY.wires) + len(TOPOLOGY.places) + len(TOPOLOGY.edges)
        self.assertEqual(len(PLAN.cables), wanted)
        self.assertEqual(len({cable.name for cable in PLAN.cables}), wanted)

    def test_no_address_is_given_twice(self) -> None:
        ends = [end for cable in PLAN.cables for end in (cable.a, cable.b)]
        for addresses in ([end.address4 for end in ends], [e.address6 for e in ends if e.address6]):
            self.assertEqual(len(set(addresses)), len(addresses))
        self.assertEqual(len({end.mac for end in ends}), len(ends))

    def test_no_node_has_two_interfaces_of_one_name_and_none_is_too_long(self) -> None:
        ends = [(end.node, end.interface) for cable in PLAN.cables for end in (cable.a, cable.b)]
        self.assertEqual(len(set(ends)), len(ends))
        self.assertLessEqual(max(len(interface) for _, interface in ends), MAX_INTERFACE_NAME)

    def test_both_ends_of_a_cable_are_in_one_network(self) -> None:
        for cable in PLAN.cables:
            a, b = (ipaddress.ip_interface(end.address4) for end in (cable.a, cable.b))
            self.assertEqual(a.network, b.network)

    def test_the_link_local_address_is_the_one_the_kernel_makes(self) -> None:
        end = PLAN.cables[0].a
        self.assertEqual(end.mac, "02:fb:00:00:00:01")
        self.assertEqual(ipaddress.ip_address(end.link_local), ipaddress.ip_address("fe80::fb:ff:fe00:1"))

    def test_other_routers_reach_a_place_by_its_loopback_its_host_and_its_edge(self) -> None:
        self.assertEqual(
            PLAN.networks4(TOPOLOGY.find_place("new-york")),
            ["10.255.0.1/32", "10.100.0.0/30", "10.200.0.0/30"],
        )
        self.assertEqual(len(PLAN.networks6(TOPOLOGY.find_place("tokyo"))), 2)

    def test_a_cable_is_found_by_its_name(self) -> None:
        tokyo = TOPOLOGY.find_place("tokyo")
        self.assertEqual(PLAN.cable(access_name(tokyo)).a.node, router(tokyo))
        self.assertEqual(PLAN.cable(uplink_name("hgh1")).b.node, "hgh1")
