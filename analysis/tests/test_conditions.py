# SPDX-License-Identifier: Apache-2.0
import math
import unittest

from tokenyard.conditions import holds, limit

VALUES = {"ttft_p99_s": 2.0, "ttft_p99_s[chat]": 0.4, "ok_share": 0.99, "cost_usd": 3e3,
          "fleet.pools[chat].replicas": 4.0, "racks": "wafers_+_Trainium", "nothing": math.nan}


class Conditions(unittest.TestCase):
    def test_each_says_what_it_says(self):
        for text, expected in (
                ("ttft_p99_s <= 2 s", True), ("ttft_p99_s < 2000 ms", False),
                ("ttft_p99_s > 1.9", True), ("ttft_p99_s[chat] <= 0.4 s", True), ("ok_share >= 99 %", True),
                ("ok_share >= 99.1%", False), ("cost_usd <= 3 kUSD", True),
                ("fleet.pools[chat].replicas * 2 - 1 == 7", True), ("2 + 3 * 4 == 14", True),
                ("(2 + 3) * 4 == 20", True), ("-ttft_p99_s < 0", True),
                ("racks == 'wafers + Trainium'", True), ("racks != 'wafers + Trainium'", False),
                ("ttft_p99_s < 1 or ok_share > 0.5 and cost_usd < 1", False),
                ("ttft_p99_s > 1 or ok_share > 0.5 and cost_usd < 1", True),
                ("not ttft_p99_s < 1", True), ("1 / 0 > 5", True), ("0 / 0 == 0", False),
                ("nothing <= 1", False), ("nothing > 1", False)):
            with self.subTest(text):
                self.assertIs(holds(text, VALUES), expected)

    def test_what_cannot_be_told_is_none(self):
        for text in ("other <= 2", "ttft_p99_s <= 2 parsecs", "ttft_p99_s <=", "", "(1 < 2",
                     "1 < 2)", "racks < 2", "§"):
            with self.subTest(text):
                self.assertIsNone(holds(text, VALUES))

    def test_a_limit_is_a_name_a_sign_and_a_number(self):
        self.assertEqual(limit("ttft_p99_s[chat] <= 100 ms"), ("ttft_p99_s[chat]", "<=", 0.1))
        for text in ("ttft_p99_s + 1 <= 2", "racks == 'a'", "§", "a == 2"):
            with self.subTest(text):
                self.assertIsNone(limit(text))


if __name__ == "__main__":
    unittest.main()
