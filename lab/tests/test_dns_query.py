import unittest

from host.dns_query import TYPE_A, TYPE_AAAA, Answer, parse, question

HOST = "www.firstbyte.test"
HEADER_OF_ONE_ANSWER = b"\x12\x34\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00"
COMPRESSED_RECORD = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x01\x05"


class DnsQuery(unittest.TestCase):
    def test_a_question_has_the_name_as_labels(self) -> None:
        message = question(0x1234, HOST, TYPE_A)
        self.assertEqual(message[12:], b"\x03www\x09firstbyte\x04test\x00\x00\x01\x00\x01")

    def test_an_answer_with_a_compressed_name_is_read(self) -> None:
        asked = question(0x1234, HOST, TYPE_A)[12:]
        answer = parse(HEADER_OF_ONE_ANSWER + asked + COMPRESSED_RECORD)
        self.assertEqual(answer, Answer(0, ((TYPE_A, 60, b"\x7f\x00\x01\x05"),)))

    def test_no_data_is_a_success_without_records(self) -> None:
        asked = question(0x1234, HOST, TYPE_AAAA)[12:]
        header = b"\x12\x34\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00"
        self.assertEqual(parse(header + asked), Answer(0, ()))
