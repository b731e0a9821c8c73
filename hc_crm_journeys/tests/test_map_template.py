import re
from pathlib import Path
from unittest import skipUnless

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import JourneysCommon

SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
LANES = {
    "online_retail": ["Customer Action", "Human-Centric CRM Approach"],
    "online_clothing": [
        "Touchpoint",
        "Customer Action",
        "Customer Thought",
        "Customer Emotion",
        "Pain Points/Moments of Truth",
    ],
}


def text_map(text, lanes):
    """Return the maps of a text that have exactly these lanes, each as ``[(stage, {lane: words})]``."""
    maps, stages = [], []
    for line in [*text.splitlines(), ""]:
        line = line.strip().removesuffix("|").strip()
        if found := re.fullmatch(r"Stage (.+)", line):
            stages.append((found[1], {}))
            continue
        lane = next((lane for lane in lanes if line.startswith(f"{lane} ")), None)
        if stages and lane:
            stages[-1][1][lane] = line.removeprefix(lane).strip()
        elif stages:
            maps.append(stages)
            stages = []
    return [found for found in maps if all(list(cells) == lanes for _stage, cells in found)]


@tagged("post_install", "-at_install")
class TestMapTemplate(JourneysCommon):
    """Maps to begin with."""

    def words(self, journey):
        """Return a map as ``[(stage, {lane: what stands there, joined by commas})]``."""
        shown = journey.hc_map()
        return [
            (
                stage["name"],
                {
                    lane["name"]: ", ".join(
                        cell["text"]
                        for cell in shown["cells"]
                        if (cell["stage"], cell["lane"]) == (stage["uid"], lane["uid"])
                    )
                    for lane in shown["lanes"]
                },
            )
            for stage in shown["stages"]
        ]

    @skipUnless(SEEDS.is_dir(), "the texts are not beside the project")
    def test_as_in_the_texts(self):
        """The two maps of the texts, cell for cell."""
        texts = [path.read_text() for path in sorted(SEEDS.glob("*.txt"))]
        for key, stages in (("online_retail", 5), ("online_clothing", 7)):
            [expected] = [found for text in texts for found in text_map(text, LANES[key])]
            self.assertEqual(len(expected), stages)
            journey = self.env["hc.journey"].browse(
                self.env["hc.journey"].hc_new_from_template(key)
            )
            self.assertEqual(self.words(journey), expected)

    def test_clothing(self):
        """Several feelings in a cell, one of them either/or; pain and truth are marks of their own."""
        journey = self.env["hc.journey"].browse(
            self.env["hc.journey"].hc_new_from_template("online_clothing")
        )
        cells = {(cell["stage"], cell["text"]): cell for cell in journey.hc_map()["cells"]}
        either = cells["experience", "Satisfaction/Disappointment"]
        self.assertGreater(either["feeling"], 0)
        self.assertLess(either["feeling_other"], 0)
        self.assertEqual(cells["experience", "Excitement"]["feeling_other"], None)
        self.assertGreater(cells["consideration", "Interest"]["feeling"], 0)
        self.assertLess(cells["consideration", "Hesitation"]["feeling"], 0)
        fit = cells["experience", "fit accuracy"]
        self.assertTrue(fit["is_pain"] and fit["is_truth"])
        self.assertTrue(cells["decision", "sizing charts"]["is_pain"])
        self.assertFalse(cells["decision", "sizing charts"]["is_truth"])
        marks = [cell for cell in cells.values() if cell["lane"] == "pain"]
        self.assertTrue(all(cell["is_pain"] or cell["is_truth"] for cell in marks))
        touchpoints = [cell for cell in cells.values() if cell["touchpoint"]]
        self.assertEqual(len(touchpoints), 7)
        self.assertEqual(
            cells["post-purchase", "Order Confirmation Email"]["touchpoint"]["mode"], "automated"
        )

    def test_all(self):
        """Every template makes a map that has what the list of templates says of it, each cell filled."""
        Journey = self.env["hc.journey"].with_user(self.salesman)
        templates = Journey.hc_templates()
        self.assertEqual(len({template["key"] for template in templates}), 9)
        for template in templates:
            with self.subTest(template["key"]):
                journey = Journey.browse(Journey.hc_new_from_template(template["key"]))
                shown = journey.hc_map()
                self.assertEqual(
                    (shown["name"], shown["kind"], len(shown["stages"]), len(shown["cells"])),
                    (template["name"], template["kind"], template["stages"], template["cards"]),
                )
                self.assertEqual(journey.user_id, self.salesman)
                self.assertTrue(template["description"] and shown["scenario"])
                filled = {(cell["stage"], cell["lane"]) for cell in shown["cells"]}
                divided = {stage["parent"] for stage in shown["stages"]}
                leaves = [stage for stage in shown["stages"] if stage["uid"] not in divided]
                for lane in shown["lanes"]:
                    full = sum((stage["uid"], lane["uid"]) in filled for stage in leaves)
                    self.assertGreaterEqual(full, len(leaves) - 2, lane["uid"])
                for cell in shown["cells"]:
                    if cell["lane"] == "feel":
                        self.assertIsNotNone(cell["feeling"], cell["text"])
                    self.assertEqual(cell["proof"], "assumed")
                    self.assertTrue(cell["text"].strip())

    def test_blueprint(self):
        journey = self.env["hc.journey"].browse(
            self.env["hc.journey"].hc_new_from_template("b2b_service")
        )
        shown = journey.hc_map()
        self.assertEqual(shown["kind"], "blueprint")
        self.assertEqual(
            [lane["line_after"] for lane in shown["lanes"] if lane["line_after"]],
            ["interaction", "visibility", "internal"],
        )
        self.assertTrue(shown["links"])

    def test_refused(self):
        for odd in (None, 1, [], {}, "nonsense", "\x00", "../hc_crm/__manifest__"):
            with self.assertRaises(UserError):
                self.env["hc.journey"].hc_new_from_template(odd)
        for user in (self.portal, self.public):
            Journey = self.env["hc.journey"].with_user(user)
            with self.assertRaises(AccessError):
                Journey.hc_templates()
            with self.assertRaises(AccessError):
                Journey.hc_new_from_template("bakery")

    def test_copy(self):
        """A copy has everything under the same uids, and is the copier's to change."""
        copy = self.journey.with_user(self.seller_all).copy()
        self.assertEqual(copy.name, "Buying a coat (copy)")
        before, after = self.journey.hc_map(), copy.hc_map()
        for part in ("stages", "lanes", "links"):
            self.assertEqual(
                [{k: v for k, v in row.items() if k != "revision"} for row in after[part]],
                [{k: v for k, v in row.items() if k != "revision"} for row in before[part]],
            )
        self.assertEqual(
            [(cell["uid"], cell["text"], cell["feeling"]) for cell in after["cells"]],
            [(cell["uid"], cell["text"], cell["feeling"]) for cell in before["cells"]],
        )
        self.apply(self.change("cell", "ad", text="Other"), journey=copy)
        self.assertEqual(self.part("cell", "ad").text, "Ad")
